"""What follows from a mail that came in: only from the address asked, only to the right address, and only once."""

from datetime import date, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from models.tables.asking import Submission, Via
from models.tables.incoming import Came, IncomingContent
from models.tables.mail import CallState, Message, MessageState
from models.tables.network import Contact, ContactKind, Person
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import throw_away
from sandwich.mail.deliver import deliver_due
from sandwich.mail.tags import Use, read_tag, tagged
from sandwich.services.erase import erase_person
from sandwich.services.remind import handle_due
from sandwich.services.steer import cancel
from tests.incoming.conftest import REPLY_ADDRESS, Post, a_bounce, a_mail
from tests.mail.peers import Arrived
from tests.mail.queueing import message, put
from tests.mail.telling import ZONE, Telling

pytestmark = pytest.mark.asyncio


async def sent(telling: Telling, code: str, mail: str = "day-reminder") -> tuple[str, Arrived]:
    """Send a mail to somebody; returns its id, and how it arrived."""
    key = await put(telling, code, mail)
    await deliver_due(telling.runtime)
    return key, telling.to(code)[-1]


async def boxes(telling: Telling, code: str) -> list[bool]:
    async with telling.runtime.store.read() as session:
        rows = await session.scalars(
            select(Contact)
            .where(Contact.person_id == telling.cast.id(code), Contact.kind == ContactKind.MAIL)
            .order_by(Contact.position)
        )
        return [row.is_valid for row in rows]


async def test_every_mail_has_addresses_of_its_own_with_nothing_to_read_in_them(telling: Telling, post: Post) -> None:
    key, mail = await sent(telling, "T3")
    _, other = await sent(telling, "T5")
    settings = telling.runtime.settings
    assert mail.sender != other.sender
    assert str(mail.message["From"]).endswith("<sandwich@grienden.example>")
    for address in (mail.sender, post.reply_to(mail)):
        assert len(address.partition("@")[0]) <= 64
        assert address.startswith("antwoord+")
        assert address.endswith("@post.grienden.example")
        assert telling.cast.mail("T3").partition("@")[0] not in address
        found = read_tag(settings, address.upper().replace("POST", "post"))
        assert found is not None
        assert found.id == key
    assert read_tag(settings, mail.sender.replace("antwoord", "ander")) is None
    changed = mail.sender.replace("+b", "+r")
    assert read_tag(settings, changed) is None, "a bounce's tag is no reply's"
    other_key = settings.model_copy(update={"secret_key": type(settings.secret_key)("k" * 40)})
    assert read_tag(other_key, mail.sender) is None


async def test_without_an_address_for_it_everything_is_as_it_was(telling: Telling) -> None:
    plain = telling.runtime.settings.model_copy(update={"reply_address": ""})
    telling.runtime = type(telling.runtime)(
        plain, telling.runtime.store, telling.runtime.clock, telling.runtime.library
    )
    _, mail = await sent(telling, "T3")
    assert mail.sender == "sandwich@grienden.example"
    assert telling.cast.mail("C1") in str(mail.message["Reply-To"])
    assert read_tag(plain, f"{REPLY_ADDRESS}") is None


async def test_a_bounce_marks_the_address_once_and_the_coordinator_phones(telling: Telling, post: Post) -> None:
    key, mail = await sent(telling, "T3")
    other, _ = await sent(telling, "T5")
    first = await post.brings(mail.sender, a_bounce(), "")
    again = await post.brings(mail.sender, a_bounce(), "")

    assert [(await post.row(one)).about for one in (first, again)] == ["bounced", "counted-before"]
    assert ((await message(telling, key)).state, (await message(telling, key)).reason) == (
        MessageState.FAILED,
        "bounced",
    )
    assert (await message(telling, other)).state is MessageState.SENT
    assert [await boxes(telling, code) for code in ("T3", "T5")] == [[False], [True]]
    assert await post.open_calls() == ["bounced"]
    await deliver_due(telling.runtime)
    [told] = telling.to("C1")
    assert telling.cast.phone("T3") in told.body("plain")


