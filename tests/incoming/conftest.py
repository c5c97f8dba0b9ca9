"""The activity of the story, with mail that comes back to it."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

import pytest
import pytest_asyncio
from sqlalchemy import select

from models.tables.incoming import Incoming
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import keep
from sandwich.mail.tags import read_tag
from sandwich.runtime import Runtime
from tests.mail.conftest import box, mailing, nobody_wakes
from tests.mail.peers import Arrived, Box
from tests.mail.telling import Telling
from tests.support.cast import Cast

__all__ = ["box", "nobody_wakes"]
"""Fixtures that these tests have in common with those of mail that leaves."""

REPLY_ADDRESS = "antwoord@post.grienden.example"


def answering(runtime: Runtime, port: int, **settings: object) -> Runtime:
    """Return the runtime with mail going to a port, and coming back."""
    return mailing(runtime, port, **{"reply_address": REPLY_ADDRESS, "incoming_listen": "127.0.0.1:0", **settings})


@dataclass
class Post:
    """Brings mail to the activity as a mail server would, without one."""

    telling: Telling

    @property
    def runtime(self) -> Runtime:
        return self.telling.runtime

    async def brings(self, to: str, raw: bytes, sender: str = "x@y.example") -> str | None:
        """Keep a mail that came to an address, and let follow what follows; returns its id."""
        tag = read_tag(self.runtime.settings, to)
        assert tag is not None, to
        key = await keep(self.runtime, tag, sender, raw)
        await handle_new(self.runtime)
        return key

    async def writes(self, code: str, to: str, words: str, subject: str = "Re: vraag", **headers: str) -> str | None:
        """Let somebody of the cast write a mail."""
        address = self.telling.cast.mail(code)
        return await self.brings(to, a_mail(address, to, words, subject, **headers), address)

    async def row(self, key: str | None) -> Incoming:
        async with self.runtime.store.read() as session:
            return await session.get_one(Incoming, key)

    async def rows(self) -> list[Incoming]:
        async with self.runtime.store.read() as session:
            return list(await session.scalars(select(Incoming).order_by(Incoming.received_at, Incoming.id)))

    async def open_calls(self) -> list[str]:
        return [call.what for call in await self.telling.calls()]

    def reply_to(self, mail: Arrived) -> str:
        """Return where a reply to a mail goes."""
        [address] = mail.message["Reply-To"].addresses
        return str(address.addr_spec)


def a_mail(author: str, to: str, words: str, subject: str = "Re: vraag", **headers: str) -> bytes:
    """Write a mail; ``headers`` have _ for -."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = f"Iemand <{author}>", to, subject
    message["Message-ID"] = make_msgid(domain="mx.example")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(words)
    return message.as_bytes()


def a_bounce(status: str = "5.1.1", said: str = "550 5.1.1 User unknown", action: str = "failed") -> bytes:
    """Write what a mail server sends back."""
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: {make_msgid(domain='mx.example')}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; {said}\r\n\r\n--b--\r\n"
    ).encode()


@pytest_asyncio.fixture
async def telling(runtime: Runtime, cast: Cast, box: Box) -> Telling:
    """Activity A1, just started, and nothing delivered yet."""
    return await Telling.start(answering(runtime, box.port), cast, box)


@pytest.fixture
def post(telling: Telling) -> Post:
    """What brings mail to it."""
    return Post(telling)
