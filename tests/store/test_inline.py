"""A database on which one thing happens at a time is worked on without a thread, and gives the same answers."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sandwich.errors import StoreUnavailable
from sandwich.store import Store
from sandwich.store.migrate import upgrade

pytestmark = pytest.mark.asyncio


async def test_no_thread_is_started_and_mistakes_stay_what_they_are(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'rehearsal.db'}"
    await upgrade(url)
    before, store = set(threading.enumerate()), Store(url, is_throwaway=True)
    add = text("insert into region (id, code, name) values ('R', 'R', 'De Grienden')")
    async with store.engine.begin() as connection:
        await connection.execute(add)
        started = set(threading.enumerate()) - before
    assert not started
    with pytest.raises(IntegrityError):
        async with store.engine.begin() as connection:
            await connection.execute(add)
    async with store.read() as session:
        assert await session.scalar(text("select name from region")) == "De Grienden"
        assert await session.scalar(text("pragma synchronous")) == 0
    await store.close()


async def test_a_file_that_cannot_be_opened_is_told_plainly(tmp_path: Path) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'rehearsal.db'}", is_throwaway=True)
    with pytest.raises(StoreUnavailable):
        async with store.read():
            pass
    await store.close()
