"""Moving the demo's clock: never back, and never past something before everything of its moment has happened."""

import asyncio
from datetime import datetime

from sandwich.clock import real_now
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services.coming import Coming, what_comes
from sandwich.services.settled import Outlook, look

PATIENCE = 120.0
"""How many seconds of real time one move may take before it stops where it is."""

_PAUSE = 0.1
_QUIET = 2
"""How often in a row nothing may be waiting before a moment counts as settled: a wake can follow on an answer."""


async def outlook(runtime: Runtime) -> Outlook:
    """Look at this moment of the moved clock."""
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        return await look(session, now)


async def coming(runtime: Runtime) -> Coming | None:
    """Look at the next thing that happens after this moment of the moved clock."""
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        return await what_comes(session, runtime.settings.timezone, now)


async def settle(runtime: Runtime, until: float) -> Outlook:
    """Wait until everything of this moment has happened, or until the loop's time ``until``; tell which."""
    loop = asyncio.get_running_loop()
    quiet = 0
    while True:
        seen = await outlook(runtime)
        quiet = quiet + 1 if seen.is_settled else 0
        if quiet >= _QUIET or loop.time() >= until:
            return seen
        await asyncio.sleep(_PAUSE)


async def to_next(runtime: Runtime, *, patience: float = PATIENCE) -> Outlook:
    """Go to the next thing that happens and wait until it has happened."""
    until = asyncio.get_running_loop().time() + patience
    seen = await settle(runtime, until)
    following = await coming(runtime) if seen.is_settled else None
    if following is not None:
        seen = await to_moment(runtime, following.at, patience=until - asyncio.get_running_loop().time())
    return seen


async def to_moment(runtime: Runtime, moment: datetime, *, patience: float = PATIENCE) -> Outlook:
    """Go to a later moment, by way of everything that happens before it, each at its own moment."""
    if moment < await runtime.clock.now():
        raise BadInput(
            "The clock only moves forward. Choose a moment that is still to come.",
            "De klok gaat alleen vooruit. Kies een moment dat nog komt.",
        )
    until = asyncio.get_running_loop().time() + patience
    while True:
        seen = await settle(runtime, until)
        if not seen.is_settled or seen.now >= moment:
            return seen
        between = seen.next_at is not None and seen.next_at < moment
        await _put(runtime, seen.next_at if between and seen.next_at else moment)


async def _put(runtime: Runtime, moment: datetime) -> None:
    if moment > real_now() + await runtime.clock.offset():
        await runtime.clock.set(moment)
