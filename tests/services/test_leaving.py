"""Who leaves gets one mail, which takes the appointment out of the calendar, and nothing after it."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from models.draft import NewPerson
from models.roles import Role, Stage
from models.tables.activities import Approval, Standing
from models.tables.mail import Message, MessageState
from models.text import Language
from sandwich.errors import BadInput
from sandwich.services import collect, steer
from sandwich.services.appointments import LEFT
from sandwich.services.erase import erase_person
from sandwich.services.leaving import foresee_replacement, foresee_withdrawal
from tests.support.driver import Play, local
from tests.support.worded import in_one_line, worded

pytestmark = pytest.mark.asyncio

NEW_HOST = NewPerson.model_validate(
    {"given_name": "Els", "family_name": "Bouw", "mail": "els@korteweg.example", "company": "B3"}
)


async def withdraw(play: Play, code: str) -> None:
    """Let the coordinator take somebody out; nothing is delivered yet."""
    seat = await play.participation(code)
    await steer.withdraw(play.runtime, seat.id, now=await play.now(), actor=play.coordinator)


async def replace(play: Play, code: str, by: str | NewPerson) -> None:
    """Let somebody else take a place."""
    seat = await play.participation(code)
    await steer.replace(play.runtime, seat.id, by, now=await play.now(), actor=play.coordinator)


async def cannot(play: Play, code: str) -> None:
    """Let somebody say on their own page that they cannot come."""
    seat = await play.participation(code)
    await collect.report_change(
        play.runtime, seat.id, "change", {"what": ["cannot"]}, now=await play.now(), key=f"no-{code}"
    )


async def come_back(play: Play, code: str) -> None:
    """Let the coordinator add somebody who had left."""
    await steer.add_person(
        play.runtime, play.activity_id, code, Role.TEACHER, now=await play.now(), actor=play.coordinator
    )


async def messages(play: Play, mail: str, code: str) -> list[Message]:
    """Return the messages of one kind to somebody, oldest first."""
    async with play.runtime.store.read() as session:
        query = select(Message).where(Message.mail == mail, Message.person_id == play.cast.id(code))
        return list(await session.scalars(query.order_by(Message.queued_at, Message.key)))


async def said(play: Play, code: str, language: Language = Language.DUTCH) -> str:
    """Return what the mail to somebody who left says."""
    async with play.runtime.store.change(now=await play.now(), actor="test") as session:
        (await session.merge(play.cast.person(code))).language = language
    return in_one_line((await worded(play, LEFT, code)).text)


# who gets it, and what it says


@pytest.mark.chapter("ready")
async def test_who_is_taken_off_hears_it_once_and_at_once(play: Play) -> None:
    await withdraw(play, "T3")
    await play.turn()
    assert play.to_person("T3")[-1] == ("Thu 29 Oct 10:00", LEFT)
    assert play.sent(LEFT) == [("Thu 29 Oct 10:00", "T3")]
    text = await said(play, "T3")
    assert "Jolanda Meerdink heeft je afgemeld voor Prefab bouwen bij Korteweg." in text
    assert "Vervalt: donderdag 5 november 2026, 13:30–16:30 uur" in text
    assert "haalt de afspraak uit je agenda" in text
    assert "/change" not in text
    assert "Mijn gegevens: " in text
    assert "Jolanda Meerdink has taken you off the list" in await said(play, "T3", Language.ENGLISH)


@pytest.mark.chapter("ready")
async def test_it_says_why(play: Play) -> None:
    await cannot(play, "T3")
    await play.answer("T2", "registration", attend="no")
    await replace(play, "T4", "T9")
    await play.answer("L2", "approval", decision__T5__decision="declined", why_no="Toetsweek")
    await replace(play, "P3", NEW_HOST)
    await play.turn()
    assert {to for _, to in play.sent(LEFT)} == {"T2", "T3", "T4", "T5", "P3"}
    for code in ("T2", "T3"):
        assert "Je hebt je afgemeld voor Prefab" in await said(play, code)
    replaced = await said(play, "T4")
    assert "Daan Rietveld doet in jouw plaats mee aan Prefab bouwen bij Korteweg." in replaced
    assert "/f/" not in replaced  # those links are dead
    assert "De schoolleiding geeft je geen vrij voor Prefab" in await said(play, "T5")
    host = await said(play, "P3")
    assert "Els Bouw doet in uw plaats mee aan Prefab bouwen bij Korteweg. U bent daarom afgemeld." in host
    assert "uit uw agenda" in host
    assert "Els Bouw takes your place in Prefab" in await said(play, "P3", Language.ENGLISH)
    assert "Your school does not release you" in await said(play, "T5", Language.ENGLISH)
    assert "You told us that you will not take part" in await said(play, "T3", Language.ENGLISH)


@pytest.mark.chapter("asked")
async def test_without_an_appointment_nobody_is_told(play: Play) -> None:
    await withdraw(play, "T3")
    await cannot(play, "T4")
    await replace(play, "T5", "T9")
    await play.turn()
    assert play.sent(LEFT) == []
    assert await messages(play, LEFT, "T3") == []


@pytest.mark.chapter("asked")
async def test_a_move_brings_an_appointment_too(play: Play) -> None:
    span = (local("2026-11-19 13:30"), local("2026-11-19 16:30"))
    await steer.move(play.runtime, play.activity_id, [span], "Storm", now=await play.now(), actor=play.coordinator)
    await play.turn()
    await withdraw(play, "T3")
    await play.turn()
    assert play.sent(LEFT) == [("Thu 08 Oct 10:00", "T3")]
    assert "Vervalt: donderdag 19 november" in await said(play, "T3")


@pytest.mark.chapter("ready")
async def test_who_still_takes_part_in_a_role_that_gets_it_keeps_it(play: Play) -> None:
    """Somebody of the company who is a contact person and teaches as well: one calendar, one appointment."""
    await steer.add_person(
        play.runtime, play.activity_id, "T3", Role.HOST_CONTACT, now=await play.now(), actor=play.coordinator
    )
    await play.turn()
    await withdraw(play, "T3")
    assert await messages(play, LEFT, "T3") == []


# who gets nothing


@pytest.mark.chapter("ready")
async def test_who_is_erased_gets_nothing(play: Play) -> None:
    await withdraw(play, "T3")
    for code in ("T3", "T4"):
        await erase_person(play.runtime, play.cast.id(code), now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert play.sent(LEFT) == []
    assert [row.state for row in await messages(play, LEFT, "T3")] == [MessageState.DISCARDED]
    assert await messages(play, LEFT, "T4") == []


@pytest.mark.chapter("ready")
async def test_a_successor_who_is_erased_is_not_named(play: Play) -> None:
    await replace(play, "T4", "T9")
    await erase_person(play.runtime, play.cast.id("T9"), now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert "Er doet iemand anders in jouw plaats mee" in await said(play, "T4")


@pytest.mark.chapter("ready")
async def test_nothing_leaves_once_it_has_begun(play: Play) -> None:
    await play.sleep_to("2026-11-05 13:00")
    await withdraw(play, "T3")
    await play.sleep_to("2026-11-05 13:30")  # delivery stood still
    assert [(row.state, row.reason) for row in await messages(play, LEFT, "T3")] == [(MessageState.SKIPPED, "passed")]
    await withdraw(play, "T4")
    await play.turn()
    assert await messages(play, LEFT, "T4") == []
    assert play.sent(LEFT) == []


@pytest.mark.chapter("ready")
async def test_on_hold_took_it_out_already(play: Play) -> None:
    await steer.hold(play.runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)
    await play.turn()
    await withdraw(play, "T3")
    await play.turn()
    assert play.sent(LEFT) == []


@pytest.mark.parametrize("stop", [steer.hold, steer.cancel])
@pytest.mark.chapter("ready")
async def test_it_goes_although_the_activity_stops_meanwhile(play: Play, stop: Callable[..., Awaitable[None]]) -> None:
    await withdraw(play, "T3")
    await stop(play.runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert [mail for _, mail in play.to_person("T3")][-1] == LEFT
    assert play.sent(LEFT) == [("Thu 29 Oct 10:00", "T3")]


@pytest.mark.chapter("ready")
async def test_it_waits_for_what_is_in_hand(play: Play) -> None:
    """The mail with the appointment is being sent while its reader leaves: nobody knows yet whether it arrives."""
    [brought] = await messages(play, "practical-info", "T3")

    async def put(state: MessageState) -> None:
        async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
            (await session.get_one(Message, brought.id)).state = state

    await put(MessageState.SENDING)
    await withdraw(play, "T3")
    await play.turn()
    [left] = await messages(play, LEFT, "T3")
    assert (left.state, left.reason) == (MessageState.QUEUED, "in-hand")
    await put(MessageState.FAILED)
    await play.sleep_to("2026-10-29 10:06")
    [left] = await messages(play, LEFT, "T3")
    assert (left.state, left.reason) == (MessageState.SKIPPED, "no-appointment")


# coming back


@pytest.mark.chapter("ready")
async def test_who_comes_back_gets_the_appointment_again(play: Play) -> None:
    await withdraw(play, "T3")
    await play.turn()
    await come_back(play, "T3")
    await play.turn()
    got = [mail for _, mail in play.to_person("T3")]
    assert got[got.index(LEFT) :].count("practical-info") == 1
    await play.sleep_to("2026-11-02 10:00")
    await withdraw(play, "T3")
    await play.turn()
    assert len(play.sent(LEFT)) == 2


@pytest.mark.chapter("ready")
async def test_who_comes_back_before_it_left_is_not_told_that_they_left(play: Play) -> None:
    await withdraw(play, "T3")
    await come_back(play, "T3")
    await play.turn()
    assert play.sent(LEFT) == []
    assert [(row.state, row.reason) for row in await messages(play, LEFT, "T3")] == [(MessageState.SKIPPED, "back")]


@pytest.mark.chapter("asked")
async def test_what_waited_while_somebody_was_out_still_comes_when_they_are_back(play: Play) -> None:
    """In the evening before it was to leave: the same message, which had fallen away."""
    await play.sleep_to("2026-10-29 19:00")
    now = await play.now()
    await steer.override_gate(play.runtime, play.activity_id, Stage.BEFORE, "Toch", now=now, actor=play.coordinator)
    await play.turn()
    assert [row.state for row in await messages(play, "practical-info", "T3")] == [MessageState.QUEUED]
    await withdraw(play, "T3")
    assert [row.state for row in await messages(play, "practical-info", "T3")] == [MessageState.SKIPPED]
    await come_back(play, "T3")
    await play.to("2026-10-30 09:00")
    assert [to for _, to in play.sent("practical-info")].count("T3") == 1
    assert play.sent(LEFT) == []


# nothing after it


@pytest.mark.chapter("ready")
async def test_nothing_but_that_mail_leaves_for_who_has_left(play: Play) -> None:
    """Through reminders, the day, evaluations, feedback and the impact check, with everything that is asked open."""
    leavers = ("T2", "T3", "T4", "T5", "P3")
    before = {code: len(play.to_person(code)) for code in leavers}
    await cannot(play, "T3")
    await replace(play, "T2", "T9")  # leads the trip as well
    await play.answer("T9", "registration", attend="yes")
    await withdraw(play, "T4")
    await play.answer("L2", "approval", decision__T5__decision="declined", why_no="Toetsweek")
    heard = [mail for _, mail in play.to_person("P3")][before["P3"] :]
    assert set(heard) == {"fewer"}, "a host hears how many are left"
    before["P3"] += len(heard)
    await replace(play, "P3", NEW_HOST)
    span = (local("2026-11-12 13:30"), local("2026-11-12 16:30"))
    await steer.move(play.runtime, play.activity_id, [span], "Storm", now=await play.now(), actor=play.coordinator)
    for stage in (Stage.BEFORE, Stage.AFTER):
        await steer.override_gate(
            play.runtime, play.activity_id, stage, "Toch", now=await play.now(), actor=play.coordinator
        )
    await play.to("2026-11-12 17:00")
    await play.answer("T9", "attendance")
    await play.to("2026-11-23 10:00")
    await play.answer("T6", "impressions")
    await play.to("2027-03-01 10:00")
    assert {left.mail for left in play.mails} >= {"moved", "reminder", "day-reminder", "evaluation", "impact-check"}
    for code in leavers:
        assert play.to_person(code)[before[code] :] == [("Thu 29 Oct 10:00", LEFT)], code
        assert len(await messages(play, LEFT, code)) == 1


# a school that leaves


async def move(play: Play, day: str) -> None:
    """Move the activity to another afternoon."""
    span = (local(f"{day} 13:30"), local(f"{day} 16:30"))
    await steer.move(play.runtime, play.activity_id, [span], "Storm", now=await play.now(), actor=play.coordinator)
    await play.turn()


@pytest.mark.chapter("ready")
async def test_with_its_last_teacher_a_school_is_out_and_hears_nothing_more(play: Play) -> None:
    """L3 leads the school of T6 and T8, and has the appointment from the move."""
    await move(play, "2026-11-12")
    assert "L3" in {to for _, to in play.sent("moved")}
    seat = await play.participation("T8")
    await withdraw(play, "T6")
    await play.turn()
    assert (await play.participation("L3")).standing is Standing.INVITED
    lines = await foresee_withdrawal(play.runtime, seat.id, now=await play.now())
    assert f"ook {play.cast.name('L3')}" in lines[2].nl
    before = len(play.to_person("L3"))
    await cannot(play, "T8")
    await play.turn()
    assert (await play.participation("L3")).standing is Standing.WITHDRAWN
    text = await said(play, "L3")
    assert "Van jouw school doet niemand meer mee aan Prefab bouwen bij Korteweg. Je bent daarom ook afgemeld." in text
    assert "Nobody of your school takes part in" in await said(play, "L3", Language.ENGLISH)
    await move(play, "2026-11-19")
    for stage in (Stage.BEFORE, Stage.AFTER):
        await steer.override_gate(
            play.runtime, play.activity_id, stage, "Toch", now=await play.now(), actor=play.coordinator
        )
    await play.to("2027-03-01 10:00")
    assert [mail for _, mail in play.to_person("L3")][before:] == [LEFT]
    assert {to for _, to in play.sent("feedback-school-leader")} == {"L1", "L2"}


@pytest.mark.chapter("asked")
async def test_with_a_teacher_who_changes_their_mind_the_school_is_back(play: Play) -> None:
    await play.answer_all(("T6", "T8"), "registration", attend="no")
    assert (await play.participation("L3")).standing is Standing.WITHDRAWN
    await play.answer("T6", "registration", attend="yes")
    assert (await play.participation("L3")).standing is Standing.INVITED
    await play.answer("L3", "approval")
    assert (await play.participation("T6")).approval is Approval.APPROVED


@pytest.mark.chapter("asked")
async def test_a_school_is_out_when_its_last_teacher_is_replaced_by_one_of_another_school(play: Play) -> None:
    await withdraw(play, "T6")
    await replace(play, "T8", "T9")
    assert (await play.participation("L3")).standing is Standing.WITHDRAWN
    assert (await play.participation("L1")).standing is Standing.INVITED


@pytest.mark.chapter("held")
async def test_a_school_that_was_there_hears_what_came_of_it(play: Play) -> None:
    await withdraw(play, "T6")
    await withdraw(play, "T8")
    assert (await play.participation("L3")).standing is Standing.INVITED


# looking first


@pytest.mark.chapter("ready")
async def test_it_is_seen_before_it_happens(play: Play) -> None:
    seats = {code: (await play.participation(code)).id for code in ("T3", "T4")}
    before, now = await play.snapshot(), await play.now()
    withdrawn = await foresee_withdrawal(play.runtime, seats["T3"], now=now)
    replaced = await foresee_replacement(play.runtime, seats["T4"], "T9", now=now)
    with pytest.raises(BadInput, match="takes part already"):
        await foresee_replacement(play.runtime, seats["T4"], "T5", now=now)
    assert await play.snapshot() == before
    assert withdrawn[-1].nl == "Erik Laan krijgt één mail, die de afspraak uit de agenda haalt."
    assert withdrawn[-1].en == "Erik Laan gets one mail, which takes the appointment out of the calendar."
    name = play.cast.name("T4")
    assert f"{name} krijgt één mail, die de afspraak uit de agenda haalt." in {line.nl for line in replaced}
    assert "met de afspraak voor de agenda" in replaced[-1].nl


@pytest.mark.chapter("asked")
async def test_it_is_seen_that_nobody_is_mailed(play: Play) -> None:
    seat = await play.participation("T3")
    lines = await foresee_withdrawal(play.runtime, seat.id, now=await play.now())
    assert lines[-1].nl.startswith("Erik Laan krijgt geen mail meer:")
    replaced = await foresee_replacement(play.runtime, seat.id, "T9", now=await play.now())
    assert replaced[-1].nl.startswith("Erik Laan krijgt geen mail meer:")
    assert (await play.participation("T3")).standing is Standing.INVITED
