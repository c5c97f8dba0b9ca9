"""Find what a person names on the command line."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Activity, Participation, Standing
from models.tables.network import Person, Region
from sandwich.errors import BadInput, NotFound
from sandwich.labels import ROLE
from sandwich.rules.names import full_name
from sandwich.services.people import PASSED_ON

SHORTEST = 4
"""Letters of an id that are asked at least: fewer are a slip of the finger."""


async def the_activity(session: AsyncSession, name: str) -> Activity:
    """Return the one activity whose id is ``name`` or begins with it; raises ``NotFound`` or ``BadInput``."""
    wanted = name.strip().lower()
    beginning = Activity.id.startswith(wanted, autoescape=True)
    where = or_(Activity.id == wanted, beginning) if len(wanted) >= SHORTEST else Activity.id == wanted
    found = list(await session.scalars(select(Activity).where(where).order_by(Activity.id).limit(5)))
    if not found:
        raise ActivityUnknown(name=name)
    if len(found) > 1:
        ids = ", ".join(activity.id[: len(wanted) + 4] for activity in found)
        raise BadInput(
            f"Several activities begin with {name}: {ids}. Give more of the id.",
            f"Meer activiteiten beginnen met {name}: {ids}. Geef meer van het id.",
        )
    return found[0]


async def the_place(session: AsyncSession, activity: Activity, person: Person, role: Role | None) -> str:
    """Return the participation of somebody in an activity, in a role where one is given; raises ``BadInput``."""
    rows = await session.scalars(
        select(Participation)
        .where(
            Participation.activity_id == activity.id,
            Participation.person_id == person.id,
            Participation.standing != Standing.REPLACED,
        )
        .order_by(Participation.added_at, Participation.id)
    )
    found = [row for row in rows if role in {None, row.role}]
    if not found:
        name = full_name(person)
        raise BadInput(
            f"{name} takes no part in {activity.title}{f' as {ROLE[role].en}' if role else ''}.",
            f"{name} doet niet mee aan {activity.title}{f' als {ROLE[role].nl}' if role else ''}.",
        )
    # Who leads the trip passes that on with the seat of a teacher.
    return min(found, key=lambda row: row.role in PASSED_ON.values()).id


class ActivityUnknown(NotFound):
    """There is no activity {name}. `sandwich status` lists them."""

    dutch = "Er is geen activiteit {name}. `sandwich status` noemt ze."


async def regions(session: AsyncSession) -> list[str]:
    """Return the ids of all regions, by code."""
    return list(await session.scalars(select(Region.id).order_by(Region.code)))
