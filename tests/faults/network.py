"""Machines of tests: network namespaces, each with a cable to a bridge in the middle, or plain processes.

In the middle stands the mail server.
"""

import asyncio
import contextlib
import ipaddress
import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP
from cryptography import x509

from tests.faults.journal import Journal, Sink
from tests.faults.parts import Part
from tests.support.certificates import write_certificate

NO_RIGHT = "no right to make network namespaces, or no iproute2"
NETWORK = "10.77.0"
MIDDLE = f"{NETWORK}.1"
LOCAL = "127.0.0.1"


@dataclass(eq=False)
class Machine:
    """One machine with one part on it."""

    name: str
    address: str
    namespace: str  # empty: a plain process
    part: Part = field(init=False)

    def cut(self) -> None:
        """Pull the cable: nobody is told."""
        self._cable("down") if self.namespace else self.part.signal(signal.SIGSTOP)

    def join(self) -> None:
        """Put the cable back."""
        self._cable("up") if self.namespace else self.part.signal(signal.SIGCONT)

    def lose_power(self) -> None:
        """End it for good, so that nobody hears its last words."""
        if self.namespace:
            self._cable("down")
        self.part.arguments = ("-c", "import time; time.sleep(86400)")  # nobody starts it again
        self.part.signal(signal.SIGKILL)

    def _cable(self, state: str) -> None:
        _ip("link", "set", f"to-{self.name}", state)

    def inside(self, *arguments: str) -> tuple[str, ...]:
        """Return what Python is to run so that it runs ``arguments`` on this machine."""
        if not self.namespace:
            return arguments
        words = ["ip", "netns", "exec", self.namespace, sys.executable]
        return ("-c", f"import os, sys; os.execvp('ip', {words!r} + sys.argv[1:])", *arguments)


@contextlib.contextmanager
def machines_in(names: Sequence[str], *, apart: bool) -> Iterator[dict[str, Machine]]:
    """Set machines up, each with a cable to the bridge in the middle, and take them away at the end.

    For ``apart`` this process must be in a network of its own already (``unshare --net``); it stands in the middle.
    """
    if not apart:
        yield {name: Machine(name, LOCAL, "") for name in names}
        return
    machines = {
        name: Machine(name, f"{NETWORK}.{number}", f"sandwich-{os.getpid()}-{name}")
        for number, name in enumerate(names, 11)
    }
    try:
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "bridge0", "type", "bridge")
        _ip("address", "add", f"{MIDDLE}/24", "dev", "bridge0")
        _ip("link", "set", "bridge0", "up")
        for machine in machines.values():
            cable, there = f"to-{machine.name}", machine.namespace
            _ip("netns", "add", there)
            _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", there)
            _ip("link", "set", cable, "master", "bridge0", "up")
            _ip("-n", there, "link", "set", "lo", "up")
            _ip("-n", there, "address", "add", f"{machine.address}/24", "dev", "eth0")
            _ip("-n", there, "link", "set", "eth0", "up")
        yield machines
    finally:
        for machine in machines.values():
            subprocess.run(["ip", "netns", "delete", machine.namespace], capture_output=True, check=False)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def can_be_apart() -> bool:
    """Whether this account may make a network of its own, with a bridge in it."""
    if not (shutil.which("ip") and shutil.which("unshare")):
        return False
    probe = ["unshare", "--net", "sh", "-c", "ip link add probe type bridge && ip netns add $0 && ip netns delete $0"]
    return subprocess.run([*probe, f"sandwich-probe-{os.getpid()}"], capture_output=True, check=False).returncode == 0


@contextlib.asynccontextmanager
async def mail_server(folder: Path, sink: Journal, address: str) -> AsyncIterator[int]:
    """Take mail in the middle, over TLS with a certificate that the machines know."""
    certificate = write_certificate(folder, "mail", x509.IPAddress(ipaddress.ip_address(address)))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)

    def session() -> SMTP:
        return SMTP(Sink(sink), hostname="sink.example", tls_context=context, require_starttls=True)

    server = await asyncio.get_running_loop().create_server(session, address, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
