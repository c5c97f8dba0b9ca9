"""Commands about the truth: the audit log and the database's tables."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.saying import said, say
from sandwich.cli.state import settings, with_store

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.store.replay import Difference, Verification

_WHOLE = Text(
    nl="Het logboek klopt: {count} regels, en de tabellen zijn precies wat het zegt.",
    en="The audit log is right: {count} entries, and the tables are exactly what it says.",
)
_BROKEN = Text(
    nl="Het logboek is niet heel: regel {place}: {why}. Zet een reservekopie terug, of zoek uit wie de database "
    "veranderde.",
    en="The audit log is broken: entry {place}: {why}. Put back a backup, or find out who changed the database.",
)
_DIFFERS = Text(
    nl="De tabel {table} is niet wat het logboek zegt: rij {row}{column}: {what}.",
    en="The table {table} is not what the log says: row {row}{column}: {what}.",
)
_SEAL = Text(nl="{count} regels, zegel {seal}.", en="{count} entries, seal {seal}.")
_MADE = Text(nl="De database is gemaakt (versie {version}).", en="The database was made (version {version}).")
_UPGRADED = Text(
    nl="De database is bijgewerkt van {old} naar {version}.", en="The database was upgraded from {old} to {version}."
)
_CURRENT = Text(nl="De database was al bij (versie {version}).", en="The database is up to date (version {version}).")
_HOLIDAYS = Text(nl="Vakanties die erbij kwamen: {count}.", en="Holidays that were added: {count}.")

_SURE_OF_KEY = Text(
    nl="Alle links die zijn verstuurd werken dan niet meer; de volgende mail brengt een nieuwe. Doorgaan?",
    en="All links that were sent will stop working; the next mail brings a new one. Go on?",
)
_KEY_CHANGED = Text(
    nl="De database hoort nu bij deze sleutel. Links die de volgende mail opnieuw brengt: {count}.",
    en="The database belongs to this key now. Links that the next mail brings anew: {count}.",
)

SHOWN = 20
"""How many differences are printed."""

audit = typer.Typer(help="The audit log.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)


@audit.command()
def verify() -> None:
    """Check the audit log's chain, and that the tables are what the log says."""
    from sandwich.store.replay import check

    async def work(runtime: "Runtime") -> "tuple[Verification, list[Difference]]":
        async with runtime.store.read() as session:
            return await check(session)

    found, differing = with_store(work)
    if not found.ok:
        say(_BROKEN, place=found.first_broken, why=found.why)
    for difference in differing[:SHOWN]:
        column = f", {difference.column}" if difference.column else ""
        say(_DIFFERS, table=difference.table, row=difference.row, column=column, what=difference.what)
    if differing or not found.ok:
        raise typer.Exit(1)
    say(_WHOLE, count=found.entries)


@audit.command()
def seal(
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Up to this day, not with it: 2026-11-23.")],
) -> None:
    """Print the seal of the log as it stood at a day's beginning, to lay beside the one in the mail of that week."""
    from zoneinfo import ZoneInfo

    from sandwich.store.seal import Seal, seal_before

    async def work(runtime: "Runtime") -> Seal:
        async with runtime.store.read() as session:
            return await seal_before(session, before.replace(tzinfo=ZoneInfo(runtime.settings.timezone)))

    found = with_store(work)
    say(_SEAL, count=found.entries, seal=found.number)


@db.command()
def upgrade() -> None:
    """Make the tables of the database, or bring them and the holidays up to date; make a backup first."""
    from sandwich.services.free_days import renew_holidays
    from sandwich.store import migrate

    url = settings().store_url

    async def work() -> str | None:
        found = await migrate.current(url)
        if found != migrate.head():
            await migrate.upgrade(url)
        return found

    async def renew(runtime: "Runtime") -> int:
        return await renew_holidays(runtime, await runtime.clock.now())

    old, version = asyncio.run(work()), migrate.head()
    days = with_store(renew)
    if old is None:
        say(_MADE, version=version)
    elif old == version:
        say(_CURRENT, version=version)
    else:
        say(_UPGRADED, old=old, version=version)
    if days:
        say(_HOLIDAYS, count=days)


@db.command(name="new-key")
def new_key(yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False) -> None:
    """Let the database belong to the secret key that is set now; links that were sent open nothing any more."""
    from sandwich.services.new_key import change_key
    from sandwich.store.migrate import ensure_current

    if not yes:
        typer.confirm(said(_SURE_OF_KEY), abort=True)

    async def work(runtime: "Runtime") -> int:
        await ensure_current(runtime.settings.store_url)
        return await change_key(runtime)

    say(_KEY_CHANGED, count=with_store(work))


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(audit, name="audit")
    program.add_typer(db, name="db")
