"""An installation for the command line: a real database with the region in it, and the command in two ways."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from sandwich import runtime
from sandwich.cli import program
from sandwich.cli.state import settings
from sandwich.definitions.library import Library
from sandwich.runtime import open_library
from sandwich.settings import Settings, read_settings
from tests.support.databases import Databases, SqliteDatabases
from tests.support.stages import REGION, played

SECRET = "a key for tests only, quite long, 0123456789"
EMPTY = {name: value for name, value in os.environ.items() if not name.startswith("SANDWICH_")}


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def installation(databases: Databases, library: Library, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation with the region De Grienden, whose clock stands at ``stages.NOW``."""
    with _installed(databases, library, tmp_path) as given:
        yield given


@pytest.fixture
def small_installation(sqlite_databases: SqliteDatabases, library: Library, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The same on SQLite alone, for what does not depend on the database."""
    with _installed(sqlite_databases, library, tmp_path) as given:
        yield given


@contextmanager
def _installed(databases: Databases, library: Library, folder: Path) -> Iterator[dict[str, str]]:
    url = databases.copy(played(databases, library, REGION).url)
    yield {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(folder / "data"),
        "SANDWICH_DATABASE_URL": url,
        "SANDWICH_SECRET_KEY": SECRET,
        "SANDWICH_PREFECT_SECRET": f"{SECRET} too",
    }
    databases.forget(url)


@pytest.fixture
def sandwich(tmp_path: Path) -> Run:
    """The command, as a process of its own: ``sandwich(installation, "status")``."""

    def run(environ: dict[str, str], *arguments: str, typed: str = "") -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "sandwich", *arguments],
            cwd=tmp_path,
            env={**EMPTY, **environ},
            input=typed,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: Library
) -> Iterator[Run]:
    """The command inside this process, which is quicker: for the many ways in which an input can be wrong.

    What every installation has of forms and playbooks is read once, and not by every command.
    """
    plain = read_settings({}, environment="development")

    def shared(given: Settings) -> Library:
        is_usual = (given.forms, given.playbooks) == (plain.forms, plain.playbooks)
        return library if is_usual else open_library(given)

    monkeypatch.setattr(runtime, "open_library", shared)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(environ: dict[str, str], *arguments: str) -> Said:
        for name in [name for name in os.environ if name.startswith("SANDWICH_")]:
            monkeypatch.delenv(name)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        settings.cache_clear()
        capsys.readouterr()
        code = program.run(arguments)
        settings.cache_clear()
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    yield run
    # A command that serves writes its log to the standard output of this test, which is closed after it.
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
