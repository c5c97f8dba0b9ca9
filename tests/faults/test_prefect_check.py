"""When a step that stands in Prefect more than once counts as shown again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import TaskRun

from tests.faults.prefect_check import shown_again

BEGAN = datetime(2026, 11, 26, 17, 42, tzinfo=UTC)


def shown(after: float, seconds: float) -> TaskRun:
    """A step of so many seconds that began so long after the first."""
    begun = BEGAN + timedelta(seconds=after)
    key = str(uuid4())
    ended = begun + timedelta(seconds=seconds)
    return TaskRun(task_key="step", dynamic_key=key, name="goals", start_time=begun, end_time=ended)


@pytest.mark.parametrize(
    ("second", "times"),
    [
        pytest.param((0.7, 0.1), 0, id="while the other one was at it"),
        pytest.param((1.7, 0.1), 0, id="before it was written down"),
        pytest.param((70, 0.1), 1, id="when it stood there"),
    ],
)
def test_a_step_that_stood_there_already_is_shown_again(second: tuple[float, float], times: int) -> None:
    assert shown_again([shown(*second), shown(0, 1)]).total() == times
