"""The list of backups: which there are, who that was erased is still in them, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.network import Person
from models.tables.privacy import BackupMade
from sandwich.privacy.ledger import digest_of_person, known_erasures, spread, still_there
from sandwich.runtime import Runtime
from sandwich.settings import Settings


@dataclass(frozen=True)
class BackupLine:
    """One backup that was written. ``holds`` are the numbers of people who were erased after it was made.

    ``is_there`` says whether the file still stands where it was written; where it was copied to nobody here knows.
    """

    place: Path
    made_at: datetime
    gone_by: datetime
    is_there: bool
    is_late: bool
    holds: tuple[str, ...]


async def note_backup(runtime: Runtime, path: Path, made_at: datetime) -> None:
    """Write down that a backup was made, and put the list of erasures beside it."""
    place = _whole(path)
    async with runtime.store.maintain() as session:
        session.add(BackupMade(place=place, made_at=made_at))
    await spread(runtime)


async def list_backups(session: AsyncSession, settings: Settings, now: datetime) -> tuple[BackupLine, ...]:
    """Return the backups that were written, the newest first."""
    erased = await known_erasures(session)
    people = {
        digest_of_person(key): key
        for key in await session.scalars(select(Person.id).where(Person.erased_on.is_not(None)))
    }
    lines = []
    for row in await session.scalars(select(BackupMade).order_by(BackupMade.made_at.desc())):
        gone_by = row.made_at + timedelta(days=settings.keep_backups_days)
        is_there = still_there(row.place)
        holds = tuple(
            sorted(people.get(digest, digest[:12]) for digest, at in erased.items() if at > row.made_at and is_there)
        )
        lines.append(BackupLine(Path(row.place), row.made_at, gone_by, is_there, is_there and gone_by < now, holds))
    return tuple(lines)


def _whole(path: Path) -> str:
    return str(path.resolve())


async def throw_away_late(runtime: Runtime, now: datetime) -> tuple[Path, ...]:
    """Delete the backups whose term is over, where they stand; returns which those were."""
    async with runtime.store.read() as session:
        late = [line for line in await list_backups(session, runtime.settings, now) if line.is_late]
    for line in late:
        line.place.unlink(missing_ok=True)
    return tuple(line.place for line in late)
