"""docs/running.md typed on a Debian that systemd boots (``make real-machine``): accounts, units, confinement, timers.

``python -m tests.running.real_machine [--prepared FOLDER] [--keep FILE]``: debootstrap makes a Debian 12, and
systemd-nspawn boots it in namespaces of its own, with no network but its loopback; what stands in the book is typed
in it, block by block and in one shell, as whoever follows it does. Before that, packages are fetched with the network
of this machine. Then it looks at what only a systemd that runs can show. Needs root and both programs; prints what it
saw, and returns 1 where something is not so.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from tests.support.book import PASSWORD, blocks
from tests.support.certificates import write_certificate

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("prefect", "worker", "deliver", "web")
UNITS = tuple(f"sandwich-{part}" for part in PARTS)
BASE = "https://school.example/sandwich"
AGAIN_SECONDS = 60.0
"""How soon a part that was killed is ready again: the unit waits five seconds, and Prefect is the slowest to start."""

STOP_SECONDS = 45.0  # TimeoutStopSec of the units
SET_CLOCK = """
import asyncio, datetime, sys
from sandwich.clock import Clock
from sandwich.store import Store
async def go():
    store = Store("postgresql+asyncpg://sandwich@/sandwich?host=/var/run/postgresql")
    await Clock(store).set(datetime.datetime.fromisoformat(sys.argv[1]))
    await store.close()
asyncio.run(go())
"""


@dataclass
class Machine:
    """A root folder, and the systemd that runs in it."""

    root: Path
    leader: int = 0
    nspawn: subprocess.Popen[bytes] | None = None
    faults: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def say(self, what: str) -> None:
        """Print a line, and keep it."""
        self.said.append(what)
        sys.stdout.write(f"{what}\n")
        sys.stdout.flush()

    def holds(self, is_so: bool, what: str, seen: str = "") -> None:
        """Say whether something is so; what was seen is told where it is not."""
        self.say(f"{'ok ' if is_so else 'NOT'} {what}")
        if not is_so:
            self.faults.append(what)
            self.say(seen)

    def fetch(self, block: str) -> None:
        """Type a block before it boots, with the network and the package settings of this machine."""
        lent = ["--setenv=PIP_INDEX_URL"] if "PIP_INDEX_URL" in os.environ else []
        for name, path in (("PIP_CONFIG_FILE", "/etc/pip.conf"), ("PIP_CERT", os.environ.get("PIP_CERT", ""))):
            if path and Path(path).is_file():
                lent += [f"--bind-ro={path}:/run/{name}", f"--setenv={name}=/run/{name}"]
        command = ["systemd-nspawn", "--register=no", "--keep-unit", "--pipe", "--quiet", *lent]
        command += ["--setenv=DEBIAN_FRONTEND=noninteractive", "-D", str(self.root), "bash", "-e", "-c"]
        subprocess.run([*command, f"apt-get update -qq\n{block}"], check=True, stdin=subprocess.DEVNULL)

    def boot(self) -> None:
        """Boot, and wait until systemd says that everything runs."""
        command = ["systemd-nspawn", "--register=no", "--keep-unit", "--private-network", "--console=pipe", "--quiet"]
        command += ["--resolv-conf=off", "--hostname=school", "-D", str(self.root), "--boot"]
        log = (self.root.parent / "console.log").open("ab")
        self.nspawn = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        )
        children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children")
        until("systemd is process 1", lambda: self._find_leader(children.read_text().split()))
        until("it has booted", lambda: self.asks("systemctl is-system-running") in {"running", "degraded"}, 400)

    def _find_leader(self, children: Sequence[str]) -> bool:
        for child in children:
            with contextlib.suppress(OSError):
                if "systemd" in os.readlink(f"/proc/{child}/exe") and "nspawn" not in os.readlink(f"/proc/{child}/exe"):
                    self.leader = int(child)
        return self.leader != 0

    def shut_down(self) -> None:
        """Switch it off in order."""
        if self.nspawn is None:
            return
        if self.leader:
            os.kill(self.leader, signal.SIGRTMIN + 4)  # systemd: power off
        try:
            self.nspawn.wait(120)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()
        self.nspawn, self.leader = None, 0

    def run(self, command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Type a command as root."""
        inside = ["nsenter", "-t", str(self.leader), "--all", "env", "-i", "HOME=/root", "LANG=C.UTF-8"]
        inside += ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-e", "-c"]
        return subprocess.run(
            [*inside, f"cd /root\n{command}"], input=typed, capture_output=True, text=True, timeout=500, check=False
        )

    def types(self, command: str, typed: str = "") -> str:
        """Type a command that must succeed; returns what it said."""
        done = self.run(command, typed)
        if done.returncode != 0:
            journal = self.run("journalctl --no-pager -n 60").stdout
            raise SystemExit(f"{command}\nended with {done.returncode}\n{done.stdout}{done.stderr}\n{journal}")
        return done.stdout

    def asks(self, command: str) -> str:
        """Type a command; returns what it said, without the end of the line."""
        return self.run(command).stdout.strip()

    def status(self, path: str) -> str:
        """Return what the proxy answers, by its number."""
        return self.asks(f"curl -sS -o /dev/null -w '%{{http_code}}' {BASE}{path} 2>/dev/null || true")


