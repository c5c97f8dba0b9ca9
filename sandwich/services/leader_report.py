"""The year report of a school, for its school leader to print: behind their own link, without signing in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from models.tables.activities import Participation
from models.tables.network import Person, Region, School
from sandwich.errors import NotFound
from sandwich.paper import Paper
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services.figures import report_of
from sandwich.services.links import OpenedLink
from sandwich.services.personal import school_led
from sandwich.services.report_files import name_of, pdf_file
from sandwich.services.report_words import worded


async def paper_of_year(runtime: Runtime, link: OpenedLink, now: datetime) -> Paper:
    """Return the report of this school year as a PDF; raises ``NotFound`` for whoever does not lead a school."""
    today = now.astimezone(ZoneInfo(runtime.settings.timezone)).date()
    period = SchoolYear.of(today)
    async with runtime.store.read() as session:
        seat = await session.get_one(Participation, link.participation_id)
        person = await session.get_one(Person, link.person_id)
        school_id = school_led(seat, person)
        if school_id is None:
            raise NotFound(what="report", name=link.participation_id)
        school = await session.get_one(School, school_id)
        region = await session.get_one(Region, school.region_id)
        found = await report_of(session, runtime, region, school, period)
    said = worded(found, runtime.library, link.language)
    return await pdf_file(said, found.stories, f"{name_of(period, school, link.language)}.pdf", today, link.language)
