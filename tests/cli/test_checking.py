"""`sandwich playbooks check` and `sandwich doctor`, as an author and an administrator meet them."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.mail import Call, CallState
from sandwich.runtime import open_runtime
from sandwich.settings import read_settings
from sandwich.store.migrate import head
from tests.cli.conftest import Run
from tests.support.cast import Cast
from tests.support.driver import Play

ROOT = Path(__file__).parents[2]
VISIT = (ROOT / "playbooks" / "company-visit.yaml").read_text(encoding="utf-8")
GOALS = (ROOT / "forms" / "goals.yaml").read_text(encoding="utf-8")
NECESSARY = {
    "goals": "geen stap vraagt wat de deelnemers willen leren",
    "task_division": "geen stap spreekt af wie wat doet",
    "evaluation": "geen stap evalueert",
    "share": "geen stap deelt de indrukken met de school",
    "feedback": "geen stap koppelt terug naar wie erbij betrokken was",
}


def test_our_own_playbooks_and_forms_are_right(here: Run) -> None:
    said = here({}, "playbooks", "check")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("In orde. Draaiboeken: ")


@pytest.mark.parametrize("demand", NECESSARY)
def test_a_playbook_without_one_of_the_five_steps(here: Run, tmp_path: Path, demand: str) -> None:
    (tmp_path / "company-visit.yaml").write_text(VISIT.replace(f"    demand: {demand}\n", ""), encoding="utf-8")
    said = here({}, "playbooks", "check", "company-visit.yaml")
    assert said.code == 1
    assert said.out.startswith("company-visit.yaml:")
    assert NECESSARY[demand] in said.out
    assert f"`demand: {demand}`" in said.out, "the remedy says what to write"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("form: goals", "form: gaols", 'het formulier "gaols", maar die naam bestaat niet. Bedoelde je "goals"?'),
        ("remind: hosts", "remind: daily", 'de reeks herinneringen "daily"'),
        ("at: T-6w", "at: six weeks before", "is geen moment; schrijf bijvoorbeeld T-6w"),
        ("needs: [date_fixed]", "needs: [date_set]", 'het feit "date_set"'),
        ("stage: before", "stage: beforehand", "stage"),
        ("key: company-visit", "key: other-visit", "is niet de naam van het bestand"),
        ("  - key: request", "\t- key: request", "een regel begint met een tab. Spring in met spaties."),
    ],
)
def test_a_mistake_in_a_playbook_is_told_with_file_line_and_remedy(
    here: Run, tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in VISIT
    (tmp_path / "company-visit.yaml").write_text(VISIT.replace(old, new, 1), encoding="utf-8")
    said = here({}, "playbooks", "check", "company-visit.yaml")
    assert said.code == 1
    line = 1 + VISIT[: VISIT.index(old)].count("\n")
    assert f"company-visit.yaml:{line}: " in said.out
    assert told in said.out


def test_a_form_with_a_type_of_question_that_does_not_exist(here: Run, tmp_path: Path) -> None:
    assert "type: short" in GOALS
    (tmp_path / "goals.yaml").write_text(GOALS.replace("type: short", "type: slider", 1), encoding="utf-8")
    said = here({}, "playbooks", "check", "goals.yaml")
    assert said.code == 1
    line = 1 + GOALS[: GOALS.index("type: short")].count("\n")
    assert f"goals.yaml:{line}: " in said.out
    assert "slider" in said.out
    assert "short" in said.out, "the remedy names the types that there are"


def test_a_folder_is_checked_whole_and_every_mistake_is_told(here: Run, tmp_path: Path) -> None:
    school = tmp_path / "school"
    (school / "forms").mkdir(parents=True)
    (school / "forms" / "own.yaml").write_text(
        GOALS.replace("key: goals", "key: own").replace("type: short", "type: slider", 1), encoding="utf-8"
    )
    (school / "own-visit.yaml").write_text(
        VISIT.replace("key: company-visit", "key: own-visit").replace("form: goals", "form: gaols"), encoding="utf-8"
    )
    (school / "note.yaml").write_text("milk: 2\n", encoding="utf-8")
    said = here({}, "playbooks", "check", "school", "nowhere")
    assert said.code == 1
    for told in (
        "school/forms/own.yaml:",
        "school/own-visit.yaml:",
        "school/note.yaml:1: dit is geen draaiboek",
        "nowhere:1:",
    ):
        assert told in said.out


def test_a_playbook_of_a_school_may_use_a_form_of_that_school(here: Run, tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "own-goals.yaml").write_text(GOALS.replace("key: goals", "key: own-goals"), encoding="utf-8")
    (tmp_path / "own-visit.yaml").write_text(
        VISIT.replace("key: company-visit", "key: own-visit").replace("form: goals,", "form: own-goals,"),
        encoding="utf-8",
    )
    said = here({}, "playbooks", "check", "own-visit.yaml", "forms")
    assert (said.code, said.out) == (0, "In orde. Draaiboeken: 1, formulieren: 1.\n")
    alone = here({}, "playbooks", "check", "own-visit.yaml")
    assert alone.code == 1
    assert 'het formulier "own-goals"' in alone.out
    assert here({"SANDWICH_FORMS": str(tmp_path / "forms")}, "playbooks", "check", "own-visit.yaml").code == 0


def test_the_doctor_names_everything_that_is_wrong_and_what_to_do(
    small_installation: dict[str, str], here: Run
) -> None:
    dead = str(_unused())
    said = here(
        {
            **small_installation,
            "SANDWICH_PREFECT_PORT": dead,
            "SANDWICH_SMTP_PORT": dead,
            "SANDWICH_PORT": dead,
            "SANDWICH_BASE_URL": f"http://127.0.0.1:{dead}",
        },
        "doctor",
    )
    assert (said.code, said.err) == (1, "")
    lines = said.out.splitlines()
    well = [line for line in lines if line.startswith("ok  ")]
    ill = [line for line in lines if line.startswith("--  ")]
    assert len(well) + len(ill) == len(lines)
    assert {line.split(":")[0] for line in well} == {
        "ok  Instellingen",
        "ok  Geheimen",
        "ok  Bestanden",
        "ok  Schijf",
        "ok  Reservekopie",
        "ok  Regio",
        "ok  Activiteiten",
        "ok  Map",
        "ok  Draaiboeken en formulieren",
        "ok  Database",
        "ok  Rijen",
        "ok  Lopende activiteiten",
        "ok  Wachtende activiteiten",
        "ok  Vakanties",
        "ok  Uitgaande mail",
        "ok  Binnenkomende mail",
        "ok  Outbox",
        "ok  Webhooks",
        "ok  Lijst van wie gewist is",
    }
    told = "\n".join(ill)
    assert f"Prefect antwoordt niet op http://127.0.0.1:{dead}/api" in told
    assert f"Mailserver: 127.0.0.1:{dead} werkt niet (geen verbinding)" in told
    assert "Draait `sandwich up` of `sandwich web`?" in told
    assert "Klok: " in told, "the clock of the tests is moved, which only a demo may"


def test_the_doctor_sees_weak_secrets(small_installation: dict[str, str], here: Run) -> None:
    same = "abcdefghijklmnopqrstuvwxyz0123456789"
    for key, prefect in (("a" * 40, same), ("short", same), (same, same)):
        environ = {**small_installation, "SANDWICH_SECRET_KEY": key, "SANDWICH_PREFECT_SECRET": prefect}
        assert "--  Geheimen: SANDWICH_SECRET_KEY" in here(environ, "doctor").out
    assert "ok  Geheimen" in here(small_installation, "doctor").out


def test_the_doctor_tells_a_database_without_tables_from_one_with(here: Run, tmp_path: Path) -> None:
    environ = {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(tmp_path / "data"),
        "SANDWICH_LANGUAGE": "en",
    }
    assert "--  The database has no tables yet. Run `sandwich db upgrade`." in here(environ, "doctor").out
    here(environ, "db", "upgrade")
    assert f"ok  Database: SQLite, version {head()}, can be read and written" in here(environ, "doctor").out


def test_the_doctor_names_the_regions_that_have_no_holidays_in_the_coming_year(
    small_installation: dict[str, str], here: Run, now: datetime
) -> None:
    said = "--  Vakanties: van regio {} is er geen bekend voor het komende jaar"
    assert "ok  Vakanties" in here(small_installation, "doctor").out

    async def moved(at: datetime) -> None:
        runtime = open_runtime(read_settings(small_installation))
        await runtime.clock.set(at)
        await runtime.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, moved(now + timedelta(days=5 * 365))).result()
    assert said.format("midden") in here(small_installation, "doctor").out
    assert "`sandwich db upgrade`" in here(small_installation, "doctor").out


def test_the_doctor_names_an_activity_that_nothing_would_wake(small_installation: dict[str, str], here: Run) -> None:
    async def put_to_sleep() -> str:
        runtime = open_runtime(read_settings(small_installation))
        try:
            play = await Play.begin(runtime, await Cast.read(runtime))
            now = await play.now()
            async with runtime.store.change(now=now, actor="test", stream=play.activity_id) as session:
                (await session.get_one(Activity, play.activity_id)).wake_at = None
                calls = await session.scalars(select(Call).where(Call.activity_id == play.activity_id))
                for call in calls:
                    call.state = CallState.DROPPED
            return play.activity_id
        finally:
            await runtime.close()

    assert "ok  Wachtende activiteiten" in here(small_installation, "doctor").out
    with ThreadPoolExecutor(1) as thread:
        activity_id = thread.submit(asyncio.run, put_to_sleep()).result()
    said = f"--  Wachtende activiteiten: 1 zonder iets wat ze nog wekt ({activity_id})."
    assert said in here(small_installation, "doctor").out
    here(small_installation, "move", activity_id, "2026-11-12", "2026-11-19", "--reason", "Wakker worden")
    assert "ok  Wachtende activiteiten" in here(small_installation, "doctor").out, "a change sets it going again"


def test_the_doctor_stops_at_settings_that_cannot_be_read(here: Run) -> None:
    said = here({"SANDWICH_PROT": "8000"}, "doctor")
    assert (said.code, said.out) == (1, "--  SANDWICH_PROT is geen instelling. Bedoelde je SANDWICH_PORT?\n")


def _unused() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
