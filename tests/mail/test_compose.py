"""A finished mail: its parts, its thread, its calendar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from models.text import Language
from sandwich.mail import clean, ics
from sandwich.mail.compose import MOST_REFERENCES, Composed, Correspondent, Envelope, compose, message_id
from sandwich.mail.render import Rendered, wrapped
from sandwich.settings import Environment, Settings

SETTINGS = Settings(environment=Environment.DEMO, mail_from="sandwich@grienden.example")
NOW = datetime(2026, 10, 8, 8, 0, tzinfo=UTC)
ENVELOPE = Envelope(
    key="a:goals:1",
    recipient=Correspondent("Erik Laan", "erik@kompas.example"),
    reply_to=None,
    language=Language.DUTCH,
    now=NOW,
)
WORDS = Rendered("Prefab bouwen: wat wil jij leren?", "Dag Erik,\n\nÉén zin.\n", "<p>Dag Erik, één zin.</p>\n")
MEETING = ics.Meeting(
    "a1", 1, "p1", datetime(2026, 11, 5, 12, 30, tzinfo=UTC), datetime(2026, 11, 5, 15, 30, tzinfo=UTC)
)
DETAILS = ics.Details(
    title="Prefab bouwen",
    place="Fabrieksweg 12",
    description="Jolanda Meerdink\n06-00000001",
    organiser=ics.Party("Jolanda Meerdink", "jolanda@grienden.example"),
    attendee=ics.Party("Erik Laan", "erik@kompas.example"),
    sequence=2,
)


def parsed(mail: Composed) -> EmailMessage:
    """Return a mail as somebody's mail program reads it."""
    message = message_from_bytes(mail.data, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    """Return a part as it is read, with plain line ends."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def invite(method: ics.Method = ics.Method.REQUEST, meeting: ics.Meeting = MEETING) -> ics.Invite:
    """Return a calendar file."""
    return ics.invite(method, meeting, DETAILS, domain="grienden.example", timezone="Europe/Amsterdam", now=NOW)


def test_the_text_comes_first_and_every_line_is_plain_ascii_on_the_wire() -> None:
    mail = compose(SETTINGS, ENVELOPE, WORDS)

    message = parsed(mail)
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
    assert message["Content-Language"] == "nl"
    assert body(message, "plain") == WORDS.text
    assert body(message, "html") == WORDS.html
    assert mail.data.isascii()
    assert max(len(line) for line in mail.data.split(b"\r\n")) <= 998


def test_control_24_a_message_id_follows_from_the_key_alone_and_tells_nothing() -> None:
    again = replace(ENVELOPE, now=NOW + timedelta(days=1))
    other = replace(ENVELOPE, key="a:goals:2")

    assert compose(SETTINGS, ENVELOPE, WORDS).message_id == compose(SETTINGS, again, WORDS).message_id
    assert compose(SETTINGS, ENVELOPE, WORDS).message_id != compose(SETTINGS, other, WORDS).message_id
    assert "goals" not in message_id(SETTINGS, ENVELOPE.key)
    assert message_id(SETTINGS, ENVELOPE.key).endswith("@grienden.example>")


def test_a_long_thread_keeps_its_root_and_its_newest_mails() -> None:
    earlier = [message_id(SETTINGS, str(number)) for number in range(50)]
    message = parsed(compose(SETTINGS, replace(ENVELOPE, earlier=earlier), WORDS))

    references = message["References"].split()
    assert message["In-Reply-To"] == earlier[-1]
    assert references[0] == earlier[0]
    assert references[1:] == earlier[-(MOST_REFERENCES - 1) :]


def test_the_calendar_file_says_what_it_asks_also_in_its_type() -> None:
    message = parsed(compose(SETTINGS, ENVELOPE, WORDS, (invite(),)))

    [part] = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    assert part.get_content_charset() == "utf-8"
    [attached] = [part for part in message.walk() if part.get_filename() == "invite.ics"]
    assert attached.get_content().replace(b"\r\n", b"\n") == part.get_content().encode().replace(b"\r\n", b"\n")
    calendar = Calendar.from_ical(part.get_content())
    assert calendar["METHOD"] == "REQUEST"
    [event] = calendar.walk("VEVENT")
    assert event["DTSTART"].dt == datetime(2026, 11, 5, 13, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert event["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Amsterdam"]
    assert event["SEQUENCE"] == 2
    assert event["ORGANIZER"] == "mailto:jolanda@grienden.example"
    assert event["ATTENDEE"] == "mailto:erik@kompas.example"
    assert event["STATUS"] == "CONFIRMED"
    assert str(event["LOCATION"]) == "Fabrieksweg 12"


def test_a_move_and_a_cancellation_speak_of_the_same_event() -> None:
    moved = replace(
        MEETING, starts_at=MEETING.starts_at + timedelta(days=7), ends_at=MEETING.ends_at + timedelta(days=7)
    )
    [first], [second], [gone], [other] = (
        Calendar.from_ical(one.data).walk("VEVENT")
        for one in (
            invite(),
            invite(meeting=moved),
            invite(ics.Method.CANCEL, moved),
            invite(meeting=replace(MEETING, person_id="p2")),
        )
    )

    assert first["UID"] == second["UID"] == gone["UID"] != other["UID"]
    assert gone["STATUS"] == "CANCELLED"
    assert b"METHOD:CANCEL" in invite(ics.Method.CANCEL).data


def test_several_meetings_are_several_files() -> None:
    meetings = [replace(MEETING, number=number) for number in (1, 2)]
    files = ics.invites(
        ics.Method.REQUEST, meetings, DETAILS, domain="grienden.example", timezone="Europe/Amsterdam", now=NOW
    )
    message = parsed(compose(SETTINGS, ENVELOPE, WORDS, files))

    assert [part.get_filename() for part in message.iter_attachments()] == ["invite-1.ics", "invite-2.ics"]
    assert len({Calendar.from_ical(one.data).walk("VEVENT")[0]["UID"] for one in files}) == 2


@pytest.mark.parametrize(
    "text", ["x\r\nEND:VEVENT\r\nBEGIN:VALARM", "x\nATTENDEE:mailto:inj@x", 'x";CN=y:', "a;b,c\\n"]
)
def test_what_people_type_stays_text_in_a_calendar(text: str) -> None:
    evil = replace(DETAILS, title=text, place=text, description=text, attendee=ics.Party(text, "erik@kompas.example"))
    data = ics.invite(
        ics.Method.REQUEST, MEETING, evil, domain="grienden.example", timezone="Europe/Amsterdam", now=NOW
    ).data

    calendar = Calendar.from_ical(data)
    [event] = calendar.walk("VEVENT")
    assert event["ATTENDEE"] == "mailto:erik@kompas.example"
    assert calendar.walk("VALARM") == []
    assert str(event["SUMMARY"]) == clean.one_line(text)


@settings(max_examples=60)
@given(name=st.text(max_size=80), subject=st.text(max_size=120), words=st.text(max_size=400))
def test_control_06_anything_typed_gives_a_mail_with_our_headers_and_no_others(
    name: str, subject: str, words: str
) -> None:
    text = "\n".join(clean.lines(words)) or "x"
    mail = compose(
        SETTINGS,
        replace(ENVELOPE, recipient=Correspondent(name, "erik@kompas.example")),
        Rendered(f"{clean.header_text(subject)}: vraag", f"{text}\n", "<p>x</p>\n"),
    )

    message = parsed(mail)
    assert {key.lower() for key in message} == {
        *("from", "to", "subject", "date", "message-id", "auto-submitted", "content-language"),
        *("mime-version", "content-type"),
    }
    assert [one.addr_spec for one in message["To"].addresses] == ["erik@kompas.example"]
    assert body(message, "plain") == f"{text}\n"


@given(st.text(max_size=600))
def test_cleaned_text_has_nothing_that_a_header_may_not_have(text: str) -> None:
    for cleaned in (clean.header_text(text), clean.display_name(text)):
        assert not clean.has_forbidden(cleaned)
        assert "=?" not in cleaned


def test_lines_are_wrapped_with_their_mark_and_never_inside_a_word() -> None:
    text = wrapped("> " + "woord " * 40 + "\n\n\n\n- " + "woord " * 40 + "\n" + "x" * 200)

    lines = text.split("\n")
    assert all(line.startswith("> woord") for line in lines[:4])
    assert max(len(line) for line in lines if "x" not in line) <= 76
    assert "x" * 200 in lines
    assert "\n\n\n" not in text
    assert [line[:4] for line in lines if line.startswith(("- ", "  w"))][:2] == ["- wo", "  wo"]
