"""Calendar files of people who leave, come in and come back, as they arrive at a real mail server."""

from datetime import datetime

import pytest
from sqlalchemy import select

from models.roles import Stage
from models.tables.activities import ContactMoment
from models.tables.mail import Message, MessageState
from models.tables.running import Installation
from sandwich.services import steer
from sandwich.services.appointments import LEFT
from sandwich.services.hold import release
from sandwich.store.belonging import ONLY, take_over
from tests.mail.calendars import Entry, entries, files_of, informed, registered, seat
from tests.mail.telling import TITLE, ZONE, Telling
from tests.support.stages import SECRET

pytestmark = pytest.mark.asyncio


async def withdraw(telling: Telling, code: str) -> None:
    """Let the coordinator take somebody out."""
    now = await telling.runtime.clock.now()
    await steer.withdraw(telling.runtime, await seat(telling, code), now=now, actor=telling.cast.id("C1"))


async def test_who_leaves_gets_a_cancellation_of_the_same_event_and_who_comes_an_invitation(telling: Telling) -> None:
    await informed(telling)
    [brought] = await files_of(telling, "T3")
    assert (brought.method, brought.sequence, brought.day) == ("REQUEST", 0, 5)
    now = await telling.runtime.clock.now()
    await steer.replace(telling.runtime, await seat(telling, "T3"), "T9", now=now, actor=telling.cast.id("C1"))
    telling.new()
    await telling.happen()

    mail = telling.to("T3")[-1]
    assert mail.subject == f"{TITLE}: je doet niet meer mee"
    assert "Daan Rietveld doet in jouw plaats mee" in " ".join(mail.body("plain").split())
    [gone] = entries(mail)
    assert gone == Entry("CANCEL", brought.uid, 1, 5, brought.attendee)
    before = telling.to("T3")[-2].message
    assert (mail.message["In-Reply-To"], before["Message-ID"]) == (before["Message-ID"], before["Message-ID"])
    assert before["Message-ID"] in mail.message["References"]
    [comes] = await files_of(telling, "T9")
    assert (comes.method, comes.sequence, comes.attendee) == ("REQUEST", 0, telling.cast.mail("T9"))
    assert comes.uid != brought.uid
    assert [entry for one in ("T2", "T5", "P3") for entry in (await files_of(telling, one))[1:]] == []

    # Back again, moved, and the whole called off: every file has a higher number than the one before it.
    await steer.replace(telling.runtime, await seat(telling, "T9"), "T3", now=now, actor=telling.cast.id("C1"))
    await telling.go("2026-10-30T11:00")
    span = (datetime(2026, 11, 19, 13, 30, tzinfo=ZONE), datetime(2026, 11, 19, 16, 30, tzinfo=ZONE))
    now = await telling.runtime.clock.now()
    await steer.move(telling.runtime, telling.activity_id, [span], "Storm", now=now, actor=telling.cast.id("C1"))
    await telling.happen()
    await steer.cancel(telling.runtime, telling.activity_id, "Brand", now=now, actor=telling.cast.id("C1"))
    await telling.happen()
    mine = await files_of(telling, "T3")
    assert [(one.method, one.sequence, one.day) for one in mine] == [
        ("REQUEST", 0, 5),
        ("CANCEL", 1, 5),
        ("REQUEST", 2, 5),
        ("REQUEST", 3, 19),
        ("CANCEL", 4, 19),
    ]
    assert {one.uid for one in mine} == {brought.uid}
    assert [one.method for one in await files_of(telling, "T9")] == ["REQUEST", "CANCEL"]


async def test_only_the_meetings_that_are_still_to_come_are_taken_out(telling: Telling) -> None:
    await telling.date_agreed()
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        session.add(
            ContactMoment(
                activity_id=telling.activity_id,
                number=2,
                starts_at=datetime(2026, 11, 12, 13, 30, tzinfo=ZONE),
                ends_at=datetime(2026, 11, 12, 16, 30, tzinfo=ZONE),
            )
        )
    await telling.go("2026-10-08T11:00")
    await registered(telling)
    now = await telling.runtime.clock.now()
    await steer.override_gate(telling.runtime, telling.activity_id, Stage.BEFORE, "Toch", now=now, actor="C1")
    await telling.go("2026-10-29T11:00")
    await withdraw(telling, "T3")
    await telling.happen()
    mine = await files_of(telling, "T3")
    assert [(one.method, one.day) for one in mine] == [
        ("REQUEST", 5),
        ("REQUEST", 12),
        ("CANCEL", 5),
        ("CANCEL", 12),
    ]
    assert [one.uid for one in mine[:2]] == [one.uid for one in mine[2:]]
    await telling.go("2026-11-06T11:00")
    await withdraw(telling, "T5")
    await telling.happen()
    assert [(one.method, one.day) for one in await files_of(telling, "T5")][2:] == [("CANCEL", 12)]
    assert "Vervalt: donderdag 12 november" in telling.to("T5")[-1].body("plain")
    assert "5 november" not in telling.to("T5")[-1].body("plain")


async def test_it_waits_with_the_others_after_a_backup_and_can_be_thrown_away(telling: Telling) -> None:
    await informed(telling)
    await withdraw(telling, "T3")
    await withdraw(telling, "T5")
    now = await telling.runtime.clock.now()

    async def put_back() -> None:
        await take_over(telling.runtime.store, SECRET)
        async with telling.runtime.store.maintain() as session:
            installation = await session.get_one(Installation, ONLY)
            installation.backed_up_at = installation.restored_at = now
            installation.released_at = None

    await put_back()
    arrived = len(telling.box.mails)
    await telling.happen()
    assert len(telling.box.mails) == arrived
    done = await release(telling.runtime, now=now, actor="test", discard_until=now, anyway=True)
    assert done.discarded == 3, "two who left, and the host who would have heard how many come"
    await telling.happen()
    assert [entry.method for entry in await files_of(telling, "T3")] == ["REQUEST"]
    # Thrown away means that it had left before: nothing stands in that calendar any more.
    await steer.replace(telling.runtime, await seat(telling, "T3"), "T9", now=now, actor=telling.cast.id("C1"))
    await put_back()
    await withdraw(telling, "T6")
    await release(telling.runtime, now=now, actor="test", anyway=True)
    await telling.happen()
    assert [entry.method for entry in await files_of(telling, "T6")] == ["REQUEST", "CANCEL"]
    async with telling.runtime.store.read() as session:
        rows = list(await session.scalars(select(Message).where(Message.mail == LEFT)))
    states = sorted((row.person_id == telling.cast.id("T6"), row.state) for row in rows)
    assert states == [
        (False, MessageState.DISCARDED),
        (False, MessageState.DISCARDED),
        (True, MessageState.SENT),
    ]
