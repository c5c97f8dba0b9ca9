"""A client of Prefect's that tells how the server answers, also where it tries again by itself and says nothing.

It brings the server's tokens against forged requests itself (``tokens.py``) and not as Prefect's client would.
"""

import time
from collections.abc import Mapping

import httpx
from prefect.context import AsyncClientContext
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    temporary_settings,
)

from sandwich.orchestration.pressure import SLOW_SECONDS, Pressure
from sandwich.orchestration.run_client import RunClient
from sandwich.orchestration.tokens import Tokens

_BEGAN = "sandwich_began"


def watched_client(pressure: Pressure) -> AsyncClientContext:
    """Return a context in which everything shares one client, whose answers ``pressure`` learns of.

    The client is put into a context that was made without settings: Prefect gives a context's client only to who asks
    for the settings that it was made with, and the engine asks for none.
    """

    async def ask(request: httpx.Request) -> None:
        await tokens.sign(request)
        now = time.monotonic()
        if _BEGAN in request.extensions:  # the same request again, and the last time brought no answer
            pressure.refuse(now)
        request.extensions[_BEGAN] = now

    async def hear(response: httpx.Response) -> None:
        now = time.monotonic()
        began = response.request.extensions.pop(_BEGAN, now)
        if response.status_code == httpx.codes.FORBIDDEN:
            tokens.refused(response.request)
        if client.hear(response) or now - began > SLOW_SECONDS:
            pressure.answered(response.status_code, now - began, retry_after(response.headers), now)

    async def fetch(name: str) -> httpx.Response:
        return await client.request("GET", "/csrf-token", params={"client": name})

    tokens = Tokens(fetch)
    with temporary_settings({PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False}):
        client = RunClient(
            PREFECT_API_URL.value(),
            auth_string=PREFECT_API_AUTH_STRING.value(),
            httpx_settings={"event_hooks": {"request": [ask], "response": [hear]}},
        )
    return AsyncClientContext().model_copy(update={"client": client})


def retry_after(headers: Mapping[str, str]) -> float:
    """Return for how many seconds the server asks to be left alone; none when it does not say, or names a date."""
    try:
        return max(0.0, float(headers.get("Retry-After", 0)))
    except ValueError:
        return 0.0
