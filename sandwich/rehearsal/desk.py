"""The coordinator of a rehearsal: makes the calls that come up, and types what people say on the phone."""

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ANSWERABLE, Participation
from models.tables.asking import OPEN, Invitation, Via
from models.tables.mail import Call, CallState
from models.tables.network import Person
from sandwich.errors import BadInput
from sandwich.rehearsal.cast import Player
from sandwich.rehearsal.tempers import Temper
from sandwich.services import agree, steer
from sandwich.services.loaded import load

if TYPE_CHECKING:
    from sandwich.rehearsal.acting import Acting

_ABOUT_THE_DATE = frozenset({"no-date", "choose-date", "other-date"})
_ABOUT_A_PROPOSAL = "counter-proposal"
_VAIN = 2
"""After so many calls in vain somebody is taken off the list."""


class Desk:
    """What the coordinator does about a call."""

    def __init__(self, acting: "Acting") -> None:
        """Take the activity that is being played."""
        self.acting, self.runtime = acting, acting.runtime

    async def handle(self, call_id: str) -> None:
        """Do what a call asks for, and write down that it is done."""
        async with self.runtime.store.read() as session:
            call = await session.get_one(Call, call_id)
            coordinator = await session.scalar(select(Person.id).where(Person.is_coordinator))
            asked = await self._asked(session, call) if call.state is CallState.OPEN else []
        if call.state is not CallState.OPEN or coordinator is None:
            return
        if call.what in _ABOUT_THE_DATE:
            await self._fix_date(call, coordinator)
        elif call.what == _ABOUT_A_PROPOSAL:
            await self._accept(call, coordinator)
        for invitation_id, person_id in asked:
            player = self.acting.people.get(person_id)
            if player is None:
                continue
            if player.temper is not Temper.NEVER:
                await self.acting.answer(invitation_id, player, via=Via.PHONE, entered_by=coordinator)
            elif call.person_id is not None:
                await self._in_vain(call, player, coordinator)
                break
        async with self.runtime.store.read() as session:
            state = (await session.get_one(Call, call_id)).state
        if state is CallState.OPEN:
            now = await self.acting.now()
            await steer.finish_call(self.runtime, call_id, "Gebeld.", now=now, actor=coordinator)

    async def _asked(self, session: AsyncSession, call: Call) -> list[tuple[str, str]]:
        """Return what is open of whom the call is about: a person, a step, or where a gate waits all of it."""
        now = await self.acting.now()
        query = (
            select(Invitation.id, Participation.person_id, Invitation.step)
            .join(Participation, Participation.id == Invitation.participation_id)
            .where(Invitation.activity_id == call.activity_id, Invitation.state.in_(OPEN), Invitation.asked_at <= now)
            .order_by(Invitation.id)
        )
        rows = list(await session.execute(query))
        if call.person_id is not None:
            return [(key, person) for key, person, _ in rows if person == call.person_id and call.invitation_id]
        if call.unless is None:
            return []
        of_step = [(key, person) for key, person, step in rows if step == call.step]
        return of_step or [(key, person) for key, person, _ in rows]

    async def _fix_date(self, call: Call, coordinator: str) -> None:
        async with self.runtime.store.read() as session:
            loaded = await load(session, self.runtime.settings.timezone, call.activity_id)
        if loaded.activity.date_fixed_at is None:
            now = await self.acting.now()
            await steer.fix_date(self.runtime, call.activity_id, 1, now=now, actor=coordinator)

    async def _accept(self, call: Call, coordinator: str) -> None:
        async with self.runtime.store.read() as session:
            loaded = await load(session, self.runtime.settings.timezone, call.activity_id)
        talk = loaded.playbook.step(call.step).agreement if call.step else None
        with suppress(BadInput):  # the parties have settled it between themselves by now
            await agree.decide(
                self.runtime,
                call.activity_id,
                "accept",
                now=await self.acting.now(),
                actor=coordinator,
                subject=talk.about if talk else None,
            )

    async def _in_vain(self, call: Call, player: Player, coordinator: str) -> None:
        """Phone somebody who does not pick up; the second time they are taken off the list."""
        self.acting.in_vain[player.code] += 1
        if self.acting.in_vain[player.code] < _VAIN:
            return
        async with self.runtime.store.read() as session:
            query = select(Participation.id).where(
                Participation.activity_id == call.activity_id,
                Participation.person_id == call.person_id,
                Participation.standing.in_(ANSWERABLE),
            )
            theirs = list(await session.scalars(query.order_by(Participation.id)))
        for participation_id in theirs[:1]:
            now = await self.acting.now()
            with suppress(BadInput):  # the activity has ended: there is nothing left to be asked for
                await steer.withdraw(self.runtime, participation_id, now=now, actor=coordinator)
