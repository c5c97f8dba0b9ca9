"""Send so many hostile texts into copies of the region, then make everything of what is kept, and judge it all."""

import io
import logging
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from sandwich.running.logs import set_up_logs
from sandwich.settings import LogFormat, Settings
from tests.browser.beside import bring_about
from tests.hostile.rendered import poison, rendered
from tests.hostile.shapes import Hostile
from tests.hostile.surfaces import SURFACES
from tests.hostile.world import Report, copied, opened

WHOLE = sum(share for _, share in SURFACES.values())
"""How many texts all shares together are."""


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
    region: Settings,
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
    with tempfile.TemporaryDirectory(prefix="sandwich-hostile-") as folder, logged() as log:
        for place, (name, (surface, share)) in enumerate(SURFACES.items()):
            if name not in only:
                continue
            on_surface(name)
            hostile = Hostile(seed + place)
            async with opened(copied(region, Path(folder) / f"{place}"), report, hostile, log) as world:
                if name in {"free forms", "board"}:
                    await bring_about(world.runtime)
                await surface(world, max(20, number * share // WHOLE))
                if name == "forms" and of_each > 1:
                    await rendered(world, of_each=of_each, turns=turns)
        if "names" in only or len(only) == len(SURFACES):
            on_surface("names")
            async with opened(copied(region, Path(folder) / "names"), report, Hostile(seed), log) as world:
                await bring_about(world.runtime)
                await poison(world)
                await rendered(world, of_each=of_each, turns=turns)
