"""The command for the free days that a school or company has of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.arguments import DryRun
from sandwich.cli.saying import said, say
from sandwich.cli.state import ACTOR, with_runtime, with_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandwich.rules.calendar import Block
    from sandwich.runtime import Runtime
    from sandwich.services.own_calendars import Replaced

_OWN = Text(nl="{name} heeft eigen vrije dagen:", en="{name} has free days of its own:")
_NONE = Text(nl="{name} heeft geen eigen vrije dagen.", en="{name} has no free days of its own.")
_ADDED = Text(nl="erbij", en="new")
_KEPT = Text(nl="blijft", en="stays")
_DROPPED = Text(nl="eraf", en="gone")
_COUNTS = Text(
    nl="{name}: {added} erbij, {kept} gebleven, {dropped} eraf.",
    en="{name}: {added} new, {kept} stayed, {dropped} gone.",
)
_WOULD = Text(nl="Er is niets veranderd.", en="Nothing was changed.")
_TAKEN = Text(
    nl="Activiteiten die lopen, rekenen er vanaf nu mee.", en="Activities that go on count with them from now on."
)


def calendar(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A school or a company, by code or name.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="CSV in UTF-8; docs/network.md has the columns. Without: what it has."),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Show the own free days of a school or company, or let those of a table take their place, all or nothing."""
    if file is None:
        _show(code)
        return
    from sandwich.services.own_calendars import foresee_own_calendar, replace_own_calendar
    from sandwich.sheets.reading import content_of

    content = content_of(file)

    async def work(runtime: "Runtime") -> "Replaced":
        if dry_run:
            return await foresee_own_calendar(runtime, code, content, file.name)
        now = await runtime.clock.now()
        return await replace_own_calendar(runtime, code, content, file.name, now=now, actor=ACTOR)

    found = with_runtime(work)
    for word, blocks in ((_ADDED, found.added), (_KEPT, found.kept), (_DROPPED, found.dropped)):
        for line in _lines(blocks):
            say(f"{said(word):<6} {line}")
    say(_COUNTS, name=found.name, added=len(found.added), kept=len(found.kept), dropped=len(found.dropped))
    if dry_run:
        say(_WOULD)
    elif found.added or found.dropped:
        say(_TAKEN)


def _show(code: str) -> None:
    from sandwich.services.loaded import block_of
    from sandwich.services.own_calendars import find_owner, own_days

    async def look(runtime: "Runtime") -> "tuple[str, list[Block]]":
        async with runtime.store.read() as session:
            owner = await find_owner(session, code)
            return owner.name, [block_of(row) for row in await own_days(session, owner)]

    name, blocks = with_store(look)
    say(_OWN if blocks else _NONE, name=name)
    for line in _lines(blocks):
        say(f"- {line}")


def _lines(blocks: "Iterable[Block]") -> "list[str]":
    from sandwich.definitions.own_calendar import OF_COMPANIES, OF_SCHOOLS

    kinds = {**OF_SCHOOLS, **OF_COMPANIES}
    return [f"{_days(block)}: {block.name} ({said(kinds[block.kind])})" for block in blocks]


def _days(block: "Block") -> str:
    first = f"{block.first:%d-%m-%Y}"
    return first if block.first == block.last else f"{first} – {block.last:%d-%m-%Y}"


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.command()(calendar)
