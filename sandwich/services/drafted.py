"""From a draft to people and a host: who is meant, whether they can be reached, who comes with their school."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import ActivityDraft, PersonRef
from models.playbook import Playbook
from models.roles import Host, Role
from models.tables.network import Company, ContactKind, Person, School
from sandwich.errors import BadInput
from sandwich.rules.names import full_name
from sandwich.services.register import can_be_reached, find_company, find_person


async def host_of(session: AsyncSession, playbook: Playbook, draft: ActivityDraft) -> Company | None:
    """Return the company that receives; ``None`` for a kind without one. Raises ``BadInput`` where it is missing."""
    if draft.company is not None:
        return await find_company(session, draft.company)
    if playbook.parameters.host is Host.COMPANY:
        raise BadInput(
            f"{playbook.title.en} needs a company. Say which one.",
            f"{playbook.title.nl} heeft een bedrijf nodig. Zeg welk.",
        )
    if playbook.parameters.host is Host.SCHOOL and not draft.hosts:
        raise BadInput(
            f"{playbook.title.en} needs a contact person at the school that receives. Say who.",
            f"{playbook.title.nl} heeft een contactpersoon nodig op de school die ontvangt. Zeg wie.",
        )
    return None


async def region_of(session: AsyncSession, people: Mapping[Role, Sequence[str]]) -> str:
    """Return the region of the first school that somebody of ``people`` works at; raises ``BadInput`` for none."""
    ids = {person for some in people.values() for person in some}
    region = await session.scalar(
        select(School.region_id)
        .join(Person, Person.school_id == School.id)
        .where(Person.id.in_(ids))
        .order_by(School.id)
    )
    if region is None:
        raise BadInput(
            "Nobody of these people works at a school that is known. Add somebody of a school.",
            "Niemand van deze mensen werkt op een bekende school. Voeg iemand van een school toe.",
        )
    return region


async def people_of(session: AsyncSession, draft: ActivityDraft, company: Company | None) -> dict[Role, list[str]]:
    """Return the ids of the people whom a draft means, by role; somebody new is written down."""
    wanted: dict[Role, tuple[PersonRef, ...]] = {
        Role.COORDINATOR: (draft.coordinator,),
        Role.DEPUTY: (draft.deputy,) if draft.deputy else (),
        Role.HOST_CONTACT: draft.hosts or (await _known_hosts(session, company) if company else ()),
        Role.TEACHER: draft.teachers,
        Role.TRIP_LEADER: (draft.trip_leader,) if draft.trip_leader else draft.teachers[:1],
        Role.SCHOOL_LEADER: draft.school_leaders,
        **draft.others,
    }
    found: dict[Role, list[str]] = {}
    for role, refs in wanted.items():
        found[role] = list(dict.fromkeys([(await find_person(session, ref)).id for ref in refs]))
    return found


async def _known_hosts(session: AsyncSession, company: Company) -> tuple[str, ...]:
    people = await session.scalars(
        select(Person.id)
        .where(Person.company_id == company.id, Person.erased_on.is_(None))
        .order_by(Person.code)
        .limit(1)
    )
    known = tuple(people)
    if not known:
        raise BadInput(
            f"{company.name} has no contact person yet. Add one first, for instance with the company profile.",
            f"{company.name} heeft nog geen contactpersoon. Voeg er eerst een toe, bijvoorbeeld met het profiel.",
        )
    return known


async def check_reachable(session: AsyncSession, people: Mapping[Role, Sequence[str]]) -> None:
    """Refuse a coordinator or host whom nobody could reach."""
    for role in (Role.COORDINATOR, Role.HOST_CONTACT):
        kinds = (ContactKind.MAIL,) if role is Role.COORDINATOR else (ContactKind.MAIL, ContactKind.PHONE)
        for person_id in people.get(role, []):
            if await can_be_reached(session, person_id, *kinds):
                continue
            person = await session.get_one(Person, person_id)
            name = full_name(person)
            if role is Role.COORDINATOR:
                raise BadInput(
                    f"{name} has no mail address, so nobody can reply to the mails. Add one first.",
                    f"{name} heeft geen mailadres, dus niemand kan op de mails antwoorden. Voeg er eerst een toe.",
                )
            company = await session.get(Company, person.company_id) if person.company_id else None
            raise BadInput(
                f"{name} of {company.name if company else 'the host'} has no mail address and no phone number. Add one "
                "first, or choose another contact person.",
                f"{name} van {company.name if company else 'de gastheer'} heeft geen mailadres en geen telefoonnummer. "
                "Voeg er eerst een toe, of kies een andere contactpersoon.",
            )
