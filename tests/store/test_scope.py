"""Whose rows a session sees: a store that is for nobody raises, and a narrowed one sees one region, or one school."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased

from models.roles import Role
from models.tables import Table
from models.tables.activities import Activity, Participation
from models.tables.asking import Invitation
from models.tables.hooks import Hook
from models.tables.mail import Message
from models.tables.network import Company, Contact, Person, Region, School
from models.tables.privacy import Retention
from models.tables.results import CardState, ImpressionCard, ShareScope
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.errors import StoreUnavailable
from sandwich.running.account import look_at_account
from sandwich.runtime import Runtime
from sandwich.store import Store
from sandwich.store.copying import dump_postgres, put_postgres_in_place
from sandwich.store.migrate import upgrade
from sandwich.store.scope import BELONGS, LEFT_OUT, NoScope, Scope, hidden_from, of_region, of_the_region
from tests.support.databases import PostgresDatabases
from tests.support.rows import a_participation, a_person, a_school, an_activity, an_invitation

_OF_NOBODY = PersonalValue.stream == "registry", PersonalValue.person_id.is_(None)
"""What somebody wrote about a company, as the log has it."""

SELECTED = {kind: select(func.count()).select_from(kind) for kind in BELONGS}


@dataclass(frozen=True)
class Tenant:
    """One school in a region of its own, with an activity."""

    region: str
    school: str
    activity: str
    teacher: str
    coordinator: str
    company: str

    @property
    def scope(self) -> Scope:
        """Of the whole region."""
        return of_region(self.region)


async def _tenant(store: Store, code: str, now: datetime) -> Tenant:
    async with store.change(now=now, actor="test") as session:
        school = await a_school(session, code)
        coordinator = await a_person(session, "Co", code)
        coordinator.region_id = school.region_id
        teacher = await a_person(session, "An", code)
        teacher.school_id = school.id
        company = Company(region_id=school.region_id, code=f"B-{code}", name=f"Bedrijf {code}")
        session.add(company)
        activity = await an_activity(session, school, coordinator, now)
        taking = await a_participation(session, activity, teacher, now)
        await an_invitation(session, taking, now)
        session.add(
            Message(
                key=f"m-{code}", activity_id=activity.id, person_id=teacher.id, mail="goals", queued_at=now, due_at=now
            )
        )
        session.add(
            Message(
                key=f"login-{code}", activity_id=None, person_id=coordinator.id, mail="x", queued_at=now, due_at=now
            )
        )
        return Tenant(school.region_id, school.id, activity.id, teacher.id, coordinator.id, company.id)


@pytest_asyncio.fixture
async def tenants(store: Store, now: datetime) -> tuple[Tenant, Tenant]:
    """Two schools with the same, each in a region of its own."""
    return await _tenant(store, "A", now), await _tenant(store, "B", now)


def test_every_table_belongs_to_a_region_or_says_why_not() -> None:
    """A new table is one or the other, never both."""
    tables = {mapper.class_ for mapper in Table.registry.mappers}
    assert set(BELONGS) | set(LEFT_OUT) == tables
    assert not set(BELONGS) & set(LEFT_OUT)
    assert all(LEFT_OUT.values())


@pytest.mark.asyncio
async def test_control_05_a_store_for_nobody_raises(store: Store, now: datetime) -> None:
    """Whatever way in is taken, before anything is read or written."""
    nobody = store.for_nobody()
    for way in (nobody.read(), nobody.change(now=now, actor="test"), nobody.maintain()):
        with pytest.raises(NoScope):
            async with way:
                pytest.fail("it let somebody in")
    with pytest.raises(NoScope):
        await nobody.glance(select(func.count()).select_from(Region))


@pytest.mark.asyncio
async def test_control_05_two_regions_never_see_each_other(store: Store, tenants: tuple[Tenant, Tenant]) -> None:
    """By id, by alias, by join, by column, in a subquery or by a count: each sees its own half of everything."""
    mine, other = tenants
    async with store.narrowed(mine.scope).read() as session:
        for kind, key in ((Region, other.region), (School, other.school), (Activity, other.activity)):
            assert await session.get(kind, key) is None
        for kind, key in ((Person, other.teacher), (Person, other.coordinator), (Company, other.company)):
            assert await session.get(kind, key) is None
        alias = aliased(Activity)
        assert list(await session.scalars(select(alias.id))) == [mine.activity]
        joined = select(Person.id, Activity.id).join(Participation, Participation.person_id == Person.id).join(Activity)
        assert [tuple(row) for row in await session.execute(joined)] == [(mine.teacher, mine.activity)]
        outer = select(Region.id, Person.id).join(Person, Person.school_id.is_not(None), isouter=True)
        assert [tuple(row) for row in await session.execute(outer)] == [(mine.region, mine.teacher)]
        within = select(Region.id).where(select(Activity.id).where(Activity.id == other.activity).exists())
        assert list(await session.scalars(within)) == []
        assert set(await session.scalars(select(Message.key))) == {"m-A", "login-A"}
        narrowed = {kind.__tablename__: await session.scalar(one) for kind, one in SELECTED.items()}
    async with store.read() as session:
        whole = {kind.__tablename__: await session.scalar(one) for kind, one in SELECTED.items()}
        of_nobody = await session.scalar(select(func.count()).where(*_OF_NOBODY)) or 0
        of_no_people = AuditEntry.stream == "registry", AuditEntry.table != Person.__tablename__
        of_no_region = await session.scalar(select(func.count()).where(*of_no_people)) or 0
    whole["audit_entry"] = (whole["audit_entry"] or 0) - of_no_region
    whole["personal_value"] = (whole["personal_value"] or 0) - of_nobody
    assert {name: 2 * (number or 0) for name, number in narrowed.items()} == whole
    assert narrowed["activity"] == narrowed["invitation"] == narrowed["participation"] == 1


@pytest.mark.asyncio
async def test_control_05_of_the_log_of_all_each_sees_their_own_people(
    store: Store, tenants: tuple[Tenant, Tenant], now: datetime
) -> None:
    """The registry is one chain for all regions; each sees when its own people were written down there, and no more:
    the keys of walls stand in it.
    """
    mine, other = tenants
    async with store.change(now=now, actor="test") as session:
        for one in tenants:
            session.add(
                Hook(
                    person_id=one.coordinator,
                    region_id=one.region,
                    url=f"https://{one.school}.example/",
                    events=[],
                    made_at=now,
                )
            )
            session.add(Retention(region_id=one.region, kind="answers", approved_at=now, approved_by="test"))
    tables = {"region", "school", "company", "person", "hook", "retention", "message"}
    told = select(AuditEntry).where(AuditEntry.stream == "registry", AuditEntry.table.in_(tables))
    of_school = Scope(frozenset({mine.region}), school_id=mine.school, person_id=mine.coordinator)
    for scope in (mine.scope, of_school, replace(mine.scope, reads_words=False)):
        async with store.narrowed(scope).read() as session:
            found = list(await session.scalars(told))
        assert {entry.table for entry in found} == {"person"}
        said = str([(entry.row, entry.changes) for entry in found])
        assert mine.teacher in said
        assert not any(key in said for key in (other.region, other.school, other.company, other.teacher))
    async with store.read() as session:
        key = (await session.scalars(select(School.wall_key).where(School.id == other.school))).one()
        assert key in str([entry.changes for entry in await session.scalars(told)]), "it stands in the log"


@pytest.mark.asyncio
async def test_a_look_is_narrowed_too(store: Store, tenants: tuple[Tenant, Tenant]) -> None:
    """What is glanced at every second is counted within the scope."""
    number, *_ = await store.narrowed(tenants[0].scope).glance(select(func.count(Activity.id)))
    assert number == 1


@pytest.mark.asyncio
async def test_the_same_statement_is_of_whoever_asks(store: Store, tenants: tuple[Tenant, Tenant]) -> None:
    """A statement that was prepared for one region is no other's; nor are two sessions that are open at once."""
    mine, other = tenants
    async with store.narrowed(mine.scope).read() as one, store.narrowed(other.scope).read() as two:
        for _ in range(3):
            assert list(await one.scalars(select(Activity.id))) == [mine.activity]
            assert list(await two.scalars(select(Activity.id))) == [other.activity]


