"""The tokens that Prefect's server asks of every change, against forged requests: fetched ahead, one at a time.

Prefect's own client fetches one when the last has expired. The server keeps one token for each client, so several
requests at that moment each void those of the others, and are refused for minutes. Here a token is renewed at half of
its life, by one request for which the others wait, and under a new client's name: what is on its way with the token
before stays good.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import uuid4

import httpx

from sandwich.clock import real_now

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

TOKEN = "Prefect-Csrf-Token"  # noqa: S105 - the name of a header
CLIENT = "Prefect-Csrf-Client"

_ASKS_FOR_NONE = frozenset({404, 422})
"""What a server answers to who wants a token where none is needed."""

Fetch = Callable[[str], Awaitable[httpx.Response]]


class Tokens:
    """The token that goes with every change now. ``fetch`` asks the server for one under the name of a client."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._headers: dict[str, str] = {}
        self._until = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def sign(self, request: httpx.Request) -> None:
        """Write the token into a request that changes something; raises what fetching one raises."""
        if request.method in CHANGES:
            async with self._one_at_a_time:
                if time.monotonic() >= self._until:
                    await self._renew()
            request.headers.update(self._headers)

    def refused(self, request: httpx.Request) -> None:
        """Fetch another before the next change, if the token of this request is still the one that we have."""
        if request.headers.get(TOKEN) == self._headers.get(TOKEN):
            self._until = 0.0

    async def _renew(self) -> None:
        client = str(uuid4())
        try:
            given = (await self._fetch(client)).json()
        except httpx.HTTPStatusError as error:
            if error.response.status_code not in _ASKS_FOR_NONE:
                raise
            self._headers, self._until = {}, float("inf")
            return
        life = (datetime.fromisoformat(given["expiration"]) - real_now()).total_seconds()
        self._headers, self._until = {TOKEN: given["token"], CLIENT: client}, time.monotonic() + life / 2
