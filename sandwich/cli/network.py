"""Commands about the register of a region: import and export of companies and people, and the region's own figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.arguments import DryRun
from sandwich.cli.progress import progress
from sandwich.cli.saying import language, said, say, tell_error
from sandwich.cli.state import ACTOR, with_runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.tables.network import Region as RegionRow
    from sandwich.runtime import Runtime
    from sandwich.services.importing.outcome import Report, RowResult

Region = Annotated[
    str | None, typer.Option("--region", help="Code of the region, where there are several.", show_default=False)
]

_READING = Text(nl="Importeren", en="Importing")
_EXPORTING = Text(nl="Exporteren", en="Exporting")
_LOOKING = Text(nl="Bekijken", en="Looking")
_OUTCOMES = {
    "new": Text(nl="nieuw", en="new"),
    "changed": Text(nl="gewijzigd", en="changed"),
    "unchanged": Text(nl="ongewijzigd", en="unchanged"),
    "refused": Text(nl="geweigerd", en="refused"),
}
_COUNTS = Text(
    nl="{rows} rijen: {new} nieuw, {changed} gewijzigd, {unchanged} ongewijzigd, {refused} geweigerd.",
    en="{rows} rows: {new} new, {changed} changed, {unchanged} unchanged, {refused} refused.",
)
_WOULD = Text(nl="Er is niets veranderd.", en="Nothing was changed.")
_BLOCKED = Text(
    nl="Zo wordt er niets geïmporteerd: haal eerst de fouten uit de geweigerde rijen.",
    en="Nothing would be imported like this: put right the refused rows first.",
)
_IMPORTED = Text(nl="Geïmporteerd: {path}.", en="Imported: {path}.")
_STOPPED = Text(
    nl="Afgebroken. Er is niets veranderd, of alles als het net klaar was: `sandwich import {path} --dry-run` laat het "
    "zien.",
    en="Interrupted. Nothing was changed, or all if it had just ended: `sandwich import {path} --dry-run` shows it.",
)
_EXPORTED = Text(
    nl="Geëxporteerd: {path} ({rows} rijen). Er staan namen en adressen in; bewaar het niet langer dan nodig.",
    en="Exported: {path} ({rows} rows). It has names and addresses; keep it no longer than needed.",
)
_NEW_REGION = Text(
    nl="De regio is er: {code} ({name}). Scholen: {schools}, bedrijven: {companies}, mensen: {people}.",
    en="The region is there: {code} ({name}). Schools: {schools}, companies: {companies}, people: {people}.",
)
_REGION = Text(
    nl="{code}: {name}. Uurtarief: {rate}. Kosten per schooljaar die meetellen: {costs}. Bijdrage van bedrijven: "
    "{percent} %. Reistijden: {travel}. Weken tussen twee mails met nieuwe kaarten: {digests}.",
    en="{code}: {name}. Hourly rate: {rate}. Eligible costs per school year: {costs}. Contribution of companies: "
    "{percent} %. Travel times: {travel}. Weeks between two mails with new cards: {digests}.",
)


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV in UTF-8 or XLSX; docs/network.md has the columns.")
    ],
    dry_run: DryRun = False,
    region: Region = None,
) -> None:
    """Import companies, contacts and school people, all or nothing; --dry-run shows row by row what would happen."""
    from sandwich.services.importing.columns import Columns
    from sandwich.services.importing.entering import foresee_import, import_sheet
    from sandwich.sheets.reading import read_sheet

    async def work(runtime: "Runtime") -> "Report":
        sheet = read_sheet(file, Columns.of(runtime.library).names)
        with progress(_LOOKING if dry_run else _READING) as told:
            if dry_run:
                return await foresee_import(runtime, region, sheet, language=language(), progress=told)
            now = await runtime.clock.now()
            return await import_sheet(runtime, region, sheet, now=now, actor=ACTOR, language=language(), progress=told)

    try:
        report = with_runtime(work)
    except KeyboardInterrupt:
        tell_error(said(_STOPPED, path=file))
        raise
    for row in report.rows if dry_run else ():
        say(_line(row))
    counts = {str(outcome): report.counts[outcome] for outcome in report.counts}
    say(_COUNTS, rows=len(report.rows), **{name: counts.get(name, 0) for name in _OUTCOMES})
    if not dry_run:
        say(_IMPORTED, path=file)
        return
    say(_WOULD)
    if report.refused:
        tell_error(said(_BLOCKED))
        raise typer.Exit(1)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, .csv or .xlsx; no file yet.")],
    region: Region = None,
) -> None:
    """Export companies, contacts and school people, so that they can be changed in a spreadsheet and imported again."""
    from sandwich.services.exporting import export_rows
    from sandwich.services.importing.entering import find_region
    from sandwich.sheets.writing import check_target, write_sheet

    check_target(file)

    async def work(runtime: "Runtime") -> int:
        with progress(_EXPORTING) as told:
            async with runtime.store.read() as session:
                found = await find_region(session, region)
                # Making the rows is the first half of the work, writing them the second.
                rows = await export_rows(
                    session, runtime.library, found, language(), progress=lambda done, of: told(done, 2 * of)
                )
            write_sheet(file, _counted(rows, told))
        return len(rows) - 1

    say(_EXPORTED, path=file, rows=with_runtime(work))


def region(
    code: Region = None,
    hourly_rate: Annotated[
        float | None, typer.Option("--hourly-rate", min=0, help="Euros that an hour of a company counts for.")
    ] = None,
    eligible_costs: Annotated[
        float | None, typer.Option("--eligible-costs", min=0, help="Euros of one school year that count.")
    ] = None,
    travel: Annotated[
        Path | None, typer.Option("--travel", metavar="FILE", help="Travel times: CSV or XLSX with from, to, minutes.")
    ] = None,
    digests: Annotated[
        int | None,
        typer.Option(
            "--weeks-between-digests", min=0, max=52, help="How often colleagues hear of new cards; 0: of each at once."
        ),
    ] = None,
    school: Annotated[
        str | None, typer.Option("--school", help="Code of the only school that this is for.", show_default=False)
    ] = None,
) -> None:
    """Show a region, its figures for the contribution of companies, its travel times and its digests, or set them."""
    from sandwich.services.digests import digests_in, keep_digests
    from sandwich.services.importing.entering import find_region
    from sandwich.services.travel import NAMES, keep_travel
    from sandwich.sheets.reading import read_sheet

    sheet = read_sheet(travel, NAMES) if travel is not None else None

    async def work(runtime: "Runtime") -> tuple["RegionRow", float, dict[str, int]]:
        percent = runtime.settings.cofinancing_percent
        if (hourly_rate, eligible_costs, sheet, digests) == (None, None, None, None):
            async with runtime.store.read() as session:
                found = await find_region(session, code)
                return found, percent, await digests_in(session, found.id)
        async with runtime.store.change(now=await runtime.clock.now(), actor=ACTOR) as session:
            found = await find_region(session, code)
            found.hourly_rate = found.hourly_rate if hourly_rate is None else hourly_rate
            found.eligible_costs = found.eligible_costs if eligible_costs is None else eligible_costs
            if sheet is not None:
                await keep_travel(session, found, sheet)
            if digests is not None:
                await keep_digests(session, found.id, digests, school)
            return found, percent, await digests_in(session, found.id)

    found, percent, weeks = with_runtime(work)
    say(
        _REGION,
        code=found.code,
        name=found.name,
        rate=_euros(found.hourly_rate),
        costs=_euros(found.eligible_costs),
        percent=f"{percent:g}",
        travel=len(found.travel or ()),
        digests=", ".join(f"{key} {value}" for key, value in weeks.items()) or "–",
    )


def new_region(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML, such as examples/region.yaml.")],
) -> None:
    """Write a region that is new, with its schools and coordinators; a table brings the companies (`import`)."""
    from models.region import RegionFile
    from sandwich.definitions.load import load_file
    from sandwich.services.regions import enter_new_region

    read = load_file(file, RegionFile)

    async def work(runtime: "Runtime") -> None:
        await enter_new_region(runtime, read, await runtime.clock.now(), actor=ACTOR)

    with_runtime(work)
    counts = {"schools": len(read.schools), "companies": len(read.companies), "people": len(read.people)}
    say(_NEW_REGION, code=read.code, name=read.name, **counts)


def _counted(rows: "list[list[str]]", told: "Callable[[int, int], None]") -> "Iterator[list[str]]":
    for number, row in enumerate(rows, start=1):
        yield row
        if number % 200 == 0 or number == len(rows):
            told(len(rows) + number, 2 * len(rows))


def _line(row: "RowResult") -> str:
    changes = "; ".join(_change(said(one.column), one.before, one.after) for one in row.changes)
    problems = " ".join(said(one) for one in row.problems)
    line = f"{row.number:>5}  {said(_OUTCOMES[row.outcome]):<12} {row.about}"
    return f"{line}: {problems or changes}" if problems or changes else line


def _change(column: str, before: str, after: str) -> str:
    return f"{column} {before} → {after or '–'}" if before else f"{column} {after}"


def _euros(amount: float | None) -> str:
    return "–" if amount is None else f"€ {amount:,.2f}".replace(",", " ")


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.command("import")(import_)
    program.command()(export)
    program.command()(region)
    program.command(name="new-region")(new_region)
