"""All tables. Importing this package makes ``Table.metadata`` complete."""

from models.tables import (
    activities,
    agreements,
    asking,
    calendar,
    mail,
    network,
    pairing,
    replies,
    results,
    running,
    truth,
)
from models.tables.base import Table, new_id

__all__ = [
    "Table",
    "activities",
    "agreements",
    "asking",
    "calendar",
    "mail",
    "network",
    "new_id",
    "pairing",
    "replies",
    "results",
    "running",
    "truth",
]
