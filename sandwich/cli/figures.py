"""The command that sums up a school year."""

import json
import sys
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from models.text import Text
from sandwich.cli.saying import said, say
from sandwich.cli.state import with_runtime

if TYPE_CHECKING:
    from sandwich.definitions.library import Library
    from sandwich.runtime import Runtime
    from sandwich.services.years import YearFigures

_TITLE = Text(nl="Schooljaar {year}, {of}", en="School year {year}, {of}")
_HELD = Text(nl="Gehouden: {count}{kinds}", en="Held: {count}{kinds}")
_COMPLETE = Text(
    nl="Complete sandwich (vier van de vier): {complete} van {count}",
    en="Complete sandwich (four out of four): {complete} of {count}",
)
_OTHERS = Text(nl="Loopt door: {goes_on}. Geannuleerd: {cancelled}.", en="Goes on: {goes_on}. Cancelled: {cancelled}.")
_TEACHERS = Text(
    nl="Docenten: {teachers}, samen {hours} uur. Niet meegeteld, want zij maakten bezwaar: {left_out}.",
    en="Teachers: {teachers}, {hours} hours together. Not counted, because they objected: {left_out}.",
)
_COMPANIES = Text(
    nl="Uren van bedrijven: {confirmed} bevestigd, {estimated} geschat.",
    en="Hours of companies: {confirmed} confirmed, {estimated} estimated.",
)
_RESPONSE = Text(
    nl="{form}: {answered} van {asked} ({percentage} %)", en="{form}: {answered} of {asked} ({percentage} %)"
)


def year(
    name: Annotated[
        str | None, typer.Argument(metavar="[YEAR]", help="2026 or 2026-2027; without it, the school year of today.")
    ] = None,
    school: Annotated[
        str | None, typer.Option("--school", metavar="SCHOOL", help="One school, by code or name.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for a script to read.")] = False,
) -> None:
    """Sum up a school year: what was held, who took part, hours, and how many answered."""
    from sandwich.rules.school_years import SchoolYear
    from sandwich.services.overview import to_json
    from sandwich.services.years import figures_of

    async def work(runtime: "Runtime") -> "tuple[Library, list[tuple[str, YearFigures]]]":
        now, zone = await runtime.clock.now(), runtime.settings.timezone
        wanted = SchoolYear.named(name) if name else SchoolYear.of(now.astimezone(ZoneInfo(zone)).date())
        async with runtime.store.read() as session:
            return runtime.library, await figures_of(session, wanted, zone=zone, school=school)

    library, found = with_runtime(work)
    if as_json:
        json.dump([{"of": of, **to_json(figures)} for of, figures in found], sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    for of, figures in found:
        _show(library, of, figures)


def _show(library: "Library", of: str, figures: "YearFigures") -> None:
    count = sum(figures.held.values())
    kinds = "; ".join(f"{said(library.playbook(kind).title)} {number}" for kind, number in figures.held.items())
    say(_TITLE, year=figures.year, of=of)
    say(_HELD, count=count, kinds=f" ({kinds})" if kinds else "")
    say(_COMPLETE, complete=figures.complete, count=count)
    say(_OTHERS, goes_on=figures.goes_on, cancelled=figures.cancelled)
    say(_TEACHERS, teachers=figures.teachers, hours=figures.teacher_hours, left_out=figures.left_out)
    say(
        _COMPANIES,
        confirmed=figures.company_hours_confirmed,
        estimated=figures.company_hours_estimated,
    )
    for form, response in figures.responses.items():
        say(
            _RESPONSE,
            form=said(library.form(form).title),
            answered=response.answered,
            asked=response.asked,
            percentage=response.percentage,
        )


def add_to(program: typer.Typer) -> None:
    """Add the command of this module."""
    program.command()(year)
