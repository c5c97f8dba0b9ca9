"""How many mails a school sends in an hour (control 18): what is over waits in its place, and holds up nobody else."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.mail import Message
from models.tables.network import Person
from sandwich.mail import deliver
from sandwich.mail.claim import Holder
from sandwich.mail.deliver import deliver_due
from sandwich.mail.quota import FREE
from sandwich.mail.turns import due
from sandwich.runtime import Runtime
from sandwich.services.login import ask_code
from sandwich.services.quotas import HOUR, SENDER, FullHour, full_hours, sender_of, with_sender
from sandwich.store import Store
from tests.mail.conftest import mailing
from tests.mail.peers import Box, a_script
from tests.mail.queueing import attempts, message, put, state
from tests.mail.telling import Telling

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

MOST = 4


@pytest.fixture
def telling(telling: Telling) -> Telling:
    """The activity of the story, in an installation where a school may send few mails in an hour."""
    telling.runtime = mailing(telling.runtime, telling.box.port, mails_per_hour=MOST)
    return telling


async def heap(telling: Telling, number: int, code: str = "T3") -> list[str]:
    """Queue so many mails to one person, the first of them due for longest."""
    return [
        await put(telling, code, key=f"heap:{code}:{place}", late=timedelta(minutes=number - place))
        for place in range(number)
    ]


async def deliver_all(*runtimes: Runtime) -> int:
    """Deliver with each of these at the same time until nothing leaves any more."""
    sent, holders = 0, [Holder(str(place), timedelta(seconds=60)) for place in range(len(runtimes))]
    while done := sum(
        await asyncio.gather(*(deliver_due(one, holder=holder) for one, holder in zip(runtimes, holders, strict=True)))
    ):
        sent += done
    return sent


async def states(telling: Telling, ids: Sequence[str]) -> list[str]:
    """Return where these messages are."""
    return [(await state(telling, key))[0] for key in ids]


async def seen(telling: Telling) -> list[FullHour]:
    """Return whose hour is full."""
    async with telling.runtime.store.read() as session:
        return await full_hours(session, telling.runtime.settings, await telling.runtime.clock.now())


async def test_control_18_what_a_school_sends_above_its_number_waits_in_order_and_leaves_an_hour_later(
    telling: Telling,
) -> None:
    began = await telling.runtime.clock.now()
    ids = await heap(telling, 10)
    to_company = await put(telling, "P3")

    assert await deliver_all(telling.runtime) == MOST + 1
    assert await states(telling, ids) == ["sent"] * MOST + ["queued"] * (10 - MOST)
    assert await states(telling, [to_company]) == ["sent"], "what goes to a company is of the region"
    before = [await message(telling, key) for key in ids[MOST:]]
    [school] = await seen(telling)
    assert school.waiting == 10 - MOST
    assert timedelta() <= school.goes_on_at - (began + HOUR) < timedelta(seconds=30)

    await telling.runtime.clock.set(began + HOUR - timedelta(minutes=1))
    assert await deliver_all(telling.runtime) == 0
    after = [await message(telling, key) for key in ids[MOST:]]
    assert [(one.due_at, one.attempts) for one in after] == [(one.due_at, one.attempts) for one in before]

    await telling.runtime.clock.set(began + HOUR + timedelta(minutes=1))
    assert await deliver_all(telling.runtime) == MOST
    assert await states(telling, ids) == ["sent"] * 2 * MOST + ["queued"] * (10 - 2 * MOST)
    await telling.runtime.clock.set(began + 2 * HOUR + timedelta(minutes=2))
    assert await deliver_all(telling.runtime) == 10 - 2 * MOST
    assert await states(telling, ids) == ["sent"] * 10
    assert [len(await attempts(telling, key)) for key in ids] == [1] * 10
    assert await seen(telling) == []


async def test_control_18_two_processes_send_together_what_one_may(telling: Telling, box: Box) -> None:
    """Many activities, so that each process and each of its lines has something of the school to claim."""
    tellings = [telling, *[await Telling.start(telling.runtime, telling.cast, box) for _ in range(5)]]
    ids = [key for one in tellings for key in [await put(one, "T3"), await put(one, "T5")]]
    assert telling.cast.people["T3"].school_id == telling.cast.people["T5"].school_id
    store = Store(telling.runtime.settings.store_url)
    second = Runtime(telling.runtime.settings, store, telling.runtime.clock, telling.runtime.library)
    try:
        assert await deliver_all(telling.runtime, second) == MOST
    finally:
        await store.close()
    assert Counter(await states(telling, ids)) == {"sent": MOST, "queued": len(ids) - MOST}
    assert len(box.mails) == MOST


async def test_control_18_many_claimed_together_are_counted_one_by_one(
    telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "most_together", lambda _waiting: 8)
    ids = [await put(telling, code) for code in ("T2", "T3", "T5", "T6")]
    schools = Counter(telling.cast.people[code].school_id for code in ("T2", "T3", "T5", "T6"))
    telling.runtime = mailing(telling.runtime, telling.box.port, mails_per_hour=1)
    assert await deliver_all(telling.runtime) == len(schools)
    assert Counter(await states(telling, ids))["sent"] == len(schools)


async def test_control_18_a_heap_that_may_not_leave_hides_nobody_behind_it(telling: Telling) -> None:
    """Ten times what is looked up at a time are looked through: all of them are of a school that may send no more."""
    await heap(telling, 40)
    assert await deliver_all(telling.runtime) == MOST
    news = await put(telling, "P3")
    now = await telling.runtime.clock.now()
    assert [key for key, _ in await due(telling.runtime, now, 1)] == [news]
    telling.runtime = mailing(telling.runtime, telling.box.port, mails_per_hour=0)
    assert news not in [key for key, _ in await due(telling.runtime, now, 1)], "without a number the heap is first"


async def test_control_18_a_code_to_sign_in_with_is_never_held_up(telling: Telling) -> None:
    heaped = await heap(telling, MOST + 1, "C1")
    await deliver_all(telling.runtime)
    now = await telling.runtime.clock.now()
    address = telling.cast.mail("C1")
    await ask_code(telling.runtime, address, now=now, real=now)
    assert (await states(telling, heaped)).count("queued") == 1
    assert await deliver_all(telling.runtime) == 1
    assert telling.box.mails[-1].recipients == (address,)
    assert (await states(telling, heaped)).count("queued") == 1
    assert {"login-code", "own-link", "privacy-code", "privacy-received"} == FREE


async def test_control_18_a_mail_that_was_put_off_is_no_mail_and_one_that_was_refused_is(telling: Telling) -> None:
    async def counted(says: dict[str, str], key: str) -> str | None:
        async with a_script(**says) as peer:
            await deliver_due(mailing(telling.runtime, peer.port, smtp_timeout=1.0))
        [attempt] = await attempts(telling, key)
        return attempt.counts_for

    later = await put(telling, "T2")
    assert await counted({"RCPT": "450 greylisted"}, later) is None
    never = await put(telling, "T3")
    assert await counted({"RCPT": "550 5.1.1 no such user"}, never) == telling.cast.people["T3"].school_id


async def test_control_18_whose_mail_it_is(telling: Telling) -> None:
    """Of the school whose coordinator it comes from, else of its reader's; to a company of the region."""
    runtime, people = telling.runtime, telling.cast.people
    ids = {code: await put(telling, code) for code in ("T2", "T3", "P3", "C1")}
    region = telling.cast.region.id

    async def found() -> dict[str, str]:
        async with runtime.store.read() as session:
            rows = await session.execute(with_sender(select(Message.id, SENDER)).where(Message.id.in_(ids.values())))
            told = dict(rows.all())
            activity = await session.get_one(Activity, telling.activity_id)
            coordinator = await session.get_one(Person, activity.coordinator_id)
            for code, key in ids.items():
                assert told[key] == sender_of(await session.get_one(Person, people[code].id), activity, coordinator)
            return {code: told[key] for code, key in ids.items()}

    assert await found() == {"T2": people["T2"].school_id, "T3": people["T3"].school_id, "P3": region, "C1": region}
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test") as session:
        (await session.get_one(Person, people["C1"].id)).school_id = people["T2"].school_id
    assert set((await found()).values()) == {people["T2"].school_id}
