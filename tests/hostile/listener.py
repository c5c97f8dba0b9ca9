"""The door for a mail server, on a real line: envelopes, whole mails, and what tries to be a second mail within one.

What a hostile sender can bring about through a mail server, and what whoever reaches the door itself could say.
"""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select

from models.tables.activities import Activity
from models.tables.incoming import Incoming, IncomingContent
from models.tables.mail import Message
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import LARGEST
from sandwich.incoming.listen import listening
from sandwich.mail.tags import Use, tagged
from tests.hostile.shapes import MARK, as_bytes
from tests.hostile.surfaces import letter
from tests.hostile.world import World

NAME = "mail server"
WAITS = 20.0

SMUGGLED = b"X-Smuggled: 1"
"""The first header of every mail that tries to come in within another one."""

ENDS = (
    b"\n.\n",
    b"\r.\r",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r\r\n.\r\r\n",
    b"\n.\n\r\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
)
"""What some mail servers take for the end of a mail, and is none."""


class _Unexpected(Exception):
    """It answered something else than it must."""


@dataclass
class _Line:
    """One line to the door."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def says(self, raw: bytes) -> bytes:
        """Say one line and return the first line of the answer."""
        self.writer.write(raw + b"\r\n")
        return await self.answer()

    async def expects(self, code: bytes, raw: bytes) -> None:
        """Say one line whose answer must begin with a code."""
        said = await self.says(raw)
        if not said.startswith(code):
            raise _Unexpected(f"{raw[:20]!r} was answered with {said[:3]!r}")

    async def answer(self) -> bytes:
        """Return the last line of what it answers; nothing where it hung up."""
        while True:
            async with asyncio.timeout(WAITS):
                line = await self.reader.readline()
            if line[3:4] != b"-":
                return line


async def at_the_door(world: World, number: int) -> None:
    """Every part of what a mail server says: its name, sender, recipients, parameters, and mails of any bytes."""
    runtime, chance = world.runtime, world.hostile.chance
    async with runtime.store.read() as session:
        messages = list(await session.scalars(select(Message.id).where(Message.activity_id.is_not(None))))
        activities = list(await session.scalars(select(Activity.id)))
        before = await session.scalar(select(func.count(Incoming.id))) or 0
    ways = [(Use.REPLY, one) for one in messages] + [(Use.BOUNCE, one) for one in messages]
    chance.shuffle(ways)
    taken = 0
    async with listening(runtime) as where:
        host, _, port = where.rpartition(":")
        for place in range(number):
            use, key = ways[place % len(ways)] if place % 5 else (Use.CALENDAR, chance.choice(activities))
            own = tagged(runtime.settings, use, key, *(("abcd",) if use is Use.BOUNCE else ()))
            one, two = world.hostile.one(), world.hostile.one()
            world.report.sent[NAME] += 1
            reader, writer = await asyncio.open_connection(host, int(port))
            line = _Line(reader, writer)
            try:
                await line.answer()
                taken += await _brings(line, own, _mail(use, one, two, chance, place), one, place, chance)
            except (ConnectionError, TimeoutError, _Unexpected) as error:
                world.report.fail(NAME, f"{type(error).__name__} on the line: {error}", (place, one, two))
            finally:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()
    await handle_new(runtime, number)
    async with runtime.store.read() as session:
        kept = await session.scalar(select(func.count(Incoming.id))) or 0
        for key in await session.scalars(select(Incoming.id).where(Incoming.tries > 0)):
            world.report.fail(NAME, "not handled", key)
        contents = [bytes(raw) for raw in await session.scalars(select(IncomingContent.content))]
    world.report.taken[NAME] += kept - before
    if kept - before > taken:
        world.report.fail(NAME, "more mails were kept than were taken", (taken, kept - before))
    wrong = ["a mail within a mail became one" for raw in contents if raw.lstrip().startswith(SMUGGLED)]
    world.report.judge(NAME, wrong, "smuggled")
    for activity_id in activities[: max(1, number // 40)]:  # what came in, as the coordinator reads it
        await world.crawl([f"/board/{activity_id}"], world.signed_in, surface=NAME, of_each=12, most=min(30, number))


async def _brings(line: _Line, own: str, raw: bytes, one: str, place: int, chance: random.Random) -> int:
    """Bring one mail, with something hostile in its envelope now and then; returns for how many it was taken."""
    speaks_lmtp, text = chance.random() < 0.5, as_bytes(one)[: chance.choice((60, 480, 3000))]
    flat = text.replace(b"\r", b"").replace(b"\n", b"")
    await line.says((b"LHLO " if speaks_lmtp else b"EHLO ") + (flat if place % 7 == 1 else b"mta.example"))
    if place % 7 == 2:
        await line.says(flat)  # a word that is none
    if place % 7 == 3:
        line.writer.write(text + b"\r\nNOOP\r\n")  # lines of somebody's own: whatever is said, the door goes on
        for _ in range(text.count(b"\n") + 2):
            await line.answer()
        await line.says(b"RSET")
    sender = f"{MARK}{place}@x.example".encode()
    hostile = place % 7 == 4
    if hostile:
        await line.says(b"MAIL FROM:<" + flat + b"> " + flat)
        await line.says(b"RSET")
    added = chance.choice((b"", b" SMTPUTF8", b" BODY=8BITMIME", b" SIZE=1000", b" SIZE=1000 BODY=8BITMIME"))
    said = await line.says(b"MAIL FROM:<" + (flat[:60] if place % 7 == 5 else sender) + b">" + added)
    if not said.startswith(b"250"):
        await line.says(b"RSET")
        await line.says(b"MAIL FROM:<" + sender + b">")
    recipients = 0
    if place % 7 == 6:
        await line.expects(b"5", b"RCPT TO:<" + flat + b">")
        recipients += (await line.says(b"RCPT TO:<" + own.encode() + b"> " + flat)).startswith(b"250")
    for _ in range(chance.choice((1, 1, 2))):
        recipients += (await line.says(b"RCPT TO:<" + own.encode() + b">")).startswith(b"250")
    if not recipients:
        return 0
    await line.expects(b"354", b"DATA")
    line.writer.write(raw)
    if place % 23 == 0:
        return 0  # hangs up in the middle
    line.writer.write(b"\r\n.\r\n")
    answers = [await line.answer() for _ in range(recipients if speaks_lmtp else 1)]
    # Whoever took something within the mail for an end answered more than once, and is behind from here on.
    await line.expects(b"252", b"VRFY x")
    await line.says(b"QUIT")
    # By SMTP one answer is for all of them.
    return sum(one.startswith(b"250") for one in answers) * (1 if speaks_lmtp else recipients)


def _mail(use: Use, one: str, two: str, chance: random.Random, place: int) -> bytes:
    """Write a mail as it goes over the line: dots doubled, with a second mail in it, bytes of any kind, or huge."""
    raw = letter(use, one, two, chance)
    match place % 6:
        case 0:
            within = b"MAIL FROM:<e@evil.example>\r\nRCPT TO:<x@evil.example>\r\nDATA\r\n" + SMUGGLED + b"\r\n\r\nx"
            return raw.replace(b"\r\n.", b"\r\n..") + chance.choice(ENDS) + within
        case 1:
            raw = raw.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\r\r\n")))
        case 2:
            raw = raw[: chance.randrange(len(raw))] + chance.randbytes(300) + raw[len(raw) // 2 :]
        case 3:
            raw = _in_parts(one, two, chance)
    if place % 40 == 7:
        raw += b"\r\n" + as_bytes(one)[:50].replace(b"\r\n", b"") + b"a" * chance.choice((997, 1001, 2**17))
    if place in {11, 12}:
        raw += b"\r\n" + b"aaaaaaaaaaa\r\n" * (LARGEST // 13 + 1)
    return raw.replace(b"\r\n.", b"\r\n..")


def _in_parts(one: str, two: str, chance: random.Random) -> bytes:
    """Write a mail of parts within parts, with hostile names, kinds and edges, some of them never closed."""
    edge = as_bytes(chance.choice((one[:60], "b", "b b", '"')))
    deep = chance.choice((1, 3, 60))
    lines = [b"From: " + as_bytes(one)[:300], b"Subject: =?" + as_bytes(two)[:60] + b"?b?////?=", b"MIME-Version: 1.0"]
    for level in range(deep):
        lines += [b'Content-Type: multipart/mixed; boundary="%d%s"' % (level, edge), b"", b"--%d%s" % (level, edge)]
    lines += [
        b"Content-Type: "
        + as_bytes(chance.choice((two, "text/plain; charset=" + two[:40], "message/rfc822", "image/svg+xml"))),
        b"Content-Disposition: attachment; filename*=" + as_bytes(one)[:100] + b"; filename=" + as_bytes(two)[:100],
        b"Content-Transfer-Encoding: " + chance.choice((b"base64", b"uuencode", b"7bit", as_bytes(two)[:40])),
        b"",
        as_bytes(two),
    ]
    if chance.random() < 0.5:
        lines += [b"--%d%s--" % (level, edge) for level in reversed(range(deep))]
    return b"\r\n".join(lines)
