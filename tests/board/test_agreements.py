"""Agreements on the board: each of an activity, row by row, on behalf of whoever says yes by phone, and as a PDF."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select

from models.roles import Role
from models.tables.agreements import AgreementState, PartyWord
from models.tables.asking import Submission, Via
from sandwich.web.app import make_app
from tests.board.conftest import signed_in
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.negotiating import DRAFT, INTERNSHIP_ASKED, PLAN, leader, on_own_playbooks, stands, state, view
from tests.support.stages import Stage

pytestmark = pytest.mark.asyncio


@pytest.fixture
def stage() -> Stage:
    """An internship with a plan of three parties beside the task division."""
    return INTERNSHIP_ASKED


@pytest.fixture
def play(play: Play) -> Play:
    """The same, where the playbooks of our own are there."""
    return on_own_playbooks(play)


@pytest_asyncio.fixture
async def board(play: Play, cast: Cast) -> AsyncIterator[Browser]:
    """The coordinator's browser on it."""
    async with signed_in(make_app(play.runtime), play.runtime, cast.id("C1")) as browser:
        yield browser


async def test_both_agreements_stand_there_each_with_whom_it_waits_for(board: Browser, play: Play) -> None:
    await play.answer("T3", PLAN, **DRAFT)
    page = await board.open(f"/board/{play.activity_id}")
    assert "Stageplan Voorstel van Erik Laan (versie 1," in page.text
    assert "Wacht op: Yvonne Poelgeest (werkbegeleider)" in page.text
    assert "Wie doet wat? Voorstel van Jolanda Meerdink (versie 1," in page.text
    assert "Wacht op: Koen Korteweg" in page.text


async def test_single_rows_of_a_counter_proposal_are_accepted_and_the_others_stay_open(
    board: Browser, play: Play
) -> None:
    await play.answer("P3", "task-division", agree="changes", counter="x", max_group="2", tasks__transport__who="host")
    page = await board.open(f"/board/{play.activity_id}")
    page = await board.send(page, "/agreement/task-division", {"_term": ["max_group"]}, press="_action=some")
    waiting = (await stands(play, "task-division")).open_for(Role.COORDINATOR)
    assert "max_group" not in waiting
    assert "tasks/transport" in waiting
    assert (await state(play, "task-division"))[0] is AgreementState.COUNTERED
    assert await play.open_calls() == ["counter-proposal"]
    await board.send(await board.open(f"/board/{play.activity_id}"), "/agreement/task-division", press="_action=accept")
    assert (await state(play, "task-division"))[0] is AgreementState.ACCEPTED
    assert await play.open_calls() == []


async def test_an_outdated_board_accepts_nothing(board: Browser, play: Play) -> None:
    await play.answer("P3", "task-division", agree="changes", counter="x", max_group="2")
    page = await board.open(f"/board/{play.activity_id}")
    await play.answer("P3", "task-division", agree="changes", counter="y", max_group="3")
    page = await board.send(page, "/agreement/task-division", press="_action=accept")
    assert board.status == 422
    assert "het is nu versie 3. Anders is: Hoeveel mensen kunt u ontvangen?" in page.text
    assert (await state(play, "task-division"))[0] is AgreementState.COUNTERED


async def test_the_coordinator_says_yes_for_somebody_on_the_phone(board: Browser, play: Play) -> None:
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="agreed", guidance="Yvonne", guidance_hours="3")
    lead = await leader(play)
    asked = await play.invitation(lead, PLAN)
    page = await board.open(f"/board/{play.activity_id}/answer/{asked.id}")
    assert "Meekijken bij het lassen" in page.text
    page = await board.send(page, "/agree/", press="_action=all")
    assert board.status == 422
    assert "Zet het vinkje" in page.text
    page = await board.send(page, "/agree/", {"_yes": ["yes"]}, press="_action=all")
    assert board.path == f"/board/{play.activity_id}", page.text[:600]
    assert (await state(play))[0] is AgreementState.ACCEPTED
    async with play.runtime.store.read() as session:
        word = (await session.scalars(select(PartyWord).where(PartyWord.party == Role.SCHOOL_LEADER))).one()
        sent = (await session.scalars(select(Submission).where(Submission.invitation_id == asked.id))).one()
    assert (word.via, word.person_id, word.entered_by_id) == (Via.PHONE, play.cast.id(lead), play.coordinator)
    assert (sent.via, sent.entered_by_id, sent.answers["agree"]) == (Via.PHONE, play.coordinator, "agreed")


async def test_single_rows_can_be_agreed_to_on_the_phone(board: Browser, play: Play) -> None:
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="changes", counter="x", work__new_1__how="join")
    asked = await play.invitation("T3", PLAN)
    page = await board.open(f"/board/{play.activity_id}/answer/{asked.id}")
    await board.send(page, "/agree/", {"_term": ["work/new-1"]}, press="_action=some")
    assert "work/new-1" not in (await stands(play, PLAN)).open_for(Role.TEACHER)


async def test_what_was_agreed_is_changed_again_from_the_board(board: Browser, play: Play) -> None:
    await play.answer("P3", "task-division", agree="agreed")
    page = await board.open(f"/board/{play.activity_id}/agreement/amend/task-division")
    page = await board.send(page, "/agreement/amend", {"max_group": "7", "tasks.transport.strike": ["yes"]})
    assert board.path == f"/board/{play.activity_id}", page.text[:800]
    assert (await stands(play, "task-division")).open_terms == {"max_group", "tasks/transport"}
    assert "Versie 2 geldt zolang." in page.text


async def test_the_accepted_version_is_a_pdf(board: Browser, play: Play) -> None:
    await board.open(f"/board/{play.activity_id}/agreement/paper/task-division")
    assert board.status == 404
    await play.answer("P3", "task-division", agree="agreed")
    page = await board.open(f"/board/{play.activity_id}")
    address = next(link for link, _ in page.links if "/paper/" in link)
    await board.open(address)
    assert board.status == 200
    assert board.answer is not None
    assert board.answer.content.startswith(b"%PDF-")
    accepted = (await view(play, "task-division")).version.number
    assert board.answer.headers["content-disposition"] == f'inline; filename="afspraken-versie-{accepted}.pdf"'
    await board.open(f"/board/{play.activity_id}/agreement/paper/nothing")
    assert board.status == 404
