"""Hours of companies add up per school year towards the share that the region must show (field rule 45)."""

from zoneinfo import ZoneInfo

import pytest

from models.tables.activities import ActivityStatus
from models.tables.network import Company, Region
from sandwich.rules.cofinancing import Given, Share
from sandwich.rules.menu_card import menu_card
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services.contributions import by_activity, by_company, by_year, contributions, share_of_region
from tests.services.test_rounds import EVENING
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = pytest.mark.asyncio

ZONE = ZoneInfo("Europe/Amsterdam")
CONFIRMED = {"confirm": "adjusted", "on_behalf": "yes", "hours_prep": "7", "hours_day": "9", "hours_after": "1"}


async def pieces(play: Play) -> list:  # type: ignore[type-arg]
    """Return what all companies gave."""
    async with play.runtime.store.read() as session:
        return await contributions(session, await session.get_one(Region, play.cast.region.id), ZONE)


@pytest.mark.chapter("afterwards")
async def test_hours_count_when_the_company_confirmed_them(play: Play, cast: Cast) -> None:
    assert by_year(await pieces(play)) == {SchoolYear(2026): Given(estimated=10, value=0)}
    await play.answer("P3", "host-hours", material="250", **CONFIRMED)  # type: ignore[arg-type]
    found = await pieces(play)
    assert by_company(found, SchoolYear(2026)) == {cast.id("B3"): Given(confirmed=17, material=250, value=None)}
    assert by_company(found, SchoolYear(2025)) == {}
    assert by_activity(found).keys() == {play.activity_id}


@pytest.mark.chapter("afterwards")
async def test_the_share_of_the_costs_of_a_school_year(play: Play, cast: Cast) -> None:
    await play.answer("P3", "host-hours", material="250", **CONFIRMED)  # type: ignore[arg-type]
    async with play.runtime.store.change(now=await play.now(), actor="test") as session:
        region = await session.get_one(Region, cast.region.id)
        assert share_of_region(region, await contributions(session, region, ZONE), SchoolYear(2026), 10) is None, (
            "nobody said"
        )
        region.hourly_rate, region.eligible_costs = 50, 20_000
    async with play.runtime.store.read() as session:
        region = await session.get_one(Region, cast.region.id)
        found = await contributions(session, region, ZONE)
        assert share_of_region(region, found, SchoolYear(2026), 10) == Share(target=2000, reached=17 * 50 + 250)
        assert share_of_region(region, found, SchoolYear(2027), 10) == Share(target=2000, reached=0)


@pytest.mark.chapter("afterwards")
async def test_what_was_estimated_of_something_that_was_cancelled_was_not_given(play: Play) -> None:
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        loaded = await play.loaded()
        activity = await session.get_one(type(loaded.activity), play.activity_id)
        activity.status = ActivityStatus.CANCELLED
    assert await pieces(play) == []


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ({"again": "again"}, {"company-visit": True}),
        (
            {"again": "other-form", "again_form": ["guest-lesson", "masterclass"]},
            {"guest-lesson": True, "masterclass": True},
        ),
        ({"again": "perhaps"}, {}),
        ({"again": "never"}, {}),
    ],
)
@pytest.mark.chapter("afterwards")
async def test_whether_a_host_wants_more_and_in_what_form_is_on_its_menu_card(
    play: Play, runtime: Runtime, cast: Cast, said: dict[str, object], offered: dict[str, bool]
) -> None:
    await play.answer("P3", "host-evaluation", **said)  # type: ignore[arg-type]
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B3"))
    assert {offer.key: offer.offered for offer in menu_card(company.profile)} == offered
    assert company.asks_no_more is (said["again"] == "never")


@pytest.mark.story
async def test_of_several_companies_in_one_activity_each_has_its_own(runtime: Runtime, cast: Cast) -> None:
    """Six professionals come to an evening; two confirm what their companies gave, and each hears of its own alone."""
    play = await Play.begin(runtime, cast, words=True, **EVENING)
    await Living(play, silent=("round-card", "host-hours")).to("2027-02-09 12:00")
    gave = {"confirm": "adjusted", "on_behalf": "yes", "hours_after": "0"}
    await play.answer("P1", "host-hours", hours_prep="1", hours_day="3", material="100", **gave)  # type: ignore[arg-type]
    await play.answer("P6", "host-hours", hours_prep="2", hours_day="5", material="40", **gave)  # type: ignore[arg-type]
    assert by_company(await pieces(play), SchoolYear(2026)) == {
        cast.id("B1"): Given(confirmed=4, material=100, value=None),
        cast.id("B6"): Given(confirmed=7, material=40, value=None),
    }
    await Living(play, silent=("round-card", "host-hours")).to("2027-02-17 12:00")
    told = {to: text for mail, to, text in play.letters if mail == "feedback-host"}
    assert "Uw bijdrage: 4 uur, door u bevestigd." in told["P1"]
    assert "Uw bijdrage: 7 uur, door u bevestigd." in told["P6"]
    assert "Uw bijdrage" not in told["P3"]