@pytest.mark.asyncio
async def test_what_names_no_class_is_refused(store: Store, tenants: tuple[Tenant, Tenant]) -> None:
    """Plain SQL would go past the rules."""
    async with store.narrowed(tenants[0].scope).read() as session:
        with pytest.raises(NoScope):
            await session.execute(text("SELECT id FROM activity"))
        with pytest.raises(NoScope):
            await session.execute(select(Activity.__table__.c.id))


@pytest.mark.asyncio
async def test_somebody_of_another_region_who_takes_part_is_seen(
    store: Store, tenants: tuple[Tenant, Tenant], now: datetime
) -> None:
    """With their school and addresses, for they are in the activity; nothing else of theirs."""
    mine, other = tenants
    async with store.change(now=now, actor="test") as session:
        await a_participation(
            session, await session.get_one(Activity, mine.activity), await session.get_one(Person, other.teacher), now
        )
    async with store.narrowed(mine.scope).read() as session:
        assert await session.get(Person, other.teacher) is not None
        assert await session.get(School, other.school) is not None
        assert await session.scalar(select(Contact.id).where(Contact.person_id == other.teacher).limit(1))
        assert await session.get(Activity, other.activity) is None
        assert await session.get(Person, other.coordinator) is None


@pytest.mark.asyncio
async def test_control_05_a_school_sees_its_own_activities_and_a_shared_card_opens_none(
    store: Store, now: datetime
) -> None:
    """Within one region: its people take part, or it carries it. A card for the whole region is for the wall."""
    first = await _tenant(store, "A", now)
    async with store.change(now=now, actor="test") as session:
        region = await session.get_one(Region, first.region)
        school = School(region_id=region.id, code="S8", name="Ander", holiday_region="middle", wall_key="w-8")
        session.add(school)
        carrier = await a_person(session, "Ca", "Rrier")
        await session.flush()
        carrier.school_id = school.id
        foreign = await an_activity(session, await session.get_one(School, first.school), carrier, now)
        foreign.coordinator_id = first.coordinator
        shared = await an_activity(session, school, carrier, now)
        shared.coordinator_id = first.coordinator
        session.add(ImpressionCard(activity_id=shared.id, state=CardState.PUBLISHED, share_scope=ShareScope.REGION))
        carried = await an_activity(session, school, carrier, now)
        taken_part = await an_activity(session, school, carrier, now)
        taken_part.coordinator_id = first.coordinator
        await a_participation(session, taken_part, carrier, now, Role.TEACHER)
        mine = {carried.id, taken_part.id}
    scope = Scope(frozenset({first.region}), school.id, carrier.id)
    async with store.narrowed(scope).read() as session:
        assert set(await session.scalars(select(Activity.id))) == mine
        assert await session.get(Activity, foreign.id) is None
        assert await session.get(Activity, shared.id) is None
        assert list(await session.scalars(select(Invitation.id))) == []
        async with of_the_region(session):
            assert foreign.id in set(await session.scalars(select(Activity.id)))
        assert await session.scalar(select(Activity.id).where(Activity.id == foreign.id)) is None
        assert await hidden_from(session, {foreign.id, shared.id}) == {foreign.id, shared.id}


