"""How a column's type is written in a migration: as the database knows it, so that old steps need none of our types."""

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Enum

from models.tables.base import UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Return how to write ``item``; ``False`` leaves it to Alembic."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Enum):
        return f"sa.String({item.length})"
    if isinstance(item, JSON):
        return "JSON" if "postgresql" in item._variant_mapping else "sa.JSON()"
    return False
