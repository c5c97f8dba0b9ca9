"""Certificates: who earned one, and what stands on it. It is made from the answers each time that it is opened."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Demand, Role
from models.steps import Capability
from models.tables.activities import Participation, StepState
from models.tables.network import Region
from models.text import Text
from sandwich.errors import NotFound
from sandwich.rules.names import full_name
from sandwich.rules.slots import Pace
from sandwich.runtime import Runtime
from sandwich.services.answers_of import Answers, read_answers_of
from sandwich.services.links import OpenedLink
from sandwich.services.loaded import Loaded, load
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.presence import share_present

MAIL = "certificate"


@dataclass(frozen=True)
class Certificate:
    """What stands on a certificate: hours are those of the contact moments at which somebody was."""

    name: str
    title: str
    kind: Text
    host: str | None
    hours: float
    first_on: date
    last_on: date
    coordinator: str
    region: str


async def make_certificates(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Send everybody who earned a certificate the way to it, once."""
    answers = await read_answers_of(session, loaded.activity.id)
    for participation in loaded.in_role(Role.TEACHER):
        if has_earned(loaded, answers, participation):
            await queue(
                session,
                key=f"{loaded.activity.id}:{MAIL}:{participation.id}",
                mail=MAIL,
                person_id=participation.person_id,
                activity_id=loaded.activity.id,
                participation_id=participation.id,
                needed_if=NeededIf.ACTIVE,
                due_at=loaded.leaves_at(Pace.ROUTINE, participation, now),
                now=now,
            )


async def make_late_certificates(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    """Do the same after an answer that came when certificates had been made already."""
    if _are_made(loaded):
        await make_certificates(session, loaded, now)


async def certificate_of(runtime: Runtime, link: OpenedLink) -> Certificate:
    """Return the certificate of whoever has a personal link; raises ``NotFound`` where there is none."""
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, link.activity_id)
        participation = loaded.participation(link.participation_id)
        if not await is_certified(session, loaded, participation):
            raise NotFound(what="certificate", name=link.participation_id)
        region = await session.get_one(Region, loaded.activity.region_id)
        coordinators = [loaded.persons[item.person_id] for item in loaded.in_role(Role.COORDINATOR)]
        return Certificate(
            name=full_name(loaded.persons[participation.person_id]),
            title=loaded.activity.title,
            kind=loaded.playbook.title,
            host=loaded.host,
            hours=hours_of(loaded, participation),
            first_on=loaded.starts_at.astimezone(loaded.zone).date(),
            last_on=loaded.ends_at.astimezone(loaded.zone).date(),
            coordinator=full_name(coordinators[0]) if coordinators else "",
            region=region.name,
        )


async def is_certified(session: AsyncSession, loaded: Loaded, participation: Participation) -> bool:
    """Return whether a certificate stands ready for somebody."""
    return _are_made(loaded) and has_earned(loaded, await read_answers_of(session, loaded.activity.id), participation)


def has_earned(loaded: Loaded, answers: Answers, participation: Participation) -> bool:
    """Return whether somebody was there often enough and has looked back."""
    rule = loaded.playbook.parameters.certificate
    evaluating = [step.key for step in loaded.playbook.steps if step.meets(Demand.EVALUATION)]
    looked_back = any(item.participation.id == participation.id for item in answers.of_steps(evaluating))
    return rule is not None and looked_back and share_present(loaded.moments, participation) >= rule.present


def hours_of(loaded: Loaded, participation: Participation) -> float:
    """Return the hours of the contact moments at which somebody was."""
    there = [moment for moment in loaded.moments if participation.id not in (moment.absent or ())]
    return round(sum((moment.ends_at - moment.starts_at).total_seconds() for moment in there) / 3600, 1)


def _are_made(loaded: Loaded) -> bool:
    steps = [step.key for step in loaded.playbook.steps if step.does is Capability.MAKE_CERTIFICATES]
    return any(loaded.states.get(key) is StepState.DONE for key in steps)
