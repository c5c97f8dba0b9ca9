"""A slice of `make hostile` in every run, and what once turned it red, each as a test."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.browser.world import tell
from tests.hostile import oracles
from tests.hostile.attack import attack, logged, watched
from tests.hostile.homes import OnSqlite
from tests.hostile.shapes import ELEMENT, HEADER, LINK, MARK, Hostile, as_bytes
from tests.hostile.ways import SURFACES
from tests.hostile.world import Report

pytestmark = [pytest.mark.timeout(900)]


@pytest.mark.asyncio
async def test_control_08_nothing_hostile_fails_or_acts(tmp_path: Path) -> None:
    report = Report()
    with logged():  # before anything is, for who logs once keeps to where that went
        await attack(OnSqlite(tell(tmp_path)), report, seed=1, number=380, turns=4, of_each=1)
    assert report.wrong == {}
    assert set(report.sent) == {*SURFACES, "names"}
    assert {"mails", "exports", "reports", "walls", "own pages", "logs"} <= set(report.judged)
    assert report.judged["mails"] > 0
    assert report.lines > 20
    assert set(+report.taken) == {"programs", "mail server"}
    assert {"forms", "board", "pages", "own pages", "walls", "reports", "mails"} <= set(+report.shown)


def test_control_21_whoever_watches_the_machine_sees_a_line_elsewhere_a_program_and_a_file(tmp_path: Path) -> None:
    """The attack above opened none: what is asked here would have turned it red."""
    report = Report()
    with watched(report):
        sys.audit("socket.connect", None, ("203.0.113.1", 9))  # as a line to there would be told
        with suppress(OSError):
            (tmp_path / MARK).read_text()
        subprocess.run(["true"], check=True)
        compile(f"# {MARK}", "x", "exec")
    assert report.acted["this machine"] == 4, report.wrong


def test_the_same_seed_is_the_same_and_every_text_can_be_sent() -> None:
    one, other = (list(Hostile(3).several(2000)) for _ in range(2))
    assert one == other
    assert all(isinstance(as_bytes(text), bytes) for text in one)
    assert list(Hostile(4).several(2000)) != one


@pytest.mark.parametrize(
    "page",
    [
        f"<{ELEMENT}>",
        f"<p {ELEMENT}=1>",
        "<p onclick=x>",
        "<a href='javascript:x()'>",
        "<a href='//evil.example'>",
        "<script>x()</script>",
        f"<iframe src='{LINK}'>",
        f"<p>{7919 * 7907}</p>",
    ],
)
def test_the_judge_of_pages_bites(page: str) -> None:
    assert oracles.html(page)
    assert not oracles.html(f"<p>&lt;{ELEMENT}&gt;</p><a href='/x'>{MARK}</a><script src='/static/x.js'></script>")


MAIL = (
    b"From: A <a@x.example>\r\nTo: B <b@x.example>\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n"
    b"Message-ID: <1@x.example>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
)
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T100000Z\r\nSUMMARY:x\r\n"
)


@pytest.mark.parametrize(
    "added", [f"{HEADER}: 1", "Bcc: x@x.example", "To: c@x.example", "Subject: two", "From: c@x.example"]
)
def test_the_judge_of_mails_bites(added: str) -> None:
    assert oracles.mail(MAIL + b"\r\nx", "b@x.example") == []
    assert oracles.mail(MAIL + added.encode() + b"\r\n\r\nx", "b@x.example")
    assert oracles.mail(MAIL + b"\r\nx", "c@x.example")


@pytest.mark.parametrize(
    "added", [f"{HEADER}:1", "ATTENDEE:mailto:kwetter@evil.example", "BEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM"]
)
def test_the_judge_of_calendars_bites(added: str) -> None:
    end = b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    assert oracles.ics(CALENDAR + end) == []
    assert oracles.ics(CALENDAR + added.encode() + b"\r\n" + end)


def test_the_judges_of_tables_papers_feeds_and_logs_bite() -> None:
    assert oracles.table("\ufeffa;'=1;-1,5\r\n".encode()) == []
    assert oracles.table("a;＝1\r\n".encode())
    assert oracles.pdf(b"%PDF-1.7 << /S /JavaScript >>")
    assert oracles.feed(f"<feed><{ELEMENT}/></feed>".encode())
    assert oracles.feed(b"<feed><entry>")
    assert oracles.lines('{"event": "x"}\n') == []
    assert oracles.lines(f'{{"event": "{MARK}"}}\n')
    assert oracles.lines("Traceback\n")
    assert oracles.answer_headers({"location": "//evil.example"}, "http://127.0.0.1:8000")
    assert oracles.answer_headers({"location": "/board"}, "http://127.0.0.1:8000") == []
