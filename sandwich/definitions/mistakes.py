"""What an author of a data file is told: every mistake with file, line and remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandwich.errors import SandwichError

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds ``forms/`` and ``playbooks/``, in a checkout and in an installed application alike."""


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing that is wrong in a data file; ``line`` counts from 1."""

    file: str
    line: int
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} {self.remedy}".rstrip()


class DefinitionError(SandwichError):
    """These definitions cannot be used: {mistakes}"""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Take the mistakes, which are kept in the order of the files."""
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__(mistakes="".join(f"\n{mistake}" for mistake in self.mistakes))


def shown(path: Path) -> str:
    """Return how ``path`` is called in messages: from the working directory, or from the root of Sandwich."""
    absolute = path.absolute()
    for base in (Path.cwd(), ROOT):
        if absolute.is_relative_to(base):
            return absolute.relative_to(base).as_posix()
    return absolute.as_posix()
