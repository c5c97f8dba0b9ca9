"""A real receiver of webhooks on this machine, over http or https: it keeps what comes and answers as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Received:
    """One request, as it came over the line."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Where it listens, what came, and what it answers: statuses one after the other, the last of them for good."""

    port: int = 0
    scheme: str = "http"
    answers: list[int] = field(default_factory=lambda: [204])
    leads_to: str = ""
    waits: float = 0.0
    came: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def address(self) -> str:
        """Its address."""
        return f"{self.scheme}://localhost:{self.port}/told"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.came.append(Received(head[0].split()[1], headers, body))
            self.arrived.set()
            await asyncio.sleep(self.waits)
            status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            leads = f"location: {self.leads_to}\r\n" if self.leads_to else ""
            writer.write(f"HTTP/1.1 {status} x\r\n{leads}content-length: 0\r\nconnection: close\r\n\r\n".encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Listen as long as the block runs."""
    receiver = Receiver(scheme="https" if context else "http")
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