async def test_a_full_box_is_no_dead_one_and_a_delay_is_nothing(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    slow = await post.brings(mail.sender, a_bounce("4.4.1", "timed out", "delayed"), "")
    assert ((await post.row(slow)).kind, await post.open_calls()) == (Came.DELAYED, [])
    full = await post.brings(mail.sender, a_bounce("5.2.2", "552 5.2.2 over quota"), "")
    assert ((await post.row(full)).about, await post.open_calls()) == ("not-taken", ["mail-failed"])
    assert await boxes(telling, "T3") == [True]


async def test_control_24_a_bounce_by_a_reply_address_or_after_a_change_has_no_effect(
    telling: Telling, post: Post, capfd: pytest.CaptureFixture[str]
) -> None:
    key, mail = await sent(telling, "T3")
    forged = await post.brings(post.reply_to(mail), a_bounce(), "")
    settings, now = telling.runtime.settings, await telling.runtime.clock.now()
    elsewhere = await post.brings(tagged(settings, Use.BOUNCE, key, "ander@school.example"), a_bounce(), "")
    await telling.runtime.clock.set(now + timedelta(days=40))
    late = await post.brings(mail.sender, a_bounce(), "")

    found = [(await post.row(one)).about for one in (forged, elsewhere, late)]
    assert found == ["not-by-its-address", "address-changed", "expired"]
    assert (await message(telling, key)).state is MessageState.SENT
    assert (await boxes(telling, "T3"), await post.open_calls()) == ([True], [])
    said = "".join(capfd.readouterr())
    assert "not-by-its-address" in said
    assert not [one for one in ("x@y.example", telling.cast.mail("T3")) if one in said]


async def test_a_mail_that_nobody_can_decode_holds_up_no_erasure(telling: Telling, post: Post) -> None:
    """Found by ``make hostile``: a charset with a NUL in its name raised, and all mails are looked through."""
    _, mail = await sent(telling, "T3")
    raw = b"Content-Type: text/plain; charset=a\0b\r\nMessage-ID: <x@y.example>\r\n\r\n\xff Ja"
    key = await post.brings(post.reply_to(mail), raw, "x@y.example")
    assert (await post.row(key)).handled_at is not None
    now = await telling.runtime.clock.now()
    await erase_person(telling.runtime, telling.cast.id("T5"), now=now, actor="test")
    async with telling.runtime.store.read() as session:
        assert (await session.get_one(Person, telling.cast.id("T5"))).erased_on is not None


@pytest.mark.parametrize("use", list(Use))
async def test_control_24_only_we_can_make_an_address_that_we_answer_to(telling: Telling, use: Use) -> None:
    """Whoever knows one address of ours knows no other: not of another message, and not with another code."""
    settings = telling.runtime.settings
    own, other = [tagged(settings, use, await put(telling, code), "t@x.example") for code in ("T3", "T5")]
    found = read_tag(settings, own)
    assert found is not None
    start = len(f"antwoord+{use}{found.id}")
    for place in range(start, own.index("@") - len(found.box)):
        forged = own[:place] + ("a" if own[place] != "a" else "b") + own[place + 1 :]
        assert read_tag(settings, forged) is None, place - start
    assert read_tag(settings, other[:start] + own[start:]) is None, "the code of one message under another"
    for another in set(Use) - {use}:
        assert read_tag(settings, own.replace(f"+{use}", f"+{another}")) is None
    elsewhere = settings.model_copy(update={"secret_key": SecretStr("another installation's own secret key")})
    assert read_tag(elsewhere, own) is None


async def test_the_same_mail_counts_once_however_often_it_is_brought(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    raw = a_mail(telling.cast.mail("T3"), post.reply_to(mail), "Ja")
    assert await post.brings(post.reply_to(mail), raw) is not None
    assert await post.brings(post.reply_to(mail), b"Received: by another server\r\n" + raw) is None
    nameless = raw.replace(b"Message-ID", b"X-Was")
    assert await post.brings(post.reply_to(mail), nameless) is not None
    assert await post.brings(post.reply_to(mail), b"Received: again\r\n" + nameless) is None
    assert len(await post.rows()) == 2


async def test_an_answer_by_reply_is_filled_in(telling: Telling, post: Post) -> None:
    await telling.date_agreed()
    await telling.go("2026-10-02T12:00")
    mail = next(mail for mail in telling.to("T3") if "ga je mee" in mail.subject)
    lines = mail.body("plain").split("\n")
    first = next(at for at, line in enumerate(lines) if line.startswith("Antwoord ["))
    lines[first] += " ja"
    quoted = "\n".join(f"> {line}" for line in lines)
    key = await post.writes("T3", post.reply_to(mail), f"{quoted}\n", f"Re: {mail.subject}")
    assert ((await post.row(key)).kind, (await post.row(key)).about) == (Came.REPLY, "answered")
    async with telling.runtime.store.read() as session:
        [said] = await session.scalars(select(Submission).where(Submission.form == "registration"))
    assert (said.via, said.person_id, said.answers["attend"]) == (Via.MAIL, telling.cast.id("T3"), True)


async def test_what_is_not_certain_is_the_coordinators_with_one_mail_about_it(telling: Telling, post: Post) -> None:
    await telling.go("2026-09-28T11:00")
    [mail] = telling.to("P3")
    telling.new()
    first = await post.writes("P3", post.reply_to(mail), "Bel me even, dan leg ik het uit.")
    row = await post.row(first)
    assert (row.kind, row.call_id is not None) == (Came.REPLY, True)
    [call] = await telling.calls()
    assert (call.id, call.what.partition("-")[0], call.person_id) == (row.call_id, "reply", telling.cast.id("P3"))
    for number in range(5):
        await post.writes("P3", post.reply_to(mail), f"En nog iets, nummer {number} van wat ik wil zeggen.")
    await telling.happen()
    assert [one.recipients for one in telling.new()] == [(telling.cast.mail("C1"),)], "one mail, and none to the sender"
    assert {what.partition("-")[0] for what in await post.open_calls()} == {"reply"}


async def test_what_a_machine_answers_to_a_call_makes_no_other_call(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    await post.brings(mail.sender, a_bounce(), "")
    await deliver_due(telling.runtime)
    [told] = telling.to("C1")
    assert telling.cast.mail("C1") in str(told.message["Reply-To"]), "it is not us who read what a coordinator replies"
    unmarked = await post.writes("C1", told.sender, "Ik ben er even niet.", "Re: actie nodig")
    assert (await post.row(unmarked)).about == "own"
    await telling.happen()
    assert telling.to("C1") == [told]


async def test_control_24_automatic_mail_is_never_answered(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    telling.new()
    for headers in ({"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}):
        key = await post.writes("T3", post.reply_to(mail), "Uw bericht is ontvangen.", **headers)
        assert (await post.row(key)).kind is Came.AUTOMATIC
    key = await post.brings(post.reply_to(mail), a_mail(telling.cast.mail("T3"), "x@y.example", "Ontvangen."), "")
    assert (await post.row(key)).kind is Came.AUTOMATIC, "no sender: no answer"
    await telling.happen()
    assert {one.recipients for one in telling.new()} == {(telling.cast.mail("P3"),)}, "what was to be asked anyway"
    assert await post.open_calls() == []


@pytest.mark.parametrize("code", ["T5", None])
async def test_from_another_address_nothing_follows_but_a_look(telling: Telling, post: Post, code: str | None) -> None:
    _, mail = await sent(telling, "T3")
    author = telling.cast.mail(code) if code else "vreemd@elders.example"
    raw = a_mail(author, post.reply_to(mail), "Ik kom niet.")
    key = await post.brings(post.reply_to(mail), raw, author)
    assert ((await post.row(key)).about, await post.open_calls()) == ("from-elsewhere", ["mail-elsewhere"])
    away = a_mail(author, post.reply_to(mail), "Afwezig t/m 12 oktober", "Automatisch antwoord: x", Auto_Submitted="x")
    key = await post.brings(post.reply_to(mail), away, author)
    assert (await post.row(key)).about == "not-their-own-box"
    async with telling.runtime.store.read() as session:
        assert (await session.get_one(Person, telling.cast.id("T3"))).away_until is None


async def test_long_after_the_end_a_reply_is_shown_and_changes_nothing(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    now = await telling.runtime.clock.now()
    await cancel(telling.runtime, telling.activity_id, "ziek", now=now, actor=telling.cast.id("C1"))
    await telling.runtime.clock.set(now + timedelta(days=40))
    await telling.happen()
    key = await post.writes("T3", post.reply_to(mail), "Ik kom toch.")
    assert (await post.row(key)).about == "expired"
    assert (await post.open_calls())[-1] == "mail-reply"


async def test_encrypted_and_odd_mail_goes_to_the_coordinator(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    words = "-----BEGIN PGP MESSAGE-----\nhQEMA\n-----END PGP MESSAGE-----"
    key = await post.writes("T3", post.reply_to(mail), words)
    assert ((await post.row(key)).about, await post.open_calls()) == ("encrypted", ["mail-closed"])
    flood = b"From: x@y.example\r\n" + b"X-A: b\r\n" * 3000 + b"\r\nja"
    assert (await post.row(await post.brings(post.reply_to(mail), flood))).kind is Came.JUNK


async def test_kept_for_its_term_and_gone_with_its_writer(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    _, other = await sent(telling, "T5")
    mine = await post.writes("T3", post.reply_to(mail), "Ja")
    theirs = await post.writes("T5", post.reply_to(other), "Ja")

    async def left() -> set[str]:
        async with telling.runtime.store.read() as session:
            return set(await session.scalars(select(IncomingContent.incoming_id)))

    assert await left() == {mine, theirs}
    now = await telling.runtime.clock.now()
    await erase_person(telling.runtime, telling.cast.id("T3"), now=now, actor=telling.cast.id("C1"))
    assert await left() == {theirs}
    assert await throw_away(telling.runtime, now + timedelta(days=89)) == 0
    assert await throw_away(telling.runtime, now + timedelta(days=91)) == 1
    assert await left() == set()
    assert (await post.row(theirs)).kind is Came.REPLY, "what it was stays"


async def test_a_mail_that_cannot_be_handled_holds_up_no_other(
    telling: Telling, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, mail = await sent(telling, "T3")
    from sandwich.incoming import handle

    def sort(letter: object, today: date) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(handle, "sort_letter", sort)
    key = await post.writes("T3", post.reply_to(mail), "Ja")
    for _ in range(10):
        await telling.runtime.clock.set(await telling.runtime.clock.now() + timedelta(minutes=20))
        await handle_new(telling.runtime)
    row = await post.row(key)
    assert (row.kind, row.tries, await post.open_calls()) == (Came.UNREADABLE, 5, ["mail-unreadable"])


async def test_reminders_wait_until_somebody_is_back(telling: Telling, post: Post) -> None:
    await telling.go("2026-09-28T11:00")
    [mail] = telling.to("P3")
    words = "Ik ben afwezig t/m woensdag 30 september."
    key = await post.writes("P3", post.reply_to(mail), words, "Automatisch antwoord: x", Auto_Submitted="auto-replied")
    assert (await post.row(key)).about == "away-until 2026-09-30"
    await telling.go("2026-10-02T12:00")
    assert telling.to("P3") == [mail], "on 1 October it would have been the first reminder"
    await telling.go("2026-10-06T12:00")
    assert len(telling.to("P3")) == 2


async def test_a_reminder_that_was_written_already_waits_too(telling: Telling, post: Post) -> None:
    await telling.go("2026-09-28T11:00")
    [mail] = telling.to("P3")
    await telling.runtime.clock.set(datetime(2026, 10, 1, 8, 30, tzinfo=ZONE))
    assert await handle_due(telling.runtime)
    async with telling.runtime.store.read() as session:
        written = await session.scalars(select(Message.state).where(Message.mail == "reminder"))
        assert set(written) == {MessageState.QUEUED}
    words = "Ik ben afwezig t/m zondag 4 oktober."
    await post.writes("P3", post.reply_to(mail), words, "Automatisch antwoord: x", Auto_Submitted="auto-replied")
    await telling.go("2026-10-04T23:00")
    assert telling.to("P3") == [mail]
    await telling.go("2026-10-05T12:00")
    [_, reminder] = telling.to("P3")
    assert "herinnering" in str(reminder.message["Subject"])


async def test_who_is_away_until_it_is_late_is_a_call_and_not_reminded(telling: Telling, post: Post) -> None:
    await telling.go("2026-09-28T11:00")
    [mail] = telling.to("P3")
    words = "I am out of the office and back on Monday 26 October."
    key = await post.writes("P3", post.reply_to(mail), words, "Automatic reply: x", Auto_Submitted="auto-replied")
    assert (await post.row(key)).about == "away-until 2026-10-25"
    await telling.go("2026-10-20T12:00")
    assert telling.to("P3") == [mail]
    assert (await post.open_calls()).count("no-answer") == 1
    async with telling.runtime.store.read() as session:
        person = await session.get_one(Person, telling.cast.id("P3"))
        assert (person.away_from, person.away_until) == (date(2026, 9, 28), date(2026, 10, 25))


async def test_calls_that_are_closed_are_not_opened_again_by_the_same_mail(telling: Telling, post: Post) -> None:
    _, mail = await sent(telling, "T3")
    await post.writes("T3", post.reply_to(mail), "Een")
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        [call] = await telling.calls()
        (await session.merge(call)).state = CallState.DONE
    telling.new()
    await post.writes("T3", post.reply_to(mail), "Twee")
    await telling.happen()
    assert len(await post.open_calls()) == 2, "the second stands on the board"
    assert [one for one in telling.new() if "C1" in str(one.recipients)] == [], "but no second mail within a day"


async def test_what_a_host_proposes_in_the_calendar_is_the_answer_of_the_form(telling: Telling, post: Post) -> None:
    await telling.date_agreed()
    await telling.go("2026-09-28T12:00")
    _, mail = await sent(telling, "P3", "practical-info")
    [event] = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    invite = str(event.get_content())
    flat = invite.replace("\r\n ", "")
    assert "RSVP=TRUE" in flat
    [organiser] = [line.partition("mailto:")[2] for line in flat.splitlines() if line.startswith("ORGANIZER")]
    tag = read_tag(telling.runtime.settings, organiser)
    assert tag is not None
    assert (tag.use, tag.id) == (Use.CALENDAR, telling.activity_id)
    [uid] = [line.removeprefix("UID:") for line in flat.splitlines() if line.startswith("UID:")]

    def reply(method: str, chosen: str, more: str = "", who: str = "P3") -> bytes:
        address = telling.cast.mail(who)
        return (
            f"From: {address}\r\nMessage-ID: <{method}{chosen}{who}{len(more)}@x.example>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/calendar; method={method}; charset=utf-8\r\n\r\n"
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:9\r\n"
            f"ATTENDEE;PARTSTAT={chosen}:mailto:{address}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
        ).encode()

    sender = telling.cast.mail("P3")
    yes = await post.brings(organiser, reply("REPLY", "ACCEPTED"), sender)
    assert ((await post.row(yes)).about, (await post.row(yes)).person_id) == ("accepted 1", telling.cast.id("P3"))
    stranger = await post.brings(organiser, reply("REPLY", "ACCEPTED", who="T3"), sender)
    assert (await post.row(stranger)).about == "other-entry", "an entry belongs to one person"
    assert await post.open_calls() == []
    other = "DTSTART:20261119T123000Z\r\nDTEND:20261119T153000Z\r\nCOMMENT:Een week later?\r\n"
    counter = await post.brings(organiser, reply("COUNTER", "TENTATIVE", other), sender)
    assert (await post.row(counter)).about == "proposed"
    async with telling.runtime.store.read() as session:
        [said] = await session.scalars(select(Submission).where(Submission.form == "change"))
    assert (said.via, said.person_id, said.answers["what"]) == (Via.MAIL, telling.cast.id("P3"), "other-date")
    assert "19-11-2026, 13:30–16:30" in said.answers["help"]
    assert said.answers["remark"] == "Een week later?"
    assert await post.open_calls() == ["change-other-date"]


async def test_a_participant_who_declines_in_the_calendar_has_not_withdrawn(telling: Telling, post: Post) -> None:
    await telling.date_agreed()
    await telling.go("2026-09-28T12:00")
    _, mail = await sent(telling, "T3", "practical-info")
    [event] = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    sent_by_us = str(event.get_content()).replace("\r\n ", "")
    [organiser] = [line.partition("mailto:")[2] for line in sent_by_us.splitlines() if line.startswith("ORGANIZER")]
    own = telling.cast.mail("T3")
    declined = sent_by_us.replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", "DECLINED")
    raw = f"From: {own}\r\nMessage-ID: <1@x>\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n{declined}".encode()
    key = await post.brings(organiser, raw, own)
    assert ((await post.row(key)).about, await post.open_calls()) == ("declined 1", ["calendar-declined"])
    async with telling.runtime.store.read() as session:
        assert list(await session.scalars(select(Submission).where(Submission.form == "change"))) == []
