"""How a part tells the one that started it that it is ready: a word on a socket, as systemd has it (Type=notify)."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "NOTIFY_SOCKET"
_WORD = b"READY=1"


def tell_ready() -> None:
    """Tell whoever started this process that it is ready; nothing happens where nobody listens."""
    address = os.environ.get(VARIABLE)
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            line.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            line.send(_WORD)
        except OSError:
            pass  # whoever listened has gone; being ready does not depend on it


@contextmanager
def listening(path: Path) -> Iterator[asyncio.Event]:
    """Listen at ``path`` as long as the block runs; gives an event that is set when the word arrives."""
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.bind(str(path))

        def receive() -> None:
            if _WORD in line.recv(4096).splitlines():
                ready.set()

        loop.add_reader(line, receive)
        try:
            yield ready
        finally:
            loop.remove_reader(line)
            path.unlink(missing_ok=True)
