"""Activity A1 as far as a test needs it: started, asked, answered, through the services that also run for real."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Activity, Participation, PlanStep, StepState
from models.tables.asking import Invitation
from sandwich.rules.answers import as_fields
from sandwich.runtime import Runtime
from sandwich.services import start as starting
from sandwich.services.asking import AskedForm, asked_form
from sandwich.services.carry_out import carry_out
from sandwich.services.collect import submit
from sandwich.services.loaded import load
from sandwich.services.waking import take_run
from tests.support.cast import Cast
from tests.support.linked import link_for

RUN = "run-of-a-test"
ZONE = ZoneInfo("Europe/Amsterdam")
TEACHERS = ("T2", "T3", "T5", "T6")


@dataclass
class Visit:
    """Activity A1 in the store of a test."""

    runtime: Runtime
    cast: Cast
    activity_id: str

    @classmethod
    async def start(cls, runtime: Runtime, cast: Cast, *, teachers: tuple[str, ...] = TEACHERS) -> Self:
        """Start "Prefab bouwen bij Korteweg" for 5 November 2026."""
        draft = ActivityDraft.model_validate(
            {
                "kind": "company-visit",
                "title": "Prefab bouwen bij Korteweg",
                "purpose": "trends",
                "company": "B3",
                "coordinator": "C1",
                "hosts": ["P3"],
                "teachers": list(teachers),
                "dates": [
                    {"start": "2026-11-05T13:30", "end": "2026-11-05T16:30"},
                    {"start": "2026-11-12T13:30", "end": "2026-11-12T16:30"},
                ],
                "group_size": 12,
                "place": "Fabrieksweg 12, Rivierdam",
            }
        )
        activity_id = await starting.start(runtime, draft, now=await runtime.clock.now(), actor=cast.id("C1"))
        await take_run(runtime, activity_id, RUN, None)
        return cls(runtime, cast, activity_id)

    async def run(self, until: datetime | None = None) -> None:
        """Let everything happen that is due, up to ``until`` (by default now)."""
        for _ in range(80):
            async with self.runtime.store.read() as session:
                activity = await session.get_one(Activity, self.activity_id)
                rows = await session.scalars(
                    select(PlanStep)
                    .where(PlanStep.activity_id == self.activity_id, PlanStep.state == StepState.PLANNED)
                    .order_by(PlanStep.position)
                )
                steps = [row.step for row in rows]
            for step in steps:
                await carry_out(self.runtime, self.activity_id, step, RUN)
            async with self.runtime.store.read() as session:
                activity = await session.get_one(Activity, self.activity_id)
                later = activity.wake_at
            now = await self.runtime.clock.now()
            if later is None or until is None or max(later, now) > until:
                break
            await self.runtime.clock.set(max(later, now) + timedelta(seconds=1))
        if until is not None:
            await self.runtime.clock.set(until)

    async def invitation(self, code: str, form: str) -> Invitation:
        """Return what somebody was asked."""
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

    async def asked(self, code: str, form: str) -> AskedForm:
        """Return the form that somebody was asked to fill in."""
        invitation = await self.invitation(code, form)
        return await asked_form(self.runtime, invitation.id, await self.runtime.clock.now())

    async def token(self, code: str, form: str) -> str:
        """Return the token of the link that a mail would carry."""
        invitation = await self.invitation(code, form)
        now = await self.runtime.clock.now()
        async with self.runtime.store.change(now=now, actor="mail", stream=self.activity_id) as session:
            return await link_for(session, self.runtime.settings, invitation.participation_id, invitation.id, now)

    async def personal_token(self, code: str) -> str:
        """Return the token of somebody's personal page."""
        now = await self.runtime.clock.now()
        async with self.runtime.store.change(now=now, actor="mail", stream=self.activity_id) as session:
            loaded = await load(session, self.runtime.settings.timezone, self.activity_id)
            own = next(one for one in loaded.participations if one.person_id == self.cast.id(code))
            return await link_for(session, self.runtime.settings, own.id, None, now)

    async def answer(self, code: str, form: str, answers: dict[str, Any], key: str = "k") -> None:
        """Answer a form through the services, as the web does; what stands in it already stays."""
        asked = await self.asked(code, form)
        fields = as_fields(asked.form, {**asked.prefilled, **answers}, asked.rows, asked.frame.language)
        now = await self.runtime.clock.now()
        outcome = await submit(
            self.runtime, asked.invitation_id, fields, now=now, key=f"{key}-{code}", shown=asked.shown
        )
        assert outcome.accepted, outcome.problems

    async def date_agreed(self) -> None:
        """Let the host choose the first date, and let the teachers be asked."""
        await self.run()
        asked = await self.asked("P3", "date-poll")
        rows = [{"row": option.key, "label": "", "answer": "suits"} for option in asked.rows["dates"]]
        await self.answer("P3", "date-poll", {"dates": rows})


def local(text: str) -> datetime:
    """Return a local moment in UTC: ``2026-10-08 10:05``."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
