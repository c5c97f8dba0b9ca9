"""Let time pass while everybody answers what they are asked, so that a whole activity can be played in a few lines."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from models.tables.asking import OPEN, Invitation
from sandwich.rehearsal.answering import answer
from sandwich.rehearsal.filling import Changes
from sandwich.rules.slots import SLOT
from tests.support.driver import Play, local

SOON = timedelta(hours=2)
"""How long people take."""


@dataclass
class Living:
    """How people answer: ``says`` by form, or by form and variant; nobody answers a form in ``silent``.

    ``also`` are further activities that go on at the same time.
    """

    play: Play
    says: Mapping[str, Changes] = field(default_factory=dict)
    silent: Collection[str] = ()
    answered: list[tuple[str, str]] = field(default_factory=list)
    also: Sequence[Play] = ()

    async def to(self, moment: str) -> None:
        """Let time pass up to a local moment; everybody answers soon after they were asked."""
        play, until = self.play, local(moment)
        await self._turn()
        await self.answer()
        while (following := await play.next()) is not None and following <= until:
            await play.runtime.clock.set(following)
            await self._turn()
            if await self._open(SLOT):
                await play.runtime.clock.set(following + SOON)
                await self.answer()
        if until > await play.now():
            await play.runtime.clock.set(until)
            await self._turn()

    async def answer(self) -> None:
        """Let everybody answer what is open now, until nothing is."""
        for _ in range(20):
            waiting = await self._open()
            if not waiting:
                return
            for invitation in waiting:
                await self._answer(invitation)
            await self._turn()
        raise AssertionError("there is always something more to answer")

    async def _turn(self) -> None:
        """Let everything of this moment happen, in all activities."""
        for _ in range(3 if self.also else 1):
            for play in (self.play, *self.also):
                await play.turn()

    async def _open(self, ahead: timedelta = timedelta()) -> list[Invitation]:
        """Return what is asked now, or will be soon: who is not asked by mail is asked in the same slot."""
        now = await self.play.now() + ahead
        async with self.play.runtime.store.read() as session:
            rows = await session.scalars(
                select(Invitation)
                .where(Invitation.state.in_(OPEN), Invitation.asked_at <= now)
                .order_by(Invitation.asked_at, Invitation.step, Invitation.id)
            )
            return [row for row in rows if not {row.form, f"{row.form} {row.variant}"} & set(self.silent)]

    async def _answer(self, invitation: Invitation) -> None:
        said = {**self.says.get(invitation.form, {}), **self.says.get(f"{invitation.form} {invitation.variant}", {})}
        named = {name.replace("__", "."): value for name, value in said.items()}
        self.play.pages += 1
        key = f"page-{self.play.pages}"
        if await answer(self.play.runtime, invitation.id, step=invitation.step, key=key, says=named):
            self.answered.append((invitation.step, invitation.form))
