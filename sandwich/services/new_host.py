"""Another company takes the place of one that cannot: goals stay, what hangs on host and date begins anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import PersonRef
from models.roles import HOST_ROLES, Host, Role, Stage
from models.steps import Capability, Step
from models.tables.activities import ActivityStatus, Approval, Standing, StepState
from models.tables.agreements import Agreement
from models.tables.network import Company
from sandwich.errors import BadInput
from sandwich.rules.calendar import Span
from sandwich.runtime import Runtime
from sandwich.services.agreements import FORMER
from sandwich.services.appointments import Why
from sandwich.services.cool_down import Asking, allow_asking
from sandwich.services.dates import check_spans, moved_along, note_move, set_moments
from sandwich.services.drafted import check_reachable
from sandwich.services.halting import wake_mail
from sandwich.services.leave import leave
from sandwich.services.loaded import Loaded
from sandwich.services.moving import free_days, refuse_free_days, take_back_asked
from sandwich.services.people import add_participation
from sandwich.services.reconfirm import DATE_BOUND
from sandwich.services.register import find_company, find_person, lock_registry
from sandwich.services.resting import end_rest
from sandwich.services.steering import finish_calls, need_reason, refuse_ended, steering
from sandwich.services.watches import look_again
from sandwich.settings import Settings

_DONE_BY_IT = frozenset({"host-declined", "change-cannot", "change-stop", "other-person"})
_MAKES_ANEW = frozenset({Capability.CONFIRM_DATE, Capability.PROPOSE_TASKS, Capability.NEGOTIATE})


@dataclass(frozen=True)
class NewHost:
    """The company that is asked, who of it, and the days to choose from: the code of the company, its ``contacts``.

    ``in_holiday`` says that a free day is meant; ``asking`` why it is asked though it was asked enough, by whom.
    """

    company: str
    contacts: Sequence[PersonRef]
    spans: Sequence[Span]
    in_holiday: bool = False
    asking: Asking | None = None


async def change_host(
    runtime: Runtime, activity_id: str, host: NewHost, reason: str, *, now: datetime, actor: str
) -> None:
    """Ask another company to receive, on one of its days; an activity on hold goes on with that.

    Everybody of the earlier host leaves, and what they answered counts no more; the agreement with them stays readable
    and a new one begins. Teachers stay registered and keep their goals; they hear of it once the new host has chosen a
    day, and release is asked anew for that day. Raises ``BadInput``, ``InHoliday`` unless ``in_holiday``, and with
    ``asking`` ``StillCooling`` where the company was asked enough and nothing says why it is asked (field rule 44).
    """
    need_reason(reason)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await put_host(session, runtime.settings, loaded, host, reason, now, actor)


async def put_host(
    session: AsyncSession, settings: Settings, loaded: Loaded, host: NewHost, reason: str, now: datetime, actor: str
) -> None:
    """Do what ``change_host`` does in a transaction that is open already."""
    refuse_ended(loaded)
    found = await find_company(session, host.company)
    _refuse(loaded, found, host.contacts, now)
    check_spans(host.spans, now)
    activity, first, last = loaded.activity, loaded.starts_at, loaded.ends_at
    if host.asking is not None:
        await lock_registry(session)
        await allow_asking(session, settings, activity, host.asking, now, companies=[found.id])
    people = [await find_person(session, ref) for ref in host.contacts]
    for person in people:
        if person.company_id != found.id:
            raise BadInput(
                f"This contact person does not work at {found.name}.",
                f"Deze contactpersoon werkt niet bij {found.name}.",
            )
    await check_reachable(session, {Role.HOST_CONTACT: [person.id for person in people]})
    for item in [one for role in sorted(HOST_ROLES) for one in loaded.in_role(role)]:
        if loaded.persons[item.person_id].company_id == activity.company_id:
            await leave(session, loaded, item, Standing.REPLACED, now, why=Why.COORDINATOR)
    note_move(activity, (first, last), reason, now, actor, host=activity.company_id, told=False)
    activity.company_id, activity.place, loaded.company = found.id, None, found
    activity.closing_reason = reason
    activity.date_fixed_at = None
    for person in people:
        await add_participation(session, loaded, person, Role.HOST_CONTACT, now)
    if not host.in_holiday:
        refuse_free_days(free_days(loaded, host.spans))
    later = moved_along(loaded.moments, host.spans[0][0], loaded.calendars.together)
    set_moments(loaded, [host.spans[0], *later])
    activity.proposed = [[start.isoformat(), end.isoformat()] for start, end in host.spans]
    activity.status, activity.status_before_hold = ActivityStatus.REQUESTED, None
    for item in loaded.in_role(Role.TEACHER):
        if item.approval is not Approval.NOT_NEEDED:
            item.approval = Approval.OPEN
    await _put_agreements_by(session, loaded)
    await end_rest(session, activity.id, now)
    await wake_mail(session, activity.id, now)
    for step in loaded.playbook.steps:
        if _begins_anew(step):
            row = loaded.steps[step.key]
            row.state, row.done_at, row.skip_reason = StepState.PLANNED, None, None
            await take_back_asked(session, loaded, step.key, DATE_BOUND)
    await look_again(session, loaded, now)
    await finish_calls(session, loaded, set(_DONE_BY_IT), actor, now)


def _refuse(loaded: Loaded, company: Company, contacts: Sequence[PersonRef], now: datetime) -> None:
    if loaded.playbook.parameters.host is not Host.COMPANY or loaded.activity.company_id is None:
        raise BadInput(
            "No company receives here, so there is none to take its place.",
            "Hier ontvangt geen bedrijf, dus er is er geen die in de plaats kan komen.",
        )
    if company.id == loaded.activity.company_id:
        raise BadInput(
            f"{company.name} is the host already. Move the activity to change its date.",
            f"{company.name} ontvangt al. Verplaats de activiteit om de datum te veranderen.",
        )
    if not contacts:
        raise BadInput("Name a contact person at the company.", "Noem een contactpersoon van het bedrijf.")
    status = loaded.activity.status_before_hold or loaded.activity.status
    on_hold = loaded.activity.status is ActivityStatus.ON_HOLD
    has_begun = any(moment.attendance_at is not None for moment in loaded.moments) or (
        status is ActivityStatus.DURING and not on_hold and now >= loaded.starts_at
    )
    if status is ActivityStatus.AFTER or has_begun:
        raise BadInput(
            "This activity has taken place; another company can only receive the next one.",
            "Deze activiteit is al geweest; een ander bedrijf kan alleen de volgende ontvangen.",
        )

    if loaded.activity.date_fixed_at is not None and not on_hold:
        raise BadInput(
            "The date stands, and people have it in their calendar. Put the activity on hold first; they hear of it.",
            "De datum staat vast en in agenda's. Stel de activiteit eerst uit; dan horen zij het.",
        )


def _begins_anew(step: Step) -> bool:
    """Whether a step is about the host or the date, and so is done once more for another host."""
    if step.stage is not Stage.BEFORE:
        return False
    asked = {ask.to for ask in step.asks} | {role for tell in step.tells for role in tell.to}
    forms = {form for ask in step.asks for form in (ask.form, *ask.with_forms)}
    return bool(asked & HOST_ROLES or forms & DATE_BOUND or step.does in _MAKES_ANEW)


async def _put_agreements_by(session: AsyncSession, loaded: Loaded) -> None:
    """Keep what was agreed with the earlier host under a name of its own, so that a new agreement can begin."""
    known = await session.scalar(select(func.count()).where(Agreement.activity_id == loaded.activity.id)) or 0
    for step, talk in loaded.playbook.agreements():
        if not HOST_ROLES & set(talk.parties):
            continue
        row = await session.scalar(
            select(Agreement).where(Agreement.activity_id == loaded.activity.id, Agreement.subject == talk.about)
        )
        if row is not None:
            row.subject = f"{talk.about}{FORMER}{known}"
            loaded.steps[step.key].state = StepState.PLANNED
    await session.flush()
