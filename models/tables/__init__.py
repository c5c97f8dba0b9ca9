"""All tables. Importing this package makes ``Table.metadata`` complete."""

from models.tables import (
    activities,
    agreements,
    api,
    asking,
    calendar,
    hooks,
    incoming,
    mail,
    network,
    pairing,
    privacy,
    replies,
    results,
    running,
    texts,
    truth,
    wall,
)
from models.tables.base import Table, new_id

__all__ = [
    "Table",
    "activities",
    "agreements",
    "api",
    "asking",
    "calendar",
    "hooks",
    "incoming",
    "mail",
    "network",
    "new_id",
    "pairing",
    "privacy",
    "replies",
    "results",
    "running",
    "texts",
    "truth",
    "wall",
]
