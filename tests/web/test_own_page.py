"""The page behind somebody's link: the day with its numbers, a calendar file, the own goals, what is kept of them."""

import json

import httpx
import pytest
from fastapi import FastAPI
from icalendar import Calendar
from sqlalchemy import select

from models.tables.mail import Message, MessageState
from models.tables.network import Contact, ContactKind
from sandwich.mail.compose import own_domain
from sandwich.mail.ics import Meeting, uid_of
from sandwich.rehearsal.filling import fill_in
from sandwich.services.collect import submit
from tests.support.dumped import dump
from tests.web.conftest import browser_of
from tests.web.reading import Page, read
from tests.web.story import GOALS
from tests.web.visit import Visit, local

pytestmark = pytest.mark.asyncio

HOSTS_NUMBER = "06-00000018"


async def page_of(web: httpx.AsyncClient, visit: Visit, code: str) -> Page:
    """Return somebody's own page."""
    return read((await web.get(f"/f/{await visit.personal_token(code)}")).text)


async def test_the_day_stands_on_the_page_of_who_is_there(app: FastAPI, after_the_day: Visit) -> None:
    visit = after_the_day
    await visit.runtime.clock.set(local("2026-11-05 12:00"))
    for code, is_there in (("T3", True), ("P3", True), ("L1", False)):
        async with browser_of(app) as web:
            page = await page_of(web, visit, code)
        assert ("tel:0600000018" in page.links) is is_there, code
        assert (HOSTS_NUMBER in page.content) is is_there
        assert ("13:30 Rondleiding" in page.content) is is_there
        assert any(link.endswith("/calendar") for link in page.links) is is_there
        assert "Fabrieksweg 12, Rivierdam" in page.content


