"""Every change is in the log, in the same transaction, and nobody can change it behind the log's back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.tables.activities import Activity
from models.tables.asking import Draft
from models.tables.base import Table, new_id
from models.tables.network import Person, Region
from models.tables.running import ClockOffset, Lease
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.store import Store
from sandwich.store.chain import GENESIS, REGISTRY, salted
from sandwich.store.migrate import upgrade
from sandwich.store.replay import verify
from tests.support.databases import PostgresDatabases
from tests.support.rows import a_participation, a_person, a_school, an_activity, an_invitation

pytestmark = pytest.mark.asyncio


async def _entries(store: Store) -> list[AuditEntry]:
    async with store.read() as session:
        order = (AuditEntry.stream, AuditEntry.number)
        return list(await session.scalars(select(AuditEntry).order_by(*order)))


async def _values(store: Store) -> dict[str, PersonalValue]:
    async with store.read() as session:
        return {row.id: row for row in await session.scalars(select(PersonalValue))}


async def test_insert_update_and_delete_are_entered(store: Store, now: datetime) -> None:
    """Who, when, which row, and the new values of the columns that changed."""
    async with store.change(now=now, actor="importer") as session:
        region = Region(code="here", name="Here")
        session.add(region)
    async with store.change(now=now + timedelta(hours=1), actor="coordinator") as session:
        (await session.get_one(Region, region.id)).name = "There"
    async with store.change(now=now + timedelta(hours=2), actor="cleaner") as session:
        await session.delete(await session.get_one(Region, region.id))
    first, second, third = await _entries(store)
    assert (first.actor, first.action, first.table, first.row) == ("importer", "insert", "region", region.id)
    nothing = dict.fromkeys(("hourly_rate", "eligible_costs", "travel"))
    assert first.changes == {"id": region.id, "code": "here", "name": "Here", **nothing}
    assert (second.actor, second.action, second.changes) == ("coordinator", "update", {"name": "There"})
    assert (third.actor, third.action, third.changes) == ("cleaner", "delete", {})
    assert [entry.number for entry in (first, second, third)] == [1, 2, 3]
    assert [entry.at for entry in (first, second, third)] == [now + timedelta(hours=hours) for hours in range(3)]
    assert [first.previous, second.previous, third.previous] == [GENESIS, first.hash, second.hash]


async def test_personal_values_stand_apart(store: Store, now: datetime) -> None:
    """The log has a salted hash of a name, never the name."""
    async with store.change(now=now, actor="importer") as session:
        person = await a_person(session, "Sanne", "Hofstra")
    entry = next(entry for entry in await _entries(store) if entry.table == "person")
    reference = entry.changes["family_name"]
    kept = (await _values(store))[reference["personal"]]
    assert (kept.value, kept.person_id, kept.erased_at) == ("Hofstra", person.id, None)
    assert (kept.stream, kept.table, kept.column) == (REGISTRY, "person", "family_name")
    assert kept.salt is not None
    assert reference["hash"] == salted(kept.salt, "Hofstra") != salted("", "Hofstra")
    assert entry.changes["infix"] is None
    assert all("Hofstra" not in str(entry.changes) for entry in await _entries(store))


async def test_a_value_moves_with_its_owner(store: Store, now: datetime) -> None:
    """When a row gets another owner its values are kept anew, so that each can be erased for the right person."""
    async with store.change(now=now, actor="test") as session:
        first, second = await a_person(session, "An", "Een"), await a_person(session, "Bo", "Twee")
        activity = await an_activity(session, await a_school(session), first, now)
        activity.closing_reason = "De hal is dicht."
    async with store.change(now=now, actor="test") as session:
        (await session.get_one(Activity, activity.id)).coordinator_id = second.id
    owners = [row.person_id for row in (await _values(store)).values() if row.value == "De hal is dicht."]
    assert sorted(map(str, owners)) == sorted([first.id, second.id])
    last = (await _entries(store))[-1]
    changed = next(entry for entry in await _entries(store) if entry.stream == activity.id and entry.number == 3)
    assert changed.changes.keys() == {"coordinator_id", "closing_reason"}, last


async def test_each_activity_has_its_own_chain(store: Store, now: datetime) -> None:
    """What belongs to an activity is chained in its stream, the rest in the registry's."""
    async with store.change(now=now, actor="test") as session:
        coordinator = await a_person(session, "An", "Een")
        activity = await an_activity(session, await a_school(session), coordinator, now)
        await a_participation(session, activity, coordinator, now)
    streams = {(entry.stream, entry.table) for entry in await _entries(store)}
    assert {table for stream, table in streams if stream == activity.id} == {"activity", "participation"}
    assert {stream for stream, _ in streams} == {activity.id, REGISTRY}


