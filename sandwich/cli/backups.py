"""Commands that keep an installation and put it back."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.outbox import show_hold
from sandwich.cli.saying import language, said, say
from sandwich.cli.state import settings, with_runtime

if TYPE_CHECKING:
    from sandwich.privacy.backups import BackupLine
    from sandwich.runtime import Runtime
    from sandwich.services.backup import BackedUp

_MADE = Text(
    nl="Reservekopie gemaakt: {path} ({size:.1f} MB, {entries} regels logboek, {files} bestanden van deelnemers). "
    "Bewaar SANDWICH_SECRET_KEY erbij, op een andere plaats: zonder die sleutel zijn alle links dood.",
    en="Backup made: {path} ({size:.1f} MB, {entries} log entries, {files} uploaded files). Keep SANDWICH_SECRET_KEY "
    "with it, in another place: without that key all links are dead.",
)
_RESTORED = Text(nl="Teruggezet: {path}.", en="Restored: {path}.")
_AGAIN = Text(
    nl="Opnieuw gewist, want na deze kopie gewist: {count} mensen.",
    en="Erased again, for they were erased after this backup: {count} people.",
)
_BACKUP = Text(nl="{place}: van {made}, {state}. {held}", en="{place}: of {made}, {state}. {held}")
_UNTIL = Text(nl="weg te gooien op {day}", en="to be thrown away on {day}")
_LATE = Text(nl="had weg moeten zijn op {day}", en="should have been gone on {day}")
_GONE = Text(nl="staat er niet meer", en="is not there any more")
_HOLDS = Text(
    nl="Nog in deze kopie, hoewel gewist: {count} ({who}).", en="Still in it, though erased: {count} ({who})."
)
_HOLDS_NOBODY = Text(nl="Er staat niemand in die gewist is.", en="Nobody who was erased is in it.")
_NO_BACKUPS = Text(nl="Er is nog geen reservekopie gemaakt.", en="No backup was made yet.")
_THROWN_AWAY = Text(nl="Weggegooid: {count} reservekopieën.", en="Thrown away: {count} backups.")


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

    done = asyncio.run(put_back(settings(), file, overwrite=yes, new_key=new_key))
    say(_RESTORED, path=file)
    if done.erased:
        say(_AGAIN, count=done.erased)
    show_hold(done.hold)


def backups(
    throw_away: Annotated[bool, typer.Option("--throw-away", help="Delete those whose term is over.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for a script to read.")] = False,
) -> None:
    """List the backups that were made, who that was erased is still in them, and until when."""
    from sandwich.mail.words import Words
    from sandwich.privacy.backups import list_backups, throw_away_late
    from sandwich.services.overview import to_json

    async def work(runtime: "Runtime") -> "tuple[tuple[BackupLine, ...], int, str]":
        now = await runtime.clock.now()
        gone = len(await throw_away_late(runtime, now)) if throw_away else 0
        async with runtime.store.read() as session:
            return await list_backups(session, runtime.settings, now), gone, runtime.settings.timezone

    lines, gone, zone = with_runtime(work)
    if as_json:
        print(json.dumps([to_json(line) | {"place": str(line.place)} for line in lines], ensure_ascii=False, indent=2))
        return
    if throw_away:
        say(_THROWN_AWAY, count=gone)
    if not lines:
        say(_NO_BACKUPS)
    words = Words(language(), zone)
    for line in lines:
        held = said(_HOLDS, count=len(line.holds), who=", ".join(line.holds)) if line.holds else said(_HOLDS_NOBODY)
        state = said(_LATE if line.is_late else _UNTIL, day=words.day(line.gone_by)) if line.is_there else said(_GONE)
        say(_BACKUP, place=line.place, made=words.day(line.made_at), state=state, held=held if line.is_there else "")


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.command()(backup)
    program.command()(restore)
    program.command()(backups)
