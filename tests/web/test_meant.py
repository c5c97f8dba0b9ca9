"""Buttons in a mail: the page shows the answer that was meant, and only somebody who chooses it sends it."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.tables.asking import Draft, InvitationState, Submission
from sandwich.rules.answers import as_fields
from sandwich.services.collect import save_draft
from tests.faults.scanner import PRESS
from tests.support.dumped import dump
from tests.web.chromium import need_chromium, served
from tests.web.conftest import browser_of
from tests.web.reading import read
from tests.web.story import GOALS
from tests.web.test_scanner import look, send_untouched
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def test_a_button_opens_the_form_at_its_question_with_the_answer_shown_and_not_chosen(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    token = await visit.token("T3", "registration")
    before = await dump(visit.runtime.store)
    first = await web.get(f"/f/{token}?meant=attend:yes", follow_redirects=False)
    assert first.headers["location"].endswith("?meant=attend:yes#q-attend")
    assert token not in first.headers["location"]
    page = read((await web.get(f"/f/{token}?meant=attend:yes")).text)
    assert "Ja (koos je in de mail)" in page.content
    assert "Je antwoord uit de mail is nog niet verstuurd." in page.content
    assert "attend" not in page.form.fields
    assert (await web.post(page.form.action, data=page.form.filled(_action="send"))).status_code == 422
    assert await dump(visit.runtime.store) == before
    sent = await web.post(page.form.action, data=page.form.filled(attend="yes", _action="send"))
    assert "/thanks/" in sent.url.path


@pytest.mark.parametrize("meant", ["attend:maybe", "nothing:yes", "attend", "<b>:x", "attend:yes#x", "a" * 400, ":"])
async def test_what_a_link_names_and_the_form_lacks_does_no_harm(
    web: httpx.AsyncClient, visit: Visit, meant: str
) -> None:
    token = await visit.token("T3", "registration")
    page = await web.get(f"/f/{token}", params={"meant": meant})
    assert page.status_code == 200
    assert "koos je in de mail" not in page.text
    assert "<b>:x" not in page.text


@pytest.mark.parametrize(
    ("page", "meant", "shown"),
    [
        ("change", "what:other-date", "Andere datum (koos je in de mail)"),
        ("change", "what:replaced", "Ik word vervangen (koos je in de mail)"),
        ("change", "what:other-contact", "Andere contactpersoon (koos je in de mail)"),
        ("change", "what:stop", "Ik wil stoppen (koos je in de mail)"),
        ("privacy", "kind:no-mail", "Geen mail meer (koos je in de mail)"),
    ],
)
async def test_each_way_out_at_the_foot_leads_to_its_page_with_the_choice_shown(
    web: httpx.AsyncClient, visit: Visit, page: str, meant: str, shown: str
) -> None:
    token = await visit.personal_token("T3")
    before = await dump(visit.runtime.store)
    opened = read((await web.get(f"/f/{token}/{page}?meant={meant}")).text)
    assert shown in opened.content
    untouched = await web.post(opened.form.action, data=opened.form.filled(_action="send"))
    assert untouched.status_code == 422
    assert await dump(visit.runtime.store) == before


async def test_a_scanner_that_follows_the_buttons_changes_nothing(app: FastAPI, visit: Visit) -> None:
    own = await visit.token("T3", "registration")
    personal = await visit.personal_token("T3")
    before = await dump(visit.runtime.store)
    for address in (f"/f/{own}?meant=attend:no", f"/f/{personal}/change?meant=what:stop"):
        async with browser_of(app) as web:
            page = await look(web, address)
            assert page is not None
            assert await send_untouched(web, page) >= 1
    assert await dump(visit.runtime.store) == before


async def drafted(visit: Visit, code: str, form: str, **odd: list[str]) -> None:
    """Let a complete draft lie there that was not sent."""
    asked = await visit.asked(code, form)
    known = GOALS if form == "goals" else {"attend": True}
    fields = as_fields(asked.form, {**asked.prefilled, **known}, asked.rows, asked.frame.language)
    now = await visit.runtime.clock.now()
    assert await save_draft(visit.runtime, asked.invitation_id, {**fields, **odd}, now=now)


async def test_real_chromium_that_presses_every_button_sends_no_complete_draft(visit: Visit) -> None:
    need_chromium()
    await drafted(visit, "T3", "goals", questions_host=["Een\nTwee\n\nDrie "], goal_2=["In\u00e9\u00e9n\nregel"])
    await drafted(visit, "T2", "registration", reason=["a\nb", "c"])
    tokens = [await visit.token("T3", "goals"), await visit.token("T2", "registration")]
    async with visit.runtime.store.read() as session:
        kept = {row.invitation_id: row.typed for row in await session.scalars(select(Draft))}
    async with served(visit.runtime) as site:
        for token in tokens:
            page = await site.page(f"/f/{token}?meant=attend:yes")
            statuses = await page.evaluate(f"Promise.all(({PRESS})())")
            assert [status for one in statuses for status in one]
    async with visit.runtime.store.read() as session:
        mine = select(Submission).where(Submission.person_id.in_([visit.cast.id("T2"), visit.cast.id("T3")]))
        assert (await session.scalars(mine)).all() == []
        assert {row.invitation_id: row.typed for row in await session.scalars(select(Draft))} == kept


async def test_a_draft_comes_back_with_less_in_it_only_for_whoever_ticks_that(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    await drafted(visit, "T3", "goals", goal_2=["Nog een doel"])
    page = read((await web.get(f"/f/{await visit.token('T3', 'goals')}")).text)
    less = page.form.filled(goal_2="", _action="send")
    for action in ("send", "draft"):
        answer = await web.post(page.form.action, data={**less, "_action": action})
        assert answer.status_code == 422
        assert "Er is niets bijgekomen." in read(answer.text).content
    assert (await visit.invitation("T3", "goals")).state is InvitationState.DRAFT
    sent = await web.post(page.form.action, data={**less, "_sure": "yes"})
    assert "/thanks/" in sent.url.path
    async with visit.runtime.store.read() as session:
        [row] = await session.scalars(select(Submission).where(Submission.form == "goals"))
    assert "goal_2" not in row.answers