def until(what: str, is_so: Callable[[], bool], most: float = 60.0) -> float:
    """Wait until something is so; returns how many seconds that took."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > most:
            raise SystemExit(f"not after {most:.0f} s: {what}")
        time.sleep(0.2)
    return time.monotonic() - began


@contextlib.contextmanager
def a_root(prepared: Path | None) -> Iterator[Machine]:
    """Make a Debian with the program in it; ``prepared`` is one that an earlier run fetched the packages for."""
    for name in ("debootstrap", "systemd-nspawn", "nsenter"):
        if shutil.which(name) is None or os.geteuid() != 0:
            raise SystemExit(f"needs root and {name}: apt-get install debootstrap systemd-container")
    with tempfile.TemporaryDirectory(prefix="real-machine-") as folder:
        lower = prepared or Path(folder, "lower")
        if not (lower / "etc/debian_version").exists():
            command = ["debootstrap", "--include=dbus,ca-certificates,openssl,curl", "bookworm", str(lower)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            _put_program(lower)
            Machine(lower).fetch(blocks("On a server of your own")[0])
        upper, work, root = (Path(folder, name) for name in ("upper", "work", "machine"))
        for path in (upper, work, root):
            path.mkdir()
        layers = f"lowerdir={lower},upperdir={upper},workdir={work}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(root)], check=True)
        machine = Machine(root)
        try:
            _put_program(root)
            yield machine
        finally:
            machine.shut_down()
            subprocess.run(["umount", str(root)], check=True)


def _put_program(root: Path) -> None:
    """Put what git knows of the program into ``/opt/sandwich``, root's, whoever works on it here."""
    there = root / "opt/sandwich"
    there.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name and (ROOT / name).exists()]
    packed = subprocess.run(
        ["tar", "c", "--owner=0", "--group=0", "--null", "-T", "-"],
        cwd=ROOT,
        input="\0".join(names).encode(),
        capture_output=True,
        check=True,
    )
    subprocess.run(["tar", "x", "-C", there], input=packed.stdout, check=True)


def _go(machine: Machine, to: str) -> None:
    """Let it be another day on that machine."""
    command = "runuser -u sandwich -- /opt/sandwich/.venv/bin/python -c"
    machine.types(f"{command} '{SET_CLOCK}' '{to}+01:00'")


@contextlib.contextmanager
def _outside(machine: Machine) -> Iterator[Path]:
    """Give the machine a name, a certificate that it trusts, and a school's mail server and name server beside it."""
    root, folder = machine.root, machine.root.parent / "mails"
    folder.mkdir()
    names = ("school.example", "mail.school.example")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost school {' '.join(names)}\n")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    certificates = {name: write_certificate(root / "etc/ssl", name, x509.DNSName(name), days=90) for name in names}
    for name, (certificate, _) in certificates.items():
        shutil.copy(certificate, root / f"usr/local/share/ca-certificates/{name}.crt")
    machine.boot()
    machine.types("update-ca-certificates")
    inside = ["nsenter", "-t", str(machine.leader), "--net", sys.executable, "-m", "tests.support.book"]
    certificate, key = certificates[names[1]]
    log = (folder.parent / "outside.log").open("wb")
    process = subprocess.Popen([*inside, certificate, key, folder], cwd=ROOT, stderr=log)
    try:
        yield folder
    finally:
        process.kill()
        process.wait()


def tell(machine: Machine) -> None:
    """Follow the book, and look."""
    _, *install, last = blocks("On a server of your own")
    with _outside(machine) as mails:
        machine.say(f"systemd {machine.asks('systemctl --version | head -1')}")
        began = time.monotonic()
        # In one shell, as somebody types them: what `umask` says holds for what follows.
        machine.types("\n".join(install), typed=f"{PASSWORD}\n")
        machine.say(f"    typed, steps 2 to 7: {time.monotonic() - began:.0f} s")
        look_at_units(machine)
        look_at_confinement(machine)
        doctor, start, status = last.strip().splitlines()
        assert doctor == "sandwich doctor"
        _well(machine, "sandwich doctor: every line is ok", 0)
        kill_each(machine)
        without_database(machine)
        first_mail(machine, mails, start, status)  # it moves the clock, which the doctor then says
        back_up(machine)
        once_more(machine)
        machine.shut_down()
        machine.boot()
    after_a_boot(machine)


