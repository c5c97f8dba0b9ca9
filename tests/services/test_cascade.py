"""What a move would do, shown before anything happens; and what a long move asks once more."""

import pytest

from models.roles import Stage
from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import InvitationState
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.asking import asked_form
from sandwich.services.cascade import Cascade, foresee
from sandwich.services.cascade_words import in_words
from sandwich.services.moving import InHoliday
from tests.support.driver import AMSTERDAM, TEACHERS, Play, local, told

pytestmark = pytest.mark.asyncio


def afternoon(day: str) -> list[tuple[object, object]]:
    """Return the afternoon of a day as the one meeting of a visit."""
    return [(local(f"{day} 13:30"), local(f"{day} 16:30"))]


async def seen(play: Play, day: str) -> Cascade:
    """Look what a move to that day would do."""
    return await foresee(play.runtime, play.activity_id, afternoon(day), now=await play.now())  # type: ignore[arg-type]


async def move(play: Play, day: str, *, in_holiday: bool = False) -> None:
    """Move the visit to another afternoon."""
    await steer.move(
        play.runtime,
        play.activity_id,
        afternoon(day),  # type: ignore[arg-type]
        "Storm",
        now=await play.now(),
        actor=play.coordinator,
        in_holiday=in_holiday,
    )


@pytest.mark.chapter("ready")
async def test_what_is_foreseen_is_what_happens_and_looking_changes_nothing(play: Play) -> None:
    await play.sleep_to("2026-11-04 10:00")
    before = await play.snapshot()
    cascade = await seen(play, "2026-11-26")
    assert await play.snapshot() == before

    await move(play, "2026-11-26")
    assert [(told(start), told(end)) for start, end in cascade.new] == [("Thu 26 Nov 13:30", "Thu 26 Nov 16:30")]
    for line in cascade.steps:
        step = next(item for item in (await play.loaded()).playbook.steps if item.title == line.title)
        assert (await play.step(step.key)).due_at == line.becomes
    again = {line.title.nl for line in cascade.steps if line.comes_again}
    assert again == {"Praktische informatie", "Herinnering voor de dag"}
    await play.turn()
    assert len(play.sent("moved")) == len(cascade.told) == 13
    reconfirmed = {item.form for item in await play.invitations() if item.reconfirm}
    assert (len(cascade.again), reconfirmed) == (2, {"approval", "practical-information"})
    said = [line.nl for line in in_words(cascade, AMSTERDAM)]
    assert "13 mensen krijgen een mail met de oude en de nieuwe datum." in said
    assert "Praktische informatie: was do 29 okt, wordt do 19 nov, komt opnieuw." in said
    assert any(line.startswith("Opnieuw gevraagd: ") for line in said)
    assert {line.stage for line in cascade.steps} == set(Stage)


@pytest.mark.chapter("with_date")
async def test_steps_that_come_at_once_and_steps_in_a_holiday_are_told(play: Play) -> None:
    cascade = await seen(play, "2026-10-08")
    at_once = {line.title.nl for line in cascade.steps if line.is_at_once}
    assert {"Wat willen we leren?", "Taken verdelen met het bedrijf"} <= at_once
    assert "Wat willen we leren?: was do 8 okt, wordt meteen; de mail gaat weg." in [
        line.nl for line in in_words(cascade, AMSTERDAM)
    ]
    cascade = await seen(play, "2026-12-22")
    assert [line.en for line in cascade.day_is_free] == ["22-12-2026 is a free day: Kerstvakantie."]
    assert any("is vrij, dus op" in line.nl for line in cascade.steps_off_free_days)


@pytest.mark.chapter("with_date")
async def test_a_free_day_must_be_confirmed(play: Play) -> None:
    before = await play.snapshot()
    with pytest.raises(InHoliday, match=r"22-12-2026 is a free day \(Kerstvakantie\)"):
        await move(play, "2026-12-22")
    assert await play.snapshot() == before
    await move(play, "2026-12-22", in_holiday=True)
    assert told((await play.loaded()).starts_at) == "Tue 22 Dec 13:30"


@pytest.mark.chapter("with_date")
async def test_a_date_that_cannot_be_is_refused_before_it_is_shown(play: Play, runtime: Runtime) -> None:
    with pytest.raises(BadInput, match="has passed"):
        await seen(play, "2026-09-01")
    await steer.cancel(runtime, play.activity_id, "Bedrijf stopt", now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match=r"was cancelled\. Nothing about it can be changed"):
        await seen(play, "2026-11-26")
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        (await session.get_one(Activity, play.activity_id)).status = ActivityStatus.FINISHED
    before = await play.snapshot()
    with pytest.raises(BadInput, match=r"is finished\. Nothing about it can be changed"):
        await move(play, "2026-11-26")
    with pytest.raises(BadInput, match=r"is finished\. Nothing about it can be changed"):
        await steer.cancel(runtime, play.activity_id, "Toch niet", now=await play.now(), actor=play.coordinator)
    assert await play.snapshot() == before


@pytest.mark.chapter("asked")
async def test_more_than_three_weeks_later_the_goals_are_asked_once_more(play: Play, runtime: Runtime) -> None:
    await play.answer("T3", "registration", attend="yes")
    await play.answer("T3", "goals")
    answers = (await asked_form(runtime, (await play.invitation("T3", "goals")).id, await play.now())).answered
    await move(play, "2026-11-27")
    await play.turn()
    goals = await play.invitation("T3", "goals")
    assert (goals.state, goals.reconfirm, goals.next_at) == (InvitationState.SENT, True, None)
    assert (await play.facts()).group_goal, "until it is confirmed the goal still counts"
    page = await asked_form(runtime, goals.id, await play.now())
    assert page.answered == answers, "the own words stand in the form"
    assert not [item for code in TEACHERS if code != "T3" for item in await play.invitations(code) if item.reconfirm]
    await play.to("2026-11-20 12:00")
    reminded = [left for left in play.mails if left.mail == "reminder" and left.to == "T3" and "goals" in left.forms]
    assert reminded == []
    await play.answer("T3", "goals")
    assert not (await play.invitation("T3", "goals")).reconfirm
