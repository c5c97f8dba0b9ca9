"""A browser without JavaScript: follows redirects, keeps cookies, sends forms as they stand on the page."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import httpx
from fastapi import FastAPI

from tests.support.page import Page

BASE = "http://127.0.0.1:8000"
DUTCH = {"accept-language": "nl"}
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that talk without TLS: without one, httpx reads all authorities of the world for every client."""


class Browser:
    """One person's browser on an application."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.answer: httpx.Response | None = None

    @classmethod
    @asynccontextmanager
    async def on(cls, app: FastAPI, *, host: str = "127.0.0.1") -> AsyncIterator[Self]:
        """Open a browser; ``host`` is the address that it comes from."""
        transport = httpx.ASGITransport(app=app, client=(host, 50000), raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=BASE, follow_redirects=True, headers=DUTCH
        ) as client:
            yield cls(client)

    @property
    def status(self) -> int:
        """The status of the last answer."""
        assert self.answer is not None
        return self.answer.status_code

    @property
    def path(self) -> str:
        """Where the last answer came from."""
        assert self.answer is not None
        return self.answer.url.path

    async def open(self, address: str) -> Page:
        """Go to an address."""
        self.answer = await self.client.get(address)
        return Page(self.answer.text)

    async def send(
        self, page: Page, action_part: str, answers: dict[str, str | list[str]] | None = None, press: str = ""
    ) -> Page:
        """Fill in the form of ``page`` that goes to ``action_part`` and send it; ``press`` is ``name=value``."""
        form = page.form(action_part)
        fields = form.filled(answers or {})
        if press:
            name, _, value = press.partition("=")
            fields[name] = [value]
        self.answer = await self.client.post(form.action, data=fields, headers={"origin": BASE})
        return Page(self.answer.text)
