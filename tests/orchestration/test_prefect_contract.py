"""What we use of Prefect: public names, and what they do. A failure here says which release of Prefect broke it."""

import ast
import asyncio
import importlib
import inspect
import logging
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import prefect
import pytest
from packaging.version import Version
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.logging.loggers import flow_run_logger
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED,
    temporary_settings,
)
from prefect.states import Scheduled
from prefect.tasks import Task
from prefect.workers.base import BaseWorker

from sandwich.orchestration.naming import WORK_POOL_TYPE
from sandwich.orchestration.park import note_parking_as_information
from sandwich.orchestration.pressure import Pressure
from sandwich.orchestration.server import Prefect
from sandwich.orchestration.watched import watched_client

ROOT = Path(__file__).parents[2]
KNOWN = Version("3.8.8")
"""The release with which all of this was tried."""

BROKEN = f"Prefect {prefect.__version__} broke this (it worked with {KNOWN})"


def our_files() -> list[Path]:
    """Return the files that may know Prefect."""
    return [path for folder in ("flows", "tasks", "sandwich/orchestration") for path in (ROOT / folder).rglob("*.py")]


def imported_names() -> list[tuple[str, str]]:
    """Return every module of Prefect's that we import from, with the name."""
    found = set[tuple[str, str]]()
    for path in our_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "prefect":
                found |= {(str(node.module), alias.name) for alias in node.names}
            if isinstance(node, ast.Import):
                found |= {(alias.name, "") for alias in node.names if alias.name.split(".")[0] == "prefect"}
    return sorted(found)


@pytest.mark.parametrize(("module", "name"), imported_names(), ids=lambda value: value)
def test_each_name_is_public_and_there(module: str, name: str) -> None:
    assert not [part for part in (*module.split("."), name) if part.startswith("_")], "not a public name"
    assert hasattr(importlib.import_module(module), name or "__name__"), f"{BROKEN}: {module}.{name} is gone"


def test_nothing_private_of_prefects_objects_is_touched() -> None:
    """Where a name with an underscore stands behind a dot it must be one of our own."""
    for path in our_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
                owner = node.value.id if isinstance(node.value, ast.Name) else ""
                assert owner in {"self", "server"}, f"{path.name}:{node.lineno} uses {node.attr}"


def test_our_worker_overrides_public_methods_only() -> None:
    from sandwich.orchestration.worker import SandwichWorker

    taken = {name for name in vars(SandwichWorker) if name in dir(BaseWorker) and not name.startswith("__")}
    assert {"setup", "teardown", "run", "get_and_submit_flow_runs", "is_worker_still_polling"} <= taken
    private = {name for name in taken if name.startswith("_") and callable(getattr(BaseWorker, name))}
    assert private <= {"_abc_impl"}, f"{BROKEN}: these names are Prefect's own: {private}"
    instance = SandwichWorker("sandwich")
    theirs = set(vars(BaseWorker.__subclasses__()[0])) | set(dir(BaseWorker))
    own = {
        "pool_name",
        "queue_names",
        "at_once",
        "figures",
        "loop",
        "owns_loop",
        "in_hand",
        "line",
        "hidden",
        "stopping",
    }
    own |= {"asking", "polled_at", "found", "told", "has_waker", "soon"}
    assert own <= set(vars(instance))
    assert not own & theirs, f"{BROKEN}: it uses names of ours: {own & theirs}"


def test_prefect_finds_our_worker_type() -> None:
    assert "sandwich.orchestration.worker" in {one.value for one in entry_points(group="prefect.collections")}
    found = BaseWorker.get_worker_class_from_type(WORK_POOL_TYPE)
    assert found is not None, f"{BROKEN}: it does not load the worker types of other packages"
    assert found.__name__ == "SandwichWorker"


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (run_flow, {"flow", "flow_run", "return_type"}),
        (BaseWorker.start, {"printer"}),
        (BaseWorker.run, {"flow_run", "configuration", "task_status"}),
        (BaseWorker.is_worker_still_polling, {"query_interval_seconds"}),
        (Task.with_options, {"task_run_name"}),
        (prefect.Flow.with_options, {"result_storage"}),
        (PrefectClient.set_flow_run_state, {"flow_run_id", "state", "force"}),
        (PrefectClient.update_flow_run, {"flow_run_id", "parameters", "name", "tags"}),
        (PrefectClient.read_flow_runs, {"flow_run_filter", "work_pool_filter", "sort", "limit", "offset"}),
        (PrefectClient.read_task_runs, {"flow_run_filter", "task_run_filter", "limit", "offset"}),
        (PrefectClient.count_flow_runs, {"flow_run_filter"}),
        (PrefectClient.delete_flow_run, {"flow_run_id"}),
        (PrefectClient.delete_artifact, {"artifact_id"}),
        (PrefectClient.read_artifacts, {"kwargs"}),  # artifact_filter and limit, which tests/flows/test_upkeep.py gives
        (
            PrefectClient.create_flow_run_from_deployment,
            {"deployment_id", "parameters", "state", "name", "tags", "idempotency_key"},
        ),
        (
            PrefectClient.get_scheduled_flow_runs_for_work_pool,
            {"work_pool_name", "work_queue_names", "scheduled_before"},
        ),
        (
            PrefectClient.create_deployment,
            {"flow_id", "name", "entrypoint", "pull_steps", "work_pool_name", "parameters", "tags", "description",
             "schedules", "parameter_openapi_schema", "enforce_parameter_schema"},
        ),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)  # fmt: skip
