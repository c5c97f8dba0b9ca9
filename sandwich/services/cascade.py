"""What a move would do, before anything happens: the move itself, in a transaction that is thrown away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Stage
from models.steps import Step
from models.tables.activities import StepState
from models.tables.asking import Invitation
from models.tables.mail import Message, MessageState
from models.text import Text
from sandwich.rules.calendar import Span
from sandwich.rules.moments import offset_day
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.asking import form_of
from sandwich.services.double_bookings import double_bookings_in
from sandwich.services.loaded import Loaded, load
from sandwich.services.moving import free_days, put_on
from sandwich.services.settle import settle
from sandwich.services.trial import ACTOR, trial


@dataclass(frozen=True)
class StepMoved:
    """A step with its moment before and after; ``comes_again``: it was done for the old date, and mails again."""

    title: Text
    stage: Stage
    was: datetime | None
    becomes: datetime | None
    is_at_once: bool
    comes_again: bool
    mails: bool


@dataclass(frozen=True)
class AskedAgain:
    """A form that is asked once more, and of whom."""

    title: Text
    people: tuple[str, ...]


@dataclass(frozen=True)
class Cascade:
    """Everything that a move changes: dates, steps, who hears of it, who is asked again, what falls in a holiday, and
    who has to be elsewhere at the same time (``busy``).

    Where the date ``is_fixed`` no more than before, other days are proposed, and ``told`` are who is asked about them.
    """

    old: tuple[Span, ...]
    new: tuple[Span, ...]
    told: tuple[str, ...]
    is_fixed: bool
    was_fixed: bool
    steps: tuple[StepMoved, ...]
    again: tuple[AskedAgain, ...]
    day_is_free: tuple[Text, ...]
    busy: tuple[Text, ...]
    steps_off_free_days: tuple[Text, ...]


async def foresee(
    runtime: Runtime, activity_id: str, spans: Sequence[Span], *, now: datetime, agreed: bool = False
) -> Cascade:
    """Return what moving an activity would do; nothing is written. Raises ``BadInput`` as ``move`` does.

    A date in a holiday is not refused here but told.
    """
    async with trial(runtime, activity_id, now) as session:
        return await _try(session, runtime, activity_id, spans, now, agreed=agreed)


async def _try(
    session: AsyncSession, runtime: Runtime, activity_id: str, spans: Sequence[Span], now: datetime, *, agreed: bool
) -> Cascade:
    loaded = await load(session, runtime.settings.timezone, activity_id)
    old = tuple((moment.starts_at, moment.ends_at) for moment in loaded.moments)
    moments = {key: row.due_at for key, row in loaded.steps.items()}
    states = loaded.states
    asked = {item.id for item in await _reconfirmed(session, activity_id)}
    known = set(await session.scalars(select(Message.id).where(Message.activity_id == activity_id)))
    was_fixed = loaded.activity.date_fixed_at is not None
    await put_on(session, runtime.library, loaded, spans, "", now, ACTOR, in_holiday=True, agreed=agreed)
    settled = await settle(session, loaded, now)
    messages = await session.scalars(
        select(Message).where(Message.activity_id == activity_id, Message.state == MessageState.QUEUED)
    )
    is_fixed = loaded.activity.date_fixed_at is not None
    told = dict.fromkeys(
        full_name(loaded.persons[item.person_id])
        for item in messages
        if item.id not in known and (item.mail == "moved" or not is_fixed)
    )
    again: dict[str, tuple[Text, list[str]]] = {}
    for invitation in await _reconfirmed(session, activity_id):
        if invitation.id not in asked:
            form = await form_of(session, invitation.form_digest)
            person = loaded.persons[loaded.participation(invitation.participation_id).person_id]
            again.setdefault(form.key, (_plain(form.title), []))[1].append(full_name(person))
    return Cascade(
        old=old,
        new=tuple((moment.starts_at, moment.ends_at) for moment in loaded.moments),
        told=tuple(told),
        is_fixed=is_fixed,
        was_fixed=was_fixed,
        steps=steps_between(loaded, moments, states, settled.outlook.due),
        again=tuple(AskedAgain(title, tuple(people)) for title, people in again.values()),
        day_is_free=said_of_free_days(free_days(loaded, spans)),
        busy=tuple(one.sentence(loaded.zone) for one in await double_bookings_in(session, loaded, now)),
        steps_off_free_days=off_free_days(loaded),
    )


def said_of_free_days(days: Sequence[tuple[date, str]]) -> tuple[Text, ...]:
    """Return a sentence for each free day that the activity itself is on."""
    return tuple(
        Text(nl=f"{day:%d-%m-%Y} is een vrije dag: {name}.", en=f"{day:%d-%m-%Y} is a free day: {name}.")
        for day, name in days
    )


async def _reconfirmed(session: AsyncSession, activity_id: str) -> list[Invitation]:
    query = select(Invitation).where(Invitation.activity_id == activity_id, Invitation.reconfirm)
    return list(await session.scalars(query.order_by(Invitation.asked_at, Invitation.id)))


def steps_between(
    loaded: Loaded,
    moments: Mapping[str, datetime | None],
    states: Mapping[str, StepState],
    due: Sequence[Step],
) -> tuple[StepMoved, ...]:
    """Return the steps still to come whose moment, or whose state, was another one before."""
    lines = []
    at_once = {step.key for step in due}
    for step in loaded.playbook.steps:
        row = loaded.steps[step.key]
        if row.state is not StepState.PLANNED:
            continue
        comes_again = states.get(step.key) is not StepState.PLANNED
        if step.key in at_once or comes_again or row.due_at != moments.get(step.key):
            lines.append(
                StepMoved(
                    title=step.title,
                    stage=step.stage,
                    was=moments.get(step.key),
                    becomes=row.due_at,
                    is_at_once=step.key in at_once,
                    comes_again=comes_again,
                    mails=bool(step.asks or step.tells),
                )
            )
    return tuple(lines)


def off_free_days(loaded: Loaded) -> tuple[Text, ...]:
    """Say which steps would fall on a free day and come earlier or later because of it."""
    said = []
    for step in loaded.playbook.steps:
        calendar = loaded.calendars.moving(step)
        row, day = loaded.steps[step.key], offset_day(step.at, loaded.dates, calendar)
        if row.state is not StepState.PLANNED or row.due_at is None or day is None:
            continue
        on = calendar.day_of(row.due_at)
        if (day in calendar.holidays or day in calendar.days) and on != day:
            said.append(
                Text(
                    nl=f"{step.title.nl}: {day:%d-%m-%Y} is vrij, dus op {on:%d-%m-%Y}.",
                    en=f"{step.title.en}: {day:%d-%m-%Y} is a free day, so on {on:%d-%m-%Y}.",
                )
            )
    return tuple(said)


def _plain(title: Text) -> Text:
    return Text(nl=title.nl, en=title.en)
