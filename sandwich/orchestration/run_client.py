"""A client of Prefect's for who carries runs: it does not ask again what the poll told, nor write what stands there.

Prefect's engine begins every run with two requests that tell a worker of ours nothing: it writes the flow's version and
how often it is tried again, and reads the run that it was given. For a run that wakes twenty times that is forty.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, FlowRunPolicy


@dataclass(frozen=True)
class _Given:
    run: FlowRun
    policy: FlowRunPolicy


class RunClient(PrefectClient):
    """Prefect's client, which remembers the runs that are in hand as the poll gave them."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Take what any client takes."""
        super().__init__(*args, **settings)
        self._given: dict[UUID, _Given] = {}

    @contextmanager
    def holding(self, run: FlowRun) -> Iterator[None]:
        """Remember ``run`` for as long as it is in hand; it was claimed, and is begun once."""
        begun = run.model_copy(update={"run_count": run.run_count + 1})
        # A copy of its own: the engine fills in the run's while it works out what it would write.
        self._given[run.id] = _Given(begun, run.empirical_policy.model_copy())
        try:
            yield
        finally:
            del self._given[run.id]

    async def read_flow_run(self, flow_run_id: UUID) -> FlowRun:
        """Return the run: the one in hand as it was given, any other as Prefect knows it."""
        given = self._given.get(flow_run_id)
        return await super().read_flow_run(flow_run_id) if given is None else given.run.model_copy()

    async def update_flow_run(self, flow_run_id: UUID, *args: Any, **fields: Any) -> Any:
        """Write fields of a run, unless the run in hand has just these already."""
        given = self._given.get(flow_run_id)
        if given is not None and not args:
            known = {"flow_version": given.run.flow_version, "empirical_policy": given.policy}
            if all(name in known and known[name] == value for name, value in fields.items()):
                return None
        return await super().update_flow_run(flow_run_id, *args, **fields)


@contextmanager
def holding(client: PrefectClient, run: FlowRun) -> Iterator[None]:
    """Let a client of ours remember ``run`` while it is in hand; any other client knows of nothing."""
    if not isinstance(client, RunClient):
        yield
        return
    with client.holding(run):
        yield
