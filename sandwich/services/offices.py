"""Give somebody a role that they hold for a region or a school, and take it away. Whoever loses one is signed out."""

from collections.abc import Set
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.rights import SIGN_IN, Office
from models.roles import Role
from models.tables.api import ApiToken
from models.tables.hooks import Hook
from models.tables.network import Person
from models.tables.offices import HeldOffice
from models.tables.running import LoginCode, WebSession
from sandwich.errors import BadInput
from sandwich.runtime import Runtime

HOLDABLE: tuple[Role | Office, ...] = (*SIGN_IN, Role.TIMETABLER)
"""Roles that somebody has apart from any activity."""

_FLAGS = {
    Role.COORDINATOR: "is_coordinator",
    Role.SCHOOL_LEADER: "is_school_leader",
    Role.TIMETABLER: "is_timetabler",
}


async def held_by(session: AsyncSession, person_id: str) -> Set[Role | Office]:
    """Return what somebody holds now."""
    person = await session.get_one(Person, person_id)
    offices = await session.scalars(
        select(HeldOffice.office).where(HeldOffice.person_id == person_id, HeldOffice.ended_at.is_(None))
    )
    return {*offices, *(role for role, flag in _FLAGS.items() if getattr(person, flag))}


async def give_role(runtime: Runtime, person_id: str, role: Role | Office, *, now: datetime, actor: str) -> bool:
    """Give somebody a role; whether they did not have it. Raises ``BadInput`` for who can hold none."""
    async with runtime.store.change(now=now, actor=actor) as session:
        person = await session.get_one(Person, person_id)
        if person.group_name or person.erased_on is not None:
            raise BadInput(
                "A distribution list, or somebody who was erased, holds no role.",
                "Een verzendlijst, of iemand die gewist is, heeft geen rol.",
            )
        if role in (Role.SCHOOL_LEADER, Role.TIMETABLER) and person.school_id is None:
            raise BadInput(
                "This role belongs to a school, and this person works at none.",
                "Deze rol hoort bij een school, en deze persoon werkt er bij geen.",
            )
        if role in await held_by(session, person_id):
            return False
        if isinstance(role, Role):
            setattr(person, _FLAGS[role], True)
        else:
            session.add(HeldOffice(person_id=person_id, office=role, given_at=now))
    return True


async def take_role(
    runtime: Runtime, person_id: str, role: Role | Office, *, now: datetime, real: datetime, actor: str
) -> bool:
    """Take a role away; whether they had it. Their sessions end and codes that were mailed open nothing any more; who
    does not coordinate any more has no tokens and no hooks, also when they get the role back.
    """
    async with runtime.store.change(now=now, actor=actor) as session:
        if role not in await held_by(session, person_id):
            return False
        if isinstance(role, Role):
            setattr(await session.get_one(Person, person_id), _FLAGS[role], False)
        else:
            held = select(HeldOffice).where(
                HeldOffice.person_id == person_id, HeldOffice.office == role, HeldOffice.ended_at.is_(None)
            )
            for row in await session.scalars(held):
                row.ended_at = now
        await end_sessions(session, person_id, real)
        if role is Role.COORDINATOR:
            await _end_programs(session, person_id, now=now, real=real)
    return True


async def _end_programs(session: AsyncSession, person_id: str, *, now: datetime, real: datetime) -> None:
    """Revoke every token of somebody, and tell their addresses nothing more."""
    for token in await session.scalars(
        select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    ):
        token.revoked_at = real
    for hook in await session.scalars(select(Hook).where(Hook.person_id == person_id, Hook.ended_at.is_(None))):
        hook.ended_at = now


async def end_sessions(session: AsyncSession, person_id: str, real: datetime) -> None:
    """End every session of somebody, and every code that could still begin one."""
    for row in await session.scalars(
        select(WebSession).where(WebSession.person_id == person_id, WebSession.ended_at.is_(None))
    ):
        row.ended_at = real
    for code in await session.scalars(
        select(LoginCode).where(LoginCode.person_id == person_id, LoginCode.used_at.is_(None))
    ):
        code.used_at = real
