"""An HTTP proxy before a real server, that answers some requests by itself: not now."""

import asyncio
import contextlib
import itertools
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

CHUNK = 65536
LONGEST_HEAD = 65536


@dataclass
class Refusing:
    """Passes everything on to ``target``, but for the part ``share`` of the requests, which it refuses at random.

    Only those whose path ends with ``ending`` are refused, with each of ``codes`` in turn.

    While ``open`` is not set every request stands still, unheard.
    """

    target: tuple[str, int]
    heard: Callable[[str, bytes, bool], None]  # path, body, and whether it was refused
    port: int = 0
    share: float = 0.0
    ending: str = ""
    codes: tuple[HTTPStatus, ...] = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
    retry_after: int | None = 1
    refused: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()
        self._random = random.Random(1)
        self._refusals = itertools.count()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until it ends; requests on it come one after the other."""
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        back = asyncio.create_task(_copy(far_reader, writer))
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1])) if length else b""
                await self.open.wait()
                path = head.split(b" ", 2)[1].decode()
                refuses = path.endswith(self.ending) and self._random.random() < self.share
                self.heard(path, body, refuses)
                if refuses:
                    self.refused += 1
                    writer.write(self._refusal())
                    await writer.drain()
                    continue
                far_writer.write(head + body)
                await far_writer.drain()
                if b"\r\nupgrade:" in head.lower():
                    await _copy(reader, far_writer)
        except (asyncio.IncompleteReadError, OSError):
            pass  # one of the two has gone
        finally:
            back.cancel()
            for one in (writer, far_writer):
                one.close()

    def _refusal(self) -> bytes:
        code = self.codes[next(self._refusals) % len(self.codes)]
        wait = [] if self.retry_after is None else [f"Retry-After: {self.retry_after}"]
        return "\r\n".join((f"HTTP/1.1 {code} {code.phrase}", *wait, "Content-Length: 0", "", "")).encode()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def a_refusing_proxy(
    target: tuple[str, int], heard: Callable[[str, bytes, bool], None]
) -> AsyncIterator[Refusing]:
    """Run a proxy on a free port of this machine; it refuses nothing until it is told to."""
    proxy = Refusing(target, heard)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=LONGEST_HEAD)
    proxy.port = listening.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listening.close()
