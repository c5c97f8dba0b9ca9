"""What all commands share while one of them runs."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.settings import Settings

T = TypeVar("T")

ACTOR = "command-line"
"""Who did it, in the audit log, when a command changes something."""


class State:
    """The choices that stand before the command's name."""

    debug = False

    @staticmethod
    def use_demo() -> None:
        """Let every setting be that of the demo in the working directory."""
        from sandwich.demo.play import FOLDER, enter

        enter(os.environ, Path(FOLDER))


@cache
def settings() -> "Settings":
    """Return the settings of the installation that the command works on."""
    from sandwich.running.own_secrets import settings_with_secrets

    return settings_with_secrets()


def with_runtime(work: "Callable[[Runtime], Awaitable[T]]") -> T:
    """Open the installation, do ``work`` and close it again. Its database must be ours, with this version's tables."""
    from sandwich.runtime import open_runtime
    from sandwich.store.migrate import ensure_current

    chosen = settings()

    async def prepare() -> "Runtime":
        await ensure_current(chosen.store_url)
        return open_runtime(chosen)

    async def own_work(runtime: "Runtime") -> T:
        await runtime.ensure_own()
        return await work(runtime)

    return asyncio.run(_work_then_close(prepare, own_work))


def with_store(work: "Callable[[Runtime], Awaitable[T]]") -> T:
    """Do ``work`` that only reads what is stored, without loading playbooks and forms: that takes half the time."""
    from sandwich.clock import Clock
    from sandwich.definitions.library import Library
    from sandwich.runtime import Runtime
    from sandwich.store import Store
    from sandwich.store.steps import newest, step_of

    chosen = settings()

    async def prepare() -> "Runtime":
        store = Store(chosen.store_url)
        if store.path is not None and not store.path.is_file():
            from sandwich.store.migrate import DatabaseNotMade

            raise DatabaseNotMade  # to look would make an empty file
        found = await step_of(store)
        if found is not None and found > newest():
            from sandwich.store.migrate import DatabaseNew

            await store.close()
            raise DatabaseNew(current=found, needed=newest())
        return Runtime(chosen, store, Clock(store), Library(scales={}, lists={}, forms={}))

    return asyncio.run(_work_then_close(prepare, work))


async def _work_then_close(prepare: "Callable[[], Awaitable[Runtime]]", work: "Callable[[Runtime], Awaitable[T]]") -> T:
    runtime = await prepare()
    try:
        return await work(runtime)
    finally:
        await runtime.close()
