"""One deployment in Prefect per playbook; a new kind of activity is a new file and no code. And one for the upkeep."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from ruamel.yaml import YAML

from sandwich.errors import SandwichError
from sandwich.orchestration.naming import (
    ENTRYPOINT,
    FLOW,
    OURS,
    UPKEEP,
    UPKEEP_ENTRYPOINT,
    UPKEEP_TAG,
    WORK_POOL_TYPE,
)
from sandwich.runtime import Runtime
from sandwich.services.waking import kinds_left

UPKEEP_DESCRIPTION = "Throws away old runs / Ruimt oude runs op"


class WrongWorkPool(SandwichError):
    """The work pool {name} is of type {found}, not {kind}. Set SANDWICH_WORK_POOL or SANDWICH_WORK_POOL_TYPE."""

    dutch = (
        "De work pool {name} is van type {found}, niet {kind}. Stel SANDWICH_WORK_POOL of SANDWICH_WORK_POOL_TYPE in."
    )


async def register_playbooks(opened: Runtime, client: PrefectClient) -> list[str]:
    """Make or renew the work pool, one deployment for every playbook, whose names are returned, and the upkeep's.

    A playbook that was taken away while activities go on with it still has one: their runs are made from it.
    """
    settings = opened.settings
    at_once = None if settings.work_pool_type == WORK_POOL_TYPE else settings.concurrency
    await make_work_pool(client, settings.work_pool, settings.work_pool_type, at_once)
    flow_id = await client.create_flow_from_name(FLOW)
    titles = {key: playbook.title for key, playbook in opened.library.playbooks.items()} | await kinds_left(opened)
    for key, title in sorted(titles.items()):
        await client.create_deployment(
            flow_id=flow_id,
            name=key,
            entrypoint=ENTRYPOINT,
            # Empty, not left out: a run must not change the working directory of a process that carries many.
            pull_steps=[],
            work_pool_name=settings.work_pool,
            parameters={"kind": key},
            parameter_openapi_schema=form_schema(key),
            enforce_parameter_schema=True,
            description=f"{title.en} / {title.nl}",
            tags=deployment_tags(key),
        )
    await _register_upkeep(client, settings.work_pool)
    return sorted(titles)


async def _register_upkeep(client: PrefectClient, work_pool: str) -> None:
    await client.create_deployment(
        flow_id=await client.create_flow_from_name(UPKEEP),
        name=UPKEEP,
        entrypoint=UPKEEP_ENTRYPOINT,
        pull_steps=[],
        work_pool_name=work_pool,
        description=UPKEEP_DESCRIPTION,
        tags=[UPKEEP_TAG],
    )


async def make_work_pool(
    client: PrefectClient, name: str, kind: str = WORK_POOL_TYPE, at_once: int | None = None
) -> None:
    """Make the work pool unless it is there; an existing one is left as somebody may have set it.

    ``at_once`` is how many of its runs may be busy at the same time. Our own worker keeps to its limit by itself. For
    Prefect's process worker the limit must stand here: its own (``--limit``) ends the whole worker when a run is
    woken again before the process of its last wake has gone. Raises ``WrongWorkPool`` where the pool is of another
    type: its worker could not carry our runs as the settings say.
    """
    try:
        found = await client.read_work_pool(name)
    except ObjectNotFound:
        with contextlib.suppress(ObjectAlreadyExists):  # another process was first
            await client.create_work_pool(WorkPoolCreate(name=name, type=kind, concurrency_limit=at_once))
        return
    if found.type != kind:
        raise WrongWorkPool(name=name, found=found.type, kind=kind)


def form_schema(kind: str) -> dict[str, Any]:
    """Return the schema of the form with which Prefect's own pages start an activity of this kind."""
    schema = parameter_schema(load_flow_from_entrypoint(ENTRYPOINT)).model_dump_for_openapi()
    schema["properties"]["kind"] |= {"default": kind, "enum": [kind], "description": "Fixed for this deployment"}
    schema["additionalProperties"] = False  # or anything could be sent along, and be kept by Prefect
    return schema


def deployment_tags(kind: str) -> list[str]:
    """Return the tags of a deployment, which its runs get too."""
    return [OURS, f"kind:{kind}"]


def compare_with_prefect_yaml(path: Path, kinds: Iterable[str]) -> list[str]:
    """Return what is wrong with the deployments in ``prefect.yaml``, one sentence each; none when they fit."""
    declared = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {}
    deployments = {entry.get("name"): entry for entry in declared.get("deployments") or []}
    upkeep = deployments.pop(UPKEEP, {})
    expected = set(kinds)
    problems = [f"{path.name} has no deployment {kind}." for kind in sorted(expected - deployments.keys())]
    problems += [
        f"{path.name} has a deployment {name}, but there is no such playbook."
        for name in sorted(str(name) for name in deployments.keys() - expected)
    ]
    if declared.get("pull") != []:
        problems.append(f"{path.name} must say `pull: []`, or runs would change the worker's folder.")
    for name in sorted(expected & deployments.keys()):
        problems += [f"{path.name}, deployment {name}: {problem}." for problem in _differences(name, deployments[name])]
    wanted = {"entrypoint": UPKEEP_ENTRYPOINT, "tags": [UPKEEP_TAG], "description": UPKEEP_DESCRIPTION}
    problems += [f"{path.name}, deployment {UPKEEP}: {problem}." for problem in _unlike(wanted, upkeep)]
    return problems


def _differences(kind: str, entry: Mapping[str, Any]) -> list[str]:
    wanted: dict[str, Any] = {
        "entrypoint": ENTRYPOINT,
        "parameters": {"kind": kind},
        "tags": deployment_tags(kind),
        "enforce_parameter_schema": True,
    }
    return _unlike(wanted, entry)


def _unlike(wanted: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    return [f"{field} must be {value!r}" for field, value in wanted.items() if entry.get(field) != value]
