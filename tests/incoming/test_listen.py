"""The door for a mail server: by LMTP and SMTP, on a real line; what is *taken* is committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models.tables.incoming import Came
from sandwich.errors import SettingsInvalid
from sandwich.incoming.keep import LARGEST
from sandwich.incoming.limits import PER_ADDRESS, Limits
from sandwich.incoming.listen import listening
from sandwich.mail.tags import Use, tagged
from sandwich.running.incoming import look_at_incoming
from sandwich.runtime import Runtime
from sandwich.settings import read_settings
from tests.incoming.conftest import Post, a_mail
from tests.mail.queueing import put
from tests.mail.telling import Telling

pytestmark = pytest.mark.asyncio


class Line:
    """A line to the door, spoken by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, line: str | bytes) -> list[str]:
        """Say something and return the answer, in codes."""
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return [await self.answer()]

    async def answer(self) -> str:
        while True:
            line = (await self.reader.readline()).decode()
            if line[3:4] != "-":
                return line.strip()

    async def brings(self, to: list[str], raw: bytes, sender: str = "x@y.example", hello: str = "LHLO") -> list[str]:
        """Hand a mail over; returns the answers to the recipients, and those to the mail."""
        await self.says(f"{hello} mta.example")
        await self.says(f"MAIL FROM:<{sender}>")
        said = [(await self.says(f"RCPT TO:<{one}>"))[0] for one in to]
        taken = sum(one.startswith("250") for one in said)
        if not taken:
            return said
        await self.says("DATA")
        said += await self.says(raw + b"\r\n.")
        said += [await self.answer() for _ in range(taken - 1 if hello == "LHLO" else 0)]
        return said


@asynccontextmanager
async def a_line(runtime: Runtime) -> AsyncIterator[Line]:
    async with listening(runtime) as where:
        if where.startswith("/"):
            reader, writer = await asyncio.open_unix_connection(where)
        else:
            host, _, port = where.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
        line = Line(reader, writer)
        await line.answer()
        yield line
        writer.close()


def with_settings(runtime: Runtime, **changed: object) -> Runtime:
    return Runtime(runtime.settings.model_copy(update=changed), runtime.store, runtime.clock, runtime.library)


async def test_each_recipient_has_an_answer_of_its_own_by_lmtp(telling: Telling, post: Post) -> None:
    settings = telling.runtime.settings
    own = [tagged(settings, Use.REPLY, await put(telling, code)) for code in ("T3", "T5")]
    raw = a_mail(telling.cast.mail("T3"), own[0], "Ja")
    async with a_line(telling.runtime) as line:
        said = await line.brings([own[0], "antwoord@post.grienden.example", "root@localhost", own[1]], raw)
        assert [one[:9] for one in said] == [
            "250 2.1.5",
            "550 5.1.1",
            "550 5.1.1",
            "250 2.1.5",
            "250 2.0.0",
            "250 2.0.0",
        ]
        again = await line.brings([own[0]], raw, hello="EHLO")
        assert [one[:9] for one in again] == ["250 2.1.5", "250 2.0.0"]
    assert [(row.kind, row.size) for row in await post.rows()] == [(Came.NEW, len(raw) + 2)] * 2


