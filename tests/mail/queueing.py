"""Messages put straight into the outbox, for tests that are about delivering and not about the story."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.tables.activities import Activity, Participation
from models.tables.mail import Attempt, Message
from models.tables.network import Contact, ContactKind, Person
from models.tables.running import LoginCode
from sandwich.runtime import Runtime
from sandwich.services.outbox import NeededIf, queue
from tests.mail.telling import Telling


async def put(
    telling: Telling,
    code: str,
    mail: str = "day-reminder",
    *,
    key: str | None = None,
    about: dict[str, Any] | None = None,
    needed_if: NeededIf | None = None,
    late: timedelta = timedelta(0),
    alone: bool = False,
) -> str:
    """Queue a mail for somebody who takes part and return its id; ``late``: how long it has been due."""
    now = await telling.runtime.clock.now()
    person = telling.cast.id(code)
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        participation = await session.scalar(
            select(Participation.id)
            .where(Participation.activity_id == telling.activity_id, Participation.person_id == person)
            .order_by(Participation.role)
            .limit(1)
        )
        message = await queue(
            session,
            key=key or f"{telling.activity_id}:test:{mail}:{code}",
            mail=mail,
            person_id=person,
            activity_id=telling.activity_id,
            participation_id=None if alone else participation,
            about=about,
            needed_if=needed_if,
            due_at=now - late,
            now=now,
        )
        assert message is not None
        return message.id


async def put_for_many(runtime: Runtime, many: int, *, first: timedelta = timedelta(0)) -> datetime:
    """Queue the plainest of mails for as many people, ``sam0`` and up; the first two are due ``first`` earlier."""
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test") as session:
        for number in range(many):
            session.add(Person(id=f"p{number:04}", given_name="Sam", family_name=f"Nummer {number}"))
        code = LoginCode(person_id="p0000", link_hash="a", code_hash="b", asked_at=now, expires_at=now)
        session.add(code)
        await session.flush()
        for number in range(many):
            address = f"sam{number}@kompas.example"
            session.add(Contact(person_id=f"p{number:04}", kind=ContactKind.MAIL, address=address))
            due = now - timedelta(minutes=1) - (first if number < 2 else timedelta(0))
            session.add(
                Message(
                    key=f"{number}:test",
                    mail="login-code",
                    person_id=f"p{number:04}",
                    about={"login_code": code.id},
                    queued_at=now,
                    due_at=due,
                )
            )
    return now


async def look_again(telling: Telling, at: datetime) -> None:
    """Let the flow look at the activity again at a moment."""
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        (await session.get_one(Activity, telling.activity_id)).wake_at = at


async def message(telling: Telling, message_id: str) -> Message:
    """Return a message as it stands."""
    async with telling.runtime.store.read() as session:
        return await session.get_one(Message, message_id)


async def attempts(telling: Telling, message_id: str) -> list[Attempt]:
    """Return the tries of a message, in order."""
    async with telling.runtime.store.read() as session:
        rows = await session.scalars(select(Attempt).where(Attempt.message_id == message_id).order_by(Attempt.number))
        return list(rows)


async def state(telling: Telling, message_id: str) -> tuple[str, str | None]:
    """Return where a message is, and why."""
    found = await message(telling, message_id)
    return found.state.value, found.reason