async def test_numbers_of_the_day_are_gone_when_it_is_over(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    page = await page_of(web, after_the_day, "T3")
    assert HOSTS_NUMBER not in page.content
    assert "tel:0600000001" in page.links, "the coordinator can always be phoned"
    assert not any(link.endswith("/calendar") for link in page.links)


async def test_the_calendar_file_has_the_same_entry_as_the_mail_and_changes_nothing(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    await visit.runtime.clock.set(local("2026-11-05 12:00"))
    home = (await web.get(f"/f/{await visit.personal_token('T3')}")).url.path
    before = await dump(visit.runtime.store)
    answer = await web.get(f"{home}/calendar")
    assert await dump(visit.runtime.store) == before
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"] == 'attachment; filename="agenda.ics"'
    calendar = Calendar.from_ical(answer.content)
    assert calendar["METHOD"] == "PUBLISH"
    [event] = calendar.walk("VEVENT")
    meeting = Meeting(visit.activity_id, 1, visit.cast.id("T3"), local("2026-11-05 13:30"), local("2026-11-05 16:30"))
    assert event["UID"] == uid_of(meeting.identity, own_domain(visit.runtime.settings))
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (meeting.starts_at, meeting.ends_at)
    assert event["LOCATION"] == "Fabrieksweg 12, Rivierdam"
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event


async def test_nobody_without_the_link_gets_calendar_or_data(
    app: FastAPI, web: httpx.AsyncClient, visit: Visit
) -> None:
    home = (await web.get(f"/f/{await visit.personal_token('T3')}")).url.path
    async with browser_of(app) as stranger:
        for what in ("calendar", "data", "data.json"):
            assert (await web.get(f"{home}/{what}")).status_code == 200
            assert (await stranger.get(f"{home}/{what}")).status_code == 404
    leader = (await web.get(f"/f/{await visit.personal_token('L1')}")).url.path
    assert (await web.get(f"{leader}/calendar")).status_code == 404


async def test_goals_come_back_on_the_page_and_later_with_how_far_they_were_reached(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    assert str(GOALS["goal_1"]) in (await page_of(web, visit, "T3")).content
    asked = await visit.asked("T3", "teacher-evaluation")
    assert [row.label.nl for row in asked.rows["goal_result"]] == [GOALS["goal_1"]]
    fields = fill_in(asked.form, asked.rows, asked.prefilled, {"goal_result.goal_1.result": "5"})
    now = await visit.runtime.clock.now()
    assert (await submit(visit.runtime, asked.invitation_id, fields, now=now, key="k")).accepted
    assert f"{GOALS['goal_1']} helemaal bereikt" in (await page_of(web, visit, "T3")).content
    assert str(GOALS["goal_1"]) not in (await page_of(web, visit, "P3")).content


async def test_every_way_out_opens_its_form_with_that_answer_shown_and_not_chosen(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    ways = [link for link in (await page_of(web, visit, "T3")).links if "meant=" in link]
    assert len(ways) == 5
    before = await dump(visit.runtime.store)
    for way in ways:
        page = read((await web.get(way)).text)
        field, _, value = way.partition("meant=")[2].partition("#")[0].partition(":")
        assert field in page.form.names
        assert "(koos je in de mail)" in page.content
        assert value not in page.form.fields.get(field, [])
    assert await dump(visit.runtime.store) == before


async def test_everybody_sees_what_is_kept_of_them_in_words_and_as_a_file(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    home = (await web.get(f"/f/{await visit.personal_token('T3')}")).url.path
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test") as session:
        own = select(Message).where(Message.person_id == visit.cast.id("T3")).limit(2)
        for message in await session.scalars(own):
            message.state, message.sent_at = MessageState.SENT, now
    before = await dump(visit.runtime.store)
    page = read((await web.get(f"{home}/data")).text)
    assert "2 mails gestuurd, de laatste op woensdag 11 november 2026" in page.content
    for words in ("Erik Laan", "06-00000008", "Wat wil jij leren?", str(GOALS["goal_1"]), "docent, doet mee"):
        assert words in page.content
    for others in ("Nadia", "06-00000007"):
        assert others not in page.content
    said = json.loads((await web.get(f"{home}/data.json")).content)
    assert await dump(visit.runtime.store) == before
    assert said["name"] == "Erik Laan"
    assert {one["address"] for one in said["contacts"]} == {"e.laan@hetkompas.example", "06-00000008"}
    lines = [line for answer in said["answers"] for one in answer["lines"] for line in one["lines"]]
    assert GOALS["goal_1"] in lines
    assert said["mails"] == 2
    for link in [link for link in page.links if "/privacy?meant=" in link]:
        assert (await web.get(link)).status_code == 200


async def test_a_mailbox_that_several_people_read_shows_no_addresses(web: httpx.AsyncClient, visit: Visit) -> None:
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test") as session:
        for contact in await session.scalars(select(Contact).where(Contact.person_id == visit.cast.id("P3"))):
            contact.is_shared = contact.kind is ContactKind.MAIL
    home = (await web.get(f"/f/{await visit.personal_token('P3')}")).url.path
    page = read((await web.get(f"{home}/data")).text)
    assert "Meer mensen lezen het postvak" in page.content
    assert HOSTS_NUMBER not in page.content
    assert json.loads((await web.get(f"{home}/data.json")).content)["contacts"] is None


async def test_the_page_in_english(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    visit = after_the_day
    await visit.runtime.clock.set(local("2026-11-05 12:00"))
    home = (await web.get(f"/f/{await visit.personal_token('T3')}")).url.path
    own = read((await web.get(f"{home}/data")).text)
    before = await dump(visit.runtime.store)
    for nothing in ({}, {"language": "xx"}):
        untouched = await web.post(own.form.action, data=own.form.filled(**nothing))
        assert untouched.status_code == 422
        assert "Kies een taal" in read(untouched.text).content
    assert await dump(visit.runtime.store) == before
    chosen = await web.post(own.form.action, data=own.form.filled(language="en"))
    assert "What we know about you" in read(chosen.text).content
    page = await page_of(web, visit, "T3")
    for words in ("The day itself", "Report at", "Put it into your calendar", "Your goals", "I cannot come"):
        assert words in page.content
    data = read((await web.get(next(link for link in page.links if link.endswith("/data")))).text)
    for words in ("What we know about you", "Recognisable on a photo", "takes part", "All of this as a file"):
        assert words in data.content


async def test_a_school_leader_prints_the_report_of_the_own_school_and_nobody_else_does(
    app: FastAPI, after_the_day: Visit
) -> None:
    for code, is_leader in (("L1", True), ("T3", False), ("P3", False)):
        async with browser_of(app) as web:
            home = (await web.get(f"/f/{await after_the_day.personal_token(code)}")).url.path
            page = read((await web.get(f"{home}/all")).text)
            assert any(link.endswith("/year") for link in page.links) is is_leader, code
            answer = await web.get(f"{home}/year")
            assert answer.status_code == (200 if is_leader else 404)
        if is_leader:
            assert answer.content.startswith(b"%PDF-")
            assert "jaarverslag-2026-2027-s1.pdf" in answer.headers["content-disposition"]
