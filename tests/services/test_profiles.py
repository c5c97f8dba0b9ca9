"""The yearly mail of September: does what a company told about itself still hold? (field rule 48)."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import Invitation
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.mail import CallState, Message
from models.tables.network import Company, Contact, Person
from sandwich.runtime import Runtime
from sandwich.services.asking import asked_form
from sandwich.services.companies import PROFILE_MAIL
from sandwich.services.cool_down import cooling
from sandwich.services.links import LinkExpired, open_link
from sandwich.services.profiles import ask_profiles
from tests.support.cast import Cast
from tests.support.driver import Play, local
from tests.support.living import Living
from tests.support.worded import worded

pytestmark = [pytest.mark.asyncio, pytest.mark.both]
LAST_DAY = "2027-09-30 10:00"
"""By then every company's day has come."""


async def visited(runtime: Runtime, cast: Cast, *, told: str = "2026-09-24 12:00", **company: Any) -> Play:
    """Let a visit be over at a company that told about itself then; ``company`` is what else is so of it."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).tags = []
    play = await Play.begin(runtime, cast, words=True, teachers=["T2"])
    await play.turn()
    await play.runtime.clock.set(local(told))
    await play.answer("P3", "company-profile", update_ok="yes")
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        activity = await session.get_one(Activity, play.activity_id)
        activity.status, activity.finished_at, activity.wake_at = (
            ActivityStatus.FINISHED,
            local("2027-02-01 12:00"),
            None,
        )
        for invitation in await session.scalars(select(Invitation).where(Invitation.next_at.is_not(None))):
            invitation.next_at = None
        found = await session.get_one(Company, cast.id("B3"))
        for name, value in company.items():
            setattr(found, name, value)
    return play


async def at(runtime: Runtime, moment: str) -> int:
    """Return how many companies are asked at a moment."""
    await runtime.clock.set(local(moment))
    return await ask_profiles(runtime)


async def test_a_company_is_asked_once_in_september_in_the_name_of_who_keeps_the_contact(
    runtime: Runtime, cast: Cast
) -> None:
    play = await visited(runtime, cast, owner_id=cast.id("C2"))
    assert await at(runtime, "2027-08-31 10:00") == 0
    assert await at(runtime, "2027-09-30 09:59") == 0
    assert await at(runtime, LAST_DAY) == 1
    assert await ask_profiles(runtime) == 0
    await play.turn()
    assert play.sent(PROFILE_MAIL) == [("Thu 30 Sep 10:00", "P3")]
    [text] = [text for mail, to, text in play.letters if mail == PROFILE_MAIL]
    assert text.startswith("Bouwbedrijf Korteweg: klopt dit nog over Bouwbedrijf Korteweg? (4 minuten)")
    assert cast.name("C2") in text
    assert cast.name("C1") not in text
    assert "Prefab" not in text, "it stands by itself"


async def test_the_answer_is_the_profile_and_the_next_year_asks_again(runtime: Runtime, cast: Cast) -> None:
    play = await visited(runtime, cast)
    await at(runtime, LAST_DAY)
    await play.turn()
    asked = await play.invitation("P3", "company-profile", 2)
    form = await asked_form(runtime, asked.id, await play.now())
    assert form.prefilled["name"]
    assert "update_ok" not in form.prefilled, "whether it may be asked is asked anew"
    await play.answer("P3", "company-profile", occurrence=2, update_ok="yes", limits="Niet in december")
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B3"))
        assert (await session.get_one(Activity, play.activity_id)).status is ActivityStatus.FINISHED
    assert (company.profile or {})["limits"] == "Niet in december"
    assert company.profile_at is not None
    assert company.profile_at >= local(LAST_DAY)
    assert await at(runtime, "2027-09-30 16:00") == 0
    assert await at(runtime, "2028-09-28 10:00") == 0, "that is less than a year ago"
    assert await at(runtime, "2029-09-27 10:00") == 1


async def test_who_keeps_silent_is_reminded_and_then_phoned(runtime: Runtime, cast: Cast) -> None:
    play = await visited(runtime, cast)
    await at(runtime, LAST_DAY)
    await play.to("2027-10-31 12:00")
    to_host = [left.mail for left in play.mails if left.to == "P3" and left.forms == ("company-profile",)]
    assert to_host[-3:] == [PROFILE_MAIL, "reminder", "reminder"]
    asked = await play.invitation("P3", "company-profile", 2)
    assert asked.id in {call.invitation_id for call in await play.calls(CallState.OPEN) if call.what == "no-answer"}


async def test_its_link_works_although_the_activity_was_closed_long_ago(runtime: Runtime, cast: Cast) -> None:
    play = await visited(runtime, cast)
    await at(runtime, LAST_DAY)
    await play.turn()
    token = (await worded(play, PROFILE_MAIL, "P3")).text.split("/f/")[1].split()[0]
    assert (await open_link(runtime, token, local("2027-10-20 10:00"))).person_id == cast.id("P3")
    with pytest.raises(LinkExpired):
        await open_link(runtime, token, local("2027-12-01 10:00"))


async def test_it_is_no_request(runtime: Runtime, cast: Cast) -> None:
    play = await visited(runtime, cast)
    await at(runtime, LAST_DAY)
    async with runtime.store.read() as session:
        assert await cooling(session, runtime.settings, [cast.id("B3")], await play.now()) == ()


@pytest.mark.parametrize(
    "company",
    [
        {"asks_no_more": True},
        {"ask_again_on": date(2027, 12, 1)},
        {"profile": {"update_ok": False}},
        {"profile_at": local("2026-12-01 10:00")},
        {"profile": None},
    ],
)
async def test_who_is_not_to_be_asked_is_not(runtime: Runtime, cast: Cast, company: dict[str, Any]) -> None:
    await visited(runtime, cast, **company)
    assert await at(runtime, LAST_DAY) == 0


@pytest.mark.parametrize("lacks", ["mail", "address", "job", "visit"])
async def test_without_somebody_to_mail_nobody_is(runtime: Runtime, cast: Cast, lacks: str) -> None:
    play = await visited(runtime, cast)
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        person = await session.get_one(Person, cast.id("P3"))
        person.no_mail = lacks == "mail"
        person.company_id = cast.id("B1") if lacks == "job" else person.company_id
        for contact in await session.scalars(select(Contact).where(Contact.person_id == person.id)):
            contact.is_valid = lacks != "address"
        if lacks == "visit":
            (await session.get_one(Activity, play.activity_id)).status = ActivityStatus.CANCELLED
    assert await at(runtime, LAST_DAY) == 0


async def test_two_processes_ask_once(runtime: Runtime, cast: Cast) -> None:
    await visited(runtime, cast)
    await runtime.clock.set(local(LAST_DAY))
    asked = await asyncio.gather(*(ask_profiles(runtime) for _ in range(4)))
    async with runtime.store.read() as session:
        mails = await session.scalar(select(func.count()).where(Message.mail == PROFILE_MAIL))
    assert (sum(asked), mails) == (1, 1)


async def test_a_company_is_asked_on_one_tuesday_wednesday_or_thursday(runtime: Runtime, cast: Cast) -> None:
    await visited(runtime, cast, profile_at=local("2025-10-01 10:00"))
    asked = [number for number in range(1, 31) if await at(runtime, f"2027-09-{number:02} 11:00")]
    assert len(asked) == 1
    assert date(2027, 9, asked[0]).weekday() in {1, 2, 3}


async def test_a_company_is_not_asked_while_it_is_closed(runtime: Runtime, cast: Cast) -> None:
    await visited(runtime, cast)
    days = CalendarBlock(
        kind=BlockKind.CLOSED,
        name="Verbouwing",
        first_on=date(2027, 9, 1),
        last_on=date(2027, 9, 30),
        company_id=cast.id("B3"),
    )
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        session.add(days)
    assert await at(runtime, LAST_DAY) == 0
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(CalendarBlock, days.id)).last_on = date(2027, 9, 29)
    assert await at(runtime, LAST_DAY) == 1


@pytest.mark.story
async def test_after_a_whole_visit_the_company_is_asked_the_next_year(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).tags = []
    play = await Play.begin(runtime, cast, words=True)
    await Living(play).to("2027-03-01 12:00")
    assert (await play.activity()).status is ActivityStatus.FINISHED
    assert await at(runtime, LAST_DAY) == 1
    await play.turn()
    assert play.to_person("P3")[-1] == ("Thu 30 Sep 10:00", PROFILE_MAIL)
