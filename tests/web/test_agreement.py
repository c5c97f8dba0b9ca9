"""An agreement in a browser without scripts: beside what was before, a yes per row or to all, a change, a strike."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from models.roles import Role
from models.tables.agreements import AgreementState
from models.tables.asking import InvitationState
from sandwich.web.app import make_app
from tests.support.chapters import play, then
from tests.support.driver import Play
from tests.support.linked import link_for
from tests.support.negotiating import DRAFT, INTERNSHIP_ASKED, PLAN, leader, on_own_playbooks, stands, state, view
from tests.support.stages import Stage
from tests.web.conftest import browser_of
from tests.web.reading import Page, PageForm, read

__all__ = ["play"]

pytestmark = pytest.mark.asyncio


async def _counter(play: Play) -> None:
    await play.answer("T3", PLAN, **DRAFT, work__new_2__what="Vegen", work__new_2__how="join")
    await play.answer(
        "P7", PLAN, agree="changes", counter="Liever meedoen", work__new_1__how="join", talk__end__date="2026-11-13",
        work__new_2__what=None, work__new_2__how=None,
    )  # fmt: skip


COUNTERED = then(INTERNSHIP_ASKED, "countered", _counter)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Stage:
    """The plan as it was asked, or countered."""
    return COUNTERED if "countered" in request.fixturenames else INTERNSHIP_ASKED


@pytest.fixture
def countered(play: Play) -> Play:
    """An internship whose mentor wants other work, another day for the talk, and no work on the first day."""
    return on_own_playbooks(play)


@pytest_asyncio.fixture
async def web(countered: Play) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the installation with the playbooks of our own."""
    async with browser_of(make_app(countered.runtime)) as client:
        yield client


async def opened(web: httpx.AsyncClient, play: Play, code: str) -> Page:
    invitation, now = await play.invitation(code, PLAN), await play.now()
    async with play.runtime.store.change(now=now, actor="mail", stream=play.activity_id) as session:
        token = await link_for(session, play.runtime.settings, invitation.participation_id, invitation.id, now)
    answer = await web.get(f"/f/{token}")
    assert answer.status_code == 200
    page = read(answer.text)
    assert not page.unclosed
    assert not page.unlabelled
    assert len(page.ids) == len(set(page.ids))
    return page


def agreeing(page: Page) -> PageForm:
    return next(form for form in page.forms if "/agree/" in form.action)


def filling_in(page: Page) -> PageForm:
    return next(form for form in page.forms if "agree" in form.names)


async def say(web: httpx.AsyncClient, page: Page, action: str, **changes: str | list[str]) -> httpx.Response:
    form = agreeing(page)
    return await web.post(form.action, data=form.filled(**changes, _action=action))


async def test_the_difference_stands_row_by_row_in_words_and_not_by_colour_alone(
    web: httpx.AsyncClient, countered: Play
) -> None:
    page = await opened(web, countered, "T3")
    assert "Yvonne Poelgeest schreef deze versie." in page.content
    assert "Liever meedoen" in page.content
    assert "Welk werk, op welke dag, met wie? veranderd Meekijken bij het lassen" in page.content
    assert "geschrapt Vegen" in page.content
    assert "Aan het eind veranderd donderdag 12 november 2026 vrijdag 13 november 2026" in page.content
    assert "<del>donderdag 12 november 2026</del>" in page.text
    assert "<ins>vrijdag 13 november 2026</ins>" in page.text
    assert "nog niet: docent" not in page.content, "what is open for the reader has a box"
    waiting = (await stands(countered, PLAN)).open_for(Role.TEACHER)
    assert page.text.count('name="_term"') == len(waiting)
    for term in waiting:
        assert f'name="_term" value="{term}"' in page.text


async def test_a_press_alone_agrees_to_nothing(web: httpx.AsyncClient, countered: Play) -> None:
    before = await countered.snapshot()
    for action in ("all", "some"):
        answer = await say(web, await opened(web, countered, "T3"), action)
        assert answer.status_code == 422
    before_links = {key: value for key, value in before.items() if key != "link"}
    assert {key: value for key, value in (await countered.snapshot()).items() if key != "link"} == before_links


