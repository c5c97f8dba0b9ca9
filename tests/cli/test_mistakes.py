"""The twenty commonest mistakes of running.md, each brought about and read from the doctor in both languages."""

import asyncio
import base64
import os
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509

from models.tables.mail import Message
from sandwich.definitions.library import Library
from sandwich.demo.play import ACTIVITY
from sandwich.running import machine
from sandwich.running.examine import examine
from sandwich.running.findings import Finding
from sandwich.running.ports import free_port
from sandwich.runtime import Runtime, open_runtime
from sandwich.settings import read_settings
from sandwich.web.app import make_app
from tests.cli.conftest import SECRET, Run
from tests.mail.peers import a_mailbox, a_script
from tests.mail.test_relay import contexts
from tests.support.cast import Cast
from tests.support.certificates import write_certificate

pytestmark = pytest.mark.asyncio

PAGE = Path(__file__).parents[2] / "docs" / "running.md"
ROWS = dict(re.findall(r"^\| (\d+) \| .+? \| (.+?) \| .+? \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
REMEDIES = dict(re.findall(r"^\| (\d+) \| .+? \| .+? \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
LOCAL = "127.0.0.1"


@dataclass
class Site:
    """An installation on which something is done wrong."""

    environ: dict[str, str]
    folder: Path
    here: Run
    patch: pytest.MonkeyPatch
    library: Library

    def but(self, **settings: object) -> dict[str, str]:
        """Return its environment with other settings."""
        return self.environ | {f"SANDWICH_{name.upper()}": str(value) for name, value in settings.items()}

    @asynccontextmanager
    async def opened(self, **settings: object) -> AsyncIterator[Runtime]:
        """Open its store."""
        runtime = replace(open_runtime(read_settings(self.but(**settings))), library=self.library)
        try:
            yield runtime
        finally:
            await runtime.close()

    async def in_ten_days(self) -> None:
        """Let ten days pass in which nothing runs."""
        async with self.opened() as runtime:
            await runtime.clock.set(await runtime.clock.now() + timedelta(days=10))

    async def started(self) -> None:
        """Let a visit be started whose first mail is due within those days."""
        assert (await asyncio.to_thread(self.here, self.environ, "start", str(ACTIVITY))).code == 0


Mistake = Callable[[Site], AbstractAsyncContextManager[dict[str, str]]]
MISTAKES: dict[str, Mistake] = {}


def mistake(number: int) -> Callable[[Callable[[Site], AsyncIterator[dict[str, str]]]], None]:
    """Enter how a mistake of the table is made."""

    def enter(made: Callable[[Site], AsyncIterator[dict[str, str]]]) -> None:
        MISTAKES[str(number)] = asynccontextmanager(made)

    return enter


@mistake(1)
async def misspelt(site: Site) -> AsyncIterator[dict[str, str]]:
    yield site.but(smpt_host="mail.school.example")


@mistake(2)
async def one_secret_for_both(site: Site) -> AsyncIterator[dict[str, str]]:
    yield site.but(prefect_secret=SECRET)


@mistake(3)
async def readable(site: Site) -> AsyncIterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as name:
        file = _for_all(Path(name), SECRET)
        yield {key: value for key, value in site.environ.items() if key != "SANDWICH_SECRET_KEY"} | {
            "SANDWICH_SECRET_KEY_FILE": str(file)
        }


@mistake(4)
async def no_folder(site: Site) -> AsyncIterator[dict[str, str]]:
    (site.folder / "file").write_text("")
    yield site.but(data=site.folder / "file" / "data")


@mistake(5)
async def no_database(site: Site) -> AsyncIterator[dict[str, str]]:
    yield site.but(database_url=f"postgresql+asyncpg://sandwich@{LOCAL}:{free_port(LOCAL)}/sandwich")


@mistake(6)
async def no_tables(site: Site) -> AsyncIterator[dict[str, str]]:
    yield site.but(database_url=f"sqlite+aiosqlite:///{site.folder}/new.db")


@mistake(7)
async def another_key(site: Site) -> AsyncIterator[dict[str, str]]:
    async with site.opened() as runtime:
        await runtime.ensure_own()
    yield site.but(secret_key="the key of another installation, long")


@mistake(8)
async def no_region(site: Site) -> AsyncIterator[dict[str, str]]:
    empty = site.but(database_url=f"sqlite+aiosqlite:///{site.folder}/empty.db")
    assert (await asyncio.to_thread(site.here, empty, "db", "upgrade")).code == 0
    yield empty


@mistake(9)
async def no_tools(site: Site) -> AsyncIterator[dict[str, str]]:
    site.patch.setenv("PATH", str(site.folder))
    yield site.but(database_url=f"postgresql+asyncpg://sandwich@{LOCAL}:{free_port(LOCAL)}/sandwich")


@mistake(10)
async def full_disk(site: Site) -> AsyncIterator[dict[str, str]]:
    site.patch.setattr(machine, "LEAST_FREE", 10**18)
    yield site.environ


@mistake(11)
async def no_holidays(site: Site) -> AsyncIterator[dict[str, str]]:
    async with site.opened() as runtime:
        await runtime.clock.set(await runtime.clock.now() + timedelta(days=5 * 365))
    yield site.environ


@mistake(12)
async def nobody_delivers(site: Site) -> AsyncIterator[dict[str, str]]:
    async with site.opened() as runtime:
        now, cast = await runtime.clock.now(), await Cast.read(runtime)
        mail = Message(key="m", person_id=cast.id("T3"), mail="goals", state="queued", queued_at=now, due_at=now)
        async with runtime.store.change(now=now, actor="test") as session:
            session.add(mail)
    await site.in_ten_days()
    yield site.environ


@mistake(13)
async def no_mail_server(site: Site) -> AsyncIterator[dict[str, str]]:
    yield site.but(smtp_port=free_port(LOCAL), smtp_encryption="none")


@mistake(14)
async def not_let_in(site: Site) -> AsyncIterator[dict[str, str]]:
    async with a_script(MAIL="550 5.7.1 who are you") as peer:
        yield site.but(smtp_port=peer.port, smtp_encryption="none")


@mistake(15)
async def wrong_certificate(site: Site) -> AsyncIterator[dict[str, str]]:
    certificate = write_certificate(site.folder, "elsewhere", x509.DNSName("elsewhere.example"))
    site.patch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with a_mailbox(contexts(certificate)[0]) as box:
        yield site.but(smtp_host="localhost", smtp_port=box.port, smtp_encryption="starttls")


@mistake(16)
async def no_prefect(site: Site) -> AsyncIterator[dict[str, str]]:
    yield site.but(prefect_port=free_port(LOCAL))


@mistake(17)
async def another_prefect_secret(site: Site) -> AsyncIterator[dict[str, str]]:
    login = "Basic " + base64.b64encode(b"sandwich:what the server was started with").decode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = "200 OK" if f"authorization: {login}".lower() in asked.lower() else "401 Unauthorized"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOCAL, 0)
    async with server:
        yield site.but(prefect_port=server.sockets[0].getsockname()[1])


@mistake(18)
async def nobody_carries(site: Site) -> AsyncIterator[dict[str, str]]:
    await site.started()
    await site.in_ten_days()
    yield site.environ


@mistake(19)
async def no_pages(site: Site) -> AsyncIterator[dict[str, str]]:
    yield site.but(base_url=f"http://{LOCAL}:{free_port(LOCAL)}")


@mistake(20)
async def another_name(site: Site) -> AsyncIterator[dict[str, str]]:
    async with (
        site.opened(base_url="https://sandwich.school.example") as runtime,
        serving(runtime) as base,
    ):
        yield site.but(base_url=base)


def _for_all(folder: Path, text: str) -> Path:
    """Write a file that every account can read."""
    file = folder / "file"
    file.write_text(text)
    for path, mode in ((folder, 0o755), (file, 0o644)):
        path.chmod(mode)
    return file


@asynccontextmanager
async def serving(runtime: Runtime) -> AsyncIterator[str]:
    """Serve the pages on a port of this machine, as ``sandwich web`` does."""
    with socket.create_server((LOCAL, 0)) as listening:
        config = uvicorn.Config(make_app(runtime), log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        server.capture_signals = nullcontext  # type: ignore[method-assign]
        running = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://{LOCAL}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


@pytest.fixture
def site(
    small_installation: dict[str, str],
    here: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    library: Library,
) -> Site:
    """An installation where nothing else runs."""
    dead = {"SANDWICH_SMTP_PORT": free_port(LOCAL), "SANDWICH_PREFECT_PORT": free_port(LOCAL)}
    return Site(
        small_installation
        | {name: str(port) for name, port in dead.items()}
        | {"SANDWICH_BASE_URL": f"http://{LOCAL}:{free_port(LOCAL)}", "SANDWICH_SMTP_ENCRYPTION": "none"},
        tmp_path,
        here,
        monkeypatch,
        library,
    )


async def looked(site: Site, environ: dict[str, str]) -> list[Finding]:
    for name in [name for name in os.environ if name.startswith("SANDWICH_")]:
        site.patch.delenv(name)
    for name, value in environ.items():
        site.patch.setenv(name, value)
    return [finding async for finding in examine()]


async def test_the_table_has_twenty() -> None:
    assert list(ROWS) == list(MISTAKES) == [str(number) for number in range(1, 21)]


@pytest.mark.parametrize("number", MISTAKES)
async def test_a_mistake_is_found_and_its_remedy_said_in_both_languages(site: Site, number: str) -> None:
    async with MISTAKES[number](site) as environ:
        found = await looked(site, environ)
    told = [one.words for one in found if not one.is_well and ROWS[number] in one.words.en]
    assert len(told) == 1, [one.words.en for one in found]
    (words,) = told
    assert words.nl != words.en
    for command in re.findall(r"`([^`]+)`", REMEDIES[number]):
        if command.startswith(("sandwich", "SANDWICH", "python", "chmod", "apt-get", "proxy")):
            for said in (words.nl, words.en):
                assert command in said, f"{command!r} is not in {said!r}"