@pytest_asyncio.fixture
async def as_ordinary(postgres_databases: PostgresDatabases) -> AsyncIterator[Store]:
    """A store on PostgreSQL whose role is no superuser, as an installation has it: it owns its tables."""
    own = postgres_databases.owned()
    await upgrade(own)
    store = Store(own)
    yield store
    await store.close()


@pytest.mark.asyncio
async def test_control_05_postgresql_holds_it_once_more(as_ordinary: Store, now: datetime) -> None:
    """Past the mapper too: plain SQL sees the same rows, and no row of another region is written."""
    store = as_ordinary
    mine, other = await _tenant(store, "A", now), await _tenant(store, "B", now)
    async with store.read() as session:
        whole = {kind.__tablename__: await session.scalar(one) for kind, one in SELECTED.items()}
    for tenant in (mine, other):
        async with store.narrowed(tenant.scope).read() as session:
            by_mapper = {kind.__tablename__: await session.scalar(one) for kind, one in SELECTED.items()}
            connection = await session.connection()
            # Whoever writes to the registry's chain must find its end, so the policy leaves all of that one to be read.
            of_activities = AuditEntry.stream != "registry"
            by_mapper["audit_entry"] = await session.scalar(SELECTED[AuditEntry].where(of_activities))
            for name, number in by_mapper.items():
                but = " WHERE stream <> 'registry'" if name == "audit_entry" else ""
                assert await connection.scalar(text(f"SELECT count(*) FROM {name}{but}")) == number, name
            assert by_mapper["activity"] == 1 < (whole["activity"] or 0)
    async with store._narrow.connect() as connection:
        for name in by_mapper:
            seen = await connection.scalar(text(f"SELECT count(*) FROM {name}"))
            assert seen == 0 or name in ("audit_entry", "calendar_block"), name
    with pytest.raises(StoreUnavailable) as refused:
        async with store.narrowed(mine.scope).change(now=now, actor="test") as session:
            session.add(Company(region_id=other.region, code="X", name="X"))
    assert "row-level security" in str(refused.value.__cause__)
    async with store.narrowed(mine.scope).change(now=now, actor="test") as session:
        (await session.get_one(Activity, mine.activity)).title = "Anders"
    async with store.narrowed(Scope(frozenset({mine.region}), mine.school, mine.teacher)).read() as session:
        connection = await session.connection()
        assert await connection.scalar(text("SELECT count(*) FROM activity")) == 1
    async with store.narrowed(Scope(frozenset({mine.region}), other.school, other.teacher)).read() as session:
        connection = await session.connection()
        assert await connection.scalar(text("SELECT count(*) FROM activity")) == 0


