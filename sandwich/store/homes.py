"""Which region somebody is of who works at no school and no company: what activities say of it, written down once."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from models.tables.activities import Activity, Participation
from models.tables.network import Person, Region
from models.tables.running import ClockOffset
from sandwich.store.audit import TRAIL, ChangeSession, Trail
from sandwich.store.scope import EVERYTHING, SCOPE


def give_homes(connection: Connection) -> None:
    """Give whoever has no region the one of all their activities, or the only one that there is; nobody another one.

    After an upgrade, for until step 0017 people had none of their own; in the log like any other change.
    """
    info = {SCOPE: EVERYTHING, TRAIL: Trail(actor="upgrade", at=datetime.now(UTC))}
    with ChangeSession(connection, join_transaction_mode="create_savepoint", info=info) as session:
        homeless = session.scalars(
            select(Person).where(
                Person.region_id.is_(None),
                Person.school_id.is_(None),
                Person.company_id.is_(None),
                Person.erased_on.is_(None),
            )
        ).all()
        if not homeless:
            return
        ahead = session.scalar(select(ClockOffset.seconds)) or 0
        session.info[TRAIL].at += timedelta(seconds=ahead)
        every = set(session.scalars(select(Region.id).limit(2)))
        for person in homeless:
            regions = _known_in(session, person.id) or every
            person.region_id = next(iter(regions)) if len(regions) == 1 else None
        session.commit()


def _known_in(session: Session, person_id: str) -> set[str]:
    takes_part = select(Participation.activity_id).where(Participation.person_id == person_id)
    known = (Activity.coordinator_id == person_id) | Activity.id.in_(takes_part)
    return set(session.scalars(select(Activity.region_id).where(known)))
