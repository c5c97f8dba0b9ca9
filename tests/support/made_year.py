"""Activities that were held, written straight into the tables: as many as a test wants, without playing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Demand, Role
from models.tables.activities import (
    Activity,
    ActivityStatus,
    ContactMoment,
    Participation,
    PlanStep,
    Presence,
    Standing,
    StepState,
)
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import Invitation, InvitationState, Submission
from models.tables.base import new_id
from models.tables.network import Company, Person, School
from models.tables.results import Hours, HoursKind
from sandwich.definitions.library import Library
from sandwich.services.chosen import keep_playbook
from sandwich.services.demands import step_for
from sandwich.services.invite import keep_form

GOOD = {
    "goals": {"goal_1": "Zien", "know_now": 2, "conf_lesson": 2, "conf_career": 2},
    "teacher-evaluation": {
        "overall": 5,
        "good_use": 4,
        "know_after": 4,
        "conf_lesson": 4,
        "conf_career": 4,
        "goal_result": [{"row": "goal_1", "result": 4}],
        "plan_what": ["adapt", "guest-lesson"],
        "next_wish": ["teacher-internship"],
    },
    "impact-check": {
        "done": [{"row": "adapt", "result": "done"}, {"row": "guest-lesson", "result": "not-yet"}],
        "change_lesson": 4,
        "pupils": 20,
        "colleagues": 1,
        "know_after": 4,
        "conf_lesson": 5,
        "conf_career": 5,
        "evidence": "Wij maken nu een wand.",
        "story": "without-name",
    },
    "host-evaluation": {"overall": 4, "explain": 5, "again": "again"},
}
"""What somebody answers who is content."""

_STEPS = {"goals": "goals", "teacher-evaluation": "evaluation", "impact-check": "impact-check"}


@dataclass
class MadeYear:
    """Writes activities into an open transaction; ``kind`` is a playbook that negotiates one task division."""

    session: AsyncSession
    library: Library
    region_id: str
    coordinator_id: str
    kind: str = "company-visit"
    made: list[Activity] = field(default_factory=list)

    async def person(self, *, school: School | None = None, company: Company | None = None, name: str = "X") -> Person:
        """Write somebody new."""
        found = Person(
            school_id=school.id if school else None,
            company_id=company.id if company else None,
            given_name=name,
            family_name=new_id()[:6],
        )
        self.session.add(found)
        await self.session.flush()
        return found

    async def held(
        self,
        on: datetime,
        teachers: Sequence[Person],
        host: Person,
        *,
        says: Mapping[str, Mapping[str, Any]] | None = None,
        complete: bool = True,
        status: ActivityStatus = ActivityStatus.FINISHED,
        title: str = "Bezoek",
        hours: float = 4,
        company_hours: tuple[float, bool] = (6, True),
    ) -> Activity:
        """Write an activity with one contact moment of three hours, of which everybody answers what ``says`` says."""
        playbook = self.library.playbook(self.kind)
        activity = Activity(
            region_id=self.region_id,
            kind=self.kind,
            playbook_digest=await keep_playbook(self.session, playbook),
            title=title,
            purpose="trends",
            status=status,
            company_id=host.company_id,
            coordinator_id=self.coordinator_id,
            started_at=on - timedelta(days=42),
            date_fixed_at=on - timedelta(days=40),
            finished_at=on + timedelta(days=1) if status is ActivityStatus.CANCELLED else None,
            shared_at=on + timedelta(days=15) if complete else None,
            fed_back_at=on + timedelta(days=20) if complete else None,
        )
        self.session.add(activity)
        await self.session.flush()
        self.session.add(
            ContactMoment(activity_id=activity.id, number=1, starts_at=on, ends_at=on + timedelta(hours=3))
        )
        feedback = step_for(playbook, Demand.FEEDBACK)
        step = next(one for one in playbook.steps if one.key == feedback)
        self.session.add(
            PlanStep(
                activity_id=activity.id,
                step=step.key,
                stage=step.stage,
                position=1,
                state=StepState.DONE if complete else StepState.PLANNED,
            )
        )
        division = next(talk.about for step, talk in playbook.agreements())
        state = AgreementState.ACCEPTED if complete else AgreementState.PROPOSED
        self.session.add(Agreement(activity_id=activity.id, subject=division, state=state))
        answers = GOOD if says is None else says
        for person, role in [*((one, Role.TEACHER) for one in teachers), (host, Role.HOST_CONTACT)]:
            part = await self._takes_part(activity, person, role)
            for form, said in answers.items():
                if (form == "host-evaluation") is (role is Role.HOST_CONTACT):
                    await self._answers(activity, part, form, said, on)
            if role is Role.TEACHER and hours:
                self._hours(activity, person, HoursKind.TEACHER_DURING, hours, True)
        if company_hours[0]:
            self._hours(activity, host, HoursKind.COMPANY_DURING, *company_hours)
        await self.session.flush()
        self.made.append(activity)
        return activity

    async def _takes_part(self, activity: Activity, person: Person, role: Role) -> Participation:
        part = Participation(
            activity_id=activity.id,
            person_id=person.id,
            role=role,
            standing=Standing.REGISTERED,
            presence=Presence.PRESENT if role is Role.TEACHER else Presence.UNKNOWN,
            added_at=activity.started_at,
        )
        self.session.add(part)
        await self.session.flush()
        return part

    async def _answers(
        self, activity: Activity, part: Participation, form: str, said: Mapping[str, Any], on: datetime
    ) -> None:
        asked = Invitation(
            activity_id=activity.id,
            step=_STEPS.get(form, "evaluation"),
            form=form,
            form_digest=await keep_form(self.session, self.library, form, None),
            participation_id=part.id,
            mail="evaluation",
            state=InvitationState.ANSWERED,
            asked_at=on - timedelta(days=2),
            deadline_at=on + timedelta(days=9),
            answered_at=on,
            profile="R-std",
        )
        self.session.add(asked)
        await self.session.flush()
        self.session.add(
            Submission(
                key=new_id(),
                activity_id=activity.id,
                invitation_id=asked.id,
                form=form,
                form_digest=asked.form_digest,
                person_id=part.person_id,
                answers=dict(said),
                submitted_at=on,
            )
        )

    def _hours(self, activity: Activity, person: Person, kind: HoursKind, hours: float, is_confirmed: bool) -> None:
        self.session.add(
            Hours(
                activity_id=activity.id,
                kind=kind,
                person_id=person.id,
                hours=hours,
                is_confirmed=is_confirmed,
                stated_at=datetime(2026, 12, 1, tzinfo=UTC),
            )
        )
