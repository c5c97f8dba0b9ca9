"""Words that people read, in both languages."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Language(StrEnum):
    """The languages that every text exists in."""

    DUTCH = "nl"
    ENGLISH = "en"


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


def _is_key(value: str) -> str:
    if not value or not all(part.isalnum() for part in value.replace("-", "_").split("_")):
        raise ValueError("a key has letters, digits, - and _ only, and no two of them in a row")
    if value != value.lower():
        raise ValueError("a key is written in small letters")
    return value


Key = Annotated[str, AfterValidator(_is_key)]
"""A stable English name in a data file: ``task-division``, ``goal_1``."""
