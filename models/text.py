"""Words that people read, in both languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Language(StrEnum):
    """The languages that every text exists in."""

    DUTCH = "nl"
    ENGLISH = "en"

    @property
    def locale(self) -> str:
        """How days and numbers are written in it, as Babel calls that."""
        return "nl" if self is Language.DUTCH else "en_GB"


class Definition(BaseModel):
    """Base of everything that is written down in a data file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Definition):
    """One text in Dutch and English.

    ``nl`` addresses the reader with *je*; where a host reads the same text, ``nl_u`` says it with *u*.
    """

    nl: Annotated[str, StringConstraints(min_length=1)]
    en: Annotated[str, StringConstraints(min_length=1)]
    nl_u: str | None = None

    def to(self, language: Language | str, *, formal: bool = False) -> str:
        """Return the text in ``language``; ``formal`` picks the Dutch *u* form where there is one."""
        if language == Language.ENGLISH:
            return self.en
        return self.nl_u if formal and self.nl_u else self.nl

    def filled(self, **values: object) -> "Text":
        """Return the text with ``values`` filled in; one that is a text itself comes in its own language."""
        return Text(nl=self.nl.format(**in_language(values, "nl")), en=self.en.format(**in_language(values, "en")))


def in_language(values: Mapping[str, object], language: Language | str) -> dict[str, object]:
    """Return ``values`` with every text among them in ``language``."""
    return {name: value.to(language) if isinstance(value, Text) else value for name, value in values.items()}


class Misfit(ValueError):
    """What a definition raises inside a validator: why something does not fit, in both languages."""

    def __init__(self, nl: str, en: str, **values: object) -> None:
        """Say it in Dutch and English, with ``values`` filled in."""
        self.text = Text(nl=nl, en=en).filled(**values) if values else Text(nl=nl, en=en)
        super().__init__(self.text.en)


def _is_key(value: str) -> str:
    if not value or not all(part.isalnum() for part in value.replace("-", "_").split("_")):
        raise Misfit(
            "een sleutel heeft alleen letters, cijfers, - en _, en nooit twee streepjes na elkaar",
            "a key has letters, digits, - and _ only, and no two of them in a row",
        )
    if value != value.lower():
        raise Misfit("een sleutel schrijf je met kleine letters", "a key is written in small letters")
    return value


Key = Annotated[str, AfterValidator(_is_key)]
"""A stable English name in a data file: ``task-division``, ``goal_1``."""
