"""A database of an earlier release goes on: its tables are brought up to date, and its activities finish.

``tests/support/release.py`` made each of ``releases/`` with the code of that release, ``release_copy.py`` its copy for
PostgreSQL with the steps of that release. They are never made anew.
"""

import hashlib
import lzma
from pathlib import Path

import pytest

from models.tables.activities import ActivityStatus
from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from sandwich.services import start, steer
from sandwich.settings import read_settings
from sandwich.store import Store, migrate
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.chorus import Chorus
from tests.support.databases import PostgresDatabases
from tests.support.driver import local
from tests.support.release import AT
from tests.support.stages import SECRET

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.xz"))

STEPS = Path(migrate.__file__).parent / "migrations"
HAD = {
    "versions/0001_first_tables.py": "057a2f3f771444647595076c8a8f7ed63bef85bad5d43215ea8a8317e0e738d5",
    "guards.py": "285ffc416c1a732b64e2866b0ce773f78ac6ce838c2b3e0b5f679a85af821b3b",
}
"""Steps that databases of people have had, and what they use. A line is added with every release, none is changed."""

STATES = {
    "Afgerond": ActivityStatus.FINISHED,
    "Kaart bij het bedrijf": ActivityStatus.AFTER,
    "Evaluatie open": ActivityStatus.AFTER,
    "Tijdens": ActivityStatus.DURING,
    "Tegenvoorstel": ActivityStatus.BEFORE,
    "Wacht op vrijroosteren": ActivityStatus.BEFORE,
    "Uitgesteld": ActivityStatus.ON_HOLD,
    "Geannuleerd": ActivityStatus.CANCELLED,
    "Gevraagd mee te doen": ActivityStatus.BEFORE,
    "Datum vast": ActivityStatus.BEFORE,
    "Bedrijf gevraagd": ActivityStatus.REQUESTED,
    "Bedrijfsbezoek Bouwbedrijf Korteweg": ActivityStatus.CONCEPT,
}


@pytest.mark.parametrize("name", HAD)
def test_a_step_that_databases_have_had_is_never_changed(name: str) -> None:
    """What is missing is a new step: a database that had the old text would never get what the new one says."""
    assert hashlib.sha256((STEPS / name).read_bytes()).hexdigest() == HAD[name]


def _unpacked(release: Path, folder: Path, request: pytest.FixtureRequest) -> str:
    """Return the address of a database with what the release left behind."""
    content = lzma.decompress(release.read_bytes())
    if release.name.endswith(".sqlite.xz"):
        file = folder / "sandwich.db"
        file.write_bytes(content)
        return f"sqlite+aiosqlite:///{file}"
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    return databases.filled(content.decode())


@pytest.mark.asyncio
@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name.removesuffix(".xz"))
async def test_activities_of_an_earlier_release_finish(
    release: Path, tmp_path: Path, library: Library, request: pytest.FixtureRequest
) -> None:
    """One in every state that an activity waits in, up to its end; nothing of it is repeated or lost."""
    url = _unpacked(release, tmp_path, request)
    assert await migrate.current(url) != migrate.head(), "it is an old one"
    await migrate.upgrade(url)
    await migrate.ensure_current(url)
    store = Store(url)
    settings = read_settings({}, environment="development", database_url=url, secret_key=SECRET)
    runtime = Runtime(settings, store, Clock(store), library)
    try:
        await runtime.ensure_own()
        chorus = await Chorus.of(runtime)
        plays = chorus.plays
        assert {title: (await play.activity()).status for title, play in plays.items()} == STATES
        await chorus.to(AT, answering=True)

        now, who = await runtime.clock.now(), chorus.cast.id("C1")
        concept, held = plays["Bedrijfsbezoek Bouwbedrijf Korteweg"], plays["Uitgesteld"]
        for code, role in (("P3", "host_contact"), ("T4", "teacher"), ("T4", "trip_leader")):
            await steer.add_person(runtime, concept.activity_id, code, role, now=now, actor=who)  # type: ignore[arg-type]
        await start.begin(runtime, concept.activity_id, now=now, actor=who)
        span = (local("2027-01-12 13:30"), local("2027-01-12 16:30"))
        await steer.move(runtime, held.activity_id, [span], "Nieuwe dag", now=now, actor=who)
        await steer.resume(runtime, held.activity_id, now=now, actor=who)
        await chorus.to("2027-06-01 12:00", answering=True)

        ended = {title: (await play.activity()).status for title, play in plays.items()}
        assert ended == dict.fromkeys(STATES, ActivityStatus.FINISHED) | {"Geannuleerd": ActivityStatus.CANCELLED}
        assert not [title for title, play in plays.items() if (await play.activity()).wake_at is not None]
        async with store.read() as session:
            assert (await verify(session)).ok
            assert differences(await replay(session), await tables(session)) == []
    finally:
        await store.close()
