"""What it does when somebody leaves an activity, before it happens: in the same words on every side."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import PersonRef
from models.roles import Role, Stage
from models.tables.activities import Participation, StepState
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.appointments import BRINGS, takes_back
from sandwich.services.leave import left_without_teachers
from sandwich.services.loaded import Loaded, load
from sandwich.services.members import hand_over, take_out
from sandwich.services.steering import activity_of_participation
from sandwich.services.trial import ACTOR, trial

_FALL_AWAY = Text(nl="Open vragen aan {name} vervallen.", en="Open questions to {name} fall away.")
_STAYS = Text(nl="Wat al geantwoord is, blijft staan.", en="What was answered stays.")
_NO_LINKS = Text(
    nl="De links van {name} werken niet meer. De nieuwe persoon krijgt alle vragen in één mail.",
    en="{name}'s links stop working. The new person gets all questions in one mail.",
)
_KEPT = Text(
    nl="Wat {name} al antwoordde, blijft bewaard maar telt niet mee.",
    en="What {name} answered is kept but does not count.",
)
_APPROVAL = Text(
    nl="De schoolleider krijgt opnieuw de vraag om akkoord.", en="The school leader is asked for approval again."
)
_TAKEN_OUT = Text(
    nl="{name} krijgt één mail, die de afspraak uit de agenda haalt.",
    en="{name} gets one mail, which takes the appointment out of the calendar.",
)
_NO_MAIL = Text(
    nl="{name} krijgt geen mail meer: er staat geen afspraak van ons in de agenda.",
    en="{name} gets no more mail: no appointment of ours stands in the calendar.",
)
_WITH_SCHOOL = Text(
    nl="Van die school doet dan niemand meer mee; ook {names} krijgt niets meer gevraagd.",
    en="Nobody of that school takes part then; {names} is asked nothing more either.",
)
_PUT_IN = Text(
    nl="De nieuwe persoon krijgt de praktische informatie met de afspraak voor de agenda.",
    en="The new person gets the practical information with the appointment for the calendar.",
)


async def said_of_withdrawal(
    session: AsyncSession, loaded: Loaded, participation: Participation, now: datetime
) -> tuple[Text, ...]:
    """Say what withdrawing somebody does."""
    name = full_name(loaded.persons[participation.person_id])
    others = left_without_teachers(loaded, participation) if now < loaded.starts_at else []
    names = " + ".join(dict.fromkeys(full_name(loaded.persons[item.person_id]) for item in others))
    return (
        _FALL_AWAY.filled(name=name),
        _STAYS,
        *([_WITH_SCHOOL.filled(names=names)] if names else []),
        await _calendar(session, loaded, participation, now),
    )


async def said_of_replacement(
    session: AsyncSession, loaded: Loaded, participation: Participation, now: datetime
) -> tuple[Text, ...]:
    """Say what replacing somebody does, whoever comes."""
    name = full_name(loaded.persons[participation.person_id])
    lines = [_NO_LINKS.filled(name=name), _KEPT.filled(name=name)]
    lines += [_APPROVAL] if participation.role is Role.TEACHER else []
    lines += [await _calendar(session, loaded, participation, now)]
    return (*lines, *([_PUT_IN] if _brings(loaded, participation.role, now) else []))


async def foresee_withdrawal(runtime: Runtime, participation_id: str, *, now: datetime) -> tuple[Text, ...]:
    """Say what withdrawing somebody would do; nothing is written. Raises ``BadInput`` as ``withdraw`` does."""
    activity_id = await activity_of_participation(runtime, participation_id)
    async with trial(runtime, activity_id, now) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        lines = await said_of_withdrawal(session, loaded, loaded.participation(participation_id), now)
        await take_out(session, loaded, participation_id, now, ACTOR)
        return lines


async def foresee_replacement(
    runtime: Runtime, participation_id: str, ref: PersonRef, *, now: datetime
) -> tuple[Text, ...]:
    """Say what replacing somebody would do; nothing is written. Raises ``BadInput`` as ``replace`` does."""
    activity_id = await activity_of_participation(runtime, participation_id)
    async with trial(runtime, activity_id, now) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        lines = await said_of_replacement(session, loaded, loaded.participation(participation_id), now)
        await hand_over(session, runtime.library, loaded, participation_id, ref, now, ACTOR)
        return lines


async def _calendar(session: AsyncSession, loaded: Loaded, participation: Participation, now: datetime) -> Text:
    told = _TAKEN_OUT if await takes_back(session, loaded.activity, participation, now) else _NO_MAIL
    return told.filled(name=full_name(loaded.persons[participation.person_id]))


def _brings(loaded: Loaded, role: Role, now: datetime) -> bool:
    """Whether a role was told already what puts the appointment into the calendar, so that a newcomer catches up."""
    return now < loaded.starts_at and any(
        loaded.states.get(step.key) is StepState.DONE
        and any(tell.mail in BRINGS and role in tell.to for tell in step.tells)
        for step in loaded.playbook.steps
        if step.stage is Stage.BEFORE
    )
