"""A moment of a story that cannot be so is told with its place, and nothing else happens."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from models.draft import ActivityDraft
from models.story import Moment
from models.tables.asking import Submission
from sandwich.definitions.load import load_file
from sandwich.demo.deeds import Deeds, StoryMistaken
from sandwich.demo.play import ACTIVITY
from sandwich.demo.telling import Telling, read_stories, read_usual
from sandwich.runtime import Runtime
from sandwich.services.start import start
from tests.support.cast import Cast

AT = "2026-09-24 11:40"


def test_a_moment_is_one_deed_of_somebody() -> None:
    whole: dict[str, Any] = {"at": AT, "who": ["P3"], "answers": "date-poll"}
    assert Moment.model_validate(whole).action == "answers"
    for wrong in ({"calls": ["no-answer"]}, {"answers": None}, {"who": []}, {"at": "2026-09-24 10:30+02:00"}):
        with pytest.raises(ValidationError):
            Moment.model_validate({**whole, **wrong})


def test_every_story_names_people_and_follows_stories_that_there_are() -> None:
    stories = read_stories()
    keys = [story.key for story in stories]
    assert {f"A{number}" for number in range(1, 8)} <= set(keys)
    assert len(set(keys)) == len(keys)
    assert {story.follows for story in stories if story.follows} <= set(keys)
    for story in stories:
        assert [one.at for one in story.moments if one.at < story.starts.at] == [], story.key
    assert read_usual()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ({"who": ["T2"], "answers": "goals"}, "“goals” is not asked"),
        ({"who": ["P3"], "answers": "date-poll", "says": {"dates.date-9.answer": "suits"}}, "is not in the form"),
        ({"who": ["P3"], "answers": "date-poll", "says": {"weather": "fine"}}, "“weather” is not in the form"),
        ({"who": ["C1"], "calls": ["no-answer"]}, "no call “no-answer”"),
        ({"who": ["T1"], "reports": "change", "says": {"what": "stop"}}, "takes no part"),
        ({"who": ["C1"], "of_pair": True, "cancels": "weg"}, "there is no pair yet"),
    ],
)
async def test_what_cannot_be_is_told_with_its_place(
    runtime: Runtime, cast: Cast, now: datetime, moment: dict[str, Any], said: str
) -> None:
    activity_id = await start(runtime, load_file(ACTIVITY, ActivityDraft), now=now, actor=cast.id("C1"))
    telling = Telling(runtime=runtime, stories=(), usual={}, refused=set())
    await telling.carry()
    await runtime.clock.set(datetime.fromisoformat(f"{AT}+02:00"))  # the slot is over
    people = {code: person.id for code, person in cast.people.items()}
    deeds = Deeds(runtime, "A1", activity_id, people, {}, set())

    with pytest.raises(StoryMistaken) as raised:
        await deeds.do(Moment.model_validate({"at": AT, **moment}))

    assert said in str(raised.value)
    assert str(raised.value).startswith(f"Story A1, {AT}, ")
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Submission)) == 0
