"""What people type reaches the coordinator: each call knows its answer, and says the words that decide."""

from datetime import datetime

import pytest

from models.tables.mail import CallState
from models.text import Language
from sandwich.runtime import Runtime
from sandwich.services import collect
from sandwich.services.call_lines import CallLine
from sandwich.services.call_words import CallAction
from sandwich.services.overview import one
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.worded import worded

pytestmark = pytest.mark.asyncio

DATES = {"dates__date_1__answer": "suits", "dates__date_2__answer": "suits"}


async def lines(play: Play) -> list[CallLine]:
    """Return the calls as the board shows them."""
    async with play.runtime.store.read() as session:
        return list((await one(session, play.runtime.settings, play.activity_id, await play.now())).calls)


async def said(play: Play) -> dict[str, list[str]]:
    """Return what is quoted of the answers, by call."""
    return {line.what: [words.to(Language.DUTCH) for _, words in line.quote] for line in await lines(play)}


async def change(play: Play, code: str, key: str = "k", **answers: str) -> collect.Outcome:
    """Let somebody report a change by the link in the foot of a mail."""
    own = await play.participation(code)
    fields = {name: [value] for name, value in {"tell_others": "no", **answers}.items()}
    outcome = await collect.report_change(play.runtime, own.id, "change", fields, now=await play.now(), key=key)
    assert outcome.accepted, outcome.problems
    await play.turn()
    return outcome


@pytest.mark.chapter("asked")
async def test_a_message_to_the_coordinator_is_quoted_on_the_call_and_stays_out_of_the_subject(play: Play) -> None:
    outcome = await change(play, "T3", what="other", remark="Mag mijn hond mee?")
    assert not outcome.has_left
    assert await said(play) == {"change-other": ["Mag mijn hond mee?"]}
    assert "hond" not in (await worded(play, "call", "C1")).subject
    # Another message is another call: nothing that was written is pushed away by it.
    await change(play, "T3", "k2", what="other", remark="En mijn kat?")
    assert await play.open_calls() == ["change-other", "change-other"]


@pytest.mark.chapter("asked")
async def test_a_remark_below_any_form_reaches_the_coordinator_once(play: Play) -> None:
    await play.answer("T3", "registration", attend="yes", remark="Ik eet geen vlees")
    await play.answer("P3", "task-division", agree="changes", max_group="8", counter="Minder", remark="Bel gerust")
    assert await said(play) == {"remark": ["Ik eet geen vlees"], "counter-proposal": ["Minder", "Bel gerust"]}


@pytest.mark.chapter("turn")
async def test_the_same_other_person_named_twice_is_one_call_and_one_mail(play: Play) -> None:
    await play.answer("P3", "date-poll", other_person="Mevrouw Berk", **DATES)
    first = (await play.calls())[0].submission_id
    await play.answer("P3", "date-poll", other_person="Mevrouw Berk", **DATES)
    assert await play.open_calls() == ["other-person"]
    assert (await play.calls())[0].submission_id not in {None, first}
    assert len(play.sent("call")) == 1
    await play.answer("P3", "date-poll", other_person="Anna Berk", **DATES)
    assert await said(play) == {"other-person": ["Anna Berk"]}
    assert [call.what for call in await play.calls(CallState.DROPPED)] == ["other-person"]
    await play.answer("P3", "date-poll", **DATES)
    assert await play.open_calls() == []


@pytest.mark.chapter("asked")
async def test_a_call_about_somebody_else_leads_to_the_place_that_is_taken_over(play: Play) -> None:
    await change(play, "T2", what="replaced", replacement="Lisa van Rijn", replacement_email="lisa@kompas.example")
    [line] = await lines(play)
    assert (line.action, line.seat) == (CallAction.REPLACE, (await play.participation("T2")).id)
    assert [words.nl for _, words in line.quote] == ["Lisa van Rijn", "lisa@kompas.example"]


@pytest.mark.chapter("asked")
async def test_who_cannot_come_has_left(play: Play) -> None:
    assert (await change(play, "T3", what="cannot", why="timetable")).has_left
    assert await said(play) == {"change-cannot": ["Rooster"]}


@pytest.mark.chapter("asked")
async def test_a_call_about_nobody_says_whose_number_it_shows(play: Play, runtime: Runtime, cast: Cast) -> None:
    now: datetime = await play.now()
    async with runtime.store.change(now=now, actor="test", stream=play.activity_id) as session:
        from sandwich.services.calls import open_call

        await open_call(session, (await play.loaded()).activity, "below-minimum", key="k", now=now, mail=None)
    [line] = await lines(play)
    assert (line.person, line.phone, line.phone_of) == (None, cast.phone("P3"), cast.name("P3"))