async def test_nothing_changed_is_no_entry(store: Store, now: datetime) -> None:
    """Setting what is there already is no change."""
    async with store.change(now=now, actor="test") as session:
        region = Region(code="here", name="Here")
        session.add(region)
    async with store.change(now=now, actor="test") as session:
        again = await session.get_one(Region, region.id)
        again.name = "There"
        again.name = "Here"
    assert len(await _entries(store)) == 1


async def test_an_exception_undoes_change_and_entry(store: Store, now: datetime) -> None:
    """A change that fails half-way never happened, and neither did its entry."""
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block as a whole fails
        async with store.change(now=now, actor="test") as session:
            session.add(Region(code="here", name="Here"))
            await session.flush()
            raise ZeroDivisionError
    with pytest.raises(IntegrityError):  # noqa: PT012 - the block as a whole fails
        async with store.change(now=now, actor="test") as session:
            session.add(Region(code="here", name="Here"))
            session.add(Region(code="here", name="There"))
    assert await _entries(store) == []
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Region)) == 0


async def test_a_reader_changes_nothing(store: Store, now: datetime) -> None:
    """What a reading session was given is thrown away."""
    async with store.read() as session:
        session.add(Region(code="here", name="Here"))
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Region)) == 0


async def test_a_reader_sees_one_moment(store: Store, now: datetime) -> None:
    """A page that reads twice does not see half of what happened in between."""
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Region)) == 0
        async with store.change(now=now, actor="test") as other:
            other.add(Region(code="here", name="Here"))
        assert await session.scalar(select(func.count()).select_from(Region)) == 0


@pytest.mark.parametrize(
    "statement",
    [
        insert(Region).values(id=new_id(), code="x", name="x"),
        update(Region).values(name="x"),
        delete(Region),
        update(Table.metadata.tables["region"]).values(name="x"),
        delete(Table.metadata.tables["region"]),
        text("UPDATE region SET name = 'x'"),
        text("  delete from region"),
    ],
    ids=str,
)
async def test_changes_that_the_log_would_miss_are_refused(store: Store, now: datetime, statement: object) -> None:
    """Statements over many rows pass the log by, so neither kind of writing session takes them."""
    with pytest.raises(RuntimeError, match=r"log|audited"):
        async with store.change(now=now, actor="test") as session:
            await session.execute(statement)  # type: ignore[call-overload]
    with pytest.raises(RuntimeError, match=r"log|audited"):
        async with store.maintain() as session:
            await session.execute(statement)  # type: ignore[call-overload]


async def test_maintenance_cannot_change_audited_rows(store: Store, now: datetime) -> None:
    """The session without a log is for tables without a log."""
    async with store.change(now=now, actor="test") as session:
        region = Region(code="here", name="Here")
        session.add(region)
    with pytest.raises(RuntimeError, match="region is audited"):
        async with store.maintain() as session:
            session.add(Region(code="there", name="There"))
    with pytest.raises(RuntimeError, match="region is audited"):
        async with store.maintain() as session:
            (await session.get_one(Region, region.id)).name = "There"
    with pytest.raises(RuntimeError, match="region is audited"):
        async with store.maintain() as session:
            await session.delete(await session.get_one(Region, region.id))


