"""How an audit entry is spelled, hashed and chained. Pure, so that writing and checking cannot drift apart."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from models.tables.base import ERASED

REGISTRY = "registry"
"""The stream of everything that belongs to no activity."""

GENESIS = "0" * 64
"""What the first entry of a stream is chained to."""

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))  # made once: it is most of the cost otherwise

COVERED = ("id", "stream", "number", "at", "actor", "action", "table", "row", "changes")
"""The columns of an entry that its hash covers, besides the hash of the entry before it."""


def plain(value: Any) -> Any:
    """Return ``value`` as JSON knows it; moments in UTC."""
    if value is None or type(value) is str:  # most are
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return value


def is_empty(value: Any) -> bool:
    """Whether ``value`` says nothing about anybody: nothing at all, or what stands where a value was erased."""
    return value is None or value in ("", ERASED, [], {})


def erased_like(value: Any) -> Any:
    """Return what takes the place of ``value`` in its column after an erasure."""
    if isinstance(value, dict):
        return {}
    if isinstance(value, list):
        return []
    return ERASED


def canonical(value: Any) -> str:
    """Return the one spelling of a JSON value that is hashed: ASCII, sorted keys, no blanks."""
    return _ENCODER.encode(value)


def salted(salt: str, value: Any) -> str:
    """Return the hash by which an entry refers to a personal value."""
    return hashlib.sha256(f"{salt}:{canonical(value)}".encode()).hexdigest()


def chained(previous: str, entry: Mapping[Any, Any]) -> str:
    """Return the hash of ``entry`` as the one that follows the entry with hash ``previous``."""
    covered = {name: entry[name] for name in COVERED}
    covered["at"] = plain(entry["at"])
    return hashlib.sha256(f"{previous}:{canonical(covered)}".encode()).hexdigest()
