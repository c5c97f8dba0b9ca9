"""PostgreSQL: several writers, and trouble with the server is a plain sentence."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from models.tables.network import Region
from models.text import Language
from sandwich.errors import OutcomeUnknown, StoreUnavailable
from sandwich.store import Store, engine
from sandwich.store.audit import take_free
from sandwich.store.replay import differences, replay, tables, verify
from sandwich.store.scope import of_region
from tests.support.databases import PostgresDatabases, a_database
from tests.support.rows import a_person, a_school, an_activity

pytestmark = pytest.mark.asyncio


@pytest.fixture
def url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A database with all tables."""
    with a_database(postgres_databases) as url:
        yield url


@pytest_asyncio.fixture
async def server(url: str) -> AsyncIterator[Store]:
    """A store on it that loses its patience soon."""
    store = Store(url, patience=1)
    yield store
    await store.close()


async def test_no_connection_makes_machine_code_of_statements(server: Store) -> None:
    """With policies in force PostgreSQL would, for each statement, as soon as there are some thousands of rows."""
    for store in (server, server.narrowed(of_region("elsewhere"))):
        async with store.read() as session:
            assert await (await session.connection()).scalar(text("SHOW jit")) == "off"


async def test_writers_of_one_stream_take_turns(url: str, now: datetime) -> None:
    """Thirty changes at once, through two stores, make one chain; none is refused."""

    async def write(store: Store, number: int) -> None:
        async with store.change(now=now, actor=f"writer-{number}") as session:
            session.add(Region(code=f"r{number}", name="Here"))

    stores = [Store(url), Store(url)]
    await asyncio.gather(*(write(stores[number % 2], number) for number in range(30)))
    async with stores[0].read() as session:
        assert (await verify(session)).entries == 30
        assert differences(await replay(session), await tables(session)) == []
    for store in stores:
        await store.close()


async def test_writers_of_several_streams_never_block_each_other_for_good(url: str, now: datetime) -> None:
    """Changes that touch two activities and the registry take the locks in one order."""
    store = Store(url)
    async with store.change(now=now, actor="test") as session:
        school, person = await a_school(session), await a_person(session, "An", "Een")
        first = await an_activity(session, school, person, now)
        second = await an_activity(session, school, person, now)

    async def write(number: int) -> None:
        async with store.change(now=now, actor=f"writer-{number}") as session:
            session.add(Region(code=f"r{number}", name="Here"))
            for activity in (first, second) if number % 2 else (second, first):
                (await session.merge(activity)).group_size = number

    await asyncio.gather(*(write(number) for number in range(20)))
    async with store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []
    await store.close()


async def test_whoever_takes_what_is_free_waits_for_nobody(server: Store, now: datetime) -> None:
    """Two that share work take different activities, and leave alone what a third has in hand."""
    wanted = [f"activity-{number}" for number in range(5)]
    async with (
        server.change(now=now, actor="page", stream=wanted[1]),
        server.change(now=now, actor="first") as session,
        server.change(now=now, actor="second") as other,
    ):
        assert await take_free(session, wanted, 2) == [wanted[0], wanted[2]]
        assert await take_free(other, wanted, 9) == [wanted[3], wanted[4]]
    async with server.change(now=now, actor="third") as session:
        assert await take_free(session, wanted, 9) == wanted


async def test_an_activity_has_one_writer_from_the_start(server: Store, now: datetime) -> None:
    """With ``stream`` the second writer waits before it reads, and not for ever."""
    async with server.change(now=now, actor="first", stream="activity-1"):
        async with server.change(now=now, actor="other", stream="activity-2"):
            pass
        with pytest.raises(StoreUnavailable, match="another program holds it"):
            async with server.change(now=now, actor="second", stream="activity-1"):
                pytest.fail("the first writer is still at it")


async def test_nothing_answers(tmp_path: object, now: datetime) -> None:
    """No server, no traceback."""
    store = Store(f"postgresql+asyncpg://nobody@/none?host={tmp_path}", patience=1)
    with pytest.raises(StoreUnavailable) as caught:
        async with store.change(now=now, actor="test"):
            pass
    assert caught.value.to(Language.ENGLISH) == (
        "The database cannot be used now: it does not answer. Nothing was changed; try again in a moment."
    )
    assert "hij geeft geen antwoord" in caught.value.to(Language.DUTCH)


@pytest.mark.parametrize(("right", "wrong"), [("//sandwich@", "//stranger@"), ("@/test_", "@/no_test_")])
async def test_an_address_that_is_wrong(url: str, right: str, wrong: str) -> None:
    """A name that the server does not know is no traceback and points to the setting."""
    store = Store(url.replace(right, wrong))
    with pytest.raises(StoreUnavailable, match="look at SANDWICH_DATABASE_URL"):
        async with store.read():
            pass


async def _hang_up(store: Store) -> None:
    """Let the server break all other connections to its database."""
    other = Store(store.url.render_as_string(hide_password=False))
    async with other.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await other.close()


async def test_a_driver_that_lost_its_line_is_not_quoted() -> None:
    """What asyncpg says of its own insides when a server dies under it helps nobody."""
    lost = DBAPIError("", None, RuntimeError("got result for unknown protocol state 3"), connection_invalidated=True)
    assert "the line to it broke" in str(StoreUnavailable.because(lost))
    assert "de verbinding ermee brak" in StoreUnavailable.because(lost).to(Language.DUTCH)


async def test_the_line_breaks_during_a_change(server: Store, now: datetime) -> None:
    """Nothing was changed, says the sentence, and so it is; the next change connects anew."""
    with pytest.raises(StoreUnavailable) as caught:  # noqa: PT012 - the block as a whole fails
        async with server.change(now=now, actor="test") as session:
            session.add(Region(code="here", name="Here"))
            await session.flush()
            await _hang_up(server)
            await session.scalar(select(func.count(Region.id)))
    assert type(caught.value) is StoreUnavailable
    async with server.change(now=now, actor="test") as session:
        assert await session.scalar(select(func.count(Region.id))) == 0


async def test_the_line_breaks_at_the_commit(server: Store, now: datetime) -> None:
    """Then nobody can know, and the sentence does not pretend."""
    with pytest.raises(OutcomeUnknown, match="Look whether the change was made"):  # noqa: PT012 - as above
        async with server.change(now=now, actor="test") as session:
            session.add(Region(code="here", name="Here"))
            await session.flush()
            await _hang_up(server)


@pytest.mark.parametrize("quiet", [-1.0, 3600.0])
async def test_a_line_is_tried_before_it_is_used_after_a_quiet_time(
    server: Store, monkeypatch: pytest.MonkeyPatch, quiet: float
) -> None:
    """Our end may not know yet that it broke. In use it is found out then: an error, and the next one connects anew."""
    monkeypatch.setattr(engine, "QUIET", quiet)
    question = select(func.count(Region.id), func.pg_backend_pid())
    number, process = await server.glance(question)
    assert (number, process) == tuple(await server.glance(question)) == (0, process)
    with ThreadPoolExecutor() as elsewhere:  # nothing of this loop goes on meanwhile
        elsewhere.submit(asyncio.run, _hang_up(server)).result()
    if quiet > 0:
        with pytest.raises(StoreUnavailable):
            await server.glance(question)
    assert (await server.glance(question))[1] != process
