"""Starting an activity step by step: each asks its own, nothing is lost, and the plan comes before anything leaves."""

import pytest
from sqlalchemy import func, select

from models.tables.activities import Activity
from models.tables.mail import Message
from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.page import Page

pytestmark = pytest.mark.asyncio

START = "/board/start"


async def go_on(browser: Browser, page: Page, answers: dict[str, str | list[str]], press: str = "next") -> Page:
    return await browser.send(page, START, answers, press=f"_action={press}")


async def to_the_days(browser: Browser, cast: Cast) -> Page:
    page = await browser.open(START)
    page = await go_on(browser, page, {"purpose": "trends"})
    page = await go_on(browser, page, {"kind": "company-visit"})
    return await go_on(browser, page, {"host": cast.id("P1"), "teachers": [cast.id("T1")]})


DAYS: dict[str, str | list[str]] = {
    "date-1": "2026-12-03",
    "from-1": "13:30",
    "to-1": "16:30",
    "title": "Lassen bij Verhoeven",
}


async def test_every_step_asks_its_own_and_the_plan_comes_before_anything_leaves(
    jolanda: Browser, runtime: Runtime, cast: Cast
) -> None:
    page = await jolanda.open(START)
    assert "Waar gaat het om?" in page.text
    assert "Wie nodig je uit?" not in page.text

    page = await to_the_days(jolanda, cast)
    check = await go_on(jolanda, page, DAYS, "check")

    assert "Verzoek aan het bedrijf" in check.text
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Activity)) == 0
        assert await session.scalar(select(func.count()).select_from(Message)) == 0
    page = await jolanda.send(check, START, press="_action=begin")
    assert "Lassen bij Verhoeven" in page.text
    async with runtime.store.read() as session:
        assert (await session.scalars(select(Activity.title))).all() == ["Lassen bij Verhoeven"]


async def test_what_fits_the_purpose_best_comes_first(jolanda: Browser, cast: Cast) -> None:
    page = await go_on(jolanda, await jolanda.open(START), {"purpose": "other-school"})

    best, others = page.text.split("Toch iets anders")
    assert "Past het best bij dit doel" in best
    assert "Schoolbezoek: Inspiratie" in best
    assert "Speeddates" in others


async def test_a_step_says_what_it_lacks_and_nothing_of_the_others(jolanda: Browser, cast: Cast) -> None:
    page = await go_on(jolanda, await jolanda.open(START), {})
    assert jolanda.status == 422
    assert "Kies waar het om gaat." in page.text
    assert "Geef de activiteit een naam." not in page.text

    page = await go_on(jolanda, await to_the_days(jolanda, cast), {"title": "Lassen"}, "check")
    assert jolanda.status == 422
    assert "Stel ten minste één dag voor." in page.text
    assert page.form(START).fields["title"] == ["Lassen"]
    assert page.form(START).fields["purpose"] == ["trends"]


async def test_going_back_keeps_what_was_chosen(jolanda: Browser, cast: Cast) -> None:
    page = await to_the_days(jolanda, cast)
    page = await go_on(jolanda, page, DAYS, "go:people")

    assert page.form(START).fields["teachers"] == [cast.id("T1")]
    page = await go_on(jolanda, page, {"teachers": [cast.id("T1"), cast.id("T4")]})
    assert page.form(START).fields["title"] == ["Lassen bij Verhoeven"]

    check = await go_on(jolanda, page, {}, "check")
    assert "2 docenten" in check.text
    page = await jolanda.send(check, START, press="_action=change")
    assert page.form(START).fields["date-1"] == ["2026-12-03"]


async def test_another_kind_afterwards_asks_for_the_host_that_it_needs(jolanda: Browser, cast: Cast) -> None:
    page = await to_the_days(jolanda, cast)
    page = await go_on(jolanda, page, DAYS, "go:kind")
    page = await go_on(jolanda, page, {"kind": "school-visit/visitation"})
    page = await go_on(jolanda, page, {})

    assert "Kies de contactpersoon van de school die ontvangt." in page.text
    assert "Wie is de contactpersoon van de school die ontvangt?" in page.text
