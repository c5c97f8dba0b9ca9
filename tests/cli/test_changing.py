"""`sandwich day`, `new-host`, `absent`, `print-form`, `consent`, `photos`: when things go otherwise."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandwich.runtime import open_runtime
from sandwich.settings import read_settings
from tests.cli.conftest import Run
from tests.support.cast import Cast
from tests.support.driver import Play


def prepared(installation: Mapping[str, str], until: str) -> str:
    """Play the visit to Korteweg up to a moment, with a date, and return its id."""

    async def play() -> str:
        runtime = open_runtime(read_settings(dict(installation)))
        try:
            found = await Play.begin(runtime, await Cast.read(runtime))
            await found.asked()
            await found.answer("T3", "goals", photo_self__internal__allowed="yes")
            await found.sleep_to(until)
            return found.activity_id
        finally:
            await runtime.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, play()).result()


def test_case_5_10_one_command_calls_off_everything_on_a_day(small_installation: dict[str, str], here: Run) -> None:
    prepared(small_installation, "2026-11-04 12:00")
    nothing = here(small_installation, "day", "off", "--on", "2026-11-06", "--reason", "Code rood")
    assert (nothing.code, nothing.out) == (0, "Op 2026-11-06 is er niets.\n")
    tried = here(small_installation, "day", "off", "--on", "2026-11-05", "--reason", "Code rood", "--dry-run")
    assert tried.out.count("\n- ") >= 2
    assert "Er is nog niets veranderd." in tried.out
    done = here(small_installation, "day", "off", "--on", "2026-11-05", "--reason", "Code rood")
    assert (done.code, done.out) == (0, "Prefab bouwen bij Korteweg: gaat niet door, iedereen krijgt een mail.\n")
    again = here(small_installation, "day", "off", "--on", "2026-11-05", "--reason", "Code rood")
    assert again.out == "Op 2026-11-05 is er niets.\n", "what is on hold does not happen"


def test_case_5_01_companies_are_named_and_one_takes_the_place(small_installation: dict[str, str], here: Run) -> None:
    id_ = prepared(small_installation, "2026-10-09 12:00")
    assert here(small_installation, "new-host", id_).out == "Geen bedrijf laat hetzelfde zien.\n"
    assert here(small_installation, "hold", id_, "--reason", "Korteweg kan niet").code == 0
    no_date = here(small_installation, "new-host", id_, "B1", "P1", "--reason", "Korteweg kan niet")
    assert (no_date.code, no_date.err) == (1, "Geef minstens één datum.\n")
    asking = ("new-host", id_, "B1", "P1", "2026-12-10", "--reason", "Korteweg kan niet")
    tried = here(small_installation, *asking, "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "\n- Verzoek aan het bedrijf: " in tried.out
    done = here(small_installation, *asking)
    assert (done.code, done.err) == (0, "")
    assert "Leerdoelen en aanmeldingen blijven staan." in done.out


def test_case_5_11_absent_is_noted_today_alone(small_installation: dict[str, str], here: Run) -> None:
    id_ = prepared(small_installation, "2026-10-09 12:00")
    early = here(small_installation, "absent", id_, "T3")
    assert (early.code, early.err) == (1, "Vandaag is er geen ontmoeting. Zeg welke het is, of meld de persoon af.\n")
    assert here(small_installation, "absent", id_, "T3", "--meeting", "1").out == "Genoteerd: Erik Laan is afwezig.\n"


def test_case_5_07_a_form_is_written_to_a_file(small_installation: dict[str, str], here: Run, tmp_path: Path) -> None:
    id_ = prepared(small_installation, "2026-10-09 12:00")
    written = here(small_installation, "print-form", id_, "P3", "task-division", "--to", str(tmp_path))
    assert (written.code, written.err) == (0, "")
    assert (tmp_path / "task-division.pdf").read_bytes().startswith(b"%PDF-")
    unknown = here(small_installation, "print-form", id_, "P3", "impressions")
    assert unknown.code == 1
    assert "Koen Korteweg is impressions niet gevraagd. Gevraagd: " in unknown.err


def test_case_5_09_the_log_shows_what_was_said_and_taken_back(small_installation: dict[str, str], here: Run) -> None:
    id_ = prepared(small_installation, "2026-10-09 12:00")
    before = here(small_installation, "consent", "list", id_).out
    assert "Erik Laan  internal  ja" in before
    back = here(small_installation, "consent", "withdraw", "T3", "--channel", "internal")
    assert (back.code, back.err) == (0, "")
    after = here(small_installation, "consent", "list", id_).out
    assert after.startswith(before), "nothing is changed, only added"
    assert "Erik Laan  internal  ingetrokken" in after
    assert here(small_installation, "photos", id_, "--of", "T3").code == 0
    again = here(small_installation, "consent", "withdraw", "T3", "--channel", "internal")
    assert again.err == "Er is geen toestemming van deze persoon om in te trekken.\n"


def test_case_5_13_the_plan_is_shown_before_it_starts(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    draft = tmp_path / "visit.yaml"
    draft.write_text(
        "kind: company-visit\ntitle: Morgen al\npurpose: trends\ncompany: B1\ncoordinator: C1\nhosts: [P1]\n"
        'teachers: [T2, T3, T4]\ndates:\n  - {start: "2026-09-29 13:30", end: "2026-09-29 16:30"}\n',
        encoding="utf-8",
    )
    seen = here(small_installation, "start", str(draft), "--dry-run")
    assert (seen.code, seen.err) == (0, "")
    assert "Dit is kort dag: " in seen.out
    assert "Minder dan vijf werkdagen: bevestig met --short-notice" in seen.out
    assert here(small_installation, "status").out.strip() == "Er zijn geen activiteiten."
    refused = here(small_installation, "start", str(draft))
    assert refused.code == 1
    assert "Dat bevestig je met --short-notice." in refused.err
    assert here(small_installation, "start", str(draft), "--short-notice").code == 0


def test_case_5_08_one_meeting_of_several_is_moved(small_installation: dict[str, str], here: Run) -> None:
    id_ = prepared(small_installation, "2026-10-09 12:00")
    wrong = here(small_installation, "move", id_, "2026-12-10", "--meeting", "2", "--reason", "Storm")
    assert (wrong.code, wrong.err) == (1, "Geef het nummer van één ontmoeting, 1 tot en met 1, en haar datum.\n")
    done = here(small_installation, "move", id_, "2026-11-19", "--meeting", "1", "--reason", "Storm")
    assert done.code == 0
    assert "19" in done.out
