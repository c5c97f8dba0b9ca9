"""The history of one company: every request to it, who asked, and what came of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.asking import Submission
from models.tables.network import Person, School
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.rules.cofinancing import Given
from sandwich.services.requests import Request

_EVALUATION, _POLL, _NOT_POSSIBLE = "host-evaluation", "date-poll", "not_possible"


@dataclass(frozen=True)
class Episode:
    """One activity with a company: what it was, who asked, and what came of it; ``declined`` is why it could not."""

    request: Request
    kind: Text
    schools: tuple[str, ...]
    status: ActivityStatus
    given: Given
    satisfaction: int | None
    declined: Text | None
    led_to: tuple[str, ...]
    closing_reason: str | None


async def history_of(
    session: AsyncSession,
    library: Library,
    company_id: str,
    requests: Sequence[Request],
    hours: Mapping[str, Given],
) -> tuple[Episode, ...]:
    """Return what came of each request to a company, the newest first; ``hours`` are what it gave, by activity."""
    keys = [request.activity_id for request in requests]
    activities = {one.id: one for one in await session.scalars(select(Activity).where(Activity.id.in_(keys)))}
    schools: dict[str, list[str]] = defaultdict(list)
    rows = await session.execute(
        select(Participation.activity_id, School.name)
        .join(Person, Person.id == Participation.person_id)
        .join(School, School.id == Person.school_id)
        .where(Participation.activity_id.in_(keys), Participation.role == Role.TEACHER)
        .distinct()
        .order_by(School.name)
    )
    for activity_id, name in rows:
        schools[activity_id].append(name)
    said = await _answers(session, company_id, keys)
    why = _reasons(library)
    led_to: dict[str, list[str]] = defaultdict(list)
    for later in await session.scalars(
        select(Activity).where(Activity.follows_id.in_(keys)).order_by(Activity.started_at)
    ):
        led_to[later.follows_id or ""].append(later.title)
    found = []
    for request in reversed(requests):
        activity = activities[request.activity_id]
        playbook = library.playbooks.get(activity.kind)
        found.append(
            Episode(
                request=request,
                kind=playbook.title if playbook else Text(nl=activity.kind, en=activity.kind),
                schools=tuple(schools.get(activity.id, ())),
                status=activity.status,
                given=hours.get(activity.id, Given(value=0)),
                satisfaction=said.get((activity.id, _EVALUATION), {}).get("overall"),
                declined=why.get(said.get((activity.id, _POLL), {}).get(_NOT_POSSIBLE) or ""),
                led_to=tuple(led_to.get(activity.id, ())),
                closing_reason=activity.closing_reason,
            )
        )
    return tuple(found)


async def _answers(
    session: AsyncSession, company_id: str, activities: Sequence[str]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the newest answers of a company to the forms that a history is told from, by activity and form."""
    rows = await session.scalars(
        select(Submission)
        .join(Person, Person.id == Submission.person_id)
        .where(
            Submission.activity_id.in_(activities),
            Submission.form.in_([_EVALUATION, _POLL]),
            Person.company_id == company_id,
        )
        .order_by(Submission.submitted_at, Submission.number)
    )
    return {(one.activity_id, one.form): one.answers for one in rows if isinstance(one.answers, dict)}


def _reasons(library: Library) -> dict[str, Text]:
    """Return why a company could not, by the key of the answer."""
    questions = library.forms[_POLL].questions if _POLL in library.forms else ()
    return {
        option.key: option.label
        for question in questions
        if question.key == _NOT_POSSIBLE
        for option in library.options(question)
    }
