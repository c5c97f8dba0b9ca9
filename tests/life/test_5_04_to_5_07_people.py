"""Cases 5.4 to 5.7: somebody drops out, is replaced, does not answer, has no time for mail."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import typst
from sqlalchemy import select

from models.form import Form
from models.roles import Demand
from models.tables.activities import Approval, Standing
from models.tables.asking import FELL_AWAY, InvitationState, Submission, Via
from models.tables.mail import MessageState
from models.tables.network import Channel, Company, Person
from models.text import Language
from sandwich.definitions.library import Library
from sandwich.paper import PAPERS, print_paper
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.form_paper import blocks_of
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.call_lines import CallLine
from sandwich.services.form_papers import TEMPLATE, paper_of_form
from sandwich.services.links import LinkRevoked, open_link
from sandwich.services.overview import one
from tests.life.acting import lines, messages, report, token
from tests.mail.telling import Telling
from tests.support.cast import Cast
from tests.support.driver import Play, told
from tests.support.living import Living
from tests.support.worded import in_one_line, worded

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def registered(play: Play, *codes: str) -> None:
    """Let these teachers say yes, and the others no."""
    await play.answer_all(codes, "registration", attend="yes")


# 5.4 a participant drops out


@pytest.mark.chapter("asked")
async def test_case_5_04_who_drops_out_is_asked_nothing_and_the_group_is_counted_again(play: Play) -> None:
    await registered(play, "T2", "T3", "T5")
    await play.answer("T3", "goals", goal_1="Wat is BIM?")
    await play.to("2026-10-16 12:00")
    assert "below-minimum" not in await play.open_calls(), "three weeks before there were three"
    await report(play, "T3", what="cannot", why="timetable")
    seat = await play.participation("T3")
    assert seat.standing is Standing.WITHDRAWN
    states = {item.form: item.state for item in await play.invitations("T3")}
    assert states["goals"] is InvitationState.ANSWERED, "what was answered stays"
    assert {state for form, state in states.items() if form not in {"goals", "registration"}} <= set(FELL_AWAY)
    assert {"change-cannot", "below-minimum"} <= set(await play.open_calls())
    await registered(play, "T6")
    assert "below-minimum" not in await play.open_calls(), "enough again: nothing is left to do"
    await report(play, "T6", what="cannot")
    assert "below-minimum" in await play.open_calls()
    before = len(play.to_person("T3"))
    await play.to("2026-11-04 12:00")
    assert len(play.to_person("T3")) == before


@pytest.mark.chapter("asked")
async def test_case_5_04_what_the_coordinator_dealt_with_is_not_told_again(play: Play, runtime: Runtime) -> None:
    await registered(play, "T2", "T3")
    await play.to("2026-10-16 12:00")
    [call] = [call for call in await play.calls() if call.what == "below-minimum"]
    await steer.finish_call(runtime, call.id, "We gaan met twee", now=await play.now(), actor=play.coordinator)
    await report(play, "T3", what="cannot")
    assert "change-cannot" in await play.open_calls()
    assert "below-minimum" not in await play.open_calls()


@pytest.mark.chapter("ready")
async def test_case_5_04_a_host_who_knows_who_comes_hears_how_many_are_left_and_never_why(
    play: Play, cast: Cast
) -> None:
    await registered(play, "T5")
    await report(play, "T3", what="cannot", why="absent", remark="Ik ben ziek")
    [(_, to)] = play.sent("fewer")
    assert to == "P3"
    mail = await worded(play, "fewer", "P3")
    assert "Er komen nu 7 docenten." in in_one_line(mail.text)
    for word in ("ziek", "afwezig", cast.name("T3")):
        assert word not in mail.text
    for left in play.mails:
        if left.to in {"P3", "T2", "L1"} and left.mail in {"fewer", "practical-info", "day-reminder"}:
            assert "ziek" not in (await worded(play, left.mail, left.to)).text


async def test_case_5_04_of_one_to_one_the_coordinator_looks_for_somebody_else_or_stops(
    runtime: Runtime, cast: Cast
) -> None:
    play = await Play.begin(runtime, cast, **INTERNSHIP)
    await Living(play, {"internship-plan": {"variant": "exploratory"}}).to("2026-12-17 12:00")
    await report(play, "T3", what="stop", why="workload")
    line = (await lines(play))["change-stop"]
    assert (line.person, line.phone) == (cast.name("T3"), cast.phone("T3"))
    seat = await play.participation("T3")
    await steer.replace(runtime, seat.id, "T9", now=await play.now(), actor=play.coordinator)
    assert "change-stop" not in await play.open_calls()
    assert (await play.participation("T9")).standing is Standing.INVITED


INTERNSHIP = {
    "kind": "teacher-internship",
    "variant": "exploratory",
    "title": "Meelopen bij Verhoeven",
    "purpose": "knowledge",
    "company": "B1",
    "hosts": ["P1"],
    "deputy": None,
    "teachers": ["T3"],
    "trip_leader": None,
    "others": {"mentor": ["P3"], "reviewer": ["T7"]},
    "place": "Walsweg 4",
    "dates": [{"start": "2027-02-01 08:30", "end": "2027-02-01 16:30"}],
}


# 5.5 a participant is replaced


@pytest.mark.chapter("asked")
async def test_case_5_05_a_successor_catches_up_and_the_old_links_die(play: Play, runtime: Runtime) -> None:
    await registered(play, "T2", "T4")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("T4", "goals", goal_1="Oud doel")
    assert (await play.participation("T4")).approval is Approval.APPROVED
    old = await token(play, "T4")
    await steer.replace(
        runtime, (await play.participation("T4")).id, "T9", now=await play.now(), actor=play.coordinator
    )
    await play.turn()
    with pytest.raises(LinkRevoked):
        await open_link(runtime, old, await play.now())
    assert (await open_link(runtime, await token(play, "T9"), await play.now())).person_id == play.cast.id("T9")
    assert {at for at, _ in play.to_person("T9")} == {"Thu 08 Oct 10:00"}, "everything in one moment, so in one mail"
    assert {item.form for item in await play.invitations("T9")} == {"registration", "goals"}
    assert (await play.participation("T9")).approval is Approval.OPEN, "release is asked anew"
    assert (await play.facts()).group_goal is False, "the old goal does not count"
    async with runtime.store.read() as session:
        kept = await session.scalars(select(Submission).where(Submission.person_id == play.cast.id("T4")))
        assert {row.form for row in kept} == {"registration", "goals"}
    assert await messages(play, "goals", "T4")


# 5.6 no answer after two reminders


@pytest.mark.chapter("asked")
async def test_case_5_06_after_two_reminders_a_person_phones_and_never_a_third_mail(play: Play) -> None:
    await registered(play, "T2", "T3")
    await play.to("2026-11-04 12:00")
    asked = [left for left in play.mails if left.to == "T3" and "goals" in left.forms]
    assert [left.mail for left in asked] == ["goals", "reminder", "reminder"]
    call = next(line for line in (await all_lines(play)) if line.what == "no-answer" and line.person == "Erik Laan")
    assert call.phone == play.cast.phone("T3")
    await play.answer("T3", "goals", via=Via.PHONE, entered_by=play.coordinator)
    async with play.runtime.store.read() as session:
        [row] = await session.scalars(
            select(Submission).where(Submission.person_id == play.cast.id("T3"), Submission.form == "goals")
        )
    assert (row.via, row.entered_by_id) == (Via.PHONE, play.coordinator)
    assert told(row.submitted_at) == "Wed 04 Nov 12:00"
    assert (await play.invitation("T3", "goals")).state is InvitationState.PHONED


async def all_lines(play: Play) -> list[CallLine]:
    """Return every open call, several of one kind too."""
    async with play.runtime.store.read() as session:
        return list((await one(session, play.runtime.settings, play.activity_id, await play.now())).calls)


@pytest.mark.chapter("ready")
async def test_case_5_06_who_has_no_goal_goes_along_and_the_sandwich_is_not_complete(
    play: Play, runtime: Runtime
) -> None:
    asked = await play.invitation("T3", "goals")
    await steer.waive(runtime, asked.id, "Geen tijd voor gehad", now=await play.now(), actor=play.coordinator)
    await play.turn()
    facts = await play.facts()
    assert (facts.gate_before, facts.every_goal) == (True, False)
    assert four_dots(facts)[Demand.GOALS] is not DotState.DONE
    assert (await play.participation("T3")).standing is Standing.REGISTERED
    waived = await play.invitation("T3", "goals")
    assert (waived.state, waived.waive_reason, waived.waived_by_id) == (
        InvitationState.WAIVED,
        "Geen tijd voor gehad",
        play.coordinator,
    )


# 5.7 a host without time for mail


@pytest.mark.parametrize(
    ("channel", "what", "reason"), [("phone", "by-phone", "phones"), ("app", "by-app", "messages")]
)
async def test_case_5_07_who_wants_no_mail_gets_none_and_every_question_becomes_a_call(
    telling: Telling, channel: str, what: str, reason: str
) -> None:
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test") as session:
        (await session.get_one(Person, telling.cast.id("P3"))).channel = Channel(channel)
    await telling.happen()
    assert telling.to("P3") == []
    [row] = await telling.messages("request")
    assert (row.state, row.reason) == (MessageState.SKIPPED, reason)
    [call] = await telling.calls()
    assert (call.what, call.person_id) == (what, telling.cast.id("P3"))
    play = Play(telling.runtime, cast=telling.cast, activity_id=telling.activity_id)
    line = (await lines(play))[what]
    asked = await play.invitation("P3", "date-poll")
    assert (line.phone, line.invitation_id) == (telling.cast.phone("P3"), asked.id)
    dates = {"dates__date_1__answer": "suits", "dates__date_2__answer": "impossible"}
    await play.answer("P3", "date-poll", via=Via.PHONE, entered_by=telling.cast.id("C1"), turn=False, **dates)
    assert (await play.facts()).date_fixed
    assert await play.open_calls() == []


@pytest.mark.chapter("turn")
async def test_case_5_07_the_request_says_everything_so_that_a_reply_is_enough(play: Play) -> None:
    text = in_one_line((await worded(play, "request", "P3")).text)
    for said in ("donderdag 5 november", "donderdag 12 november", "12", "3 uur", "beantwoord"):
        assert said.casefold() in text.casefold(), said


@pytest.mark.chapter("asked")
async def test_case_5_07_a_form_is_printed_with_what_is_known(play: Play, runtime: Runtime) -> None:
    asked = await play.invitation("P3", "task-division")
    paper = await paper_of_form(runtime, asked.id, now=await play.now())
    assert (paper.name, paper.content[:5]) == ("task-division.pdf", b"%PDF-")
    assert pages(paper.content) <= 2


async def test_case_5_07_every_form_fits_on_one_page_or_on_both_sides_of_a_sheet(library: Library) -> None:
    """Each in every variant, in both languages, to be read without a glass."""
    several = set()
    for form in library.forms.values():
        for variant in (None, *form.variants):
            cut = library.resolved(form, variant)
            for language in Language:
                said = on_paper(cut, {}, language)
                sheet = pages((await print_paper(TEMPLATE, "form.pdf", said)).content)
                assert sheet <= 2, (form.key, variant, language)
                assert letters(said) >= LEAST, (form.key, variant, language)
                if sheet > 1:
                    several.add((form.key, variant))
    assert several == {("task-division", None), ("task-division", "hands-on")}


async def test_case_5_07_twelve_tasks_in_long_words_can_still_be_read(library: Library) -> None:
    long = "Lasersnijmachineveiligheidsinstructieverantwoordelijke"
    rows = [
        {
            "row": f"new-{number}",
            "label": f"{long} {number}",
            "who": "together",
            "name": f"{long.lower()}@bedrijf.example",
        }
        for number in range(12)
    ]
    said = on_paper(library.resolved("task-division", "hands-on"), {"tasks": rows}, Language.DUTCH)
    assert letters(said) >= LEAST
    assert pages((await print_paper(TEMPLATE, "form.pdf", said)).content) <= 3


LEAST = 9.0
"""Points that letters have at least."""


def on_paper(form: Form, known: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return what a form says on paper."""
    formal = form.audience == "host"
    return {
        "activity": "Prefab bouwen bij Korteweg · Bouwbedrijf Korteweg",
        "whom": "Voor Koen Korteweg",
        "lead": "x",
        "lang": language.value,
        "heading": form.title.to(language, formal=formal),
        "applies": "als dat zo is",
        "blocks": blocks_of(form, {}, known, language, formal=formal),
    }


