"""What a coordinator sees at a glance: every activity of a region, and the calls that need a hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE, Demand, Role
from models.tables.activities import Activity, ActivityStatus
from models.tables.agreements import Agreement
from models.tables.asking import ANSWERED, Invitation
from models.tables.mail import Call, CallState
from models.text import Text
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.facts import Facts
from sandwich.rules.figures.rows import NOT_ASKED
from sandwich.services.agreements import IS_OF_NOW
from sandwich.services.call_lines import CallLine, call_lines_of
from sandwich.services.facts import asked_of, gather_many
from sandwich.services.finding import ALL, Wanted
from sandwich.services.loaded import Loaded, load_many
from sandwich.services.waits import Situation, Waiting, waits_for
from sandwich.settings import Settings

ENDED = (ActivityStatus.FINISHED, ActivityStatus.CANCELLED)
"""Statuses of activities in which nothing more is asked of the coordinator."""

GOES_ON = tuple(status for status in ActivityStatus if status not in ENDED)


@dataclass(frozen=True)
class ActivityLine:
    """One activity on the board. ``answered`` of ``asked`` counts the forms that were sent and still count."""

    id: str
    title: str
    kind: str
    kind_title: Text
    version: int
    playbook_digest: str
    company: str | None
    company_id: str | None
    teachers: int
    status: ActivityStatus
    progress: dict[str, int]
    dots: dict[Demand, DotState]
    moments: tuple[tuple[datetime, datetime], ...]
    is_date_fixed: bool
    waiting: Waiting
    answered: int
    asked: int


async def activities(
    session: AsyncSession,
    settings: Settings,
    region_id: str,
    now: datetime,
    *,
    ended: bool = False,
    wanted: Wanted = ALL,
    limit: int = 200,
    offset: int = 0,
) -> list[ActivityLine]:
    """Return the activities of a region that are ``wanted``: those that still go on by date, or, with ``ended``, the
    others.

    At most ``limit``, after the first ``offset``; of the ended ones the newest.
    """
    found = await _all(session, settings, region_id, now, ended=ended, wanted=wanted, limit=limit, offset=offset)
    return [known.line for known in found]


async def how_many(session: AsyncSession, region_id: str, *, ended: bool, wanted: Wanted = ALL) -> int:
    """Return how many activities of a region are ``wanted``."""
    query = select(func.count()).select_from(Activity).where(*_conditions(region_id, ended, wanted))
    return int(await session.scalar(query) or 0)


def _conditions(region_id: str, ended: bool, wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    statuses = ENDED if ended else GOES_ON
    return (Activity.region_id == region_id, Activity.status.in_(statuses), *wanted.conditions())


@dataclass(frozen=True)
class Board:
    """Activities of a region that go on, and everything about them that waits for a hand, the longest waiting first."""

    lines: tuple[ActivityLine, ...]
    calls: tuple[CallLine, ...]


async def board(
    session: AsyncSession, settings: Settings, region_id: str, now: datetime, *, wanted: Wanted = ALL, limit: int = 200
) -> Board:
    """Return what a coordinator sees on Monday morning, or what is ``wanted`` of it; also what is left to do of what
    was called off.
    """
    found = await _all(session, settings, region_id, now, ended=False, wanted=wanted, limit=limit)
    called_off = await session.scalars(
        select(Activity.id)
        .join(Call, Call.activity_id == Activity.id)
        .where(
            Activity.region_id == region_id,
            Activity.status == ActivityStatus.CANCELLED,
            Call.state == CallState.OPEN,
            *wanted.conditions(),
        )
        .distinct()
        .order_by(Activity.id)
        .limit(limit)
    )
    left = await _many(session, settings, list(called_off), now)
    calls = sorted((call for known in (*found, *left) for call in known.calls), key=lambda call: (call.since, call.id))
    return Board(tuple(known.line for known in found), tuple(calls))


@dataclass(frozen=True)
class Known:
    """An activity with its line, for whoever looks further into it."""

    loaded: Loaded
    facts: Facts
    line: ActivityLine
    calls: tuple[CallLine, ...]
    invitations: tuple[Invitation, ...]
    agreements: tuple[Agreement, ...]
    situation: Situation


async def one(session: AsyncSession, settings: Settings, activity_id: str, now: datetime) -> Known:
    """Read one activity; raises ``NotFound``."""
    [known] = await _many(session, settings, [activity_id], now, only_reads=False)
    return known


async def _many(
    session: AsyncSession,
    settings: Settings,
    activity_ids: Sequence[str],
    now: datetime,
    *,
    only_reads: bool = True,
) -> list[Known]:
    """Read activities, in their order, in as many queries as one takes; raises ``NotFound``."""
    if not activity_ids:
        return []
    all_loaded = await load_many(session, settings.timezone, activity_ids, only_reads=only_reads)
    asked = await asked_of(session, activity_ids)
    facts = await gather_many(session, all_loaded, now, asked)
    calls = await call_lines_of(session, settings, all_loaded, asked, now)
    invitations: dict[str, list[Invitation]] = defaultdict(list)
    for item in asked:
        invitations[item.activity_id].append(item)
    agreements: dict[str, list[Agreement]] = defaultdict(list)
    for agreement in await session.scalars(
        select(Agreement).where(Agreement.activity_id.in_(activity_ids), IS_OF_NOW).order_by(Agreement.subject)
    ):
        agreements[agreement.activity_id].append(agreement)

    def known(loaded: Loaded) -> Known:
        key = loaded.activity.id
        return _known(loaded, facts[key], invitations[key], tuple(agreements[key]), tuple(calls[key]), now)

    return [known(loaded) for loaded in all_loaded]


def _known(
    loaded: Loaded,
    facts: Facts,
    invitations: Sequence[Invitation],
    agreements: tuple[Agreement, ...],
    calls: tuple[CallLine, ...],
    now: datetime,
) -> Known:
    outside = {item.id for item in loaded.participations if item.role in OUTSIDE}
    inside = [item for item in invitations if item.participation_id not in outside]
    first = calls[0] if calls else None
    situation = Situation(
        activity=loaded.activity,
        playbook=loaded.playbook,
        plan=loaded.plan,
        states=loaded.states,
        participations={item.id: item for item in loaded.participations},
        persons=loaded.persons,
        invitations=inside,
        agreements=agreements,
        call=(_sentence(first), first.since) if first else None,
        zone=loaded.zone,
    )
    counted = [item for item in inside if item.state not in NOT_ASKED]
    line = ActivityLine(
        id=loaded.activity.id,
        title=loaded.activity.title,
        kind=loaded.activity.kind,
        kind_title=loaded.playbook.title,
        version=loaded.playbook.version,
        playbook_digest=loaded.activity.playbook_digest,
        company=loaded.host,
        company_id=loaded.activity.company_id,
        teachers=len(loaded.in_role(Role.TEACHER)),
        status=loaded.activity.status,
        progress={stage: int(loaded.activity.progress.get(stage, 0)) for stage in ("before", "during", "after")},
        dots=four_dots(facts),
        moments=tuple((moment.starts_at, moment.ends_at) for moment in loaded.moments),
        is_date_fixed=loaded.activity.date_fixed_at is not None,
        waiting=waits_for(situation, now),
        answered=sum(item.state in ANSWERED for item in counted),
        asked=len(counted),
    )
    return Known(loaded, facts, line, calls, tuple(invitations), agreements, situation)


async def _all(
    session: AsyncSession,
    settings: Settings,
    region_id: str,
    now: datetime,
    *,
    ended: bool,
    wanted: Wanted,
    limit: int,
    offset: int = 0,
) -> list[Known]:
    order = Activity.started_at.desc() if ended else Activity.started_at
    query = select(Activity.id).where(*_conditions(region_id, ended, wanted)).order_by(order, Activity.id)
    found = await _many(session, settings, list(await session.scalars(query.limit(limit).offset(offset))), now)
    if ended:
        return found
    return sorted(found, key=lambda known: (min(known.line.moments, default=(now, now)), known.line.title))


def _sentence(call: CallLine) -> Text:
    return Text(nl=f"{call.heading.nl}. {call.reason.nl}", en=f"{call.heading.en}. {call.reason.en}")


def to_json(value: Any) -> Any:
    """Return a read model as plain JSON; texts keep both languages, moments are ISO in UTC."""
    if isinstance(value, Text):
        return {"nl": value.nl, "en": value.en}
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(to_json(key)): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]
    return value
