"""The own link once more, for somebody who is at the activity and has the mail not at hand: to their own mailbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE
from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation
from models.tables.network import Contact, ContactKind, Person
from sandwich.runtime import Runtime
from sandwich.services.appointments import dated
from sandwich.services.links import LinkExpired
from sandwich.services.loaded import load
from sandwich.services.outbox import NeededIf, queue
from sandwich.store.scope import Scope, of_region

MAIL = "own-link"
"""The mail with nothing but the link."""

AFTERWARDS = timedelta(days=1)
"""How long after its last meeting the code of an activity still leads somewhere."""

_GOES_ON = (ActivityStatus.BEFORE, ActivityStatus.DURING, ActivityStatus.AFTER)


class CodeOver(LinkExpired):
    """This code belongs to an activity that is over, or does not take place. Use the link in your mail."""

    dutch = "Deze code hoort bij een activiteit die voorbij is, of niet doorgaat. Gebruik de link in je mail."


@dataclass(frozen=True)
class Gathering:
    """What the page behind the code says: nothing that whoever stands there does not see around them."""

    title: str
    host: str | None
    starts_at: datetime
    ends_at: datetime


async def scope_of_code(runtime: Runtime, activity_id: str) -> Scope:
    """Return what the page behind a code may see; raises ``CodeOver`` where the activity is there no more."""
    async with runtime.store.read() as session:
        activity = await session.get(Activity, activity_id)
        if activity is None:
            raise CodeOver
        return of_region(activity.region_id)


async def gathering(runtime: Runtime, activity_id: str, now: datetime) -> Gathering:
    """Return what the page says; raises ``CodeOver`` once there is nothing to come to any more."""
    async with runtime.store.read() as session:
        if await session.get(Activity, activity_id) is None:
            raise CodeOver
        loaded = await load(session, runtime.settings.timezone, activity_id)
        meetings = await dated(session, loaded.activity)
        if loaded.activity.status not in _GOES_ON or not meetings or now > meetings[-1].ends_at + AFTERWARDS:
            raise CodeOver
        nearest = next((one for one in meetings if one.ends_at > now), meetings[-1])
        return Gathering(loaded.activity.title, loaded.host, nearest.starts_at, nearest.ends_at)


async def send_link_again(runtime: Runtime, activity_id: str, address: str, *, now: datetime) -> bool:
    """Mail somebody the link to their own page, where that address is one of the activity's; at most once an hour.

    Whoever asks learns nothing from the page: the answer is for the mailbox alone.
    """
    await gathering(runtime, activity_id, now)
    async with runtime.store.change(now=now, actor="participant", stream=activity_id) as session:
        found = await _whose(session, activity_id, address)
        if found is None:
            return False
        message = await queue(
            session,
            key=f"{activity_id}:{MAIL}:{found.person_id}:{now:%Y-%m-%dT%H}",
            mail=MAIL,
            person_id=found.person_id,
            activity_id=activity_id,
            participation_id=found.id,
            needed_if=NeededIf.ACTIVE,
            due_at=now,
            now=now,
        )
    return message is not None


async def _whose(session: AsyncSession, activity_id: str, address: str) -> Participation | None:
    found: Participation | None = await session.scalar(
        select(Participation)
        .join(Contact, Contact.person_id == Participation.person_id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Participation.activity_id == activity_id,
            Participation.standing.in_(ACTIVE),
            Participation.role.not_in(OUTSIDE),
            Contact.kind == ContactKind.MAIL,
            Contact.is_valid,
            Contact.lookup == address.strip().lower(),
            Person.erased_on.is_(None),
            Person.group_name.is_(None),
        )
        .order_by(Participation.added_at, Participation.id)
        .limit(1)
    )
    return found
