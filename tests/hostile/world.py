"""The demo's region, an application on a copy of it, and a program that asks it anything, byte by byte."""

import asyncio
import io
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from fastapi import FastAPI
from sqlalchemy import select

from models.tables.network import Person
from sandwich.clock import Clock, real_now
from sandwich.definitions.library import Library
from sandwich.orchestration.faults import place_of
from sandwich.runtime import Runtime
from sandwich.services import login
from sandwich.settings import Settings
from sandwich.store import Store
from sandwich.web.app import make_app
from sandwich.web.posted import KEY
from sandwich.web.rate import Window
from sandwich.web.session import cookie_name
from tests.hostile import oracles
from tests.hostile.shapes import MARK, Hostile, as_bytes
from tests.support.copies import copy_of
from tests.support.linked import link_for
from tests.support.page import Page, PageForm

BASE = "http://127.0.0.1:8000"
SLOW = 30.0
"""Seconds after which an answer does not come any more."""

_ID = re.compile(r"(?<=wall/)[^/]+|[0-9a-z]{18,}|[0-9a-f-]{32,36}|[A-Za-z0-9_-]{20,}")
_STREAMS = ("/board/live",)
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def text(self) -> str:
        """What it holds, as text."""
        return self.raw.decode("utf-8", "replace")

    @property
    def kind(self) -> str:
        """What it says that it is."""
        return self.headers.get("content-type", "")


@dataclass
class Report:
    """How many hostile inputs each surface got, what came of them, and what is wrong, each with one example."""

    sent: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    acted: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)
    """How often something hostile was taken for what it seemed: where it never is, only the door was tried."""

    shown: Counter[str] = field(default_factory=Counter)
    """How often something hostile stood in what was judged, harmlessly: where it never does, nothing was put in."""

    lines: int = 0
    """How many lines were logged."""

    def fail(self, surface: str, what: str, example: object) -> None:
        """Note an error of ours."""
        self.failed[surface] += 1
        self.wrong.setdefault(f"{surface}: {what}", repr(example)[:300])

    def judge(self, surface: str, wrong: Iterable[str], example: object) -> None:
        """Note what a text became that it must not."""
        self.judged[surface] += 1
        for what in wrong:
            self.acted[surface] += 1
            self.wrong.setdefault(f"{surface}: {what}", repr(example)[:300])


