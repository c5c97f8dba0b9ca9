"""What one person gets in a week over all activities, with the settings that everybody begins with (field rule 51)."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Activity
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.mail import Call, Message, MessageState
from models.tables.network import Person
from sandwich.mail import deliver
from sandwich.mail.claim import Holder, claim
from sandwich.mail.deliver import deliver_due
from sandwich.mail.room import QUIET
from sandwich.mail.turns import Rates, due
from sandwich.rules.slots import Pace, leaves_at
from sandwich.services import start as starting
from sandwich.services.cool_down import Asking
from sandwich.services.loaded import load
from sandwich.services.remind import handle_due
from sandwich.services.waking import take_run
from tests.mail.conftest import mailing
from tests.mail.peers import a_script
from tests.mail.queueing import message, put, state
from tests.mail.telling import RUN, ZONE, Telling

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

TWO = 2


@pytest.fixture
def telling(telling: Telling) -> Telling:
    """The activity of the story where nobody set anything."""
    telling.runtime = mailing(telling.runtime, telling.box.port, mails_per_week=TWO)
    return telling


async def another(telling: Telling, number: int, day: str = "2026-11-05") -> Telling:
    """Start one more visit to the same company, with the same people."""
    draft = ActivityDraft.model_validate(
        {
            "kind": "company-visit",
            "title": f"Bezoek {number}",
            "purpose": "trends",
            "company": "B3",
            "coordinator": "C1",
            "hosts": ["P3"],
            "teachers": ["T2", "T3", "T5", "T6"],
            "dates": [{"start": f"{day}T13:30", "end": f"{day}T16:30"}],
            "group_size": 8,
        }
    )
    runtime, actor = telling.runtime, telling.cast.id("C1")
    now = await runtime.clock.now()
    asking = Asking(actor, "Dit is een test.", owner_agrees=True)
    activity_id = await starting.start(runtime, draft, now=now, actor=actor, asking=asking)
    await take_run(runtime, activity_id, RUN, None)
    return replace(telling, activity_id=activity_id)


async def tell_koen(telling: Telling, *others: Telling) -> list[str]:
    """Queue the same news for the host of several activities, due now."""
    return [
        await put(one, "P3", "result-to-host", key=f"{one.activity_id}:news:{number}")
        for number, one in enumerate((telling, *others))
    ]


async def to(telling: Telling, moment: str) -> int:
    """Deliver what is due at a local moment; returns how many messages left."""
    await telling.runtime.clock.set(datetime.fromisoformat(moment).replace(tzinfo=ZONE))
    left = 0
    while done := await deliver_due(telling.runtime):
        left += done
    return left


async def days_of(telling: Telling, code: str) -> list[str]:
    """Return the local days on which somebody got mail that counts."""
    async with telling.runtime.store.read() as session:
        rows = await session.scalars(
            select(Message.counted_on)
            .where(Message.person_id == telling.cast.id(code), Message.counted_on.is_not(None))
            .order_by(Message.counted_on)
        )
        return [f"{day:%a %d %b}" for day in rows]


async def test_of_three_mails_about_three_activities_one_leaves_today_one_tomorrow_one_next_week(
    telling: Telling,
) -> None:
    keys = await tell_koen(telling, await another(telling, 2), await another(telling, 3))
    assert await to(telling, "2026-09-24T10:20") == 1
    waiting = [found for key in keys if (found := await state(telling, key))[0] == "queued"]
    assert waiting == [("queued", "one-a-day")] * 2

    assert await to(telling, "2026-09-25T09:35") == 1
    assert sorted([await state(telling, key) for key in keys])[0] == ("queued", "week-full")
    assert await to(telling, "2026-09-27T12:00") == 0

    assert await to(telling, "2026-09-28T09:35") == 1
    assert {(await state(telling, key))[0] for key in keys} == {"sent"}
    assert await days_of(telling, "P3") == ["Thu 24 Sep", "Fri 25 Sep", "Mon 28 Sep"]
    assert len(telling.to("P3")) == 3


async def test_what_is_never_delayed_leaves_whatever_the_week_was_like_and_uses_nothing_up(telling: Telling) -> None:
    keys = [await put(telling, "P3", mail) for mail in ("day-reminder", "thank-you")]
    other = await another(telling, 2)
    keys += [await put(other, "P3", mail) for mail in ("day-reminder", "thank-you")]
    [news] = await tell_koen(telling)
    await to(telling, "2026-09-24T10:20")
    assert {(await state(telling, key))[0] for key in keys} == {"sent"}
    assert (await state(telling, news))[0] in {"sent", "bundled"}
    # It rode along with the thanks, which leave in any case.
    assert await days_of(telling, "P3") == []


async def test_several_things_in_one_mail_count_once(telling: Telling) -> None:
    keys = [await put(telling, "P3", "result-to-host", key=f"{telling.activity_id}:news:{n}") for n in range(3)]
    assert await to(telling, "2026-09-24T10:20") == 3
    assert sorted([(await state(telling, key))[0] for key in keys]) == ["bundled", "bundled", "sent"]
    assert await days_of(telling, "P3") == ["Thu 24 Sep"]


async def test_the_most_urgent_question_goes_first_and_what_cannot_wait_becomes_a_call_once(telling: Telling) -> None:
    """Six visits ask the same person: four mails fit before their deadlines."""
    tellings = [telling, *[await another(telling, number) for number in range(2, 6)]]
    late = await another(telling, 6, "2026-11-04")  # one day earlier than the others: its deadline is too
    for one in (*tellings, late):
        await one.happen()

    async def asked(one: Telling) -> Message:
        [found] = await one.messages("request")
        return found

    assert (await asked(late)).counted_on is None
    for day in ("2026-09-24", "2026-09-25", "2026-09-28", "2026-09-29", "2026-09-30", "2026-10-01", "2026-10-06"):
        await to(telling, f"{day}T11:35")
    found = [await asked(one) for one in (late, *tellings)]
    assert [one.state for one in found].count(MessageState.SENT) == 4
    assert await days_of(telling, "P3") == ["Thu 24 Sep", "Fri 25 Sep", "Tue 29 Sep", "Wed 30 Sep"]
    left = [one for one in found if one.state is not MessageState.SENT]
    assert [(one.state, one.reason) for one in left] == [(MessageState.SKIPPED, "no-room")] * 2
    for one in left:
        async with telling.runtime.store.read() as session:
            calls = list(
                await session.scalars(select(Call).where(Call.activity_id == one.activity_id, Call.what == "no-room"))
            )
        assert [(call.what, call.person_id, call.step) for call in calls] == [
            ("no-room", telling.cast.id("P3"), "request")
        ]


async def test_of_two_that_wait_for_one_place_the_one_with_the_earlier_deadline_leaves(telling: Telling) -> None:
    later, sooner = await another(telling, 2), await another(telling, 3, "2026-11-03")
    await telling.happen()  # one of this week's two, today
    for one in (later, sooner):
        await one.happen()
    await to(telling, "2026-09-25T11:35")
    [waits], [left] = await later.messages("request"), await sooner.messages("request")
    assert (left.state, waits.state) == (MessageState.SENT, MessageState.QUEUED)


async def test_a_question_that_waits_is_reminded_of_from_the_day_that_it_is_asked(telling: Telling) -> None:
    other = await another(telling, 2)
    await telling.happen()
    before = await telling.invitation("P3", "date-poll")
    await other.happen()
    await deliver_due(telling.runtime)
    [waits] = await other.messages("request")
    after = await other.invitation("P3", "date-poll")
    assert waits.reason == "one-a-day"
    assert after.asked_at == waits.due_at > before.asked_at
    assert (after.next_at or waits.due_at) > (before.next_at or waits.due_at)


async def test_two_processes_that_claim_for_one_person_at_the_same_moment_send_one(telling: Telling) -> None:
    keys = await tell_koen(telling, await another(telling, 2), await another(telling, 3), await another(telling, 4))
    now = await telling.runtime.clock.now()
    rows = [await message(telling, key) for key in keys]
    claimed = await asyncio.gather(
        *(
            claim(telling.runtime, Holder(f"process-{n}", timedelta(seconds=60)), row.id, row.activity_id, now)
            for n, row in enumerate(rows)
        )
    )
    assert len([one for one in claimed if one is not None]) == 1
    assert await days_of(telling, "P3") == ["Thu 24 Sep"]


async def test_what_did_not_arrive_does_not_count(telling: Telling) -> None:
    [key] = await tell_koen(telling)
    async with a_script(RCPT="450 greylisted") as peer:
        await deliver_due(mailing(telling.runtime, peer.port))
    assert await state(telling, key) == ("queued", "deferred")
    assert await days_of(telling, "P3") == []


async def test_what_was_held_up_until_the_evening_waits_for_the_morning(telling: Telling) -> None:
    [key] = await tell_koen(telling)
    assert await to(telling, "2026-09-24T19:00") == 0
    assert await state(telling, key) == ("queued", QUIET)
    due_at = (await message(telling, key)).due_at.astimezone(ZONE)
    assert (due_at.date().isoformat(), due_at.hour in {8, 9}) == ("2026-09-25", True)
    assert await to(telling, "2026-09-25T09:35") == 1


async def test_a_teacher_gets_nothing_in_the_own_holiday_that_can_wait(telling: Telling) -> None:
    key = await put(telling, "T3", "card-withdrawn", about={"by_host": True})
    assert await to(telling, "2026-10-20T11:00") == 0  # a Tuesday in the autumn holiday
    async with telling.runtime.store.read() as session:
        loaded = await load(session, "Europe/Amsterdam", telling.activity_id)
    [teacher] = [one for one in loaded.participations if one.person_id == telling.cast.id("T3")][:1]
    morning = leaves_at(Pace.ROUTINE, await telling.runtime.clock.now(), loaded.calendar_of(teacher), "T3")
    assert (await message(telling, key)).due_at == morning


async def test_a_day_that_became_free_after_a_mail_was_queued_for_it_is_free(telling: Telling) -> None:
    key = await put(telling, "T3", "card-withdrawn", about={"by_host": True})
    now, today = await telling.runtime.clock.now(), date(2026, 9, 24)
    async with telling.runtime.store.change(now=now, actor="test") as session:
        school = (await session.get_one(Person, telling.cast.id("T3"))).school_id
        session.add(
            CalendarBlock(kind=BlockKind.STUDY_DAY, name="Studiedag", first_on=today, last_on=today, school_id=school)
        )
    assert await to(telling, "2026-09-24T11:00") == 0
    assert await state(telling, key) == ("queued", QUIET)
    assert await to(telling, "2026-09-25T09:35") == 1


async def test_an_answer_that_comes_while_its_reminder_is_claimed_is_never_followed_by_it(telling: Telling) -> None:
    """Whatever the order in which the two get the activity: the reminder left first, or it does not leave."""
    await telling.happen()
    await telling.runtime.clock.set(datetime.fromisoformat("2026-10-01T08:31:00").replace(tzinfo=ZONE))
    await handle_due(telling.runtime)
    [reminder] = [one for one in await telling.messages("reminder") if one.state is MessageState.QUEUED]
    await telling.runtime.clock.set(reminder.due_at)
    dates = {"dates": [{"row": key, "label": "", "answer": "suits"} for key in ("date-1", "date-2")]}
    await asyncio.gather(telling.answer("P3", "date-poll", dates), deliver_due(telling.runtime))
    found = await message(telling, reminder.id)
    assert (found.state, found.reason) in {(MessageState.SENT, None), (MessageState.SKIPPED, "answered")}
    assert await deliver_due(telling.runtime) == 0 or (await message(telling, reminder.id)).state is found.state


async def test_a_school_with_a_heap_does_not_hold_up_another(telling: Telling) -> None:
    """Of three that are looked up one is of the company, though eight of a school have waited for longer."""
    for number in range(8):
        await put(telling, "T3", key=f"heap:{number}", late=timedelta(minutes=30))
    news = await put(telling, "P3")
    first = await due(telling.runtime, await telling.runtime.clock.now(), 3)
    assert news in [key for key, _ in first]


async def test_a_domain_over_its_rate_waits_and_no_other(telling: Telling) -> None:
    for number in range(6):
        await put(telling, "T3", key=f"heap:{number}", late=timedelta(minutes=30))
    news = await put(telling, "P3")
    now, rates = await telling.runtime.clock.now(), Rates(2)
    school = {key for key, _ in await due(telling.runtime, now, 100, rates)}
    assert news in school
    assert len(school) == 3
    assert [key for key, _ in await due(telling.runtime, now, 100, rates) if key != news] == []
    later = await due(telling.runtime, now + timedelta(seconds=61), 100, rates)
    assert len([key for key, _ in later if key != news]) == 2


async def test_no_rate_is_no_limit(telling: Telling) -> None:
    for number in range(6):
        await put(telling, "T3", key=f"heap:{number}")
    now = await telling.runtime.clock.now()
    assert len(await due(telling.runtime, now, 100, Rates(0))) == 6
    assert deliver.AT_ONCE > 6


async def test_a_school_may_allow_more(telling: Telling) -> None:
    telling.runtime = mailing(telling.runtime, telling.box.port, mails_per_week=8)
    others = [await another(telling, number) for number in (2, 3)]
    await tell_koen(telling, *others)
    assert await to(telling, "2026-09-24T10:20") == 3
    assert await days_of(telling, "P3") == ["Thu 24 Sep"] * 3
    async with telling.runtime.store.read() as session:
        assert len(list(await session.scalars(select(Activity.id)))) >= 3
