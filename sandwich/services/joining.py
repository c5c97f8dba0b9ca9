"""What adding people would do to an activity that goes on, before anything happens: who is asked what, and the plan of
a school that comes in with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.draft import PersonRef
from models.roles import Role
from models.tables.asking import Invitation
from models.text import Text
from sandwich.labels import ROLE
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.asking import form_of
from sandwich.services.cascade import StepMoved, off_free_days, said_of_free_days, steps_between
from sandwich.services.cascade_words import NO_STEPS, step_in_words
from sandwich.services.cool_down import CoolDown, cooling, new_companies
from sandwich.services.double_bookings import double_bookings_in
from sandwich.services.loaded import load
from sandwich.services.members import join
from sandwich.services.moving import free_days, taking_part
from sandwich.services.settle import settle
from sandwich.services.trial import trial


@dataclass(frozen=True)
class Newcomer:
    """Somebody who comes in, as what, and the forms that they are asked at once."""

    name: str
    role: Role
    forms: tuple[Text, ...]


@dataclass(frozen=True)
class Joining:
    """What adding people does. ``schools`` are those of which nobody took part before.

    ``resting`` are companies that were asked enough. ``day_is_free`` says that the activity is on a
    free day of such a school, ``steps_off_free_days`` which steps come at another moment because of a free day,
    ``busy`` who of them has to be elsewhere at the same time.
    """

    people: tuple[Newcomer, ...]
    schools: tuple[str, ...]
    steps: tuple[StepMoved, ...]
    day_is_free: tuple[Text, ...]
    busy: tuple[Text, ...]
    steps_off_free_days: tuple[Text, ...]
    resting: tuple[CoolDown, ...]


async def foresee_joining(
    runtime: Runtime, activity_id: str, refs: Sequence[PersonRef], role: Role, *, now: datetime
) -> Joining:
    """Return what adding people would do; nothing is written. Raises ``BadInput`` as ``add_people`` does.

    A free day is not refused here but told.
    """
    async with trial(runtime, activity_id, now) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        await settle(session, loaded, now)
        moments, states = {key: row.due_at for key, row in loaded.steps.items()}, loaded.states
        schools, inside = taking_part(loaded), {item.id for item in loaded.participations}
        spans = [(moment.starts_at, moment.ends_at) for moment in loaded.moments if moment.ends_at > now]
        known_days, known_off = free_days(loaded, spans), off_free_days(loaded)
        asked = set(await session.scalars(select(Invitation.id).where(Invitation.activity_id == activity_id)))
        companies = await new_companies(session, loaded, role, refs)
        resting = await cooling(session, runtime.settings, companies, now, but=activity_id)
        ids = set(await join(session, runtime.library, loaded, refs, role, now, in_holiday=True))
        settled = await settle(session, loaded, now)
        questions: dict[str, list[Text]] = {}
        for invitation in await session.scalars(
            select(Invitation).where(Invitation.activity_id == activity_id).order_by(Invitation.asked_at, Invitation.id)
        ):
            if invitation.id not in asked:
                title = (await form_of(session, invitation.form_digest)).title
                questions.setdefault(invitation.participation_id, []).append(Text(nl=title.nl, en=title.en))
        come = [item for item in loaded.participations if item.id not in inside or item.id in ids | questions.keys()]
        return Joining(
            people=tuple(
                Newcomer(full_name(loaded.persons[item.person_id]), item.role, tuple(questions.get(item.id, ())))
                for item in come
            ),
            schools=tuple(sorted(loaded.schools[key].name for key in taking_part(loaded) - schools)),
            steps=steps_between(loaded, moments, states, settled.outlook.due),
            day_is_free=said_of_free_days([day for day in free_days(loaded, spans) if day not in known_days]),
            busy=tuple(
                one.sentence(loaded.zone)
                for one in await double_bookings_in(session, loaded, now)
                if one.person_id in {item.person_id for item in come}
            ),
            steps_off_free_days=tuple(line for line in off_free_days(loaded) if line not in known_off),
            resting=resting,
        )


def in_words(joining: Joining, zone: ZoneInfo) -> tuple[Text, ...]:
    """Return what adding people does: companies that rest and free days first, then the school, who is asked what, and
    what moves to when.
    """
    schools = tuple(
        Text(
            nl=f"{name} doet dan ook mee; het plan houdt rekening met de vrije dagen van die school.",
            en=f"{name} takes part then too; the plan keeps to the free days of that school.",
        )
        for name in joining.schools
    )
    steps = tuple(step_in_words(step, zone) for step in joining.steps) or (NO_STEPS,)
    answers = Text(nl="Wat al beantwoord is, blijft staan.", en="What was answered stays as it is.")
    return (
        *(one.sentence for one in joining.resting),
        *joining.day_is_free,
        *joining.busy,
        *schools,
        *(_person(one) for one in joining.people),
        *steps,
        *joining.steps_off_free_days,
        answers,
    )


def _person(one: Newcomer) -> Text:
    role = ROLE[one.role]
    if not one.forms:
        return Text(
            nl=f"{one.name} ({role.nl}): nu nog geen vragen.", en=f"{one.name} ({role.en}): no questions for now."
        )
    forms_nl, forms_en = (", ".join(form.to(language) for form in one.forms) for language in ("nl", "en"))
    return Text(nl=f"{one.name} ({role.nl}) krijgt: {forms_nl}.", en=f"{one.name} ({role.en}) gets: {forms_en}.")
