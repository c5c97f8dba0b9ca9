"""The default database: what is committed stays, writers take turns, and trouble with the file is a plain sentence."""

import asyncio
import os
import pwd
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.tables.network import Contact, ContactKind, Region
from models.tables.truth import AuditEntry
from models.text import Language
from sandwich.errors import StoreUnavailable
from sandwich.store import Store
from sandwich.store.migrate import upgrade
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.databases import SqliteDatabases, a_database

pytestmark = pytest.mark.asyncio

PATIENCE = 0.6
"""Seconds that these tests wait for a file that somebody else holds."""


@pytest.fixture
def url(sqlite_databases: SqliteDatabases) -> Iterator[str]:
    """A database file with all tables."""
    with a_database(sqlite_databases) as url:
        yield url


@asynccontextmanager
async def _open(url: str, patience: float = PATIENCE) -> AsyncIterator[Store]:
    store = Store(url, patience=patience)
    try:
        yield store
    finally:
        await store.close()


async def _pragma(store: Store, name: str) -> object:
    async with store.engine.connect() as connection:
        return (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()


async def test_every_connection_is_set_for_safety(url: str) -> None:
    """Write-ahead log, commits that reach the disk, foreign keys, deleted text overwritten."""
    async with _open(url) as store:
        assert await _pragma(store, "journal_mode") == "wal"
        assert await _pragma(store, "synchronous") == 2  # FULL
        assert await _pragma(store, "foreign_keys") == 1
        assert await _pragma(store, "secure_delete") == 1
        assert await _pragma(store, "busy_timeout") == PATIENCE * 1000


async def test_whoever_finds_a_new_file_that_another_is_making_waits(tmp_path: Path) -> None:
    """SQLite itself lets nobody wait for the journal, so of several that begin together one was turned away."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as another:
        another.execute("CREATE TABLE one (number)")
        another.execute("BEGIN IMMEDIATE")
        another.execute("INSERT INTO one VALUES (1)")
        async with _open(f"sqlite+aiosqlite:///{path}") as store:
            mode = asyncio.create_task(_pragma(store, "journal_mode"))
            await asyncio.sleep(0.2)
            assert not mode.done()
            another.execute("COMMIT")
            assert await mode == "wal"


async def test_foreign_keys_hold(url: str, now: datetime) -> None:
    """A row cannot point to a row that does not exist."""
    async with _open(url) as store:
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            async with store.change(now=now, actor="test") as session:
                session.add(Contact(person_id="nobody", kind=ContactKind.MAIL, address="a@b.example"))


async def test_readers_go_on_while_somebody_writes(url: str, now: datetime) -> None:
    """A long change keeps nobody from reading, and nobody sees it before it is done."""
    async with _open(url) as store, store.change(now=now, actor="test") as session:
        session.add(Region(code="here", name="Here"))
        await session.flush()
        async with store.read() as other:
            assert await other.scalar(select(func.count()).select_from(Region)) == 0


async def test_writers_of_one_process_take_turns(url: str, now: datetime) -> None:
    """Forty changes at once all happen, each whole, in one chain."""

    async def write(store: Store, number: int) -> None:
        async with store.change(now=now, actor=f"writer-{number}") as session:
            session.add(Region(code=f"r{number}", name=f"{await session.scalar(select(func.count(Region.id)))}"))

    async with _open(url, patience=30) as store:
        await asyncio.gather(*(write(store, number) for number in range(40)))
        async with store.read() as session:
            counts = sorted(int(name) for name in await session.scalars(select(Region.name)))
            assert counts == list(range(40))  # each saw all that were before it
            assert (await verify(session)).entries == 40


_WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from models.tables.network import Region
from sandwich.store import Store

async def main(url, name):
    store = Store(url, patience=60)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(25):
        async with store.change(now=datetime.now(UTC), actor=name) as session:
            session.add(Region(code=f"{name}-{number}", name=name))
            await session.flush()
            print(number, flush=True)
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def _writer(url: str, name: str) -> asyncio.subprocess.Process:
    """Start a process that writes when it is told to go, and tells the number of each change before its commit."""
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, url, name, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert await writer.stdout.readline() == b"ready\n"
    return writer


async def test_two_processes_write_at_once(url: str) -> None:
    """Two programs on one file lose nothing and make one unbroken chain."""
    writers = [await _writer(url, name) for name in ("web", "worker")]
    await asyncio.gather(*(writer.communicate(b"go\n") for writer in writers))
    assert [writer.returncode for writer in writers] == [0, 0]
    async with _open(url) as store, store.read() as session:
        assert await session.scalar(select(func.count(Region.id))) == 50
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []
        actors = list(await session.scalars(select(AuditEntry.actor).order_by(AuditEntry.number)))
        assert actors != sorted(actors)  # they really were at it together


async def test_killed_in_the_middle_of_a_change(url: str) -> None:
    """What was committed is there after kill -9, what was not is not, and the chain holds."""
    writer = await _writer(url, "web")
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(b"go\n")
    seen = [int(await writer.stdout.readline()) for _ in range(5)]
    writer.kill()
    await writer.communicate()
    async with _open(url) as store, store.read() as session:
        kept = await session.scalar(select(func.count(Region.id)))
        assert kept is not None
        assert seen[-1] <= kept <= seen[-1] + 1
        assert (await verify(session)).entries == kept
        assert differences(await replay(session), await tables(session)) == []


async def _unavailable(store: Store, now: datetime) -> tuple[str, str, float]:
    """Try to write; return what is said in English and Dutch, and after how many seconds."""
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        async with store.change(now=now, actor="test") as session:
            session.add(Region(code="here", name="Here"))
    return caught.value.to(Language.ENGLISH), caught.value.to(Language.DUTCH), time.monotonic() - begun


async def test_another_program_holds_the_file(url: str, now: datetime) -> None:
    """After the patience, and not for ever, a person reads that nothing was changed; then it works again."""
    async with _open(url) as store:
        with closing(sqlite3.connect(url.partition("///")[2], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            english, dutch, seconds = await _unavailable(store, now)
            async with store.read() as session:
                assert await session.scalar(select(func.count(Region.id))) == 0
            other.execute("ROLLBACK")
        assert english == (
            "The database cannot be used now: another program holds it. Nothing was changed; try again in a moment."
        )
        assert dutch == (
            "De database is nu niet te gebruiken: een ander programma houdt hem bezet. "
            "Er is niets veranderd; probeer het zo nog eens."
        )
        assert PATIENCE / 2 < seconds < PATIENCE + 3
        async with store.change(now=now, actor="test") as session:
            session.add(Region(code="here", name="Here"))


async def test_a_writer_of_our_own_that_hangs(url: str, now: datetime) -> None:
    """A change that never ends does not take everybody with it."""
    async with _open(url) as store, store.change(now=now, actor="hanging"):
        english, _, seconds = await _unavailable(store, now)
        assert "it is too busy" in english
        assert seconds < PATIENCE + 3


@contextmanager
def _read_only(path: Path) -> Iterator[None]:
    """Make a file read-only for us; root, whom no file mode stops, becomes nobody meanwhile."""
    was_root = os.geteuid() == 0
    path.chmod(0o444)
    path.parent.chmod(0o555)
    if was_root:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
        path.parent.chmod(0o755)
        path.chmod(0o644)


async def test_a_read_only_file(now: datetime) -> None:
    """A file that may not be written says so, and works again when it may."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to nobody
        url = f"sqlite+aiosqlite:///{folder}/sandwich.db"
        await upgrade(url)
        async with _open(url) as store:
            with _read_only(Path(folder) / "sandwich.db"):
                english, dutch, seconds = await _unavailable(store, now)
            assert "now: it is read-only. Nothing was changed" in english
            assert "er mag alleen uit gelezen worden" in dutch
            assert seconds < PATIENCE + 3
            async with store.change(now=now, actor="test") as session:
                session.add(Region(code="here", name="Here"))


async def test_a_full_disk(url: str, now: datetime) -> None:
    """When there is no room the change is refused whole; nothing is damaged, and it goes on when there is room."""
    async with _open(url) as store:
        pages = await _pragma(store, "page_count")

        def fill(connection: Any, _entry: object) -> None:
            connection.cursor().execute(f"PRAGMA max_page_count={pages}")

        await store.close()
        event.listen(store.engine.sync_engine, "connect", fill)
        with pytest.raises(StoreUnavailable) as caught:
            async with store.change(now=now, actor="test") as session:
                session.add_all(Region(code=f"r{number}", name="x" * 5000) for number in range(20))
        assert "the disk is full" in caught.value.to(Language.ENGLISH)
        assert "de schijf is vol" in caught.value.to(Language.DUTCH)
        event.remove(store.engine.sync_engine, "connect", fill)
        await store.close()
        assert await _pragma(store, "integrity_check") == "ok"
        async with store.read() as session:
            assert (await verify(session)).entries == 0
        async with store.change(now=now, actor="test") as session:
            session.add(Region(code="here", name="Here"))


@pytest.mark.parametrize(
    ("make", "english", "dutch"),
    [
        (lambda path: path.write_bytes(b"no database at all " * 500), "is damaged", "is beschadigd"),
        (lambda path: path.mkdir(), "cannot be opened", "niet te openen"),
        (lambda path: None, "its tables are missing", "de tabellen ontbreken"),
    ],
    ids=["garbage", "folder", "empty"],
)
async def test_a_file_that_is_no_database_of_ours(
    tmp_path: Path, now: datetime, make: Callable[[Path], object], english: str, dutch: str
) -> None:
    """Whatever stands in its place, a person reads what is the matter."""
    make(tmp_path / "sandwich.db")
    async with _open(f"sqlite+aiosqlite:///{tmp_path}/sandwich.db") as store:
        said = await _unavailable(store, now)
    assert english in said[0]
    assert dutch in said[1]


async def test_a_connection_that_fails_leaves_nothing_behind(tmp_path: Path, now: datetime) -> None:
    """A program that keeps trying a damaged file does not run out of threads and files."""
    (tmp_path / "sandwich.db").write_bytes(b"no database at all " * 500)
    async with _open(f"sqlite+aiosqlite:///{tmp_path}/sandwich.db") as store:
        await _unavailable(store, now)
        before = threading.active_count() + len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            await _unavailable(store, now)
        async with asyncio.timeout(30):  # a thread ends a moment after its connection
            while threading.active_count() + len(os.listdir("/proc/self/fd")) > before:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_a_folder_that_does_not_exist(tmp_path: Path, now: datetime) -> None:
    """A wrong path is no traceback."""
    async with _open(f"sqlite+aiosqlite:///{tmp_path}/nowhere/sandwich.db") as store:
        assert "its file cannot be opened" in (await _unavailable(store, now))[0]


async def test_an_error_of_the_block_itself_stays_what_it_is(url: str, now: datetime) -> None:
    """A mail server that does not answer is not blamed on the database."""
    async with _open(url) as store:
        for error in (ConnectionRefusedError("smtp"), TimeoutError("smtp"), FileNotFoundError("upload")):
            with pytest.raises(type(error)):
                async with store.change(now=now, actor="test"):
                    raise error
            with pytest.raises(type(error)):
                async with store.read():
                    raise error


async def test_a_mistake_in_a_statement_is_not_the_databases_fault(store: Store) -> None:
    """It stays a traceback in the log: trying again in a moment would not help."""
    with pytest.raises(DBAPIError, match="syntax error"):
        async with store.read() as session:
            await session.execute(text("SELECT FROM WHERE"))
