"""The demo's own folder: apart from everything else, set up once, continued where it stood."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.draft import ActivityDraft
from models.tables.activities import Activity
from models.tables.network import Person
from models.text import Language
from sandwich.definitions.load import load_file
from sandwich.demo.play import ACTIVITY, OPENS_AT, Demo, DemoRuns, NoDemo, NotOurFolder, enter
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.start import start
from sandwich.settings import Environment
from tests.support.cast import Cast


def a_demo(folder: Path, environ: dict[str, str] | None = None) -> tuple[Demo, dict[str, str]]:
    environ = {} if environ is None else environ
    demo = Demo(folder / ".sandwich-demo")
    demo.prepare(environ, 8000, 2525, 4200)
    return demo, environ


@pytest.mark.asyncio
async def test_the_second_visit_can_be_started_also_when_the_first_is_over(runtime: Runtime, cast: Cast) -> None:
    late = OPENS_AT + timedelta(days=130)
    await runtime.clock.set(late)
    await start(runtime, load_file(ACTIVITY.with_name("spring.yaml"), ActivityDraft), now=late, actor="demo")
    assert cast.person("T11").language is Language.ENGLISH
    readme = Path(__file__).parents[2] / "README.md"
    assert "start examples/spring.yaml" in readme.read_text(encoding="utf-8")


@pytest.mark.asyncio
async def test_it_begins_on_the_first_day_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    demo, environ = a_demo(tmp_path)
    settings = demo.prepare(environ, 8000, 2525, 4200)
    assert settings.environment is Environment.DEMO
    await demo.set_up(settings)
    runtime = open_runtime(settings)
    later = OPENS_AT + timedelta(days=20)
    try:
        assert abs(await runtime.clock.now() - OPENS_AT) < timedelta(minutes=1)
        async with runtime.store.read() as session:
            first = await session.scalar(select(Activity.wake_at))
            assert first == OPENS_AT + timedelta(minutes=5), "the first mail leaves at ten the same day"
        await runtime.clock.set(later)
        await demo._note_moment(runtime)
        await runtime.clock.set(later + timedelta(days=3))  # days that pass while it is closed
        await demo.set_up(settings)
        assert abs(await runtime.clock.now() - later) < timedelta(minutes=1)
        async with runtime.store.read() as session:
            assert await session.scalar(select(func.count()).select_from(Activity)) == 1
    finally:
        await runtime.close()


@pytest.mark.asyncio
async def test_without_the_visit_the_region_is_there(tmp_path: Path) -> None:
    demo, environ = a_demo(tmp_path)
    settings = demo.prepare(environ, 8000, 2525, 4200)
    await demo.set_up(settings, empty=True)
    runtime = open_runtime(settings)
    try:
        async with runtime.store.read() as session:
            assert await session.scalar(select(func.count()).select_from(Activity)) == 0
            assert await session.scalar(select(func.count()).select_from(Person)) == 30
    finally:
        await runtime.close()


def test_nothing_of_another_installation_reaches_it(tmp_path: Path) -> None:
    theirs = {
        "SANDWICH_DATABASE_URL": "postgresql+asyncpg://school@db.school.example/sandwich",
        "SANDWICH_SMTP_HOST": "mail.school.example",
        "SANDWICH_PREFECT_API_URL": "https://prefect.school.example/api",
        "SANDWICH_SECRET_KEY": "the school's own",
        "SANDWICH_LANGUAGE": "en",
        "PATH": "/bin",
    }
    _demo, environ = a_demo(tmp_path, theirs)
    assert not [value for value in environ.values() if "school" in value]
    assert environ["SANDWICH_LANGUAGE"] == "en", "but the reader's language stays"
    assert environ["PATH"] == "/bin"


def test_other_commands_find_it_by_its_folder(tmp_path: Path) -> None:
    with pytest.raises(NoDemo):
        enter({}, tmp_path / ".sandwich-demo")
    a_demo(tmp_path)
    environ = {"SANDWICH_DATA": "elsewhere"}
    enter(environ, tmp_path / ".sandwich-demo")
    assert environ["SANDWICH_DATA"] == str(tmp_path / ".sandwich-demo")
    assert environ["SANDWICH_SMTP_PORT"] == "2525"


def test_it_removes_what_it_made_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / ".sandwich-demo"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(NotOurFolder):
        Demo(folder).remove()
    assert (folder / "thesis.txt").exists()
    (folder / "thesis.txt").unlink()
    demo, _environ = a_demo(tmp_path)
    assert demo.is_there
    demo.remove()
    assert not folder.exists()
    demo.remove()  # nothing is there: nothing to do


def test_two_at_once_in_one_folder_are_one_too_many(tmp_path: Path) -> None:
    first, second = Demo(tmp_path / ".sandwich-demo"), Demo(tmp_path / ".sandwich-demo")
    with first.alone(), pytest.raises(DemoRuns), second.alone():
        pass
    with second.alone():
        pass


def test_its_notes_may_name_another_database(tmp_path: Path) -> None:
    folder = tmp_path / ".sandwich-demo"
    folder.mkdir()
    (folder / "demo.json").write_text('{"database_url": "postgresql+asyncpg://sandwich@/story"}')
    _, environ = a_demo(tmp_path, {"SANDWICH_DATABASE_URL": "postgresql+asyncpg://sandwich@/school"})
    assert environ["SANDWICH_DATABASE_URL"] == "postgresql+asyncpg://sandwich@/story", "and never that of a school"
