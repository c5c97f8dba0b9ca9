"""The other flow: once a day, what is kept for longer than it may be is thrown away, here and at Prefect."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from sandwich.orchestration.pruning import tidy_up


@flow(name="upkeep", persist_result=False)
async def upkeep() -> State[Any]:
    """Delete runs and progress of activities that closed more than SANDWICH_KEEP_RUNS_DAYS days ago.

    And what is over its term in our own database, as far as somebody said yes to it (docs/privacy.md). Prefect hears
    how much that was, and nothing else.
    """
    done = await tidy_up()
    return Completed(
        message=f"Deleted: {done.pruned.runs} runs, {done.pruned.artifacts} artifacts. "
        f"Over their term: {done.removed} removed, {done.waiting} wait for a yes."
    )