@pytest.mark.asyncio
async def test_control_05_a_coach_sees_what_they_coach_on_postgresql_too(as_ordinary: Store, now: datetime) -> None:
    """One of two activities of a region; the same rows past the mapper, and what they may change is written."""
    mine = await _tenant(as_ordinary, "A", now)
    async with as_ordinary.change(now=now, actor="test") as session:
        school, carrier = await session.get_one(School, mine.school), await session.get_one(Person, mine.coordinator)
        coach = await a_person(session, "Ko", "Coach")
        coach.region_id = mine.region
        coached = await an_activity(session, school, carrier, now)
        await a_participation(session, coached, coach, now, Role.COACH)
        await a_participation(session, await session.get_one(Activity, mine.activity), coach, now, Role.TEACHER)
    theirs = as_ordinary.narrowed(Scope(frozenset({mine.region}), None, coach.id, coaches=True))
    async with theirs.read() as session:
        connection = await session.connection()
        for kind, one in SELECTED.items():
            if kind is not AuditEntry:  # whoever writes to the chain of all needs its end
                plainly = await connection.scalar(text(f"SELECT count(*) FROM {kind.__tablename__}"))
                assert plainly == await session.scalar(one), kind
        assert list(await session.scalars(select(Activity.id))) == [coached.id]
        assert list(await session.scalars(select(Message.id))) == []
    async with theirs.change(now=now, actor=coach.id) as session:
        (await session.get_one(Activity, coached.id)).title = "Anders"
        (await session.get_one(Person, mine.teacher)).given_name = "Anne"
        session.add(Person(region_id=mine.region, given_name="Nieuw"))
        session.add(Message(key="m", activity_id=coached.id, person_id=coach.id, mail="x", queued_at=now, due_at=now))


@pytest.mark.asyncio
async def test_control_05_the_doctor_names_an_account_that_no_policy_binds(
    as_ordinary: Store, postgres_databases: PostgresDatabases, runtime: Runtime
) -> None:
    """The administrator's account works as well as any, so nobody would notice."""
    as_administrator = Store(postgres_databases.empty())
    for store, is_well in ((as_ordinary, True), (as_administrator, False)):
        found = await look_at_account(replace(runtime, store=store))
        assert (found.is_well, "NOSUPERUSER" in found.words.nl) == (is_well, not is_well)
    await as_administrator.close()


@pytest.mark.asyncio
async def test_policies_are_on_for_all_tables_but_those_left_out(as_ordinary: Store) -> None:
    """Also for the owner of the tables, which the program is."""
    async with as_ordinary.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            )
        )
        found = {row[0]: row[1] for row in rows}
    left_out = {kind.__tablename__ for kind in LEFT_OUT} | {"alembic_version"}
    assert {name for name, is_on in found.items() if not is_on} == left_out


@pytest.mark.asyncio
async def test_a_backup_of_an_ordinary_role_is_whole_and_can_be_put_back(
    as_ordinary: Store, now: datetime, tmp_path: Path
) -> None:
    """Though every policy binds it: all rows are in it, and all policies are there again afterwards."""
    url = as_ordinary.url.render_as_string(hide_password=False)
    tenant = await _tenant(as_ordinary, "A", now)
    async with as_ordinary.read() as session:
        snapshot = str(await session.scalar(text("SELECT pg_export_snapshot()")))
        await dump_postgres(url, tmp_path / "dump", snapshot)
    await as_ordinary.close()
    await put_postgres_in_place(url, tmp_path / "dump", backed_up_at=now, restored_at=now)
    async with as_ordinary.narrowed(tenant.scope).read() as session:
        assert list(await session.scalars(select(Activity.id))) == [tenant.activity]
    async with as_ordinary.narrowed(of_region("elsewhere")).read() as session:
        connection = await session.connection()
        assert await connection.scalar(text("SELECT count(*) FROM activity")) == 0
