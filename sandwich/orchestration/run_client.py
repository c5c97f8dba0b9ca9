"""A client of Prefect's for who carries runs: it does not ask again what the poll told, nor write what stands there.

Prefect's engine begins every run with two requests that tell a worker of ours nothing: it writes the flow's version and
how often it is tried again, and reads the run that it was given. For a run that wakes twenty times that is forty.

It also makes runs one after the other, and asks again at once where Prefect's SQLite says that something else was
written meanwhile. Prefect's own client waits two seconds before it does, and then four: of a hundred activities that
begin together the last waited for more than two minutes, on a machine that had nothing to do.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, FlowRunPolicy

CROSSED_TRIES = 8
"""How often a run is asked for at once, before it is left to Prefect's client with its pauses."""

CROSSED_SECONDS = 0.05
"""The first pause between two of them, and by how much each is longer; what crosses is over in a few hundredths."""


@dataclass(frozen=True)
class _Given:
    run: FlowRun
    policy: FlowRunPolicy


class _Crossed(Exception):
    """A run was not made because something else was written meanwhile."""


class RunClient(PrefectClient):
    """Prefect's client, which remembers the runs that are in hand as the poll gave them."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Take what any client takes."""
        super().__init__(*args, **settings)
        self._given: dict[UUID, _Given] = {}
        self._making = asyncio.Lock()
        self._is_prompt = False

    async def create_flow_run_from_deployment(self, deployment_id: UUID, **fields: Any) -> FlowRun:
        """Make a run; the key in ``fields`` sees to it that asking again makes no second one.

        Prefect reads and then writes in one transaction, which SQLite breaks off when anybody wrote in between; two at
        the same time do that to each other.
        """
        async with self._making:  # also the last time: what is heard goes for whoever makes a run now
            self._is_prompt = True
            try:
                for tries in range(CROSSED_TRIES):
                    with suppress(_Crossed):
                        return await super().create_flow_run_from_deployment(deployment_id, **fields)
                    await asyncio.sleep(CROSSED_SECONDS * (1 + tries))
            finally:
                self._is_prompt = False
            return await super().create_flow_run_from_deployment(deployment_id, **fields)

    def hear(self, response: httpx.Response) -> bool:
        """Hear an answer, and return whether it says something of the server; some say that a request crossed another.

        Raised from here, that goes past Prefect's client, which would wait before it asks again.
        """
        if not is_crossed(response):
            return True
        if self._is_prompt:
            raise _Crossed
        return False

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


def is_crossed(response: httpx.Response) -> bool:
    """Return whether Prefect would not make a run because something was written meanwhile: no sign that it is busy."""
    refused = response.status_code == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" not in response.headers
    return refused and response.request.url.path.endswith("/create_flow_run")


@contextmanager
def holding(client: PrefectClient, run: FlowRun) -> Iterator[None]:
    """Let a client of ours remember ``run`` while it is in hand; any other client knows of nothing."""
    if not isinstance(client, RunClient):
        yield
        return
    with client.holding(run):
        yield