def test_each_function_takes_what_we_give_it(function: Callable[..., Any], parameters: set[str]) -> None:
    missing = parameters - set(inspect.signature(function).parameters)
    assert not missing, f"{BROKEN}: {function.__qualname__} takes no {missing}"


async def _answer_503(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 503 Not Now\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.asyncio
async def test_the_engine_takes_the_client_whose_answers_we_hear() -> None:
    server = await asyncio.start_server(_answer_503, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    pressure = Pressure(8)
    quick = {
        PREFECT_API_URL: address,
        PREFECT_CLIENT_MAX_RETRIES: 1,
        PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: False,
    }
    with temporary_settings(quick | {PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False}):
        async with watched_client(pressure) as shared:
            assert get_client() is shared.client, f"{BROKEN}: everything would make a client of its own"
            with pytest.raises(httpx.HTTPStatusError):
                await shared.client.read_work_pool("any")
    server.close()
    assert pressure.refused == 2, f"{BROKEN}: what its client tries again is not heard any more"
    assert pressure.room(time.monotonic()) == 4


@pytest.mark.asyncio
async def test_the_server_knows_what_we_tell_it(prefect: Prefect) -> None:
    """Of a name that it does not know Prefect says nothing: it goes on with what it has out of the box."""
    async with httpx.AsyncClient(auth=httpx.BasicAuth(*prefect.login.split(":", 1))) as client:
        server = (await client.get(f"{prefect.api_url}/admin/settings")).raise_for_status().json()["server"]
    assert server["events"]["retention_period"] == "P30D", BROKEN
    recorder, late = server["services"]["task_run_recorder"], server["services"]["late_runs"]
    assert (recorder["batch_size"], float(recorder["flush_interval"])) == (50, 1), BROKEN
    assert late["after_seconds"] == "PT15M", BROKEN


def test_parking_is_told_by_a_pause_that_carries_a_state() -> None:
    state: prefect.State[None] = Scheduled(name="Waiting")
    assert Pause(state=state).state is state, BROKEN
    assert not issubclass(Pause, Exception), f"{BROKEN}: a flow's own handlers would catch it"
    assert state.type is StateType.SCHEDULED


def test_the_line_that_prefect_logs_for_an_unfinished_run_is_the_one_we_know() -> None:
    source = inspect.getsource(importlib.import_module("prefect.flow_engine"))
    assert 'msg=f"Finished in state {display_state}"' in source, BROKEN
    note_parking_as_information()
    note_parking_as_information()
    state: prefect.State[None] = Scheduled(name="Waiting")
    run = FlowRun(flow_id=uuid4(), state=state)
    kept = Kept()
    logger = logging.getLogger("prefect.flow_runs")
    logger.addHandler(kept)
    try:
        flow_run_logger(run).log(logging.ERROR, f"Finished in state {state}", extra={"send_to_api": False})
        flow_run_logger(run).log(logging.ERROR, "Finished in state Failed('no')", extra={"send_to_api": False})
    finally:
        logger.removeHandler(kept)
    assert kept.lines == ["INFO Parked: waits without a process", "ERROR Finished in state Failed('no')"]


class Kept(logging.Handler):
    """Keeps what was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(f"{record.levelname} {record.getMessage()}")


def test_a_deployed_run_would_start_a_thread_that_holds_up_the_loop() -> None:
    """Why runs are given to the engine without their deployment; when this fails, see whether that is still needed."""
    source = inspect.getsource(importlib.import_module("prefect.flow_engine"))
    assert "if self.flow_run.deployment_id:" in source, BROKEN
    assert "observe_flow_run_suspension(" in source, BROKEN
