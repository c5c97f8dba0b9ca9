"""A host whose week was full gets the card later, and then as long to look at it (field rules 16 and 51)."""

from datetime import datetime

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.activities import StepState
from models.tables.asking import InvitationState
from models.tables.mail import Message, MessageState
from sandwich.runtime import Runtime
from sandwich.services.invite import set_moments
from sandwich.services.loaded import load
from sandwich.services.settle import settle
from tests.support.cast import Cast
from tests.support.driver import Play, local, told

pytestmark = pytest.mark.asyncio


async def previewed(runtime: Runtime, cast: Cast, leaves_at: str) -> Play:
    """Play to the preview, the mail about which waits until ``leaves_at`` as one does for which there is no room."""
    play = await (await Play.begin(runtime, cast)).afterwards()
    await play.answer("T2", "impressions")
    await play.runtime.clock.set(local("2026-11-17 10:00"))
    await play.carry()
    await _wait(play, local(leaves_at))
    return play


async def _wait(play: Play, until: datetime) -> None:
    now = await play.now()
    async with play.runtime.store.change(now=now, actor="delivery", stream=play.activity_id) as session:
        loaded = await load(session, "Europe/Amsterdam", play.activity_id)
        asked = await session.merge(await play.invitation("P3", "card-release"))
        assert asked.state is InvitationState.PLANNED
        step = loaded.playbook.step(asked.step)
        [host] = loaded.in_role(Role.HOST_CONTACT)
        asked.asked_at = until
        set_moments(asked, step.asks[0], step, loaded, host)
        [mail] = await session.scalars(
            select(Message).where(Message.mail == "host-preview", Message.state == MessageState.QUEUED)
        )
        mail.due_at = until
        await settle(session, loaded, now)


async def test_silence_counts_from_the_day_on_which_the_card_reached_the_host(runtime: Runtime, cast: Cast) -> None:
    play = await previewed(runtime, cast, "2026-11-23 10:00")
    await play.to("2026-11-24 16:00")
    assert play.sent("host-preview") == [("Mon 23 Nov 10:00", "P3")]
    assert (await play.step("publish")).state is StepState.PLANNED, "it was to be published today"
    facts = await play.facts()
    assert facts.looked_at_until == local("2026-12-01 10:00")
    assert not facts.card_publishable
    await play.to("2026-12-01 12:00")
    published = await play.step("publish")
    assert published.state is StepState.DONE
    assert published.done_at is not None
    assert told(published.done_at) == "Tue 01 Dec 10:00"


async def test_a_yes_publishes_the_card_at_once(runtime: Runtime, cast: Cast) -> None:
    play = await previewed(runtime, cast, "2026-11-23 10:00")
    await play.to("2026-11-25 10:00")
    await play.answer("P3", "card-release", release="released")
    assert (await play.step("publish")).state is StepState.DONE
