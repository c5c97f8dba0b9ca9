"""Keys for a coordinator's programs on the board: made and shown once, listed, taken back."""

import pytest
from fastapi import FastAPI

from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services.api_tokens import SHAPE, holder_of
from tests.board.conftest import signed_in
from tests.support.browser import BASE, Browser
from tests.support.cast import Cast

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
