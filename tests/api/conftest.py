"""A program that comes in with a token of the coordinator, to a region in which activity A1 goes on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from models.scopes import ApiScope
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services.api_tokens import Made, make_token
from tests.board.conftest import app, stage, visit
from tests.support.browser import BASE
from tests.support.cast import Cast

__all__ = ["app", "stage", "visit"]


@dataclass(frozen=True)
class Program:
    """Something that asks with a token; without one it is nobody."""

    client: httpx.AsyncClient
    made: Made | None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send one request."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.made is not None:
            said.setdefault("authorization", f"Bearer {self.made.token}")
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=said)

    async def get(self, path: str, **headers: str) -> Any:
        """Read something that is there."""
        answer = await self.ask("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, *, expects: int = 200, **headers: str) -> Any:
        """Do something and return what was answered."""
        answer = await self.ask("POST", path, {} if body is None else body, **headers)
        assert answer.status_code == expects, answer.text
        return answer.json()


Programs = Callable[..., Awaitable[Program]]


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of this installation."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def program(client: httpx.AsyncClient, runtime: Runtime, cast: Cast) -> Programs:
    """Make a program of somebody, with a token of some scope."""

    async def make(code: str = "C1", scope: ApiScope = ApiScope.WRITE, days: int = 30) -> Program:
        now = await runtime.clock.now()
        person = cast.id(code) if code in cast.people else code
        made = await make_token(runtime, person, "a program", scope, days, now=now, real=real_now(), actor=person)
        return Program(client, made)

    return make


@pytest_asyncio.fixture
async def jolanda(program: Programs) -> Program:
    """The program of the coordinator."""
    return await program()
