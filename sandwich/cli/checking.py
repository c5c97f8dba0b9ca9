"""Commands that look whether something is right: playbooks and forms, and the whole installation."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from models.text import Text
from sandwich.cli import versions
from sandwich.cli.saying import language, said, say

_FINE = Text(
    nl="In orde. Draaiboeken: {playbooks}, formulieren: {forms}.",
    en="All is well. Playbooks: {playbooks}, forms: {forms}.",
)

playbooks = typer.Typer(help="Playbooks and forms.", no_args_is_help=True)


@playbooks.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help="Files or folders; without them, all that this installation uses."),
    ] = None,
) -> None:
    """Check playbooks and forms; every mistake is told with file, line and remedy."""
    from sandwich.definitions.paths import check_paths
    from sandwich.settings import read_settings

    # An author needs no installation: nothing but the folders is taken from the settings.
    settings = read_settings(environment="development")
    found = check_paths(paths or [], playbooks=settings.playbooks, forms=settings.forms)
    for mistake in found.mistakes:
        print(mistake.to(language()))
    if found.mistakes:
        raise typer.Exit(1)
    say(_FINE, playbooks=found.playbooks, forms=found.forms)


def doctor() -> None:
    """Look at the whole installation; every line says ok, or what to do."""
    from sandwich.running.examine import examine

    async def look() -> bool:
        is_well = True
        async for finding in examine():
            is_well &= finding.is_well
            mark = "ok" if finding.is_well else "--"
            print(f"{mark}  {said(finding.words)}", flush=True)
        return is_well

    if not asyncio.run(look()):
        raise typer.Exit(1)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    versions.add_to(playbooks)
    program.add_typer(playbooks, name="playbooks")
    program.command()(doctor)
