"""Where two mails a week and a timeline cannot both be kept: what did not leave, for its reader's week was full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Invitation
from models.tables.mail import Message
from models.tables.network import Person
from sandwich.mail.needed import NO_ROOM
from sandwich.rules.slots import monday_of
from sandwich.services.outbox import asked_in


@dataclass(frozen=True)
class Crowded:
    """Somebody whose week was full on ``on``: the step that did not leave, by when it had to, and what did leave."""

    activity_id: str
    step: str
    code: str
    on: date
    before: date | None
    others: Sequence[tuple[date, str, str]]


async def read_crowded(session: AsyncSession, zone: ZoneInfo, invitations: Mapping[str, Invitation]) -> list[Crowded]:
    """Return every mail that could not wait for room; in ``others`` are day, activity and step of those that left."""
    left_out = list(await session.scalars(select(Message).where(Message.reason == NO_ROOM).order_by(Message.id)))
    if not left_out:
        return []
    people = {one.person_id for one in left_out}
    codes = dict((await session.execute(select(Person.id, Person.code).where(Person.id.in_(people)))).all())
    counted = await session.scalars(
        select(Message)
        .where(Message.person_id.in_(people), Message.counted_on.is_not(None))
        .order_by(Message.counted_on, Message.id)
    )
    theirs: dict[tuple[str, date], list[tuple[date, str, str]]] = {}
    for one in counted:
        assert one.counted_on is not None  # only such were read
        place = one.person_id, monday_of(one.counted_on)
        theirs.setdefault(place, []).append((one.counted_on, one.activity_id or "", step_of(one, invitations)))
    found = []
    for one in left_out:
        on = one.due_at.astimezone(zone).date()
        asked = [invitations[key] for key in asked_in(one) if key in invitations]
        deadlines = [item.deadline_at.astimezone(zone).date() for item in asked if item.deadline_at is not None]
        found.append(
            Crowded(
                one.activity_id or "",
                step_of(one, invitations),
                str(codes[one.person_id]),
                on,
                min(deadlines, default=None),
                theirs.get((one.person_id, monday_of(on)), ()),
            )
        )
    return found


def step_of(message: Message, invitations: Mapping[str, Invitation]) -> str:
    """Return the step that a message belongs to; its mail where it belongs to none."""
    asked = [invitations[key] for key in asked_in(message) if key in invitations]
    return asked[0].step if asked else str((message.about or {}).get("step") or message.mail)
