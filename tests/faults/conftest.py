"""The Prefect server that all tests of a session share."""

from tests.orchestration.conftest import folder, installation, prefect

__all__ = ["folder", "installation", "prefect"]
