"""Cases 5.12 to 5.14: cover falls through, holidays of several schools, a mailbox that several people read."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Approval, Standing
from models.tables.asking import InvitationState, Link, Submission
from models.tables.network import Contact, ContactKind, Person
from models.text import Language
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services import collect, start
from sandwich.services.asking import asked_form
from sandwich.services.detail import activity_detail
from sandwich.services.links import open_link
from sandwich.services.preview import preview
from tests.life.acting import report
from tests.mail.telling import Telling
from tests.support.cast import Cast
from tests.support.driver import A1, Play, local, told
from tests.support.schools import school_in_the_north
from tests.support.worded import in_one_line, worded

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


# 5.12 cover falls through


@pytest.mark.chapter("ready")
async def test_case_5_12_a_leader_takes_release_back_and_host_and_group_follow(play: Play, cast: Cast) -> None:
    await play.answer_all(("T4", "T6", "T7", "T8", "T10"), "registration", attend="no")
    before = len(play.sent("fewer"))
    assert (await play.facts()).minimum_group
    assert (await play.participation("T3")).approval is Approval.APPROVED
    await play.answer(
        "L2", "approval", decision__T3__decision="declined", decision__T5__decision="approved", why_no="Geen vervanging"
    )
    seat = await play.participation("T3")
    assert (seat.standing, seat.approval) == (Standing.WITHDRAWN, Approval.REFUSED)
    assert {"release-refused", "below-minimum"} <= set(await play.open_calls())
    [(_, to)] = play.sent("fewer")[before:]
    assert to == "P3"
    mail = await worded(play, "fewer", "P3")
    assert "vervanging" not in mail.text
    assert cast.name("T3") not in mail.text
    assert "left" in [mail for _, mail in play.to_person("T3")], "who had the appointment hears it"
    assert (await play.participation("T5")).standing is Standing.REGISTERED


# 5.13 holidays


async def draft_for(teachers: list[str], *days: str, **changes: object) -> ActivityDraft:
    """Return A1 for these teachers on these days."""
    dates = [{"start": f"{day} 13:30", "end": f"{day} 16:30"} for day in days]
    return ActivityDraft.model_validate(
        {**A1, "teachers": teachers, "trip_leader": teachers[0], "dates": dates, **changes}
    )


async def test_case_5_13_schools_of_several_regions_have_all_their_holidays_together(
    runtime: Runtime, cast: Cast
) -> None:
    """North has its autumn holiday in the week before that of middle: a step in either moves back out of both."""
    cast = await school_in_the_north(runtime)
    play = await Play.begin(
        runtime,
        cast,
        teachers=["T2", "N1"],
        dates=[{"start": "2026-11-26 13:30", "end": "2026-11-26 16:30"}],
    )
    calendar = (await play.loaded()).calendars.schools
    assert {date(2026, 10, 12), date(2026, 10, 19)} <= set(calendar.holidays)
    request = await play.step("request")  # six weeks before is 15 October
    assert told(request.due_at or local("2026-01-01")) == "Fri 09 Oct 10:00"
    alone = await Play.begin(
        runtime,
        cast,
        title="Zonder het noorden",
        company="B1",
        hosts=["P1"],
        teachers=["T2"],
        dates=[{"start": "2026-11-26 13:30", "end": "2026-11-26 16:30"}],
    )
    assert told((await alone.step("request")).due_at or local("2026-01-01")) == "Thu 15 Oct 10:00"


async def test_case_5_13_no_deadline_and_no_reminder_falls_in_ones_own_holiday(runtime: Runtime, cast: Cast) -> None:
    cast = await school_in_the_north(runtime)
    play = await Play.begin(
        runtime,
        cast,
        teachers=["T2", "N1"],
        dates=[{"start": "2026-11-12 13:30", "end": "2026-11-12 16:30"}],
    )
    await play.to("2026-10-01 12:00")
    await play.answer("P3", "date-poll", dates__date_1__answer="suits")
    await play.to("2026-11-11 12:00")
    loaded = await play.loaded()
    looked_at = 0
    for item in await play.invitations():
        participation = loaded.participation(item.participation_id)
        own = loaded.calendar_of(participation)
        if item.deadline_at is not None and item.asked_at < loaded.starts_at:
            looked_at += 1
            assert own.day_of(item.deadline_at) not in own.holidays, (item.form, item.deadline_at)
    assert looked_at > 5
    for left in play.mails:
        if left.mail == "reminder" and left.to in {"N1", "T2"}:
            own = loaded.calendar_of(await play.participation(left.to))
            day = date(2026, {"Oct": 10, "Nov": 11, "Sep": 9}[left.at[7:10]], int(left.at[4:6]))
            assert day not in own.holidays, left


async def test_case_5_13_many_holidays_beforehand_are_told_with_a_better_day(runtime: Runtime, cast: Cast) -> None:
    teachers = [cast.id("T2"), cast.id("T3")]
    warned = await preview(runtime, await draft_for(teachers, "2027-01-21"), await runtime.clock.now())
    assert warned.holiday is not None
    assert "In de 6 weken hiervoor vallen 16 vakantiedagen" in warned.holiday.to(Language.DUTCH)
    # Of sixteen days of Christmas at most ten may lie in the six weeks before: from 28 December on that is so.
    assert "Beter is donderdag 11 februari 2027." in warned.holiday.to(Language.DUTCH)
    fine = await preview(runtime, await draft_for(teachers, "2026-11-26"), await runtime.clock.now())
    assert fine.holiday is None, "nine days of autumn holiday leave time enough"
    better = await preview(runtime, await draft_for(teachers, "2027-02-11"), await runtime.clock.now())
    assert better.holiday is None
    cast = await school_in_the_north(runtime)
    both = await draft_for([cast.id("T2"), cast.id("N1")], "2026-12-10", title="Samen")
    union = await preview(runtime, both, await runtime.clock.now())
    assert union.holiday is None
    spread = await draft_for([cast.id("T2"), cast.id("N1")], "2026-11-19", title="Samen")
    union = await preview(runtime, spread, await runtime.clock.now())
    assert union.holiday is not None, "the holidays of both schools count"
    assert "vallen 16 vakantiedagen" in union.holiday.to(Language.DUTCH)


# item 9: short notice


async def test_case_5_13_a_short_lead_tells_what_is_left_out_together_and_hurried(runtime: Runtime, cast: Cast) -> None:
    await runtime.clock.set(local("2026-11-02 10:00"))
    teachers = [cast.id("T2"), cast.id("T3"), cast.id("T4")]
    short = await draft_for(teachers, "2026-11-11", kind="masterclass", purpose="knowledge", company="B1", hosts=["P1"])
    seen = await preview(runtime, short, await runtime.clock.now())
    said = [text.to(Language.DUTCH) for text in seen.catch_up]
    left_out = [line.title.nl for line in seen.lines if line.is_left_out]
    assert left_out, "a masterclass has a step that can be done without"
    assert [text for text in said if left_out[0] in text and "vervalt" in text]
    assert any("gaan meteen, samen in zo weinig mogelijk mails" in text for text in said)
    assert any("vragen gaan in één mail naar: docent" in text for text in said)
    assert any("na één werkdag een herinnering" in text for text in said)
    assert seen.unready == (), "seven working days are left"

    fine = await preview(runtime, await draft_for(teachers, "2027-01-14"), await runtime.clock.now())
    assert fine.catch_up == ()


async def test_case_5_13_below_five_working_days_the_coordinator_confirms(runtime: Runtime, cast: Cast) -> None:
    await runtime.clock.set(local("2026-11-02 10:00"))
    now, who = await runtime.clock.now(), cast.id("C1")
    near = await draft_for([cast.id("T2"), cast.id("T3"), cast.id("T4")], "2026-11-06")
    with pytest.raises(start.ShortNotice) as caught:
        await start.start(runtime, near, now=now, actor=who, short_notice=False)
    assert "minder dan vijf werkdagen" in caught.value.to(Language.DUTCH)
    assert "de taakverdeling" in caught.value.to(Language.DUTCH)
    activity_id = await start.start(runtime, near, now=now, actor=who, short_notice=True)
    assert activity_id
    later = await draft_for([cast.id("T2")], "2026-11-09", title="Een week later")
    assert await start.start(runtime, later, now=now, actor=who, short_notice=False)


async def test_case_5_13_what_is_overdue_goes_in_one_mail_with_tight_reminders(runtime: Runtime, cast: Cast) -> None:
    await runtime.clock.set(local("2026-11-02 10:00"))
    play = await Play.begin(
        runtime, cast, teachers=["T2", "T3", "T4"], dates=[{"start": "2026-11-11 13:30", "end": "2026-11-11 16:30"}]
    )
    await play.turn()
    await play.answer("P3", "date-poll", dates__date_1__answer="suits")
    asked = [left for left in play.mails if left.to == "T3" and left.forms]
    assert {left.at for left in asked} == {"Mon 02 Nov 10:00"}
    assert {form for left in asked for form in left.forms} == {"registration", "goals"}
    assert {item.profile for item in await play.invitations("T3")} == {"tight"}


# 5.14 a mailbox that several people read


async def shared(telling: Telling, *codes: str) -> None:
    """Let these people have one mailbox together."""
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test") as session:
        for code in codes:
            contact = await session.get_one(Contact, telling.cast.contacts[code, ContactKind.MAIL].id)
            contact.address = contact.lookup = "info@korteweg.example"
            contact.is_shared = True


async def test_case_5_14_mail_says_for_whom_it_is_and_never_carries_two_peoples_links(telling: Telling) -> None:
    await shared(telling, "T2", "T3")
    await telling.date_agreed()
    await telling.go("2026-10-01T12:00")
    got = [mail for mail in telling.box.mails if mail.recipients == ("info@korteweg.example",)]
    assert len(got) >= 2
    opened: dict[str, set[str]] = {}
    now = await telling.runtime.clock.now()
    for mail in got:
        text = mail.body("plain")
        [whom] = [code for code in ("T2", "T3") if f"Voor {telling.cast.name(code)}" in text.splitlines()[0]]
        for found in set(re.findall(r"/f/([\w-]+)", text)):
            link = await open_link(telling.runtime, found, now)
            opened.setdefault(link.person_id, set()).add(whom)
    assert opened == {telling.cast.id("T2"): {"T2"}, telling.cast.id("T3"): {"T3"}}


@pytest.mark.chapter("asked")
async def test_case_5_14_somebody_else_answers_and_closes_nobody_elses_question(play: Play, runtime: Runtime) -> None:
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        for code in ("T3", "T4"):
            (await session.get_one(Contact, play.cast.contacts[code, ContactKind.MAIL].id)).is_shared = True
    asked = await play.invitation("T3", "goals")
    assert (await asked_form(runtime, asked.id, await play.now())).frame.shares_mailbox
    fields = await play.fields(asked.id)
    outcome = await collect.submit(
        runtime, asked.id, fields, now=await play.now(), key="page", answered_by="Ria van Dam"
    )
    assert outcome.accepted
    async with runtime.store.read() as session:
        [row] = await session.scalars(select(Submission).where(Submission.invitation_id == asked.id))
        links = list(await session.scalars(select(Link).where(Link.revoked_at.is_not(None))))
    assert (row.answered_by, row.person_id) == ("Ria van Dam", play.cast.id("T3"))
    assert (await play.invitation("T4", "goals")).state is not InvitationState.ANSWERED
    assert links == [], "the other link goes on working"


@pytest.mark.chapter("asked")
async def test_case_5_14_the_coordinator_is_told_that_colleagues_may_read_along(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        (await session.get_one(Contact, cast.contacts["P3", ContactKind.MAIL].id)).is_shared = True
        assert (await session.get_one(Person, cast.id("P3"))).group_name is None
    async with runtime.store.read() as session:
        detail = await activity_detail(session, runtime.settings, cast.region.id, play.activity_id, await play.now())
    warned = {one.name for one in detail.people if one.is_mailbox_shared}
    assert warned == {cast.name("P3")}
    assert "Voor Koen Korteweg" in in_one_line((await worded(play, "task-division", "P3")).text)


@pytest.mark.chapter("asked")
async def test_case_5_12_a_no_before_anybody_was_told_tells_the_host_nothing(play: Play) -> None:
    await play.answer("T3", "registration", attend="yes")
    await report(play, "T3", what="cannot")
    assert play.sent("fewer") == []
    with pytest.raises(BadInput):
        await play.answer("T3", "goals")
