"""A school of another holiday region, for an activity that goes on without it."""

from datetime import date

from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.network import Contact, ContactKind, HolidayRegion, Person, School
from sandwich.runtime import Runtime
from tests.support.cast import Cast

NORTH = "S7"
OWN_WEEK = (date(2026, 10, 26), date(2026, 10, 30))


async def school_in_the_north(runtime: Runtime, *, own_week: bool = False) -> Cast:
    """Write a school in region north: teachers N1 and N2, leader N3, timetabler N4; returns the cast with them.

    With ``own_week`` its autumn holiday is another week than that of its region.
    """
    now, cast = await runtime.clock.now(), await Cast.read(runtime)
    async with runtime.store.change(now=now, actor="test") as session:
        school = School(
            region_id=cast.region.id,
            code=NORTH,
            name="Noorderlicht College",
            holiday_region=HolidayRegion.NORTH,
            wall_key="wall-of-the-north",
        )
        session.add(school)
        await session.flush()
        for code, given, family in (
            ("N1", "Sjoerd", "Bouma"),
            ("N2", "Anke", "Postma"),
            ("N3", "Wiebe", "Dijkstra"),
            ("N4", "Tjitske", "Hoekstra"),
        ):
            person = Person(
                code=code,
                school_id=school.id,
                given_name=given,
                family_name=family,
                is_school_leader=code == "N3",
                is_timetabler=code == "N4",
            )
            session.add(person)
            await session.flush()
            address = f"{given}.{family}@noorderlicht.example".lower()
            session.add(Contact(person_id=person.id, kind=ContactKind.MAIL, address=address, lookup=address))
        if own_week:
            session.add(
                CalendarBlock(
                    kind=BlockKind.HOLIDAY,
                    name="Herfstvakantie",
                    first_on=OWN_WEEK[0],
                    last_on=OWN_WEEK[1],
                    school_id=school.id,
                )
            )
    return await Cast.read(runtime)
