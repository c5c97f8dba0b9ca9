"""A school with other holidays comes in on the board: what it does is seen first."""

from typing import Any

import pytest
from sqlalchemy import func, select

from models.draft import ActivityDraft
from models.tables.activities import Participation
from sandwich.runtime import Runtime
from sandwich.services import start, steer
from tests.board.test_actions import at
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.driver import A1, local
from tests.support.page import Page
from tests.support.schools import school_in_the_north
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

DATES = [{"start": "2026-12-03 13:30", "end": "2026-12-03 16:30"}]


async def people(runtime: Runtime, visit: Visit) -> int:
    """Count who takes part."""
    async with runtime.store.read() as session:
        query = select(func.count()).select_from(Participation).where(Participation.activity_id == visit.activity_id)
        return await session.scalar(query) or 0


async def chosen_of_a_resting_company(jolanda: Browser, runtime: Runtime, visit: Visit, **changes: Any) -> Page:
    """Ask a company for another activity, choose its contact person for this one, and return what is shown then."""
    cast = await Cast.read(runtime)
    other = ActivityDraft.model_validate({**A1, "title": "Eerder", "company": "B6", "hosts": ["P6"], **changes})
    await start.start(runtime, other, now=await runtime.clock.now(), actor=cast.id("C1"))
    page = await jolanda.open(at(visit, "/people/host_contact"))
    return await jolanda.send(page, "/people/host_contact", {"person": [cast.id("P6")]})


async def test_a_company_that_rests_is_seen_before_somebody_of_it_is_asked(
    jolanda: Browser, runtime: Runtime, visit: Visit
) -> None:
    before = await people(runtime, visit)
    shown = await chosen_of_a_resting_company(jolanda, runtime, visit, dates=DATES)
    assert "Er is nog niets gevraagd" in shown.text
    assert "Hoflogistiek" in shown.text
    assert "Waarom vraag je dit nu toch?" in shown.text
    assert await people(runtime, visit) == before
    await jolanda.send(shown, "/people/host_contact", {"why": ["Zij boden het zelf aan"]})
    assert jolanda.path == at(visit)
    assert await people(runtime, visit) == before + 1


async def test_what_else_there_is_to_see_is_seen_with_it(jolanda: Browser, runtime: Runtime, visit: Visit) -> None:
    before = await people(runtime, visit)
    shown = await chosen_of_a_resting_company(jolanda, runtime, visit)
    assert "ook mee aan ‘Eerder’" in shown.text
    assert "Waarom vraag je dit nu toch?" in shown.text
    await jolanda.send(shown, "/people/host_contact", {"why": ["Zij boden het zelf aan"]})
    assert jolanda.path == at(visit)
    assert await people(runtime, visit) == before + 1


@pytest.mark.parametrize("in_holiday", [False, True])
async def test_a_school_that_comes_in_is_seen_before_it_does(
    jolanda: Browser, runtime: Runtime, visit: Visit, in_holiday: bool
) -> None:
    cast = await school_in_the_north(runtime)
    if in_holiday:
        span, now = (local("2026-10-14 13:30"), local("2026-10-14 16:30")), await runtime.clock.now()
        await steer.move(runtime, visit.activity_id, [span], "Eerder", now=now, actor=cast.id("C1"), agreed=True)
    before = await people(runtime, visit)
    page = await jolanda.open(at(visit, "/people"))
    shown = await jolanda.send(page, "/people", {"person": [cast.id("N1")]})
    assert jolanda.status == 200
    assert "Noorderlicht College doet dan ook mee" in shown.text
    assert "Wiebe Dijkstra (schoolleider)" in shown.text
    assert ("14-10-2026 is een vrije dag: Herfstvakantie." in shown.text) is in_holiday
    button = "Voeg toch toe, al is het een vrije dag" if in_holiday else "Voeg toe, met deze school erbij"
    assert button in shown.text
    assert await people(runtime, visit) == before

    page = await jolanda.send(shown, "/people")
    assert jolanda.path == at(visit)
    for name in ("Sjoerd Bouma", "Wiebe Dijkstra", "Tjitske Hoekstra"):
        assert name in page.text
    assert await people(runtime, visit) == before + 3
