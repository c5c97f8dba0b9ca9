"""Which step of its tables a database has had, without what takes the steps: reading must be quick."""

from pathlib import Path

from sqlalchemy import text

from sandwich.errors import StoreUnavailable
from sandwich.store.store import Store

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """Return the last step that this version of the program knows."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


async def step_of(store: Store) -> str | None:
    """Return the last step that a database has had; ``None`` where there is none to be found."""
    try:
        async with store.read() as session:
            found: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except StoreUnavailable:
        return None
    return found
