"""Tokens against forged requests: nothing that many do at once is refused, however often a token expires."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from sandwich.clock import real_now
from sandwich.orchestration import watched
from sandwich.orchestration.pressure import Pressure
from sandwich.orchestration.server import Prefect, PrefectServer
from sandwich.orchestration.tokens import CLIENT, TOKEN, Tokens
from tests.support.prefect import free_port

pytestmark = pytest.mark.asyncio

LIFE_SECONDS = 2


class Heard(Pressure):
    """Every status that the server answered with."""

    def __init__(self) -> None:
        super().__init__(8)
        self.statuses: list[int] = []

    def answered(self, status: int, seconds: float, retry_after: float, now: float) -> None:
        """Note it."""
        self.statuses.append(status)


@pytest_asyncio.fixture
async def forgetful(tmp_path: Path) -> AsyncIterator[Prefect]:
    """A server of Prefect's whose tokens live for two seconds."""
    prefect = Prefect(folder=tmp_path / "prefect", port=free_port(), secret="a secret for tests only")
    short = {**os.environ, "PREFECT_SERVER_CSRF_TOKEN_EXPIRATION": f"PT{LIFE_SECONDS}S"}
    server = await PrefectServer.start(prefect, short)
    yield prefect
    await server.stop()


async def test_nothing_is_refused_while_tokens_expire_under_many_requests(
    forgetful: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, signed = Heard(), set()

    class Noted(Tokens):
        """Notes which tokens went out."""

        async def sign(self, request: httpx.Request) -> None:
            await super().sign(request)
            signed.update(request.headers.get_list(TOKEN))

    monkeypatch.setattr(watched, "Tokens", Noted)
    until = time.monotonic() + 4 * LIFE_SECONDS

    async def create(client: Any, number: int) -> int:
        done = 0
        while time.monotonic() < until:
            await client.create_concurrency_limit(f"tag-{number}", 1)
            done += 1
        return done

    login = {PREFECT_API_URL: forgetful.api_url, PREFECT_API_AUTH_STRING: forgetful.login}
    with temporary_settings(login):
        async with watched.watched_client(heard) as shared:
            done = await asyncio.gather(*(create(shared.client, number) for number in range(12)))
    assert min(done) > 0
    assert len(signed) >= 4, "several expired on the way"
    assert httpx.codes.FORBIDDEN not in heard.statuses


async def test_a_server_that_asks_for_no_token_gets_none() -> None:
    asked: list[str] = []

    async def fetch(client: str) -> httpx.Response:
        asked.append(client)
        answer = httpx.Response(422, json={"detail": "CSRF protection is disabled."})
        raise httpx.HTTPStatusError("no", request=httpx.Request("GET", "http://x"), response=answer)

    tokens = Tokens(fetch)
    for _ in range(3):
        request = httpx.Request("POST", "http://x")
        await tokens.sign(request)
        assert TOKEN not in request.headers
    assert len(asked) == 1
    tokens.refused(request)
    await tokens.sign(request)
    assert len(asked) == 2, "it asks for one since"


async def test_a_token_that_was_refused_is_renewed_once_for_all_who_had_it() -> None:
    asked: list[str] = []

    async def fetch(client: str) -> httpx.Response:
        asked.append(client)
        await asyncio.sleep(0)
        expiration = (real_now() + timedelta(hours=1)).isoformat()
        return httpx.Response(200, json={"token": f"t{len(asked)}", "expiration": expiration})

    tokens = Tokens(fetch)
    requests = [httpx.Request("POST", "http://x") for _ in range(5)]
    await asyncio.gather(*(tokens.sign(request) for request in requests))
    assert [request.headers[TOKEN] for request in requests] == ["t1"] * 5
    for request in requests:
        tokens.refused(request)
        await tokens.sign(request)
    assert [request.headers[TOKEN] for request in requests] == ["t2"] * 5
    assert len({request.headers[CLIENT] for request in requests} | set(asked)) == 2, "each under a name of its own"
    reading = httpx.Request("GET", "http://x")
    await tokens.sign(reading)
    assert TOKEN not in reading.headers
