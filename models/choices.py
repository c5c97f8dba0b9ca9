"""What people choose from: options, lists of options and scales that several forms share."""

from pydantic import Field

from models.text import Definition, Key, Text


class Option(Definition):
    """One thing to choose, or one row of a grid; ``also_called`` is how people write it themselves."""

    key: Key
    label: Text
    also_called: tuple[str, ...] = ()


class Scale(Definition):
    """Five labels, from 1 to 5, always all shown; ``code`` is the scale's name in the field (``S-AGREE``)."""

    key: Key
    code: str
    labels: tuple[Text, Text, Text, Text, Text]


class ScaleFile(Definition):
    """The file ``scales.yaml``."""

    scales: tuple[Scale, ...] = Field(min_length=1)


class OptionList(Definition):
    """Options that several forms share, so that answers can be compared; those of ``extends`` come first."""

    key: Key
    extends: Key | None = None
    options: tuple[Option, ...] = Field(min_length=2)


class OptionListFile(Definition):
    """The file ``lists.yaml``."""

    lists: tuple[OptionList, ...] = Field(min_length=1)
