"""What waits without waking anybody, and what ends by itself: no date that comes, and no end that is made."""

from datetime import datetime

import pytest

from models.playbook import CLOSING
from models.roles import Stage
from models.tables.activities import ActivityStatus, StepState
from models.tables.asking import OPEN
from sandwich.runtime import Runtime
from sandwich.services import steer
from tests.support.cast import Cast
from tests.support.driver import Play, told

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def next_told(play: Play) -> str:
    """Return when the next thing happens."""
    following = await play.next()
    assert isinstance(following, datetime)
    return told(following)


async def test_a_date_that_is_never_fixed_is_called_about_once_and_then_waits(play: Play) -> None:
    await play.to("2026-11-13 12:00")
    assert sorted(await play.open_calls()) == ["no-answer", "no-date"]
    assert (await play.activity()).wake_at is None
    assert await next_told(play) == "Wed 03 Feb 08:00"
    mails = len(play.mails)
    await play.to("2027-02-02 12:00")
    assert (len(play.mails), [key for _, key in play.steps]) == (mails, ["request"])


async def test_what_never_took_place_closes_without_a_word_to_anybody_but_coordinator_and_deputy(play: Play) -> None:
    await play.sleep_to("2026-11-13 12:00")
    mails = len(play.mails)
    await play.to("2027-02-05 12:00")
    assert [(left.at, left.mail, left.to) for left in play.mails[mails:]] == [
        ("Tue 17 Nov 12:00", "call", "C2"),  # what the coordinator left lying
        ("Wed 03 Feb 08:00", "call", "C1"),
        ("Fri 05 Feb 08:00", "call", "C2"),
    ]
    activity = await play.activity()
    assert (activity.status, activity.wake_at) == (ActivityStatus.CANCELLED, None)
    assert "date_fixed" in activity.overrides["before"]["missing"]["hard"]
    assert await play.open_calls() == [CLOSING]
    assert not [item for item in await play.invitations() if item.state in OPEN]
    assert await play.next() is None


@pytest.mark.chapter("held")
async def test_a_visit_that_nobody_ends_closes_with_what_is_there(play: Play) -> None:
    await play.sleep_to("2027-01-20 12:00")  # no evaluation, no impressions, no hours
    assert (await play.activity()).status is ActivityStatus.AFTER
    mails = len(play.mails)
    await play.to("2027-02-10 12:00")
    activity = await play.activity()
    assert (activity.status, activity.wake_at) == (ActivityStatus.FINISHED, None)
    missing = activity.overrides["after"]["missing"]
    assert missing["hard"] == ["shared"]
    assert {"host_evaluated", "most_evaluations"} <= set(missing["soft"])
    notes = [left for left in play.mails[mails:] if left.mail == "call" and left.to == "C1"]
    assert [left.at for left in notes] == ["Wed 03 Feb 08:00"]
    assert CLOSING in await play.open_calls()
    assert {key: (await play.step(key)).state for key in ("host-preview", "publish", "impact-check")} == {
        "host-preview": StepState.SKIPPED,
        "publish": StepState.SKIPPED,
        "impact-check": StepState.DONE,
    }


async def test_the_impact_check_still_runs_after_closing(runtime: Runtime, cast: Cast) -> None:
    """Held on the last of May: closing and impact check wait for the end of the summer holiday, the one a day more."""
    play = await Play.begin(runtime, cast, dates=[{"start": "2027-05-31 13:30", "end": "2027-05-31 16:30"}])
    await play.turn()
    await steer.fix_date(runtime, play.activity_id, 0, now=await play.now(), actor=play.coordinator)
    await steer.override_gate(
        runtime, play.activity_id, Stage.BEFORE, "Mondeling", now=await play.now(), actor=play.coordinator
    )
    await play.sleep_to("2027-05-31 16:30")
    await play.answer("T2", "attendance")
    await play.sleep_to("2027-08-27 12:00")
    await play.to("2027-09-20 12:00")
    activity = await play.activity()
    assert activity.status is ActivityStatus.FINISHED
    assert activity.finished_at is not None
    assert told(activity.finished_at) == "Mon 30 Aug 08:00"
    assert {at for at, _ in play.sent("impact-check")} == {"Tue 31 Aug 10:00"}
    assert play.sent("result-to-host") == [("Tue 14 Sep 08:00", "P3")]
    assert set(activity.overrides) == {"before", "during", "after"}
    assert activity.overrides["before"]["by"] == play.coordinator


async def test_calls_about_people_wait_until_people_can_have_been_asked(play: Play) -> None:
    await play.sleep_to("2026-11-02 12:00")
    assert {"below-minimum", "no-goal", "not-ready"}.isdisjoint(await play.open_calls())
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")
    assert {"below-minimum", "no-goal", "not-ready"}.isdisjoint(await play.open_calls()), "asked a minute ago"
    await play.to("2026-11-03 12:00")
    assert {"below-minimum", "no-goal", "not-ready"} <= set(await play.open_calls())
