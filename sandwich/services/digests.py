"""New cards at once or together: colleagues hear every so many weeks of what is new on the wall of their school.

A digest is a row like any other (M16). It is written when the first card comes, due at the next moment of that school,
and worded when it leaves: what was taken off the wall meanwhile is not in it. Where nothing is left, it does not leave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Activity, Participation
from models.tables.mail import Attempt, Message, MessageState
from models.tables.network import Person, School
from models.tables.results import ImpressionCard
from sandwich.errors import NotFound
from sandwich.rules.slots import digest_at
from sandwich.services.card import Card, read_card
from sandwich.services.card_content import schools_there
from sandwich.services.loaded import Loaded, place_of
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.visible import visible_to

NEW_CARD, NEW_CARDS = "new-card", "new-cards"
"""The mail about one card, and the one about all that are new."""

WEEKS = 2
"""Weeks between two digests of a school that has not said otherwise."""

_LEFT = (MessageState.SENT, MessageState.UNKNOWN)


@dataclass(frozen=True)
class News:
    """What is new on the wall of a school, newest first; ``own`` of them are of its own people."""

    school: School
    cards: Sequence[tuple[Activity, Card]]
    own: int


async def waits_for_digest(
    session: AsyncSession, loaded: Loaded, mail: str, participation: Participation, now: datetime
) -> bool:
    """Whether colleagues hear of a new card in their next digest, which is written down where it was not yet."""
    if mail != NEW_CARD or participation.role is not Role.COLLEAGUES:
        return False
    person = loaded.persons[participation.person_id]
    school = await session.get(School, person.school_id) if person.school_id else None
    if school is None or weeks_of(school) == 0:
        return False
    calendar = loaded.calendar_of(participation)
    at = digest_at(now, calendar, place_of(person), weeks_of(school))
    await queue(
        session,
        key=f"{NEW_CARDS}:{calendar.day_of(at).isoformat()}:{person.id}",
        mail=NEW_CARDS,
        person_id=person.id,
        activity_id=None,
        needed_if=NeededIf.DIGEST_SAYS,
        due_at=at,
        now=now,
    )
    return True


async def news_for(session: AsyncSession, person: Person, queued_at: datetime) -> News | None:
    """Return what is new for colleagues since their last digest, or since the one that was ``queued_at`` then.

    ``None`` where nobody of their own school has anything new: what others shared is no reason for a mail.
    """
    school = await session.get(School, person.school_id) if person.school_id else None
    if school is None:
        return None
    last: datetime | None = await session.scalar(
        select(func.max(Attempt.started_at))
        .join(Message, Message.id == Attempt.message_id)
        .where(Message.person_id == person.id, Message.mail == NEW_CARDS, Message.state.in_(_LEFT))
    )
    told = select(Message.activity_id).where(
        Message.person_id == person.id,
        Message.mail == NEW_CARD,
        Message.activity_id.is_not(None),
        Message.state.not_in([MessageState.SKIPPED, MessageState.DISCARDED, MessageState.FAILED]),
    )
    rows = await session.scalars(
        visible_to(school)
        .where(
            ImpressionCard.published_at > last if last else ImpressionCard.published_at >= queued_at,
            Activity.id.not_in(told),
        )
        .order_by(ImpressionCard.published_at.desc(), Activity.id)
    )
    cards, own = [], 0
    for activity in rows:
        card = await read_card(session, activity.id, school_id=school.id)
        if card is not None and not card.is_empty:
            cards.append((activity, card))
            own += school.id in await schools_there(session, activity.id)
    return News(school, cards, own) if own else None


async def digests_in(session: AsyncSession, region_id: str) -> dict[str, int]:
    """Return the weeks between two digests of each school of a region, by its code; 0: of each card at once."""
    rows = await session.scalars(select(School).where(School.region_id == region_id).order_by(School.code))
    return {row.code: weeks_of(row) for row in rows}


async def keep_digests(session: AsyncSession, region_id: str, weeks: int, code: str | None = None) -> None:
    """Let the schools of a region hear of new cards every so many ``weeks``, or the one with ``code`` alone.

    What waits already leaves when it was to leave. Raises ``NotFound``.
    """
    schools = select(School).where(School.region_id == region_id)
    rows = list(await session.scalars(schools.where(School.code == code) if code else schools))
    if not rows and code:
        raise NotFound(what="school", name=code)
    for row in rows:
        row.weeks_between_digests = weeks


def weeks_of(school: School) -> int:
    """Return how often the colleagues of a school hear of new cards, in weeks; 0: of each at once."""
    return WEEKS if school.weeks_between_digests is None else school.weeks_between_digests
