"""The bad network of the other tests is bad in exactly the way that was asked for."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.proxy import End, Proxy, a_proxy

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def an_echo(heard: list[bytes]) -> AsyncIterator[int]:
    """A server that keeps what it hears and says it back."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                heard.append(data)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def said_back(proxy: Proxy, words: bytes, seconds: float = 0.3) -> bytes:
    """Return what a client hears within a while after it spoke; raises what the line ends with."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(words)
        await writer.drain()
        heard = b""
        async with asyncio.timeout(seconds):
            while len(heard) < len(words) and (data := await reader.read(4096)):
                heard += data
        return heard
    finally:
        writer.close()


async def test_good_weather_changes_nothing() -> None:
    heard: list[bytes] = []
    async with an_echo(heard) as port, a_proxy(("127.0.0.1", port)) as proxy:
        assert await said_back(proxy, b"x" * 100_000, seconds=5) == b"x" * 100_000


@pytest.mark.parametrize("weather", [{"delay": 0.06}, {"bytes_per_second": 100.0}])
async def test_a_slow_line_is_slow(weather: dict[str, float]) -> None:
    async with an_echo([]) as port, a_proxy(("127.0.0.1", port), **weather) as proxy:
        began = time.monotonic()
        assert await said_back(proxy, b"123456", seconds=5) == b"123456"
        assert time.monotonic() - began >= 0.11


@pytest.mark.parametrize("weather", [{"after_bytes": 7}, {"after_pattern": rb"\r\n\.\r\n"}])
async def test_a_line_is_cut_behind_the_byte_that_was_named(weather: dict[str, object]) -> None:
    heard: list[bytes] = []
    words = b"ab\r\n.\r\nMAIL"
    async with an_echo(heard) as port, a_proxy(("127.0.0.1", port), **weather) as proxy:
        assert await said_back(proxy, words) == b""
        await asyncio.sleep(0.05)
    assert b"".join(heard) == words[:7]
    assert proxy.cuts >= 1


async def test_a_pattern_is_found_over_two_pieces() -> None:
    heard: list[bytes] = []
    async with an_echo(heard) as port, a_proxy(("127.0.0.1", port), after_pattern=rb"\r\n\.\r\n") as proxy:
        _reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        for piece in (b"mail\r\n", b".\r", b"\nmore"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.03)
        writer.close()
    assert b"".join(heard) == b"mail\r\n.\r\n"


async def test_a_reset_is_a_reset() -> None:
    async with an_echo([]) as port, a_proxy(("127.0.0.1", port), after_bytes=3, end=End.RESET) as proxy:
        with pytest.raises(ConnectionResetError):
            await said_back(proxy, b"abc")


async def test_half_open_the_server_hears_and_is_not_heard() -> None:
    heard: list[bytes] = []
    async with an_echo(heard) as port, a_proxy(("127.0.0.1", port), after_bytes=1, end=End.HALF_OPEN) as proxy:
        with pytest.raises(TimeoutError):
            await said_back(proxy, b"a")
    assert heard == [b"a"]


async def test_a_black_hole_takes_everything_and_gives_nothing() -> None:
    heard: list[bytes] = []
    async with an_echo(heard) as port, a_proxy(("127.0.0.1", port), swallows=True) as proxy:
        with pytest.raises(TimeoutError):
            await said_back(proxy, b"a", seconds=0.1)
    assert heard == []


async def test_open_lines_can_be_cut_and_new_ones_refused() -> None:
    async with an_echo([]) as port, a_proxy(("127.0.0.1", port)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        assert proxy.cut() == 1
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()
        proxy.set(refuses=True)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            await said_back(proxy, b"a")
        proxy.set()
        assert await said_back(proxy, b"a") == b"a"
