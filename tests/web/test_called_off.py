"""What is behind the links of a mail that something is called off: one tap for a new date, the hours of preparing."""

import httpx
import pytest
from sqlalchemy import select

from models.tables.asking import Submission
from models.tables.results import Hours
from sandwich.services import steer
from tests.support.driver import local
from tests.web.reading import Page, read
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def call_off(visit: Visit) -> None:
    """Let the coordinator cancel the visit."""
    now = local("2026-10-09 12:30")
    await steer.cancel(visit.runtime, visit.activity_id, "Storing", now=now, actor=visit.cast.id("C1"))


async def kept(visit: Visit, form: str) -> list[Submission]:
    """Return what came in."""
    async with visit.runtime.store.read() as session:
        return list(await session.scalars(select(Submission).where(Submission.form == form)))


async def send(web: httpx.AsyncClient, page: Page, **changes: str) -> httpx.Response:
    """Press the button."""
    return await web.post(page.form.action, data=page.form.filled(**changes, _action="send"))


@pytest.mark.parametrize(("word", "again"), [("yes", True), ("no", False)])
async def test_case_5_02_a_tap_opens_the_answer_and_choosing_it_sends_it(
    web: httpx.AsyncClient, visit: Visit, word: str, again: bool
) -> None:
    await call_off(visit)
    token = await visit.personal_token("T3")
    page = read((await web.get(f"/f/{token}/new-date-{word}")).text)
    assert "Doe je mee op een nieuwe datum?" in page.content
    assert "again" not in page.form.fields, "a program that follows a link and presses the button chose nothing"
    assert "Je antwoord uit de mail is nog niet verstuurd." in page.content
    assert ("Ja (koos je in de mail)" in page.content) is again
    assert ("Nee (koos je in de mail)" in page.content) is not again
    assert (await send(web, page)).status_code == 422
    assert await kept(visit, "new-date") == [], "opening a page changes nothing, and neither does its button"
    answer = await send(web, page, again=word)
    assert answer.status_code == 200
    assert "Je bericht staat bij Jolanda Meerdink." in read(answer.text).content
    [row] = await kept(visit, "new-date")
    assert (row.answers, row.person_id) == ({"again": again}, visit.cast.id("T3"))


async def test_case_5_02_while_it_goes_on_the_page_says_so(web: httpx.AsyncClient, visit: Visit) -> None:
    token = await visit.personal_token("T3")
    page = read((await web.get(f"/f/{token}/new-date-yes")).text)
    answer = await send(web, page, again="yes")
    assert answer.status_code == 409
    assert "gaat gewoon door" in read(answer.text).content
    assert await kept(visit, "new-date") == []


async def test_case_5_02_a_host_gives_the_hours_of_preparing_and_nobody_else_does(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    await call_off(visit)
    hours = {"hours_prep": "4", "confirm": "correct", "name_function": "Koen Korteweg", "on_behalf": "yes"}
    page = read((await web.get(f"/f/{await visit.personal_token('P3')}/hours")).text)
    assert "hours_day" not in page.form.names
    assert (await send(web, page, **hours)).status_code == 200
    async with visit.runtime.store.read() as session:
        [row] = await session.scalars(select(Hours))
    assert (row.hours, row.is_confirmed) == (4, True)
    page = read((await web.get(f"/f/{await visit.personal_token('T3')}/hours")).text)
    assert (await send(web, page, **hours)).status_code == 404
