"""A backup as one file: a zip with the database, uploaded files and all, and a manifest that says what it is."""

import hashlib
import os
import zipfile
import zlib
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.running import Installation
from models.tables.truth import AuditEntry
from sandwich.errors import SandwichError
from sandwich.store.belonging import ONLY

FORMAT = 1
"""Number of the way in which an archive is laid out."""

MANIFEST = "manifest.json"
DATABASE = "database"
_PIECE = 1 << 20


class FileThere(SandwichError):
    """The file {name} is there already and is left alone. Give another name."""

    dutch = "Het bestand {name} is er al en blijft zoals het is. Geef een andere naam."


class FileNotWritten(SandwichError):
    """The file {name} cannot be written ({why}). Give another place."""

    dutch = "Het bestand {name} is niet te schrijven ({why}). Geef een andere plaats."


class ArchiveBroken(SandwichError):
    """{name} is no whole backup ({why}). Nothing was changed. Take another one."""

    dutch = "{name} is geen gave reservekopie ({reden}). Er is niets veranderd. Neem een andere."


class ArchiveNew(SandwichError):
    """{name} was made by a newer version of Sandwich ({made}; this is {own}). Nothing was changed. Install that version
    first.
    """

    dutch = (
        "{name} is door een nieuwere versie van Sandwich gemaakt ({made}; dit is {own}). Er is niets veranderd. "
        "Installeer eerst die versie."
    )


class Manifest(BaseModel):
    """What an archive says of itself. ``head`` is a digest of the ends of all chains of the audit log.

    ``made_at`` is a moment of the installation's clock, which was ``ahead`` seconds ahead of real time.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: int
    version: str
    revision: str
    database: Literal["sqlite", "postgresql"]
    made_at: datetime
    ahead: float
    identity: str
    key_mark: str
    entries: int
    head: str
    size: int
    digest: str


def own_version() -> str:
    """Return the version of this program."""
    return version("sandwich")


async def head_of(session: AsyncSession) -> tuple[int, str]:
    """Return how many entries the audit log has, and one digest of the ends of all its chains."""
    newest = select(AuditEntry.stream, func.max(AuditEntry.number).label("number")).group_by(AuditEntry.stream)
    ends = newest.subquery()
    rows = await session.execute(
        select(AuditEntry.stream, AuditEntry.number, AuditEntry.hash)
        .join(ends, (ends.c.stream == AuditEntry.stream) & (ends.c.number == AuditEntry.number))
        .order_by(AuditEntry.stream)
    )
    count, digest = 0, hashlib.sha256()
    for stream, number, entry_hash in rows:
        count += number
        digest.update(f"{stream} {number} {entry_hash}\n".encode())
    return count, digest.hexdigest()


async def owner_of(session: AsyncSession) -> Installation:
    """Return the row that says whose database it is."""
    return await session.get_one(Installation, ONLY)


def ensure_free(path: Path) -> None:
    """Return when nothing has this name yet; raises ``FileThere``."""
    if path.exists():
        raise FileThere(name=path.name)


def write_archive(path: Path, manifest: Manifest, database: Path) -> int:
    """Write an archive that only its owner may read, whole or not at all, and return how many bytes it has.

    Raises ``FileThere`` and ``FileNotWritten``.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        ensure_free(path)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
                archive.write(database, DATABASE)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it never takes the place of another file
        return path.stat().st_size
    except FileExistsError:
        raise FileThere(name=path.name) from None
    except OSError as error:
        raise FileNotWritten(name=path.name, why=(error.strerror or type(error).__name__).lower()) from None
    finally:
        draft.unlink(missing_ok=True)


def write_once(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read; raises ``FileThere`` and ``FileNotWritten``."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise FileThere(name=path.name) from None
    except OSError as error:
        raise FileNotWritten(name=path.name, why=(error.strerror or type(error).__name__).lower()) from None


def read_manifest(path: Path) -> Manifest:
    """Read what an archive says of itself; raises ``ArchiveBroken`` and ``ArchiveNew``."""
    try:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(MANIFEST)
            archive.getinfo(DATABASE)
        format_ = _Format.model_validate_json(content)
        if format_.format > FORMAT:
            raise ArchiveNew(name=path.name, made=format_.version, own=own_version())
        return Manifest.model_validate_json(content)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise broken(path, f"it cannot be read: {why}", f"niet te lezen: {why}") from None
    except (zipfile.BadZipFile, KeyError, ValidationError, EOFError, NotImplementedError):
        raise broken(path, "it has no manifest", "zonder inhoudsopgave") from None


def take_out(path: Path, manifest: Manifest, target: Path) -> None:
    """Take the database out of an archive; raises ``ArchiveBroken`` where it is not what was put in."""
    digest, size = hashlib.sha256(), 0
    try:
        with (
            zipfile.ZipFile(path) as archive,
            archive.open(DATABASE) as member,
            os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
        ):
            while piece := member.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, zlib.error) as error:
        raise broken(path, "it is damaged", "beschadigd") from error
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise FileNotWritten(name=target.name, why=why) from None
    if (size, digest.hexdigest()) != (manifest.size, manifest.digest):
        raise broken(path, "it is damaged", "beschadigd")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def broken(path: Path, why: str, reden: str) -> ArchiveBroken:
    """Make the error that says what is wrong with an archive."""
    return ArchiveBroken(name=path.name, why=why, reden=reden)


class _Format(BaseModel):
    """The part of a manifest that every version of the program understands."""

    model_config = ConfigDict(extra="ignore")

    format: int
    version: str
