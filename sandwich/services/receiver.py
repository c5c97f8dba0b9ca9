"""Who received, or will: a company, a school or nobody, and under which name. Reads only."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.roles import Host, Role
from models.tables.activities import ACTIVE, Activity, Participation
from models.tables.network import Company, Person, School
from sandwich.services.versions import playbooks_of


@dataclass(frozen=True)
class Receiver:
    """Who received, and its name where it has one."""

    what: Host
    name: str | None


def received_by(playbook: Playbook, company: Company | None) -> Host:
    """Return who receives: the company of the activity, which may be a school, or else what the playbook says."""
    return playbook.parameters.host if company is None else _kind_of(company)


async def receiver_of(session: AsyncSession, activity: Activity, company: Company | None) -> Receiver:
    """Return who received an activity: its company, or the school of the first contact person."""
    if company is not None:
        return Receiver(_kind_of(company), company.name)
    playbook = (await playbooks_of(session, {activity.playbook_digest}))[activity.playbook_digest]
    school = await session.scalar(
        select(School.name)
        .join(Person, Person.school_id == School.id)
        .join(Participation, Participation.person_id == Person.id)
        .where(
            Participation.activity_id == activity.id,
            Participation.role == Role.HOST_CONTACT,
            Participation.standing.in_(ACTIVE),
        )
        .order_by(Participation.added_at, Participation.id)
        .limit(1)
    )
    return Receiver(received_by(playbook, None), school)


def _kind_of(company: Company) -> Host:
    return Host.COMPANY if company.school_id is None else Host.SCHOOL
