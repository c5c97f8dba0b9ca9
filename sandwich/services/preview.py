"""The plan of an activity before it begins: what goes out when, and what a short lead or a holiday does to it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from models.draft import ActivityDraft
from models.playbook import Playbook
from models.roles import HOST_ROLES, Role, Stage
from models.steps import Step
from models.tables.network import Company, Person, School
from models.text import Text
from sandwich import labels
from sandwich.rules.calendar import Calendar, Span, calendar_of
from sandwich.rules.lead import MOST_FREE, better_start, free_before, is_short
from sandwich.rules.moments import Calendars, Dates
from sandwich.rules.plan import PlannedStep, plan
from sandwich.rules.series import meetings_after, unrolled
from sandwich.runtime import Runtime
from sandwich.services.dates import check_spans
from sandwich.services.invite import TIGHT, TIGHT_FROM
from sandwich.services.loaded import read_blocks


@dataclass(frozen=True)
class PlanLine:
    """One step: when, what and to whom; ``is_overdue`` where its moment has passed and it happens at once.

    ``is_left_out`` where it comes too late to be done at all; ``is_hurried`` where who does not answer is reminded the
    next day, because the activity is near.
    """

    stage: Stage
    title: Text
    to: Text | None
    at: datetime | None
    is_overdue: bool
    is_left_out: bool = False
    is_hurried: bool = False


@dataclass(frozen=True)
class Preview:
    """Everything that a coordinator sees before the button is pressed.

    ``catch_up`` says what a short lead does: what is left out, what goes together, what is hurried. ``unready`` are the
    conditions of the first gate that time is too short for: whoever starts confirms them. ``holiday`` says that much of
    the time before is holiday, and which day would be better.
    """

    lines: tuple[PlanLine, ...]
    catch_up: tuple[Text, ...] = ()
    unready: tuple[Text, ...] = ()
    holiday: Text | None = None

    @property
    def warnings(self) -> tuple[Text, ...]:
        """All of it, in the order in which it is read."""
        return (*((self.holiday,) if self.holiday else ()), *self.catch_up)


async def preview(runtime: Runtime, draft: ActivityDraft, now: datetime) -> Preview:
    """Return the plan, worked out from the first proposed date; raises ``BadInput`` for dates that cannot be."""
    zone = ZoneInfo(runtime.settings.timezone)
    spans = [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.dates]
    check_spans(spans, now)
    calendars = await _calendars(runtime, draft, zone)
    playbook = runtime.library.playbook(draft.kind).as_variant(draft.variant)
    named = [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.meetings]
    moments = [spans[0], *(named or meetings_after(spans[0], playbook.parameters.meetings, calendars.together))]
    playbook = unrolled(playbook, len(moments))
    planned = plan(playbook, Dates(tuple(moments), {}), calendars)
    lines = tuple(_line(playbook, item, moments[0], now) for item in planned)
    today, start = calendars.schools.day_of(now), calendars.schools.day_of(spans[0][0])
    short = is_short(today, start, calendars.schools)
    return Preview(
        lines=lines,
        catch_up=_catch_up(lines, [item for item in planned if item.due_at is not None and item.due_at <= now]),
        unready=tuple(labels.lacks(name, playbook.facts) for name in playbook.gates.before.hard) if short else (),
        holiday=_holiday(spans[0], playbook.parameters.lead_weeks, calendars.schools),
    )


async def _calendars(runtime: Runtime, draft: ActivityDraft, zone: ZoneInfo) -> Calendars:
    """Return the calendars of the schools whose teachers are invited, all together, and of those who receive."""
    teachers = [ref for ref in draft.teachers if isinstance(ref, str)]
    others = [people for role, people in draft.others.items() if role in HOST_ROLES]
    hosts = [ref for people in (draft.hosts, *others) for ref in people if isinstance(ref, str)]
    async with runtime.store.read() as session:
        schools = list(
            await session.scalars(
                select(School)
                .join(Person, Person.school_id == School.id)
                .where(Person.id.in_(teachers) | Person.code.in_(teachers))
                .distinct()
            )
        )
        receives = (Company.code == draft.company) | (Company.id == draft.company) | (Company.name == draft.company)
        of_hosts = select(Person.company_id).where(Person.id.in_(hosts) | Person.code.in_(hosts))
        companies = set(await session.scalars(select(Company.id).where(receives | Company.id.in_(of_hosts))))
        blocks = await read_blocks(session, [school.id for school in schools], companies)
    pairs = [(school.id, school.holiday_region) for school in schools]
    return Calendars(schools=calendar_of(blocks, zone, pairs), hosts=calendar_of(blocks, zone, companies=companies))


def _line(playbook: Playbook, item: PlannedStep, first: Span, now: datetime) -> PlanLine:
    step = item.step
    is_overdue = item.due_at is not None and item.due_at <= now
    is_left_out = is_overdue and step.droppable
    told = [role for tell in step.tells for role in tell.to]
    return PlanLine(
        stage=step.stage,
        title=step.title,
        to=_to(dict.fromkeys([*(ask.to for ask in step.asks), *told])),
        at=item.due_at,
        is_overdue=is_overdue,
        is_left_out=is_left_out,
        is_hurried=not is_left_out and _is_hurried(playbook, step, item.due_at, first, now),
    )


def _is_hurried(playbook: Playbook, step: Step, due_at: datetime | None, first: Span, now: datetime) -> bool:
    """Whether a step that usually has time is asked so late that reminders follow each other day by day."""
    if step.stage is not Stage.BEFORE or due_at is None or due_at > now or now < first[0] - TIGHT_FROM:
        return False
    profiles = {profile.key: profile for profile in playbook.reminders}
    usual = [profiles[ask.remind] for ask in step.asks if ask.remind != TIGHT and ask.remind in profiles]
    return TIGHT in profiles and any(profile.reminders for profile in usual)


def _catch_up(lines: Sequence[PlanLine], overdue: Sequence[PlannedStep]) -> tuple[Text, ...]:
    """Say what a short lead does; nothing where at most one step comes at once, as the first always may."""
    if len(overdue) < 2:
        return ()
    said = [_AT_ONCE.filled(count=len([line for line in lines if line.is_overdue and not line.is_left_out]))]
    said += [_LEFT_OUT.filled(title=line.title) for line in lines if line.is_left_out]
    questions = Counter(
        ask.to
        for item in overdue
        if not item.step.droppable
        for ask in item.step.asks
        if item.step.stage is Stage.BEFORE
    )
    for role, count in questions.items():
        if count > 1:
            said.append(_TOGETHER.filled(count=count, role=labels.ROLE[role]))
    hurried = [line.title for line in lines if line.is_hurried]
    if hurried:
        nl, en = (", ".join(title.to(language) for title in hurried) for language in ("nl", "en"))
        said.append(_HURRIED.filled(titles=Text(nl=nl, en=en)))
    return tuple(said)


def _holiday(first: Span, weeks: int, calendar: Calendar) -> Text | None:
    start = calendar.day_of(first[0])
    free = free_before(start, weeks, calendar)
    if free <= MOST_FREE:
        return None
    better = better_start(start, weeks, calendar)
    said = _FREE.filled(weeks=weeks, count=free)
    if better is None:
        return said
    nl, en = (str(format_date(better, "EEEE d MMMM y", locale=locale)) for locale in ("nl", "en_GB"))
    return Text(nl=f"{said.nl} {_BETTER.nl.format(day=nl)}", en=f"{said.en} {_BETTER.en.format(day=en)}")


def _to(roles: Iterable[Role]) -> Text | None:
    known = [labels.ROLE[role] for role in roles]
    if not known:
        return None
    return Text(nl=", ".join(role.nl for role in known), en=", ".join(role.en for role in known))


_AT_ONCE = Text(
    nl="Dit is kort dag: {count} stappen hadden al moeten beginnen en gaan meteen, samen in zo weinig mogelijk mails.",
    en="This is short notice: {count} steps should have begun already and happen at once, in as few mails as possible.",
)
_LEFT_OUT = Text(
    nl="‘{title}’ vervalt: daar is geen tijd meer voor.", en="‘{title}’ is left out: there is no time for it any more."
)
_TOGETHER = Text(nl="{count} vragen gaan in één mail naar: {role}.", en="{count} questions go in one mail to: {role}.")
_HURRIED = Text(
    nl="Wie niet antwoordt, krijgt al na één werkdag een herinnering: {titles}.",
    en="Who does not answer is reminded after one working day already: {titles}.",
)
_FREE = Text(
    nl="In de {weeks} weken hiervoor vallen {count} vakantiedagen, dus er blijft weinig tijd om voor te bereiden.",
    en="In the {weeks} weeks before it there are {count} days of holiday, so little time is left to prepare.",
)
_BETTER = Text(nl="Beter is {day}.", en="Better is {day}.")