async def test_maintenance_changes_the_rest_without_an_entry(store: Store, now: datetime) -> None:
    """The clock, leases and drafts come and go without a trace."""
    async with store.change(now=now, actor="test") as session:
        person = await a_person(session, "An", "Een")
        activity = await an_activity(session, await a_school(session), person, now)
        invitation = await an_invitation(session, await a_participation(session, activity, person, now), now)
    before = len(await _entries(store))
    async with store.maintain() as session:
        session.add(ClockOffset(id=1, seconds=1.5))
        session.add(Draft(invitation_id=invitation.id, typed={"goal": ["Leren lassen"]}, saved_at=now))
        session.add(Lease(name="waker", holder="me", until=now))
        await session.flush()
        await session.execute(update(Lease).values(holder="you"))
        await session.execute(delete(Draft))
    assert len(await _entries(store)) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'nobody'",
        "UPDATE audit_entry SET hash = hash WHERE number = 1",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE number = 1",
        "TRUNCATE audit_entry",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry",
        'REPLACE INTO audit_entry (id, stream, number, at, actor, action, "table", row, changes, previous, hash) '
        "SELECT 'other', stream, number, at, 'nobody', action, \"table\", row, changes, previous, hash "
        "FROM audit_entry",
    ],
)
async def test_control_22_the_database_refuses_to_change_the_log(store: Store, now: datetime, statement: str) -> None:
    """Not our code but the database says no, whoever asks."""
    async with store.change(now=now, actor="test") as session:
        session.add(Region(code="here", name="Here"))
    before = [(entry.id, entry.actor, entry.hash) for entry in await _entries(store)]
    own = "TRUNCATE" in statement and store.is_sqlite
    other = "REPLACE" in statement and not store.is_sqlite
    message = "syntax error" if own or other else "audit entries are never|permission denied"
    async with store.engine.connect() as connection:
        with pytest.raises(DBAPIError, match=message):
            await connection.execute(text(statement))
    assert [(entry.id, entry.actor, entry.hash) for entry in await _entries(store)] == before


async def test_postgresql_refuses_also_its_superuser(postgres_databases: PostgresDatabases, now: datetime) -> None:
    """A right that was taken away does not bind a superuser; the trigger does, also in replication mode."""
    store = Store(postgres_databases.migrated())
    async with store.change(now=now, actor="test") as session:
        session.add(Region(code="here", name="Here"))
    async with store.engine.connect() as connection:
        await connection.execute(text("SET session_replication_role = replica"))
        with pytest.raises(DBAPIError, match="audit entries are never changed or deleted"):
            await connection.execute(text("DELETE FROM audit_entry"))
    await store.close()


async def test_control_22_postgresql_refuses_the_account_of_the_program(postgres_databases: PostgresDatabases) -> None:
    """An account that made the tables itself has no right to change the log, and says so."""
    own = postgres_databases.owned()
    await upgrade(own)
    store = Store(own)
    async with store.engine.connect() as connection:
        with pytest.raises(DBAPIError, match="permission denied for table audit_entry"):
            await connection.execute(text("DELETE FROM audit_entry"))
    await store.close()


async def test_a_row_keeps_its_stream(store: Store, now: datetime) -> None:
    """A row that wandered to another activity could not be replayed."""
    async with store.change(now=now, actor="test") as session:
        person = await a_person(session, "An", "Een")
        school = await a_school(session)
        activity, other = (
            await an_activity(session, school, person, now),
            await an_activity(session, school, person, now),
        )
        participation = await a_participation(session, activity, person, now)
    with pytest.raises(RuntimeError, match="stays in the stream"):
        async with store.change(now=now, actor="test") as session:
            (await session.merge(participation)).activity_id = other.id


async def test_odd_values_are_hashed_and_come_back(store: Store, now: datetime) -> None:
    """Numbers, emoji, quotes and very large texts are the same after a trip through the database."""
    odd = {
        "big": 1e16,
        "one": 1.0,
        "tiny": 1e-9,
        "text": 'Zoë — “ja” 🙂 \\ " \n',
        "deep": [[{"a": None}]],
        "long": "é" * 9000,
    }
    async with store.change(now=now, actor="test") as session:
        activity = await an_activity(session, await a_school(session), await a_person(session, "Zoë", "d'Âge"), now)
        activity.overrides = odd
        activity.proposed = [odd]
        activity.closing_reason = odd["text"]  # type: ignore[assignment]
    async with store.read() as session:
        assert (await verify(session)).ok
        assert (await session.get_one(Activity, activity.id)).overrides == odd
        assert await session.scalar(select(Person.given_name)) == "Zoë"
