"""Build the demo's whole region: its stories are told on a clock of their own, and their mails put into the mailbox."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.tables.base import counted_ids
from sandwich.clock import Clock
from sandwich.demo.mailbox import Mailbox
from sandwich.demo.region import load_demo
from sandwich.demo.telling import Telling, read_stories, read_usual
from sandwich.rehearsal.installation import StandingClock
from sandwich.rehearsal.letters import Letters
from sandwich.runtime import Runtime, open_library
from sandwich.settings import Settings
from sandwich.store import Store

STANDS_AT = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
"""The moment up to which everything is told: a Sunday morning."""

_BEFORE = timedelta(hours=1)

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


async def build_region(settings: Settings, on_progress: Progress) -> None:
    """Tell all stories in the empty database of ``settings``, and let its clock stand at :data:`STANDS_AT`.

    ``on_progress`` is told how many moments have been, and of how many. What was begun and not finished is of no use.
    """
    store = Store(settings.store_url, is_throwaway=True)
    zone, stories = ZoneInfo(settings.timezone), read_stories()
    begins = min(story.starts.at for story in stories).replace(tzinfo=zone) - _BEFORE
    clock = StandingClock(store, begins)
    runtime = Runtime(settings, store, clock, open_library(settings))
    refused: set[str] = set()
    letters = Letters(clock, refused)
    try:
        await load_demo(runtime, begins)
        telling = Telling(runtime=runtime, open_line=letters.line, stories=stories, usual=read_usual(), refused=refused)
        with counted_ids():  # whose turn it is follows the order in which people came in
            await telling.tell(STANDS_AT, on_progress)
        Mailbox.of(settings).add_all(
            (letter.mail.sender, [letter.mail.recipient], letter.mail.data, letter.at) for letter in letters.arrived
        )
        await Clock(store).set(STANDS_AT)
    finally:
        await runtime.close()
