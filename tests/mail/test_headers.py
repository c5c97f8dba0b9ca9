"""The header guard: what Python would turn into headers is refused, and the bytes are read back."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from models.text import Language
from sandwich.mail.compose import Composed, Correspondent, Envelope, compose
from sandwich.mail.headers import Asked, HeaderRefused, HeadersDiffer, guard, verify
from sandwich.mail.render import Rendered
from sandwich.settings import Environment, Settings

ENCODED = "x =?utf-8?q?=0D=0ABcc:_inj@example.com?="
SETTINGS = Settings(environment=Environment.DEMO, mail_from="sandwich@grienden.example")
ENVELOPE = Envelope(
    key="a:goals:1",
    recipient=Correspondent("Erik Laan", "erik@kompas.example"),
    reply_to=Correspondent("Jolanda Meerdink", "jolanda@grienden.example"),
    language=Language.DUTCH,
    now=datetime(2026, 10, 8, 8, 0, tzinfo=UTC),
)
WORDS = Rendered("Prefab bouwen: wat wil jij leren?", "Dag Erik,\n", "<p>Dag Erik,</p>\n")


@pytest.mark.parametrize(
    "value",
    [
        ENCODED,
        "x\r\nBcc: inj@example.com",
        "x\nBcc: inj@example.com",
        "x\rBcc: inj@example.com",
        "x\x00y",
        "x\x1b[31m",
        "x\u2028Bcc: inj@example.com",
        "x\u202egnp.exe",
        "x\ud800",
        "=?",
    ],
)
def test_control_06_guard_refuses_what_could_become_a_header(value: str) -> None:
    with pytest.raises(HeaderRefused) as caught:
        guard("Subject", value)

    assert "Subject" in caught.value.to("nl")
    assert "inj@example.com" not in caught.value.to("en")


def test_guard_lets_ordinary_text_through() -> None:
    assert guard("Subject", "Löten & lassen: 3 = 2 + 1? Já") == "Löten & lassen: 3 = 2 + 1? Já"


def test_guard_refuses_a_name_that_is_no_header() -> None:
    with pytest.raises(HeaderRefused):
        guard("Subject: x\r\nBcc", "x")


def test_control_06_python_still_builds_a_header_from_an_encoded_line_break_and_reading_back_finds_it() -> None:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = ENCODED
    message.set_content("x")
    data = message.as_bytes()
    asked = Asked({"Subject": ENCODED})

    if "Bcc" in message_from_bytes(data, policy=default):
        with pytest.raises(HeadersDiffer):
            verify(data, asked)
    else:  # a Python in which the hole was closed
        assert b"Bcc" not in data.partition(b"\r\n\r\n")[0].replace(b"Bcc:_inj", b"")


def test_reading_back_finds_a_header_too_many_and_a_changed_address() -> None:
    message = EmailMessage(policy=SMTP)
    message["To"] = "erik@kompas.example"
    message["Subject"] = "wat wil jij leren?"
    message.set_content("x")
    data = message.as_bytes()
    asked = Asked({"Subject": "wat wil jij leren?"}, {"To": "erik@kompas.example"})

    verify(data, asked)

    for wrong in (
        replace(asked, values={"Subject": "iets anders"}),
        replace(asked, values={**asked.values, "List-Id": "<x>"}),
        replace(asked, addresses={"To": "rob@grienden.example"}),
        replace(asked, addresses={"To": "erik@kompas.example, rob@grienden.example"}),
    ):
        with pytest.raises(HeadersDiffer):
            verify(data, wrong)
    with pytest.raises(HeadersDiffer):
        verify(b"Bcc: inj@example.com\r\n" + data, asked)


@pytest.mark.parametrize(
    "head",
    [
        b"To: rob@x.example, <erik@kompas.example>",
        b"To: a <rob@x.example> <erik@kompas.example>",
        b"To: rob@x.example <erik@kompas.example>",
        b'To: "a\\" <erik@kompas.example>',
        b"To: <erik@kompas.example>, rob@x.example",
        b"To: erik@kompas.example\r\nTo: erik@kompas.example",
        b"To: erik@kompas.example\nBcc: rob@x.example",
        b"To: erik@kompas.example\r\n \r\nBcc: rob@x.example",
        b"To : erik@kompas.example",
        b"To: =?utf-8?q?a=0D=0ABcc:_rob@x.example?= <erik@kompas.example>",
        b"To: =?utf-8?q?=ED=A0=80?= <erik@kompas.example>",
        b"To: J\xc3\xb6rg <erik@kompas.example>",
    ],
)
def test_reading_back_takes_nothing_but_one_address_in_plain_lines(head: bytes) -> None:
    with pytest.raises(HeadersDiffer):
        verify(head + b"\r\n\r\nx\r\n", Asked({}, {"To": "erik@kompas.example"}))


def test_composing_refuses_an_encoded_line_break_in_the_subject() -> None:
    with pytest.raises(HeaderRefused):
        compose(SETTINGS, ENVELOPE, replace(WORDS, subject=ENCODED))


@pytest.mark.parametrize(
    "name",
    [
        ENCODED,
        "Erik\r\nBcc: inj@example.com",
        'Erik" <inj@example.com>, "x',
        "Erik, Rob; Sanne: <x@y.nl>",
        "Jörg (van 't Hoff), dr.",
        "\u202eEvil\u2066",
        "",
        "x" * 500,
    ],
)
def test_a_display_name_becomes_neither_address_nor_header(name: str) -> None:
    mail = compose(SETTINGS, replace(ENVELOPE, recipient=Correspondent(name, "erik@kompas.example")), WORDS)

    back = _read(mail)
    assert [one.addr_spec for one in back["To"].addresses] == ["erik@kompas.example"]
    assert "Bcc" not in back
    assert mail.recipient == "erik@kompas.example"


@pytest.mark.parametrize("title", ["x" * 500, "é" * 500, "een heel lange naam " * 25, "👩‍🔧 " * 60])
def test_a_long_subject_survives_folding(title: str) -> None:
    mail = compose(SETTINGS, ENVELOPE, replace(WORDS, subject=f"{title.strip()}: wat wil jij leren?"))

    assert max(len(line) for line in mail.data.split(b"\r\n")) <= 998
    assert " ".join(str(_read(mail)["Subject"]).split()).endswith(": wat wil jij leren?")


def _read(mail: Composed) -> EmailMessage:
    back = message_from_bytes(mail.data, policy=default)
    assert isinstance(back, EmailMessage)
    return back
