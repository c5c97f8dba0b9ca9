"""The frame around every page: headers, limits, hosts, errors without tracebacks, health."""

import logging
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from models.text import Language
from sandwich.clock import Clock
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from sandwich.settings import read_settings
from sandwich.store import Store
from sandwich.web.app import make_app
from sandwich.web.language import preferred
from sandwich.web.pages import STATIC, TEMPLATES
from tests.web.conftest import browser_of
from tests.web.reading import read
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


async def test_control_08_every_answer_has_the_safe_headers(web: httpx.AsyncClient) -> None:
    for method, address in (
        ("GET", "/healthz"),
        ("GET", "/nowhere"),
        ("POST", "/healthz"),
        ("GET", "/f/x"),
        ("PUT", "/f/x"),
    ):
        answer = await web.request(method, address)
        policy = answer.headers["content-security-policy"]
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


async def test_the_icon_is_where_browsers_look_for_one(web: httpx.AsyncClient) -> None:
    icon = await web.get("/favicon.ico")
    assert icon.headers["content-type"].startswith("image/svg+xml")
    assert icon.text.startswith("<svg")


async def test_errors_are_sentences_in_the_readers_language(web: httpx.AsyncClient) -> None:
    missing = await web.get("/nowhere")
    assert missing.status_code == 404
    assert "Deze pagina is er niet" in missing.text
    assert '<html lang="nl">' in missing.text
    english = await web.get("/nowhere", headers={"Accept-Language": "en"})
    assert "This page does not exist" in english.text
    assert '<html lang="en">' in english.text
    wrong = await web.delete("/healthz")
    assert wrong.status_code == 405
    assert "Dit kan hier niet" in wrong.text
    asked_as_json = await web.get("/nowhere", headers={"Accept": "application/json"})
    assert set(asked_as_json.json()) == {"error"}


async def test_control_23_a_mistake_of_ours_is_no_traceback(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/mistake")
    async def mistake() -> None:
        raise RuntimeError("secret HUNTER2")

    async with browser_of(app) as web:
        answer = await web.get("/mistake")
    assert answer.status_code == 500
    assert "Dat ligt aan ons." in answer.text
    assert "HUNTER2" not in answer.text
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers


async def test_control_13_only_our_own_host_is_answered(web: httpx.AsyncClient) -> None:
    assert (await web.get("/healthz", headers={"Host": "evil.example"})).status_code == 400
    assert (await web.get("/healthz", headers={"Host": "localhost:8000"})).status_code == 200


async def test_head_is_answered_like_get(web: httpx.AsyncClient) -> None:
    for address in ("/healthz", "/nowhere"):
        head, get = await web.head(address), await web.get(address)
        assert head.status_code == get.status_code
        assert head.content == b""


async def test_ready_only_with_a_database(web: httpx.AsyncClient, tmp_path: Path, library: Library) -> None:
    assert (await web.get("/readyz")).text == "ok"
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    settings = read_settings({}, environment="development", secret_key="k" * 40)
    async with browser_of(make_app(Runtime(settings, store, Clock(store), library))) as other:
        assert (await other.get("/healthz")).status_code == 200
        answer = await other.get("/readyz")
        assert answer.status_code == 503
        assert "sandwich db upgrade" in answer.text
        page = await other.get("/f/some-token", headers={"Accept-Language": "nl"})
        assert page.status_code == 503
        assert "Er is niets veranderd" in page.text
    await store.close()


async def test_static_files_may_be_kept_and_nothing_else_lies_there(web: httpx.AsyncClient) -> None:
    page = read((await web.get("/nowhere")).text)
    assert page.sources
    for address in page.sources:
        answer = await web.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert (await web.get("/static/%2e%2e/app.py")).status_code == 404
    assert (await web.get("/static/")).status_code == 404


async def test_pages_weigh_little_and_need_nobody_else() -> None:
    weight = sum((STATIC / name).stat().st_size for name in ("sandwich.css", "sandwich.js", "sandwich.svg"))
    assert weight < 40_000
    for template in sorted(TEMPLATES.rglob("*.html")):
        text = template.read_text(encoding="utf-8")
        assert "http://" not in text.replace("http://www.w3.org", ""), template
        assert "https://" not in text, template
        for forbidden in ("|safe", "| safe", " style=", " onclick", " onload", "<style", "autoescape"):
            assert forbidden not in text, f"{template}: {forbidden}"


async def test_language_of_strangers() -> None:
    assert preferred("en-GB,en;q=0.9,nl;q=0.8") is Language.ENGLISH
    assert preferred("de-DE,de;q=0.9,nl;q=0.5,en;q=0.4") is Language.DUTCH
    assert preferred("en;q=0.2, nl;q=0.1") is Language.ENGLISH
    assert preferred("fr") is Language.DUTCH
    assert preferred(None) is Language.DUTCH
    assert preferred("en;q=abc;q=;,,,;" * 500) is Language.DUTCH


async def test_control_19_the_access_log_is_masked(app: FastAPI) -> None:
    logger = logging.getLogger("uvicorn.access")
    seen: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", "/f/SECRET-TOKEN", "1.1", 303)
    logger.setLevel(level)
    logger.removeHandler(handler)
    assert seen == ['127.0.0.1:1 - "GET /f/… HTTP/1.1" 303']


LIES = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "ftp",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-For": "127.0.0.1, evil.example",
    "Forwarded": "host=evil.example;proto=http",
    "X-Original-Url": "/board",
    "X-HTTP-Method-Override": "DELETE",
}


async def test_control_13_what_headers_say_of_our_name_is_in_no_page_address_or_mail(
    web: httpx.AsyncClient, visit: Visit
) -> None:
    """A link in a mail is worded from the settings, and nothing that a request says reaches it."""
    plain = await web.get("/login")
    lied = await web.get("/login", headers=LIES)
    assert "evil" not in lied.text
    assert len(lied.text) == len(plain.text)
    token = await visit.token("T3", "goals")
    came = await web.get(f"/f/{token}", headers=LIES, follow_redirects=False)
    assert came.headers["location"].startswith("/f/")
    assert "evil" not in str(came.headers)
    for address in ("https://evil.example/f/", "//evil.example"):
        assert address not in (await web.get(came.headers["location"], headers=LIES)).text
