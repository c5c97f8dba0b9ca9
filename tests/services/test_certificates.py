"""Presence at each of several contact moments, and who gets a certificate for it."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import typst
from httpx import ASGITransport, AsyncClient, Response

from models.tables.activities import Presence
from models.tables.asking import InvitationState
from models.text import Language, Text
from sandwich.paper import PAPERS
from sandwich.runtime import Runtime
from sandwich.services.certificate_papers import TEMPLATE, words_on
from sandwich.services.certificates import Certificate
from sandwich.web.app import make_app
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.linked import link_for
from tests.support.living import Living

pytestmark = pytest.mark.story

MASTERCLASS: dict[str, Any] = {
    "kind": "masterclass",
    "title": "Lasersnijden bij Verhoeven",
    "purpose": "knowledge",
    "company": "B1",
    "hosts": ["P1"],
    "deputy": None,
    "teachers": ["T1", "T2", "T4", "T7"],
    "trip_leader": "T1",
    "place": "Walsweg 4",
    "dates": [{"start": "2026-12-03 13:30", "end": "2026-12-03 16:30"}],
    "meetings": [{"start": "2026-12-10 13:30", "end": "2026-12-10 17:30"}],
}


async def absent_the_second_time(runtime: Runtime, cast: Cast) -> Play:
    """T4 is there on the first half-day and not on the second; T2 looks back much later than the others."""
    play = await Play.begin(runtime, cast, words=True, **MASTERCLASS)
    await Living(play, silent=("attendance", "teacher-evaluation")).to("2026-12-03 14:00")
    await play.answer("T1", "attendance", everybody=["all"])
    await Living(play, silent=("attendance", "teacher-evaluation", "field-note")).to("2026-12-10 14:00")
    status = {f"present__{code}__status": "present" for code in ("T1", "T2", "T7")}
    await play.answer("T1", "attendance", **status, present__T4__status="absent")
    return play


@pytest.mark.asyncio
async def test_presence_is_known_for_each_contact_moment(runtime: Runtime, cast: Cast) -> None:
    play = await absent_the_second_time(runtime, cast)
    loaded = await play.loaded()
    t4 = await play.participation("T4")
    assert [moment.absent for moment in loaded.moments] == [[], [t4.id]]
    assert t4.presence is Presence.PARTLY
    assert (await play.participation("T2")).presence is Presence.PRESENT
    assert (await play.facts()).attendance_known
    notes = {item.step: item.state for item in await play.invitations("T4") if item.form == "field-note"}
    assert "pulse-1" in notes, "was there the first time"
    assert "field-note-2" not in notes or notes["field-note-2"] is InvitationState.WITHDRAWN


@pytest.mark.asyncio
async def test_who_turns_out_to_have_been_there_is_asked_after_all(runtime: Runtime, cast: Cast) -> None:
    play = await absent_the_second_time(runtime, cast)
    await play.answer("T1", "attendance", everybody=["all"])
    assert (await play.participation("T4")).presence is Presence.PRESENT
    await play.to("2026-12-10 19:00")
    assert "field-note-2" in {item.step for item in await play.invitations("T4")}


@pytest.mark.asyncio
async def test_a_certificate_is_for_who_was_there_and_looked_back_and_comes_late_to_who_is_late(
    runtime: Runtime, cast: Cast
) -> None:
    play = await absent_the_second_time(runtime, cast)
    await Living(play, silent=("attendance", "teacher-evaluation", "field-note")).to("2026-12-15 12:00")
    await play.answer_all(("T1", "T4", "T7"), "teacher-evaluation")
    await play.to("2026-12-18 12:00")
    assert sorted(to for _, to in play.sent("certificate")) == ["T1", "T7"]
    await play.answer("T2", "teacher-evaluation")
    await play.to("2027-01-05 12:00")  # the first slot after the holidays
    assert sorted(to for _, to in play.sent("certificate")) == ["T1", "T2", "T7"]
    [text] = [text for mail, to, text in play.letters if (mail, to) == ("certificate", "T2")]
    assert "over 7 uur" in " ".join(text.split())


async def paper(runtime: Runtime, play: Play, code: str) -> Response:
    """Open the certificate behind somebody's personal link."""
    now = await play.now()
    own = await play.participation(code)
    async with runtime.store.change(now=now, actor="test", stream=play.activity_id) as session:
        token = await link_for(session, runtime.settings, own.id, None, now)
    transport = ASGITransport(app=make_app(runtime))
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1", follow_redirects=True) as client:
        return await client.get(f"/f/{token}/certificate")


@pytest.mark.asyncio
async def test_the_certificate_is_a_pdf_for_its_owner_alone(runtime: Runtime, cast: Cast) -> None:
    play = await absent_the_second_time(runtime, cast)
    await Living(play, silent=("attendance", "teacher-evaluation", "field-note")).to("2026-12-15 12:00")
    await play.answer_all(("T1", "T4"), "teacher-evaluation")
    await play.to("2026-12-18 12:00")
    given = await paper(runtime, play, "T1")
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["content-disposition"] == 'inline; filename="certificaat.pdf"'
    assert given.content.startswith(b"%PDF-")
    assert (await paper(runtime, play, "T4")).status_code == 404, "was not there often enough"
    assert (await paper(runtime, play, "P1")).status_code == 404


EARNED = Certificate(
    name="Rob van Wijk",
    title="Lasersnijden *bij* #Verhoeven",
    kind=Text(nl="Masterclass", en="Masterclass"),
    host="Verhoeven Plaatwerk B.V.",
    hours=7.5,
    first_on=date(2026, 12, 3),
    last_on=date(2026, 12, 10),
    coordinator="Jolanda Meerdink",
    region="STO-regio De Grienden",
)


def test_the_certificate_speaks_the_language_of_its_owner() -> None:
    dutch, english = (words_on(EARNED, language) for language in (Language.DUTCH, Language.ENGLISH))
    assert dutch["about"] == ("Masterclass · Verhoeven Plaatwerk B.V.", "3 december 2026 – 10 december 2026")
    assert english["about"] == ("Masterclass · Verhoeven Plaatwerk B.V.", "3 December 2026 – 10 December 2026")
    assert (dutch["hours"], english["hours"]) == ("7,5 uur", "7.5 hours")
    assert (dutch["heading"], english["heading"]) == ("Certificaat", "Certificate")
    one_day = words_on(replace(EARNED, last_on=EARNED.first_on, hours=1.0, host=None), Language.ENGLISH)
    assert (one_day["about"], one_day["hours"]) == (("Masterclass", "3 December 2026"), "1 hour")


@pytest.mark.parametrize("title", [EARNED.title, "Lasersnijden " * 15, "Lasersnijden" * 15])
def test_the_certificate_is_one_page_whatever_is_on_it(title: str) -> None:
    said = {"paper": json.dumps(words_on(replace(EARNED, title=title, name="Rob " * 40), Language.DUTCH))}
    pages = typst.compile(PAPERS / TEMPLATE, root=PAPERS, format="svg", sys_inputs=said, ignore_system_fonts=True)
    assert isinstance(pages, bytes), "several pages come as a list"
