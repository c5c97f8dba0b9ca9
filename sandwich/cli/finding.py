"""Find what a person names on the command line."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.network import Region
from sandwich.errors import BadInput, NotFound

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


class ActivityUnknown(NotFound):
    """There is no activity {name}. `sandwich status` lists them."""

    dutch = "Er is geen activiteit {name}. `sandwich status` noemt ze."


async def regions(session: AsyncSession) -> list[str]:
    """Return the ids of all regions, by code."""
    return list(await session.scalars(select(Region.id).order_by(Region.code)))
