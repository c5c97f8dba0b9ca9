"""A pair that names its next meeting in the log has it on that day, in the plan and both calendars (field rule 47)."""

import pytest

from models.roles import Role
from sandwich.runtime import Runtime
from tests.services.test_pairs import COHORT, MONDAY
from tests.support.cast import Cast
from tests.support.driver import Play, told
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def met_twice(runtime: Runtime, cast: Cast) -> tuple[Play, str, str]:
    """Return a pair on the evening of its second meeting, and who they are."""
    whole = await Play.begin(runtime, cast, words=True, **COHORT)
    living = Living(whole, {"twinning-intake": MONDAY}, silent=("meeting-log",))
    await living.to("2027-01-14 18:00")
    living.also = await whole.parts()
    await living.to("2027-02-04 18:00")
    part = living.also[0]
    codes = {person.id: code for code, person in cast.people.items()}
    loaded = await part.loaded()
    teacher, professional = (codes[loaded.in_role(role)[0].person_id] for role in (Role.TEACHER, Role.PROFESSIONAL))
    assert [told(moment.starts_at) for moment in loaded.moments] == [
        "Thu 14 Jan 15:30",
        "Thu 04 Feb 15:30",
        "Mon 01 Mar 15:30",
        "Thu 18 Mar 15:30",
        "Thu 08 Apr 15:30",
    ]
    return part, teacher, professional


async def days(part: Play) -> list[str]:
    """Return when a pair meets from its third meeting on."""
    return [told(moment.starts_at) for moment in (await part.loaded()).moments][2:]


async def test_the_next_meeting_comes_on_the_day_that_the_log_names(runtime: Runtime, cast: Cast) -> None:
    part, teacher, professional = await met_twice(runtime, cast)
    sequence = (await part.activity()).calendar_sequence
    due = (await part.step("log-3")).due_at
    await part.answer(teacher, "meeting-log", next_date="2027-03-05")
    assert await days(part) == ["Fri 05 Mar 15:30", "Thu 18 Mar 15:30", "Thu 08 Apr 15:30"]
    assert (await part.activity()).calendar_sequence == sequence + 1
    moved = (await part.step("log-3")).due_at
    assert due is not None
    assert moved is not None
    assert told(moved) == "Fri 05 Mar 17:30"
    mails = [(to, text) for mail, to, text in part.letters if mail == "moved"]
    assert sorted(to for to, _ in mails) == sorted([teacher, professional]), "nobody else needs to know"
    assert all("5 maart" in text or "5 March" in text for _, text in mails)
    # Who corrects the log corrects the day with it; the same day once more tells nobody anything.
    await part.answer(teacher, "meeting-log", next_date="2027-03-05")
    await part.answer(professional, "meeting-log", next_date="2027-03-08")
    assert await days(part) == ["Mon 08 Mar 15:30", "Thu 18 Mar 15:30", "Thu 08 Apr 15:30"]
    assert len([mail for mail, _, _ in part.letters if mail == "moved"]) == 4


async def test_later_meetings_move_along_where_the_next_would_come_after_them(runtime: Runtime, cast: Cast) -> None:
    part, teacher, _ = await met_twice(runtime, cast)
    await part.answer(teacher, "meeting-log", next_date="2027-03-22")
    assert await days(part) == ["Mon 22 Mar 15:30", "Thu 08 Apr 15:30", "Mon 10 May 15:30"], "29 April is a holiday"


@pytest.mark.parametrize(("day", "said"), [("2027-02-03", "al geweest"), ("2037-03-05", "meer dan een jaar weg")])
async def test_a_day_that_cannot_be_is_a_sentence_and_moves_nothing(
    runtime: Runtime, cast: Cast, day: str, said: str
) -> None:
    part, teacher, _ = await met_twice(runtime, cast)
    before = await days(part)
    outcome = await part.answer(teacher, "meeting-log", accepted=False, next_date=day)
    assert said in outcome.problems["next_date"]
    assert await days(part) == before


async def test_without_a_day_the_plan_stays(runtime: Runtime, cast: Cast) -> None:
    part, teacher, _ = await met_twice(runtime, cast)
    before = await days(part)
    await part.answer(teacher, "meeting-log")
    assert await days(part) == before
