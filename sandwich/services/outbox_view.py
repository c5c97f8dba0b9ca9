"""What stands in the outbox, as a person looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.mail import Message, MessageState
from models.tables.network import Person
from sandwich.errors import BadInput, NotFound
from sandwich.rules.names import full_name
from sandwich.services.hold import HoldView, look_at_hold

WAITING = (MessageState.QUEUED, MessageState.SENDING)
NEEDS_A_HAND = (MessageState.HELD, MessageState.FAILED, MessageState.UNKNOWN)


@dataclass(frozen=True)
class OutboxMail:
    """One mail: what, to whom, where it is."""

    id: str
    mail: str
    to: str
    activity_id: str | None
    activity_title: str | None
    state: MessageState
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    reason: str | None


@dataclass(frozen=True)
class OutboxView:
    """How many mails there are in each state, some of them, and what holds all of them up, if anything."""

    counts: dict[MessageState, int]
    mails: tuple[OutboxMail, ...]
    held: HoldView | None


async def look_at_outbox(
    session: AsyncSession, now: datetime, *, everything: bool = False, limit: int = 100
) -> OutboxView:
    """Return what waits and what needs a person, the first due first; with ``everything`` all, the newest first."""
    counted = await session.execute(select(Message.state, func.count()).group_by(Message.state))
    found = {row[0]: row[1] for row in counted}
    query = select(Message, Person, Activity.title).join(Person, Person.id == Message.person_id)
    query = query.outerjoin(Activity, Activity.id == Message.activity_id).limit(limit)
    if everything:
        query = query.order_by(Message.due_at.desc(), Message.id)
    else:
        query = query.where(Message.state.in_((*WAITING, *NEEDS_A_HAND))).order_by(Message.due_at, Message.id)
    mails = tuple(
        OutboxMail(
            id=message.id,
            mail=message.mail,
            to=full_name(person),
            activity_id=message.activity_id,
            activity_title=title,
            state=message.state,
            due_at=message.due_at,
            sent_at=message.sent_at,
            attempts=message.attempts,
            reason=message.reason,
        )
        for message, person, title in await session.execute(query)
    )
    counts = {state: found[state] for state in MessageState if state in found}
    return OutboxView(counts, mails, await look_at_hold(session, now))


async def find_mails(session: AsyncSession, named: Sequence[str]) -> list[str]:
    """Return the ids of mails that are named by how these begin; raises ``NotFound``, or ``BadInput`` for several."""
    ids: dict[str, None] = {}
    for name in named:
        begins = Message.id.startswith(name.strip(), autoescape=True)
        found = list(await session.scalars(select(Message.id).where(begins).limit(2)))
        if not name.strip() or not found:
            raise NotFound(what="mail", name=name)
        if len(found) > 1:
            raise BadInput(
                f"Several mails begin with {name}: give more of the id.",
                f"Meer mails beginnen met {name}: geef meer van het id.",
            )
        ids[found[0]] = None
    return list(ids)
