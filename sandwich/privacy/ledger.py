"""The list of erasures: which numbers may not come back, in the database and in a file that no backup of it reaches.

A line holds a digest of a person's number and a moment, nothing else. The number is random, so that nobody can guess
it from its digest, and whoever has a backup in hand can look it up there: just that is what it is for. Copies of the
file stand beside each backup that we know of.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.privacy import BackupMade, Erasure
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime

BESIDE = "sandwich-erasures.jsonl"
"""The name of the copies beside backups."""

_log = structlog.get_logger(__name__)


class LedgerBroken(SandwichError):
    """The list of erasures {name} cannot be read (line {line}), so people who were erased could come back. Nothing was
    changed. Put a whole copy of it there: one stands beside each backup.
    """

    dutch = (
        "De lijst van wie gewist is, {name}, is niet te lezen (regel {line}); wie gewist is zou terug kunnen komen. Er "
        "is niets veranderd. Zet er een gave kopie neer: naast elke reservekopie staat er een."
    )


def digest_of_person(person_id: str) -> str:
    """Return under what somebody stands on the list."""
    return hashlib.sha256(f"erased:{person_id}".encode()).hexdigest()


def read_ledger(path: Path) -> dict[str, datetime]:
    """Return who is on a list and since when; nobody where there is no file. Raises ``LedgerBroken``."""
    found: dict[str, datetime] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return found
    except (OSError, UnicodeDecodeError):
        raise LedgerBroken(name=path.name, line=1) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found.setdefault(str(row["person"]), datetime.fromisoformat(row["at"]))
        except (ValueError, KeyError, TypeError):
            raise LedgerBroken(name=path.name, line=number) from None
    return found


def write_ledger(path: Path, erased: Mapping[str, datetime]) -> bool:
    """Add to a list what is not on it yet, for its owner's eyes only, whole or not at all; returns whether it could."""
    try:
        known = read_ledger(path)
        if erased.keys() <= known.keys():
            return True
        rows = sorted({**erased, **known}.items(), key=lambda row: (row[1], row[0]))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"person": key, "at": at.isoformat()}) + "\n" for key, at in rows)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except (OSError, LedgerBroken):
        return False
    return True


async def known_erasures(session: AsyncSession) -> dict[str, datetime]:
    """Return who was erased, by the database's own list."""
    rows = await session.execute(select(Erasure.digest, Erasure.erased_at))
    return dict(rows.all())


async def note_erasure(session: AsyncSession, person_id: str, now: datetime) -> None:
    """Put somebody on the database's list; a second time changes nothing."""
    if await session.get(Erasure, digest_of_person(person_id)) is None:
        session.add(Erasure(digest=digest_of_person(person_id), erased_at=now))


async def backups_there(runtime: Runtime) -> int:
    """Return how many backups that were made here are still where they were written."""
    async with runtime.store.read() as session:
        places = list(await session.scalars(select(BackupMade.place)))
    return sum(map(still_there, places))


def still_there(place: str) -> bool:
    """Whether a backup is still where it was written; where it was copied to nobody here knows."""
    return Path(place).is_file()


def _write_beside(places: Iterable[str], erased: Mapping[str, datetime]) -> bool:
    folders = sorted({Path(place).parent for place in places})
    written = [write_ledger(folder / BESIDE, erased) for folder in folders if folder.is_dir()]
    return all(written)


async def spread(runtime: Runtime) -> bool:
    """Bring the list to its file and beside every backup whose folder is there; returns whether its own file has it."""
    async with runtime.store.read() as session:
        erased = await known_erasures(session)
        places = list(await session.scalars(select(BackupMade.place).distinct()))
    if not erased:
        return True
    if not _write_beside(places, erased):
        _log.warning("the list of erasures could not be written beside backups")
    is_kept = write_ledger(runtime.settings.ledger, erased)
    if not is_kept:
        _log.error("the list of erasures could not be written: look at SANDWICH_ERASURES, or at the data folder")
    return is_kept
