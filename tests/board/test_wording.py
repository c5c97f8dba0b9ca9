"""Words that must go, persons who object or have left, and double booking, on the board."""

import pytest
from sqlalchemy import select

from models.tables.asking import Submission
from models.tables.mail import Call, CallState
from models.tables.network import Contact, Person
from models.text import Language
from sandwich.rules.answers import as_fields
from sandwich.rules.redact import REDACTED
from sandwich.runtime import Runtime
from sandwich.services.collect import submit
from tests.board.test_actions import at
from tests.support.browser import Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

REMARK = "Leerling Kevin wil mee, en collega Ans ook."


async def remarked(runtime: Runtime, visit: Visit) -> None:
    """Let the host choose a date and write a remark with a pupil's name, which it looked at."""
    asked = await visit.asked("P3", "date-poll")
    rows = [{"row": option.key, "label": "", "answer": "suits"} for option in asked.rows["dates"]]
    said = {**asked.prefilled, "dates": rows, "remark": REMARK}
    fields = as_fields(asked.form, said, asked.rows, asked.frame.language)
    now = await runtime.clock.now()
    outcome = await submit(runtime, asked.invitation_id, fields, now=now, key="k", shown=asked.shown, looked=True)
    assert outcome.accepted, outcome.problems


async def test_words_are_masked_and_then_there_is_nothing_to_look_at(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    await jolanda.open(at(visit, "/words"))
    assert jolanda.status == 404
    await remarked(runtime, visit)
    page = await jolanda.open(at(visit, "/words"))
    assert "Staat hier de naam van een leerling: ‘Kevin’?" in page.text
    assert "Koen Korteweg" in page.text
    [key] = page.form("/words").offered["mask"]
    await jolanda.send(page, "/words", {"mask": [key]})
    assert jolanda.path == at(visit)
    async with runtime.store.read() as session:
        remarks = [row.answers["remark"] for row in await session.scalars(select(Submission))]
    assert remarks == [REMARK.replace("Kevin", REDACTED)]
    await jolanda.open(at(visit, "/words"))
    assert jolanda.status == 404


async def test_an_objection_by_phone_is_noted(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    seat = (await visit.asked("P3", "date-poll")).frame.participation_id
    page = await jolanda.open(at(visit, f"/objects/{seat}"))
    assert "Bezwaar van Koen Korteweg" in page.text
    await jolanda.send(page, "/objects")
    assert jolanda.path.startswith(at(visit))
    async with runtime.store.read() as session:
        [row] = await session.scalars(select(Submission).where(Submission.form == "privacy-request"))
    assert (row.answers["kind"], row.person_id) == ("object-reports", visit.cast.id("P3"))


async def test_whoever_would_rather_read_english_is_written_to_in_english(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    seat = (await visit.asked("P3", "date-poll")).frame.participation_id
    for language, called in ((Language.ENGLISH, "Engels"), (Language.DUTCH, "Nederlands")):
        page = await jolanda.open(at(visit, f"/language/{seat}"))
        assert "Taal van Koen Korteweg" in page.text
        assert f"voortaan in het {called}" in page.text
        await jolanda.send(page, "/language")
        assert jolanda.path.startswith(at(visit))
        async with runtime.store.read() as session:
            assert (await session.get_one(Person, visit.cast.id("P3"))).language is language


async def test_who_has_left_is_marked_and_brings_a_call(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    seat = (await visit.asked("P3", "date-poll")).frame.participation_id
    page = await jolanda.open(at(visit, f"/lost/{seat}"))
    assert "Koen Korteweg werkt er niet meer" in page.text
    shown = await jolanda.send(page, "/lost")
    assert "Kies een ander bij het bedrijf." in shown.text
    async with runtime.store.read() as session:
        contacts = await session.scalars(select(Contact).where(Contact.person_id == visit.cast.id("P3")))
        assert not [one for one in contacts if one.is_valid]
        calls = await session.scalars(select(Call.what).where(Call.state == CallState.OPEN))
        assert "contact-left" in list(calls)
    page = await jolanda.open(at(visit, f"/lost/{seat}"))
    await jolanda.send(page, "/lost")
    assert jolanda.status == 422, "it was noted before"


async def test_whoever_starts_reads_who_is_double_booked(jolanda: Browser, visit: Visit) -> None:
    page = await jolanda.open("/board/start?whole")
    answers: dict[str, str | list[str]] = {
        "kind": "company-visit",
        "title": "Lassen bij Verhoeven",
        "purpose": "knowledge",
        "host": visit.cast.id("P1"),
        "date-1": "2026-11-05",
        "from-1": "15:00",
        "to-1": "17:00",
        "teachers": [visit.cast.id("T3"), visit.cast.id("T9")],
    }
    check = await jolanda.send(page, "/board/start", answers, press="_action=check")
    assert "Erik Laan doet op do 5 nov, 13:30–16:30 uur, ook mee aan ‘Prefab bouwen bij Korteweg’." in check.text
    assert "Daan Rietveld doet" not in check.text
    await jolanda.send(check, "/board/start", press="_action=begin")
    shown = await jolanda.open(jolanda.path)
    assert "Erik Laan doet op do 5 nov" in shown.text
