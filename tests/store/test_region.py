"""The made-up region and the holidays, from their files into the store."""

from datetime import date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from models.region import RegionFile
from models.rights import Office
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.network import Channel, Company, HolidayRegion, Region
from sandwich.definitions.load import load_file
from sandwich.demo.region import load_region
from sandwich.runtime import Runtime
from sandwich.services.free_days import renew_holidays
from sandwich.services.login import who_signs_in_at
from sandwich.services.offices import held_by
from sandwich.services.regions import enter_region
from tests.support.cast import Cast

pytestmark = pytest.mark.asyncio


async def test_everybody_of_the_story_is_there(cast: Cast) -> None:
    """The people of activity A1 have their names, addresses and peculiarities."""
    assert cast.name("P2") == "Gerrit van Rijs"
    assert cast.person("P2").channel is Channel.PHONE
    assert cast.mail("T3") == "e.laan@hetkompas.example"
    assert cast.person("T8").school_id == cast.id("S3")
    assert {code for code, person in cast.people.items() if person.is_coordinator} == {"C1", "C2"}
    assert {code for code, person in cast.people.items() if person.group_name} == {
        "S1-colleagues",
        "S2-colleagues",
        "S3-colleagues",
    }
    assert sorted(cast.companies) == [f"B{number}" for number in range(1, 9)]
    assert not [person for person in cast.people.values() if person.company_id == cast.id("B5")]


async def test_all_addresses_are_made_up(cast: Cast) -> None:
    """No mail and no phone call of the demo can reach anybody."""
    for contact in cast.contacts.values():
        assert contact.address.endswith(".example") or contact.address.startswith("06-000000"), contact.address


async def test_the_region_is_written_once(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """A second start of the demo finds the region."""
    assert await load_region(runtime, now) == cast.region.id
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Region)) == 1


async def test_a_region_begins_with_its_privacy_officer(runtime: Runtime, now: datetime) -> None:
    """The file that an administrator copies names one, who can sign in at once."""
    file = load_file(Path(__file__).parents[2] / "examples" / "region.yaml", RegionFile)
    await enter_region(runtime, file, now)
    async with runtime.store.read() as session:
        [officer] = await who_signs_in_at(session, "r.mulder@voorbeeldcollege.example")
        assert await held_by(session, officer) == {Office.PRIVACY_OFFICER}


async def test_a_company_has_its_closed_days_from_the_file(runtime: Runtime, now: datetime) -> None:
    closed = {"name": "Bouwvak", "first": "2027-07-26", "last": "2027-08-13"}
    company = {"code": "B50", "name": "Elders Bouw", "address": "Elders 1", "calendar": [closed]}
    file = {"code": "elders", "name": "Elders", "schools": [], "companies": [company], "people": []}
    await enter_region(runtime, RegionFile.model_validate(file), now)
    async with runtime.store.read() as session:
        found = await session.execute(
            select(CalendarBlock.name, CalendarBlock.kind, CalendarBlock.first_on, Company.code).join(
                Company, Company.id == CalendarBlock.company_id
            )
        )
        assert [tuple(row) for row in found] == [("Bouwvak", BlockKind.CLOSED, date(2027, 7, 26), "B50")]
    company["calendar"] = [{**closed, "kind": "holiday"}]
    with pytest.raises(ValidationError):
        RegionFile.model_validate(file)


async def test_holidays_are_written_once(runtime: Runtime, now: datetime) -> None:
    """Loading holidays twice adds nothing."""
    assert await renew_holidays(runtime, now) == 42
    assert await renew_holidays(runtime, now) == 0


async def test_a_holiday_whose_dates_were_corrected_moves(runtime: Runtime, now: datetime) -> None:
    """An installation that has the summer as an older file gave it gets the new dates, and not both."""
    await renew_holidays(runtime, now)
    summer = select(CalendarBlock).where(
        CalendarBlock.name == "Zomervakantie",
        CalendarBlock.holiday_region == HolidayRegion.SOUTH,
        CalendarBlock.first_on < date(2028, 1, 1),
    )
    async with runtime.store.change(now=now, actor="test") as session:
        old = (await session.scalars(summer)).one()
        right = old.first_on, old.last_on
        old.first_on, old.last_on = date(2027, 7, 17), date(2027, 8, 29)
    assert await renew_holidays(runtime, now) == 1
    async with runtime.store.read() as session:
        found = (await session.scalars(summer)).one()
        assert (found.first_on, found.last_on) == right


async def test_holidays_stand_at_their_region(runtime: Runtime, now: datetime) -> None:
    """Autumn comes a week earlier in the north."""
    await renew_holidays(runtime, now)
    async with runtime.store.read() as session:
        found = await session.scalars(select(CalendarBlock).where(CalendarBlock.name == "Herfstvakantie"))
        blocks = [block for block in found if block.first_on.year == 2026]
        assert {block.holiday_region: (block.first_on, block.last_on) for block in blocks} == {
            HolidayRegion.NORTH: (date(2026, 10, 10), date(2026, 10, 18)),
            HolidayRegion.MIDDLE: (date(2026, 10, 17), date(2026, 10, 25)),
            HolidayRegion.SOUTH: (date(2026, 10, 17), date(2026, 10, 25)),
        }
