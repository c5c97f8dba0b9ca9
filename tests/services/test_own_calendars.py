"""The own free days of a school or company: other ones in their place, and what goes on counts with them."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.draft import ActivityDraft
from models.roles import Role
from models.tables.calendar import BlockKind
from models.tables.network import Company
from models.tables.truth import AuditEntry
from sandwich.definitions.mistakes import DefinitionError
from sandwich.errors import BadInput
from sandwich.rules.calendar import Block
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.cascade import foresee
from sandwich.services.company_editing import Unfit
from sandwich.services.moving import InHoliday
from sandwich.services.new_host import NewHost, change_host
from sandwich.services.own_calendars import (
    Replaced,
    add_closed_days,
    drop_closed_days,
    find_owner,
    foresee_own_calendar,
    own_days,
    replace_own_calendar,
)
from sandwich.services.preview import preview
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.driver import A1, Play, local, told

pytestmark = pytest.mark.asyncio

HEAD = "naam;soort;van;tot en met\n"
WEEK = "Bouwvak;gesloten;12-10-2026;16-10-2026\n"
FORTNIGHT = "Bouwvak;gesloten;12-10-2026;23-10-2026\n"


async def replaced(runtime: Runtime, code: str, rows: str, actor: str = "test") -> Replaced:
    """Let the free days of a table take the place of what is there."""
    now = await runtime.clock.now()
    return await replace_own_calendar(runtime, code, (HEAD + rows).encode(), "dagen.csv", now=now, actor=actor)


async def names(runtime: Runtime, code: str) -> list[tuple[str, str]]:
    """Return what the own free days are called, with their first day."""
    async with runtime.store.read() as session:
        return [(row.name, f"{row.first_on}") for row in await own_days(session, await find_owner(session, code))]


async def due(play: Play, step: str) -> str:
    """Return when a step is due."""
    at = (await play.step(step)).due_at
    assert at is not None
    return told(at)


@pytest.mark.chapter("with_date")
async def test_a_step_moves_out_of_the_closed_week_at_once_and_back_when_it_is_gone(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    assert await due(play, "goals-to-host") == "Fri 16 Oct 10:00"
    before = await play.snapshot()
    table = (HEAD + WEEK).encode()
    week = Block(BlockKind.CLOSED, date(2026, 10, 12), date(2026, 10, 16), name="Bouwvak", company=cast.id("B3"))
    seen = await foresee_own_calendar(runtime, "B3", table, "dagen.csv")
    assert seen == Replaced("Bouwbedrijf Korteweg", added=(week,), kept=(), dropped=())
    assert await play.snapshot() == before

    assert await replaced(runtime, "B3", WEEK, actor=play.coordinator) == seen
    assert await due(play, "goals-to-host") == "Fri 09 Oct 10:00"
    async with runtime.store.read() as session:
        [entry] = await session.scalars(
            select(AuditEntry).where(AuditEntry.table == "calendar_block", AuditEntry.actor == play.coordinator)
        )
        assert (entry.action, entry.changes["company_id"]) == ("insert", cast.id("B3"))
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []

    again = await replaced(runtime, "Bouwbedrijf Korteweg", WEEK)
    assert (again.added, again.kept, again.dropped) == ((), (week,), ())
    other = await replaced(runtime, "B3", "Feest;closed;2026-11-12;\n")
    assert [block.name for block in (*other.added, *other.dropped)] == ["Feest", "Bouwvak"]
    assert await due(play, "goals-to-host") == "Fri 16 Oct 10:00"


@pytest.mark.chapter("asked")
async def test_reminders_and_calls_wait_for_days_that_were_entered_after_the_question(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    asked = await play.invitation("P3", "task-division")
    assert asked.next_at is not None
    assert told(asked.next_at) == "Thu 15 Oct 08:00"
    await replaced(runtime, "B3", FORTNIGHT)
    await play.to("2026-10-28 12:00")
    assert [at for at, to in play.sent("reminder") if to == "P3"] == []
    assert not [call for call in await play.calls() if call.invitation_id == asked.id]
    await play.to("2026-11-04 12:00")
    assert [at for at, to in play.sent("reminder") if to == "P3"] == ["Thu 29 Oct 08:00", "Wed 04 Nov 08:00"]


@pytest.mark.chapter("with_date")
async def test_a_date_on_a_closed_day_is_told_and_refused_unless_it_is_meant(play: Play, runtime: Runtime) -> None:
    await replaced(runtime, "B3", "Bouwvak;gesloten;09-11-2026;20-11-2026\n")
    span = (local("2026-11-12 13:30"), local("2026-11-12 16:30"))
    now = await play.now()
    cascade = await foresee(runtime, play.activity_id, [span], now=now)
    assert [one.nl for one in cascade.day_is_free] == ["12-11-2026 is een vrije dag: Bouwvak."]
    with pytest.raises(InHoliday, match="12-11-2026 is a free day \\(Bouwvak\\)"):
        await steer.move(runtime, play.activity_id, [span], "Storm", now=now, actor="test")
    await steer.move(runtime, play.activity_id, [span], "Storm", now=now, actor="test", in_holiday=True)
    assert told((await play.loaded()).starts_at) == "Thu 12 Nov 13:30"


@pytest.mark.chapter("turn")
async def test_who_comes_in_brings_the_closed_days_of_the_own_company(play: Play, runtime: Runtime) -> None:
    """Another host, and somebody of a third company."""
    await replaced(runtime, "B6", "Inventaris;gesloten;12-11-2026;13-11-2026\n")
    await replaced(runtime, "B1", WEEK)
    now = await play.now()
    span = (local("2026-11-12 13:30"), local("2026-11-12 16:30"))
    with pytest.raises(InHoliday, match="Inventaris"):
        await change_host(runtime, play.activity_id, NewHost("B6", ["P6"], [span]), "Kan niet", now=now, actor="test")
    assert (await play.loaded()).company is not None
    assert (await play.activity()).company_id == play.cast.id("B3"), "nothing was changed"
    assert await due(play, "goals-to-host") == "Fri 16 Oct 10:00"
    await steer.add_person(runtime, play.activity_id, "P1", Role.PROFESSIONAL, now=now, actor="test")
    assert await due(play, "goals-to-host") == "Fri 09 Oct 10:00"


async def test_the_plan_before_an_activity_begins_counts_with_them_too(runtime: Runtime, cast: Cast) -> None:
    async def to_host() -> str:
        shown = await preview(runtime, ActivityDraft.model_validate(A1), await runtime.clock.now())
        [line] = [line for line in shown.lines if line.title.nl == "Leerdoelen naar het bedrijf"]
        assert line.at is not None
        return told(line.at)

    assert await to_host() == "Fri 16 Oct 10:00"
    await replaced(runtime, "B3", WEEK)
    assert await to_host() == "Fri 09 Oct 10:00"


async def test_a_school_has_holidays_and_keeps_what_stands_in_the_table_too(runtime: Runtime, cast: Cast) -> None:
    assert await names(runtime, "S3") == [("Studiedag", "2026-12-11")]
    carnival = "Carnaval;vakantie;08-02-2027;12-02-2027\n"
    found = await replaced(runtime, "S3", carnival + "Studiedag;studiedag;11-12-2026;\n")
    assert ([one.name for one in found.added], [one.name for one in found.kept]) == (["Carnaval"], ["Studiedag"])
    with pytest.raises(DefinitionError, match=r"dagen\.csv:3"):
        await replaced(runtime, "S3", carnival + WEEK)
    assert await names(runtime, "S3") == [("Studiedag", "2026-12-11"), ("Carnaval", "2027-02-08")], "all or nothing"
    with pytest.raises(BadInput, match="There is no school or company S99"):
        await replaced(runtime, "S99", carnival)


async def test_one_run_of_closed_days_is_added_and_taken_away(runtime: Runtime, cast: Cast, now: datetime) -> None:
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B3"))
    await add_closed_days(runtime, company, " Bouw  vak", "2027-07-26", "13-8-2027", now=now, actor="test")
    await add_closed_days(runtime, company, "Brugdag", "2027-05-07", "", now=now, actor="test")
    assert await names(runtime, "B3") == [("Brugdag", "2027-05-07"), ("Bouw vak", "2027-07-26")]
    for typed, wrong in (
        (("", "", ""), {"name", "first", "last"}),
        (("x" * 81, "2027-01-04", "gisteren"), {"name", "last"}),
        (("Dicht", "2027-01-05", "2027-01-04"), {"last"}),
        (("Dicht", "2027-01-05", "2028-01-05"), {"last"}),
        (("Dicht", "2027-08-13", "2027-08-20"), {"first"}),
    ):
        with pytest.raises(Unfit) as caught:
            await add_closed_days(runtime, company, *typed, now=now, actor="test")
        assert set(caught.value.problems) == wrong
        assert all(text.nl[0].isupper() for text in caught.value.problems.values())
    async with runtime.store.read() as session:
        bridge = (await own_days(session, company))[0]
        [study] = await own_days(session, await find_owner(session, "S3"))
    for gone in (bridge.id, bridge.id, study.id, ""):
        await drop_closed_days(runtime, company, gone, now=now + timedelta(minutes=1), actor="test")
    assert await names(runtime, "B3") == [("Bouw vak", "2027-07-26")]
    assert await names(runtime, "S3") == [("Studiedag", "2026-12-11")], "another's days are not taken away"
