"""The ten test vectors of the design, played on the real services, to the day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.draft import NewPerson
from models.roles import Demand
from models.tables.activities import ActivityStatus, StepState
from models.tables.asking import OPEN, InvitationState, Submission, Via
from models.tables.mail import Message, MessageState
from models.tables.results import Hours, HoursKind
from sandwich.mail.case import open_case
from sandwich.mail.claim import Holder, claim
from sandwich.mail.contexts.dropping import meeting_off_entry
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.evening import NEVER
from sandwich.rules.moments import offset_day
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services import agree, collect, steer
from sandwich.services.agreements import view_of
from sandwich.services.dropping import drop_last_meeting
from sandwich.services.links import open_link
from sandwich.services.results import evaluated
from sandwich.services.rounds import make_anew
from sandwich.services.years import YearFigures, year_figures
from tests.life.vectors import A3, EVENING, SEVEN, evening, rounds, tables, with_weeks_before
from tests.services.test_certificates import MASTERCLASS
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, local, told
from tests.support.linked import link_for
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

A2 = {
    **MASTERCLASS,
    "title": "Lasrobot programmeren bij Verhoeven",
    "teachers": ["T1", "T3", "T4", "T7"],
    "dates": [{"start": "2026-12-10 13:30", "end": "2026-12-10 16:30"}],
    "meetings": [{"start": "2026-12-17 13:30", "end": "2026-12-17 16:30"}],
}


async def due(play: Play, step: str) -> str:
    """Return when a step is due."""
    row = await play.step(step)
    assert row.due_at is not None
    return told(row.due_at)


async def year(play: Play) -> YearFigures:
    """Return the figures of the school year 2026–2027."""
    activity = await play.activity()
    async with play.runtime.store.read() as session:
        return await year_figures(session, activity.region_id, SchoolYear(2026), zone="Europe/Amsterdam")


# 1


async def test_vector_01_the_weeks_before_a3_around_the_christmas_holiday(runtime: Runtime, cast: Cast) -> None:
    await runtime.clock.set(local("2026-11-20 09:00"))
    play = await Play.begin(runtime, cast, **A3)
    loaded = await play.loaded()
    first = offset_day(loaded.playbook.step("application").at, loaded.dates, loaded.calendars.schools)
    assert first == date(2026, 11, 23)
    assert await due(play, "application") == "Tue 24 Nov 10:00"
    assert await due(play, "plan") == "Fri 18 Dec 10:00", "five weeks before is 28 December"


async def test_vector_01_six_and_five_weeks_before_come_in_one_mail_on_the_last_school_day(
    runtime: Runtime, cast: Cast, tmp_path: Path
) -> None:
    runtime = with_weeks_before(runtime, tmp_path)
    await runtime.clock.set(local("2026-11-20 09:00"))
    draft = {key: A3[key] for key in ("company", "hosts", "teachers", "trip_leader", "dates", "purpose", "title")}
    play = await Play.begin(runtime, cast, kind="weeks-before", **draft)
    await play.to("2026-11-24 10:00")
    by_phone = {"via": Via.PHONE, "entered_by": play.coordinator}
    await play.answer("P4", "date-poll", **by_phone, dates__date_1__answer="suits")  # type: ignore[arg-type]
    moments = [await due(play, step) for step in ("goals", "read-up", "talk")]
    assert moments == ["Fri 18 Dec 10:00", "Fri 18 Dec 10:00", "Tue 05 Jan 10:00"]

    await play.to("2026-12-17 12:00")
    await runtime.clock.set(local("2026-12-18 10:00"))
    assert await play.carry() == 2
    now = local("2026-12-18 11:30")  # the slot is over
    async with runtime.store.read() as session:
        query = select(Message.id).where(Message.person_id == cast.id("T3"), Message.state == MessageState.QUEUED)
        waiting = list(await session.scalars(query.where(Message.due_at <= now).order_by(Message.key)))
    mail = await claim(runtime, Holder("test", timedelta(minutes=5)), waiting[0], play.activity_id, now)
    assert mail is not None
    assert (sorted(mail.message_ids), len(waiting)) == (sorted(waiting), 2)


# 2


@pytest.mark.chapter("afterwards")
async def test_vector_02_the_impact_check_of_a1_comes_after_the_holiday_and_its_reminder_on_8_january(
    play: Play,
) -> None:
    assert await due(play, "impact-check") == "Tue 05 Jan 10:00", "seven weeks after is 24 December"
    await play.sleep_to("2027-01-05 10:00")
    assert {at for at, _ in play.sent("impact-check")} == {"Tue 05 Jan 10:00"}
    await play.to("2027-01-08 09:00")
    reminded = {left.at for left in play.mails if left.mail == "reminder" and "impact-check" in left.forms}
    assert reminded == {"Fri 08 Jan 08:00"}


# 3


async def test_vector_03_a3_moves_to_1_march_and_its_last_week_into_the_spring_holiday(
    runtime: Runtime, cast: Cast
) -> None:
    await runtime.clock.set(local("2026-11-20 09:00"))
    play = await Play.begin(runtime, cast, **A3)
    await Living(play, {"internship-plan": {"variant": "exploratory"}}).to("2027-01-13 12:00")
    goals = (await play.invitation("T3", "goals")).id
    march = [(local(f"2027-03-0{day} 08:30"), local(f"2027-03-0{day} 16:30")) for day in range(1, 6)]
    await steer.move(runtime, play.activity_id, march, "Drukte", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert await due(play, "practical-info") == "Fri 19 Feb 08:00", "a week before is 22 February"
    again = {item.form for item in await play.invitations() if item.reconfirm}
    assert again >= {"approval", "practical-information"}
    assert "internship-plan" not in again
    facts = await play.facts()
    assert (facts.every_goal, facts.practical_info_confirmed, facts.release_settled) == (True, False, False)
    async with runtime.store.read() as session:
        kept = list(await session.scalars(select(Submission).where(Submission.invitation_id == goals)))
    assert [row.number for row in kept] == [1]


# 4


async def test_vector_04_the_second_part_of_a2_is_cancelled_a_day_before(runtime: Runtime, cast: Cast) -> None:
    play = await Play.begin(runtime, cast, words=True, **A2)
    silent = ("attendance", "teacher-evaluation")
    await Living(play, silent=silent).to("2026-12-10 16:40")
    await play.answer("T1", "attendance", everybody=["all"], end_time="2026-12-10T16:30")
    await Living(play, silent=silent).to("2026-12-16 13:30")
    assert (await play.activity()).status is ActivityStatus.DURING

    now = await play.now()
    await drop_last_meeting(runtime, play.activity_id, "De lasrobot is stuk", now=now, actor=play.coordinator)
    await play.turn()
    loaded = await play.loaded()
    assert [told(moment.ends_at) for moment in loaded.moments] == ["Thu 10 Dec 16:30"]
    assert {at for at, _ in play.sent("meeting-off")} == {"Wed 16 Dec 13:30"}
    assert {to for _, to in play.sent("meeting-off")} == {"T1", "T3", "T4", "T7", "P1", "L1", "L2", "R1"}
    text = " ".join(next(text for mail, to, text in play.letters if (mail, to) == ("meeting-off", "T3")).split())
    assert "De ontmoeting van donderdag 17 december gaat helaas niet door. De reden: De lasrobot is stuk" in text
    assert "phone-round" in await play.open_calls()
    async with runtime.store.change(now=now, actor="test", stream=play.activity_id) as session:
        query = select(Message).where(Message.mail == "meeting-off", Message.person_id == cast.id("T3"))
        [entry] = await meeting_off_entry(
            await open_case(session, runtime.settings, (await session.scalars(query)).one(), now)
        )
    assert b"METHOD:CANCEL" in entry.data
    assert b"20261217T133000" in entry.data

    await play.to("2026-12-18 12:00")
    asked = await play.invitations()
    assert not [item for item in asked if item.step in {"attendance-2", "field-note-2"}]
    assert [item.occurrence for item in asked if item.form == "teacher-evaluation"] == [1, 1, 1, 1]
    assert (await play.activity()).status is ActivityStatus.AFTER
    async with runtime.store.read() as session:
        rows = await session.scalars(select(Hours).where(Hours.kind == HoursKind.TEACHER_DURING))
        assert {row.person_id: row.hours for row in rows} == {cast.id(code): 3 for code in ("T1", "T3", "T4", "T7")}


# 5


async def test_vector_05_p5_is_reminded_on_day_5_and_9_and_then_phoned_and_without_p5_it_goes_on(
    runtime: Runtime, cast: Cast
) -> None:
    await runtime.clock.set(local("2026-11-04 12:00"))
    play = await Play.begin(runtime, cast, **{**EVENING, "others": {"professional": SEVEN}})
    await play.to("2026-11-05 10:00")
    for code in ("P1", "P3", "P6", "P7"):
        await play.answer(code, "registration", attend="yes")
    for code in ("P2", "P4"):
        await play.answer(code, "registration", via=Via.PHONE, entered_by=play.coordinator, attend="yes")
    await play.to("2026-11-20 07:59")
    assert [at for at, mail in play.to_person("P5") if mail == "reminder"] == ["Thu 12 Nov 08:00", "Wed 18 Nov 08:00"]
    assert await play.open_calls() == []
    await play.to("2026-11-20 08:00")
    [call] = await play.calls()
    assert (call.what, call.person_id) == ("no-answer", cast.id("P5"))
    asked = await play.invitation("P5", "registration")
    await steer.waive(runtime, asked.id, "Niet bereikt", now=await play.now(), actor=play.coordinator)
    assert await play.open_calls() == []
    await play.to("2026-12-11 12:00")
    assert len([mail for _, mail in play.to_person("P5") if mail == "reminder"]) == 2
    assert (await play.step("professionals")).state is StepState.DONE
    profiled = {item.participation_id for item in await play.invitations() if item.form == "professional-profile"}
    assert len(profiled) == 6
    assert (await play.activity()).status is not ActivityStatus.CANCELLED


# 6


async def test_vector_06_somebody_else_answers_in_a_shared_mailbox_and_the_other_link_stays_open(
    runtime: Runtime, cast: Cast
) -> None:
    els = {"given_name": "Els", "family_name": "Rijs", "mail": "info@vanrijs.example", "company": "B2"}
    play = await Play.begin(runtime, cast, company="B2", hosts=["P2", els])
    await play.turn()
    polls = [item for item in await play.invitations() if item.form == "date-poll"]
    now, tokens = await play.now(), {}
    async with runtime.store.change(now=now, actor="delivery", stream=play.activity_id) as session:
        for poll in polls:
            tokens[poll.id] = await link_for(session, runtime.settings, poll.participation_id, poll.id, now)
    own = await play.invitation("P2", "date-poll")
    [other] = [poll for poll in polls if poll.id != own.id]
    assert len(set(tokens.values())) == 2

    fields = await play.fields(own.id, dates__date_1__answer="impossible", dates__date_2__answer="impossible")
    outcome = await collect.submit(runtime, own.id, fields, now=now, key="page", answered_by="Jan de Bie")
    assert outcome.accepted
    async with runtime.store.read() as session:
        row = (await session.scalars(select(Submission))).one()
    assert (row.answered_by, row.person_id) == ("Jan de Bie", cast.id("P2"))
    opened = await open_link(runtime, tokens[other.id], now)
    assert opened.invitation_id == other.id
    still = next(item for item in await play.invitations() if item.id == other.id)
    assert still.state in OPEN
    assert (await open_link(runtime, tokens[own.id], now)).invitation_id == own.id, "to correct it"


# 7


@pytest.mark.chapter("afterwards")
async def test_vector_07_t7_objects_and_is_not_in_the_totals_and_later_wants_no_mail(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    first = play
    second = await Play.begin(runtime, cast, **A2)
    living = Living(second, also=[first])
    await living.to("2026-11-20 12:00")
    before = await year(first)
    assert (dict(before.held), before.teachers, before.left_out) == ({"company-visit": 1}, len(TEACHERS), 0)

    async def says(play: Play, kind: str) -> None:
        seat = await play.participation("T7")
        posted, said = {"kind": [kind], "reply": ["phone"]}, {"via": Via.PHONE, "entered_by": play.coordinator}
        outcome = await collect.report_change(
            runtime, seat.id, "privacy-request", posted, now=await play.now(), key=kind, **said
        )
        assert outcome.accepted
        await play.turn()

    await says(first, "object-reports")
    after = await year(first)
    assert (after.teachers, after.left_out) == (len(TEACHERS) - 1, 1)
    assert after.responses["teacher-evaluation"].asked == before.responses["teacher-evaluation"].asked - 1
    assert after.teacher_hours < before.teacher_hours
    await living.to("2026-12-03 12:00")
    assert ("Thu 03 Dec 08:00", "practical-info") in second.to_person("T7"), "still takes part in A2"

    await says(second, "no-mail")
    assert "privacy-no-mail" in await second.open_calls()
    mails = [mail for _, mail in second.to_person("T7")]
    await living.to("2026-12-10 14:00")
    assert [mail for _, mail in second.to_person("T7")] == mails
    await runtime.clock.set(local("2026-12-10 16:30"))
    await second.carry()
    now = await second.now()
    async with runtime.store.read() as session:
        query = select(Message).where(Message.person_id == cast.id("T7"), Message.state == MessageState.QUEUED)
        [note] = await session.scalars(query.where(Message.activity_id == second.activity_id))
    assert await claim(runtime, Holder("test", timedelta(minutes=5)), note.id, second.activity_id, now) is None
    [call] = [one for one in await second.calls() if one.what == "by-phone"]
    assert call.person_id == cast.id("T7")
    async with runtime.store.read() as session:
        told_of = await session.scalars(select(Message.person_id).where(Message.key.endswith(f":call:{call.id}")))
        assert list(told_of) == [cast.id("C1")]
        assert (await session.get_one(Message, note.id)).reason == "no-mail"


# 8


@pytest.mark.parametrize(
    ("more", "number", "sizes", "minutes"),
    [([], 7, [2, 2, 2, 1, 1, 1, 1], 84), (["D1"], 8, [2, 2, 1, 1, 1, 1, 1, 1], 96)],
)
async def test_vector_08_ten_teachers_meet_everybody(
    runtime: Runtime, cast: Cast, more: list[str], number: int, sizes: list[int], minutes: int
) -> None:
    play = await evening(runtime, cast, [*SEVEN, *more])
    planned = await rounds(play)
    rule = (await play.loaded()).playbook.parameters.rounds
    assert rule is not None
    assert [tables(one) for one in planned] == [sizes] * number
    assert (len(planned), len(planned) * (rule.minutes + rule.change)) == (number, minutes)
    pairs = [pair for one in planned for pair in one.pairs]
    assert len(pairs) == len(set(pairs)) == 10 * (7 + len(more))


async def test_vector_08_ten_professionals_are_too_many_and_everybody_gets_a_first_choice(
    runtime: Runtime, cast: Cast
) -> None:
    new = [
        NewPerson(given_name=given, family_name="Nieuw", mail=f"{given.lower()}@nieuw.example", company="B1")
        for given in ("Ans", "Bob")
    ]
    wants = {f"T{at + 1}": list(dict.fromkeys([at % 3, 3 + at % 4, 9 - at % 3])) for at in range(10)}
    play = await evening(runtime, cast, [*SEVEN, "D1", *new], wants)
    planned = await rounds(play)
    assert len(planned) == 8, "ten rounds would take 120 minutes"
    pairs = {pair for one in planned for pair in one.pairs}
    loaded = await play.loaded()
    people = [item.id for item in loaded.participations if item.role == "professional"]
    seats = {code: (await play.participation(code)).id for code in wants}
    for code, places in wants.items():
        assert any((seats[code], people[place]) in pairs for place in places), code


async def test_vector_08_one_is_ill_at_a_quarter_to_four_and_nobody_meets_twice(runtime: Runtime, cast: Cast) -> None:
    play = await evening(runtime, cast, [*SEVEN, "D1"])
    await play.to("2027-01-21 15:45")
    ill = (await play.participation("P6")).id
    await make_anew(runtime, play.activity_id, held=0, stays={ill: NEVER}, now=await play.now(), actor=play.coordinator)
    planned = await rounds(play)
    pairs = [pair for one in planned for pair in one.pairs]
    assert (len(planned), len(pairs), len(set(pairs))) == (7, 70, 70)
    assert ill not in {other for _, other in pairs}


# 9


@pytest.mark.chapter("asked")
async def test_vector_09_two_rounds_of_counter_proposals_and_then_the_phone(play: Play, runtime: Runtime) -> None:
    for ours, theirs in ((None, "8"), (11, "9")):
        if ours is not None:
            await agree.decide(
                runtime, play.activity_id, "amend", {"max_group": ours}, now=await play.now(), actor=play.coordinator
            )
            await play.turn()
        await play.answer("P3", "task-division", agree="changes", max_group=theirs, counter="Minder mensen")
    async with runtime.store.read() as session:
        view = await view_of(session, play.activity_id, "task-division")
    assert view is not None
    assert view.agreement.rounds == 2
    assert await play.open_calls() == ["talk-together"]
    assert len(play.sent("counter-proposal")) == 1, "the second brings a call and no third mail"


# 10


@pytest.mark.chapter("asked")
async def test_vector_10_six_of_eight_answered_and_three_of_four_dots_until_the_card_is_released(
    play: Play, runtime: Runtime
) -> None:
    await play.answer_all(TEACHERS, "registration", attend="yes")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer_all(TEACHERS, "goals")
    await play.answer("P3", "task-division", agree="agreed", hours_plan="10")
    await play.sleep_to("2026-10-29 10:00")
    await play.answer("P3", "practical-information")
    await play.sleep_to("2026-11-05 16:30")
    await play.answer("T2", "attendance")
    await play.sleep_to("2026-11-10 10:00")
    await play.answer_all(TEACHERS[:6], "teacher-evaluation")
    await play.answer("T2", "impressions", scope="school")
    await play.sleep_to("2026-11-18 10:00")
    await play.sleep_to("2026-11-20 10:00")
    await play.sleep_to("2026-11-22 12:00")

    async with runtime.store.read() as session:
        found = await evaluated(session, play.activity_id)
    assert (found.answered, found.asked) == (6, 8)
    figures = await year(play)
    response = figures.responses["teacher-evaluation"]
    assert (response.answered, response.asked, response.percentage) == (6, 8, 75)
    assert four_dots(await play.facts()) == {
        Demand.GOALS: DotState.DONE,
        Demand.TASK_DIVISION: DotState.DONE,
        Demand.SHARE: DotState.BUSY,
        Demand.FEEDBACK: DotState.DONE,
    }
    assert figures.complete == 0

    assert (await play.invitation("P3", "card-release")).state is InvitationState.SENT
    await play.answer("P3", "card-release", release="released")
    assert set(four_dots(await play.facts()).values()) == {DotState.DONE}
    assert (await year(play)).complete == 1
