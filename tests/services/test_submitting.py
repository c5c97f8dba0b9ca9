"""Answers come in: once, again, late, untouched, forged, to what is over; nothing is lost and nothing made up."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.tables.activities import Standing
from models.tables.asking import Draft, FormVersion, InvitationState, Submission, Via
from models.tables.mail import Message
from models.tables.network import Person
from models.tables.truth import AuditEntry
from sandwich.errors import BadInput, NotFound
from sandwich.rules.answers import as_fields
from sandwich.runtime import Runtime
from sandwich.services import collect, steer
from sandwich.services.asking import asked_form
from sandwich.services.personal import personal_page
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, local
from tests.support.dumped import dump

pytestmark = [pytest.mark.asyncio, pytest.mark.both]


async def submissions(play: Play, form: str) -> list[Submission]:
    """Return every submission of a form, in order."""
    async with play.runtime.store.read() as session:
        rows = await session.scalars(select(Submission).where(Submission.form == form).order_by(Submission.number))
        return list(rows)


async def everything(play: Play) -> tuple[Any, int, int]:
    """Return all that is stored: tables, the length of the log, drafts."""
    async with play.runtime.store.read() as session:
        entries = await session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        drafts = await session.scalar(select(func.count()).select_from(Draft)) or 0
    return await play.snapshot(), entries, drafts


@pytest.mark.chapter("asked")
async def test_a_double_submit_is_one_submission(play: Play, runtime: Runtime) -> None:
    invitation = await play.invitation("T3", "goals")
    fields = await play.fields(invitation.id, goal_1="Prefab begrijpen")
    now = await play.now()
    both = await asyncio.gather(
        *(collect.submit(runtime, invitation.id, fields, now=now, key="page-1") for _ in range(2))
    )
    assert [outcome.accepted for outcome in both] == [True, True]
    assert len(await submissions(play, "goals")) == 1


@pytest.mark.chapter("asked")
async def test_something_else_from_the_same_page_is_not_taken_and_names_what_was(play: Play, runtime: Runtime) -> None:
    invitation = await play.invitation("T3", "goals")
    now = await play.now()
    posted = [await play.fields(invitation.id, goal_1=f"Doel {number}") for number in range(6)]
    at_once = await asyncio.gather(
        *(collect.submit(runtime, invitation.id, fields, now=now, key="page-1") for fields in posted)
    )
    kept = (await submissions(play, "goals"))[0]
    assert [outcome.accepted for outcome in at_once].count(True) == 1
    assert {outcome.kept_id for outcome in at_once if not outcome.accepted} == {kept.id}
    before = await everything(play)
    taken = posted[[outcome.accepted for outcome in at_once].index(True)]
    same = await collect.submit(runtime, invitation.id, taken, now=now, key="page-1")
    assert (same.accepted, same.kept_id, same.is_replacement) == (True, None, False)
    named = await collect.submit(runtime, invitation.id, taken, now=now, key="page-1", answered_by="Ria van Dam")
    assert (named.accepted, named.kept_id) == (False, kept.id), "who answers is part of it"
    assert await everything(play) == before

    corrected = await play.answer("T3", "goals", key="page-2", goal_1="Doel, verbeterd")
    assert (corrected.accepted, corrected.is_replacement) == (True, True)
    other = await collect.submit(runtime, invitation.id, {**taken, "goal_1": ["Toch"]}, now=now, key="page-1")
    assert other.kept_id == (await submissions(play, "goals"))[1].id, "what counts now is shown, not what it replaced"


@pytest.mark.chapter("asked")
async def test_a_correction_that_was_kept_may_be_sent_from_the_first_page_again(play: Play, runtime: Runtime) -> None:
    """Its sender never heard that it was kept: the line broke, and the page of before still stands there."""
    await play.answer("T3", "goals", key="page-1", goal_1="Doel")
    await play.answer("T3", "goals", key="page-2", goal_1="Doel, verbeterd")
    before = await everything(play)
    again = await play.answer("T3", "goals", key="page-1", goal_1="Doel, verbeterd")
    assert (again.accepted, again.kept_id, again.is_replacement) == (True, None, True)
    assert await everything(play) == before


@pytest.mark.chapter("asked")
async def test_keys_that_are_alike_only_at_their_beginning_are_two(play: Play) -> None:
    await play.answer("T3", "goals", key="p" * 60 + "1", goal_1="Eerst")
    await play.answer("T3", "goals", key="p" * 60 + "2", goal_1="Later")
    assert [row.answers["goal_1"] for row in await submissions(play, "goals")] == ["Eerst", "Later"]


@pytest.mark.chapter("asked")
async def test_two_tabs_are_two_submissions_and_the_last_counts(play: Play, runtime: Runtime) -> None:
    first = await play.answer("T3", "goals", goal_1="Eerst")
    second = await play.answer("T3", "goals", goal_1="Later")
    assert (first.is_replacement, second.is_replacement) == (False, True)
    kept = await submissions(play, "goals")
    assert [(row.number, row.answers["goal_1"]) for row in kept] == [(1, "Eerst"), (2, "Later")]
    asked = await asked_form(runtime, (await play.invitation("T3", "goals")).id, await play.now())
    assert asked.answered is not None
    assert asked.answered["goal_1"] == "Later"


@pytest.mark.chapter("asked")
async def test_answers_of_different_people_at_once_are_all_kept(play: Play, runtime: Runtime) -> None:
    people = ("T2", "T3", "T4", "T5", "T6", "T7")
    posted = []
    for code in people:
        invitation = await play.invitation(code, "goals")
        posted.append((invitation.id, await play.fields(invitation.id, goal_1=f"Doel van {code}")))
    now = await play.now()
    await asyncio.gather(*(collect.submit(runtime, key, fields, now=now, key="one") for key, fields in posted))
    kept = await submissions(play, "goals")
    assert {row.answers["goal_1"] for row in kept} == {f"Doel van {code}" for code in people}


@pytest.mark.parametrize("code_and_form", ["P3 date-poll", "T3 goals", "L1 approval", "P3 task-division"])
async def test_an_untouched_form_changes_nothing(runtime: Runtime, cast: Cast, code_and_form: str) -> None:
    code, form = code_and_form.split()
    play = await Play.begin(runtime, cast)
    if form == "date-poll":
        await play.turn()
    else:
        await play.asked()
    invitation = await play.invitation(code, form)
    asked = await asked_form(runtime, invitation.id, await play.now())
    shown = as_fields(asked.form, dict(asked.prefilled), asked.rows, asked.frame.language)
    before = await everything(play)
    for posted in (shown, {}, {"_key": ["x"], "goal_1": ["  "]}):
        outcome = await collect.submit(runtime, invitation.id, posted, now=await play.now(), key="scanner")
        assert (outcome.accepted, outcome.untouched) == (False, True)
        assert not await collect.save_draft(runtime, invitation.id, posted, now=await play.now())
    assert await everything(play) == before


@pytest.mark.chapter("asked")
async def test_forged_fields_and_values_are_not_taken(play: Play, runtime: Runtime, cast: Cast) -> None:
    invitation = await play.invitation("T3", "goals")
    good = await play.fields(invitation.id)
    forged = {**good, "state": ["answered"], "person_id": [cast.id("T4")], "approval": ["approved"]}
    outcome = await collect.submit(runtime, invitation.id, forged, now=await play.now(), key="a")
    assert outcome.accepted
    assert set((await submissions(play, "goals"))[0].answers) <= {
        "purpose", "goal_1", "goal_link", "questions_host", "name_ok", "know_now", "conf_lesson", "conf_career",
        "intend", "photo_self",
    }  # fmt: skip
    wrong = {**good, "know_now": ["11"], "purpose": ["world-peace"]}
    outcome = await collect.submit(runtime, invitation.id, wrong, now=await play.now(), key="b")
    assert not outcome.accepted
    assert set(outcome.problems) == {"know_now", "purpose"}
    assert outcome.typed["goal_1"] == good["goal_1"]
    assert len(await submissions(play, "goals")) == 1


@pytest.mark.chapter("asked")
async def test_ten_megabytes_of_text_are_refused_in_a_sentence(play: Play, runtime: Runtime) -> None:
    invitation = await play.invitation("T3", "goals")
    fields = {**await play.fields(invitation.id), "questions_host": ["x" * 10_000_000]}
    before = await everything(play)
    outcome = await collect.submit(runtime, invitation.id, fields, now=await play.now(), key="a")
    assert list(outcome.problems) == ["questions_host"]
    assert "1500" in outcome.problems["questions_host"]
    assert outcome.typed["goal_1"] == fields["goal_1"]
    assert await everything(play) == before


@pytest.mark.chapter("asked")
async def test_a_leader_decides_on_people_of_the_own_school_alone(play: Play, runtime: Runtime) -> None:
    invitation = await play.invitation("L1", "approval")
    fields = await play.fields(invitation.id)
    stranger = await play.participation("T3")
    fields[f"decision.{stranger.id}.decision"] = ["declined"]
    await collect.submit(runtime, invitation.id, fields, now=await play.now(), key="a")
    assert (await play.participation("T3")).standing is Standing.INVITED


@pytest.mark.chapter("asked")
async def test_a_late_answer_is_taken_and_marked(play: Play) -> None:
    in_time = await play.answer("T2", "goals")
    await play.sleep_to("2026-10-19 10:00")
    late = await play.answer("T3", "goals")
    assert (in_time.is_late, late.is_late) == (False, True)


@pytest.mark.chapter("asked")
async def test_a_draft_is_kept_as_typed_and_gone_with_the_answer(play: Play, runtime: Runtime) -> None:
    invitation = await play.invitation("T3", "goals")
    half = {"goal_1": ["Half af"], "know_now": ["elf"]}
    assert await collect.save_draft(runtime, invitation.id, half, now=await play.now())
    asked = await asked_form(runtime, invitation.id, await play.now())
    assert (asked.state, asked.typed) == (InvitationState.DRAFT, half)
    before = await dump(runtime.store)
    assert await collect.save_draft(runtime, invitation.id, half, now=await play.now() + timedelta(minutes=5))
    assert await dump(runtime.store) == before, "a scanner that presses the button once more changes nothing"
    # Everything taken out again is a change too.
    assert await collect.save_draft(runtime, invitation.id, {"goal_1": [""]}, now=await play.now())
    await play.answer("T3", "goals")
    asked = await asked_form(runtime, invitation.id, await play.now())
    assert (asked.state, asked.typed) == (InvitationState.ANSWERED, None)


@pytest.mark.chapter("asked")
async def test_answers_after_a_waive_a_withdrawal_and_a_cancellation_are_explained(
    play: Play, runtime: Runtime
) -> None:
    waived = await play.invitation("T5", "goals")
    await steer.waive(runtime, waived.id, "Gesproken", now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="not yours to answer any more") as refused:
        await play.answer("T5", "goals")
    assert "coördinator" in refused.value.to("nl")
    leaver = await play.participation("T6")
    await steer.withdraw(runtime, leaver.id, now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="not yours to answer"):
        await play.answer("T6", "goals")
    await steer.cancel(runtime, play.activity_id, "Storm", now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="This activity was cancelled"):
        await play.answer("T7", "goals")
    with pytest.raises(BadInput, match="was cancelled"):
        await collect.save_draft(
            runtime, (await play.invitation("T7", "goals")).id, {"goal_1": ["x"]}, now=await play.now()
        )


async def test_an_invitation_that_does_not_exist(runtime: Runtime, cast: Cast) -> None:
    now = await runtime.clock.now()
    with pytest.raises(NotFound, match="There is no invitation nothing"):
        await collect.submit(runtime, "nothing", {}, now=now, key="a")
    with pytest.raises(NotFound):
        await collect.save_draft(runtime, "nothing", {}, now=now)
    with pytest.raises(NotFound):
        await collect.report_change(runtime, "nothing", "change", {}, now=now, key="a")


async def change(play: Play, code: str, key: str = "a", **posted: str) -> collect.Outcome:
    """Let somebody report a change from the foot of a mail."""
    member = await play.participation(code)
    fields = {name: [value] for name, value in posted.items()}
    outcome = await collect.report_change(play.runtime, member.id, "change", fields, now=await play.now(), key=key)
    await play.turn()
    return outcome


@pytest.mark.chapter("asked")
async def test_who_cannot_come_leaves_at_once_and_the_coordinator_is_called(play: Play) -> None:
    assert (await change(play, "T4", what="cannot")).accepted
    assert (await change(play, "T4", what="cannot")).accepted  # the same page once more
    assert (await play.participation("T4")).standing is Standing.WITHDRAWN
    assert await play.open_calls() == ["change-cannot"]
    (kept,) = await submissions(play, "change")
    other = await change(play, "T4", what="other", remark="Ik kan toch")
    assert (other.accepted, other.kept_id) == (False, kept.id)
    assert len(await submissions(play, "change")) == 1
    assert (await change(play, "T4", "b", what="other", remark="Ik kan toch")).accepted
    assert len(await submissions(play, "change")) == 2


@pytest.mark.chapter("asked")
async def test_a_change_that_was_corrected_may_be_sent_from_the_first_page_again(play: Play) -> None:
    """As an answer may: the line broke, and its sender never heard that it was kept."""
    assert (await change(play, "T4", "page-1", what="other", remark="Ik kom met de fiets")).accepted
    await play.runtime.clock.set(await play.now() + timedelta(minutes=1))
    assert (await change(play, "T4", "page-2", what="other", remark="Ik kom met de trein")).accepted
    before = await everything(play)
    again = await change(play, "T4", "page-1", what="other", remark="Ik kom met de trein")
    assert (again.accepted, again.kept_id) == (True, None)
    assert await everything(play) == before


@pytest.mark.chapter("asked")
async def test_a_host_who_cannot_stays_until_somebody_has_phoned(play: Play) -> None:
    await change(play, "P3", what="cannot")
    assert (await play.participation("P3")).standing is Standing.INVITED
    assert await play.open_calls() == ["change-cannot"]


@pytest.mark.chapter("asked")
async def test_a_change_without_a_choice_changes_nothing(play: Play) -> None:
    before = await everything(play)
    assert (await change(play, "T4")).untouched
    assert (await change(play, "T4", tell_others="no")).untouched
    outcome = await change(play, "T4", what="replaced")
    assert set(outcome.problems) == {"replacement", "replacement_email"}
    assert await everything(play) == before


@pytest.mark.chapter("asked")
async def test_no_change_in_a_cancelled_activity_but_privacy_always(play: Play, runtime: Runtime, cast: Cast) -> None:
    await steer.cancel(runtime, play.activity_id, "Storm", now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="was cancelled"):
        await change(play, "T4", what="cannot")
    member = await play.participation("T4")
    asked = {"kind": ["no-mail"], "reply": ["phone"]}
    outcome = await collect.report_change(runtime, member.id, "privacy-request", asked, now=await play.now(), key="b")
    assert outcome.accepted
    async with runtime.store.read() as session:
        assert (await session.get_one(Person, cast.id("T4"))).no_mail
        mails = list(await session.scalars(select(Message).where(Message.mail == "privacy-received")))
    assert [mail.person_id for mail in mails] == [cast.id("T4")]
    assert await play.open_calls() == ["privacy-no-mail"]


@pytest.mark.parametrize("form", ["goals", "approval", "nothing"])
@pytest.mark.chapter("asked")
async def test_only_the_forms_at_the_foot_are_taken_unasked(play: Play, runtime: Runtime, form: str) -> None:
    member = await play.participation("T4")
    with pytest.raises(NotFound, match=f"There is no form {form}"):
        await collect.report_change(runtime, member.id, form, {"a": ["b"]}, now=await play.now(), key="a")


@pytest.mark.chapter("asked")
async def test_the_personal_page_lists_what_is_open_and_what_was_answered(play: Play, runtime: Runtime) -> None:
    member = await play.participation("T3")
    page = await personal_page(runtime, member.id, await play.now())
    assert [item.title for item in page.open] == ["Doe je mee?", "Wat wil jij leren?"]
    outcome = await play.answer("T3", "registration", attend="yes")
    assert outcome.next_invitation_id == (await play.invitation("T3", "goals")).id
    page = await personal_page(runtime, member.id, await play.now())
    assert [len(page.open), len(page.answered)] == [1, 1]


async def test_an_answer_shows_the_question_as_it_was_asked(runtime: Runtime, cast: Cast) -> None:
    """A form that changes after it was asked does not change what was asked."""
    play = await (await Play.begin(runtime, cast)).asked()
    invitation = await play.invitation("T3", "goals")
    async with runtime.store.read() as session:
        stored = await session.get_one(FormVersion, invitation.form_digest)
    asked = await asked_form(runtime, invitation.id, await play.now())
    assert asked.form.version == stored.version
    await play.answer("T3", "goals", via=Via.PHONE, entered_by=play.coordinator)
    row = (await submissions(play, "goals"))[0]
    assert (row.form_digest, row.via, row.entered_by_id) == (stored.digest, Via.PHONE, play.coordinator)
    assert row.person_id == cast.id("T3")


@pytest.mark.chapter("ready")
async def test_the_note_of_the_day_can_be_written_from_the_morning_and_comes_back(play: Play, runtime: Runtime) -> None:
    await play.sleep_to("2026-11-05 10:00")
    member = await play.participation("T3")
    page = await personal_page(runtime, member.id, await play.now())
    assert "Wat nam je mee?" in [item.title for item in page.open]
    await play.answer(
        "T3", "field-note", saw="Een zaagrobot", lesson_link="De tekening lezen", colleague_link="Filmpje"
    )
    assert play.sent("field-note") == []
    await play.sleep_to("2026-11-05 16:30")
    assert {to for _, to in play.sent("field-note")} == set(TEACHERS) - {"T3"}, "who wrote it is not asked any more"
    await play.answer("T2", "attendance")
    await play.sleep_to("2026-11-10 10:00")
    asked = await asked_form(runtime, (await play.invitation("T3", "impressions")).id, await play.now())
    assert {key: asked.prefilled[key] for key in ("insight_1", "insight_2", "use_lesson")} == {
        "insight_1": "Een zaagrobot",
        "insight_2": "Filmpje",
        "use_lesson": "De tekening lezen",
    }


@pytest.mark.chapter("ready")
async def test_a_note_that_was_open_on_the_old_day_is_not_asked_for_it_after_a_move(
    play: Play, runtime: Runtime
) -> None:
    await play.sleep_to("2026-11-05 09:00")
    later = [(local("2026-11-12 13:30"), local("2026-11-12 16:30"))]
    await steer.move(runtime, play.activity_id, later, "ziek", now=await play.now(), actor=play.coordinator)
    await play.sleep_to("2026-11-05 16:30")
    assert play.sent("field-note") == []
    page = await personal_page(runtime, (await play.participation("T3")).id, await play.now())
    assert "Wat nam je mee?" not in [item.title for item in page.open]
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("P3", "practical-information")
    await play.sleep_to("2026-11-12 08:00")
    await play.sleep_to("2026-11-12 16:30")
    assert {at for at, _ in play.sent("field-note")} == {"Thu 12 Nov 16:30"}


@pytest.mark.chapter("asked")
async def test_the_trip_leader_reads_what_the_school_agreed_to_do(play: Play, runtime: Runtime) -> None:
    leader, other = await play.participation("T2"), await play.participation("T3")
    assert (await personal_page(runtime, leader.id, await play.now())).tasks == ()
    await play.answer("P3", "task-division", agree="agreed", tasks__transport__name="Els")
    tasks = (await personal_page(runtime, leader.id, await play.now())).tasks
    assert ("Vervoer", "school", "Els") in [(task.what, task.whose, task.name) for task in tasks]
    assert "Rondleiding" not in [task.what for task in tasks]
    assert (await personal_page(runtime, other.id, await play.now())).tasks == ()
