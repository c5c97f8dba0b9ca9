"""Send so many hostile texts into copies of the region, then make everything of what is kept, and judge it all."""

import io
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import structlog

from sandwich.running.logs import set_up_logs
from sandwich.runtime import open_library
from sandwich.settings import LogFormat
from tests.browser.beside import bring_about
from tests.hostile.homes import Home
from tests.hostile.rendered import poison, rendered
from tests.hostile.shapes import MARK, Hostile
from tests.hostile.ways import SURFACES
from tests.hostile.world import Report, World, opened

WHOLE = sum(share for _, share in SURFACES.values())
"""How many texts all shares together are."""


_ASKED: list[tuple[str, str]] = []
_watching = False
_HERE = ("127.0.0.1", "::1", "localhost")


def _noticed(event: str, arguments: tuple[object, ...]) -> None:
    """Note what nothing that somebody typed may bring about: a line elsewhere, a program, a file or code."""
    if not _watching or event not in {"open", "compile", "socket.connect", "socket.getaddrinfo", "subprocess.Popen"}:
        return
    what = f"{arguments[1] if event == 'socket.connect' else arguments[0]}"[:2000]
    if event in {"open", "compile"} and MARK not in what.lower() and "passwd" not in what:
        return
    if event.startswith("socket.") and (what.startswith("/") or any(host in what for host in _HERE)):
        return
    _ASKED.append((event, what[:200]))


@contextmanager
def watched(report: Report) -> Iterator[None]:
    """Watch this process for what a text must never bring about."""
    global _watching
    if not _ASKED and not getattr(_noticed, "hangs", False):
        sys.addaudithook(_noticed)
        _noticed.hangs = True  # type: ignore[attr-defined]
    _watching = True
    try:
        yield
    finally:
        _watching = False
        report.judge("this machine", [f"{event} by what somebody typed" for event, _ in _ASKED], _ASKED[:3])
        _ASKED.clear()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Let everything be logged as an installation logs it, into memory."""
    root, log = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    set_up_logs(LogFormat.JSON, "hostile")
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(log)
    try:
        yield log
    finally:
        root.handlers, root.level = before, level
        structlog.reset_defaults()


async def attack(
    home: Home,
    report: Report,
    *,
    seed: int,
    number: int,
    turns: int,
    of_each: int,
    only: Collection[str] = tuple(SURFACES),
    on_surface: Callable[[str], None] = lambda _name: None,
) -> None:
    """Let every surface have its share of ``number`` texts, each with a copy of the region of its own.

    ``on_surface`` is told where it is; ``turns`` is how many moments the mails of the poisoned region are looked at,
    ``of_each`` how many pages of a kind.
    """
    with tempfile.TemporaryDirectory(prefix="sandwich-attack-") as folder, logged() as log, watched(report):
        library = open_library(home.region)

        @asynccontextmanager
        async def a_copy(name: str, hostile: Hostile) -> AsyncIterator[World]:
            settings = home.copy(Path(folder) / name)
            try:
                async with opened(settings, library, report, hostile, log) as world:
                    yield world
            finally:
                home.forget(settings)

        for place, (name, (surface, share)) in enumerate(SURFACES.items()):
            if name not in only:
                continue
            on_surface(name)
            async with a_copy(f"{place}", Hostile(seed + place)) as world:
                if name in {"free forms", "board"}:
                    await bring_about(world.runtime)
                await surface(world, max(20, number * share // WHOLE))
                if name in {"forms", "programs"} and of_each > 1:
                    await rendered(world, of_each=of_each, turns=turns)
        if "names" in only or len(only) == len(SURFACES):
            on_surface("names")
            async with a_copy("names", Hostile(seed)) as world:
                await bring_about(world.runtime)
                await poison(world)
                await rendered(world, of_each=of_each, turns=turns)
