"""The demo's clock: it waits until everything of a moment has happened, and never goes back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.mail import Message, MessageState
from sandwich.demo import moving
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.outbox import queue
from tests.support.browser import BASE, Browser
from tests.support.cast import Cast
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

JSON = {"accept": "application/json"}


async def test_nothing_planned_is_settled_and_has_nothing_next(browser: Browser, now: datetime) -> None:
    said = (await browser.client.get("/demo/clock", headers=JSON)).json()

    assert said["settled"] is True
    assert said["next"] is None
    assert abs(datetime.fromisoformat(said["now"]) - now) < timedelta(seconds=30)


async def test_what_is_due_is_waited_for_and_what_comes_is_named(
    browser: Browser, runtime: Runtime, cast: Cast, now: datetime
) -> None:
    visit = await Visit.start(runtime, cast)

    due = (await browser.client.get("/demo/clock", headers=JSON)).json()
    assert due["settled"] is False
    assert due["waiting"] >= 1
    await happen(visit)
    then = (await browser.client.get("/demo/clock", headers=JSON)).json()

    assert then["settled"] is True
    assert then["next"]["activity"] == "Prefab bouwen bij Korteweg"
    assert datetime.fromisoformat(then["next"]["at"]) > now
    page = await browser.open("/demo/clock")
    assert "Alles van dit moment is gebeurd." in page.text
    assert "Hierna:" in page.text


async def test_a_mail_on_the_line_is_not_settled(runtime: Runtime, cast: Cast) -> None:
    await a_message(runtime, cast, state=MessageState.SENDING)

    assert not (await moving.outlook(runtime)).is_settled


async def test_an_activity_on_hold_is_next_looked_at_after_half_a_year(runtime: Runtime, cast: Cast) -> None:
    visit = await Visit.start(runtime, cast)
    await visit.run()
    now = await runtime.clock.now() + timedelta(hours=2)
    await runtime.clock.set(now)  # the slot is over
    await happen(visit)
    await steer.hold(runtime, visit.activity_id, "Storing", now=now, actor=cast.id("C1"))
    await runtime.clock.set(now + timedelta(days=60))

    seen = await moving.outlook(runtime)

    assert seen.is_settled
    assert seen.next_at is not None
    assert seen.next_at.date() - now.date() == timedelta(days=180)


async def test_next_waits_before_and_after(runtime: Runtime, cast: Cast) -> None:
    now = await runtime.clock.now()
    later = now + timedelta(days=3)
    await a_message(runtime, cast, key="now")
    await a_message(runtime, cast, key="later", due_at=later)
    postman = asyncio.create_task(deliver_slowly(runtime))

    seen = await moving.to_next(runtime, patience=20)

    postman.cancel()
    assert seen.is_settled
    assert seen.now >= later
    async with runtime.store.read() as session:
        sent = {row.key: row.sent_at for row in await session.scalars(select(Message))}
    assert sent["now"] is not None
    assert sent["now"] < later
    assert sent["later"] is not None
    assert sent["later"] >= later


async def test_next_does_not_move_while_something_is_still_due(runtime: Runtime, cast: Cast) -> None:
    await a_message(runtime, cast, key="now")
    await a_message(runtime, cast, key="later", due_at=await runtime.clock.now() + timedelta(days=3))

    seen = await moving.to_next(runtime, patience=0.5)

    assert not seen.is_settled
    assert seen.now < await runtime.clock.now() + timedelta(days=1)
    assert (await moving.outlook(runtime)).waiting == 1


async def test_a_week_stops_at_everything_on_its_way(runtime: Runtime, cast: Cast) -> None:
    now = await runtime.clock.now()
    for day in (2, 4, 9):
        await a_message(runtime, cast, key=str(day), due_at=now + timedelta(days=day))
    postman = asyncio.create_task(deliver_slowly(runtime))

    seen = await moving.to_moment(runtime, now + timedelta(days=7), patience=20)

    postman.cancel()
    assert seen.now >= now + timedelta(days=7)
    async with runtime.store.read() as session:
        sent = {row.key: row.sent_at for row in await session.scalars(select(Message))}
    for day in (2, 4):
        moment = sent[str(day)]
        assert moment is not None
        assert timedelta(0) <= moment - (now + timedelta(days=day)) < timedelta(hours=1)
    assert sent["9"] is None


async def test_the_clock_never_goes_back(browser: Browser, runtime: Runtime) -> None:
    before = await runtime.clock.now()

    with pytest.raises(BadInput):
        await moving.to_moment(runtime, before - timedelta(seconds=1))
    answer = await browser.client.post("/demo/clock", json={"moment": "2026-09-01T10:00:00+02:00"}, headers=JSON)

    assert answer.status_code == 400
    assert "alleen vooruit" in answer.json()["error"]
    assert await runtime.clock.now() >= before


async def test_post_by_script_and_by_form(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    before = await runtime.clock.now()

    by_day = (await browser.client.post("/demo/clock", json={"days": 1})).json()
    assert datetime.fromisoformat(by_day["now"]) - before >= timedelta(days=1)
    moment = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
    to_moment = (await browser.client.post("/demo/clock", json={"moment": moment.isoformat()})).json()
    assert datetime.fromisoformat(to_moment["now"]) - moment < timedelta(minutes=1)
    page = await browser.open("/demo/clock")
    page = await browser.send(page, "/demo/clock", press="days=7")
    assert browser.path == "/demo/clock"
    assert "donderdag 8 oktober 2026" in page.text
    assert "Er kwam geen mail binnen." in page.text


@pytest.mark.parametrize(
    "said", [{}, [], {"to": "yesterday"}, {"days": 0}, {"days": -1}, {"days": "x"}, {"days": 10**9}, {"moment": "soon"}]
)
async def test_what_makes_no_sense_moves_nothing(browser: Browser, runtime: Runtime, said: object) -> None:
    answer = await browser.client.post("/demo/clock", json=said, headers=JSON)

    assert answer.status_code == 400
    assert await runtime.clock.offset() < timedelta(days=1)


async def test_a_form_without_key_or_from_elsewhere_moves_nothing(browser: Browser, runtime: Runtime) -> None:
    bare = await browser.client.post("/demo/clock", data={"days": "1"}, headers={"origin": BASE})
    foreign = await browser.client.post("/demo/clock", json={"days": 1}, headers={"origin": "https://evil.example"})

    assert (bare.status_code, foreign.status_code) == (403, 403)


async def happen(visit: Visit) -> None:
    """Let everything of this moment happen, as worker and delivery do."""
    await visit.run()
    runtime = visit.runtime
    now = await runtime.clock.now()
    from models.tables.activities import PlanStep, StepState

    async with runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        for message in await session.scalars(select(Message).where(Message.due_at <= now)):
            message.state, message.sent_at = MessageState.SENT, now
        for step in await session.scalars(select(PlanStep).where(PlanStep.state == StepState.DONE)):
            step.shown_at = now
        activity = await session.get_one(Activity, visit.activity_id)
        assert activity.wake_at is None or activity.wake_at > now


async def a_message(
    runtime: Runtime,
    cast: Cast,
    *,
    key: str = "k",
    due_at: datetime | None = None,
    state: MessageState = MessageState.QUEUED,
) -> None:
    """Put a mail into the outbox."""
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test") as session:
        message = await queue(
            session,
            key=key,
            mail="login-code",
            person_id=cast.id("C1"),
            activity_id=None,
            due_at=due_at or now,
            now=now,
        )
        assert message is not None
        message.state = state


async def deliver_slowly(runtime: Runtime) -> None:
    """Send what is due, a moment after it is due, as delivery does."""
    while True:
        await asyncio.sleep(0.3)
        now = await runtime.clock.now()
        async with runtime.store.change(now=now, actor="test") as session:
            for message in await session.scalars(
                select(Message).where(Message.state == MessageState.QUEUED, Message.due_at <= now)
            ):
                message.state, message.sent_at = MessageState.SENT, now
