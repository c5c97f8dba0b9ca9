"""What the log says of requests: an id and a pattern, nothing of whoever asked; and who is believed about it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request

from sandwich.errors import SettingsInvalid
from sandwich.running.logs import set_up_logs
from sandwich.settings import LogFormat, read_settings
from tests.web.conftest import browser_of

pytestmark = pytest.mark.asyncio

CANARY = "Canary-van-Vliet"
PROXY, STRANGER = "127.0.0.1", "203.0.113.9"


@contextmanager
def logging_as_json() -> Iterator[StringIO]:
    """Let this process log as a part that runs does; gives what it writes."""
    root, written = logging.getLogger(), StringIO()
    handlers, level = list(root.handlers), root.level
    with redirect_stdout(written):
        set_up_logs(LogFormat.JSON, "web")
    try:
        yield written
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def at(app: FastAPI, peer: str) -> httpx.AsyncClient:
    """Return a browser whose requests come from an address."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(peer, 4711), raise_app_exceptions=False),
        base_url="http://127.0.0.1:8000",
    )


async def test_control_23_every_line_of_a_request_has_its_id_and_none_has_anything_of_who_asks(app: FastAPI) -> None:
    @app.post("/breaks/{word}")
    async def breaks(word: str) -> None:
        logging.getLogger("some.library").warning("it works on it")
        raise RuntimeError(word)

    with logging_as_json() as written:
        async with browser_of(app) as web:
            answers = [
                await web.get(f"/f/{CANARY}?q={CANARY}", headers={"Referer": CANARY, "User-Agent": CANARY}),
                await web.post(f"/f/{CANARY}", data={"name": CANARY}, files={"file": (f"{CANARY}.png", b"x")}),
                await web.get(f"/{CANARY}", headers={"Cookie": f"a={CANARY}"}),
                await web.post(f"/breaks/{CANARY}"),
                await web.request(CANARY.upper(), "/healthz"),
                await web.get("/healthz"),
            ]
    said = [json.loads(line) for line in written.getvalue().splitlines()]
    assert CANARY.lower() not in json.dumps(said).lower()
    told = [line for line in said if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in told] == [
        ("/f/{ref}", answers[0].status_code),
        ("/f/{link_id}", answers[1].status_code),
        ("-", 404),
        ("/breaks/{word}", 500),
        ("/healthz", 405),
    ], "what a machine asks every few seconds has no line when all is well"
    assert [answer.headers["X-Request-Id"] for answer in answers[:5]] == [line["request"] for line in told]
    library = next(line for line in said if line["event"] == "it works on it")
    assert library["request"] == told[3]["request"]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)


async def test_the_id_of_a_request_is_taken_from_our_proxy_and_from_nobody_else(app: FastAPI) -> None:
    given = {"X-Request-Id": "0123456789abcdef-proxy"}
    async with at(app, PROXY) as proxy, at(app, STRANGER) as stranger:
        assert (await proxy.get("/healthz", headers=given)).headers["X-Request-Id"] == given["X-Request-Id"]
        assert (await stranger.get("/healthz", headers=given)).headers["X-Request-Id"] != given["X-Request-Id"]
        forged = {"X-Request-Id": 'x" level="error'}
        assert (await proxy.get("/healthz", headers=forged)).headers["X-Request-Id"] != forged["X-Request-Id"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "believed"),
    [
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "127.0.0.1, 198.51.100.7", "198.51.100.7"),
        (PROXY, "8.8.8.8, 198.51.100.7, ::1", "198.51.100.7"),
        (PROXY, "198.51.100.7, <script>", PROXY),
        (PROXY, "", PROXY),
        (STRANGER, "127.0.0.1", STRANGER),
        (STRANGER, "198.51.100.7", STRANGER),
    ],
)
async def test_control_13_who_asks_is_what_our_own_proxy_saw(
    app: FastAPI, peer: str, forwarded: str, believed: str
) -> None:
    @app.get("/who")
    async def who(request: Request) -> dict[str, str]:
        return {"who": request.client.host if request.client else ""}

    async with at(app, peer) as browser:
        assert (await browser.get("/who", headers={"X-Forwarded-For": forwarded})).json() == {"who": believed}


@pytest.mark.parametrize("liar", [PROXY, STRANGER])
async def test_control_13_headers_that_lie_about_our_name_change_nothing(app: FastAPI, liar: str) -> None:
    lies = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example;proto=https",
        "X-Original-URL": "/board",
    }
    async with at(app, liar) as browser:
        honest, lied = await browser.get("/nowhere"), await browser.get("/nowhere", headers=lies)
        assert (lied.status_code, lied.text) == (honest.status_code, honest.text)
        assert "evil" not in (await browser.get("/login", headers=lies)).text
        assert (await browser.get("/login", headers={"Host": "evil.example"})).status_code == 400
        assert (await browser.get("/metrics", headers={"Forwarded": "for=127.0.0.1"})).status_code == 404


async def test_a_proxy_is_an_address_or_a_network() -> None:
    given = {"SANDWICH_ENVIRONMENT": "development", "SANDWICH_TRUSTED_PROXIES": "10.77.0.0/24"}
    assert len(read_settings(given).proxies) == 1
    assert read_settings(given | {"SANDWICH_TRUSTED_PROXIES": ""}).proxies == ()
    with pytest.raises(SettingsInvalid, match=r"10\.77\.0\.2"):
        read_settings(given | {"SANDWICH_TRUSTED_PROXIES": "*"})
