"""What a mail that came in is, by samples in the shapes that mail servers and programs give it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from models.tables.incoming import Came
from sandwich.incoming.away import LONGEST, away_until, is_away
from sandwich.incoming.bounces import Fate
from sandwich.incoming.calendars import Choice
from sandwich.incoming.letter import Letter, read_letter
from sandwich.incoming.mailbox import sender_of
from sandwich.incoming.sorting import Sorted, sort_letter

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.eml"))
TODAY = date(2026, 10, 1)
KINDS = {
    "dead": (Came.BOUNCE, Fate.DEAD),
    "full": (Came.BOUNCE, Fate.FAILED),
    "spam": (Came.BOUNCE, Fate.FAILED),
    "policy": (Came.BOUNCE, Fate.FAILED),
    "expired": (Came.BOUNCE, Fate.FAILED),
    "odd": (Came.BOUNCE, Fate.FAILED),
    "delayed": (Came.DELAYED, Fate.DELAYED),
    "relayed": (Came.AUTOMATIC, None),
    "away": (Came.AWAY, None),
    "automatic": (Came.AUTOMATIC, None),
    "junk": (Came.JUNK, None),
    "reply": (Came.REPLY, None),
    "calendar": (Came.CALENDAR, None),
}
"""By the first word of a sample's name."""


def letter(name: str) -> Letter:
    raw = (SAMPLES / f"{name}.eml").read_bytes()
    return read_letter(raw, sender_of(read_letter(raw)))


def sort(name: str) -> Sorted:
    return sort_letter(letter(name), TODAY)


@pytest.mark.parametrize("name", NAMES)
def test_each_sample_is_what_its_name_says(name: str) -> None:
    found = sort(name)
    assert (found.kind, found.fate) == KINDS[name.partition("-")[0]]


def test_there_are_bounces_in_twenty_shapes() -> None:
    assert sum(KINDS[name.partition("-")[0]][1] is not None for name in NAMES) >= 20


def test_a_day_is_read_from_the_words_and_not_from_our_own_mail_below_them() -> None:
    assert sort("away-exchange-nl").until == date(2026, 10, 16)
    assert sort("away-gmail-en").until == date(2026, 10, 11)
    assert sort("away-vacation").until == date(2026, 10, 18)
    assert sort("away-no-date").until is None


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("Ik ben afwezig t/m 12 oktober.", "2026-10-12"),
        ("Ik ben tot 12 oktober afwezig", "2026-10-11"),
        ("van 5 t/m 16 oktober", "2026-10-16"),
        ("from 5 October to 16 October", "2026-10-16"),
        ("back on Monday, October 12th", "2026-10-11"),
        ("vanaf 12 oktober ben ik weer bereikbaar", "2026-10-11"),
        ("Op 12-10 ben ik weer terug", "2026-10-11"),
        ("until 2026-10-19", "2026-10-18"),
        ("terug op maandag", "2026-10-04"),
        ("t/m 1 september", None),
        ("until 31/02", None),
        ("tot volgende week", None),
        ("tot 99 oktober", None),
    ],
)
def test_until_when_somebody_is_away(said: str, until: str | None) -> None:
    assert away_until(said, TODAY) == (date.fromisoformat(until) if until else None)


def test_nobody_is_away_for_longer_than_six_weeks() -> None:
    assert away_until("zwangerschapsverlof t/m 3 februari 2027", TODAY) == TODAY + LONGEST == TODAY + timedelta(weeks=6)
    assert is_away("zwangerschapsverlof")
    assert not is_away("Uw bericht is ontvangen")


def test_what_calendars_say() -> None:
    accepted = sort("calendar-accepted-google").reply
    assert accepted is not None
    assert (accepted.choice, accepted.uid, accepted.sequence) == (
        Choice.ACCEPTED,
        "0123456789abcdef@post.example",
        2,
    )
    assert accepted.attendee == "iemand@bedrijf.example"
    declined, countered = sort("calendar-declined-outlook").reply, sort("calendar-countered").reply
    assert declined is not None
    assert (declined.choice, declined.comment) == (Choice.DECLINED, "Dan ben ik er niet")
    assert countered is not None
    assert (countered.choice, str(countered.starts)) == (Choice.COUNTER, "2026-11-12 12:30:00+00:00")
    assert [sort(name).reply for name in ("calendar-two-people", "calendar-broken")] == [None, None]


def test_words_are_found_in_whatever_shape_they_come() -> None:
    assert letter("reply-html-only").text.split() == ["Ja,", "dat", "past.", "Groet"]
    assert letter("reply-signed").text.strip() == "Akkoord."
    assert [letter(f"reply-{name}").is_closed for name in ("encrypted", "signed", "plain-nl")] == [True, False, False]
    assert letter("reply-odd-addresses").author == "piet@xn--bdrijf-pva.example"
    assert letter("reply-broken-mime").author == "iemand@bedrijf.example"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff\xfe",
        b"From: a@b.example\r\n" + b"X-A: b\r\n" * 5000 + b"\r\nja",
        b"Subject: " + b"a" * 500_000 + b"\r\n\r\nja",
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000)),
        b"Subject: =?utf-8?Q?=00=0A=0DBcc:_x@y?=\r\nFrom: <a@b.example>, <c@d.example>\r\n\r\nja",
        b"Content-Type: text/plain; charset=\xff\r\nFrom: =?x?y?z?=\r\n\r\n\xff\xfe",
        b"Content-Type: text/plain; charset=a\0b\r\n\r\n\xff\xfe",  # found by ``make hostile``
        b"Content-Type: message/delivery-status; charset=a\0b\r\n\r\n\xff\xfe",
    ],
    ids=["nothing", "bytes", "many-headers", "long-header", "deep", "line-breaks", "no-letters", "nul", "nul-report"],
)
def test_nothing_breaks_it(raw: bytes) -> None:
    read = read_letter(raw, "x@y.example")
    found = sort_letter(read, TODAY)
    assert found.kind in {Came.JUNK, Came.REPLY}
    assert read.subject.isprintable()
    assert read.author in {"", "a@b.example"}
    assert "\n" not in read.subject
