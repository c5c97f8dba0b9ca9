"""Several activities that are played on one clock, without Prefect: each is carried when it is due."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from models.tables.activities import ACTIVE, Activity, ActivityStatus, Participation
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import OPEN, Invitation
from sandwich.rehearsal.filling import fill_in
from sandwich.runtime import Runtime
from sandwich.services import agree, collect, remind, waking
from sandwich.services.asking import asked_form
from tests.support.cast import Cast
from tests.support.driver import RUN, Play, local, told


@dataclass
class Chorus:
    """All activities of an installation, by their title."""

    runtime: Runtime
    cast: Cast
    plays: dict[str, Play] = field(default_factory=dict)
    pages: int = 0

    @classmethod
    async def of(cls, runtime: Runtime) -> "Chorus":
        """Take over every activity that stands in the database."""
        cast = await Cast.read(runtime)
        async with runtime.store.read() as session:
            rows = list(await session.scalars(select(Activity).order_by(Activity.started_at, Activity.id)))
        return cls(runtime, cast, {row.title: Play(runtime, cast=cast, activity_id=row.id) for row in rows})

    async def add(self, play: Play) -> Play:
        """Let an activity that was just begun play along."""
        self.plays[(await play.activity()).title] = play
        return play

    async def turn(self) -> None:
        """Let everything of this moment happen in all activities."""
        by_id = {play.activity_id: play for play in self.plays.values()}
        one = next(iter(self.plays.values()))
        for _ in range(50):
            steps = 0
            for wake in await waking.due_wakes(self.runtime):
                if wake.run_id != RUN:
                    await waking.take_run(self.runtime, wake.activity_id, RUN, wake.run_id)
                steps += await by_id[wake.activity_id].carry()
            rows, mails = await remind.handle_due(self.runtime), await one.deliver()
            if not (steps or rows or mails):
                return
        raise AssertionError(f"something stays due at {told(await one.now())}")

    async def to(self, moment: str, *, answering: bool = False) -> None:
        """Let time pass up to a local moment; with ``answering`` everybody fills in what they are asked."""
        one = next(iter(self.plays.values()))
        until = local(moment)
        await self._here(answering)
        while (following := await one.next()) is not None and following <= until:
            await self.runtime.clock.set(following)
            await self._here(answering)
        if until > await one.now():
            await self.runtime.clock.set(until)
            await self._here(answering)

    async def _here(self, answering: bool) -> None:
        await self.turn()
        while answering and await self._answer_all():
            await self.turn()

    async def _answer_all(self) -> int:
        """Let everybody who was asked something fill it in, and the school agree with what a host proposes."""
        now = await self.runtime.clock.now()
        async with self.runtime.store.read() as session:
            asked = await session.scalars(
                select(Invitation.id)
                .join(Activity, Activity.id == Invitation.activity_id)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(
                    Invitation.state.in_(OPEN),
                    Invitation.asked_at <= now,
                    Participation.standing.in_(ACTIVE),
                    Activity.status.not_in((ActivityStatus.CANCELLED, ActivityStatus.ON_HOLD)),
                )
                .order_by(Invitation.id)
            )
            waiting: Sequence[str] = list(asked)
            countered = list(
                await session.scalars(select(Agreement.activity_id).where(Agreement.state == AgreementState.COUNTERED))
            )
        for invitation_id in waiting:
            form = await asked_form(self.runtime, invitation_id, now)
            self.pages += 1
            outcome = await collect.submit(
                self.runtime,
                invitation_id,
                fill_in(form.form, form.rows, form.prefilled, {}),
                now=now,
                key=f"chorus-{self.pages}-{invitation_id}",
                shown=form.shown,
            )
            assert outcome.accepted, outcome
        for activity_id in countered:
            await agree.decide(self.runtime, activity_id, "accept", now=now, actor=self.cast.id("C1"))
        return len(waiting) + len(countered)
