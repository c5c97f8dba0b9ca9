"""A TCP proxy that is a bad network on purpose: slow, cut at the worst byte, reset, half-open, or a black hole."""

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

CHUNK = 16384
MEMORY = 256
"""How many of the last bytes are kept to find a pattern that is spread over two reads."""


class End(StrEnum):
    """How a line ends when it is cut."""

    CLOSE = "close"  # politely: both sides read an end
    RESET = "reset"  # by an RST, as a firewall or a dead process does
    HALF_OPEN = "half-open"  # what comes back is lost, and nobody is told
    BLACK_HOLE = "black-hole"  # nothing passes in either direction any more, and nobody is told


@dataclass(frozen=True)
class Weather:
    """What the network does to every line; ``after_bytes`` and ``after_pattern`` look at what the client sends."""

    delay: float = 0.0  # seconds, for every piece in either direction
    bytes_per_second: float = 0.0  # none: as fast as it goes
    after_bytes: int | None = None
    after_pattern: bytes | None = None
    end: End = End.CLOSE
    refuses: bool = False  # new lines are closed at once
    swallows: bool = False  # new lines are taken, and nothing ever passes


@dataclass(eq=False)
class Line:
    """One connection: the two sides, and whether it was cut."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    far_writer: asyncio.StreamWriter | None = None
    is_deaf: bool = False
    is_dead: bool = False
    sent: int = 0
    tail: bytes = b""


@dataclass(eq=False)
class Proxy:
    """Listens at ``port`` and passes everything on to ``target``, through the weather of the moment."""

    target: tuple[str, int] | str
    port: int = 0
    weather: Weather = field(default_factory=Weather)
    lines: set[Line] = field(default_factory=set)
    cuts: int = 0

    def set(self, **changes: object) -> None:
        """Change the weather from here on, also for the lines that are open."""
        self.weather = replace(Weather(), **changes)  # type: ignore[arg-type]

    def cut(self, end: End = End.RESET) -> int:
        """Cut all lines that are open, and return how many."""
        open_lines = [line for line in self.lines if not line.is_dead]
        for line in open_lines:
            self._end(line, end)
        return len(open_lines)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until it ends."""
        line = Line(reader, writer)
        if self.weather.refuses:
            self._end(line, End.RESET)
            return
        self.lines.add(line)
        try:
            if self.weather.swallows:
                line.is_dead = True
                await reader.read()  # until the client gives up
                return
            if isinstance(self.target, str):
                far_reader, line.far_writer = await asyncio.open_unix_connection(self.target)
            else:
                far_reader, line.far_writer = await asyncio.open_connection(*self.target)
            await asyncio.gather(self._there(line), self._back(line, far_reader))
        except OSError:
            self._end(line, End.RESET)
        finally:
            self.lines.discard(line)
            for one in (line.writer, line.far_writer):
                if one is not None:
                    one.close()

    async def _there(self, line: Line) -> None:
        while data := await line.reader.read(CHUNK):
            await self._weathered(data)
            passes, is_last = self._up_to_cut(line, data)
            if line.is_dead:
                continue
            assert line.far_writer is not None
            line.far_writer.write(passes)
            await line.far_writer.drain()
            if is_last:
                self._end(line, self.weather.end)
        if line.far_writer is not None and not line.is_dead:
            with contextlib.suppress(OSError):
                line.far_writer.write_eof()

    async def _back(self, line: Line, far_reader: asyncio.StreamReader) -> None:
        while data := await far_reader.read(CHUNK):
            await self._weathered(data)
            if line.is_dead or line.is_deaf:
                continue
            line.writer.write(data)
            await line.writer.drain()
        if not (line.is_dead or line.is_deaf):
            with contextlib.suppress(OSError):
                line.writer.write_eof()

    async def _weathered(self, data: bytes) -> None:
        rate = self.weather.bytes_per_second
        pause = self.weather.delay + (len(data) / rate if rate else 0)
        if pause:
            await asyncio.sleep(pause)

    def _up_to_cut(self, line: Line, data: bytes) -> tuple[bytes, bool]:
        """Return what still passes, and whether the line is cut behind it."""
        weather, before = self.weather, line.tail
        line.tail = (before + data)[-MEMORY:]
        line.sent += len(data)
        if weather.after_bytes is not None and line.sent >= weather.after_bytes:
            return data[: len(data) - (line.sent - weather.after_bytes)], True
        if weather.after_pattern is not None:
            for found in re.finditer(weather.after_pattern, before + data):
                if found.end() > len(before):
                    return data[: found.end() - len(before)], True
        return data, False

    def _end(self, line: Line, end: End) -> None:
        self.cuts += 1
        line.is_deaf, line.is_dead = True, end is not End.HALF_OPEN
        if end in {End.HALF_OPEN, End.BLACK_HOLE}:
            return
        for one in (line.writer, line.far_writer):
            if one is None:
                continue
            if end is End.RESET and one is line.writer and (own := one.get_extra_info("socket")) is not None:
                with contextlib.suppress(OSError):  # it is closed already
                    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()


@asynccontextmanager
async def a_proxy(target: tuple[str, int] | str, **weather: object) -> AsyncIterator[Proxy]:
    """Run a proxy on a free port of this machine."""
    proxy = Proxy(target)
    proxy.set(**weather)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = listening.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listening.close()
        for line in list(proxy.lines):
            proxy._end(line, End.RESET)
            line.reader.feed_eof()
