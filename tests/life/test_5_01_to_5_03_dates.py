"""Cases 5.1 to 5.3: the company cancels early or late, the date moves."""

from email import message_from_bytes
from email.policy import default

import pytest
from icalendar import Calendar
from sqlalchemy import select

from models.tables.activities import ActivityStatus, Standing
from models.tables.asking import InvitationState
from models.tables.mail import Message, MessageState
from models.tables.network import Company
from models.tables.results import Hours, HoursKind
from models.text import Language
from sandwich.errors import BadInput
from sandwich.mail.case import open_case
from sandwich.mail.wording import worded as word
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.agreements import view_of
from sandwich.services.links import LinkRevoked, open_link
from sandwich.services.new_date import wishes_of
from sandwich.services.new_host import NewHost, change_host
from sandwich.services.overview import board
from tests.life.acting import afternoon, lines, messages, move, report, token
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, local
from tests.support.worded import in_one_line, worded

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def alike(runtime: Runtime, cast: Cast) -> None:
    """Let two other companies show what Korteweg shows."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        for code in ("B1", "B2"):
            (await session.get_one(Company, cast.id(code))).tags = ["prefab", "bouw"]


async def ask_verhoeven(play: Play, *days: str) -> None:
    """Let Verhoeven take the place of Korteweg."""
    await change_host(
        play.runtime,
        play.activity_id,
        NewHost("B1", ["P1"], [afternoon(day) for day in days]),
        "Korteweg kan niet",
        now=await play.now(),
        actor=play.coordinator,
    )
    await play.turn()


# 5.1 the company cancels early


@pytest.mark.chapter("asked")
async def test_case_5_01_when_a_company_cancels_early_everything_rests_and_goals_stay(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await alike(runtime, cast)
    await play.answer_all(("T2", "T3"), "registration", attend="yes")
    await play.answer("T2", "goals", goal_1="Hoe wordt een wand gemaakt?")
    await report(play, "P3", what="stop", why="company")
    line = (await lines(play))["change-stop"]
    assert {other.name for other in line.others} == {"Verhoeven Plaatwerk B.V.", "Van Rijs Installatietechniek"}
    assert line.phone == cast.phone("P3")

    now = await play.now()
    await steer.hold(runtime, play.activity_id, "Korteweg kan niet", now=now, actor=play.coordinator)
    await play.turn()
    assert (await play.activity()).status is ActivityStatus.ON_HOLD
    assert {to for _, to in play.sent("on-hold")} == set(TEACHERS)
    text = in_one_line((await worded(play, "on-hold", "T3")).text)
    assert "We zoeken een nieuwe datum of een ander bedrijf." in text
    assert "nieuwe datum?" not in text, "weeks ahead nobody is asked whether they want another date"
    assert "phone-round" not in await play.open_calls()
    before = len(play.mails)
    await play.to("2026-10-30 12:00")
    left = [(one.mail, one.to) for one in play.mails[before:]]
    assert left == [("call", "C2")], "no reminder and no question; the deputy hears of the call that lay"


@pytest.mark.chapter("asked")
async def test_case_5_01_another_company_takes_the_place_and_nobody_writes_a_goal_again(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.answer_all(TEACHERS, "registration", attend="yes")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("T2", "goals", goal_1="Hoe wordt een wand gemaakt?")
    await play.answer("P3", "task-division", agree="agreed", hours_plan="10")
    old = await token(play, "P3")
    now = await play.now()
    await steer.hold(runtime, play.activity_id, "Korteweg kan niet", now=now, actor=play.coordinator)
    await play.turn()
    await play.sleep_to("2026-10-09 10:00")
    await ask_verhoeven(play, "2026-12-10", "2026-12-17")

    activity = await play.activity()
    assert (activity.company_id, activity.date_fixed_at, activity.place) == (cast.id("B1"), None, None)
    assert activity.status is ActivityStatus.REQUESTED
    assert (await play.participation("P3")).standing is Standing.REPLACED
    with pytest.raises(LinkRevoked):
        await open_link(runtime, old, await play.now())
    facts = await play.facts()
    assert (facts.group_goal, facts.task_division_accepted, facts.number_known) == (True, False, False)
    assert (await play.invitation("T2", "goals")).state is InvitationState.ANSWERED
    assert play.sent("moved") == [], "nothing is certain yet"

    await play.to("2026-11-02 10:00")
    assert [to for _, to in play.sent("request")] == ["P3", "P1"]
    await play.answer("P1", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    told_to = {to for _, to in play.sent("moved")}
    assert told_to == {*TEACHERS, "L1", "L2", "L3", "R1"}
    text = in_one_line((await worded(play, "moved", "T3")).text)
    assert "Het is nu bij Verhoeven Plaatwerk B.V." in text
    assert "Wordt: donderdag 10 december 2026" in text
    assert "Klopt je leerdoel nog?" in in_one_line((await worded(play, "moved", "T2")).text)
    await play.answer("T2", "goals", goal_1="Hoe wordt een wand gemaakt?")
    await play.to("2026-11-18 12:00")
    assert (await play.invitation("L1", "approval")).state is InvitationState.SENT, "for the new day"
    assert {to for _, to in play.sent("goals")} == set(TEACHERS)
    assert len(play.sent("goals")) == len(TEACHERS), "and each of them once"
    async with runtime.store.read() as session:
        view = await view_of(session, play.activity_id, "task-division")
    assert view is not None
    assert (view.version.number, view.accepted) == (1, None), "an agreement with Korteweg binds nobody else"
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("P1", "task-division", agree="agreed", hours_plan="6")
    await play.to("2026-11-27 12:00")
    await play.answer("P1", "practical-information")
    await play.to("2026-12-03 12:00")
    assert (await play.facts()).gate_before
    assert {to for _, to in play.sent("practical-info")} >= {"P1", "T2"}
    assert "P3" not in {left.to for left in play.mails if left.at > "Tue"}


@pytest.mark.chapter("asked")
async def test_case_5_01_a_host_that_cannot_be_is_refused_and_nothing_changes(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    with pytest.raises(BadInput, match="on hold first"):
        await ask_verhoeven(play, "2026-12-10")
    now = await play.now()
    await steer.hold(runtime, play.activity_id, "Korteweg kan niet", now=now, actor=play.coordinator)
    await play.turn()
    before = await play.snapshot()
    for company, person, said in (
        ("B3", "P3", "ontvangt al"),
        ("B1", "P2", "werkt niet bij"),
        ("B9", "P1", "Er is geen bedrijf"),
    ):
        with pytest.raises(BadInput) as caught:
            await change_host(
                runtime,
                play.activity_id,
                NewHost(company, [person], [afternoon("2026-12-10")]),
                "Ruil",
                now=await play.now(),
                actor=play.coordinator,
            )
        assert said in caught.value.to(Language.DUTCH)
    assert await play.snapshot() == before


async def test_case_5_01_twice_on_hold_before_mail_leaves_tells_everybody_once(play: Play, runtime: Runtime) -> None:
    await play.asked()
    now, who = await play.now(), play.coordinator
    await steer.hold(runtime, play.activity_id, "Wachten", now=now, actor=who)
    await steer.resume(runtime, play.activity_id, now=now, actor=who)
    await steer.hold(runtime, play.activity_id, "Toch wachten", now=now, actor=who)
    await play.turn()
    assert sorted(to for _, to in play.sent("on-hold")) == sorted(TEACHERS)
    assert {row.state for row in await messages(play, "on-hold", "T3")} == {MessageState.SKIPPED, MessageState.SENT}


async def test_case_5_01_whoever_heard_last_that_it_rests_does_not_hear_it_again(play: Play, runtime: Runtime) -> None:
    await play.asked()
    who = play.coordinator
    await steer.hold(runtime, play.activity_id, "Wachten", now=await play.now(), actor=who)
    await play.turn()
    assert sorted(to for _, to in play.sent("on-hold")) == sorted(TEACHERS)
    for _ in range(2):
        await steer.resume(runtime, play.activity_id, now=await play.now(), actor=who)
        await steer.hold(runtime, play.activity_id, "Toch wachten", now=await play.now(), actor=who)
        await play.turn()
    assert sorted(to for _, to in play.sent("on-hold")) == sorted(TEACHERS)


# 5.2 the company cancels at the last minute


@pytest.mark.chapter("ready")
async def test_case_5_02_at_the_last_minute_the_phone_goes_first(play: Play, runtime: Runtime, cast: Cast) -> None:
    await play.sleep_to("2026-11-04 16:00")
    now = await play.now()
    await steer.cancel(runtime, play.activity_id, "Een machine is kapot", now=now, actor=play.coordinator)
    await play.turn()
    assert {to for _, to in play.sent("cancelled")} >= {*TEACHERS, "P3", "L1"}
    line = (await lines(play))["phone-round"]
    numbers = {one.name: one.phone for one in line.people}
    assert numbers[cast.name("T3")] == cast.phone("T3")
    assert cast.name("P3") in numbers
    assert cast.name("L1") not in numbers, "a school leader does not travel"
    assert f"{cast.name('T3')}, {cast.phone('T3')}" in in_one_line((await worded(play, "call", "C1")).text)
    async with runtime.store.read() as session:
        seen = await board(session, runtime.settings, cast.region.id, now)
    assert "phone-round" in [call.what for call in seen.calls], "also when nothing else goes on there"
    assert play.activity_id not in [one.id for one in seen.lines]

    mail = await calendar_mail(play, "cancelled", "T3")
    [event] = mail.walk("VEVENT")
    assert (mail["METHOD"], str(event["STATUS"])) == ("CANCEL", "CANCELLED")

    await play.to("2026-12-31 12:00")
    asked = {form for left in play.mails for form in left.forms}
    assert not asked & {"teacher-evaluation", "host-evaluation", "field-note", "impressions", "attendance"}


async def calendar_mail(play: Play, mail: str, code: str) -> Calendar:
    """Return the calendar file of the newest mail of a kind to somebody, worded as delivery words it."""
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        message = (await messages(play, mail, code))[-1]
        row = await session.get_one(Message, message.id)
        case = await open_case(session, play.runtime.settings, row, row.sent_at or await play.now())
        data = (await word([case])).composed.data
    for part in message_from_bytes(data, policy=default).walk():
        if part.get_content_type() == "text/calendar":
            return Calendar.from_ical(part.get_content())
    raise AssertionError(f"the mail {mail} has no calendar file")


@pytest.mark.chapter("ready")
async def test_case_5_02_one_tap_says_whether_a_new_date_is_wanted(play: Play, runtime: Runtime, cast: Cast) -> None:
    await play.sleep_to("2026-11-04 16:00")
    now = await play.now()
    await steer.cancel(runtime, play.activity_id, "Een machine is kapot", now=now, actor=play.coordinator)
    await play.turn()
    text = (await worded(play, "cancelled", "T3")).text
    assert "/new-date-yes" in text
    assert "/new-date-no" in text
    assert "/new-date" not in (await worded(play, "cancelled", "L1")).text
    await report(play, "T3", "new-date", again="no")
    assert "wants-new-date" not in await play.open_calls(), "a no disturbs nobody"
    await report(play, "T2", "new-date", again="yes")
    await report(play, "T5", "new-date", again="yes")
    assert (await play.open_calls()).count("wants-new-date") == 1
    people = [(one.name, one.said.nl if one.said else "") for one in (await lines(play))["wants-new-date"].people]
    assert sorted(people[:2]) == sorted([(cast.name("T2"), "ja"), (cast.name("T5"), "ja")])
    assert people[2] == (cast.name("T3"), "nee")
    await report(play, "T3", "new-date", key="again", again="yes")
    async with runtime.store.read() as session:
        assert (await wishes_of(session, play.activity_id))[cast.id("T3")] is True


@pytest.mark.chapter("ready")
async def test_case_5_02_the_hours_of_preparing_may_still_be_confirmed(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.sleep_to("2026-11-04 16:00")
    now = await play.now()
    await steer.cancel(runtime, play.activity_id, "Een machine is kapot", now=now, actor=play.coordinator)
    await play.turn()
    assert "/hours" in (await worded(play, "cancelled", "P3")).text
    answers = {"hours_prep": "4", "confirm": "adjusted", "name_function": "Koen Korteweg", "on_behalf": "yes"}
    await report(play, "P3", "host-hours", **answers)
    async with runtime.store.read() as session:
        kept = list(await session.scalars(select(Hours).where(Hours.person_id == cast.id("P3"))))
    assert [(row.kind, row.hours, row.is_confirmed) for row in kept] == [(HoursKind.COMPANY_BEFORE, 4, True)]


@pytest.mark.chapter("ready")
async def test_case_5_02_while_it_goes_on_nobody_is_asked_for_a_new_date(play: Play) -> None:
    with pytest.raises(BadInput, match="goes on"):
        await report(play, "T3", "new-date", again="yes")


@pytest.mark.chapter("asked")
async def test_case_5_02_weeks_ahead_nobody_has_to_phone(play: Play, runtime: Runtime) -> None:
    await steer.cancel(runtime, play.activity_id, "Geen plaats", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert await play.open_calls() == []
    assert "/new-date" not in (await worded(play, "cancelled", "T3")).text


# 5.3 the date moves


@pytest.mark.chapter("ready")
async def test_case_5_03_a_move_asks_again_only_what_hangs_on_the_date(play: Play) -> None:
    was = await calendar_mail_of_move(play, "2026-11-12", "Verbouwing")
    activity = await play.activity()
    assert [(entry["reason"], entry["from"][0][:10]) for entry in activity.moves] == [("Verbouwing", "2026-11-05")]
    assert {item.form for item in await play.invitations() if item.reconfirm} == {"approval", "practical-information"}
    assert (await play.invitation("T2", "goals")).state is InvitationState.ANSWERED
    assert (await play.facts()).task_division_accepted
    text = in_one_line((await worded(play, "moved", "T3")).text)
    assert "Was: donderdag 5 november 2026, 13:30–16:30 uur" in text
    assert "Wordt: donderdag 12 november 2026, 13:30–16:30 uur" in text
    assert "Verbouwing" in text
    again = await calendar_mail_of_move(play, "2026-11-19", "Nog een keer")
    assert again["UID"] == was["UID"]
    assert int(again["SEQUENCE"]) > int(was["SEQUENCE"])
    assert [entry["reason"] for entry in (await play.activity()).moves] == ["Verbouwing", "Nog een keer"]


async def calendar_mail_of_move(play: Play, day: str, reason: str) -> dict[str, str]:
    """Move, and return what the calendar of a teacher is told."""
    await move(play, afternoon(day), reason=reason)
    [event] = (await calendar_mail(play, "moved", "T3")).walk("VEVENT")
    return {name: str(event[name]) for name in ("UID", "SEQUENCE")}


@pytest.mark.chapter("ready")
async def test_case_5_03_much_later_the_goal_is_asked_once_more(play: Play) -> None:
    await move(play, afternoon("2026-12-03"))
    assert (await play.invitation("T2", "goals")).reconfirm
    assert "Klopt je leerdoel nog?" in in_one_line((await worded(play, "moved", "T2")).text)
    assert "Klopt je leerdoel nog?" not in in_one_line((await worded(play, "moved", "T5")).text)


@pytest.mark.chapter("with_date")
async def test_case_5_03_what_a_move_makes_overdue_comes_at_once_and_together(play: Play) -> None:
    await move(play, afternoon("2026-10-01"))
    await play.to("2026-09-24 17:00")
    steps = [key for _, key in play.steps]
    assert {"invitation", "release", "goals", "task-division"} <= set(steps)
    asked = [left for left in play.mails if left.to == "T3" and left.forms]
    assert {left.mail for left in asked} == {"invitation", "goals"}
    assert len({left.at for left in asked}) == 1, "one moment, so one mail"
    goals = await play.invitation("T3", "goals")
    assert goals.profile == "tight"
    assert goals.deadline_at is not None
    assert goals.deadline_at <= local("2026-10-01 00:00")


@pytest.mark.chapter("held")
async def test_case_5_03_what_has_been_is_not_moved(play: Play, runtime: Runtime) -> None:
    with pytest.raises(BadInput, match="taken place"):
        await move(play, afternoon("2026-12-03"))
    assert play.sent("moved") == []
