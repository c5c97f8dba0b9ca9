"""Write the timelines of ``docs/timelines`` anew, one for each kind: ``python -m tests.support.timelines``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from models.text import Language
from sandwich.cli.rehearsing import book_of
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rehearsal.installation import ZONE
from sandwich.rehearsal.rehearse import Book, Rehearsed, rehearse
from sandwich.rehearsal.report import Report
from sandwich.running.logs import silent
from tests.support.databases import apart

TIMELINES = Path(__file__).parents[2] / "docs" / "timelines"
SEED = 1


def kinds() -> list[str]:
    """Return every kind that somebody can start an activity of."""
    playbooks = load_playbooks(Library.load())
    return sorted(key for key, playbook in playbooks.items() if not playbook.only_part)


def rehearsed(kind: str) -> tuple[Book, list[Rehearsed]]:
    """Rehearse a kind as it is kept in the documentation: each of its variants."""
    book = book_of(kind)
    work = rehearse(book, people=None, seed=SEED, language=Language.ENGLISH, on_progress=lambda _: None)
    played, mistakes = apart(work)
    assert not mistakes, mistakes
    return book, played


def timeline(book: Book, played: Sequence[Rehearsed]) -> str:
    """Return the report of a rehearsal as it is kept."""
    return "\n".join(Report(Language.ENGLISH, ZONE).of_all(book, played, SEED)) + "\n"


def main() -> None:
    """Write those that are named, or all."""
    silent()
    TIMELINES.mkdir(exist_ok=True)
    for kind in sys.argv[1:] or kinds():
        (TIMELINES / f"{kind}.txt").write_text(timeline(*rehearsed(kind)), encoding="utf-8")


if __name__ == "__main__":
    main()
