"""The world of an end-to-end telling: real processes, and people who only have their mail, a browser and a phone."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.support.page import Page, PageForm

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
READY_SECONDS = 400
STEP_SECONDS = 300


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived."""

    to: str
    subject: str
    at: datetime
    letter: dict[str, Any]

    @property
    def ask(self) -> str:
        """What stands behind the activity's title in the subject."""
        return self.subject.partition(": ")[2] or self.subject

    def link(self, part: str = "/f/") -> str:
        """Return the first link whose address holds ``part``."""
        for link in self.letter["links"]:
            if part in link:
                return str(link)
        raise LookupError(f"no link with {part} in {self.subject!r}: {self.letter['links']}")


@dataclass
class World:
    """A running demo installation in a folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=STEP_SECONDS))
    browsers: list["Browser"] = field(default_factory=list)
    arrived: list["Mail"] = field(default_factory=list)
    newest: int = 0

    @property
    def base(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    # running

    def begin(self, *options: str, environ: dict[str, str] | None = None) -> None:
        """Start ``sandwich demo`` and wait for its one line."""
        with (self.folder / "demo.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*SANDWICH, "demo", "--no-browser", "--port", str(self.port), *options],
                cwd=self.folder,
                env={**clean_environ(), **(environ or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            said = (self.folder / "demo.log").read_text(errors="replace")
            if self.base in said:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError(f"the demo did not get ready:\n{self.diary()}")

    def end(self) -> None:
        """Stop everything, as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        for client in (self.http, *(browser.client for browser in self.browsers)):
            client.close()

    def diary(self) -> str:
        """Return the tail of every log."""
        logs = [self.folder / "demo.log", *sorted((self.folder / ".sandwich-demo").glob("logs/*"))]
        parts = [f"== {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in logs if path.is_file()]
        return "\n".join(parts)

    def sandwich(self, *arguments: str, check: bool = True) -> str:
        """Run the command line on this installation and return what it prints."""
        done = subprocess.run(
            [*SANDWICH, "--demo", *arguments],
            cwd=self.folder,
            env=clean_environ(),
            capture_output=True,
            text=True,
            timeout=500,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"sandwich {arguments} said {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout if check else done.stdout + done.stderr

    # time

    def now(self) -> datetime:
        """Return the moment that it is, in local time."""
        return self._moment(self._clock()["now"])

    def go(self, when: str) -> None:
        """Move the clock to a local moment (``2026-10-01 10:00``); everything on the way happens at its own time."""
        moment = datetime.fromisoformat(when).replace(tzinfo=AMSTERDAM)
        until = time.monotonic() + STEP_SECONDS
        while True:
            answer = self.http.post(f"{self.base}/demo/clock", json={"moment": moment.isoformat()})
            assert answer.status_code == 200, answer.text
            seen = answer.json()
            if seen["settled"] and self._moment(seen["now"]) >= moment:
                return
            if time.monotonic() > until:
                raise AssertionError(f"the clock does not get to {when}: {seen}\n{self.diary()}")

    def _clock(self) -> dict[str, Any]:
        answer = self.http.get(f"{self.base}/demo/clock", headers={"Accept": "application/json"})
        found: dict[str, Any] = answer.json()
        return found

    def settle(self) -> None:
        """Wait until everything of this moment has happened."""
        until = time.monotonic() + STEP_SECONDS
        quiet = 0
        while quiet < 3:
            quiet = quiet + 1 if self._clock()["settled"] else 0
            if time.monotonic() > until:
                raise AssertionError(f"this moment does not settle: {self._clock()}\n{self.diary()}")
            time.sleep(0.15)

    # mail

    def mails(self) -> list[Mail]:
        """Return every mail that arrived, in order. Those that were read before are not asked for again."""
        newest = {"since": self.newest}
        answer = self.http.get(
            f"{self.base}/demo/mailbox", params=newest, headers={"Accept": "application/json"}
        ).json()
        self.newest = answer["newest"]
        self.arrived += [Mail(one["envelope"][0], one["subject"], _date(one["date"]), one) for one in answer["mails"]]
        return self.arrived

    def mail(self, to: str, ask: str) -> Mail:
        """Return the newest mail to an address whose subject ends in ``ask``."""
        found = [one for one in self.mails() if one.to == to and one.ask == ask]
        if not found:
            raise LookupError(f"no mail {ask!r} to {to}; there are {[one.ask for one in self.mails() if one.to == to]}")
        return found[-1]

    @staticmethod
    def _moment(text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(AMSTERDAM)


@dataclass
class Browser:
    """One person's browser; cookies of their own."""

    world: World
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, follow_redirects=True))
    page: Page | None = None
    url: str = ""

    def __post_init__(self) -> None:
        self.world.browsers.append(self)

    def open(self, url: str) -> Page:
        """Open an address."""
        answer = self.client.get(url if url.startswith("http") else f"{self.world.base}{url}")
        assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.text[:2000]}"
        self.page, self.url = Page(answer.text), str(answer.url)
        return self.page

    def follow(self, words: str) -> Page:
        """Follow the link with these words on this page."""
        assert self.page is not None
        for href, said in self.page.links:
            if words in " ".join(said.split()):
                return self.open(str(httpx.URL(self.url).join(href)))
        raise LookupError(f"no link {words!r} on this page: {[said for _, said in self.page.links]}")

    def send(
        self, form: PageForm, answers: dict[str, str | list[str]], pictures: dict[str, bytes] | None = None
    ) -> Page:
        """Send a form with these answers typed and chosen, and with a JPEG for each question in ``pictures``."""
        data = form.filled(answers)
        target = str(httpx.URL(self.url).join(form.action or self.url))
        headers = {"Origin": self.world.base}
        if form.multipart:
            files: list[tuple[str, Any]] = [(name, (None, value)) for name, values in data.items() for value in values]
            files += [(name, ("hal.jpg", content, "image/jpeg")) for name, content in (pictures or {}).items()]
            answer = self.client.post(target, files=files, headers=headers)
        else:
            answer = self.client.post(target, data=data, headers=headers)
        assert answer.status_code == 200, f"{target}: {answer.status_code} {Page(answer.text).text[:2000]}"
        self.page, self.url = Page(answer.text), str(answer.url)
        return self.page

    def answer(
        self,
        mail: Mail,
        answers: dict[str, str | list[str]],
        *,
        title: str | None = None,
        pictures: dict[str, bytes] | None = None,
    ) -> Page:
        """Open the link in a mail, fill in the form and send it; ``title`` picks one of several forms."""
        page = self.open(mail.link())
        if title is not None:
            if not any("/ask/" in href for href, _ in page.links):
                self.follow("Alles van deze activiteit")
            self._choose(title)
        assert self.page is not None
        page = self.send(self.page.form("/f/"), answers, pictures)
        assert "/thanks" in self.url, f"not taken: {page.text[:3000]}"
        return page

    def _choose(self, title: str) -> None:
        assert self.page is not None
        for href, said in self.page.links:
            if title in " ".join(said.split()) and "/ask/" in href:
                self.open(str(httpx.URL(self.url).join(href)))
                return
        raise LookupError(f"no form {title!r} here: {[said for _, said in self.page.links]}")


SANDWICH = [sys.executable, "-m", "sandwich"]


def clean_environ() -> dict[str, str]:
    """Return this environment without settings of ours or Prefect's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SANDWICH_", "PREFECT_"))}


@contextlib.contextmanager
def a_world(
    folder: Path, *options: str, environ: dict[str, str] | None = None, database: str | None = None
) -> Iterator[World]:
    """A running world, stopped at the end; on another ``database`` than the demo's own."""
    if database is not None:
        (folder / ".sandwich-demo").mkdir()
        (folder / ".sandwich-demo" / "demo.json").write_text(json.dumps({"database_url": database}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    world = World(folder, port)
    try:
        world.begin(*options, environ=environ)
        yield world
    finally:
        world.end()


def _date(text: str) -> datetime:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text).astimezone(AMSTERDAM)


def six_digits(mail: Mail) -> str:
    """Return the code in a sign-in mail."""
    found = re.search(r"\b(\d{6})\b", mail.letter["text"])
    assert found, mail.letter["text"]
    return found.group(1)


def as_json(text: str) -> Any:
    """Read what a command printed with ``--json``."""
    return json.loads(text)
