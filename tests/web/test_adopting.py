"""The form of who takes material from a wall: works without scripts, and says nothing about anybody."""

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select

from models.roles import Role
from models.tables.activities import Participation
from models.tables.network import Person
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from sandwich.web.wall import adopting
from tests.board.conftest import signed_in
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.dumped import dump
from tests.support.shared_material import MATERIAL_SHARED
from tests.support.stages import Stage, played
from tests.web.conftest import browser_of
from tests.web.reading import Page, PageForm, read

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

ANN = {"given_name": "Ann", "family_name": "de Kaper", "mail": "a.dekaper@vakcollege-degrienden.example"}


@pytest.fixture
def databases(shared_databases: Databases) -> Databases:
    """One kind of database: to come this far takes long (decision 0018)."""
    return shared_databases


@pytest.fixture
def stage() -> Stage:
    """Every test begins where the product of a design team stands on the walls."""
    return MATERIAL_SHARED


@pytest.fixture
def known(databases: Databases, library: Library) -> str:
    """The activity's id."""
    return str(played(databases, library, MATERIAL_SHARED).known)


@pytest_asyncio.fixture
async def address(runtime: Runtime, cast: Cast, databases: Databases, library: Library, known: str) -> str:
    """Where the card stands on the wall of the first school."""
    await runtime.clock.set(played(databases, library, MATERIAL_SHARED).at)
    return f"/wall/{cast.schools['S1'].wall_key}/{known}"


def form_of(page: Page) -> PageForm:
    [form] = [one for one in page.forms if one.action.endswith("/use")]
    return form


async def people(runtime: Runtime) -> list[str | None]:
    async with runtime.store.read() as session:
        rows = await session.scalars(
            select(Person.given_name)
            .join(Participation, Participation.person_id == Person.id)
            .where(Participation.role == Role.ADOPTER)
            .order_by(Person.given_name)
        )
        return list(rows)


async def test_it_says_what_is_kept_and_the_material_needs_no_form(web: httpx.AsyncClient, address: str) -> None:
    page = read((await web.get(address)).text)
    for words in (
        "Ga je dit gebruiken?",
        "rond donderdag 15 juli 2027 één mail",
        "Uiterlijk op donderdag 30 september",
    ):
        assert words in page.content, words
    assert form_of(page).fields.keys() == {"_key", *ANN}
    assert [value for name in ANN for value in form_of(page).fields[name]] == ["", "", ""]
    assert page.unlabelled == []
    file = next(link for link in page.links if "/file/" in link)
    assert (await web.get(file)).status_code == 200
    english = read((await web.get(address, headers={"Accept-Language": "en"})).text)
    assert "Will you use this?" in english.content
    assert "one mail with a few questions around Thursday 15 July 2027" in english.content


async def test_what_is_wrong_stands_beside_it_and_nothing_is_kept(
    web: httpx.AsyncClient, address: str, runtime: Runtime
) -> None:
    form, before = form_of(read((await web.get(address)).text)), await dump(runtime.store)
    assert form.buttons.keys() >= {"give-back"}
    answer = await web.post(form.action, data=form.filled(**ANN | {"mail": "ann@gmail.example"}))
    page = read(answer.text)
    assert answer.status_code == 422
    assert "het eindigt op @vakcollege-degrienden.example" in page.content
    assert form_of(page).fields["given_name"] == ["Ann"]
    assert (await web.post(form.action, data=form.filled())).status_code == 422, "a scanner that presses every button"
    assert (await web.post(form.action, data=form.filled(_action="give-back"))).status_code == 422
    assert (await web.post(form.action, data=ANN)).status_code == 403
    assert (await web.get(f"{address}/use/nonsense")).status_code == 404
    assert await dump(runtime.store) == before


async def test_the_answer_is_the_same_whoever_it_is(
    app: FastAPI, web: httpx.AsyncClient, address: str, runtime: Runtime, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "FLOOR", 0.0)
    form = form_of(read((await web.get(address)).text))
    said = [ANN, ANN, {**ANN, "mail": cast.mail("T1")}, {**ANN, "given_name": "Nep", "mail": cast.mail("T9")}]
    answers = [await web.post(form.action, data=form.filled(**one)) for one in said]
    assert {(answer.url.path, answer.text) for answer in answers} == {(f"{address}/use/thanks", answers[0].text)}
    assert "Kaper" not in answers[0].text
    assert await people(runtime) == ["Ann", "Daan"]
    back = [
        await web.post(form.action, data=form.filled(mail=mail, _action="give-back"))
        for mail in (ANN["mail"], "niemand@vakcollege-degrienden.example")
    ]
    assert {(answer.url.path, answer.text) for answer in back} == {(f"{address}/use/taken-back", back[0].text)}
    codes = [(await web.post(form.action, data=form.filled(**ANN))).status_code for _ in range(6)]
    assert codes[-1] == 429, "the same address over and over"
    assert app.state.wall_doorkeeper is not app.state.doorkeeper
    async with browser_of(app) as other:
        assert form_of(read((await other.get(address)).text)).fields["mail"] == [""]


async def test_the_coordinator_sees_it_apart_from_the_team(
    app: FastAPI, web: httpx.AsyncClient, address: str, runtime: Runtime, cast: Cast, known: str
) -> None:
    form = form_of(read((await web.get(address)).text))
    async with signed_in(app, runtime, cast.id("C1")) as jolanda:
        assert "Materiaal bij anderen" not in (await jolanda.open(f"/board/{known}")).text
        await web.post(form.action, data=form.filled(**ANN))
        page = await jolanda.open(f"/board/{known}")
    assert jolanda.status == 200
    assert "Ann de Kaper gebruiker van het materiaal · Vakcollege De Grienden" in " ".join(page.text.split())
    assert "op een deelmuur dat ze het materiaal gebruiken: 1" in page.text
