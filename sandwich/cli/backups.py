"""Commands that keep an installation and put it back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.outbox import show_hold
from sandwich.cli.saying import say
from sandwich.cli.state import settings, with_runtime

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.services.backup import BackedUp

_MADE = Text(
    nl="Reservekopie gemaakt: {path} ({size:.1f} MB, {entries} regels logboek, {files} bestanden van deelnemers). "
    "Bewaar SANDWICH_SECRET_KEY erbij, op een andere plaats: zonder die sleutel zijn alle links dood.",
    en="Backup made: {path} ({size:.1f} MB, {entries} log entries, {files} uploaded files). Keep SANDWICH_SECRET_KEY "
    "with it, in another place: without that key all links are dead.",
)
_RESTORED = Text(nl="Teruggezet: {path}.", en="Restored: {path}.")


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write; no file yet.")]) -> None:
    """Write all of the installation into one archive, also while it runs."""
    from sandwich.services.backup import back_up

    async def work(runtime: "Runtime") -> "BackedUp":
        return await back_up(runtime, file)

    made = with_runtime(work)
    say(_MADE, path=file, size=made.size / 1e6, entries=made.manifest.entries, files=made.files)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive that `sandwich backup` wrote.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Throw away what the installation has now, if it has anything.")
    ] = False,
    new_key: Annotated[
        bool,
        typer.Option("--new-key", help="Take it over with another secret key; links that were sent are then dead."),
    ] = False,
) -> None:
    """Put an archive back; no mail leaves until you release the outbox."""
    from sandwich.services.backup import restore as put_back

    seen = asyncio.run(put_back(settings(), file, overwrite=yes, new_key=new_key))
    say(_RESTORED, path=file)
    show_hold(seen)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.command()(backup)
    program.command()(restore)
