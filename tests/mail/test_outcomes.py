"""What follows from an outcome: tried again, failed, unknown, never twice; and what a crash leaves behind."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.asking import InvitationState
from models.tables.mail import AttemptOutcome, Message, MessageState
from models.tables.network import Contact, ContactKind
from models.tables.running import Lease
from sandwich.clock import real_now
from sandwich.mail.claim import Holder, claim
from sandwich.mail.deliver import deliver_due, own_holder, recover, run
from sandwich.mail.outcome import SETUP_WAIT, SLOW_WAITS, WAITS
from sandwich.mail.relay import Relay, Result
from sandwich.rules.slots import SLOT
from sandwich.runtime import Runtime
from sandwich.services.carry_out import carry_out
from tests.mail.conftest import mailing
from tests.mail.peers import DROP, HANG, Script, a_script
from tests.mail.queueing import attempts, message, put, state
from tests.mail.telling import RUN, Telling

pytestmark = pytest.mark.asyncio


def towards(telling: Telling, peer: Script, **more: object) -> Runtime:
    """Return the runtime with its mail going to a scripted server."""
    return mailing(telling.runtime, peer.port, smtp_timeout=1.0, **more)


@pytest.mark.parametrize("says", [{"RCPT": "450 greylisted"}, {"dot": "451 later"}, {"connect": DROP}, {"MAIL": HANG}])
async def test_what_may_work_later_is_tried_later(telling: Telling, says: dict[str, str]) -> None:
    key = await put(telling, "T3")
    before = await telling.runtime.clock.now()
    async with a_script(**says) as peer:
        assert await deliver_due(towards(telling, peer)) == 0

    row = await message(telling, key)
    assert (row.state, row.attempts) == (MessageState.QUEUED, 1)
    waits = SLOW_WAITS if says.keys() & {"RCPT", "dot"} else WAITS
    assert timedelta(0) <= row.due_at - before - waits[0] < timedelta(seconds=30)
    [attempt] = await attempts(telling, key)
    assert attempt.outcome is AttemptOutcome.RETRY
    assert await deliver_due(telling.runtime) == 0, "not before its time"
    await telling.runtime.clock.set(row.due_at + timedelta(seconds=1))
    assert await deliver_due(telling.runtime) == 1
    [_, second] = await attempts(telling, key)
    assert (second.number, second.outcome) == (2, AttemptOutcome.ACCEPTED)
    assert (await message(telling, key)).reason is None
    [mail] = telling.to("T3")
    assert mail.message["Message-ID"] == row.message_id, "a retry is the same mail"


async def test_five_days_of_greylisting_fail_and_a_coordinator_hears_of_it(telling: Telling) -> None:
    key = await put(telling, "T3")
    async with a_script(RCPT="450 greylisted") as peer:
        runtime = towards(telling, peer)
        for _ in range(len(WAITS) + 3):
            await deliver_due(runtime)
            await telling.runtime.clock.set(await telling.runtime.clock.now() + timedelta(days=1, seconds=1))

    assert (await state(telling, key))[0] == "failed"
    assert len(await attempts(telling, key)) == len(WAITS) + 1
    assert [call.what for call in await telling.calls()] == ["mail-failed"]


async def test_one_that_was_tried_before_travels_with_a_newer_one_and_is_tried_again(telling: Telling) -> None:
    old = await put(telling, "P3", "thank-you")
    async with a_script(RCPT="450 greylisted") as peer:
        for _ in range(2):
            await deliver_due(towards(telling, peer))
            await telling.runtime.clock.set((await message(telling, old)).due_at + timedelta(seconds=1))
        new = await put(telling, "P3", "result-to-host", late=timedelta(minutes=1))
        await deliver_due(towards(telling, peer))

    assert [len(await attempts(telling, key)) for key in (old, new)] == [2, 1]
    await telling.runtime.clock.set((await message(telling, old)).due_at + timedelta(seconds=1))
    assert await deliver_due(telling.runtime) == 2


@pytest.mark.parametrize("says", [{"MAIL": "550 sender unknown"}, {"RCPT": "554 5.7.1 Relay access denied"}])
async def test_where_the_server_does_not_want_us_nothing_fails_however_long_it_takes(
    telling: Telling, says: dict[str, str]
) -> None:
    keys = [await put(telling, code) for code in ("T3", "T5")]
    async with a_script(**says) as peer:
        for _ in range(3 * len(WAITS)):
            assert await deliver_due(towards(telling, peer)) == 0
            await telling.runtime.clock.set(await telling.runtime.clock.now() + timedelta(days=1))

    for key in keys:
        row = await message(telling, key)
        assert (row.state, row.reason, row.attempts) == (MessageState.QUEUED, "setup", 0)
        assert await attempts(telling, key) == []
    assert await telling.calls() == []
    await telling.runtime.clock.set(await telling.runtime.clock.now() + SETUP_WAIT)
    assert await deliver_due(telling.runtime) == 2
    assert [len(telling.to(code)) for code in ("T3", "T5")] == [1, 1]


async def test_a_server_that_is_down_is_asked_once_a_round(telling: Telling) -> None:
    for code in ("T2", "T3", "T5"):
        await put(telling, code)
    async with a_script(connect="421 busy") as peer:
        assert await deliver_due(towards(telling, peer)) == 0
        assert peer.connections == 1

    tried = [row for row in await telling.messages("day-reminder") if row.attempts]
    assert len(tried) == 1


async def test_a_dead_box_is_marked_and_the_coordinator_is_asked_to_phone(telling: Telling) -> None:
    key = await put(telling, "T3")
    other = await put(telling, "T5")
    async with a_script(RCPT="550 5.1.1 no such user") as peer:
        await deliver_due(towards(telling, peer))

    assert await state(telling, key) == ("failed", "bounced")
    async with telling.runtime.store.read() as session:
        boxes = await session.scalars(
            select(Contact).where(Contact.person_id == telling.cast.id("T3"), Contact.kind == ContactKind.MAIL)
        )
        assert [box.is_valid for box in boxes] == [False]
        phones = await session.scalars(
            select(Contact).where(Contact.person_id == telling.cast.id("T3"), Contact.kind == ContactKind.PHONE)
        )
        assert [phone.is_valid for phone in phones] == [True]
    calls = await telling.calls()
    assert [(call.what, call.person_id) for call in calls] == [
        ("bounced", telling.cast.id("T3")),
        ("bounced", telling.cast.id("T5")),
    ]
    assert await state(telling, other) == ("failed", "bounced")
    await deliver_due(telling.runtime)
    [mail] = telling.to("C1")
    assert telling.cast.phone("T3") in mail.body("plain")


async def test_a_refused_mail_leaves_the_address_as_it_is(telling: Telling) -> None:
    key = await put(telling, "T3")
    async with a_script(dot="554 5.7.1 looks like spam") as peer:
        await deliver_due(towards(telling, peer))

    assert await state(telling, key) == ("failed", "refused")
    assert [call.what for call in await telling.calls()] == ["mail-failed"]
    async with telling.runtime.store.read() as session:
        boxes = list(await session.scalars(select(Contact).where(Contact.person_id == telling.cast.id("T3"))))
        assert all(box.is_valid for box in boxes)


@pytest.mark.parametrize("says", [DROP, HANG])
async def test_control_10_an_outcome_that_nobody_can_know_is_kept_apart_and_never_sent_again(
    telling: Telling, says: str
) -> None:
    await telling.date_agreed()
    telling.new()
    key = await put(telling, "T3")
    async with a_script(dot=says) as peer:
        await deliver_due(towards(telling, peer))
        assert len(peer.mails) == 1

    assert await state(telling, key) == ("unknown", "unknown")
    [attempt] = await attempts(telling, key)
    assert attempt.outcome is AttemptOutcome.UNKNOWN
    assert "mail-unknown" in [call.what for call in await telling.calls()]
    await telling.runtime.clock.set(await telling.runtime.clock.now() + timedelta(days=30))
    await deliver_due(telling.runtime)
    assert telling.to("T3") == []


async def test_an_invitation_whose_mail_may_have_arrived_counts_as_asked(telling: Telling) -> None:
    await carry_out(telling.runtime, telling.activity_id, "request", RUN)
    await telling.runtime.clock.set(await telling.runtime.clock.now() + SLOT)
    async with a_script(dot=DROP) as peer:
        await deliver_due(towards(telling, peer))

    assert (await telling.invitation("P3", "date-poll")).state is InvitationState.SENT


async def test_mail_to_the_coordinator_that_fails_makes_a_call_without_a_mail(telling: Telling) -> None:
    await put(telling, "C1")
    async with a_script(RCPT="550 5.1.1 no such user") as peer:
        await deliver_due(towards(telling, peer))

    assert [call.what for call in await telling.calls()] == ["bounced"]
    assert await telling.messages("call") == []


async def test_control_10_a_crash_between_attempt_and_outcome_is_found_when_its_lease_is_over(telling: Telling) -> None:
    key = await put(telling, "T3")
    now = await telling.runtime.clock.now()
    dead = Holder("a process that dies", timedelta(seconds=60))
    claimed = await claim(telling.runtime, dead, key, telling.activity_id, now)
    assert claimed is not None
    async with Relay(telling.runtime.settings) as relay:
        assert (await relay.send(claimed.composed)).result is Result.ACCEPTED
    # ... and here the process is killed.

    assert await recover(telling.runtime, now) == 0, "its lease still runs"
    assert (await state(telling, key))[0] == "sending"
    await deliver_due(telling.runtime)
    assert len(telling.to("T3")) == 1
    await _end_leases(telling)

    await deliver_due(telling.runtime)

    assert await state(telling, key) == ("unknown", "unknown")
    [attempt] = await attempts(telling, key)
    assert attempt.outcome is AttemptOutcome.UNKNOWN
    assert [call.what for call in await telling.calls()] == ["mail-unknown"]
    await deliver_due(telling.runtime)
    assert len(telling.to("T3")) == 1, "never sent again"


async def test_what_was_claimed_without_an_attempt_waits_again(telling: Telling) -> None:
    key = await put(telling, "T3")
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        (await session.get_one(Message, key)).state = MessageState.SENDING

    assert await deliver_due(telling.runtime) == 1
    assert (await state(telling, key))[0] == "sent"
    assert len(telling.to("T3")) == 1


async def test_a_moved_clock_does_not_end_a_lease(telling: Telling) -> None:
    key = await put(telling, "T3")
    holder = Holder("busy", timedelta(seconds=60))
    await claim(telling.runtime, holder, key, telling.activity_id, await telling.runtime.clock.now())

    await telling.runtime.clock.set(await telling.runtime.clock.now() + timedelta(days=30))

    assert await recover(telling.runtime, await telling.runtime.clock.now()) == 0
    assert (await state(telling, key))[0] == "sending"


async def test_a_lease_lasts_longer_than_the_slowest_server_may_take(telling: Telling) -> None:
    runtime = mailing(telling.runtime, 25, smtp_timeout=30.0)

    assert own_holder(runtime).length > timedelta(seconds=9 * 30)


async def test_the_loop_goes_on_and_stops_when_told(telling: Telling) -> None:
    await put(telling, "T3")
    stop = asyncio.Event()
    loop = asyncio.create_task(run(telling.runtime, stop))
    while not telling.to("T3"):  # noqa: ASYNC110 - what arrives at a server has no event
        await asyncio.sleep(0.02)
    await put(telling, "T5")
    while not telling.to("T5"):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    stop.set()

    await asyncio.wait_for(loop, 10)
    async with telling.runtime.store.read() as session:
        assert list(await session.scalars(select(Lease))) == []


async def test_the_last_thank_you_settles_the_activity(telling: Telling) -> None:
    await put(telling, "P3", "thank-you", key=f"{telling.activity_id}:thank-you:thank-you:x:1")
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        activity = await session.get_one(Activity, telling.activity_id)
        activity.wake_at = now + timedelta(days=400)

    await deliver_due(telling.runtime)

    async with telling.runtime.store.read() as session:
        activity = await session.get_one(Activity, telling.activity_id)
        assert activity.wake_at is not None
        assert activity.wake_at < now + timedelta(days=399)


async def _end_leases(telling: Telling) -> None:
    async with telling.runtime.store.maintain() as session:
        for lease in await session.scalars(select(Lease)):
            lease.until = real_now() - timedelta(seconds=1)
