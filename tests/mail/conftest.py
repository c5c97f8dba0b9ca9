"""The activity of the story with a real mail server behind it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from sandwich.mail import turns
from sandwich.runtime import Runtime
from sandwich.settings import Encryption
from tests.mail.peers import Box, a_mailbox
from tests.mail.telling import Telling
from tests.support.cast import Cast
from tests.support.chapters import play, stage

__all__ = ["play", "stage"]

FOLLOWED = turns.FOLLOWED
"""As it is where a flow carries the activity."""


@pytest.fixture(autouse=True)
def nobody_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no mail wait for the rest of a wake: no flow carries the activity of these tests."""
    monkeypatch.setattr(turns, "FOLLOWED", timedelta(0))


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Box]:
    """A real mail server's mailbox."""
    async with a_mailbox() as box:
        yield box


@pytest_asyncio.fixture
async def telling(runtime: Runtime, cast: Cast, box: Box) -> Telling:
    """Activity A1, just started, and nothing delivered yet."""
    return await Telling.start(mailing(runtime, box.port), cast, box)


def mailing(runtime: Runtime, port: int, **settings: object) -> Runtime:
    """Return the runtime with its mail going to a port on this machine."""
    given = {
        "smtp_port": port,
        "smtp_encryption": Encryption.NONE,
        "smtp_timeout": 5.0,
        "mail_from": "sandwich@grienden.example",
        "base_url": "http://127.0.0.1:8000",
        **settings,
    }
    return Runtime(runtime.settings.model_copy(update=given), runtime.store, runtime.clock, runtime.library)
