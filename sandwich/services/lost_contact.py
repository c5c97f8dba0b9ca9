"""A contact that is lost: mail comes back, or somebody does not work there any more (field rule 40)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE
from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation
from models.tables.network import Contact, ContactKind, Person
from sandwich.errors import BadInput, NotFound
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.calls import open_call
from sandwich.services.register import lock_registry
from sandwich.store.audit import lock_stream

_OVER = (ActivityStatus.FINISHED, ActivityStatus.CANCELLED)


class Loss(StrEnum):
    """What is known of a contact, which is also what the call is about."""

    BOUNCED = "bounced"  # mail does not arrive
    LEFT = "contact-left"  # works there no more


async def lose_contact(runtime: Runtime, person_id: str, loss: Loss, *, now: datetime, actor: str) -> int:
    """Mark addresses as not valid any more, and let the coordinators act; returns in how many activities.

    A bounce is about mail; who has left is not reached there in any way. What the person answered stays. Raises
    ``NotFound``, and ``BadInput`` where there is no address left to mark.
    """
    async with runtime.store.change(now=now, actor=actor) as session:
        person = await session.get(Person, person_id)
        if person is None:
            raise NotFound(what="person", name=person_id)
        goes_on = list(
            await session.execute(
                select(Activity, Participation.id)
                .join(Participation, Participation.activity_id == Activity.id)
                .where(
                    Participation.person_id == person_id,
                    Participation.standing.in_(ACTIVE),
                    Participation.role.not_in(OUTSIDE),
                    Activity.status.not_in(_OVER),
                )
                .order_by(Activity.id, Participation.id)
            )
        )
        activities = {activity.id: activity for activity, _ in goes_on}
        for activity_id in activities:  # always in this order, so that no two wait for each other
            await (await session.connection()).run_sync(lock_stream, activity_id)
        await lock_registry(session)
        if not await _mark(session, person_id, loss):
            name = full_name(person)
            raise BadInput(
                f"There is no valid address of {name} any more. It was marked before.",
                f"Er is geen geldig adres van {name} meer. Dat is al eerder gemeld.",
            )
        for activity in activities.values():
            key = f"{activity.id}:{loss}:{person_id}:{now.isoformat()}"
            await open_call(session, activity, loss, key=key, now=now, person_id=person_id)
    return len(activities)


async def _mark(session: AsyncSession, person_id: str, loss: Loss) -> bool:
    """Mark the addresses that do not work; returns whether there were any."""
    query = select(Contact).where(Contact.person_id == person_id, Contact.is_valid)
    if loss is Loss.BOUNCED:
        query = query.where(Contact.kind == ContactKind.MAIL)
    contacts = (await session.scalars(query)).all()
    for contact in contacts:
        contact.is_valid = False
    return bool(contacts)
