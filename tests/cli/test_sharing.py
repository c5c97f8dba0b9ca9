"""Words to look at, a card in the group's name, and the figures of a year, by the command line."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from models.tables.asking import Via
from sandwich.runtime import Runtime, open_runtime
from sandwich.settings import read_settings
from tests.cli.conftest import Run
from tests.support.cast import Cast
from tests.support.driver import Play


def played(installation: dict[str, str], tell: Callable[[Play], Awaitable[None]]) -> str:
    """Play A1 up to the evaluations, and then what a test needs; returns the activity's id."""

    async def play() -> str:
        runtime: Runtime = open_runtime(read_settings(installation))
        try:
            play = await (await Play.begin(runtime, await Cast.read(runtime))).afterwards()
            await tell(play)
            return play.activity_id
        finally:
            await runtime.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, play()).result()


def test_words_are_listed_masked_or_left(small_installation: dict[str, str], here: Run) -> None:
    async def tell(play: Play) -> None:
        said: dict[str, Any] = {"lob": "Leerling Kevin is ziek.", "scope": "region"}
        by_phone: dict[str, Any] = {"via": Via.PHONE, "entered_by": play.coordinator}
        await play.answer("T2", "impressions", **by_phone, **said)

    activity_id = played(small_installation, tell)
    listed = here(small_installation, "words", activity_id)
    assert (listed.code, listed.err) == (0, "")
    lines = listed.out.splitlines()
    assert [line[:2] for line in lines] == ["1.", "2."]
    assert "‘Kevin’? (Nadia Bensalem, Deel je indrukken:" in lines[0]
    assert lines[0].endswith("komt op de kaart)")
    wrong = here(small_installation, "words", activity_id, "--mask", "3")
    assert (wrong.code, wrong.out) == (1, "")
    assert "Er is geen regel 3; het zijn er 2." in wrong.err
    masked = here(small_installation, "words", activity_id, "--mask", "1")
    assert masked.out == "Gemaskeerd in 1 antwoorden; ook uit het logboek.\n"
    assert "Kevin" not in here(small_installation, "words", activity_id).out
    assert here(small_installation, "words", activity_id, "--seen").out == "Bekeken: de woorden blijven staan.\n"


def test_a_card_for_the_group_is_shown_first(small_installation: dict[str, str], here: Run) -> None:
    async def tell(play: Play) -> None:
        await play.answer("T2", "teacher-evaluation", best="De robot", quote_ok="without-name")

    activity_id = played(small_installation, tell)
    tried = here(small_installation, "card", "for-group", activity_id, "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert ": De robot" in tried.out
    done = here(small_installation, "card", "for-group", activity_id)
    assert (done.code, done.out) == (0, "Gedeeld namens de groep. Wie ontving ziet de kaart eerst.\n")
    for option in ([], ["--dry-run"]):
        again = here(small_installation, "card", "for-group", activity_id, *option)
        assert (again.code, again.out) == (1, "")
        assert "Er is niets te publiceren" in again.err
    none = here(small_installation, "card", "withdraw", activity_id)
    assert (none.code, none.out) == (1, "")
    assert "Deze kaart staat niet op de deelmuur." in none.err


def test_a_year_in_figures(small_installation: dict[str, str], here: Run) -> None:
    async def tell(play: Play) -> None:
        await play.answer("T2", "teacher-evaluation")

    played(small_installation, tell)
    told = here(small_installation, "year", "2026-2027")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[:2] == ["Schooljaar 2026–2027, STO-regio De Grienden", "Gehouden: 1 (Bedrijfsbezoek 1)"]
    assert "Hoe was het?: 1 van 8 (12 %)" in lines
    assert here(small_installation, "year").out == told.out, "without a year it is that of today"
    [found] = json.loads(here(small_installation, "year", "2026", "--school", "S3", "--json").out)
    assert (found["of"], found["teachers"], found["held"]) == ("Groene Horst vmbo-groen", 2, {"company-visit": 1})
    wrong = here(small_installation, "year", "later")
    assert (wrong.code, wrong.out) == (1, "")
    assert "later is geen schooljaar." in wrong.err


def test_the_only_meeting_cannot_be_dropped(small_installation: dict[str, str], here: Run) -> None:
    async def tell(play: Play) -> None:
        return None

    activity_id = played(small_installation, tell)
    refused = here(small_installation, "drop-meeting", activity_id, "--reason", "Storm")
    assert (refused.code, refused.out) == (1, "")
    assert "heeft minstens 1 ontmoetingen nodig" in refused.err
