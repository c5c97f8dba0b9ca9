"""Delivery into a real mail server: once, in thread, and only what is still needed."""

import asyncio
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import select

from models.tables.activities import Activity, ActivityStatus, Participation, Standing
from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Call, CallState, Message, MessageState
from models.tables.network import Channel, Contact, Person
from sandwich.mail import turns
from sandwich.mail.claim import Holder
from sandwich.mail.deliver import deliver_due
from sandwich.mail.outcome import WAITS
from sandwich.services.outbox import NeededIf, queue
from tests.mail.conftest import FOLLOWED
from tests.mail.queueing import attempts, look_again, message, put, state
from tests.mail.telling import TITLE, Telling

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

WEEKEND = timedelta(days=3)


async def test_a_request_arrives_once_with_all_that_it_needs(telling: Telling) -> None:
    await telling.happen()

    [mail] = telling.new()
    parsed = mail.message
    assert mail.sender == "sandwich@grienden.example"
    assert mail.recipients == (telling.cast.mail("P3"),)
    assert mail.subject == f"{TITLE}: kunt u 8 docenten ontvangen?"
    assert str(parsed["To"]) == f"Koen Korteweg <{telling.cast.mail('P3')}>"
    assert str(parsed["From"]) == "Sandwich <sandwich@grienden.example>"
    assert str(parsed["Reply-To"]) == f"Jolanda Meerdink <{telling.cast.mail('C1')}>"
    assert parsed["Auto-Submitted"] == "auto-generated"
    date = parsed["Date"].datetime.strftime("%Y-%m-%d %H:%M %z")
    assert "2026-09-24 10:00 +0200" <= date < "2026-09-24 11:30 +0200", "somewhere in the slot for first requests"
    assert parsed["Message-ID"].endswith("@grienden.example>")
    assert parsed["List-Id"] == f"<{telling.activity_id}.sandwich.grienden.example>"
    assert parsed["In-Reply-To"] is None
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "donderdag 5 november 2026, 13:30–16:30 uur" in mail.body("plain")
    assert "Jolanda Meerdink" in mail.body("html")
    [row] = await telling.messages("request")
    assert (row.state, row.message_id, row.attempts) == (MessageState.SENT, parsed["Message-ID"], 1)
    assert row.sent_at is not None
    assert (await telling.invitation("P3", "date-poll")).state is InvitationState.SENT
    [attempt] = await attempts(telling, row.id)
    assert (attempt.outcome.value, attempt.code, attempt.number) == ("accepted", 250, 1)
    assert attempt.ended_at is not None
    assert await deliver_due(telling.runtime) == 0
    assert telling.new() == []