def _well(machine: Machine, what: str, most: float = 100.0) -> None:
    """Say whether the doctor finds all well, at once or after a while."""
    began = time.monotonic()
    while True:
        done = machine.run("sandwich doctor")
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line[:1].strip()]
        ill = [line for line in lines if not line.startswith("ok  ")]
        if not ill or time.monotonic() - began > most:
            return machine.holds(bool(lines) and not ill and done.returncode == 0, what, "\n".join(ill))
        time.sleep(2)


def look_at_units(machine: Machine) -> None:
    """Every part runs, nothing failed, and the pages are reached through the proxy."""
    for unit in UNITS:
        machine.holds(machine.asks(f"systemctl is-active {unit}") == "active", f"{unit} is active", _of(machine, unit))
    failed = machine.asks("systemctl --failed --no-legend --plain")
    machine.holds(failed == "", "systemctl --failed names nobody", failed)
    timer = machine.asks("systemctl list-timers --no-legend sandwich-backup.timer")
    machine.holds("02:40:00" in timer, "the timer of the backup has a next time", timer)
    for path, number in (("/healthz", "200"), ("/readyz", "200"), ("/login", "200"), ("/metrics", "404")):
        seen = machine.status(path)
        machine.holds(seen == number, f"curl {BASE}{path}: {number}", seen)


def _of(machine: Machine, unit: str) -> str:
    return machine.asks(f"systemctl status --no-pager --full {unit}; journalctl --no-pager -n 30 -u {unit}")


def look_at_confinement(machine: Machine) -> None:
    """What the units forbid is forbidden: asked of the process, and tried in its own view of the disk."""
    for unit in UNITS:
        pid = machine.asks(f"systemctl show -P MainPID {unit}")
        status = machine.asks(f"cat /proc/{pid}/status")
        no_rights = all(f"{name}:\t0000000000000000" in status for name in ("CapEff", "CapPrm", "CapBnd"))
        is_less = no_rights and "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status and "Uid:\t0" not in status
        machine.holds(is_less, f"{unit} is no root, and has no capability, no way to more and a filter", status)
        tried = "/opt/sandwich/x /etc/x /usr/x /home/x /sys/x /var/backups/sandwich/x"
        view = f"nsenter -t {pid} --mount"
        let = machine.asks(f"for file in {tried}; do {view} touch $file 2>/dev/null && echo $file || true; done")
        machine.holds(let == "", f"{unit} sees nothing of the system that it could write, not even as root", let)
        machine.types(f"{view} touch /var/lib/sandwich/x && rm /var/lib/sandwich/x")  # such a trial can succeed
    score = machine.asks("systemd-analyze security --no-pager sandwich-web | tail -1")
    machine.say(f"    systemd-analyze security: {score.lstrip('→ ')}")


def first_mail(machine: Machine, mails: Path, start: str, status: str) -> None:
    """A visit begins, and its first mail is with the school's mail server."""
    _go(machine, "2027-02-01T09:00:00")
    machine.types(start)
    machine.holds("Kijken hoe prefab wordt gebouwd" in machine.types(status), "sandwich status shows the visit")
    for minute in range(1, 59, 3):  # everybody has a minute of their own in the hour at which mail leaves
        _go(machine, f"2027-02-19T10:{minute:02}:00")
        with contextlib.suppress(SystemExit):
            until("the first mail", lambda: bool(list(mails.glob("*.mail"))), 10)
            break
    kept = sorted(mails.glob("*.mail"))
    seen = machine.asks("sandwich status; sandwich outbox --all")
    machine.holds(bool(kept), "its first mail is with the school's mail server", seen)
    if kept:
        machine.holds(kept[0].read_bytes().startswith(b"p.kuiper@bouwbedrijf.example\n"), "it is the host's")


def back_up(machine: Machine) -> None:
    """The unit of each night makes one, and throws away what is older than three weeks; so does the command."""
    folder = machine.root / "var/backups/sandwich"
    machine.types("runuser -u sandwich -- touch -d '-23 days' /var/backups/sandwich/old.zip")
    done = machine.run("systemctl start sandwich-backup.service")
    made = list(folder.glob("*.zip"))
    machine.holds(
        done.returncode == 0 and len(made) == 1, "the unit of the backup makes one", _of(machine, "sandwich-backup")
    )
    machine.holds(not (folder / "old.zip").exists(), "and removes one of more than three weeks ago")
    modes = {oct(stat.S_IMODE(file.stat().st_mode)) for file in made}
    machine.holds(modes == {"0o600"}, "nobody but the account reads it", str(modes))
    for block in blocks("Backup, by hand"):
        machine.types(block)
    machine.holds((folder / "by-hand.zip").exists(), "one by hand")


