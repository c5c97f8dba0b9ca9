"""The Prefect server that all tests of a session share."""

from tests.orchestration.conftest import carrying_databases, folder, installation, prefect

__all__ = ["carrying_databases", "folder", "installation", "prefect"]
