"""Leave an activity: what was asked falls away, links die or stay, what was answered stays."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Participation, Standing, StepState
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.mail import Message, MessageState
from models.tables.pairing import LIVE, PairState
from sandwich.services.appointments import Why, take_back
from sandwich.services.calls import drop_calls, open_call
from sandwich.services.card_index import index_card
from sandwich.services.invite import registers
from sandwich.services.links import revoke_links
from sandwich.services.loaded import Loaded
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.pairs import end_offer
from sandwich.services.people import PASSED_ON, WITH_SCHOOL

FEWER = "fewer"
"""The mail to a host that fewer people come."""

_TELLS_WHO = frozenset({"goals-to-host", "practical-info", "rounds"})


async def leave(
    session: AsyncSession,
    loaded: Loaded,
    participation: Participation,
    standing: Standing,
    now: datetime,
    *,
    why: Why | None,
) -> None:
    """End somebody's part. Open invitations fall away, and mails that are still waiting are not sent.

    Who has the appointment in the calendar gets a mail that takes it out and says ``why``; without one nobody is told.

    The links stay open to say what happened, except for somebody who was replaced: those die. Who never answered can
    still do so. A teacher who led the trip does not lead it any more, and the last teacher of a school takes its leader
    and timetabler along.
    """
    was_coming = participation.standing is Standing.REGISTERED
    participation.standing = standing
    participation.left_at = now
    state = InvitationState.REPLACED if standing is Standing.REPLACED else InvitationState.WITHDRAWN
    mine = await session.scalars(
        select(Invitation).where(
            Invitation.participation_id == participation.id,
            Invitation.state.in_([*OPEN, InvitationState.CLOSED]),
        )
    )
    for invitation in mine:
        invitation.next_at = None
        if standing is Standing.UNANSWERED and registers(loaded.playbook, invitation, participation.role):
            continue
        invitation.state = state
        await drop_calls(session, invitation.id, now)
    waiting = await session.scalars(
        select(Message).where(
            Message.participation_id == participation.id, Message.state.in_([MessageState.QUEUED, MessageState.HELD])
        )
    )
    for message in waiting:
        message.state = MessageState.SKIPPED
        message.reason = standing.value
    await _leave_pairs(session, loaded, participation, now)
    if standing is Standing.REPLACED:  # who comes instead takes over what hangs on the part
        await revoke_links(session, participation.id, now)
    else:
        await _pass_on(session, loaded, participation, standing, now)
        if was_coming and participation.role is Role.TEACHER:
            await _tell_hosts(session, loaded, now)
    await _leave_with_school(session, loaded, participation, now)
    await index_card(session, loaded.activity.id)
    loaded.refresh_calendars()
    if why is not None:
        await take_back(session, loaded, participation, why, now)


async def _tell_hosts(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Tell a host who knows already who comes that fewer do; one mail, however many leave before it is gone."""
    if now >= loaded.starts_at or not _knows_who_comes(loaded):
        return
    for host in loaded.in_role(Role.HOST_CONTACT):
        known = list(
            await session.scalars(select(Message).where(Message.participation_id == host.id, Message.mail == FEWER))
        )
        if any(message.state in {MessageState.QUEUED, MessageState.HELD} for message in known):
            continue
        await queue(
            session,
            key=f"{loaded.activity.id}:{FEWER}:{host.id}:{len(known) + 1}",
            mail=FEWER,
            person_id=host.person_id,
            activity_id=loaded.activity.id,
            participation_id=host.id,
            needed_if=NeededIf.ACTIVE,
            due_at=now,
            now=now,
        )


def _knows_who_comes(loaded: Loaded) -> bool:
    """Whether the hosts were told anything about the people who come, or about the day."""
    return any(
        loaded.states.get(step.key) is StepState.DONE
        and (
            any(ask.to is Role.HOST_CONTACT and ask.mail in _TELLS_WHO for ask in step.asks)
            or any(Role.HOST_CONTACT in tell.to and tell.mail in _TELLS_WHO for tell in step.tells)
        )
        for step in loaded.playbook.steps
    )


async def _leave_pairs(session: AsyncSession, loaded: Loaded, participation: Participation, now: datetime) -> None:
    """End the pairs that somebody was in or was offered; the coordinator hears of each."""
    for pair in loaded.in_pairs(*LIVE):
        if participation.id in pair.people:
            pair.state = PairState.DROPPED
            await end_offer(session, loaded, pair, now)
            key = f"{loaded.activity.id}:pair-broken:{pair.id}"
            await open_call(
                session, loaded.activity, "pair-broken", key=key, now=now, person_id=participation.person_id
            )


async def _pass_on(
    session: AsyncSession, loaded: Loaded, participation: Participation, standing: Standing, now: datetime
) -> None:
    """End what hangs on somebody's part: the lead of the trip."""
    for item in loaded.in_role(PASSED_ON[participation.role]) if participation.role in PASSED_ON else ():
        if item.person_id == participation.person_id:
            await leave(session, loaded, item, standing, now, why=None)
            await open_call(
                session,
                loaded.activity,
                "no-trip-leader",
                key=f"{loaded.activity.id}:no-trip-leader:{item.id}:{now.isoformat()}",
                now=now,
                person_id=item.person_id,
            )


async def _leave_with_school(
    session: AsyncSession, loaded: Loaded, participation: Participation, now: datetime
) -> None:
    """Let the leaders and timetablers go of a school of which nobody is left before the day.

    Once it has begun the school took part, and they hear what came of it; what a leader was still asked falls away.
    """
    for item in left_without_teachers(loaded, participation):
        if now < loaded.starts_at:
            await leave(session, loaded, item, Standing.WITHDRAWN, now, why=Why.NOBODY)
        for invitation in await session.scalars(
            select(Invitation).where(Invitation.participation_id == item.id, Invitation.state.in_(OPEN))
        ):
            invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
            await drop_calls(session, invitation.id, now)


def left_without_teachers(loaded: Loaded, participation: Participation) -> list[Participation]:
    """Return the leaders and timetablers of whose school nobody takes part without this one person."""
    school = loaded.persons[participation.person_id].school_id
    others = [item for item in loaded.in_role(Role.TEACHER) if item.id != participation.id]
    if participation.role is not Role.TEACHER or school in {
        loaded.persons[item.person_id].school_id for item in others
    }:
        return []
    return [
        item
        for role in sorted(WITH_SCHOOL)
        for item in loaded.in_role(role)
        if loaded.persons[item.person_id].school_id == school
    ]
