"""Keys for a coordinator's programs on the board: made and shown once, listed, taken back."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.happenings import Happening
from models.tables.hooks import Hook, Notice, NoticeState
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services.api_tokens import SHAPE, holder_of
from tests.board.conftest import signed_in
from tests.support.browser import BASE, Browser
from tests.support.cast import Cast
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

KEYS = "/board/keys"


async def test_a_key_is_made_shown_once_and_taken_back(jolanda: Browser, runtime: Runtime, cast: Cast) -> None:
    page = await jolanda.open(KEYS)
    assert "Je hebt nog geen sleutel." in page.text
    wrong = await jolanda.send(page, KEYS, {"scope": "write"})
    assert jolanda.status == 422
    assert "Geef de sleutel een naam" in wrong.text
    assert wrong.form(KEYS).fields["scope"] == ["write"]

    made = await jolanda.send(wrong, KEYS, {"name": "Rooster <b>Kompas</b>"})
    [token] = SHAPE.findall(made.html)
    holder = await holder_of(runtime, token, real=real_now())
    assert holder is not None
    assert (holder.who.person_id, holder.scope.value) == (cast.id("C1"), "write")
    assert "Rooster &lt;b&gt;Kompas&lt;/b&gt;" in made.html
    page = await jolanda.open(KEYS)
    assert SHAPE.search(page.html) is None

    await jolanda.send(page, "/revoke")
    assert jolanda.path == KEYS
    assert "ingetrokken" in (await jolanda.open(KEYS)).text
    assert await holder_of(runtime, token, real=real_now()) is None


async def test_keys_are_ones_own(jolanda: Browser, app: FastAPI, runtime: Runtime, cast: Cast) -> None:
    page = await jolanda.open(KEYS)
    made = await jolanda.send(page, KEYS, {"name": "van Jolanda"})
    [token] = SHAPE.findall(made.html)
    address = made.form("/revoke").action
    async with signed_in(app, runtime, cast.id("C2")) as sander:
        page = await sander.open(KEYS)
        assert "van Jolanda" not in page.text
        form = page.form(KEYS).filled({})
        answer = await sander.client.post(address, data={"_key": form["_key"]}, headers={"origin": BASE})
        assert answer.status_code == 404
        forged = await sander.client.post(
            KEYS, data={"_key": form["_key"], "name": "x", "scope": "all", "days": "1"}, headers={"origin": BASE}
        )
        assert forged.status_code == 400
    assert await holder_of(runtime, token, real=real_now()) is not None


async def test_an_address_is_told_and_what_was_given_up_is_shown(
    jolanda: Browser, app: FastAPI, runtime: Runtime, visit: Visit
) -> None:
    assert "Adressen die bericht krijgen" not in (await jolanda.open(KEYS)).text
    listed = replace(
        runtime, settings=runtime.settings.model_copy(update={"webhook_addresses": "https://rooster.example/s"})
    )
    app.state.runtime = listed
    page = await jolanda.open(KEYS)
    wrong = await jolanda.send(page, "/keys/hooks", {"url": "https://evil.example/"})
    assert jolanda.status == 422
    assert "Dit adres staat niet op de lijst." in wrong.text
    made = await jolanda.send(wrong, "/keys/hooks", {"url": "https://rooster.example/s/in"})
    assert "whsec_" in made.html
    assert "whsec_" not in (await jolanda.open(KEYS)).html
    now = await runtime.clock.now()
    async with runtime.store.maintain() as session:
        [hook] = await session.scalars(select(Hook))
        session.add(
            Notice(
                hook_id=hook.id,
                event=Happening.STARTED,
                body={},
                queued_at=now,
                due_at=now,
                state=NoticeState.GIVEN_UP,
            )
        )
    page = await jolanda.open(KEYS)
    assert "<strong>1</strong>" in page.html
    await jolanda.send(page, "/end")
    assert "https://rooster.example/s/in" not in (await jolanda.open(KEYS)).text
