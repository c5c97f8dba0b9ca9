"""The date poll: asked anew when other days are proposed, and over for everybody once the date is known."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.asking import FELL_AWAY, OPEN, Invitation, InvitationState
from models.tables.mail import Call, CallState
from sandwich.definitions.library import Library
from sandwich.services.calls import drop_calls, finish
from sandwich.services.facts import gather
from sandwich.services.invite import ask_person
from sandwich.services.loaded import Loaded
from sandwich.services.reconfirm import GOALS, LONG, follow_the_date
from sandwich.services.steering import MOVED, tell_all

POLL = "date-poll"
DATE_CALLS = ("choose-date", "other-date", "no-date")


async def date_is_known(session: AsyncSession, loaded: Loaded, now: datetime, done_by: str | None = None) -> None:
    """Stop asking for a date: it was fixed. What somebody still answers is kept and looked at.

    The calls about it are done by ``done_by``, or fall away where the answer came by itself.
    """
    for invitation in await session.scalars(
        select(Invitation).where(
            Invitation.activity_id == loaded.activity.id, Invitation.form == POLL, Invitation.state.in_(OPEN)
        )
    ):
        invitation.state, invitation.next_at = InvitationState.CLOSED, None
        await drop_calls(session, invitation.id, now)
    for call in await _date_calls(session, loaded):
        if done_by:
            await finish(session, call, done_by, now)
        else:
            call.state, call.done_at = CallState.DROPPED, now
    await _tell_of_new_host(session, loaded, now)


_HEAR_OF_A_HOST = (Role.TEACHER, Role.SCHOOL_LEADER, Role.TIMETABLER)


async def _tell_of_new_host(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Tell the schools who receives now, and when; a much later day asks whether the goals still fit."""
    activity = loaded.activity
    untold = [move for move in activity.moves if move.get("told") is False]
    if not untold:
        return
    activity.moves = [{**move, "told": True} if move in untold else move for move in activity.moves]
    activity.calendar_sequence += 1
    about = {"old": [untold[0]["from"]], "new_host": True}
    await tell_all(session, loaded, MOVED, now, about, roles=_HEAR_OF_A_HOST)
    is_much_later = loaded.starts_at - datetime.fromisoformat(untold[0]["from"][0]) > LONG
    await follow_the_date(session, loaded, now, again=frozenset({GOALS}) if is_much_later else frozenset())


async def ask_anew(session: AsyncSession, library: Library, loaded: Loaded, now: datetime, done_by: str) -> None:
    """Ask about other days than were asked about before. What has not left yet leaves with the new ones.

    An answer to the earlier days says nothing of these, so the earlier question falls away with it.
    """
    for call in await _date_calls(session, loaded):
        await finish(session, call, done_by, now)
    facts = await gather(session, loaded, now)
    for step in loaded.playbook.steps:
        for ask in step.asks:
            for participation in loaded.in_role(ask.to, ask.among) if POLL in (ask.form, *ask.with_forms) else ():
                earlier = await session.scalars(
                    select(Invitation).where(
                        Invitation.participation_id == participation.id,
                        Invitation.step == step.key,
                        Invitation.form == POLL,
                        Invitation.state.not_in([*FELL_AWAY, InvitationState.PLANNED]),
                    )
                )
                for invitation in list(earlier):
                    invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
                    await drop_calls(session, invitation.id, now)
                    await session.flush()
                    await ask_person(session, library, loaded, step, ask, participation, facts, now)


async def _date_calls(session: AsyncSession, loaded: Loaded) -> list[Call]:
    rows = await session.scalars(
        select(Call).where(
            Call.activity_id == loaded.activity.id, Call.what.in_(DATE_CALLS), Call.state == CallState.OPEN
        )
    )
    return list(rows)
