"""The command that rehearses a playbook."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.progress import progress
from sandwich.cli.saying import language, say
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from sandwich.rehearsal.rehearse import Book

_REHEARSING = Text(nl="Repeteren", en="Rehearsing")
_WRITTEN = Text(nl="Mails geschreven: {count}, in {folder}.", en="Mails written: {count}, in {folder}.")
_STEPS = 1000


def rehearse(
    what: Annotated[str, typer.Argument(metavar="FILE|KIND", help="A playbook's file, or the name of a kind.")],
    people: Annotated[int | None, typer.Option(min=1, help="How many teachers take part.")] = None,
    seed: Annotated[int, typer.Option(help="Another number, other answers.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="A new folder for every mail, as a file.")] = None,
) -> None:
    """Play a playbook from start to end on a fast clock, with people who answer early, late or never."""
    from sandwich.rehearsal.installation import ZONE
    from sandwich.rehearsal.letters import check_folder, write_letters
    from sandwich.rehearsal.rehearse import names_of
    from sandwich.rehearsal.rehearse import rehearse as play
    from sandwich.rehearsal.report import Report
    from sandwich.running.logs import silent

    if out is not None:
        check_folder(out)
    silent()
    book = book_of(what)
    with progress(_REHEARSING) as tell:
        played, mistakes = asyncio.run(
            play(
                book,
                people=people,
                seed=seed,
                language=language(),
                on_progress=lambda part: tell(int(part * _STEPS), _STEPS),
            )
        )
    for line in Report(language(), ZONE).of_all(book, played, seed):
        print(line)
    if out is not None:
        written = 0
        for one in played:
            folder = out / one.playbook.variant if one.playbook.variant else out
            written += write_letters(one.letters, folder, names_of(one.record), one.cast.codes(), ZONE)
        print()
        say(_WRITTEN, count=written, folder=out)
    if mistakes:
        print()
        for mistake in mistakes:
            print(mistake.to(language()))
        raise typer.Exit(1)


def book_of(what: str) -> "Book":
    """Return the playbook that a file or the name of a kind means; raises ``BadInput`` or ``DefinitionError``."""
    from sandwich.definitions.playbooks import PLAYBOOKS, read_playbook
    from sandwich.rehearsal.rehearse import Book
    from sandwich.runtime import open_library
    from sandwich.settings import read_settings

    # An author needs no installation: nothing but the folders is taken from the settings.
    settings = read_settings(environment="development")
    library = open_library(settings)
    path = Path(what)
    if path.suffix not in {".yaml", ".yml"} and not path.is_file():
        library.playbook(what)  # says which name is near, where there is no such kind
        folders = [PLAYBOOKS, *(Path(folder) for folder in settings.playbooks.split(":") if folder)]
        path = next(found for folder in folders if (found := folder / f"{what}.yaml").is_file())
    if not path.is_file():
        raise BadInput(
            f"There is no file {path}. Check its name, or name a kind: {', '.join(sorted(library.kinds))}.",
            f"Er is geen bestand {path}. Controleer de naam, of noem een soort: {', '.join(sorted(library.kinds))}.",
        )
    playbook, places = read_playbook(path, library)
    return Book(playbook, places, library)


def add_to(program: typer.Typer) -> None:
    """Add the command of this module."""
    program.command()(rehearse)
