"""A school with other holidays that comes into an activity while it goes on. North has its autumn holiday from 10 to 18
October, middle from 17 to 25.
"""

import pytest

from models.roles import Role
from models.tables.activities import Approval, Standing
from models.tables.asking import InvitationState
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.asking import asked_form
from sandwich.services.joining import Joining, foresee_joining, in_words
from sandwich.services.moving import InHoliday
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.driver import AMSTERDAM, Play, local, told
from tests.support.schools import school_in_the_north

pytestmark = pytest.mark.asyncio


async def seen(play: Play, *codes: str) -> Joining:
    """Look what adding teachers would do."""
    return await foresee_joining(play.runtime, play.activity_id, codes, Role.TEACHER, now=await play.now())


async def add(play: Play, *codes: str, in_holiday: bool = False) -> None:
    """Add teachers."""
    await steer.add_people(
        play.runtime,
        play.activity_id,
        codes,
        Role.TEACHER,
        now=await play.now(),
        actor=play.coordinator,
        in_holiday=in_holiday,
    )


async def due(play: Play, step: str) -> str:
    """Return when a step is due."""
    at = (await play.step(step)).due_at
    assert at is not None
    return told(at)


@pytest.mark.chapter("with_date")
async def test_its_holidays_count_for_the_plan_and_looking_changes_nothing(play: Play, runtime: Runtime) -> None:
    play.cast = await school_in_the_north(runtime)
    assert await due(play, "goals-to-host") == "Fri 16 Oct 10:00"
    before = await play.snapshot()
    joining = await seen(play, "N1", "N2")
    assert await play.snapshot() == before
    assert joining.schools == ("Noorderlicht College",)
    assert [(one.name, one.role) for one in joining.people] == [
        ("Sjoerd Bouma", Role.TEACHER),
        ("Wiebe Dijkstra", Role.SCHOOL_LEADER),
        ("Tjitske Hoekstra", Role.TIMETABLER),
        ("Anke Postma", Role.TEACHER),
    ]
    said = [line.nl for line in in_words(joining, AMSTERDAM)]
    assert "Leerdoelen naar het bedrijf: was vr 16 okt, wordt vr 9 okt." in said
    assert "Leerdoelen naar het bedrijf: 22-10-2026 is vrij, dus op 09-10-2026." in said
    assert said[-1] == "Wat al beantwoord is, blijft staan."

    await add(play, "N1", "N2")
    assert await due(play, "goals-to-host") == "Fri 09 Oct 10:00"
    for line in joining.steps:
        step = next(item for item in (await play.loaded()).playbook.steps if item.title == line.title)
        assert (await play.step(step.key)).due_at == line.becomes
    async with runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


@pytest.mark.chapter("with_date")
async def test_its_people_follow_their_own_calendar(play: Play, runtime: Runtime) -> None:
    play.cast = await school_in_the_north(runtime)
    await play.to("2026-09-28 12:00")
    await add(play, "N1")
    await play.to("2026-10-01 12:00")
    # Three weeks before the visit is Thursday 15 October, in the holiday of the north alone.
    deadlines = {code: (await play.invitation(code, "approval")).deadline_at for code in ("L1", "N3")}
    assert {code: told(at) for code, at in deadlines.items() if at} == {
        "L1": "Thu 15 Oct 00:00",
        "N3": "Fri 09 Oct 00:00",
    }
    await play.to("2026-10-31 12:00")
    holidays = {"N1": ("2026-10-10", "2026-10-18"), "T3": ("2026-10-17", "2026-10-25")}
    for code, (first, last) in holidays.items():
        reminded = [left.at for left in play.mails if left.to == code and left.mail == "reminder" and "Oct" in left.at]
        assert reminded, code
        days = {int(at.split()[1]) for at in reminded}
        free = range(int(first[-2:]), int(last[-2:]) + 1)
        assert days.isdisjoint(free), (code, reminded)


@pytest.mark.chapter("asked")
async def test_who_comes_in_is_asked_what_still_matters_and_answers_stay(play: Play, runtime: Runtime) -> None:
    await play.answer("T3", "goals")
    answered = (await asked_form(runtime, (await play.invitation("T3", "goals")).id, await play.now())).answered
    play.cast = await school_in_the_north(runtime)
    joining = await seen(play, "N1")
    asked = {one.name: len(one.forms) for one in joining.people}
    assert asked == {"Sjoerd Bouma": 2, "Wiebe Dijkstra": 1, "Tjitske Hoekstra": 0}

    left = len(play.mails)
    await add(play, "N1")
    await play.turn()
    assert {(mail.to, mail.mail) for mail in play.mails[left:]} == {
        ("N1", "invitation"),
        ("N1", "goals"),
        ("N3", "release"),
        ("N4", "release-information"),
    }
    assert (await play.invitation("T3", "goals")).state is InvitationState.ANSWERED
    page = await asked_form(runtime, (await play.invitation("T3", "goals")).id, await play.now())
    assert page.answered == answered
    await play.answer("N3", "approval")
    assert (await play.participation("N1")).approval is Approval.APPROVED
    assert not {item.approval for item in (await play.loaded()).in_role(Role.TEACHER)} <= {Approval.APPROVED}


@pytest.mark.chapter("asked")
async def test_who_replaces_a_teacher_brings_their_school_along(play: Play, runtime: Runtime) -> None:
    play.cast = await school_in_the_north(runtime)
    old = await play.participation("T4")
    await steer.replace(runtime, old.id, "N1", now=await play.now(), actor=play.coordinator)
    assert (await play.participation("N3")).standing is Standing.INVITED
    await play.turn()
    assert ("N3", "release") in {(mail.to, mail.mail) for mail in play.mails}
    # A second one of the same school brings nobody along once more.
    people = len((await play.loaded()).participations)
    await add(play, "N2")
    assert len((await play.loaded()).participations) == people + 1


@pytest.mark.chapter("with_date")
async def test_its_own_week_stands_instead_of_that_of_its_region(play: Play, runtime: Runtime) -> None:
    play.cast = await school_in_the_north(runtime, own_week=True)
    assert await due(play, "practical-info") == "Thu 29 Oct 08:00"
    await add(play, "N1")
    # From 17 October on somebody is free until the first of November; the week of the region itself is not.
    assert await due(play, "practical-info") == "Fri 16 Oct 08:00"
    assert await due(play, "goals-to-host") == "Fri 16 Oct 10:00"


@pytest.mark.chapter("with_date")
async def test_a_visit_in_its_holiday_must_be_meant(play: Play, runtime: Runtime) -> None:
    play.cast = await school_in_the_north(runtime)
    span = (local("2026-10-14 13:30"), local("2026-10-14 16:30"))
    await steer.move(runtime, play.activity_id, [span], "Kan eerder", now=await play.now(), actor=play.coordinator)
    joining = await seen(play, "N1")
    assert [line.nl for line in joining.day_is_free] == ["14-10-2026 is een vrije dag: Herfstvakantie."]
    before = await play.snapshot()
    with pytest.raises(InHoliday, match=r"14-10-2026 is a free day \(Herfstvakantie\)"):
        await add(play, "N1")
    assert await play.snapshot() == before
    await add(play, "N1", in_holiday=True)
    await add(play, "N2")  # the school is in already, and its day was confirmed


@pytest.mark.chapter("with_date")
async def test_all_come_in_or_none(play: Play) -> None:
    before = await play.snapshot()
    with pytest.raises(BadInput, match="takes part already"):
        await add(play, "T9", "T3")
    assert await play.snapshot() == before
