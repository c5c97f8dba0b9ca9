"""`sandwich pairs` and `sandwich rounds`: who meets whom, as a coordinator looks at it and changes it."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sandwich.runtime import open_runtime
from sandwich.settings import read_settings
from tests.cli.conftest import Run
from tests.services.test_pairs import COHORT, MONDAY
from tests.services.test_rounds import EVENING
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living


def played(installation: Mapping[str, str], draft: dict[str, Any], until: str, says: dict[str, Any]) -> str:
    """Play an activity in an installation and return its id."""

    async def play() -> str:
        runtime = open_runtime(read_settings(dict(installation)))
        try:
            found = await Play.begin(runtime, await Cast.read(runtime), **draft)
            await Living(found, says, silent=("pair-proposal", "round-card")).to(until)
            return found.activity_id
        finally:
            await runtime.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, play()).result()


def test_pairs_are_shown_with_reasons_taken_apart_and_made_by_hand(
    small_installation: dict[str, str], here: Run
) -> None:
    id_ = played(small_installation, COHORT, "2026-12-18 12:00", {"twinning-intake": MONDAY})
    seen = here(small_installation, "pairs", id_)
    assert (seen.code, seen.err) == (0, "")
    [(number, partner)] = re.findall(r"(\d)\. Rob van Wijk – (\w+ \w+): gevraagd, \d+ van de 100 punten", seen.out)
    assert "gedeelde dagdelen 13/20 (maandag middag, maandag ochtend)" in seen.out
    first = here(small_installation, "pairs", id_, "--apart", number)
    assert f"{number}. Rob van Wijk – {partner}: uit elkaar" in first.out
    code = {"Anouk Verhoeven": "P1", "Koen Korteweg": "P3", "Bas Lindhout": "P6"}[partner]
    made = here(small_installation, "pairs", id_, "--make", "T1", code)
    assert (made.code, made.err) == (0, "")
    assert f"4. Rob van Wijk – {partner}: gevraagd\n" in made.out
    again = here(small_installation, "pairs", id_, "--again")
    assert again.out == made.out, "nobody is without a partner"


WRONG_PAIRS = [
    (("--make", "T1", "P1"), "Rob van Wijk heeft al een partner. Haal dat koppel eerst uit elkaar."),
    (("--make", "T9", "P1"), "Daan Rietveld doet niet mee als docent."),
    (("--apart", "9"), "Er is geen koppel 9 dat doorgaat."),
]


def test_what_cannot_be_done_with_pairs_is_a_sentence(small_installation: dict[str, str], here: Run) -> None:
    id_ = played(small_installation, COHORT, "2026-12-18 12:00", {"twinning-intake": MONDAY})
    before = here(small_installation, "pairs", id_).out
    for arguments, sentence in WRONG_PAIRS:
        said = here(small_installation, "pairs", id_, *arguments)
        assert (said.code, said.out, said.err) == (1, "", f"{sentence}\n")
    assert here(small_installation, "pairs", id_).out == before


def met(said: str, name: str) -> list[str]:
    """Return whom a professional met, one round after another."""
    return re.findall(rf"^  {name}: (.+)$", said, re.MULTILINE)


def test_rounds_are_a_room_plan_and_are_made_anew_during_the_evening(
    small_installation: dict[str, str], here: Run
) -> None:
    id_ = played(small_installation, EVENING, "2027-02-04 15:55", {})
    seen = here(small_installation, "rounds", id_)
    assert (seen.code, seen.err) == (0, "")
    assert seen.out.count("Ronde ") == 6
    assert "Ronde 2, 15:42 uur" in seen.out
    assert seen.out.count("  Anouk Verhoeven: ") == 6
    assert seen.out.endswith("Bewezen: met wie er wanneer zijn, kunnen deze rondes niet beter.\n")
    anew = here(small_installation, "rounds", id_, "--held", "2", "--gone", "P1", "--leaves", "T7:4", "--late", "T2:4")
    assert (anew.code, anew.err) == (0, "")
    planned, held = (said.out.split("Ronde 3")[0] for said in (seen, anew))
    talked = [partner for partner in met(planned, "Anouk Verhoeven") if partner != "Nadia Bensalem"]
    assert met(anew.out, "Anouk Verhoeven") == talked, "who left after two rounds is in none after them"
    assert "Nadia Bensalem" in planned
    assert "Nadia Bensalem" not in held, "who comes in round 4 was not in the first two"
    assert "Nadia Bensalem: vanaf ronde 4\n" in anew.out
    assert "pauze: " in anew.out


WRONG_ROUNDS = [
    (("--gone", "P1"), "Zeg met --held hoeveel rondes er geweest zijn; 0 als er nog geen was."),
    (("--held", "9"), "Er zijn 6 rondes, dus er kunnen er geen 9 geweest zijn."),
    (("--held", "1", "--late", "T2"), "Schrijf --late als persoon en ronde, zoals T2:3."),
    (("--held", "1", "--gone", "T9"), "Daan Rietveld zit niet in de rondes."),
    (
        ("--held", "0", *(part for code in ("P1", "P3", "P5", "P6", "P7", "P4") for part in ("--gone", code))),
        "Er zijn nog geen professionals. Nodig ze eerst uit.",
    ),
]


def test_rounds_that_cannot_be_are_a_sentence(small_installation: dict[str, str], here: Run) -> None:
    id_ = played(small_installation, EVENING, "2027-02-04 15:20", {})
    before = here(small_installation, "rounds", id_).out
    for arguments, sentence in WRONG_ROUNDS:
        said = here(small_installation, "rounds", id_, *arguments)
        assert (said.code, said.out, said.err) == (1, "", f"{sentence}\n")
    assert here(small_installation, "rounds", id_).out == before