def kill_each(machine: Machine) -> None:
    """Whoever is killed comes back, and is ready again."""
    for unit in UNITS:
        pid = machine.asks(f"systemctl show -P MainPID {unit}")
        machine.types(f"kill -9 {pid}")
        until(
            f"{unit} is another process",
            lambda unit=unit, pid=pid: machine.asks(f"systemctl show -P MainPID {unit}") not in {pid, "0"},
        )
        took = until(f"{unit} is back", lambda unit=unit: machine.asks(f"systemctl is-active {unit}") == "active", 300)
        machine.holds(machine.asks(f"systemctl show -P NRestarts {unit}") == "1", f"{unit} was killed and is back")
        machine.holds(
            took < AGAIN_SECONDS, f"ready within {AGAIN_SECONDS:.0f} s of being started again", f"{took:.0f} s"
        )
    until("the pages answer", lambda: machine.status("/readyz") == "200")
    _well(machine, "sandwich doctor: every line is ok again")


def without_database(machine: Machine) -> None:
    """PostgreSQL is away for a while; nobody starts anything by hand afterwards."""
    machine.types("systemctl stop postgresql")
    until("the pages say so", lambda: machine.status("/readyz") == "503")
    time.sleep(15)
    machine.types("systemctl start postgresql")
    took = until("the pages answer", lambda: machine.status("/readyz") == "200")
    machine.holds(took < AGAIN_SECONDS, "the pages answer by themselves once PostgreSQL is back", f"{took:.0f} s")
    _well(machine, "and sandwich doctor: every line is ok")


def once_more(machine: Machine) -> None:
    """Everything stops within its time and in order; then what the book says of a new version and of a backup."""
    began = time.monotonic()
    machine.types("systemctl stop sandwich.target")
    took = time.monotonic() - began
    results = {unit: machine.asks(f"systemctl show -P Result {unit}") for unit in UNITS}
    machine.holds(
        took < STOP_SECONDS, f"systemctl stop sandwich.target ends within {STOP_SECONDS:.0f} s", f"{took:.0f} s"
    )
    machine.holds(set(results.values()) == {"success"}, "in order: nobody had to be killed", str(results))
    left = machine.asks("pgrep -u sandwich -a")
    machine.holds(left == "", "and then no process of the account is left", left)
    machine.types("systemctl start sandwich.target")
    for heading in ("A new version", "Putting the backup back"):
        said = "".join(machine.types(block) for block in blocks(heading))
        until("the pages answer", lambda: machine.status("/readyz") == "200", 300)
        machine.holds(True, f"{heading}: as the book says")
    machine.holds("geen mail weg" in said, "no mail leaves after a backup was put back", said)


def after_a_boot(machine: Machine) -> None:
    """What is enabled comes by itself; and nothing secret stands in the journal."""
    for unit in UNITS:
        until(f"{unit} runs", lambda unit=unit: machine.asks(f"systemctl is-active {unit}") == "active", 400)
    machine.holds(True, "after a boot every part runs by itself")
    until("the pages answer", lambda: machine.status("/readyz") == "200")
    machine.holds(machine.asks("systemctl --failed --no-legend --plain") == "", "and systemctl --failed names nobody")
    journal = machine.asks("journalctl --no-pager -o cat -u 'sandwich*'")
    found = [word for word in (PASSWORD, "kuiper", "Petra", "prefab", "/f/") if word in journal]
    machine.holds(len(journal) > 1000 and found == [], "nothing secret or personal stands in the journal", str(found))
    forced = [line for line in journal.splitlines() if re.search(r"Unknown (key|section)|timed out\.", line)]
    machine.holds(
        forced == [], "systemd understood every line of the units, and stopped nobody by force", "\n".join(forced)
    )
    for unit in UNITS:
        told = machine.asks(f"journalctl --no-pager -o cat -u {unit}").splitlines()
        for at, line in enumerate(told):
            if line.startswith("Traceback"):
                what = next((after for after in told[at + 1 :] if not after.startswith((" ", "\t"))), "")
                machine.say(f"    {unit} wrote a traceback while it was killed, or without PostgreSQL: {what[:100]}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it, and keep what was said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--prepared", type=Path, help="a folder for the Debian that is fetched, to begin with next time"
    )
    parser.add_argument("--keep", type=Path, help="the file to keep what was said in")
    said = parser.parse_args(arguments)
    with a_root(said.prepared) as machine:
        tell(machine)
        machine.say(f"{len(machine.faults)} of {sum(line[:3] in ('ok ', 'NOT') for line in machine.said)} are not so")
    if said.keep:
        said.keep.write_text("\n".join(machine.said) + "\n", encoding="utf-8")
    return int(bool(machine.faults))


if __name__ == "__main__":
    sys.exit(main())
