"""What every steering of an activity by its coordinator shares: opened alone, refused when over, told to everybody."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ActivityStatus, Participation
from models.tables.asking import Invitation
from models.tables.mail import Call, CallState, Message, MessageState
from sandwich.errors import BadInput, NotFound
from sandwich.failpoints import failpoint
from sandwich.runtime import Runtime
from sandwich.services.calls import finish
from sandwich.services.loaded import Loaded, load
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.settle import settle

TOLD = (Role.TEACHER, Role.HOST_CONTACT, Role.SCHOOL_LEADER, Role.PROFESSIONAL, Role.MENTOR, Role.TIMETABLER)
"""Roles that hear of a move or a cancellation."""

MOVED = "moved"
"""The mail about another date, or another host."""

_LEFT_US = (MessageState.SENDING, MessageState.SENT, MessageState.BUNDLED, MessageState.UNKNOWN)


@asynccontextmanager
async def steering(
    runtime: Runtime, activity_id: str, now: datetime, actor: str
) -> AsyncIterator[tuple[AsyncSession, Loaded]]:
    """Open an activity for a change, and settle it afterwards."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        yield session, loaded
        # Nothing follows what was cancelled, and its run is woken once more to end.
        if loaded.activity.status is not ActivityStatus.CANCELLED:
            await settle(session, loaded, now)
    await failpoint("steering-committed")


async def tell_all(
    session: AsyncSession,
    loaded: Loaded,
    mail: str,
    now: datetime,
    about: Mapping[str, Any],
    *,
    roles: Sequence[Role] = TOLD,
    needed_if: NeededIf | None = NeededIf.ACTIVE,
    people: Collection[str] | None = None,
) -> None:
    """Tell ``people``, or everybody who had mail from us, each person once."""
    sequence = loaded.activity.calendar_sequence
    told: set[str] = set()
    if people is None:
        people = (await last_mails(session, loaded.activity.id)).keys()
    for role in roles:
        for participation in loaded.in_role(role):
            if participation.person_id in told or participation.person_id not in people:
                continue
            told.add(participation.person_id)
            await queue(
                session,
                key=f"{loaded.activity.id}:{mail}:{sequence}:{participation.id}",
                mail=mail,
                person_id=participation.person_id,
                activity_id=loaded.activity.id,
                participation_id=participation.id,
                about={**about, "sequence": sequence},
                needed_if=needed_if,
                due_at=now,
                now=now,
            )


async def last_mails(session: AsyncSession, activity_id: str) -> dict[str, str]:
    """Return which mail about an activity each person got last."""
    rows = await session.execute(
        select(Message.person_id, Message.mail)
        .where(Message.activity_id == activity_id, Message.state.in_(_LEFT_US))
        .order_by(func.coalesce(Message.sent_at, Message.due_at), Message.queued_at)
    )
    return dict(iter(rows))


async def finish_calls(
    session: AsyncSession, loaded: Loaded, whats: set[str], actor: str, now: datetime, *, person_id: str | None = None
) -> None:
    """Write down as done what a steering has done; with ``person_id`` only what is about that person."""
    for call in await session.scalars(
        select(Call).where(Call.activity_id == loaded.activity.id, Call.what.in_(whats), Call.state == CallState.OPEN)
    ):
        if person_id in {None, call.person_id}:
            await finish(session, call, actor, now)


async def activity_of_invitation(runtime: Runtime, invitation_id: str) -> str:
    """Return the activity of an invitation; raises ``NotFound``."""
    async with runtime.store.read() as session:
        invitation = await session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound(what="invitation", name=invitation_id)
    return invitation.activity_id


async def activity_of_participation(runtime: Runtime, participation_id: str) -> str:
    """Return the activity of a participation; raises ``NotFound``."""
    async with runtime.store.read() as session:
        participation = await session.get(Participation, participation_id)
    if participation is None:
        raise NotFound(what="participation", name=participation_id)
    return participation.activity_id


def refuse_ended(loaded: Loaded) -> None:
    """Raise ``BadInput`` for an activity that is over."""
    if loaded.activity.status in {ActivityStatus.CANCELLED, ActivityStatus.FINISHED}:
        raise over(loaded.activity.status)


def over(status: ActivityStatus) -> BadInput:
    """Return what to say to somebody who would change an activity that has ended."""
    if status is ActivityStatus.CANCELLED:
        return BadInput(
            "This activity was cancelled. Nothing about it can be changed any more.",
            "Deze activiteit is geannuleerd. Er valt niets meer aan te veranderen.",
        )
    return BadInput(
        "This activity is finished. Nothing about it can be changed any more.",
        "Deze activiteit is afgerond. Er valt niets meer aan te veranderen.",
    )


def need_reason(reason: str) -> None:
    """Raise ``BadInput`` where a decision has no reason."""
    if not reason.strip():
        raise BadInput(
            "Give a reason; it is kept with the decision.", "Geef een reden; die blijft bij het besluit staan."
        )
