"""Our own signature, verified by a library that did not make it."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import dkim as verifier
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from sandwich.errors import SettingsInvalid
from sandwich.mail import clean
from sandwich.mail.compose import Correspondent, compose
from sandwich.mail.dkim import published, read_key, signed
from sandwich.mail.render import Rendered
from sandwich.settings import read_settings
from tests.mail.test_compose import ENVELOPE, NOW, SETTINGS, WORDS, invite, parsed

KINDS = ("rsa", "ed25519")
DOMAIN = "grienden.example"
PLAIN = b"From: a@grienden.example\r\nTo: b@kompas.example\r\nSubject:  two  spaces \r\n and a fold\r\n\r\n"


@cache
def pem(kind: str, bits: int = 2048) -> str:
    """Return a private key."""
    key = {
        "rsa": lambda: rsa.generate_private_key(65537, bits),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    }[kind]()
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode("ascii")


def verifies(data: bytes, kind: str) -> bool:
    """Return whether somebody who finds the key where it should stand believes a mail."""

    def record(name: bytes, timeout: int = 5) -> str | None:
        return published(read_key(pem(kind))) if name == b"s1._domainkey.grienden.example." else None

    return bool(verifier.verify(data, dnsfunc=record))


def sign(data: bytes, kind: str) -> bytes:
    """Sign with our key."""
    return signed(data, read_key(pem(kind)), domain=DOMAIN, selector="s1", now=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_signed_where_there_is_a_key(kind: str) -> None:
    ours = SETTINGS.model_copy(update={"dkim_key": SecretStr(pem(kind)), "dkim_selector": "s1"})
    someone = Correspondent("Jörg", "j@kompas.example")
    whole = replace(ENVELOPE, reply_to=someone, thread="a1", earlier=["<1@x>", "<2@x>"])

    data = compose(ours, whole, WORDS, (invite(),)).data

    assert verifies(data, kind)
    signature = "".join(str(parsed(compose(ours, whole, WORDS))["DKIM-Signature"]).split())
    listed = signature.partition(";h=")[2].partition(";")[0]
    must = ("from", "to", "subject", "date", "message-id", "mime-version", "list-id", "auto-submitted", "references")
    assert set(must) <= set(listed.split(":"))
    assert max(len(line) for line in data.split(b"\r\n")) <= 200
    assert b"DKIM" not in compose(SETTINGS, whole, WORDS).data


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_changed_on_the_way_shows(kind: str) -> None:
    data = sign(PLAIN + b"Dag\r\n", kind)

    assert verifies(data, kind)
    assert verifies(data + b"\r\n\r\n", kind), "empty lines at the end are none"
    assert verifies(data.replace(b"Subject:  two", b"SUBJECT: two"), kind)
    for was, becomes in (
        (b"Dag", b"dag"),
        (b"two", b"too"),
        (b"From: a@", b"From: c@"),
        (b"\r\nTo:", b"\r\nSubject: another\r\nTo:"),
        (b"\r\nTo:", b"\r\nReply-To: evil@x.example\r\nTo:"),
        (b"\r\n\r\nDag", b"\r\n\r\n\r\nDag"),
    ):
        assert not verifies(data.replace(was, becomes), kind), was


@settings(max_examples=60)
@given(st.binary(max_size=300) | st.text(" \t\r\n.=ab", max_size=200).map(str.encode), st.sampled_from(KINDS))
def test_any_body_verifies(body: bytes, kind: str) -> None:
    body = body.replace(b"\r", b"").replace(b"\n", b"\r\n")

    assert verifies(sign(PLAIN + body, kind), kind)


@settings(max_examples=40)
@given(name=st.text(max_size=80), subject=st.text(max_size=120), words=st.text(max_size=200))
def test_any_mail_verifies(name: str, subject: str, words: str) -> None:
    ours = SETTINGS.model_copy(update={"dkim_key": SecretStr(pem("ed25519")), "dkim_selector": "s1"})
    text = "\n".join(clean.lines(words)) or "x"
    mail = compose(
        ours,
        replace(ENVELOPE, recipient=Correspondent(name, "erik@kompas.example")),
        Rendered(f"{clean.header_text(subject)}: vraag", f"{text}\n", f"<p>{len(text)}</p>\n"),
    )

    assert verifies(mail.data, "ed25519")


def test_a_key_that_cannot_be_used_is_refused_at_the_start() -> None:
    locked = (
        serialization.load_pem_private_key(pem("rsa").encode(), None)
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
        )
        .decode()
    )
    for wrong in ("no key", pem("rsa", 1024), pem("ec"), locked):
        with pytest.raises(SettingsInvalid, match="no private key as PEM") as caught:
            read_settings({"SANDWICH_ENVIRONMENT": "demo", "SANDWICH_DKIM_SELECTOR": "s1", "SANDWICH_DKIM_KEY": wrong})
        assert wrong not in str(caught.value)
    with pytest.raises(SettingsInvalid, match="SANDWICH_DKIM_SELECTOR"):
        read_settings({"SANDWICH_ENVIRONMENT": "demo", "SANDWICH_DKIM_KEY": pem("rsa")})
    assert read_settings({"SANDWICH_ENVIRONMENT": "demo", "SANDWICH_DKIM_SELECTOR": "s1"}).dkim_selector == "s1"


def test_a_signature_says_when_it_was_made() -> None:
    data = signed(PLAIN, read_key(pem("rsa")), domain=DOMAIN, selector="s1", now=datetime(2026, 10, 8, tzinfo=UTC))

    assert b" t=1791417600;" in data
