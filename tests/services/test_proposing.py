"""Moving before the host chose a date: other days are proposed, or the one that was agreed on is fixed."""

import pytest

from models.tables.asking import InvitationState
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.cascade import foresee
from sandwich.services.cascade_words import in_words
from tests.support.cast import Cast
from tests.support.driver import AMSTERDAM, Play, local, told
from tests.support.worded import in_one_line, worded

pytestmark = pytest.mark.asyncio

DAYS = tuple((local(f"{day} 13:30"), local(f"{day} 16:30")) for day in ("2026-11-26", "2026-11-19"))


async def propose(play: Play, *, agreed: bool = False) -> None:
    """Move to other days."""
    days = DAYS[:1] if agreed else DAYS
    now, actor = await play.now(), play.coordinator
    await steer.move(play.runtime, play.activity_id, days, "Storm", now=now, actor=actor, agreed=agreed)
    await play.turn()


async def test_a_host_who_was_asked_is_asked_about_the_new_days(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.turn()
    await play.answer("P3", "date-poll", dates__date_1__answer="impossible", dates__date_2__answer="impossible")
    cascade = await foresee(runtime, play.activity_id, DAYS, now=await play.now())
    assert f"{cast.name('P3')} krijgt het verzoek opnieuw." in [line.nl for line in in_words(cascade, AMSTERDAM)]
    await propose(play)
    assert not (await play.facts()).date_fixed
    assert await play.open_calls() == []
    assert [to for _, to in play.sent("request")] == ["P3", "P3"]
    text = in_one_line((await worded(play, "request", "P3")).text)
    assert "donderdag 26 november" in text
    assert "donderdag 5 november" not in text
    assert "eerder voorstelden, gelden niet meer" in text
    assert (await play.invitation("P3", "date-poll", 1)).state is InvitationState.WITHDRAWN
    await play.answer("P3", "date-poll", dates__date_1__answer="impossible", dates__date_2__answer="suits")
    assert told((await play.loaded()).starts_at) == "Thu 19 Nov 13:30"


async def test_a_request_that_has_not_left_leaves_with_the_new_days(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.carry()
    await propose(play)
    assert [to for _, to in play.sent("request")] == ["P3"]
    text = in_one_line((await worded(play, "request", "P3")).text)
    assert "donderdag 26 november" in text
    assert "eerder voorstelden" not in text


async def test_a_day_that_was_agreed_on_is_fixed(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast)
    await play.turn()
    await propose(play, agreed=True)
    assert (await play.facts()).date_fixed
    assert told((await play.loaded()).starts_at) == "Thu 26 Nov 13:30"
    assert (await play.invitation("P3", "date-poll")).state is InvitationState.CLOSED
    assert len(play.sent("request")) == 1
