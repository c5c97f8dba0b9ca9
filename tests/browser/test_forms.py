"""Every form in every state, in a real browser, by the rules of WCAG 2.2 A and AA."""

import asyncio
from collections import deque

import pytest
from playwright.async_api import Page

from models.tables.asking import Invitation, InvitationState
from sandwich.rehearsal.answering import answer
from tests.browser.beside import start_intake
from tests.browser.forms import Asked, ask_everything
from tests.browser.world import World, told

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

TWO = 2
"""So many pages are looked at at once: one core serves and one looks."""

_BEGIN = """() => {
  const form = document.querySelector('form[data-form]');
  const free = [...form.elements].filter((one) => one.name && one.type !== 'hidden' && one.type !== 'file' &&
    one.tagName !== 'BUTTON' && !one.name.startsWith('_'));
  const typed = free.find((one) => one.tagName === 'TEXTAREA') || free.find((one) => one.type === 'text');
  if (typed) { typed.value += 'x'; return typed.name; }
  const chosen = free.find((one) => one.type === 'checkbox' && !one.checked) || free.find((one) => !one.checked);
  if (chosen) { chosen.checked = true; return chosen.name; }
  return '';
}"""
"""Type one letter, or choose one thing where nothing can be typed."""


async def press(page: Page, value: str) -> int:
    """Press a button of the form, and return the status of what comes."""
    async with page.expect_navigation() as going:
        await page.evaluate(
            "(value) => { const form = document.querySelector('form[data-form]');"
            "form.requestSubmit(form.querySelector(`button[name=_action][value=${value}]`)); }",
            value,
        )
    response = await going.value
    assert response is not None
    return response.status


async def go_through(world: World, page: Page, asked: Asked, *, whole: bool) -> str:
    """Go through the states of one form; returns what was said to a letter and nothing else."""
    await page.goto(await world.link(asked.participation_id, asked.invitation_id))
    if whole:  # of a variant what differs stands in the page with mistakes as well
        await world.look(page, f"{asked.name}, empty")
    at = page.url
    began = await page.evaluate(_BEGIN)
    status = await press(page, "send") if began else 0
    if status == 422:
        await world.look(page, f"{asked.name}, with errors")
    if not whole:
        return f"{status}"
    if status == 422:
        await press(page, "draft")
        assert "/kept/" in page.url, asked.name
        await world.look(page, f"{asked.name}, kept")
        await page.goto(at)
        await world.look(page, f"{asked.name}, a draft")
        await answer(world.runtime, asked.invitation_id, step=asked.step, key=f"browser-{asked.name}")
    await page.goto(f"{at}/thanks/{asked.invitation_id}")
    await world.look(page, f"{asked.name}, thanks")
    await page.goto(at)
    await world.look(page, f"{asked.name}, answered")
    now = await world.runtime.clock.now()
    async with world.runtime.store.change(now=now, actor="browser", stream="browser") as session:
        (await session.get_one(Invitation, asked.invitation_id)).state = InvitationState.WITHDRAWN
    await page.goto(at)
    await world.look(page, f"{asked.name}, closed")
    return f"{status}"


async def test_every_form_in_every_state(world: World) -> None:
    await start_intake(world.runtime)
    line = deque(await ask_everything(world.runtime))
    first: set[str] = set()
    said: dict[str, str] = {}

    async def work() -> None:
        page = await (await world.context()).new_page()
        while line:
            asked = line.popleft()
            whole = asked.form not in first
            first.add(asked.form)
            said[asked.name] = await go_through(world, page, asked, whole=whole)

    await asyncio.gather(*(work() for _ in range(TWO)))
    free = {"change", "colleague-reaction", "new-date", "privacy-request"}  # nobody is asked them: see test_pages
    assert {one.partition(" ")[0] for one in said} == set(world.runtime.library.forms) - free
    without = {one for one, status in said.items() if status != "422"}  # where one letter is an answer already
    assert len(without) < len(said) / 10, without
    assert not world.wrong, told(world.wrong)
