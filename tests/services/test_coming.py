"""What happens next, in words; what will do nothing is passed over."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.tables.asking import Invitation, InvitationState
from models.text import Text
from sandwich.services.coming import Coming, what_comes
from tests.support.driver import AMSTERDAM, Play, told

pytestmark = pytest.mark.asyncio

ZONE = "Europe/Amsterdam"


async def coming(play: Play) -> Coming:
    async with play.runtime.store.read() as session:
        found = await what_comes(session, ZONE, await play.now())
    assert found is not None
    return found


@pytest.mark.chapter("with_date")
async def test_a_watch_that_has_nothing_to_miss_is_passed_over_and_the_step_is_named(play: Play) -> None:
    found = await coming(play)
    assert (told(found.at), found.title) == ("Thu 01 Oct 10:00", "Prefab bouwen bij Korteweg")
    assert found.what == Text(
        nl="Docenten uitnodigen, voor Erik Laan, Hanneke Kwak, Ilse Verkade en nog 5",
        en="Invite the teachers, for Erik Laan, Hanneke Kwak, Ilse Verkade and 5 more",
    )


@pytest.mark.chapter("turn")
async def test_a_reminder_names_who_is_reminded_and_of_what(play: Play) -> None:
    found = await coming(play)
    assert found.what.nl == "een herinnering aan Koen Korteweg: Verzoek aan het bedrijf"


@pytest.mark.chapter("with_date")
async def test_every_next_thing_does_something(play: Play) -> None:
    for _ in range(7):
        before = await happened(play)
        found = await coming(play)
        await play.to(f"{found.at.astimezone(AMSTERDAM) + timedelta(minutes=1):%Y-%m-%d %H:%M}")
        assert await happened(play) != before, found


async def happened(play: Play) -> tuple[int, int, int, int]:
    """Count steps, mails, calls and questions that closed."""
    async with play.runtime.store.read() as session:
        closed = list(await session.scalars(select(Invitation.id).where(Invitation.state == InvitationState.CLOSED)))
    return len(play.steps), len(play.mails), len(await play.calls()), len(closed)
