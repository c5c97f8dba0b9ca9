"""The plan of an activity before it begins: what goes out when, worked out from the first proposed date."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.draft import ActivityDraft
from models.roles import Role, Stage
from models.tables.network import Person, School
from models.text import Text
from sandwich import labels
from sandwich.rules.calendar import calendar_of
from sandwich.rules.moments import Calendars, Dates
from sandwich.rules.plan import plan
from sandwich.rules.series import meetings_after, unrolled
from sandwich.runtime import Runtime
from sandwich.services.dates import check_spans
from sandwich.services.loaded import read_blocks


@dataclass(frozen=True)
class PlanLine:
    """One step: when, what and to whom; ``is_overdue`` where its moment has passed and it happens at once."""

    stage: Stage
    title: Text
    to: Text | None
    at: datetime | None
    is_overdue: bool


async def preview(runtime: Runtime, draft: ActivityDraft, now: datetime) -> list[PlanLine]:
    """Return the plan; raises ``BadInput`` for dates that cannot be."""
    settings = runtime.settings
    zone = ZoneInfo(settings.timezone)
    spans = [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.dates]
    check_spans(spans, now)
    teachers = [ref for ref in draft.teachers if isinstance(ref, str)]
    async with runtime.store.read() as session:
        schools = list(
            await session.scalars(
                select(School).join(Person, Person.school_id == School.id).where(Person.id.in_(teachers)).distinct()
            )
        )
        blocks = await read_blocks(session, [school.id for school in schools])
    pairs = [(school.id, school.holiday_region) for school in schools]
    calendars = Calendars(schools=calendar_of(blocks, zone, pairs), hosts=calendar_of(blocks, zone))
    playbook = runtime.library.playbook(draft.kind).as_variant(draft.variant)
    named = [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.meetings]
    moments = [spans[0], *(named or meetings_after(spans[0], playbook.parameters.meetings, calendars.schools))]
    lines = []
    for item in plan(unrolled(playbook, len(moments)), Dates(tuple(moments), {}), calendars):
        told = [role for tell in item.step.tells for role in tell.to]
        roles = dict.fromkeys([*(ask.to for ask in item.step.asks), *told])
        is_overdue = item.due_at is not None and item.due_at <= now
        lines.append(PlanLine(item.step.stage, item.step.title, _to(list(roles)), item.due_at, is_overdue))
    return lines


def _to(roles: list[Role]) -> Text | None:
    if not roles:
        return None
    return Text(
        nl=", ".join(labels.ROLE[role].nl for role in roles), en=", ".join(labels.ROLE[role].en for role in roles)
    )
