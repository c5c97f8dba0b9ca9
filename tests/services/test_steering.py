"""Changes in mid-flight: move, cancel, hold, waive, replace, open a gate. What was answered stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.draft import NewPerson
from models.roles import Role, Stage
from models.tables.activities import ActivityStatus, Approval, Standing, StepState
from models.tables.asking import InvitationState, Link
from models.tables.mail import CallState, Message, MessageState
from sandwich.errors import BadInput, NotFound
from sandwich.runtime import Runtime
from sandwich.services import collect, steer
from sandwich.services.links import LinkRevoked, open_link
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, local, told
from tests.support.linked import link_for

pytestmark = pytest.mark.asyncio


async def move(play: Play, day: str, reason: str = "Storm") -> None:
    """Move the activity to another afternoon."""
    span = (local(f"{day} 13:30"), local(f"{day} 16:30"))
    await steer.move(play.runtime, play.activity_id, [span], reason, now=await play.now(), actor=play.coordinator)
    await play.turn()


async def due(play: Play, step: str) -> str:
    """Return when a step is due."""
    row = await play.step(step)
    assert row.due_at is not None
    return told(row.due_at)


# moving


@pytest.mark.chapter("asked")
async def test_weeks_later_everything_still_to_come_follows(play: Play) -> None:
    await play.answer("T3", "goals")
    await move(play, "2026-11-26")
    assert await due(play, "practical-info") == "Thu 19 Nov 08:00"
    assert await due(play, "impact-check") == "Thu 14 Jan 10:00"
    goals = await play.invitation("T3", "goals")
    assert (goals.state, goals.reconfirm) == (InvitationState.ANSWERED, False)
    open_one = await play.invitation("T5", "goals")
    assert told(open_one.deadline_at or local("2026-01-01")) == "Thu 12 Nov 00:00"
    told_to = {to for _, to in play.sent("moved")}
    assert told_to == {*TEACHERS, "P3", "L1", "L2", "L3", "R1"}
    activity = await play.activity()
    assert [entry["reason"] for entry in activity.moves] == ["Storm"]
    assert activity.calendar_sequence == 1


@pytest.mark.chapter("ready")
async def test_what_hangs_on_the_date_is_asked_again_and_nothing_else(play: Play) -> None:
    assert (await play.facts()).gate_before
    await move(play, "2026-11-26")
    again = {item.form for item in await play.invitations() if item.reconfirm}
    assert again == {"approval", "practical-information"}
    facts = await play.facts()
    assert (facts.gate_before, facts.practical_info_confirmed, facts.task_division_accepted) == (False, False, True)
    assert (await play.participation("T3")).approval is Approval.OPEN
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("P3", "practical-information")
    facts = await play.facts()
    assert (facts.gate_before, facts.practical_info_confirmed) == (True, True)


@pytest.mark.chapter("ready")
async def test_what_was_told_for_the_old_day_is_told_again_for_the_new_one(play: Play) -> None:
    await play.sleep_to("2026-11-04 10:00")
    assert len(play.sent("practical-info")) == len(play.sent("day-reminder")) == 9
    await move(play, "2026-11-26")
    assert (await play.step("day-reminder")).state is StepState.PLANNED
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.to("2026-11-26 08:00")
    assert [at for at, _ in play.sent("practical-info")][9:] == ["Thu 19 Nov 08:00"] * 9
    assert [at for at, _ in play.sent("day-reminder")][9:] == ["Wed 25 Nov 09:00"] * 9
    # Prefect shows them already and does not hear of the second time.
    assert play.repeated == ["practical-info", "day-reminder"]


@pytest.mark.chapter("ready")
async def test_moved_by_a_few_days_practical_information_is_not_sent_twice(play: Play) -> None:
    await play.sleep_to("2026-11-03 10:00")
    await move(play, "2026-11-09")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.to("2026-11-09 08:00")
    assert len(play.sent("practical-info")) == 9
    assert {at for at, _ in play.sent("day-reminder")} == {"Fri 06 Nov 09:00"}


@pytest.mark.chapter("ready")
async def test_moved_on_the_morning_of_the_day(play: Play) -> None:
    await play.sleep_to("2026-11-05 09:00")
    assert (await play.activity()).status is ActivityStatus.DURING
    await move(play, "2026-11-19")
    assert (await play.activity()).status is ActivityStatus.BEFORE
    assert (await play.invitation("T2", "attendance")).state is InvitationState.WITHDRAWN
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.to("2026-11-19 09:00")
    assert (await play.activity()).status is ActivityStatus.DURING
    assert [at for at, _ in play.sent("attendance")] == ["Thu 05 Nov 09:00", "Thu 19 Nov 08:00"]
    assert (await play.invitation("T2", "attendance")).occurrence == 2


@pytest.mark.chapter("with_date")
async def test_earlier_what_is_overdue_comes_at_once(play: Play) -> None:
    await move(play, "2026-10-08")
    left = {left.mail for left in play.mails}
    assert left >= {"invitation", "release", "goals", "task-division"}
    assert (await play.invitation("T3", "goals")).profile == "teachers"
    assert await due(play, "practical-info") == "Thu 01 Oct 08:00"


@pytest.mark.chapter("ready")
async def test_the_watches_look_again_at_the_new_date(play: Play) -> None:
    assert "not-ready" not in await play.open_calls()
    await move(play, "2026-11-26")
    await play.to("2026-11-19 09:00")
    assert "not-ready" in await play.open_calls()  # the leaders have not approved of the new date
    assert sum(call.what == "not-ready" for call in await play.calls(*CallState)) == 2


@pytest.mark.chapter("with_date")
async def test_a_watch_whose_moment_the_move_has_passed_looks_at_once(play: Play) -> None:
    await move(play, "2026-10-01")
    assert {"below-minimum", "no-goal", "not-ready"} <= set(await play.open_calls())


@pytest.mark.parametrize(
    ("spans", "sentence"),
    [
        ([("2026-09-01 13:30", "2026-09-01 16:30")], "has passed. Choose a day that is still to come"),
        ([("2026-11-26 16:30", "2026-11-26 13:30")], "end must be later than the start"),
        (
            [("2026-11-26 13:30", "2026-11-26 16:30"), ("2026-11-27 13:30", "2026-11-27 16:30")],
            "has 1 contact moments; give as many dates",
        ),
    ],
)
@pytest.mark.chapter("with_date")
async def test_dates_that_cannot_be_are_refused(
    play: Play, runtime: Runtime, spans: list[tuple[str, str]], sentence: str
) -> None:
    before = await play.snapshot()
    with pytest.raises(BadInput, match=sentence):
        await steer.move(
            runtime,
            play.activity_id,
            [(local(start), local(end)) for start, end in spans],
            "Storm",
            now=await play.now(),
            actor=play.coordinator,
        )
    assert await play.snapshot() == before


@pytest.mark.chapter("held")
async def test_what_has_been_or_is_over_cannot_be_moved(play: Play, runtime: Runtime) -> None:
    with pytest.raises(BadInput, match="has taken place"):
        await move(play, "2026-11-26")
    await steer.cancel(runtime, play.activity_id, "Klaar", now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="was cancelled"):
        await move(play, "2026-11-26")


# on hold, cancelled


@pytest.mark.chapter("ready")
async def test_a_day_that_passed_on_hold_must_be_moved_before_it_goes_on(play: Play, runtime: Runtime) -> None:
    await steer.hold(runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)
    await play.sleep_to("2026-11-12 10:00")
    assert play.sent("attendance") == []
    with pytest.raises(BadInput, match="Move it to a new date first"):
        await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    await move(play, "2026-12-03", "Nieuwe hal")
    assert play.sent("moved") == []  # nothing leaves on hold
    await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert len(play.sent("moved")) == 13
    assert (await play.activity()).status is ActivityStatus.BEFORE


@pytest.mark.chapter("ready")
async def test_going_on_asks_nothing_again(play: Play, runtime: Runtime) -> None:
    await steer.hold(runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)
    await steer.resume(runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    assert [item.form for item in await play.invitations() if item.reconfirm] == []
    assert (await play.facts()).gate_before


@pytest.mark.chapter("asked")
async def test_a_cancelled_activity_tells_everybody_and_asks_nothing_more(play: Play, runtime: Runtime) -> None:
    await steer.cancel(runtime, play.activity_id, "Bedrijf stopt", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert {to for _, to in play.sent("cancelled")} == {*TEACHERS, "P3", "L1", "L2", "L3", "R1"}
    activity = await play.activity()
    assert (activity.status, activity.closing_reason) == (ActivityStatus.CANCELLED, "Bedrijf stopt")
    states = {item.state for item in await play.invitations()}
    assert states == {InvitationState.ANSWERED, InvitationState.WITHDRAWN}
    assert await play.calls(CallState.OPEN, CallState.PLANNED) == []
    with pytest.raises(BadInput, match="was cancelled"):
        await steer.cancel(runtime, play.activity_id, "Nog eens", now=await play.now(), actor=play.coordinator)
    mails = len(play.mails)
    await play.sleep_to("2026-12-01 10:00")
    assert len(play.mails) == mails


async def test_who_was_never_written_to_hears_of_nothing(play: Play, runtime: Runtime) -> None:
    await steer.cancel(runtime, play.activity_id, "Vergissing", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert play.mails == []


async def test_what_waits_in_the_outbox_is_not_sent_after_a_cancellation(play: Play, runtime: Runtime) -> None:
    await play.carry()
    await steer.cancel(runtime, play.activity_id, "Vergissing", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert play.mails == []
    async with runtime.store.read() as session:
        states = [row.state for row in await session.scalars(select(Message))]
    assert states == [MessageState.SKIPPED]


# people


@pytest.mark.chapter("ready")
async def test_a_replacement_catches_up_in_one_go(play: Play, runtime: Runtime) -> None:
    await play.answer("T4", "goals")
    old = await play.participation("T4")
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        goals = await play.invitation("T4", "goals")
        token = await link_for(session, runtime.settings, old.id, goals.id, await play.now())
    mails = len(play.mails)
    new_id = await steer.replace(runtime, old.id, "T9", now=await play.now(), actor=play.coordinator)
    await play.turn()
    late = play.mails[mails:]
    assert {(left.mail, left.to) for left in late} == {
        ("invitation", "T9"),
        ("goals", "T9"),
        ("practical-info", "T9"),
        ("release", "L1"),
        ("left", "T4"),
        ("call", "C1"),  # it was ready to go, and is not any more
    }
    assert {left.at for left in late} == {"Thu 29 Oct 10:00"}
    gone = await play.participation("T4")
    assert (gone.standing, gone.replaced_by_id) == (Standing.REPLACED, new_id)
    with pytest.raises(LinkRevoked):
        await open_link(runtime, token, await play.now())
    new = await play.participation("T9")
    assert new.approval is Approval.OPEN
    assert not (await play.facts()).gate_before
    await play.answer("L1", "approval")
    assert (await play.facts()).gate_before
    with pytest.raises(BadInput, match="replaced already"):
        await steer.replace(runtime, old.id, "T1", now=await play.now(), actor=play.coordinator)


@pytest.mark.chapter("asked")
async def test_the_old_answers_stay_with_the_old_person_and_do_not_count(play: Play, runtime: Runtime) -> None:
    await play.answer("T4", "goals")
    assert (await play.facts()).group_goal
    old = await play.participation("T4")
    await steer.replace(runtime, old.id, "T9", now=await play.now(), actor=play.coordinator)
    assert not (await play.facts()).group_goal
    assert (await play.invitation("T4", "goals")).state is InvitationState.ANSWERED


@pytest.mark.chapter("asked")
async def test_a_leader_who_has_not_answered_is_not_asked_twice(play: Play, runtime: Runtime) -> None:
    old = await play.participation("T7")
    await steer.replace(runtime, old.id, "T9", now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert len([item for item in await play.invitations("L1") if item.form == "approval"]) == 1
    await play.answer("L1", "approval")
    assert (await play.participation("T9")).approval is Approval.APPROVED


@pytest.mark.chapter("ready")
async def test_a_replaced_trip_leader_hands_over_the_lead(play: Play, runtime: Runtime) -> None:
    old = await play.participation("T2")
    await steer.replace(runtime, old.id, "T9", now=await play.now(), actor=play.coordinator)
    await play.answer("L1", "approval")
    await play.answer("T9", "goals")
    await play.sleep_to("2026-11-05 08:00")
    assert play.sent("attendance") == [("Thu 05 Nov 08:00", "T9")]


@pytest.mark.chapter("ready")
async def test_a_new_host_is_asked_only_what_is_still_open(play: Play, runtime: Runtime) -> None:
    old = await play.participation("P3")
    new = {"given_name": "Els", "family_name": "Bouw", "mail": "els@korteweg.example", "company": "B3"}
    new_id = await steer.replace(
        runtime, old.id, NewPerson.model_validate(new), now=await play.now(), actor=play.coordinator
    )
    asked = [item.form for item in await play.invitations() if item.participation_id == new_id]
    assert asked == ["practical-information"]


@pytest.mark.chapter("asked")
async def test_replacing_one_person_settles_the_calls_about_that_person_alone(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    for code in ("T4", "T5"):
        member = await play.participation(code)
        await collect.report_change(runtime, member.id, "change", {"what": ["cannot"]}, now=await play.now(), key=code)
    old = await play.participation("T4")
    await steer.replace(runtime, old.id, "T9", now=await play.now(), actor=play.coordinator)
    assert [call.person_id for call in await play.calls()] == [cast.id("T5")]


@pytest.mark.chapter("asked")
async def test_people_who_are_in_cannot_come_in_again(play: Play, runtime: Runtime) -> None:
    member = await play.participation("T4")
    before = await play.snapshot()
    for ref, sentence in (("T3", "takes part already"), ("T4", "Choose somebody else"), ("T99", "Nobody is known")):
        with pytest.raises(BadInput, match=sentence):
            await steer.replace(runtime, member.id, ref, now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="takes part already"):
        await steer.add_person(
            runtime, play.activity_id, "T3", Role.TEACHER, now=await play.now(), actor=play.coordinator
        )
    with pytest.raises(NotFound):
        await steer.withdraw(runtime, "nobody", now=await play.now(), actor=play.coordinator)
    assert await play.snapshot() == before


@pytest.mark.chapter("asked")
async def test_nobody_is_added_replaced_or_taken_out_of_what_has_ended(play: Play, runtime: Runtime) -> None:
    member = await play.participation("T4")
    await steer.cancel(runtime, play.activity_id, "Brand", now=await play.now(), actor=play.coordinator)
    before, about = await play.snapshot(), {"now": await play.now(), "actor": play.coordinator}
    with pytest.raises(BadInput, match="was cancelled"):
        await steer.withdraw(runtime, member.id, **about)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="was cancelled"):
        await steer.replace(runtime, member.id, "T9", **about)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="was cancelled"):
        await steer.add_person(runtime, play.activity_id, "T9", Role.TEACHER, **about)  # type: ignore[arg-type]
    assert await play.snapshot() == before


@pytest.mark.chapter("asked")
async def test_somebody_who_left_can_come_back(play: Play, runtime: Runtime) -> None:
    member = await play.participation("T4")
    await steer.withdraw(runtime, member.id, now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="has left already"):
        await steer.withdraw(runtime, member.id, now=await play.now(), actor=play.coordinator)
    again = await steer.add_person(
        runtime, play.activity_id, "T4", Role.TEACHER, now=await play.now(), actor=play.coordinator
    )
    assert again == member.id
    states = {(item.form, item.occurrence): item.state for item in await play.invitations("T4")}
    assert states[("goals", 2)] is InvitationState.PLANNED
    assert states[("goals", 1)] is InvitationState.WITHDRAWN


async def test_a_school_that_comes_in_brings_its_own_free_days(runtime: Runtime, cast: Cast) -> None:
    """S3 has a study day on Friday 11 December; nobody of S3 is in at first."""
    play = await Play.begin(
        runtime,
        cast,
        teachers=["T3"],
        trip_leader=None,
        dates=[{"start": "2026-12-18 09:00", "end": "2026-12-18 12:00"}],
    )
    assert await due(play, "practical-info") == "Fri 11 Dec 08:00"
    await steer.add_person(runtime, play.activity_id, "T6", Role.TEACHER, now=await play.now(), actor=play.coordinator)
    assert await due(play, "practical-info") == "Thu 10 Dec 08:00"


# gates


@pytest.mark.chapter("asked")
async def test_a_gate_opens_for_a_reason_and_what_it_kept_back_follows(play: Play, runtime: Runtime) -> None:
    await play.sleep_to("2026-10-29 09:00")
    assert (await play.facts()).gate_before is False
    assert play.sent("practical-info") == []
    with pytest.raises(BadInput, match="Give a reason"):
        await steer.override_gate(
            runtime, play.activity_id, Stage.BEFORE, "", now=await play.now(), actor=play.coordinator
        )
    await steer.override_gate(
        runtime, play.activity_id, Stage.BEFORE, "Alles is gebeld", now=await play.now(), actor=play.coordinator
    )
    await play.turn()
    assert "not-ready" not in await play.open_calls()
    assert len(play.sent("practical-info")) == 9
    assert not (await play.facts()).group_goal


async def test_an_activity_whose_gate_was_forced_comes_to_its_end(runtime: Runtime, cast: Cast) -> None:
    """Nobody wrote a goal, nobody recorded who was there, nobody shared: steps are skipped, and it still ends."""
    play = await (await Play.begin(runtime, cast)).asked()
    for stage in (Stage.BEFORE, Stage.AFTER):
        await steer.override_gate(
            runtime, play.activity_id, stage, "Toch", now=await play.now(), actor=play.coordinator
        )
    for day in ("2026-10-29", "2026-11-04", "2026-11-05", "2026-11-09", "2026-11-10", "2026-11-20"):
        await play.sleep_to(f"{day} 17:00")
    assert (await play.activity()).status is ActivityStatus.FINISHED
    await play.sleep_to("2027-01-05 17:00")
    await play.sleep_to("2027-01-19 17:00")
    skipped = {row.step: row.skip_reason for row in (await play.loaded()).steps.values() if row.skip_reason}
    assert skipped == {"goals-to-host": "overtaken", "host-preview": "overtaken", "publish": "overtaken"}
    activity = await play.activity()
    assert (activity.wake_at, activity.progress) == (None, {"before": 100, "during": 100, "after": 100})


async def test_a_gate_that_was_passed_stays_open(runtime: Runtime, cast: Cast) -> None:
    """The host's address turns out to be dead after the visit: the activity does not fall back to before."""
    play = await (await Play.begin(runtime, cast)).held()
    await play.sleep_to("2026-11-06 10:00")
    assert (await play.activity()).status is ActivityStatus.AFTER
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        for kind in list(cast.contacts):
            if kind[0] == "P3":
                (await session.merge(cast.contacts[kind])).is_valid = False
    await play.sleep_to("2026-11-10 10:00")
    assert not (await play.facts()).host_known
    assert (await play.activity()).status is ActivityStatus.AFTER
    assert len(play.sent("evaluation")) == 8


async def test_the_end_of_the_visit_opens_the_gate_by_itself(runtime: Runtime, cast: Cast) -> None:
    """Attendance was recorded before the end; the field note is at 16:30 and the visit lasts until 17:15."""
    play = await Play.begin(runtime, cast, dates=[{"start": "2026-11-05 13:30", "end": "2026-11-05 17:15"}])
    await play.turn()
    await play.answer("P3", "date-poll", dates__date_1__answer="suits")
    await play.sleep_to("2026-10-08 10:00")
    await steer.override_gate(
        runtime, play.activity_id, Stage.BEFORE, "Toch", now=await play.now(), actor=play.coordinator
    )
    await play.sleep_to("2026-11-05 14:00")
    await play.answer("T2", "attendance")
    assert (await play.activity()).status is ActivityStatus.DURING
    await play.to("2026-11-05 17:15")
    assert (await play.activity()).status is ActivityStatus.AFTER
    async with runtime.store.read() as session:
        assert list(await session.scalars(select(Link))) == []
    assert (await play.now()) - local("2026-11-05 17:15") < timedelta(minutes=1)
