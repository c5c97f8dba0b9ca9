"""A new version of a playbook on the board: seen first, then taken over, for one activity or for all of a kind."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from sandwich.runtime import Runtime
from sandwich.web.app import make_app
from tests.board.conftest import signed_in
from tests.board.test_actions import at, read
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.versions import Steps, telling, with_version
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


def _later(steps: Steps) -> None:
    steps["thank-you"]["at"] = "E+2wd"
    steps["once-more"] = telling("once-more", "E+20d")


@pytest.fixture
def newer(runtime: Runtime) -> Runtime:
    """The installation with a new version of the company visit."""
    return with_version(runtime, _later)


@pytest_asyncio.fixture
async def with_newer(newer: Runtime, cast: Cast) -> AsyncIterator[Browser]:
    """The coordinator's browser after somebody changed the playbook."""
    async with signed_in(make_app(newer), newer, cast.id("C1")) as browser:
        yield browser


async def test_one_activity_is_taken_over_after_its_page_was_seen(
    with_newer: Browser, newer: Runtime, visit: Visit
) -> None:
    page = await with_newer.open(at(visit))
    assert "Er is een nieuwe versie van het draaiboek" in page.text
    page = await with_newer.open(at(visit, "/take-over"))
    assert "Van versie 1 naar versie 2 van het draaiboek" in page.text
    assert "Bedankt!: was vr 6 nov, wordt ma 9 nov." in page.text
    assert "1 schuift, 1 nieuw" in page.text
    assert "Geen enkel formulier wordt opnieuw gevraagd." in page.text
    assert (await read(newer, visit)).playbook_digest not in newer.library.versions["company-visit"]

    page = await with_newer.send(page, "/take-over")
    assert with_newer.path == at(visit)
    assert "De activiteit gaat verder met een andere versie van het draaiboek." in page.text
    assert "Er is een nieuwe versie" not in page.text
    assert (await read(newer, visit)).playbook_digest in newer.library.versions["company-visit"]
    again = await with_newer.open(at(visit, "/take-over"))
    assert "heeft de nieuwste versie van haar draaiboek al" in again.text


async def test_what_was_not_seen_is_shown_first(with_newer: Browser, newer: Runtime, visit: Visit) -> None:
    page = await with_newer.open(at(visit, "/take-over"))
    page.form("/take-over").fields["seen"] = ["something else"]
    shown = await with_newer.send(page, "/take-over")
    assert with_newer.status == 200
    assert "Bedankt!: was vr 6 nov" in shown.text
    assert (await read(newer, visit)).playbook_digest not in newer.library.versions["company-visit"]
    all_of_kind = await with_newer.open("/board/versions/company-visit")
    all_of_kind.form("/company-visit").fields["seen"] = ["something else"]
    shown = await with_newer.send(all_of_kind, "/company-visit")
    assert with_newer.status == 409
    assert "Er is intussen iets veranderd." in shown.text
    assert (await read(newer, visit)).playbook_digest not in newer.library.versions["company-visit"]


async def test_all_of_a_kind_are_taken_over_from_the_board(with_newer: Browser, newer: Runtime, visit: Visit) -> None:
    page = await with_newer.open("/board")
    assert (
        "Er is een nieuwe versie van het draaiboek Bedrijfsbezoek. Eén activiteit loopt nog met een andere."
        in page.text
    )
    page = await with_newer.open("/board/versions/company-visit")
    assert "Bedrijfsbezoek: versie 2 van het draaiboek" in page.text
    assert "Prefab bouwen bij Korteweg" in page.text
    page = await with_newer.send(page, "/company-visit")
    assert with_newer.path == "/board"
    assert "Er is een nieuwe versie" not in page.text
    assert (await read(newer, visit)).playbook_digest in newer.library.versions["company-visit"]
    await with_newer.open("/board/versions/company-visit")
    assert with_newer.path == "/board"
    await with_newer.open("/board/versions/no-such-kind")
    assert with_newer.status == 404


async def test_one_that_is_refused_has_no_button(runtime: Runtime, cast: Cast, visit: Visit) -> None:
    def change(steps: Steps) -> None:
        steps["request"]["key"] = "ask-host"

    lost = with_version(runtime, change)
    async with signed_in(make_app(lost), lost, cast.id("C1")) as browser:
        page = await browser.open(at(visit, "/take-over"))
        assert (
            "De activiteit wacht in de stap ‘Verzoek aan het bedrijf’, en versie 2 vraagt dat niet meer." in page.text
        )
        assert "Neem de nieuwe versie over" not in page.text
        page = await browser.open("/board/versions/company-visit")
        assert "Blijft op versie 1. De activiteit wacht in de stap" in page.text
        assert "Neem de nieuwe versie over" not in page.text


async def test_another_region_sees_nothing_of_it(runtime: Runtime, jolanda: Browser, visit: Visit) -> None:
    assert "nieuwe versie" not in (await jolanda.open("/board")).text
    await jolanda.open("/board/versions/company-visit")
    assert jolanda.path == "/board"
    without = replace(runtime, library=replace(runtime.library, playbooks={}))
    async with signed_in(make_app(without), without, visit.cast.id("C1")) as browser:
        assert "nieuwe versie" not in (await browser.open(at(visit))).text