async def test_twenty_megabytes_are_refused_before_anything_is_kept(telling: Telling, post: Post) -> None:
    own = tagged(telling.runtime.settings, Use.REPLY, await put(telling, "T3"))
    async with a_line(telling.runtime) as line:
        await line.says("LHLO mta.example")
        assert (await line.says("MAIL FROM:<x@y.example> SIZE=20000000"))[0].startswith("552")
        said = await line.brings([own], b"From: x@y.example\r\n\r\n" + b"a" * 990 + b"\r\n" + b"b\r\n" * (LARGEST // 3))
        assert said[-1].startswith("552 5.3.4")
        assert (await line.says("NOOP"))[0].startswith("250")
    assert await post.rows() == []


async def test_a_line_without_an_end_is_refused_for_each_recipient(telling: Telling, post: Post) -> None:
    """Found by ``make hostile``: with one answer for two a mail server waits until it gives up."""
    own = [tagged(telling.runtime.settings, Use.REPLY, await put(telling, code)) for code in ("T3", "T5")]
    async with a_line(telling.runtime) as line:
        async with asyncio.timeout(20):
            said = await line.brings(own, b"From: x@y.example\r\n\r\n" + b"a" * 200_000)
        assert [one[:9] for one in said[-2:]] == ["500 5.5.2"] * 2
        assert (await line.says("NOOP"))[0].startswith("250")
    assert await post.rows() == []


@pytest.mark.parametrize("end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\n\0.\r\n"])
async def test_only_a_dot_between_whole_line_ends_is_the_end_of_a_mail(
    telling: Telling, post: Post, end: bytes
) -> None:
    """What follows another one stays a part of the mail: otherwise it would be a mail of whomever it names."""
    own = tagged(telling.runtime.settings, Use.REPLY, await put(telling, "T3"))
    raw = a_mail("x@y.example", own, "Ja") + end + f"MAIL FROM:<z@y.example>\r\nRCPT TO:<{own}>\r\nDATA\r\n".encode()
    async with a_line(telling.runtime) as line:
        said = await line.brings([own], raw + a_mail("z@y.example", own, "Nee", "Van een ander"))
        assert said[-1].startswith("250")
        assert (await line.says("VRFY x"))[0].startswith("252"), "it answered once"
    assert [row.size > len(raw) for row in await post.rows()] == [True]


async def test_a_sender_that_is_no_text_holds_up_no_mail(telling: Telling, post: Post) -> None:
    """Found by ``make hostile``: with SMTPUTF8 bytes of any kind come through as halves of characters."""
    own = tagged(telling.runtime.settings, Use.REPLY, await put(telling, "T3"))
    async with a_line(telling.runtime) as line:
        await line.says("EHLO mta.example")
        await line.says(b"MAIL FROM:<x\xff\xc0@y.example> SMTPUTF8")
        await line.says(f"RCPT TO:<{own}>")
        await line.says("DATA")
        said = await line.says(a_mail("x@y.example", own, "Ja") + b"\r\n.")
    assert said[-1].startswith("250")
    assert len(await post.rows()) == 1


async def test_what_comes_too_fast_comes_later(telling: Telling, post: Post) -> None:
    own = tagged(telling.runtime.settings, Use.REPLY, await put(telling, "T3"))
    async with a_line(telling.runtime) as line:
        said = [await line.brings([own], a_mail("x@y.example", own, str(number))) for number in range(PER_ADDRESS + 2)]
    assert [one[-1][:3] for one in said] == ["250"] * PER_ADDRESS + ["451"] * 2
    assert len(await post.rows()) == PER_ADDRESS
    limits = Limits()
    assert [limits.allows(one, 1) for one in ("a", "a", "b")] == [True, False, True]


async def test_while_the_database_is_away_the_mail_server_keeps_the_mail(telling: Telling, tmp_path: Path) -> None:
    from sandwich.clock import Clock
    from sandwich.store import Store

    store = Store(f"sqlite+aiosqlite:///{tmp_path}/away/sandwich.db")
    runtime = telling.runtime
    own = tagged(runtime.settings, Use.REPLY, await put(telling, "T3"))
    async with a_line(Runtime(runtime.settings, store, Clock(store), runtime.library)) as line:
        said = await line.brings([own], a_mail("x@y.example", own, "Ja"))
        assert said[-1].startswith("451")


async def test_the_doctor_knocks_at_the_door(telling: Telling) -> None:
    async with listening(telling.runtime) as where:
        here = with_settings(telling.runtime, incoming_listen=where)
        assert (await look_at_incoming(here)).is_well
    found = await look_at_incoming(here)
    assert not found.is_well
    assert "sandwich receive" in found.words.en
    assert (await look_at_incoming(with_settings(telling.runtime, incoming_listen=""))).is_well


async def test_a_socket_is_left_to_the_next_process(telling: Telling, tmp_path: Path, post: Post) -> None:
    runtime = with_settings(telling.runtime, incoming_listen=str(tmp_path / "s"))
    own = tagged(runtime.settings, Use.REPLY, await put(telling, "T3"))
    for number in range(2):
        async with a_line(runtime) as line:
            assert (tmp_path / "s").stat().st_mode & 0o777 == 0o660
            assert (await line.brings([own], a_mail("x@y.example", own, str(number))))[-1].startswith("250")
    assert len(await post.rows()) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"incoming_listen": "0.0.0.0:25", "reply_address": "a@b.example"}, "SANDWICH_INCOMING_LISTEN"),
        ({"incoming_listen": "127.0.0.1:25"}, "SANDWICH_REPLY_ADDRESS"),
        ({"reply_address": "veel-te-lange-naam-hier@b.example"}, "at most 18"),
        ({"reply_address": "a+b@c.example"}, "without +"),
        (
            {
                "incoming_imap_host": "mail.b.example",
                "incoming_imap_encryption": "none",
                "reply_address": "a@b.example",
            },
            "SANDWICH_INCOMING_IMAP_ENCRYPTION",
        ),
    ],
)
async def test_settings_that_cannot_be(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read_settings({}, environment="development", **given)
    assert said in str(refused.value)