@dataclass
class World:
    """A copy of the region that anything may be done to, and somebody who asks."""

    runtime: Runtime
    app: FastAPI
    report: Report
    hostile: Hostile
    log: io.StringIO
    board: str = ""

    async def ask(
        self,
        method: str,
        address: str,
        headers: Headers = (),
        body: bytes = b"",
        *,
        surface: str,
        example: object = None,
    ) -> Answer:
        """Send one request as it is, and judge what comes back."""
        path, _, query = address.partition("?")
        raw_path = as_bytes(path)
        given = {"host": "127.0.0.1:8000", "accept-language": "nl", **dict(headers)}
        given = {name: value for name, value in given.items() if value is not None}
        own = [(as_bytes(name.lower()), as_bytes(value)) for name, value in given.items()]
        if method == "POST" or body:
            own.append((b"content-length", str(len(body)).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(raw_path).decode("utf-8", "replace"),
            "raw_path": raw_path,
            "query_string": as_bytes(query),
            "root_path": "",
            "headers": own,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }
        answer = await self._sent(scope, body, surface, example or address)
        if answer.status >= 500:
            self.report.fail(surface, f"status {answer.status}", (method, address[:200], example))
        wrong = oracles.answer_headers(answer.headers, BASE)
        # A file that somebody sent is given back as it is, to save, under headers by which nothing in it can act.
        is_inert = "sandbox" in answer.headers.get("content-security-policy", "") and "html" not in answer.kind
        if answer.raw and not is_inert:
            wrong += oracles.body(answer.kind, answer.raw)
        self.report.judge(surface, wrong, (method, address[:200], example))
        self.report.shown[surface] += MARK in answer.text.lower()
        return answer

    async def _sent(self, scope: dict[str, object], body: bytes, surface: str, example: object) -> Answer:
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        status, headers, parts = 0, dict[str, str](), list[bytes]()

        async def receive() -> dict[str, object]:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(str(message["status"]))
                for name, value in message.get("headers", ()):  # type: ignore[attr-defined]
                    headers[name.decode("latin-1")] = value.decode("latin-1")
            elif message["type"] == "http.response.body":
                parts.append(bytes(message.get("body", b"")))  # type: ignore[call-overload]

        try:
            async with asyncio.timeout(SLOW):
                await self.app(scope, receive, send)  # type: ignore[arg-type]
        except Exception as error:  # the web server would say 500: here it is told what it was
            self.report.fail(surface, f"{type(error).__name__} at {place_of(error)}", example)
        return Answer(status, headers, b"".join(parts))

    async def sign_in(self, code: str = "C1") -> None:
        """Sign the coordinator in."""
        async with self.runtime.store.read() as session:
            person = (await session.scalars(select(Person.id).where(Person.code == code))).one()
        async with self.runtime.store.maintain() as session:
            token = login.begin_session(session, person, real_now())
        self.board = f"{cookie_name(self.runtime.settings)}={token}"

    @property
    def signed_in(self) -> Headers:
        """The headers of the coordinator's browser."""
        return (("cookie", self.board), ("origin", BASE))

    async def enter(self, participation_id: str, invitation_id: str | None, surface: str) -> tuple[str, Headers]:
        """Open a personal link; returns the address of its page, and the headers of whoever opened it."""
        now = await self.runtime.clock.now()
        async with self.runtime.store.change(now=now, actor="mail", stream="hostile") as session:
            token = await link_for(session, self.runtime.settings, participation_id, invitation_id, now)
        came = await self.ask("GET", f"/f/{token}", surface=surface)
        cookie = came.headers.get("set-cookie", "").partition(";")[0]
        return came.headers.get("location", "/f/x"), (("cookie", cookie), ("origin", BASE))

    def renewed(self, form: PageForm) -> str:
        """Return a new key of the same page, as opening it once more would bring."""
        signer = self.app.state.signer
        owner, about, _, shown = signer._page.loads(form.fields[KEY][0])
        return str(signer.page_key(owner, about, shown))

    async def post(
        self,
        action: str,
        fields: Iterable[tuple[str, str]],
        headers: Headers,
        *,
        surface: str,
        example: object,
        files: Sequence[tuple[str, str, bytes]] = (),
    ) -> Answer:
        """Send a form; with files in parts."""
        if files:
            kind, body = _in_parts(fields, files)
        else:
            kind = "application/x-www-form-urlencoded"
            body = b"&".join(
                quote_from_bytes(as_bytes(name), safe="").encode() + b"=" + quote_from_bytes(as_bytes(value)).encode()
                for name, value in fields
            )
        headers = (*headers, ("content-type", kind))
        return await self.ask("POST", action, headers, body, surface=surface, example=example)

    async def crawl(
        self, starts: Iterable[str], headers: Headers, *, surface: str, of_each: int = 2, most: int = 400
    ) -> dict[str, Page]:
        """Follow every link, to so many pages of each kind; returns the pages by their addresses."""
        line, seen, kinds, pages = list(starts), set[str](), Counter[str](), dict[str, Page]()
        while line and len(seen) < most:
            address = line.pop(0)
            kind = _ID.sub("…", address.partition("?")[0])
            if address in seen or kinds[kind] >= of_each or address.startswith(("/static", *_STREAMS)):
                continue
            seen.add(address)
            kinds[kind] += 1
            answer = await self.ask("GET", address, headers, surface=surface)
            if "html" in answer.kind:
                pages[address] = page = Page(answer.text)
                line += [href for href, _ in page.links if href.startswith("/")]
        return pages


def _in_parts(fields: Iterable[tuple[str, str]], files: Sequence[tuple[str, str, bytes]]) -> tuple[str, bytes]:
    edge = b"----------------kwetterkwetter"
    parts = []
    for name, value in fields:
        parts.append(b'form-data; name="' + _quoted(name) + b'"\r\n\r\n' + as_bytes(value))
    for name, file, content in files:
        head = b'form-data; name="' + _quoted(name) + b'"; filename="' + _quoted(file)
        parts.append(head + b'"\r\nContent-Type: image/jpeg\r\n\r\n' + content)
    body = b"".join(b"--" + edge + b"\r\nContent-Disposition: " + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={edge.decode()}", body + b"--" + edge + b"--\r\n"


def _quoted(name: str) -> bytes:
    """Write a name as browsers do, but for control characters, which they leave out and a hostile program does not."""
    return as_bytes(name).replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")


def copied(settings: Settings, folder: Path) -> Settings:
    """Return the settings of a copy of the region."""
    return copy_of(settings, folder, reply_address="antwoord@post.grienden.example", incoming_listen="127.0.0.1:0")


def patient(app: FastAPI) -> FastAPI:
    """Let an application be asked as often as this program is quick."""
    for name in ("turnstile", "gate", "doorkeeper", "wall_doorkeeper", "day_doorkeeper"):
        keeper = getattr(app.state, name)
        vars(keeper).update({what: Window(10**9, 1) for what in vars(keeper)})
    return app


@asynccontextmanager
async def opened(
    settings: Settings, library: Library, report: Report, hostile: Hostile, log: io.StringIO
) -> AsyncIterator[World]:
    """Open a region with the coordinator signed in; what is logged meanwhile is judged when it is left."""
    store = Store(settings.store_url)
    runtime = Runtime(settings, store, Clock(store), library)
    try:
        world = World(runtime, patient(make_app(runtime)), report, hostile, log)
        await world.sign_in()
        yield world
    finally:
        await runtime.close()
        report.lines += log.getvalue().count("\n")
        report.judge("logs", oracles.lines(log.getvalue()), next(_named(log.getvalue()), ""))
        log.seek(0)
        log.truncate()


def _named(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if MARK in line.lower() or not line.startswith("{"))
