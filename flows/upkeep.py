"""The other flow: once a day, what Prefect keeps of activities that are long over is thrown away."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from sandwich.orchestration.pruning import tidy_up


@flow(name="upkeep", persist_result=False)
async def upkeep() -> State[Any]:
    """Delete runs and progress of activities that closed more than SANDWICH_KEEP_RUNS_DAYS days ago.

    The activities themselves stay as they are: they stand in our own database.
    """
    pruned = await tidy_up()
    return Completed(message=f"Deleted: {pruned.runs} runs, {pruned.artifacts} artifacts.")
