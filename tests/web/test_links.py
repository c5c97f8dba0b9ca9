"""Personal links: in by the token, on by a cookie of that link alone, and a plain word where that does not work."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from models.tables.asking import Link
from sandwich.clock import Clock
from sandwich.runtime import Runtime
from sandwich.services.links import revoke_links
from sandwich.settings import read_settings
from sandwich.web.app import make_app
from sandwich.web.quiet import masked
from tests.support.dumped import dump
from tests.web.conftest import browser_of
from tests.web.reading import read
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def test_control_19_first_get_leaves_the_token_out_of_the_address(web: httpx.AsyncClient, visit: Visit) -> None:
    token = await visit.token("T3", "goals")
    first = await web.get(f"/f/{token}", follow_redirects=False)
    assert first.status_code == 303
    address = first.headers["location"]
    assert token not in address
    link_id = address.removeprefix("/f/")
    cookie = first.headers["set-cookie"]
    assert cookie.startswith("sandwich-link=")
    assert f"; Path=/f/{link_id}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert token not in cookie

    page = await web.get(address)
    assert page.status_code == 200
    assert "Wat wil jij leren?" in page.text
    assert token not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_control_04_looking_changes_nothing(web: httpx.AsyncClient, visit: Visit) -> None:
    token, personal = await visit.token("T3", "goals"), await visit.personal_token("T3")
    before = await dump(visit.runtime.store)
    for address in (f"/f/{token}", f"/f/{personal}"):
        for method in ("HEAD", "GET", "GET", "GET", "GET", "GET"):
            answer = await web.request(method, address, headers={"Purpose": "prefetch"})
            assert answer.status_code == 200
    assert await dump(visit.runtime.store) == before


@pytest.mark.parametrize("broken", ["nonsense", "..", "%00", "a" * 43, "a" * 5000, "é"])
async def test_control_18_unknown_and_malformed_links_get_the_same_answer(
    web: httpx.AsyncClient, visit: Visit, broken: str
) -> None:
    token = await visit.token("T3", "goals")
    truncated = await web.get(f"/f/{token[:-4]}")
    assert truncated.status_code == 404
    assert "Deze link werkt niet" in truncated.text
    assert "beantwoord die mail" in truncated.text
    assert (await web.get(f"/f/{broken}")).text == truncated.text or broken == ".."


async def test_english_for_who_asks_for_english(web: httpx.AsyncClient, visit: Visit) -> None:
    answer = await web.get("/f/nonsense", headers={"Accept-Language": "en-GB,en;q=0.9,nl;q=0.5"})
    assert "This link does not work" in answer.text


async def test_revoked_link_says_so(web: httpx.AsyncClient, visit: Visit) -> None:
    token = await visit.token("T3", "goals")
    own = (await web.get(f"/f/{token}")).url.path
    invitation = await visit.invitation("T3", "goals")
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test") as session:
        await revoke_links(session, invitation.participation_id, now)
    for address in (f"/f/{token}", own):
        answer = await web.get(address)
        assert answer.status_code == 410
        assert "niet meer in gebruik" in answer.text


async def test_expired_link_says_so(web: httpx.AsyncClient, visit: Visit) -> None:
    token = await visit.token("T3", "goals")
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test") as session:
        link = await session.get_one(Link, (await web.get(f"/f/{token}")).url.path.removeprefix("/f/"))
        link.expires_at = now + timedelta(hours=1)
    assert (await web.get(f"/f/{token}")).status_code == 200
    await visit.runtime.clock.set(now + timedelta(hours=2))
    answer = await web.get(f"/f/{token}")
    assert answer.status_code == 410
    assert "verlopen" in answer.text


async def test_control_03_cookie_of_one_link_opens_no_other(app: FastAPI, visit: Visit) -> None:
    async with browser_of(app) as erik, browser_of(app) as stranger:
        own = (await erik.get(f"/f/{await visit.token('T3', 'goals')}")).url.path
        other = (await stranger.get(f"/f/{await visit.token('T2', 'goals')}")).url.path
        value = next(cookie.value for cookie in erik.cookies.jar)
        assert value
        async with browser_of(app) as thief:
            for address in (other, f"{other}/all", f"{other}/change", f"{other}/privacy"):
                answer = await thief.get(address, headers={"Cookie": f"sandwich-link={value}"})
                assert answer.status_code == 404
                assert "Deze link werkt niet" in answer.text
            mine = await thief.get(own, headers={"Cookie": f"sandwich-link={value}"})
            assert mine.status_code == 200


async def test_two_people_in_two_tabs_never_mix(web: httpx.AsyncClient, visit: Visit) -> None:
    erik = (await web.get(f"/f/{await visit.token('T3', 'goals')}")).url.path
    nadia = (await web.get(f"/f/{await visit.token('T2', 'goals')}")).url.path
    assert "alleen voor Erik Laan" in (await web.get(erik)).text
    assert "alleen voor Nadia Bensalem" in (await web.get(nadia)).text
    assert "alleen voor Erik Laan" in (await web.get(erik)).text


async def test_a_link_shows_only_questions_of_its_own_person(web: httpx.AsyncClient, visit: Visit) -> None:
    erik = (await web.get(f"/f/{await visit.token('T3', 'goals')}")).url.path
    own = await visit.invitation("T3", "registration")
    of_another = await visit.invitation("T2", "registration")
    assert (await web.get(f"{erik}/ask/{own.id}")).status_code == 200
    for address in (f"{erik}/ask/{of_another.id}", f"{erik}/thanks/{of_another.id}", f"{erik}/kept/{of_another.id}"):
        assert (await web.get(address)).status_code == 404
    assert (await web.post(f"{erik}/ask/{of_another.id}", data={"attend": "yes"})).status_code == 404


async def test_control_12_over_https_the_cookie_is_for_https_only(visit: Visit) -> None:
    old = visit.runtime
    settings = read_settings(
        {},
        environment="development",
        database_url=str(old.store.url.render_as_string(hide_password=False)),
        secret_key=old.settings.secret_key.get_secret_value(),
        base_url="https://sandwich.example/leren",
    )
    app = make_app(Runtime(settings, old.store, Clock(old.store), old.library))
    async with browser_of(app, "https://sandwich.example") as client:
        first = await client.get(f"/leren/f/{await visit.token('T3', 'goals')}", follow_redirects=False)
        cookie = first.headers["set-cookie"]
        assert cookie.startswith("__Secure-sandwich-link=")
        assert "; Secure" in cookie
        assert first.headers["location"].startswith("/leren/f/")
        assert f"Path={first.headers['location']}" in cookie
        assert first.headers["strict-transport-security"]
        page = await client.get(first.headers["location"])
        assert page.status_code == 200
        for address in [*read(page.text).sources, read(page.text).form.action]:
            assert address.startswith("/leren/")
            assert (await client.get(address)).status_code in {200, 405}


async def test_control_19_the_web_servers_log_holds_no_token() -> None:
    assert masked('"GET /f/abcDEF-_123?x=1 HTTP/1.1"') == '"GET /f/…?x=1 HTTP/1.1"'
    assert masked("/wall/secret/activity") == "/wall/…/activity"
    assert masked("/board/activity") == "/board/activity"


async def test_control_18_who_never_opened_a_link_is_not_told_that_it_was_there(
    app: FastAPI, web: httpx.AsyncClient, visit: Visit
) -> None:
    """By its id in an address, without the token that stood in the mail and without a page of ours."""
    live = (await web.get(f"/f/{await visit.token('T2', 'goals')}")).url.path
    own = (await web.get(f"/f/{await visit.token('T3', 'goals')}")).url.path
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="test") as session:
        await revoke_links(session, (await visit.invitation("T3", "goals")).participation_id, now)
    async with browser_of(app) as stranger:
        unknown = await stranger.post("/f/aaaaaaaaaaaaaaaaaaaaaaaa", data={"goal": "x"})
        for address in (live, own):
            answer = await stranger.post(address, data={"goal": "x"})
            assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text) == (404, unknown.text)
