"""Activity A1 told through the services that also run for real, with its mail brought to a real mail server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from models.draft import ActivityDraft
from models.tables.activities import Activity, Participation, PlanStep, StepState
from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Call, Message, MessageState
from sandwich.mail.deliver import deliver_due
from sandwich.rules.answers import as_fields
from sandwich.rules.slots import slot_around
from sandwich.runtime import Runtime
from sandwich.services import start as starting
from sandwich.services.asking import asked_form
from sandwich.services.carry_out import carry_out
from sandwich.services.collect import submit
from sandwich.services.remind import handle_due
from sandwich.services.waking import take_run
from tests.mail.peers import Arrived, Box
from tests.support.cast import Cast
from tests.support.driver import CLOCK

RUN = "run-of-a-test"
ZONE = ZoneInfo("Europe/Amsterdam")
TEACHERS = ("T2", "T3", "T5", "T6")
TITLE = "Prefab bouwen bij Korteweg"


@dataclass
class Telling:
    """The activity, the people in it, and the mailbox of them all."""

    runtime: Runtime
    cast: Cast
    box: Box
    activity_id: str
    seen: int = field(default=0)

    @classmethod
    async def start(cls, runtime: Runtime, cast: Cast, box: Box, title: str = TITLE) -> Self:
        """Start the visit for 5 November 2026."""
        draft = ActivityDraft.model_validate(
            {
                "kind": "company-visit",
                "title": title,
                "purpose": "trends",
                "company": "B3",
                "coordinator": "C1",
                "hosts": ["P3"],
                "teachers": list(TEACHERS),
                "dates": [
                    {"start": "2026-11-05T13:30", "end": "2026-11-05T16:30"},
                    {"start": "2026-11-12T13:30", "end": "2026-11-12T16:30"},
                ],
                "group_size": 8,
                "place": "Fabrieksweg 12, Rivierdam",
            }
        )
        activity_id = await starting.start(runtime, draft, now=await runtime.clock.now(), actor=cast.id("C1"))
        await take_run(runtime, activity_id, RUN, None)
        return cls(runtime, cast, box, activity_id)

    async def go(self, until: str) -> list[Arrived]:
        """Let everything happen up to a local moment, and return the mails that arrived meanwhile."""
        end = datetime.fromisoformat(until).replace(tzinfo=ZONE)
        while True:
            await self.happen()
            later = await self._next()
            now = await self.runtime.clock.now()
            if later is None or later > end:
                break
            await self.runtime.clock.set(max(later, now) + timedelta(seconds=1))
        await self.runtime.clock.set(max(end, await self.runtime.clock.now()))
        await self.happen()
        return self.new()

    async def happen(self) -> None:
        """Let everything happen that is due now, and in the slot that has begun."""
        for _ in range(20):
            now = await self.runtime.clock.now()
            async with self.runtime.store.read() as session:
                activity = await session.get_one(Activity, self.activity_id)
                is_due = activity.wake_at is not None and activity.wake_at <= now
                rows = await session.scalars(
                    select(PlanStep)
                    .where(PlanStep.activity_id == self.activity_id, PlanStep.state == StepState.PLANNED)
                    .order_by(PlanStep.position)
                )
                steps = [row.step for row in rows]
            for step in steps if is_due else []:
                await carry_out(self.runtime, self.activity_id, step, RUN)
            handled = await handle_due(self.runtime)
            if not handled and not await deliver_due(self.runtime) and not await self._is_later_in_slot(now):
                return

    async def _is_later_in_slot(self, now: datetime) -> bool:
        """Go to the next mail of the slot that has begun, if there is one."""
        slot = slot_around(now, CLOCK)
        if slot is None:
            return False
        async with self.runtime.store.read() as session:
            waits = Message.state == MessageState.QUEUED, Message.due_at > now, Message.due_at < slot[1]
            due_at = await session.scalar(select(func.min(Message.due_at)).where(*waits))
        if due_at is not None:
            await self.runtime.clock.set(due_at)
        return due_at is not None

    def new(self) -> list[Arrived]:
        """Return what arrived since the last look."""
        found, self.seen = self.box.mails[self.seen :], len(self.box.mails)
        return found

    def to(self, code: str) -> list[Arrived]:
        """Return everything that somebody got, oldest first."""
        return [mail for mail in self.box.mails if mail.recipients == (self.cast.mail(code),)]

    async def answer(self, code: str, form: str, answers: Mapping[str, Any], key: str = "k") -> None:
        """Answer a form; what stands in it already stays."""
        invitation = await self.invitation(code, form)
        now = await self.runtime.clock.now()
        asked = await asked_form(self.runtime, invitation.id, now)
        fields = as_fields(asked.form, {**asked.prefilled, **answers}, asked.rows, asked.frame.language)
        outcome = await submit(
            self.runtime, invitation.id, fields, now=now, key=f"{key}-{form}-{code}", shown=asked.shown
        )
        assert outcome.accepted, outcome.problems

    async def invitation(self, code: str, form: str) -> Invitation:
        """Return the newest invitation of somebody to a form."""
        async with self.runtime.store.read() as session:
            found = await session.scalar(
                select(Invitation)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(
                    Invitation.activity_id == self.activity_id,
                    Invitation.form == form,
                    Participation.person_id == self.cast.id(code),
                )
                .order_by(Invitation.occurrence.desc())
                .limit(1)
            )
        assert found is not None, f"{code} was not asked {form}"
        return found

    async def messages(self, mail: str | None = None, code: str | None = None) -> list[Message]:
        """Return the messages of the activity, oldest first."""
        query = select(Message).where(Message.activity_id == self.activity_id).order_by(Message.queued_at, Message.id)
        if mail:
            query = query.where(Message.mail == mail)
        if code:
            query = query.where(Message.person_id == self.cast.id(code))
        async with self.runtime.store.read() as session:
            return list(await session.scalars(query))

    async def calls(self) -> list[Call]:
        """Return the calls of the activity, oldest first."""
        async with self.runtime.store.read() as session:
            rows = await session.scalars(
                select(Call)
                .where(Call.activity_id == self.activity_id, Call.opened_at.is_not(None))
                .order_by(Call.opened_at, Call.id)
            )
            return list(rows)

    async def date_agreed(self) -> None:
        """Let the host choose the first date."""
        await self.go("2026-09-28T11:00")
        await self.answer(
            "P3",
            "date-poll",
            {
                "dates": [
                    {"row": "date-1", "label": "", "answer": "suits"},
                    {"row": "date-2", "label": "", "answer": "impossible"},
                ]
            },
        )

    async def _next(self) -> datetime | None:
        async with self.runtime.store.read() as session:
            activity = await session.get_one(Activity, self.activity_id)
            moments = [activity.wake_at]
            moments += list(await session.scalars(select(Message.due_at).where(Message.state == "queued")))
            moments += list(
                await session.scalars(
                    select(Invitation.next_at).where(
                        Invitation.next_at.is_not(None),
                        Invitation.state.in_([InvitationState.SENT, InvitationState.OPENED, InvitationState.DRAFT]),
                    )
                )
            )
            moments += list(await session.scalars(select(Call.due_at).where(Call.state == "planned")))
        later = [moment for moment in moments if moment is not None]
        return min(later, default=None)
