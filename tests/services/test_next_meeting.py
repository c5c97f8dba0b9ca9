"""A pair that names its next meeting in the log has it on that day, in the plan and both calendars (field rule 47)."""

import pytest

from models.roles import Role
from sandwich.runtime import Runtime
from tests.services.test_pairs import COHORT, MONDAY
from tests.support.cast import Cast
from tests.support.chapters import begun
from tests.support.driver import Play, told
from tests.support.living import Living


async def _met_twice(runtime: Runtime, cast: Cast) -> Play:
    whole = await Play.begin(runtime, cast, words=True, **COHORT)
    living = Living(whole, {"twinning-intake": MONDAY}, silent=("meeting-log",))
    await living.to("2027-01-14 18:00")
    living.also = await whole.parts()
    await living.to("2027-02-04 18:00")
    return living.also[0]


MET_TWICE = begun("a pair on the evening of its second meeting", _met_twice)
pytestmark = [pytest.mark.asyncio, pytest.mark.story, pytest.mark.chapter(MET_TWICE)]


async def pair_of(part: Play) -> tuple[str, str]:
    """Return who a pair are, which is to meet three times more."""
    codes = {person.id: code for code, person in part.cast.people.items()}
    loaded = await part.loaded()
    assert [told(moment.starts_at) for moment in loaded.moments] == [
        "Thu 14 Jan 15:30",
        "Thu 04 Feb 15:30",
        "Mon 01 Mar 15:30",
        "Thu 18 Mar 15:30",
        "Thu 08 Apr 15:30",
    ]
    teacher, professional = (codes[loaded.in_role(role)[0].person_id] for role in (Role.TEACHER, Role.PROFESSIONAL))
    return teacher, professional


async def days(part: Play) -> list[str]:
    """Return when a pair meets from its third meeting on."""
    return [told(moment.starts_at) for moment in (await part.loaded()).moments][2:]


async def test_the_next_meeting_comes_on_the_day_that_the_log_names(play: Play) -> None:
    teacher, professional = await pair_of(play)
    sequence = (await play.activity()).calendar_sequence
    due = (await play.step("log-3")).due_at
    await play.answer(teacher, "meeting-log", next_date="2027-03-05")
    assert await days(play) == ["Fri 05 Mar 15:30", "Thu 18 Mar 15:30", "Thu 08 Apr 15:30"]
    assert (await play.activity()).calendar_sequence == sequence + 1
    moved = (await play.step("log-3")).due_at
    assert due is not None
    assert moved is not None
    assert told(moved) == "Fri 05 Mar 17:30"
    mails = [(to, text) for mail, to, text in play.letters if mail == "moved"]
    assert sorted(to for to, _ in mails) == sorted([teacher, professional]), "nobody else needs to know"
    assert all("5 maart" in text or "5 March" in text for _, text in mails)
    # Who corrects the log corrects the day with it; the same day once more tells nobody anything.
    await play.answer(teacher, "meeting-log", next_date="2027-03-05")
    await play.answer(professional, "meeting-log", next_date="2027-03-08")
    assert await days(play) == ["Mon 08 Mar 15:30", "Thu 18 Mar 15:30", "Thu 08 Apr 15:30"]
    assert len([mail for mail, _, _ in play.letters if mail == "moved"]) == 4


async def test_later_meetings_move_along_where_the_next_would_come_after_them(play: Play) -> None:
    teacher, _ = await pair_of(play)
    await play.answer(teacher, "meeting-log", next_date="2027-03-22")
    assert await days(play) == ["Mon 22 Mar 15:30", "Thu 08 Apr 15:30", "Mon 10 May 15:30"], "29 April is a holiday"


@pytest.mark.parametrize(("day", "said"), [("2027-02-03", "al geweest"), ("2037-03-05", "meer dan een jaar weg")])
async def test_a_day_that_cannot_be_is_a_sentence_and_moves_nothing(play: Play, day: str, said: str) -> None:
    teacher, _ = await pair_of(play)
    before = await days(play)
    outcome = await play.answer(teacher, "meeting-log", accepted=False, next_date=day)
    assert said in outcome.problems["next_date"]
    assert await days(play) == before


async def test_without_a_day_the_plan_stays(play: Play) -> None:
    teacher, _ = await pair_of(play)
    before = await days(play)
    await play.answer(teacher, "meeting-log")
    assert await days(play) == before
