"""What an author of a data file is told: every mistake with file, line and remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.text import Language, Text
from sandwich.errors import SandwichError

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds ``forms/`` and ``playbooks/``, in a checkout and in an installed application alike."""


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong in a data file; ``line`` counts from 1."""

    file: str
    line: int
    what: Text
    remedy: Text | None = None

    def to(self, language: Language | str) -> str:
        """Return the place, what is wrong and the remedy, in the reader's language."""
        remedy = f" {self.remedy.to(language)}" if self.remedy else ""
        return f"{self.file}:{self.line}: {self.what.to(language)}{remedy}"


def in_order(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Return every mistake once, in the order of the files."""
    return tuple(sorted(set(mistakes), key=lambda found: (found.file, found.line, found.to(Language.ENGLISH))))


class DefinitionError(SandwichError):
    """These definitions cannot be used: {mistakes}"""

    dutch = "Deze bestanden zijn zo niet te gebruiken: {mistakes}"

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Take the mistakes, which are kept in the order of the files."""
        self.mistakes = in_order(mistakes)
        nl, en = ("".join(f"\n{found.to(language)}" for found in self.mistakes) for language in Language)
        super().__init__(mistakes=Text(nl=nl, en=en))


def shown(path: Path) -> str:
    """Return how ``path`` is called in messages: from the working directory, or from the root of Sandwich."""
    absolute = path.absolute()
    for base in (Path.cwd(), ROOT):
        if absolute.is_relative_to(base):
            return absolute.relative_to(base).as_posix()
    return absolute.as_posix()
