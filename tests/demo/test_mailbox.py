"""The demo's mailbox: a real SMTP server, and what it received as pages and as JSON."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import pytest

from sandwich.demo.letter import read_letter
from sandwich.demo.mailbox import Mailbox, serve_mailbox
from sandwich.web.demo.mailbox import MOST_SHOWN
from tests.support.browser import Browser

pytestmark = pytest.mark.asyncio

LINK = "http://127.0.0.1:8000/f/some-token"
ICS = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def a_mail(subject: str = "Prefab bouwen: wat wil jij leren? €", to: str = "t3@school.example") -> EmailMessage:
    """Return a mail with all that ours have: two texts, a calendar file, a thread."""
    mail = EmailMessage()
    mail["From"] = "Jolanda Meerdink <sandwich@school.example>"
    mail["To"] = to
    mail["Reply-To"] = "jolanda@school.example"
    mail["Subject"] = subject
    mail["Date"] = "Thu, 08 Oct 2026 10:00:00 +0200"
    mail["Message-ID"] = "<two@school.example>"
    mail["In-Reply-To"] = "<one@school.example>"
    mail["References"] = "<zero@school.example> <one@school.example>"
    mail.set_content(f"Dag Erik, open {LINK}.\n")
    mail.add_alternative(
        f'<html><head></head><body><table class="press"><tr><td><a href="{LINK}">Vul in</a></td></tr></table>'
        "<script>alert(1)</script></body></html>",
        subtype="html",
    )
    mail.add_attachment(ICS.encode(), maintype="text", subtype="calendar", filename="bezoek.ics")
    return mail


async def send(port: int, mail: EmailMessage, *to: str) -> None:
    """Send a mail over a real connection."""
    await aiosmtplib.send(
        mail, hostname="127.0.0.1", port=port, recipients=list(to) or None, start_tls=False, use_tls=False
    )


async def test_a_mail_over_smtp_is_kept_byte_for_byte(box: Mailbox) -> None:
    raw = b"From: a@school.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\n.een\r\n\r\n\ttwee \r\n"
    async with (
        serve_mailbox(box, "127.0.0.1", 0) as port,
        aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as line,
    ):
        await line.sendmail("a@school.example", ["b@school.example"], raw)

    (received,) = box.mails()
    assert received.raw == raw
    assert received.sender == "a@school.example"


async def test_a_mail_is_taken_apart(box: Mailbox) -> None:
    async with serve_mailbox(box, "127.0.0.1", 0) as port:
        await send(port, a_mail())

    (received,) = box.mails()
    assert received.recipients == ("t3@school.example",)
    letter = read_letter(received)
    assert letter.subject == "Prefab bouwen: wat wil jij leren? €"
    assert letter.references == ("<zero@school.example>", "<one@school.example>")
    assert letter.links == (LINK,)
    assert letter.buttons == ((LINK, "Vul in"),)
    assert letter.attachments == ("bezoek.ics",)
    assert "METHOD:REQUEST" in letter.calendar


async def test_lines_that_begin_with_a_dot_survive(box: Mailbox) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@school.example", "b@school.example", "punt"
    mail.set_content(".\n..\nklaar\n")
    async with serve_mailbox(box, "127.0.0.1", 0) as port:
        await send(port, mail)

    assert read_letter(box.mails()[0]).text.splitlines() == [".", "..", "klaar"]


async def test_it_listens_on_this_machine_only(box: Mailbox) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        async with serve_mailbox(box, "0.0.0.0", 0):
            pass


async def test_the_json_has_what_a_script_needs_and_goes_on_from_a_number(browser: Browser, box: Mailbox) -> None:
    async with serve_mailbox(box, "127.0.0.1", 0) as port:
        await send(port, a_mail("Eerste"))
        await send(port, a_mail("Tweede"), "p3@bedrijf.example")

    answer = (await browser.client.get("/demo/mailbox", headers={"accept": "application/json"})).json()
    assert [mail["subject"] for mail in answer["mails"]] == ["Eerste", "Tweede"]
    first, second = answer["mails"]
    assert first["to"] == "t3@school.example"
    assert second["envelope"] == ["p3@bedrijf.example"]
    assert first["from"] == "Jolanda Meerdink <sandwich@school.example>"
    assert first["message_id"] == "<two@school.example>"
    assert first["in_reply_to"] == "<one@school.example>"
    assert first["links"] == [LINK]
    assert first["attachments"] == ["bezoek.ics"]
    assert "Dag Erik" in first["text"]
    assert "Vul in" in first["html"]
    assert first["date"] == "Thu, 08 Oct 2026 10:00:00 +0200"

    after = (
        await browser.client.get(f"/demo/mailbox?since={first['id']}", headers={"accept": "application/json"})
    ).json()
    assert [mail["subject"] for mail in after["mails"]] == ["Tweede"]
    none = (
        await browser.client.get(f"/demo/mailbox?since={answer['newest']}", headers={"accept": "application/json"})
    ).json()
    assert none == {"mails": [], "newest": answer["newest"]}
    one = await browser.client.get(f"/demo/mailbox/{second['id']}", headers={"accept": "application/json"})
    assert one.json() == second


async def test_the_pages_show_the_newest_first_and_one_person(browser: Browser, box: Mailbox) -> None:
    async with serve_mailbox(box, "127.0.0.1", 0) as port:
        await send(port, a_mail("Eerste"))
        await send(port, a_mail("Tweede", "p3@bedrijf.example"))

    page = await browser.open("/demo/mailbox")
    assert "donderdag 8 oktober 2026, 10:00 uur" in page.text
    assert page.text.index("Tweede") < page.text.index("Eerste")
    host = next(one for one in box.recipients() if one.address == "p3@bedrijf.example")
    of_host = await browser.open(f"/demo/mailbox?person={host.id}")
    assert "Tweede" in of_host.text
    assert "Eerste" not in of_host.text


async def test_of_many_mails_the_older_ones_are_a_press_away(browser: Browser, box: Mailbox) -> None:
    at = datetime(2026, 10, 8, 8, 0, tzinfo=UTC)
    mails = [a_mail(f"Mail {number:03}").as_bytes() for number in range(MOST_SHOWN + 3)]
    assert box.add_all(("a@school.example", ["t3@school.example"], mail, at) for mail in mails) == MOST_SHOWN + 3

    page = await browser.open("/demo/mailbox?person=1")
    assert f"Mail {MOST_SHOWN + 2:03}" in page.text
    assert "Mail 002" not in page.text
    older = next(href for href, words in page.links if words == "Toon ook de 3 oudere mails")
    page = await browser.open(older)
    assert "Mail 000" in page.text
    assert "oudere mails" not in page.text


async def test_a_mail_is_shown_in_a_frame_in_which_nothing_runs(browser: Browser, box: Mailbox) -> None:
    async with serve_mailbox(box, "127.0.0.1", 0) as port:
        await send(port, a_mail())
    number = box.newest()

    page = await browser.open(f"/demo/mailbox/{number}")
    assert f'src="/demo/mailbox/{number}/html"' in page.html
    assert "allow-scripts" not in page.html
    assert (LINK, LINK) in page.links
    assert (LINK, "Open de knop uit deze mail: Vul in") in page.links
    assert page.html.index("Open de knop") < page.html.index("<iframe")
    letter = read_letter(box.mails()[0])
    assert f'height="{letter.height}"' in page.html
    assert replace(letter, text=f"{letter.text}Een regel erbij.\n").height > letter.height
    inside = await browser.client.get(f"/demo/mailbox/{number}/html")
    policy = inside.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert '<base target="_top">' in inside.text
    assert f'href="{LINK}"' in inside.text


@pytest.mark.parametrize("path", ["/demo/mailbox/99", "/demo/mailbox/99/html", "/demo/mailbox/0"])
async def test_a_mail_that_is_not_there(browser: Browser, path: str) -> None:
    await browser.open(path)

    assert browser.status == 404
