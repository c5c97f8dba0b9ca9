"""Parts: activities that another one starts and that together with it are the whole sandwich."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import ActivityDraft, Span
from models.roles import Role
from models.tables.activities import Approval, ContactMoment, Participation
from models.tables.base import new_id
from models.tables.pairing import Pair
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.loaded import Loaded, load
from sandwich.services.start import start_in


async def start_part(session: AsyncSession, runtime: Runtime, loaded: Loaded, pair: Pair, now: datetime) -> None:
    """Give a pair an activity of its own, which begins with the first contact moment of the whole; once."""
    if pair.part_id is not None or loaded.playbook.parts is None:
        return
    playbook = runtime.library.playbook(loaded.playbook.parts)
    people = [loaded.participation(key) for key in pair.people]
    persons = {item.id: loaded.persons[item.person_id] for item in people}
    by_role = {role: [item.person_id for item in people if item.role is role] for role in Role}
    organisations = {one for person in persons.values() for one in (person.school_id, person.company_id) if one}
    deputies = [item.person_id for item in loaded.in_role(Role.DEPUTY)]
    assert loaded.activity.coordinator_id is not None  # every activity that was started has one
    draft = ActivityDraft(
        kind=playbook.key,
        title=f"{loaded.activity.title}: {' – '.join(full_name(person) for person in persons.values())}"[:200],
        purpose=loaded.activity.purpose,
        coordinator=loaded.activity.coordinator_id,
        deputy=deputies[0] if deputies else None,
        teachers=tuple(by_role[Role.TEACHER]),
        school_leaders=_along(loaded, Role.SCHOOL_LEADER, organisations),
        others={
            Role.PROFESSIONAL: tuple(by_role[Role.PROFESSIONAL]),
            Role.EMPLOYER: _along(loaded, Role.EMPLOYER, organisations),
        },
        dates=(_local(loaded, loaded.moments[0]),),
        place=loaded.activity.place,
    )
    part_id = new_id()
    await start_in(session, runtime, playbook, draft, now=now, activity_id=part_id, part_of=loaded.activity.id)
    pair.part_id = part_id
    await _released_as_before(session, runtime, part_id, people)


def _along(loaded: Loaded, role: Role, organisations: set[str]) -> tuple[str, ...]:
    found = [(item.person_id, loaded.persons[item.person_id]) for item in loaded.in_role(role)]
    return tuple(key for key, person in found if {person.school_id, person.company_id} & organisations)


async def _released_as_before(
    session: AsyncSession, runtime: Runtime, part_id: str, people: list[Participation]
) -> None:
    """Nobody's release is asked twice."""
    approvals = {item.person_id: item.approval for item in people if item.approval is not Approval.OPEN}
    for item in (await load(session, runtime.settings.timezone, part_id)).in_role(Role.TEACHER):
        item.approval = approvals.get(item.person_id, item.approval)


def _local(loaded: Loaded, moment: ContactMoment) -> Span:
    start, end = (at.astimezone(loaded.zone).replace(tzinfo=None) for at in (moment.starts_at, moment.ends_at))
    return Span(start=start, end=end)
