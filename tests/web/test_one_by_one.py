"""A form one question at a time, without any script: nothing is lost on the way, and nothing is sent before the end."""

import httpx
import pytest
from sqlalchemy import func, select

from models.tables.asking import Draft, Submission
from tests.support.dumped import dump
from tests.web.reading import Page, read
from tests.web.test_uploads import a_picture
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def begun(web: httpx.AsyncClient, visit: Visit, form: str = "goals") -> Page:
    """Return the first question of a form, reached from the form as the mail opens it."""
    whole = read((await web.get(f"/f/{await visit.token('T3', form)}")).text)
    [single] = [link for link in whole.links if "?q=" in link]
    return read((await web.get(single)).text)


async def pressed(web: httpx.AsyncClient, page: Page, action: str = "next", **changes: str | list[str]) -> Page:
    """Press one of the buttons of a page and return the page that comes."""
    answer = await web.post(page.form.action, data=page.form.filled(_action=action, **changes))
    assert answer.status_code == 200, answer.text
    return read(answer.text)


async def draft_of(visit: Visit, form: str = "goals") -> dict[str, list[str]]:
    invitation = await visit.invitation("T3", form)
    async with visit.runtime.store.read() as session:
        draft = await session.get(Draft, invitation.id)
    return {} if draft is None else {name: [v for v in values if v] for name, values in draft.typed.items()}


async def test_every_step_keeps_what_was_typed_and_the_end_is_the_whole_form(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    page = await begun(web, visit)
    assert "Vraag 1 van 15 · nog ongeveer 5 minuten" in page.content
    page = await pressed(web, page, purpose=["trends"])
    assert "Vraag 2 van" in page.content
    page = await pressed(web, page, goal_1="Lassen leren")
    assert (await draft_of(visit))["goal_1"] == ["Lassen leren"]
    page = await pressed(web, page, "back")
    assert page.form.fields["goal_1"] == ["Lassen leren"]
    page = await pressed(web, page, goal_1="Toch liever solderen")
    for _ in range(20):
        if "_at" not in page.form.fields:
            break
        page = await pressed(web, page)
    assert "Dit heb je bewaard op" in page.content
    assert page.form.fields["goal_1"] == ["Toch liever solderen"]
    assert page.form.fields["purpose"] == ["", "trends"]
    async with visit.runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Submission).where(Submission.form == "goals")) == 0


async def test_what_is_taken_back_is_taken_back(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await pressed(web, await begun(web, visit), purpose=["trends", "knowledge"])
    page = await pressed(web, page, "back")
    await pressed(web, page, purpose=[""])
    assert not (await draft_of(visit)).get("purpose")


async def test_all_questions_on_one_page_have_what_was_typed_last(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await pressed(web, await begun(web, visit), "whole", purpose=["trends"])
    assert "_at" not in page.form.fields
    assert page.form.fields["purpose"] == ["", "trends"]


async def test_pressing_on_without_a_word_keeps_nothing(web: httpx.AsyncClient, visit: Visit) -> None:
    page = await begun(web, visit)
    before = await dump(visit.runtime.store)
    for _ in range(3):
        page = await pressed(web, page)
    assert "Vraag 4 van" in page.content
    assert await dump(visit.runtime.store) == before


async def test_a_question_that_is_not_asked_has_no_page(web: httpx.AsyncClient, visit: Visit) -> None:
    home = (await web.get(f"/f/{await visit.token('T3', 'goals')}")).url.path
    for key in ("nonsense", "../../x", ""):
        page = read((await web.get(home, params={"q": key})).text)
        assert "_at" not in page.form.fields
    short = read((await web.get(f"/f/{await visit.token('T3', 'registration')}")).text)
    assert not [link for link in short.links if "?q=" in link]


async def test_a_file_that_cannot_be_used_is_told_on_its_own_page(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    page = await begun(web, after_the_day, "impressions")
    for _ in range(20):
        if page.form.fields["_at"] == ["photo"]:
            break
        page = await pressed(web, page)
    sent = page.form.filled(_action="next")
    refused = await web.post(page.form.action, data=sent, files={"photo": ("vakantie.heic", b"\0\0\0\x18ftypheic", "")})
    assert refused.status_code == 422
    assert "vakantie.heic: Deze foto is van een soort (HEIC)" in read(refused.text).content
    good = {"photo": ("hal 2.jpg", a_picture(), "image/jpeg")}
    page = read((await web.post(page.form.action, data=sent, files=good)).text)
    page = await pressed(web, page, "back")
    assert "hal 2.jpg" in page.content
    [picture] = [source for source in page.sources if "/file/" in source]
    assert (await web.get(picture)).headers["content-type"] == "image/jpeg"
