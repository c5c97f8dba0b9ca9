"""Messages put straight into the outbox, for tests that are about delivering and not about the story."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.tables.activities import Activity, Participation
from models.tables.mail import Attempt, Message
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
