"""The seal of the log: the same as long as the log says the same, and another once anything before it was touched."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from models.tables.network import Person
from sandwich.store import Store
from sandwich.store.seal import seal_before

pytestmark = pytest.mark.asyncio
LATER = timedelta(hours=1)


async def a_person(store: Store, now: datetime, name: str) -> None:
    async with store.change(now=now, actor="test") as session:
        session.add(Person(given_name=name, family_name="Een"))


async def test_control_22_the_seal_of_a_moment_stays_and_shows_what_was_made_anew(store: Store, now: datetime) -> None:
    async def seal(before: datetime = now + LATER) -> tuple[int, str]:
        async with store.read() as session:
            found = await seal_before(session, before)
            return found.entries, found.number

    await a_person(store, now, "An")
    await a_person(store, now, "Bo")
    entries, number = kept = await seal()
    assert (entries, len(number.split())) == (2, 8)
    await a_person(store, now + 2 * LATER, "Cas")
    assert await seal() == kept, "what comes later changes nothing"
    assert (await seal(now + 3 * LATER))[0] == 3
    async with store.engine.begin() as connection:  # as somebody would who may write the database file
        if not store.is_sqlite:
            await connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_never_changed"))
            await connection.execute(text("GRANT UPDATE ON audit_entry TO CURRENT_USER"))
        else:
            await connection.execute(text("DROP TRIGGER audit_entry_is_never_updated"))
        await connection.execute(text("UPDATE audit_entry SET hash = 'x' WHERE number = 2"))
    assert (await seal())[1] != number
