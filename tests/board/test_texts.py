"""Own texts on the board: type, look, keep, go back; what is wrong says why and keeps what was typed."""

import pytest
from sqlalchemy import select

from models.tables.texts import OwnText
from sandwich.runtime import Runtime
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio
REQUEST = "/board/texts/request"


async def kept(runtime: Runtime) -> dict[str, str]:
    async with runtime.store.read() as session:
        return {row.piece.value: row.words for row in await session.scalars(select(OwnText))}


async def test_a_mail_is_worded_looked_at_kept_and_put_back(
    jolanda: Browser, visit: Visit, runtime: Runtime, cast: Cast
) -> None:
    board = await jolanda.open("/board/texts")
    assert "verzoek aan het bedrijf" in board.text
    address = f"{REQUEST}?of={cast.region.code}&in=nl&to=hosts"
    page = await jolanda.open(address)
    assert "Prefab bouwen bij Korteweg: kunt u" in page.text
    assert "{company}" in page.text

    typed: dict[str, str] = {"ask": "past het in {date}?", "opening": "Beste {bedrijf}, <b>{{ 7*7 }}</b>"}
    wrong = await jolanda.send(page, address, dict(typed), press="_action=keep")
    assert jolanda.status == 422
    assert "{bedrijf}: zo heet niets in de mail request. Er zijn: {activity}" in wrong.text
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt;" in wrong.html
    assert await kept(runtime) == {}

    typed["opening"] = "Dag {company}, <b>{{ 7*7 }}</b>"
    looked = await jolanda.send(wrong, address, dict(typed), press="_action=look")
    assert "Prefab bouwen bij Korteweg: past het in donderdag 5 november?" in looked.text
    assert "Dag Bouwbedrijf Korteweg, <b>{{ 7*7 }}</b>" in looked.text
    assert "Met de langste namen" in looked.text
    assert await kept(runtime) == {}

    await jolanda.send(looked, address, press="_action=keep")
    assert await kept(runtime) == typed
    assert "eigen woorden" in (await jolanda.open(f"/board/texts?of={cast.region.code}")).text

    page = await jolanda.open(address)
    await jolanda.send(page, address, press="_action=reset")
    assert await kept(runtime) == {}


async def test_every_mail_has_a_page_and_nothing_else_has(jolanda: Browser, visit: Visit, cast: Cast) -> None:
    from sandwich.mail.own_words import mails, readers_of

    for number, mail in enumerate(mails()):
        to = readers_of(mail)[-1].value
        await jolanda.open(f"/board/texts/{mail}?in={'en' if number % 2 else 'nl'}&to={to}")
        assert jolanda.status == 200, mail
    for address in ("login-code", "nothing", "goals?to=hosts", "goals?of=elders"):
        await jolanda.open(f"/board/texts/{address}")
        assert jolanda.status == 404, address


async def test_another_region_cannot_see_or_change_ours(
    stranger: Browser,
    visit: Visit,
    cast: Cast,
    runtime: Runtime,
) -> None:
    await stranger.open(f"{REQUEST}?of={cast.region.code}")
    assert stranger.status == 404
    page = await stranger.open(REQUEST)
    assert "Prefab" not in page.text
    assert "Korteweg" not in page.text
