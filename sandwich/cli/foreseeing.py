"""What a command would do, before it does it (``--dry-run``)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from models.text import Text
from sandwich.cli.state import with_runtime

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.services.effects import Effects


def foreseen(id_: str, look: "Callable[[Runtime, str, datetime], Awaitable[Effects]]") -> tuple[str, tuple[Text, ...]]:
    """Return the title of an activity and what a change of it would do, line by line; nothing is written."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.effects_words import in_words

    async def work(runtime: "Runtime") -> tuple[str, tuple[Text, ...]]:
        async with runtime.store.read() as session:
            found = await the_activity(session, id_)
        effects = await look(runtime, found.id, await runtime.clock.now())
        return found.title, in_words(effects, ZoneInfo(runtime.settings.timezone))

    return with_runtime(work)