async def test_later_mails_to_one_person_about_one_activity_stand_in_its_thread(telling: Telling) -> None:
    for number in range(3):
        await put(telling, "T3", key=f"{telling.activity_id}:thread:{number}")
        assert await deliver_due(telling.runtime) == 1
    await put(telling, "T5")
    await deliver_due(telling.runtime)

    first, second, third = (mail.message for mail in telling.to("T3"))
    assert first["References"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["In-Reply-To"] == second["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]
    assert len({first["Message-ID"], second["Message-ID"], third["Message-ID"]}) == 3
    [other] = telling.to("T5")
    assert other.message["References"] is None


async def test_two_deliverers_at_once_send_every_mail_once(telling: Telling) -> None:
    ids = [await put(telling, code) for code in ("T2", "T3", "T5", "T6", "P3")]
    holders = [Holder(name, timedelta(seconds=60)) for name in ("one", "two")]

    sent = await asyncio.gather(*(deliver_due(telling.runtime, holder=holder) for holder in holders))

    assert sum(sent) == len(ids)
    assert sorted(mail.recipients[0] for mail in telling.new()) == sorted(
        telling.cast.mail(code) for code in ("T2", "T3", "T5", "T6", "P3")
    )
    assert [await state(telling, key) for key in ids] == [("sent", None)] * len(ids)


async def test_what_is_due_later_waits(telling: Telling) -> None:
    key = await put(telling, "T3", late=-timedelta(minutes=1))

    assert await deliver_due(telling.runtime) == 0
    assert await state(telling, key) == ("queued", None)


async def test_several_things_for_one_person_go_in_one_mail(telling: Telling) -> None:
    told = await put(telling, "P3", "thank-you")
    more = await put(telling, "P3", "result-to-host")
    alone = await put(telling, "P3", "day-reminder")
    other = await put(telling, "T3", "day-reminder")

    assert await deliver_due(telling.runtime) == 4

    first, second = sorted(telling.to("P3"), key=lambda mail: len(mail.data))
    assert {await state(telling, key) for key in (alone, other)} == {("sent", None)}
    assert sorted([(await state(telling, told))[0], (await state(telling, more))[0]]) == ["bundled", "sent"]
    carried = next(row for row in [await message(telling, told), await message(telling, more)] if row.carrier_id)
    assert carried.carrier_id in {told, more}
    assert carried.message_id == second.message["Message-ID"]
    assert "Dank u wel, ook aan de collega's" in " ".join(second.body("plain").split())
    assert "Wij vroegen hun wat er in de klas" in " ".join(second.body("plain").split())
    assert second.body("html").count("<h1") == 1
    assert "Morgen om" in first.body("plain") or "om 13:30" in first.subject


async def test_mails_of_one_wake_wait_for_each_other_but_not_for_a_wake_that_died(
    telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "FOLLOWED", FOLLOWED)
    now = await telling.runtime.clock.now()
    await look_again(telling, now)
    await put(telling, "P3", "thank-you")
    assert await deliver_due(telling.runtime) == 0, "the flow has more steps to carry out at this moment"
    await put(telling, "P3", "result-to-host")
    await look_again(telling, now + timedelta(days=1))
    assert await deliver_due(telling.runtime) == 2
    assert len(telling.new()) == 1

    await look_again(telling, now)
    late = await put(telling, "T5")
    assert await deliver_due(telling.runtime) == 0
    await telling.runtime.clock.set(now + 2 * FOLLOWED)
    assert await deliver_due(telling.runtime) == 1
    assert await state(telling, late) == ("sent", None)


async def test_a_question_and_its_neighbour_become_lines_behind_one_button(telling: Telling) -> None:
    await telling.date_agreed()
    await telling.happen()
    telling.new()
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        asked = list(await session.scalars(select(Invitation).where(Invitation.activity_id == telling.activity_id)))
        first = asked[0]
        twin = Invitation(
            activity_id=first.activity_id,
            step="again",
            form=first.form,
            form_digest=first.form_digest,
            participation_id=first.participation_id,
            mail="goals",
            state=InvitationState.PLANNED,
            asked_at=now,
            profile=first.profile,
        )
        first.state = InvitationState.DRAFT
        session.add(twin)
        await session.flush()
        person = await session.scalar(select(Participation.person_id).where(Participation.id == first.participation_id))
        assert person is not None
        for number, (mail, one) in enumerate((("goals", twin), ("reminder", first))):
            await queue(
                session,
                key=f"{telling.activity_id}:both:{number}",
                mail=mail,
                person_id=person,
                activity_id=telling.activity_id,
                participation_id=first.participation_id,
                invitation_id=one.id,
                about={"invitations": [one.id]},
                needed_if=NeededIf.INVITATION_OPEN,
                due_at=now,
                now=now,
            )

    assert await deliver_due(telling.runtime) == 2

    [mail] = telling.new()
    assert "(2 minuten)" in mail.body("plain")
    async with telling.runtime.store.read() as session:
        assert (await session.get_one(Invitation, twin.id)).state is InvitationState.SENT
        assert (await session.get_one(Invitation, first.id)).state is InvitationState.DRAFT


async def test_calls_of_one_moment_reach_the_coordinator_together(telling: Telling) -> None:
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        for number, what in enumerate(("no-date", "below-minimum")):
            one = Call(
                key=f"call-{number}",
                activity_id=telling.activity_id,
                what=what,
                person_id=telling.cast.id("P3"),
                state=CallState.OPEN,
                due_at=now,
                opened_at=now,
            )
            session.add(one)
            await session.flush()
            await queue(
                session,
                key=f"{telling.activity_id}:call:{number}",
                mail="call",
                person_id=telling.cast.id("C1"),
                activity_id=telling.activity_id,
                about={"call_id": one.id},
                needed_if=NeededIf.CALL_OPEN,
                due_at=now,
                now=now,
            )

    await deliver_due(telling.runtime)

    [mail] = telling.to("C1")
    text = mail.body("plain")
    assert mail.subject == f"{TITLE}: actie nodig, 2 dingen"
    assert text.count(f"Telefoon: {telling.cast.phone('P3')}") == 2
    assert f"http://127.0.0.1:8000/board/{telling.activity_id}" in text
    assert "/f/" not in text


@pytest.mark.parametrize(
    ("change", "needed_if", "expected"),
    [
        ("answered", NeededIf.INVITATION_OPEN, ("skipped", "answered")),
        ("left", NeededIf.ACTIVE, ("skipped", "left")),
        ("cancelled", NeededIf.ACTIVE, ("skipped", "cancelled")),
        ("cancelled", NeededIf.ACTIVITY_LIVE, ("skipped", "cancelled")),
        ("on_hold", NeededIf.ACTIVE, ("queued", "on-hold")),
        ("cancelled", None, ("sent", None)),
        ("no_mail", None, ("skipped", "no-mail")),
        ("erased", None, ("skipped", "erased")),
        ("phones", None, ("skipped", "phones")),
        ("no_address", None, ("failed", "no-address")),
        ("done", NeededIf.CALL_OPEN, ("skipped", "done")),
    ],
)
async def test_it_is_looked_at_again_whether_a_mail_is_needed(
    telling: Telling, change: str, needed_if: NeededIf | None, expected: tuple[str, str | None]
) -> None:
    await telling.happen()
    telling.new()
    poll = await telling.invitation("P3", "date-poll")
    about = {"invitations": [poll.id]} if needed_if is NeededIf.INVITATION_OPEN else {"call_id": "none"}
    key = await put(telling, "P3", about=about, needed_if=needed_if)
    await _change(telling, change, poll.id)

    await deliver_due(telling.runtime)

    assert await state(telling, key) == expected
    assert len(telling.new()) == (expected[0] == "sent")
    if expected[1] == "on-hold":
        now = await telling.runtime.clock.now()
        assert (await message(telling, key)).due_at > now + timedelta(hours=23)
    if change == "no_address":
        assert [call.what for call in await telling.calls()] == ["no-address"]


async def _change(telling: Telling, change: str, invitation_id: str) -> None:
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        activity = await session.get_one(Activity, telling.activity_id)
        person = await session.get_one(Person, telling.cast.id("P3"))
        match change:
            case "answered":
                (await session.get_one(Invitation, invitation_id)).state = InvitationState.ANSWERED
            case "left":
                rows = await session.scalars(select(Participation).where(Participation.person_id == person.id))
                for row in rows:
                    row.standing = Standing.WITHDRAWN
            case "cancelled":
                activity.status = ActivityStatus.CANCELLED
            case "on_hold":
                activity.status = ActivityStatus.ON_HOLD
            case "no_mail":
                person.no_mail = True
            case "erased":
                person.erased_on = now.date()
            case "phones":
                person.channel = Channel.PHONE
            case "no_address":
                for contact in await session.scalars(select(Contact).where(Contact.person_id == person.id)):
                    contact.is_valid = False


async def test_a_question_to_somebody_who_phones_becomes_a_call(telling: Telling) -> None:
    await _change(telling, "phones", "")
    await telling.happen()

    assert telling.to("P3") == []
    [row] = await telling.messages("request")
    assert (row.state, row.reason) == (MessageState.SKIPPED, "phones")
    [call] = await telling.calls()
    assert (call.what, call.step, call.person_id) == ("by-phone", "request", telling.cast.id("P3"))


async def test_a_poison_message_holds_up_nobody_and_fails_alone_in_the_end(telling: Telling) -> None:
    poison = await put(telling, "T2", "no-such-mail", late=timedelta(minutes=5))
    fine = [await put(telling, code) for code in ("T3", "T5")]

    assert await deliver_due(telling.runtime) == 2

    assert [(await state(telling, key))[0] for key in fine] == ["sent", "sent"]
    assert await state(telling, poison) == ("queued", "not-worded")
    for _ in WAITS * 3:  # a try that would fall at night or at the weekend waits for the morning
        if (await state(telling, poison))[0] != "queued":
            break
        due = (await message(telling, poison)).due_at
        assert due <= await telling.runtime.clock.now() + max(WAITS) + WEEKEND
        await telling.runtime.clock.set(due + timedelta(seconds=1))
        await deliver_due(telling.runtime)
    assert await state(telling, poison) == ("failed", "not-worded")
    assert (await message(telling, poison)).attempts == len(WAITS) + 1 <= 12
    assert sum(WAITS, timedelta()) <= timedelta(days=5)
    assert [call.what for call in await telling.calls()] == ["mail-failed"]
    await deliver_due(telling.runtime)
    assert len(telling.to("C1")) == 1


async def test_a_poison_sibling_does_not_take_the_others_of_its_bundle_with_it(telling: Telling) -> None:
    poison = await put(telling, "P3", "feedback-participant", alone=True)
    fine = await put(telling, "P3", "thank-you")

    await deliver_due(telling.runtime)

    assert (await state(telling, fine))[0] == "sent"
    assert await state(telling, poison) == ("queued", "not-worded")


async def test_a_condition_that_nobody_knows_is_a_mistake_and_never_a_mail(telling: Telling) -> None:
    key = await put(telling, "T3")
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        (await session.get_one(Message, key)).needed_if = "full moon"

    assert await deliver_due(telling.runtime) == 0
    assert await state(telling, key) == ("queued", "not-worded")


async def test_no_name_or_address_reaches_the_log(telling: Telling, capsys: pytest.CaptureFixture[str]) -> None:
    await put(telling, "T3")
    await put(telling, "T5", "no-such-mail")
    with structlog.testing.capture_logs() as logs:
        await deliver_due(telling.runtime)

    said = repr(logs) + capsys.readouterr().out
    assert len(logs) >= 2
    for word in ("Erik", "Laan", "@", "Aldewereld", TITLE):
        assert word not in said


async def test_hostile_names_and_titles_arrive_as_plain_text(telling: Telling) -> None:
    evil = 'x =?utf-8?q?=0D=0ABcc:_inj@example.com?=\r\nBcc: inj@example.com, "<b>' + "é" * 300
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        (await session.get_one(Activity, telling.activity_id)).title = evil
        for code in ("T3", "C1"):
            person = await session.get_one(Person, telling.cast.id(code))
            person.given_name, person.family_name = evil, "Laan, <x@evil.example>"
    await put(telling, "T3")

    assert await deliver_due(telling.runtime) == 1

    [mail] = telling.new()
    assert mail.recipients == (telling.cast.mail("T3"),)
    assert "Bcc" not in mail.message
    assert [one.addr_spec for one in mail.message["To"].addresses] == [telling.cast.mail("T3")]
    assert [one.addr_spec for one in mail.message["Reply-To"].addresses] == [telling.cast.mail("C1")]
    assert "\n" not in mail.subject
    assert "&lt;b&gt;" in mail.body("html")
