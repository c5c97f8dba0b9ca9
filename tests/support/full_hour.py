"""A school that has sent as many mails in an hour as it may, and whose next ones wait."""

from datetime import datetime, timedelta

from models.tables.mail import Attempt, AttemptOutcome, Message, MessageState
from sandwich.runtime import Runtime
from sandwich.services.quotas import HOUR_FULL
from tests.support.cast import Cast


async def fill_an_hour(runtime: Runtime, cast: Cast, now: datetime, waiting: int, code: str = "T3") -> None:
    """Let somebody's school have sent its number, and ``waiting`` mails to them be due, the first of them marked."""
    person = cast.person(code)
    async with runtime.store.change(now=now, actor="test") as session:
        sent = Message(
            key="full:sent", person_id=person.id, mail="goals", state=MessageState.SENT, queued_at=now, due_at=now
        )
        session.add(sent)
        await session.flush()
        for number in range(runtime.settings.mails_per_hour):
            session.add(
                Attempt(
                    message_id=sent.id,
                    number=number,
                    started_at=now - timedelta(minutes=10),
                    outcome=AttemptOutcome.ACCEPTED,
                    person_id=person.id,
                    counts_for=person.school_id,
                )
            )
        for number in range(waiting):
            session.add(
                Message(
                    key=f"full:{number}",
                    person_id=person.id,
                    mail="goals",
                    queued_at=now,
                    due_at=now - timedelta(minutes=20),
                    reason=None if number else HOUR_FULL,
                )
            )
