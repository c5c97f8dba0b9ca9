"""Ports of this machine: whether one is free, and which."""

import random
import socket

from sandwich.errors import SandwichError

_SPARE = range(20_000, 30_000)


class PortTaken(SandwichError):
    """Port {port} is in use by another program. Stop that program, or choose another port with {setting}."""

    dutch = "Poort {port} is al in gebruik door een ander programma. Stop dat, of kies een andere poort met {setting}."


def is_free(host: str, port: int) -> bool:
    """Whether nothing on this machine listens at ``port``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        # What a server does too: a port that was closed a moment ago is free.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except OSError:
            return False
    return True


def need_free(host: str, port: int, setting: str) -> None:
    """Return when ``port`` is free; raises ``PortTaken`` otherwise, naming the ``setting`` that changes it."""
    if not is_free(host, port):
        raise PortTaken(port=port, setting=setting)


def free_port(host: str) -> int:
    """Return a port at which nothing listens, of those that systems do not hand out to connections by themselves."""
    for port in random.sample(_SPARE, len(_SPARE)):
        if is_free(host, port):
            return port
    raise PortTaken(port=f"{_SPARE.start}-{_SPARE.stop}", setting="-")
