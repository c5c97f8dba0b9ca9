"""The same fixtures as the tests of the orchestration have, and a worker of ours for one module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.orchestration.conftest import carried, folder, installation, prefect
from tests.support.carried import Installation
from tests.support.databases import Databases
from tests.support.prefect import Worker, our_worker

__all__ = ["carried", "folder", "installation", "prefect", "worker"]


@pytest.fixture(scope="session")
def carrying_databases(shared_databases: Databases) -> Databases:
    """PostgreSQL where it is installed: the tests of the orchestration and the tellings use SQLite."""
    return shared_databases


@pytest.fixture(scope="module")
def worker(installation: Installation, folder: Path) -> Iterator[Worker]:
    """Our worker, with waker and repair, as a process."""
    with our_worker(folder / "worker.log", installation.environ) as running:
        yield running