async def test_rows_are_agreed_to_one_by_one_and_then_all(web: httpx.AsyncClient, countered: Play) -> None:
    answer = await say(web, await opened(web, countered, "T3"), "some", _term=["work/new-1", "counter"])
    assert answer.status_code == 200
    assert "/ask/" not in answer.url.path
    waiting = (await stands(countered, PLAN)).open_for(Role.TEACHER)
    assert "work/new-1" not in waiting
    assert "talk/end" in waiting
    answer = await say(web, await opened(web, countered, "T3"), "all", _yes="yes")
    assert "/thanks/" in answer.url.path, read(answer.text).content[:500]
    await countered.turn()
    lead = await leader(countered)
    page = await opened(web, countered, lead)
    assert "Yvonne Poelgeest" in page.content
    answer = await say(web, page, "all", _yes="yes")
    assert "/thanks/" in answer.url.path
    assert (await state(countered))[0] is AgreementState.ACCEPTED
    page = await opened(web, countered, "T3")
    assert "Iedereen is akkoord met deze versie." in page.content
    paper = await web.get(next(link for link in page.links if "/paper/" in link))
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")


async def test_no_paper_before_everybody_said_yes(web: httpx.AsyncClient, countered: Play) -> None:
    page = await opened(web, countered, "T3")
    assert not [link for link in page.links if "/paper/" in link]
    answer = await web.get(agreeing(page).action.replace("/agree/", "/paper/"))
    assert answer.status_code == 404


async def test_an_outdated_page_agrees_to_nothing_and_shows_what_changed(
    web: httpx.AsyncClient, countered: Play
) -> None:
    page = await opened(web, countered, "T3")
    await countered.answer("P7", PLAN, agree="changes", counter="Nog later", talk__end__date="2026-11-16")
    before = await view(countered, PLAN)
    for action, said in (("all", {"_yes": "yes"}), ("some", {"_term": "talk/end"})):
        answer = await say(web, page, action, **said)  # type: ignore[arg-type]
        assert answer.status_code == 422
        again = read(answer.text)
        assert "het is nu versie 3" in again.content
        assert "Anders is: Aan het eind" in again.content
    form = filling_in(page)
    answer = await web.post(form.action, data=form.filled(agree="agreed", _action="send"))
    assert answer.status_code == 422
    again = read(answer.text)
    assert "het is nu versie 3" in again.content
    assert "Aan het eind veranderd vrijdag 13 november 2026 maandag 16 november 2026" in again.content
    assert (await view(countered, PLAN)).version.digest == before.version.digest
    assert (await stands(countered, PLAN)).open_for(Role.TEACHER)
    # The page that came back is of the newest version, so the same words are taken now.
    form = filling_in(again)
    answer = await web.post(form.action, data=form.filled(agree="agreed", talk__end__date="2026-11-16", _action="send"))
    assert "/thanks/" in answer.url.path, read(answer.text).content[:800]


async def test_a_change_is_proposed_in_the_form_below(web: httpx.AsyncClient, countered: Play) -> None:
    page = await opened(web, countered, "T3")
    form = filling_in(page)
    answer = await web.post(
        form.action,
        data=form.filled(
            agree="changes",
            counter="Halve dagen",
            _action="send",
            **{"work__new-2__what": "Meten", "work__new-2__how": "join"},
        ),
    )
    assert "/thanks/" in answer.url.path, read(answer.text).content[:800]
    newest = (await view(countered, PLAN)).version
    assert (newest.role, newest.note) == (Role.TEACHER, "Halve dagen")
    assert [row["what"] for row in newest.terms["work"]] == ["Meekijken bij het lassen", "Meten"]
    await countered.turn()
    assert (await countered.invitation("P7", PLAN)).state is InvitationState.SENT


async def test_a_task_is_struck_with_a_box_and_can_come_back(play: Play) -> None:
    async with browser_of(make_app(play.runtime)) as web:
        invitation, now = await play.invitation("P3", "task-division"), await play.now()
        async with play.runtime.store.change(now=now, actor="mail", stream=play.activity_id) as session:
            token = await link_for(session, play.runtime.settings, invitation.participation_id, invitation.id, now)
        page = read((await web.get(f"/f/{token}")).text)
        form = filling_in(page)
        assert form.fields["tasks.tour.strike"] == ["", "yes"], "what nobody proposed is struck already"
        assert form.fields["tasks.transport.strike"] == [""]
        fields = await play.fields(invitation.id, agree="changes", counter="x", tasks__transport__strike="yes")
        answer = await web.post(form.action, data={**form.fields, **fields, "_action": "send"})
        assert "/thanks/" in answer.url.path, read(answer.text).content[:800]
    terms = (await view(play, "task-division")).terms
    assert [row["row"] for row in terms["tasks"]] == ["reception"]
    waiting = (await stands(play, "task-division")).open_for(Role.COORDINATOR)
    assert "tasks/transport" in waiting
    assert "tasks/reception" not in waiting
    back = {"tasks__transport__strike": None, "tasks__transport__who": "school"}
    await play.answer("P3", "task-division", agree="agreed", **back)  # type: ignore[arg-type]
    assert (await state(play, "task-division"))[0] is AgreementState.ACCEPTED