def letters(said: dict[str, Any]) -> float:
    """Return the size of the letters on a paper, in points."""
    inputs = {"paper": json.dumps(said)}
    found = typst.query(
        PAPERS / TEMPLATE, "<letters>", field="value", root=PAPERS, sys_inputs=inputs, ignore_system_fonts=True
    )
    return float(json.loads(found)[0])


def pages(content: bytes) -> int:
    """Return how many pages a PDF has."""
    return content.count(b"/Type /Page\n") + content.count(b"/Type/Page/") + content.count(b"/Type /Page ")


@pytest.mark.chapter("turn")
async def test_case_5_07_a_company_says_how_it_wants_to_be_reached(play: Play, runtime: Runtime) -> None:
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        company = await session.get_one(Company, play.cast.id("B3"))
        company.tags = []
    fresh = await Play.begin(runtime, play.cast, title="Nog een bezoek", dates=LATER)
    await fresh.to("2026-10-16 12:00")
    row = {"name": "Nel de Wit", "channel": "app", "phone": "06-00000099"}
    await fresh.answer("P3", "company-profile", **{f"contacts__new_1__{name}": said for name, said in row.items()})
    async with runtime.store.read() as session:
        nel = (await session.scalars(select(Person).where(Person.given_name == "Nel"))).one()
    assert nel.channel is Channel.APP


LATER = [{"start": "2026-11-26 13:30", "end": "2026-11-26 16:30"}]
