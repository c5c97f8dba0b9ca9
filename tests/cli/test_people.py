"""People of an activity, and its standstill, by the command line."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandwich.demo.play import ACTIVITY
from sandwich.runtime import open_runtime
from sandwich.settings import read_settings
from tests.cli.conftest import Run
from tests.support.schools import school_in_the_north


@pytest.fixture
def activity_id(small_installation: dict[str, str], here: Run) -> str:
    """Activity A1, begun by the command line."""
    found: str = json.loads(here(small_installation, "start", str(ACTIVITY), "--json").out)["id"]
    return found


def _people(told: str) -> set[tuple[str, str, str]]:
    return {(one["name"], one["role"], one["standing"]) for one in json.loads(told)["people"]}


def test_a_school_with_other_holidays_is_added_after_a_look(
    small_installation: dict[str, str], here: Run, activity_id: str
) -> None:
    async def write() -> None:
        runtime = open_runtime(read_settings(small_installation))
        try:
            await school_in_the_north(runtime)
        finally:
            await runtime.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, write()).result()
    before = here(small_installation, "status", activity_id, "--json").out
    tried = here(small_installation, "person", "add", activity_id, "N1", "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "zou erbij komen: Sjoerd Bouma. Er is nog niets veranderd." in tried.out
    assert "- Noorderlicht College doet dan ook mee;" in tried.out
    assert "- Leerdoelen naar het bedrijf: was vr 16 okt, wordt vr 9 okt." in tried.out
    assert here(small_installation, "status", activity_id, "--json").out == before
    done = here(small_installation, "person", "add", activity_id, "N1", "n2@nowhere.example")
    assert (done.code, done.out) == (1, "")
    assert here(small_installation, "status", activity_id, "--json").out == before, "all or none"
    done = here(small_installation, "person", "add", activity_id, "N1", "N2")
    assert (done.code, done.err) == (0, "")
    assert "Erbij in Prefab bouwen bij Korteweg: Sjoerd Bouma, Anke Postma." in done.out
    assert ("Wiebe Dijkstra", "school_leader", "invited") in _people(
        here(small_installation, "status", activity_id, "--json").out
    )


def test_people_are_replaced_and_withdrawn(small_installation: dict[str, str], here: Run, activity_id: str) -> None:
    before = here(small_installation, "status", activity_id, "--json").out
    tried = here(small_installation, "person", "replace", activity_id, "T2", "T9", "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "zou Daan Rietveld in de plaats komen van Nadia Bensalem. Er is nog niets veranderd." in tried.out
    assert "- Nadia Bensalem krijgt geen mail meer:" in tried.out
    tried = here(small_installation, "person", "withdraw", activity_id, "T3", "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "- Open vragen aan Erik Laan vervallen." in tried.out
    tried = here(small_installation, "person", "replace", activity_id, "T2", "T3", "--dry-run")
    assert (tried.code, tried.out) == (1, "")
    assert "Deze persoon doet al mee." in tried.err
    assert here(small_installation, "status", activity_id, "--json").out == before
    done = here(small_installation, "person", "replace", activity_id, "T2", "T9")
    assert (done.code, done.err) == (0, "")
    assert "Vervangen in Prefab bouwen bij Korteweg: Nadia Bensalem door Daan Rietveld" in done.out
    done = here(small_installation, "person", "withdraw", activity_id, "T3")
    assert (done.code, done.err) == (0, "")
    people = _people(here(small_installation, "status", activity_id, "--json").out)
    assert {
        ("Nadia Bensalem", "teacher", "replaced"),
        ("Daan Rietveld", "teacher", "invited"),
        ("Daan Rietveld", "trip_leader", "invited"),
        ("Erik Laan", "teacher", "withdrawn"),
    } <= people


WRONG = [
    (("person", "add", "{id}", "T3"), "Deze persoon doet al mee."),
    (("person", "add", "{id}", "T99"), "Er is niemand bekend als T99."),
    (("person", "withdraw", "{id}", "T9"), "Daan Rietveld doet niet mee aan Prefab bouwen bij Korteweg."),
    (("person", "withdraw", "{id}", "T3", "--role", "mentor"), "Erik Laan doet niet mee aan"),
    (("person", "replace", "{id}", "T3", "T3"), "Kies iemand anders."),
    (("person", "replace", "{id}", "T3", "T4"), "Deze persoon doet al mee."),
    (("hold", "{id}", "--reason", " "), "Zeg waarom met --reason"),
    (("cancel", "{id}", "--reason", " "), "Zeg waarom met --reason"),
    (("resume", "{id}"), "Deze activiteit staat niet stil."),
]


def test_what_cannot_be_is_one_sentence_and_no_change(
    small_installation: dict[str, str], here: Run, activity_id: str
) -> None:
    before = here(small_installation, "status", activity_id, "--json").out
    for arguments, sentence in WRONG:
        said = here(small_installation, *(part.format(id=activity_id) for part in arguments))
        assert (said.code, said.out) == (1, ""), arguments
        assert sentence in said.err
        assert said.err.count("\n") == 1, arguments
    assert here(small_installation, "status", activity_id, "--json").out == before


def test_an_activity_is_put_on_hold_and_goes_on(
    small_installation: dict[str, str], here: Run, activity_id: str
) -> None:
    done = here(small_installation, "hold", activity_id, "--reason", "Ander bedrijf")
    assert (done.code, done.err) == (0, "")
    again = here(small_installation, "hold", activity_id, "--reason", "Ander bedrijf")
    assert (again.code, again.err) == (1, "Deze activiteit staat al stil.\n")
    assert "Uitgesteld" in here(small_installation, "status").out
    tried = here(small_installation, "resume", activity_id, "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "zou verdergaan. Er is nog niets veranderd." in tried.out
    assert "- Niemand krijgt een mail dat het doorgaat:" in tried.out
    assert "Uitgesteld" in here(small_installation, "status").out
    done = here(small_installation, "resume", activity_id)
    assert (done.code, done.err) == (0, "")
    assert "- Vragen en herinneringen gaan weer weg" in done.out
    assert "Uitgesteld" not in here(small_installation, "status").out


def test_an_objection_is_noted_once_and_what_is_kept_can_be_seen(
    small_installation: dict[str, str], here: Run, activity_id: str
) -> None:
    for _ in range(2):
        done = here(small_installation, "person", "object", "T7")
        assert (done.code, done.err) == (0, "")
        assert "Bezwaar van Mo Ravensbergen is genoteerd" in done.out
    kept = json.loads(here(small_installation, "person", "export", "T7").out)
    assert [row["answers"]["kind"] for row in kept["submission"]] == ["object-reports"]
    assert kept["person"][0]["family_name"] == "Ravensbergen"
    nothing = here(small_installation, "person", "object", "P6")
    assert (nothing.code, nothing.out) == (1, "")
    assert "deed nergens aan mee" in nothing.err
    assert activity_id in {row["activity_id"] for row in kept["participation"]}


def test_a_contact_is_lost_once(small_installation: dict[str, str], here: Run, activity_id: str) -> None:
    done = here(small_installation, "person", "lost", "P3")
    assert (done.code, done.out) == (0, "Genoteerd voor Koen Korteweg. Activiteiten waarin nu gebeld moet worden: 1.\n")
    again = here(small_installation, "person", "lost", "P3")
    assert (again.code, again.out) == (1, "")
    assert "Er is geen geldig adres van Koen Korteweg meer." in again.err
    left = here(small_installation, "person", "lost", "P3", "--left")
    assert left.code == 0, "a number was left"
    calls = json.loads(here(small_installation, "status", activity_id, "--json").out)["calls"]
    assert {"bounced", "contact-left"} <= {call["what"] for call in calls}


def test_double_booking_is_a_warning_where_errors_go(
    small_installation: dict[str, str], here: Run, activity_id: str
) -> None:
    begun = here(small_installation, "start", str(ACTIVITY), "--again", "--reason", "Zij boden het aan")
    assert begun.code == 0
    assert "Erik Laan doet op do 5 nov, 13:30–16:30 uur, ook mee aan ‘Prefab bouwen bij Korteweg’." in begun.err
    added = here(small_installation, "person", "add", activity_id, "T9")
    assert (added.code, added.err) == (0, "")


def test_a_role_is_given_and_taken_away(small_installation: dict[str, str], here: Run) -> None:
    assert here(small_installation, "person", "role", "T9").out == "Rollen: –\n"
    assert (
        here(small_installation, "person", "role", "T9", "--give", "region_manager").out == "Rollen: region_manager\n"
    )
    assert here(small_installation, "person", "role", "T9", "--take", "region_manager").out == "Rollen: –\n"
    wrong = here(small_installation, "person", "role", "T9", "--give", "baas")
    assert wrong.code == 1
    assert "De rol baas kan niemand hebben." in wrong.err
