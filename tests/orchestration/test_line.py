"""The line of a worker: what Prefect gives, what its page hides, and how many of them may be begun."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from prefect.client.schemas.objects import FlowRun

from sandwich.orchestration.line import Line, schools_among
from sandwich.orchestration.naming import run_tags

EIGHT = datetime(2026, 11, 5, 7, tzinfo=UTC)


def run(*schools: str, queue: str = "default", minute: int = 0) -> FlowRun:
    return FlowRun(
        id=uuid4(),
        flow_id=uuid4(),
        tags=run_tags("company-visit", "a" * 24, schools),
        work_queue_id=uuid5(NAMESPACE_URL, queue),
        next_scheduled_start_time=EIGHT + timedelta(minutes=minute),
    )


def drain(line: Line) -> list[FlowRun]:
    taken = []
    while line:
        taken.append(line.take(()))
    return taken


def test_schools_take_turns_and_the_oldest_goes_first() -> None:
    heap = [run("S1", minute=minute) for minute in range(4)]
    other = run("S2", minute=9)
    line = Line()
    line.fill([*heap, other])
    assert drain(line) == [heap[0], other, *heap[1:]]
    with pytest.raises(ValueError, match="empty"):
        line.take(())


def test_a_higher_queue_goes_first_as_prefect_gives_it() -> None:
    urgent, later = run("S1", queue="urgent", minute=9), run("S2", queue="default")
    line = Line()
    line.fill([urgent, later])
    assert drain(line) == [urgent, later]


def test_what_the_page_hides_is_begun_instead_of_others_not_on_top_of_them() -> None:
    heap = [run("S1", minute=minute) for minute in range(3)]
    hidden, of_a_closed_queue = run("S2", minute=9), run("S3", queue="closed")
    line = Line()
    line.fill(heap, [hidden, of_a_closed_queue])
    assert drain(line) == [heap[0], hidden, heap[1]]


def test_what_is_in_hand_is_neither_put_in_line_nor_forgotten_when_turns_are_given() -> None:
    first, second, other = run("S1"), run("S1", minute=1), run("S2", minute=9)
    line = Line()
    line.fill([first, second, other], besides={first.id})
    assert line.take([first]) == other
    line.clear()
    assert not line


def test_schools_are_read_from_the_tags_of_runs() -> None:
    assert schools_among([run("S1", "S2"), run("S2"), run()]) == {"S1", "S2", ""}
