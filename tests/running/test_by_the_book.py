"""docs/running.md followed line by line on a machine that is a folder: its commands, its units, its proxy.

What a test cannot have stands in for itself: accounts (``adduser``, ``chown``, ``runuser``), packages and ``make``, and
systemd, whose units ``tests/support/units.py`` runs. Everything else is real: PostgreSQL, nginx, a mail server with TLS
and a password, every part in a process of its own.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from cryptography import x509

from sandwich.clock import Clock
from sandwich.running.ports import free_port
from sandwich.store import Store
from tests.mail.peers import Box
from tests.support.book import PASSWORD, a_school, blocks
from tests.support.certificates import write_certificate
from tests.support.need import need
from tests.support.postgres import Server, find_binaries
from tests.support.units import Units

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PARTS = ("prefect", "worker", "deliver", "web", "receive")
PLACES = re.compile(
    r"/(?:opt/sandwich|etc/(?:sandwich|systemd|nginx|ssl)|var/(?:lib|backups)/sandwich|var/log/nginx|usr/local/bin)\b"
)
STANDS_IN = {
    "runuser": 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    "systemctl": 'exec "$PYTHON" -m tests.support.units "$@"',
    "nginx": 'exec /usr/sbin/nginx -p "$MACHINE" -c "$MACHINE/nginx.conf" "$@"',
} | dict.fromkeys(("apt-get", "adduser", "make", "chown"), 'echo "$0 $*" >> "$MACHINE/stood-in"')
NGINX = """
pid {root}/nginx.pid;
error_log {root}/nginx-errors;
events {{}}
http {{
    client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
    uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
    include {root}/etc/nginx/conf.d/*.conf;
}}
"""
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass
class Machine:
    """A folder that stands for a server, and what is otherwise there than in the book."""

    root: Path
    environ: dict[str, str]
    instead: dict[str, str]

    def here(self, text: str) -> str:
        """Return text of ours as it holds on this machine."""
        for said, is_so in self.instead.items():
            text = text.replace(said, is_so)
        return PLACES.sub(lambda place: f"{self.root}{place[0]}", text)

    def types(self, block: str) -> str:
        """Type a block of the book; returns what was said."""
        done = subprocess.run(
            ["bash", "-e", "-c", self.here(block)],
            cwd=self.root,
            env=self.environ,
            input=f"{PASSWORD}\n",
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}\n{self.logs()[-3000:]}"
        return done.stdout

    def logs(self) -> str:
        """Return all that the parts and the proxy have written."""
        files = [*(self.root / "run").glob("*.log"), *(self.root / "var/log/nginx").glob("*")]
        files += (self.root / "var/lib/sandwich/prefect").glob("*.log")
        files += self.root.glob("*-errors")
        return "\n".join(file.read_text(errors="replace") for file in files)


@pytest.fixture
def machine(tmp_path: Path, postgres_server: Server) -> Iterator[Machine]:
    """A machine with the program on it and nothing else of ours."""
    need(Path("/usr/sbin/nginx").exists(), "nginx is not here: apt-get install nginx-light")
    root = tmp_path / "machine"
    for name in ("usr/local/bin", "opt/sandwich", "etc/systemd/system", "etc/nginx/conf.d", "etc/ssl", "var/log/nginx"):
        (root / name).mkdir(parents=True)
    certificate = write_certificate(root / "etc/ssl", "localhost", x509.DNSName("localhost"), days=90)
    ports = {name: free_port("127.0.0.1") for name in ("web", "prefect", "proxy")}
    binaries = find_binaries()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SANDWICH_", "PREFECT_"))}
    environ |= {
        "PATH": f"{root}/usr/local/bin:{binaries}:{os.environ['PATH']}",
        "PYTHON": str(ROOT / ".venv/bin/python"),
        "PYTHONPATH": str(ROOT),
        "MACHINE": str(root),
        "PGHOST": str(postgres_server.folder),
        "PGUSER": postgres_server.user,
        "SSL_CERT_FILE": str(certificate[0]),
    }
    instead = {
        "school.example/sandwich": f"localhost:{ports['proxy']}/sandwich",
        "server_name school.example": "server_name localhost",
        "school.example.pem": certificate[0].name,
        "school.example.key": certificate[1].name,
        "listen 443": f"listen 127.0.0.1:{ports['proxy']}",
        "127.0.0.1:8000": f"127.0.0.1:{ports['web']}",
        "createuser sandwich": "createuser school",
        "--owner sandwich sandwich": "--owner school school",
        "sandwich@/sandwich?host=/var/run/postgresql": f"school@/school?host={postgres_server.folder}",
        "mail.school.example": "localhost",
        "SANDWICH_DKIM_SELECTOR=mail": "\n".join(
            (
                "SANDWICH_DKIM_SELECTOR=mail",
                f"SANDWICH_PORT={ports['web']}",
                f"SANDWICH_PREFECT_PORT={ports['prefect']}",
                "SANDWICH_LANGUAGE=en",
                "SANDWICH_DNS_SERVER=NAMESERVER",
            )
        ),
        "SANDWICH_SMTP_PORT=587": "SANDWICH_SMTP_PORT=SMTPPORT",
    }
    here = Machine(root, environ, instead)
    (root / "nginx.conf").write_text(NGINX.format(root=root))
    for name, does in STANDS_IN.items():
        (root / "usr/local/bin" / name).write_text(f"#!/bin/sh\n{does}\n")
        (root / "usr/local/bin" / name).chmod(0o755)
    for name in (".venv", "examples"):
        (root / "opt/sandwich" / name).symlink_to(ROOT / name)
    for file in DEPLOY.rglob("*"):
        if file.is_file():
            copy = root / "opt/sandwich/deploy" / file.relative_to(DEPLOY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(here.here(file.read_text(encoding="utf-8")), encoding="utf-8")
            copy.chmod(file.stat().st_mode)
    try:
        yield here
    finally:
        Units(root).do("stop", "sandwich.target")
        if (root / "nginx.pid").exists():
            subprocess.run([root / "usr/local/bin/nginx", "-s", "stop"], env=environ, check=False)
        for tool, name in (("dropdb", "school"), ("dropuser", "school")):
            subprocess.run([shutil.which(tool, path=environ["PATH"]), "--if-exists", name], env=environ, check=False)


@pytest.mark.asyncio
@pytest.mark.timeout(900)
async def test_a_school_gets_it_running_by_the_book(machine: Machine) -> None:
    certificate = (Path(machine.environ["SSL_CERT_FILE"]), machine.root / "etc/ssl/localhost.key")
    async with a_school(*certificate) as (box, dns):
        machine.instead |= {"SMTPPORT": str(box.port), "NAMESERVER": dns}
        await asyncio.wait_for(_by_the_book(machine, box), 850)


async def _by_the_book(machine: Machine, box: Box) -> None:
    *install, last = blocks("On a server of your own")
    for block in install:
        await asyncio.to_thread(machine.types, block)
    assert "adduser --system" in (machine.root / "stood-in").read_text()
    secrets = [machine.root / "etc/sandwich" / name for name in ("secret-key", "smtp-password", "settings")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets} == {0o640}

    doctor, start, status = last.strip().splitlines()
    said = await asyncio.to_thread(machine.types, doctor)
    assert all(line.startswith("ok  ") for line in said.splitlines()), said

    settings = (machine.root / "etc/sandwich/settings").read_text()
    address = re.search(r"DATABASE_URL=(\S+)", settings)
    base = re.search(r"BASE_URL=(\S+)", settings)
    assert address
    assert base
    await _go(address[1], "2027-02-01 09:00")
    await asyncio.to_thread(machine.types, start)
    assert "Kijken hoe prefab wordt gebouwd" in await asyncio.to_thread(machine.types, status)
    for minute in range(1, 59, 3):  # everybody has a minute of their own in the hour at which mail leaves
        await _go(address[1], f"2027-02-19 10:{minute:02}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(box.first.wait(), 10)
            break
    else:
        pytest.fail(await asyncio.to_thread(machine.types, "sandwich status; sandwich outbox --all") + machine.logs())
    (mail, *_) = box.mails
    assert mail.recipients == ("p.kuiper@bouwbedrijf.example",)
    links = re.findall(r"https?://[^\s\"<>]+", mail.body("plain"))
    ours = [link for link in links if "/f/" in link]
    assert ours
    assert all(link.startswith(f"{base[1]}/") for link in links), links
    await _through_the_proxy(machine, base[1], ours[0])
    await _while_nobody_answers(machine, ours[0])
    with _caddy(machine):
        await _through_the_proxy(machine, base[1], ours[0])
        await _while_nobody_answers(machine, ours[0])

    for block in (
        *blocks("Backup, by hand"),
        blocks("A new version")[0].replace("systemctl start sandwich.target", ""),
    ):
        await asyncio.to_thread(machine.types, block)
    # Which parts stand on a machine is what is enabled there. To start all of them once more would show nothing new.
    await asyncio.to_thread(machine.types, "systemctl disable sandwich-prefect sandwich-worker sandwich-deliver")
    (block,) = blocks("Putting the backup back")
    assert "No mail leaves" in await asyncio.to_thread(machine.types, block)
    async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=machine.environ["SSL_CERT_FILE"])) as people:
        assert (await people.get(f"{base[1]}/readyz")).text == "ok"


async def _through_the_proxy(machine: Machine, base: str, link: str) -> None:
    """Open the form of the first mail as its reader does, and lie about who and where one is."""
    trusted = ssl.create_default_context(cafile=machine.environ["SSL_CERT_FILE"])
    async with httpx.AsyncClient(verify=trusted, follow_redirects=True, timeout=60) as people:
        page = await people.get(link)
        assert page.status_code == 200
        assert "prefab" in page.text
        assert str(page.url).startswith(f"{base}/")
        for asset in re.findall(r'(?:href|src)="([^"]+\.(?:css|js)[^"]*)"', page.text):
            assert asset.startswith("/sandwich/static/")
            assert (await people.get(f"{base.removesuffix('/sandwich')}{asset}")).status_code == 200
        assert (await people.get(base)).status_code < 500
        assert (await people.get(f"{base}/metrics")).status_code == 404
        refused = await people.get(f"{base}/login", headers={"Host": "evil.example"})
        assert refused.status_code == 400 or refused.content == b"", "Caddy itself says nothing to who is not its own"
        lied = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "127.0.0.1", "X-Request-Id": "mine-all-mine"}
        answer = await people.get(f"{base}/login", headers=lied)
        assert "evil" not in answer.text
        assert answer.headers["X-Request-Id"] != lied["X-Request-Id"]
    web = (machine.root / "run/sandwich-web.service.log").read_text()
    told = [json.loads(line) for line in web.splitlines() if page.headers["X-Request-Id"] in line]
    assert [(line["event"], line["status"], line["part"]) for line in told] == [("request", 200, "web")]
    logged = machine.logs()
    if (machine.root / "nginx.pid").exists():  # Caddy keeps no log of who asks
        assert page.headers["X-Request-Id"] in logged.replace(web, ""), "the proxy writes the same id"
    _tells_nothing(machine, link)


def _tells_nothing(machine: Machine, link: str) -> None:
    """No part and no proxy has written a secret, or anything personal."""
    logged = machine.logs()
    token = link.rpartition("/")[2]
    for secret in (token, PASSWORD, "kuiper", "Petra", "voorbeeldcollege", "prefab"):
        assert secret not in logged, f"{secret!r} stands in a log"


async def _while_nobody_answers(machine: Machine, link: str) -> None:
    """Ask for a form while the pages are stopped: a proxy has much to say then, but not the address."""
    await asyncio.to_thread(machine.types, "systemctl stop sandwich-web")
    trusted = ssl.create_default_context(cafile=machine.environ["SSL_CERT_FILE"])
    async with httpx.AsyncClient(verify=trusted, timeout=60) as people:
        assert (await people.get(link)).status_code == 502
    _tells_nothing(machine, link)
    await asyncio.to_thread(machine.types, "systemctl start sandwich-web")


@contextlib.contextmanager
def _caddy(machine: Machine) -> Iterator[None]:
    """Let Caddy stand where nginx stands, with the same certificate; without Caddy nginx stays."""
    caddy = shutil.which("caddy")
    if caddy is None and os.environ.get("CI") != "true":
        yield
        return
    need(caddy is not None, "caddy is not here: apt-get install caddy")
    machine.types("nginx -s stop")
    port = machine.instead["127.0.0.1:8000"]
    text = (machine.root / "opt/sandwich/deploy/Caddyfile").read_text()
    site = re.search(r"^\S+ \{$", text, re.MULTILINE)
    assert site
    assert port in text
    address = machine.instead["school.example/sandwich"].removesuffix("/sandwich")
    tls = " ".join(f"{machine.root}/etc/ssl/localhost.{kind}" for kind in ("pem", "key"))
    text = text.replace(site[0], f"{address} {{\n\tbind 127.0.0.1\n\ttls {tls}")
    text = text.replace("{\n", "{\n\tadmin off\n\tauto_https disable_redirects\n", 1)
    (machine.root / "Caddyfile").write_text(text)
    own = {**machine.environ, "XDG_DATA_HOME": str(machine.root), "XDG_CONFIG_HOME": str(machine.root)}
    with (machine.root / "caddy-errors").open("wb") as errors:
        command = [str(caddy), "run", "--config", str(machine.root / "Caddyfile"), "--adapter", "caddyfile"]
        process = subprocess.Popen(command, env=own, stdout=errors, stderr=errors)
    try:
        host, _, number = address.partition(":")
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((host, int(number))):
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()
        machine.types("nginx")


async def _go(url: str, to: str) -> None:
    """Let it be another day on that machine."""
    store = Store(url)
    await Clock(store).set(datetime.fromisoformat(to).replace(tzinfo=AMSTERDAM))
    await store.close()


def test_the_units_are_right_for_systemd(tmp_path: Path) -> None:
    need(shutil.which("systemd-analyze") is not None, "systemd-analyze is not here: apt-get install systemd")
    units = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", units)
    for file in units.glob("*.service"):
        file.write_text(file.read_text().replace("/opt/sandwich/.venv/bin/sandwich", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(str(file) for file in units.iterdir() if file.is_file())],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:/usr/lib/systemd/system:/lib/systemd/system"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "sandwich" in line]
    assert (done.returncode, ours) == (0, [])


def test_containers_run_the_commands_of_the_units(tmp_path: Path) -> None:
    from ruamel.yaml import YAML

    from sandwich.cli.program import program

    composed = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    shutil.copytree(DEPLOY / "systemd", tmp_path / "etc/systemd/system")
    units = Units(tmp_path)
    known = {command.name or getattr(command.callback, "__name__", "") for command in program.registered_commands}
    for part in PARTS:
        (command,) = units.read(f"sandwich-{part}.service")["Service"]["ExecStart"]
        assert command == f"/opt/sandwich/.venv/bin/sandwich {part}"
        assert composed["services"][part]["command"] == [part]
        assert part in known
    assert composed["services"]["sandwich"]["command"] == ["db", "upgrade"]
    steps = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    said = {line.split()[0]: line.split(maxsplit=1)[1] for line in steps if line and not line.startswith("#")}
    assert set(said) <= {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "ENTRYPOINT", "CMD"}
    assert json.loads(said["ENTRYPOINT"]) == ["/opt/sandwich/.venv/bin/sandwich"]
    assert json.loads(said["CMD"]) == ["web"]
    assert said["USER"] == "sandwich"
    for service in composed["services"].values():
        published = [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")]
        assert published == [], "nothing is reached from elsewhere but through a proxy"
