"""What ``systemctl`` does with our units, on a machine that is a folder: their commands as processes, with their
environment, ready when they say so. Named as a command by ``tests/running/test_by_the_book.py``.

Accounts, limits and confinement are systemd's own; ``systemd-analyze verify`` reads those in another test.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from configparser import ConfigParser
from pathlib import Path

PATIENCE = 400.0


class Units:
    """The units of one machine, and what runs of them."""

    def __init__(self, root: Path) -> None:
        self.units, self.state = root / "etc/systemd/system", root / "run"
        self.state.mkdir(parents=True, exist_ok=True)

    def do(self, verb: str, *words: str) -> None:
        """Do what ``systemctl VERB WORDS`` does."""
        names = [name if "." in name else f"{name}.service" for name in words if not name.startswith("-")]
        match verb:
            case "daemon-reload":
                return
            case "enable":
                for name in names:
                    assert self.read(name)["Install"], f"{name} cannot be enabled"
                    (self.state / f"{name}.enabled").touch()
                    if "--now" in words:
                        self.start(name)
            case "disable":
                for name in names:
                    (self.state / f"{name}.enabled").unlink()
            case "start":
                for name in names:
                    self.start(name)
            case "stop":
                for name in names:
                    self.stop(name)
            case "reload":
                subprocess.run(["nginx"], check=True)
            case _:
                raise SystemExit(f"systemctl {verb} is not known here")

    def read(self, name: str) -> dict[str, dict[str, list[str]]]:
        """Return what a unit says, with what holds for all of ours."""
        said: dict[str, dict[str, list[str]]] = {"Unit": {}, "Service": {}, "Install": {}, "Timer": {}}
        for file in (self.units / name, *sorted((self.units / "sandwich-.service.d").glob("*.conf"))):
            if file.suffix == ".conf" and not name.startswith("sandwich-"):
                continue
            parser = ConfigParser(interpolation=None, strict=False)
            parser.optionxform = str  # type: ignore[assignment,method-assign]
            parser.read_string(file.read_text(encoding="utf-8"))
            for section in parser.sections():
                for key, value in parser[section].items():
                    said[section].setdefault(key, []).append(value)
        return said

    def enabled(self) -> list[str]:
        """Return the services that start with the machine, Prefect's server first."""
        found = [path.name.removesuffix(".enabled") for path in self.state.glob("*.service.enabled")]
        return sorted(found, key=lambda name: ("prefect" not in name, name))

    def start(self, name: str) -> None:
        """Start a service, or with the target every one that is enabled."""
        if name.endswith(".target"):
            for one in self.enabled():
                self.start(one)
        if not name.endswith(".service") or self.lives(name):
            return
        said = self.read(name)["Service"]
        (command,) = said["ExecStart"]
        environ = {**os.environ, **dict(value.split("=", 1) for value in said.get("Environment", []))}
        waits = said["Type"] == ["notify"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line, (self.state / f"{name}.log").open("ab") as log:
            if waits:
                # Where tests keep their files is often too long a name for a socket.
                path = Path("/tmp") / f"notify-{len(name)}-{os.getpid()}"
                line.bind(str(path))
                line.settimeout(PATIENCE)
                environ["NOTIFY_SOCKET"] = str(path)
            process = subprocess.Popen(
                shlex.split(command),
                env=environ,
                cwd=said["WorkingDirectory"][0],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            (self.state / f"{name}.pid").write_text(str(process.pid))
            if waits:
                assert line.recv(100) == b"READY=1"
                path.unlink()

    def stop(self, name: str) -> None:
        """Stop a service, or with the target every one."""
        if name.endswith(".target"):
            for one in reversed(self.enabled()):
                self.stop(one)
            return
        if not self.lives(name):
            return
        pid = int((self.state / f"{name}.pid").read_text())
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while self.lives(name):
            assert time.monotonic() < until, f"{name} does not stop"
            time.sleep(0.1)

    def lives(self, name: str) -> bool:
        """Whether a service runs."""
        try:
            pid = int((self.state / f"{name}.pid").read_text())
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False


if __name__ == "__main__":
    Units(Path(os.environ["MACHINE"])).do(*sys.argv[1:])
