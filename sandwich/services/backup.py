"""Back an installation up while it works, and put a backup back so that nothing leaves before a person has looked."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.api import ApiOnce, ApiSecret
from models.tables.asking import UploadContent
from models.tables.hooks import Notice
from models.tables.privacy import Erasure as ErasureRow
from models.tables.running import ClockOffset, Installation, Lease, LoginCode, WebSession
from models.tables.truth import AuditEntry
from sandwich.clock import Clock, real_now
from sandwich.definitions.library import Library
from sandwich.errors import SandwichError, StoreUnavailable
from sandwich.failpoints import failpoint
from sandwich.privacy.again import erase_again
from sandwich.privacy.backups import note_backup
from sandwich.privacy.ledger import BESIDE, known_erasures, read_ledger
from sandwich.runtime import Runtime
from sandwich.services.hold import HoldView, look_at_hold
from sandwich.services.new_key import change_key
from sandwich.settings import Settings
from sandwich.store import Store, migrate
from sandwich.store.archive import (
    FORMAT,
    ArchiveNew,
    FileNotWritten,
    Manifest,
    broken,
    digest_of,
    ensure_free,
    head_of,
    own_version,
    owner_of,
    read_manifest,
    take_out,
    write_archive,
)
from sandwich.store.belonging import ONLY, OtherInstallation, mark
from sandwich.store.copying import copy_sqlite, dump_postgres, one_file, put_postgres_in_place, put_sqlite_in_place
from sandwich.store.replay import check


class NotEmpty(SandwichError):
    """The installation is not empty: its log has {count} entries. Nothing was changed. To throw away what is there and
    put the backup in its place: `sandwich restore FILE --yes`.
    """

    dutch = (
        "De installatie is niet leeg: haar logboek heeft {count} regels. Er is niets veranderd. Wil je weggooien wat "
        "er staat en de kopie ervoor in de plaats zetten: `sandwich restore BESTAND --yes`."
    )


class NotReadable(SandwichError):
    """There is a database that cannot be read by this version. Nothing was changed. To throw it away and put the backup
    in its place: `sandwich restore FILE --yes`.
    """

    dutch = (
        "Er staat een database die deze versie niet kan lezen. Er is niets veranderd. Wil je haar weggooien en de "
        "kopie ervoor in de plaats zetten: `sandwich restore BESTAND --yes`."
    )


class OtherDatabase(SandwichError):
    """The backup is of {made}, and SANDWICH_DATABASE_URL names {own}. Nothing was changed. Set it to a database of the
    same kind.
    """

    dutch = (
        "De reservekopie is van {made}, en SANDWICH_DATABASE_URL noemt {own}. Er is niets veranderd. Stel een database "
        "van dezelfde soort in."
    )


class OtherKey(SandwichError):
    """The backup is of an installation with another secret key. Nothing was changed. Set SANDWICH_SECRET_KEY to the key
    that was kept with it. If it is lost, add --new-key: the links that were sent are then dead.
    """

    dutch = (
        "De reservekopie is van een installatie met een andere geheime sleutel. Er is niets veranderd. Zet in "
        "SANDWICH_SECRET_KEY de sleutel die erbij is bewaard. Is die kwijt, zet dan --new-key erbij: de links die zijn "
        "verstuurd werken dan niet meer."
    )


class RestoredBroken(SandwichError):
    """The backup was put back, but its audit log is broken ({why}). No mail leaves. Put back an older backup, or find
    out with `sandwich audit verify`.
    """

    dutch = (
        "De reservekopie is teruggezet, maar haar logboek is niet heel ({why}). Er gaat geen mail weg. Zet een oudere "
        "kopie terug, of zoek het uit met `sandwich audit verify`."
    )


@dataclass(frozen=True)
class BackedUp:
    """What was written: the manifest, the size of the archive in bytes, and how many uploaded files are in it."""

    manifest: Manifest
    size: int
    files: int


async def back_up(runtime: Runtime, path: Path) -> BackedUp:
    """Write everything that the installation has into one archive, as it is at one moment; whoever works goes on.

    Raises ``FileThere``, ``FileNotWritten``, ``ToolMissing`` and ``ToolFailed``; then there is no archive.
    """
    store, began = runtime.store, real_now()
    ensure_free(path)
    with _scratch(path.parent) as folder:
        copy = folder / "copy"
        if store.path is not None:
            await asyncio.to_thread(copy_sqlite, store.path, copy)
            async with _opened(copy) as copied, copied.read() as session:
                said = await _described(session)
            await asyncio.to_thread(one_file, copy)
        else:
            async with store.read() as session:
                said = await _described(session)
                # All that the dump has is of the moment of this session.
                snapshot = str(await session.scalar(text("SELECT pg_export_snapshot()")))
                await dump_postgres(runtime.settings.store_url, copy, snapshot)
        manifest = Manifest(
            format=FORMAT,
            version=own_version(),
            revision=migrate.head(),
            database="sqlite" if store.is_sqlite else "postgresql",
            made_at=began + timedelta(seconds=said.ahead),
            ahead=said.ahead,
            identity=said.identity,
            key_mark=said.key_mark,
            entries=said.entries,
            head=said.head,
            size=copy.stat().st_size,
            digest=await asyncio.to_thread(digest_of, copy),
        )
        await failpoint("backup-copied")
        size = await asyncio.to_thread(write_archive, path, manifest, copy)
    await failpoint("archive-written")
    await note_backup(runtime, path, manifest.made_at)
    return BackedUp(manifest, size, said.files)


@dataclass(frozen=True)
class Restored:
    """What was put back: what waits in its outbox, and how many people came back with it and were erased again."""

    hold: HoldView
    erased: int


async def restore(settings: Settings, path: Path, *, overwrite: bool = False, new_key: bool = False) -> Restored:
    """Put an archive in the place of an empty database, or of any with ``overwrite``, and hold the outbox.

    Whoever was erased since is erased again: by the list in our own file, the one beside the archive, and the one of
    the database that is there. Returns what waits. Raises ``LedgerBroken``, ``ArchiveBroken``, ``ArchiveNew``,
    ``OtherDatabase``, ``OtherKey``, ``NotEmpty``, ``OtherInstallation``, ``InUse``, ``ToolMissing`` or ``ToolFailed``,
    and then nothing was changed. On PostgreSQL the log can be checked only where it is put: ``RestoredBroken`` says
    that it is there and held.
    """
    url, secret = settings.store_url, settings.secret_key.get_secret_value()
    manifest = read_manifest(path)
    kind = "sqlite" if make_url(url).get_backend_name() == "sqlite" else "postgresql"
    if manifest.database != kind:
        raise OtherDatabase(made=manifest.database, own=kind)
    if manifest.revision > migrate.head():
        raise ArchiveNew(name=path.name, made=manifest.version, own=own_version())
    if not new_key and manifest.key_mark != mark(manifest.identity, secret):
        raise OtherKey
    erased = {**read_ledger(path.parent / BESIDE), **read_ledger(settings.ledger)}
    erased |= await _look_at_target(url, secret, overwrite=overwrite, new_key=new_key)
    restored_at = real_now() + timedelta(seconds=manifest.ahead)
    target = Path(make_url(url).database or "") if kind == "sqlite" else None
    with _scratch(target.parent if target else settings.data) as folder:
        copy = folder / "copy"
        await asyncio.to_thread(take_out, path, manifest, copy)
        if target is not None:
            await _prepare(path, copy, manifest, restored_at)
            again = await _erase_again(settings, _url(copy), erased, restored_at)
            await asyncio.to_thread(one_file, copy)
            await failpoint("restore-prepared")
            await asyncio.to_thread(put_sqlite_in_place, copy, target)
        else:
            await put_postgres_in_place(url, copy, backed_up_at=manifest.made_at, restored_at=restored_at)
            await migrate.upgrade(url)
    await failpoint("restore-placed")
    store = Store(url)
    try:
        if target is None and (why := await _wrong(store, manifest)):
            raise RestoredBroken(why=why)
        if target is None:
            again = await _erase_again(settings, url, erased, restored_at)
        if new_key:
            await change_key(Runtime(settings, store, Clock(store), Library(scales={}, lists={}, forms={})))
        async with store.read() as session:
            seen = await look_at_hold(session, restored_at)
    finally:
        await store.close()
    assert seen is not None  # it was written with the data
    return Restored(seen, again)


async def _erase_again(settings: Settings, url: str, erased: Mapping[str, datetime], now: datetime) -> int:
    """Erase whoever came back; before anybody works with the database where it is not in its place yet."""
    store = Store(url)
    try:
        async with store.maintain() as session:
            for key, at in erased.items():
                if await session.get(ErasureRow, key) is None:
                    session.add(ErasureRow(digest=key, erased_at=at))
        runtime = Runtime(settings, store, Clock(store), Library(scales={}, lists={}, forms={}))
        return await erase_again(runtime, erased, now)
    finally:
        await store.close()


@dataclass(frozen=True)
class _Described:
    ahead: float
    identity: str
    key_mark: str
    entries: int
    head: str
    files: int


async def _described(session: AsyncSession) -> _Described:
    owner = await owner_of(session)
    entries, head = await head_of(session)
    return _Described(
        ahead=await session.scalar(select(ClockOffset.seconds)) or 0.0,
        identity=owner.identity,
        key_mark=owner.key_mark,
        entries=entries,
        head=head,
        files=await session.scalar(select(func.count()).select_from(UploadContent)) or 0,
    )


async def _look_at_target(url: str, secret: str, *, overwrite: bool, new_key: bool) -> dict[str, datetime]:
    """Return when the backup may take the place of what is there, with who was erased in that."""
    erased: dict[str, datetime] = {}
    store = Store(url, patience=5)
    try:
        try:
            if await migrate.current(url) is None:
                return erased
            async with store.read() as session:
                entries = await session.scalar(select(func.count()).select_from(AuditEntry)) or 0
                owner = await session.get(Installation, ONLY)
            if await migrate.is_current(url):
                async with store.read() as session:
                    erased = await known_erasures(session)
        except (migrate.DatabaseNew, StoreUnavailable) as error:
            # Older, newer or damaged: a backup is what helps, where somebody wants that.
            if isinstance(error, StoreUnavailable) and not store.is_sqlite:
                raise
            if not overwrite:
                raise NotReadable from None
            return erased
        if entries and not overwrite:
            raise NotEmpty(count=entries)
        if entries and owner is not None and not new_key and owner.key_mark != mark(owner.identity, secret):
            raise OtherInstallation
        return erased
    finally:
        await store.close()


async def _prepare(path: Path, copy: Path, manifest: Manifest, restored_at: datetime) -> None:
    """Bring a SQLite copy to the tables of this version, check it and hold its outbox before anybody works with it."""
    try:
        await migrate.upgrade(_url(copy))
        async with _opened(copy) as store:
            if why := await _wrong(store, manifest):
                raise broken(path, why, f"het logboek is niet heel: {why}")
            async with store.maintain() as session:
                installation = await owner_of(session)
                installation.backed_up_at, installation.restored_at = manifest.made_at, restored_at
                installation.released_at = installation.released_by = None
                for table in (Lease, LoginCode, WebSession, ApiSecret, ApiOnce, Notice):
                    await session.execute(delete(table))  # who works and who is signed in is of that time
    except (StoreUnavailable, migrate.DatabaseForeign) as error:
        raise broken(path, "its database cannot be read", "de database is niet te lezen") from error
    await asyncio.to_thread(one_file, copy)


async def _wrong(store: Store, manifest: Manifest) -> str:
    """Say what is wrong with a database that was put back; nothing when it is as it was when it was backed up."""
    async with store.read() as session:
        found, wrong = await check(session)
        if not found.ok:
            return f"{found.first_broken}: {found.why}"
        if await head_of(session) != (manifest.entries, manifest.head):
            return "its end is not the one that was backed up"
    return f"{wrong[0].table} {wrong[0].row} {wrong[0].what}" if wrong else ""


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[Store]:
    store = Store(_url(path))
    try:
        yield store
    finally:
        await store.close()


def _url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Make a folder for ourselves on the disk where the result will stand; raises ``FileNotWritten``."""
    try:
        folder.resolve().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sandwich-", dir=folder.resolve()) as scratch:
            yield Path(scratch)
    except (OSError, sqlite3.OperationalError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise FileNotWritten(name=folder.name or str(folder), why=why) from None
