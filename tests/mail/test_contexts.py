"""What the mails of a visit say of what was answered."""

import re

import pytest

from models.roles import Role
from sandwich.mail.ics import Method
from sandwich.mail.mails import MAILS
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.appointments import BRINGS, TAKES
from sandwich.services.meetings import meetings_of
from sandwich.services.overview import one
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, local, told
from tests.support.worded import in_one_line, worded

TELLER = "T2"
"""A teacher of the school that L1 leads."""

pytestmark = pytest.mark.asyncio


@pytest.mark.chapter("ready")
async def test_practical_information_says_when_to_come_and_go_how_and_who_arranges_transport(play: Play) -> None:
    await play.answer(
        "P3", "practical-information", arrive="2026-11-05T13:15", end="2026-11-05T17:00", parking="Achter de loods"
    )
    mail = await worded(play, "practical-info", "T3")
    text = in_one_line(mail.text)
    assert "donderdag 5 november 2026, 13:15–17:00 uur" in text
    assert "Achter de loods" in text
    assert "geregeld door: school" in text
    assert "13:15–17:00 uur" in mail.html
    contacts = mail.html.partition("Op de dag zelf")[2].partition("</tr>")[0]
    assert re.findall(r'href="(tel:\d+)"[^>]*>([^<]*)</a>', contacts) == [
        ("tel:0600000018", "06-00000018"),
        ("tel:0600000007", "06-00000007"),
    ]
    assert (
        in_one_line(re.sub("<[^>]*>", "", contacts)) == "Koen Korteweg 06-00000018; Nadia Bensalem 06-00000007 (school)"
    )
    where = (await play.loaded()).activity.place
    assert where is not None
    assert (text.count(where), mail.html.count(where)) == (1, 1)
    await play.answer("P3", "practical-information", parking=None)
    assert "reis naar het adres hierboven" in in_one_line((await worded(play, "practical-info", "T3")).text)


@pytest.mark.chapter("asked")
async def test_the_first_three_questions_are_marked_in_both_parts(play: Play) -> None:
    await play.answer("T2", "goals", questions_host="Een?\nTwee?\nDrie?\nVier?")
    await play.sleep_to("2026-10-22 10:00")
    mail = await worded(play, "goals-to-host", "P3")
    assert "- Vraag 1: Een?" in mail.text
    assert "- Vraag 3: Drie?" in mail.text
    assert "- Vier?" in mail.text
    assert "Drie?</strong>" in mail.html
    assert "Vier?</strong>" not in mail.html


@pytest.mark.chapter("asked")
async def test_a_call_says_when_it_is_too_late(play: Play, runtime: Runtime) -> None:
    await play.answer("T2", "goals")
    await play.answer_all(TEACHERS, "registration", attend="yes")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("P3", "task-division", agree="agreed")
    await play.to("2026-10-27 12:00")
    assert "no-answer" in await play.open_calls()
    async with runtime.store.read() as session:
        known = await one(session, runtime.settings, play.activity_id, await play.now())
    late = {told(line.hard_deadline_at) for line in known.calls if line.hard_deadline_at is not None}
    assert late == {"Thu 29 Oct 00:00"}
    text = in_one_line((await worded(play, "call", "C1")).text)
    assert "Uiterlijk vóór donderdag 29 oktober, anders is het te laat." in text


@pytest.mark.chapter("afterwards")
async def test_the_host_is_told_when_an_author_wants_it_to_check_something(play: Play) -> None:
    await play.answer("T2", "impressions", host_check="no")
    await play.sleep_to("2026-11-17 10:00")
    assert "met nadruk" not in (await worded(play, "host-preview", "P3")).text
    await play.answer("T3", "impressions", host_check="yes")
    assert "vraagt u met nadruk" in in_one_line((await worded(play, "host-preview", "P3")).text)


@pytest.mark.chapter("held")
async def test_guides_are_thanked_too_and_only_the_contact_hears_of_a_question(play: Play, runtime: Runtime) -> None:
    await steer.add_person(runtime, play.activity_id, "P1", Role.PROFESSIONAL, now=await play.now(), actor="C1")
    await play.sleep_to("2026-11-06 08:00")
    assert {to for _, to in play.sent("thank-you")} == {"P3", "P1"}
    contact, guide = [in_one_line((await worded(play, "thank-you", code)).text) for code in ("P3", "P1")]
    assert "vragen wij u ook kort" in contact
    assert "vragen wij u ook kort" not in guide
    assert "Dank u wel" in guide


@pytest.mark.chapter("ready")
async def test_the_day_before_tells_where_the_note_is(play: Play) -> None:
    await play.sleep_to("2026-11-04 09:00")
    assert "staat die notitie al op je pagina" in in_one_line((await worded(play, "day-reminder", "T3")).text)
    assert "notitie" not in (await worded(play, "day-reminder", "P3")).text


@pytest.mark.chapter("afterwards")
async def test_the_school_leader_reads_who_tells_it_in_which_meeting(play: Play, runtime: Runtime, cast: Cast) -> None:
    await play.answer("L1", "approval", team_slot="yes", team_slot_date="2026-11-30")
    await play.answer(TELLER, "impressions", meeting="on-date", meeting_date="2026-11-24")
    await play.sleep_to("2026-11-20 10:00")
    text = in_one_line((await worded(play, "feedback-school-leader", "L1")).text)
    assert "tien minuten op maandag 30 november" in text
    assert f"{cast.name(TELLER)} wil het vertellen op dinsdag 24 november" in text
    assert "Tip: geef het" not in text
    other = in_one_line((await worded(play, "feedback-school-leader", "L3")).text)
    assert "Tip: geef het" in other, "it is told to the own school alone"
    async with runtime.store.read() as session:
        found = await meetings_of(session, play.activity_id)
    assert [(one.who, one.on and one.on.day, one.is_slot) for one in found] == [
        (cast.name(TELLER), 24, False),
        (cast.name("L1"), 30, True),
    ]


async def test_a_move_updates_only_an_appointment_that_was_sent(runtime: Runtime, cast: Cast) -> None:
    for names, method in ((BRINGS, Method.REQUEST), (TAKES, Method.CANCEL)):
        assert set(names) == {name for name, mail in MAILS.items() if mail.calendar is method}
    play = await (await Play.begin(runtime, cast)).asked()
    for day, says in (("2026-11-12", "zit bij deze mail"), ("2026-11-19", "wordt met deze mail bijgewerkt")):
        span = [(local(f"{day} 13:30"), local(f"{day} 16:30"))]
        await steer.move(runtime, play.activity_id, span, "ziek", now=await play.now(), actor=play.coordinator)
        await play.turn()
        assert says in in_one_line((await worded(play, "moved", "T3")).text)


@pytest.mark.chapter("ready")
async def test_a_host_reads_how_many_come_and_is_thanked_for_those_who_came(play: Play) -> None:
    assert "ontvangt u acht docenten" in in_one_line((await worded(play, "practical-info", "P3")).text)
    await play.sleep_to("2026-11-05 16:30")
    await play.answer("T2", "attendance", present__T5__status="absent")
    await play.sleep_to("2026-11-06 08:00")
    assert "heeft u zeven docenten laten zien" in in_one_line((await worded(play, "thank-you", "P3")).text)
