"""The log alone makes the tables again, and any hand that touched it shows."""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables import Table
from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation, Standing
from models.tables.asking import Invitation, InvitationState, Submission
from models.tables.mail import Call, CallState, Message
from models.tables.network import Company, Contact, Person, School
from models.tables.results import Hours, HoursKind
from models.tables.truth import AuditEntry
from sandwich.store import Store
from sandwich.store.audit import AUDITED
from sandwich.store.replay import Difference, differences, replay, tables, verify
from tests.support.rows import a_participation, a_person, a_school, an_activity, an_invitation

pytestmark = pytest.mark.asyncio

Step = Callable[[AsyncSession, random.Random, datetime], Awaitable[None]]
"""One thing that happens in the random history; does nothing when its time has not come."""

_WORDS = (
    "Jansen",
    "de Vries",
    "Zoë",
    "",
    "erased",
    "ja — nee",
    "🙂",
    "x" * 3000,
    "O'Neill",
    '"quoted"',
    "\\",
    "0",
    "null",
)


async def _pick(session: AsyncSession, rng: random.Random, kind: type[Table]) -> Table | None:
    rows = list(await session.scalars(select(kind).order_by(*inspect(kind).primary_key)))
    return rng.choice(rows) if rows else None


async def _person(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    await a_person(session, rng.choice(_WORDS) or "An", f"Nummer{rng.randrange(10**9)}", infix=rng.choice(_WORDS))


async def _rename(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    if isinstance(person := await _pick(session, rng, Person), Person):
        person.family_name, person.infix = rng.choice(_WORDS), rng.choice((None, "van"))
        person.is_coordinator = rng.random() < 0.5


async def _company(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    if isinstance(school := await _pick(session, rng, School), School):
        profile = rng.choice((None, {}, {"rooms": [1, 2.5, {"wifi": True}], "contact": rng.choice(_WORDS)}))
        code = f"B{rng.randrange(10**9)}"
        session.add(Company(region_id=school.region_id, code=code, name=rng.choice(_WORDS), profile=profile))


async def _drop_contact(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    if isinstance(contact := await _pick(session, rng, Contact), Contact):
        await session.delete(contact)


async def _activity(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    school, person = await _pick(session, rng, School), await _pick(session, rng, Person)
    if isinstance(school, School) and isinstance(person, Person):
        await an_activity(session, school, person, now)


async def _steer(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    if isinstance(activity := await _pick(session, rng, Activity), Activity):
        activity.status = rng.choice(list(ActivityStatus))
        activity.wake_at = rng.choice(
            (None, now + timedelta(days=rng.randrange(99), microseconds=rng.randrange(10**6)))
        )
        activity.moves = [*activity.moves, {"reason": rng.choice(_WORDS), "at": now.isoformat()}]
        activity.closing_reason = rng.choice((None, *_WORDS))
        activity.coordinator_id = rng.choice((None, activity.coordinator_id))


async def _take_part(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    activity, person = await _pick(session, rng, Activity), await _pick(session, rng, Person)
    if isinstance(activity, Activity) and isinstance(person, Person):
        known = select(Participation).where(
            Participation.activity_id == activity.id, Participation.person_id == person.id
        )
        if await session.scalar(known) is None:
            participation = await a_participation(session, activity, person, now, rng.choice(list(Role)))
            await an_invitation(session, participation, now)


async def _answer(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    if isinstance(invitation := await _pick(session, rng, Invitation), Invitation):
        participation = await session.get_one(Participation, invitation.participation_id)
        invitation.state, invitation.answered_at = InvitationState.ANSWERED, now
        participation.standing = rng.choice([*ACTIVE, Standing.WITHDRAWN])
        number = (
            len(list(await session.scalars(select(Submission).where(Submission.invitation_id == invitation.id)))) + 1
        )
        session.add(
            Submission(
                key=f"{invitation.id}/{number}",
                activity_id=invitation.activity_id,
                invitation_id=invitation.id,
                form="goals",
                form_digest="d" * 64,
                number=number,
                person_id=participation.person_id,
                answers=rng.choice(({}, {"goal": rng.choice(_WORDS), "scale": rng.randrange(1, 6)})),
                submitted_at=now,
            )
        )


async def _mail(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    if isinstance(person := await _pick(session, rng, Person), Person):
        key = f"news/{person.id}/{rng.randrange(10**9)}"
        session.add(Message(key=key, person_id=person.id, mail="news", queued_at=now, due_at=now))


async def _call(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    call, activity = await _pick(session, rng, Call), await _pick(session, rng, Activity)
    if isinstance(call, Call) and rng.random() < 0.5:
        call.state, call.note, call.done_at = CallState.DONE, rng.choice(_WORDS), now
        person = await _pick(session, rng, Person)
        call.done_by_id = person.id if isinstance(person, Person) else None
    elif isinstance(activity, Activity):
        session.add(Call(key=f"c{rng.randrange(10**9)}", activity_id=activity.id, what="phone", due_at=now))


async def _hours(session: AsyncSession, rng: random.Random, now: datetime) -> None:
    participation = await _pick(session, rng, Participation)
    if isinstance(participation, Participation):
        known = select(Hours).where(
            Hours.activity_id == participation.activity_id, Hours.person_id == participation.person_id
        )
        if isinstance(hours := await session.scalar(known), Hours):
            hours.hours, hours.confirmed_by = rng.random() * 10, rng.choice(_WORDS)
        else:
            session.add(
                Hours(
                    activity_id=participation.activity_id,
                    kind=HoursKind.TEACHER_DURING,
                    person_id=participation.person_id,
                    hours=3,
                    stated_at=now,
                )
            )


STEPS: tuple[Step, ...] = (
    _person, _rename, _company, _drop_contact, _activity, _steer, _take_part, _answer, _mail, _call, _hours,
)  # fmt: skip


async def _history(store: Store, now: datetime, seed: int, transactions: int = 60) -> None:
    rng = random.Random(seed)
    async with store.change(now=now, actor="test") as session:
        await a_school(session)
    for number in range(transactions):
        try:
            async with store.change(now=now + timedelta(minutes=number), actor=f"actor-{rng.randrange(3)}") as session:
                for step in rng.choices(STEPS, k=rng.randrange(1, 5)):
                    await step(session, rng, now + timedelta(minutes=number))
                    if rng.random() < 0.5:
                        await session.flush()
                if rng.random() < 0.1:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_history_can_be_replayed(
    store: Store, now: datetime, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens, the log gives exactly the tables that there are."""
    # Identifiers too come from the seed, so that a history that fails can be played again.
    monkeypatch.setattr("models.tables.base.secrets.token_bytes", random.Random(-seed).randbytes)
    await _history(store, now, seed)
    async with store.read() as session:
        check, replayed, real = await verify(session), await replay(session), await tables(session)
    assert check.ok, check
    assert check.entries > 100
    assert differences(replayed, real) == []
    assert replayed == real
    assert {name for name, rows in real.items() if rows} >= {
        "activity", "call", "company", "contact", "hours", "invitation", "message", "participation", "person",
        "submission",
    }  # fmt: skip


async def test_every_audited_table_is_compared(store: Store) -> None:
    """No table is forgotten, and its columns are called as its attributes, on which replay relies."""
    async with store.read() as session:
        assert set(await replay(session)) == set(await tables(session)) == AUDITED
    for mapper in Table.registry.mappers:
        assert [attribute.key for attribute in mapper.column_attrs] == [
            attribute.columns[0].name for attribute in mapper.column_attrs
        ]


async def test_a_table_changed_without_the_log_shows(store: Store, now: datetime) -> None:
    """Somebody with another program at our database is found out."""
    async with store.change(now=now, actor="test") as session:
        person = await a_person(session, "An", "Een")
        school = await a_school(session)
        activity = await an_activity(session, school, person, now)
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE activity SET status = 'cancelled'"))
        await connection.execute(text("UPDATE person SET family_name = 'Twee'"))
        await connection.execute(text("DELETE FROM contact WHERE kind = 'phone'"))
        await connection.execute(text("INSERT INTO region (id, code, name) VALUES ('new', 'new', 'new')"))
    async with store.read() as session:
        found = differences(await replay(session), await tables(session))
        phone = next(row for row, values in (await replay(session))["contact"].items() if values["kind"] == "phone")
        assert (await verify(session)).ok  # the log itself is as it was
    assert found == [
        Difference("activity", activity.id, "status", "differs"),
        Difference("contact", phone, None, "is missing"),
        Difference("person", person.id, "family_name", "differs"),
        Difference("region", "new", None, "is not in the log"),
    ]


_GUARDS = {
    "sqlite": (
        "DROP TRIGGER audit_entry_is_never_updated",
        "DROP TRIGGER audit_entry_is_never_deleted",
        "DROP TRIGGER audit_entry_is_never_replaced",
    ),
    "postgresql": ("DROP TRIGGER audit_entry_is_never_changed ON audit_entry",),
}
_AT = "number = 3 AND stream = 'registry'"
_REFERENCE = "id = (SELECT id FROM personal_value WHERE value IS NOT NULL ORDER BY id LIMIT 1)"


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        (f"UPDATE audit_entry SET id = 'another' WHERE {_AT}", "it was changed"),
        (f"UPDATE audit_entry SET stream = 'another' WHERE {_AT}", "an entry before it is missing"),
        (f"UPDATE audit_entry SET number = 3000 WHERE {_AT}", "an entry before it is missing"),
        (f"UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE {_AT}", "it was changed"),
        (f"UPDATE audit_entry SET actor = 'somebody else' WHERE {_AT}", "it was changed"),
        (f"UPDATE audit_entry SET action = 'delete' WHERE {_AT}", "it was changed"),
        (f"UPDATE audit_entry SET \"table\" = 'region' WHERE {_AT}", "it was changed"),
        (f"UPDATE audit_entry SET row = 'another' WHERE {_AT}", "it was changed"),
        (f"UPDATE audit_entry SET changes = '{{}}' WHERE {_AT}", "it was changed"),
        (f"UPDATE audit_entry SET previous = '{'1' * 64}' WHERE {_AT}", "it does not follow the entry before it"),
        (f"UPDATE audit_entry SET hash = '{'1' * 64}' WHERE {_AT}", "it was changed"),
        (f"DELETE FROM audit_entry WHERE {_AT}", "an entry before it is missing"),
        ("DELETE FROM audit_entry WHERE number = 1", "an entry before it is missing"),
        (f"UPDATE personal_value SET value = '\"Piet\"' WHERE {_REFERENCE}", "was changed"),
        (f"UPDATE personal_value SET salt = 'salt' WHERE {_REFERENCE}", "was changed"),
        (f"UPDATE personal_value SET value = NULL, salt = NULL WHERE {_REFERENCE}", "was changed"),
        (f"UPDATE personal_value SET erased_at = '2026-01-01 00:00:00.000000' WHERE {_REFERENCE}", "still there"),
        (f"UPDATE personal_value SET \"column\" = 'other' WHERE {_REFERENCE}", "stands in another place"),
        (f"DELETE FROM personal_value WHERE {_REFERENCE}", "is missing"),
    ],
)  # fmt: skip
async def test_control_22_tampering_is_found(store: Store, now: datetime, tampering: str, why: str) -> None:
    """Whatever is changed in whichever entry, the check says where."""
    async with store.change(now=now, actor="test") as session:
        await a_school(session)
        await a_person(session, "An", "Een")
        await a_person(session, "Bo", "Twee")
    async with store.read() as session:
        assert (await verify(session)).ok
    kind = "sqlite" if store.is_sqlite else "postgresql"
    async with store.engine.begin() as connection:
        for statement in (*_GUARDS[kind], tampering):
            await connection.exec_driver_sql(statement)
    async with store.read() as session:
        check = await verify(session)
    assert not check.ok
    assert check.why is not None
    assert why in check.why
    assert check.first_broken is not None
    if "WHERE number = 3 " in tampering and why == "it was changed":
        assert (check.first_broken, check.entries) == ("registry/3", 2)


async def test_entries_cut_off_at_the_end_show_in_the_tables(store: Store, now: datetime) -> None:
    """The chain is right as far as it goes; what it should have explained is not in it."""
    async with store.change(now=now, actor="test") as session:
        await a_school(session)
    async with store.engine.begin() as connection:
        for statement in _GUARDS["sqlite" if store.is_sqlite else "postgresql"]:
            await connection.exec_driver_sql(statement)
        await connection.exec_driver_sql("DELETE FROM audit_entry WHERE number = 2")
    async with store.read() as session:
        assert (await verify(session)).ok
        found = differences(await replay(session), await tables(session))
    assert [(place.table, place.what) for place in found] == [("school", "is not in the log")]


async def test_a_log_of_many_batches(store: Store, now: datetime) -> None:
    """Reading in batches loses and repeats nothing."""
    async with store.change(now=now, actor="test") as session:
        school = await a_school(session)
        for number in range(2500):
            session.add(Company(region_id=school.region_id, code=f"B{number}", name=f"Bedrijf {number}"))
    async with store.read() as session:
        entries = len(list(await session.scalars(select(AuditEntry.id))))
        assert await verify(session) == await verify(session)
        assert (await verify(session)).entries == entries == 2502
        assert await replay(session) == await tables(session)
