"""What a steering would do, shown before it is done, is what happens then; looking changes nothing."""

from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from models.changes import Change
from models.tables.asking import FELL_AWAY, OPEN
from sandwich.errors import BadInput
from sandwich.services import steer
from sandwich.services.effects import Effects
from sandwich.services.foreseen import (
    foresee_cancelling,
    foresee_day,
    foresee_dropping,
    foresee_hold,
    foresee_new_host,
)
from sandwich.services.new_host import NewHost, change_host
from sandwich.services.on_the_day import change_one
from tests.support.driver import Play, local

pytestmark = pytest.mark.asyncio


async def what_happens(play: Play, effects: Effects, do: Callable[[], Awaitable[None]]) -> None:
    """Do it, and compare what came of it with what was foreseen."""
    was = {item.id: item.state for item in await play.invitations()}
    calls, mails = await play.calls(), len(play.mails)
    await do()
    asked = await play.invitations()
    assert effects.withdrawn == sum(item.state in FELL_AWAY and was.get(item.id) in OPEN for item in asked)
    assert sum(len(one.people) for one in effects.asked) == sum(
        item.state in OPEN and (item.id not in was or (item.reconfirm and was[item.id] not in OPEN)) for item in asked
    )
    assert effects.calls == len({call.id for call in await play.calls()} - {call.id for call in calls})
    await play.deliver()
    assert effects.mails == Counter(left.mail for left in play.mails[mails:])


async def looked(play: Play, look: Callable[[], Awaitable[Effects]]) -> Effects:
    """Look, and see that nothing changed."""
    before = await play.snapshot()
    effects = await look()
    assert await play.snapshot() == before
    return effects


@pytest.mark.chapter("asked")
async def test_cancelling_counts_mails_and_questions(play: Play) -> None:
    now = await play.now()
    effects = await looked(play, lambda: foresee_cancelling(play.runtime, play.activity_id, now=now))
    assert effects.withdrawn > 10
    assert (effects.taken, effects.steps, effects.calls) == (0, (), 0)
    await what_happens(
        play,
        effects,
        lambda: steer.cancel(play.runtime, play.activity_id, "Brand", now=now, actor=play.coordinator),
    )


@pytest.mark.chapter("ready")
async def test_cancelling_near_the_day_counts_appointments_and_the_round_of_calls(play: Play) -> None:
    await play.sleep_to("2026-11-04 10:00")
    now, had = await play.now(), {to for _, to in play.sent("practical-info")}
    effects = await looked(play, lambda: foresee_cancelling(play.runtime, play.activity_id, now=now))
    assert effects.taken == len(had) > 0
    assert effects.calls == 1
    await what_happens(
        play,
        effects,
        lambda: steer.cancel(play.runtime, play.activity_id, "Brand", now=now, actor=play.coordinator),
    )


@pytest.mark.parametrize("tells_host", [False, True])
@pytest.mark.chapter("asked")
async def test_a_hold_counts_who_hears_of_it_and_what_rests(play: Play, tells_host: bool) -> None:
    now = await play.now()
    effects = await looked(play, lambda: foresee_hold(play.runtime, play.activity_id, now=now, tells_host=tells_host))
    assert effects.mails["on-hold"] == (13 if tells_host else 8)
    assert effects.rest == sum(item.state in OPEN for item in await play.invitations())
    await what_happens(
        play,
        effects,
        lambda: steer.hold(
            play.runtime, play.activity_id, "Rust", now=now, actor=play.coordinator, tells_host=tells_host
        ),
    )


@pytest.mark.parametrize("change", Change)
@pytest.mark.chapter("ready")
async def test_a_day_that_goes_otherwise_counts_the_same(play: Play, change: Change) -> None:
    await play.sleep_to("2026-11-05 09:00")
    now = await play.now()
    effects = await looked(play, lambda: foresee_day(play.runtime, play.activity_id, change, now=now, minutes=45))
    assert effects.calls >= 1
    assert bool(effects.taken) is (change is Change.OFF)
    assert bool(effects.renewed) is (change is not Change.OFF)
    await what_happens(
        play,
        effects,
        lambda: change_one(
            play.runtime, play.activity_id, change, "Code rood", minutes=45, now=now, actor=play.coordinator
        ),
    )


@pytest.mark.chapter("turn")
async def test_another_host_counts_what_falls_away_and_what_comes_again(play: Play) -> None:
    now = await play.now()
    spans = [(local("2026-12-10 13:30"), local("2026-12-10 16:30"))]
    host = NewHost("B1", [play.cast.id("P1")], spans)
    effects = await looked(play, lambda: foresee_new_host(play.runtime, play.activity_id, host, now=now))
    assert effects.withdrawn >= 1
    assert [step.title.nl for step in effects.steps if step.comes_again] == ["Verzoek aan het bedrijf"]
    await what_happens(
        play,
        effects,
        lambda: change_host(play.runtime, play.activity_id, host, "Kan niet", now=now, actor=play.coordinator),
    )


@pytest.mark.chapter("asked")
async def test_what_cannot_be_is_refused_before_it_is_shown(play: Play) -> None:
    with pytest.raises(BadInput, match="Cancel the activity instead"):
        await foresee_dropping(play.runtime, play.activity_id, now=await play.now())
