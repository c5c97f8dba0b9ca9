"""What a test needs besides Python: skipped without it, and failed where ``CI=true``."""

import os

import pytest


def need(is_here: bool, reason: str) -> None:
    """Skip the test with a reason where something is not here; where ``CI=true`` that is a failure."""
    if is_here:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
