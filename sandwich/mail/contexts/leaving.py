"""What the mail says to somebody who takes part no more, and had the appointment in the calendar."""

from pydantic import Field

from models.tables.activities import Participation
from models.tables.network import Person
from sandwich.mail.case import Case, common
from sandwich.mail.contexts.parts import ActivityContext, Moment
from sandwich.rules.names import full_name
from sandwich.services.appointments import Why, to_come


class LeftContext(ActivityContext):
    """M22 to one person: why they take part no more, and which meetings leave the calendar.

    ``successor`` is who comes instead, where somebody was named and has not been erased.
    """

    why: Why
    successor: str | None
    gone: tuple[Moment, ...] = Field(min_length=1)


async def left(case: Case) -> LeftContext:
    """Word M22 for somebody who has left."""
    moments = await to_come(case.session, case.own_activity(), case.now)
    return LeftContext(
        **common(case),
        why=Why(case.about["why"]),
        successor=await _successor(case),
        gone=tuple(Moment(starts_at=row.starts_at, ends_at=row.ends_at) for row in moments),
    )


class FewerContext(ActivityContext):
    """M21 to a host: so many teachers come now."""

    coming: int = Field(ge=0)


async def fewer(case: Case) -> FewerContext:
    """Word the mail that fewer people come. Why is nobody's business."""
    return FewerContext(**common(case), coming=len(case.teachers()))


async def _successor(case: Case) -> str | None:
    key = case.own_participation().replaced_by_id
    follows = await case.session.get(Participation, key) if key else None
    person = await case.session.get(Person, follows.person_id) if follows else None
    return full_name(person) if person is not None and person.erased_on is None else None
