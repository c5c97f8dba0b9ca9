"""Deployments: one per playbook, a typed form without room for names, and prefect.yaml in step with playbooks/."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import PrefectHTTPStatusError
from ruamel.yaml import YAML

from sandwich.definitions.library import Library
from sandwich.orchestration.deployments import (
    WrongWorkPool,
    compare_with_prefect_yaml,
    deployment_tags,
    register_playbooks,
)
from sandwich.orchestration.naming import ENTRYPOINT, FLOW, UPKEEP, UPKEEP_ENTRYPOINT, UPKEEP_TAG
from sandwich.services import steer
from sandwich.services.waking import live_activities
from tests.support.carried import Carried, Installation

ROOT = Path(__file__).parents[2]
DECLARED = ROOT / "prefect.yaml"


def test_prefect_yaml_holds_the_playbooks_of_this_repository(library: Library) -> None:
    assert compare_with_prefect_yaml(DECLARED, library.playbooks) == []


def test_what_does_not_fit_is_said(tmp_path: Path, library: Library) -> None:
    text = DECLARED.read_text(encoding="utf-8")
    path = tmp_path / "prefect.yaml"

    path.write_text(text, encoding="utf-8")
    kinds = sorted(library.playbooks)
    assert compare_with_prefect_yaml(path, [*kinds, "opera"]) == ["prefect.yaml has no deployment opera."]
    assert compare_with_prefect_yaml(path, [kind for kind in kinds if kind != "company-visit"]) == [
        "prefect.yaml has a deployment company-visit, but there is no such playbook."
    ]
    path.write_text(text.replace("pull: []", "pull:"), encoding="utf-8")
    assert compare_with_prefect_yaml(path, kinds) == [
        "prefect.yaml must say `pull: []`, or runs would change the worker's folder."
    ]
    path.write_text(text.replace(UPKEEP_ENTRYPOINT, "flows/upkeep.py:upkeep"), encoding="utf-8")
    assert compare_with_prefect_yaml(path, kinds) == [
        f"prefect.yaml, deployment upkeep: entrypoint must be {UPKEEP_ENTRYPOINT!r}."
    ]
    path.write_text(text.replace(ENTRYPOINT, "flows/activity.py:activity"), encoding="utf-8")
    assert compare_with_prefect_yaml(path, kinds) == [
        f"prefect.yaml, deployment {kind}: entrypoint must be {ENTRYPOINT!r}." for kind in kinds
    ]


@pytest.mark.asyncio
async def test_every_playbook_becomes_a_deployment(carried: Carried) -> None:
    names = await register_playbooks(carried.runtime, carried.client)
    assert names == sorted(carried.runtime.library.playbooks)
    found = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    assert found.entrypoint == ENTRYPOINT
    assert found.pull_steps == []
    assert found.work_pool_name == "sandwich"
    assert found.parameters == {"kind": "company-visit"}
    assert found.tags == deployment_tags("company-visit")
    assert (await carried.client.read_work_pool("sandwich")).type == "sandwich"
    upkeep = await carried.client.read_deployment_by_name(f"{UPKEEP}/{UPKEEP}")
    assert (upkeep.entrypoint, upkeep.tags, upkeep.pull_steps) == (UPKEEP_ENTRYPOINT, [UPKEEP_TAG], [])
    assert upkeep.schedules == []
    again = await register_playbooks(carried.runtime, carried.client)
    assert again == names
    assert (await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")).id == found.id


@pytest.mark.asyncio
async def test_a_playbook_that_was_taken_away_keeps_its_deployment_while_activities_need_it(carried: Carried) -> None:
    without = replace(carried.runtime, library=replace(carried.runtime.library, playbooks={}))
    activity_id = await carried.start("Nog bezig")
    assert await register_playbooks(without, carried.client) == ["company-visit"]
    now = await carried.runtime.clock.now()
    await steer.cancel(carried.runtime, activity_id, "Klaar", now=now, actor="test")
    left = {row.activity_id for row in await live_activities(carried.runtime)}
    assert (await register_playbooks(without, carried.client) == ["company-visit"]) is bool(left)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "given",
    [
        {"kind": "masterclass"},
        {"school": "Jan de Vries"},
        {"coordinator": "jan@school.example"},
        {"purpose": "Omdat Jan het wil."},
        {"group_size": 0},
        {"name": "Jan"},
    ],
)
async def test_the_form_refuses_another_kind_and_anything_like_a_name(
    carried: Carried, given: dict[str, object]
) -> None:
    deployment = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    with pytest.raises(PrefectHTTPStatusError) as refused:
        await carried.client.create_flow_run_from_deployment(deployment.id, parameters=given)
    assert refused.value.response.status_code == 409


@pytest.mark.asyncio
async def test_the_form_explains_itself(carried: Carried) -> None:
    deployment = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    assert deployment.parameter_openapi_schema is not None
    fields = deployment.parameter_openapi_schema["properties"]
    assert list(fields) == [
        "activity_id", "kind", "school", "company", "coordinator", "dates", "purpose", "group_size"
    ]  # fmt: skip
    assert fields["kind"]["enum"] == ["company-visit"]
    assert all(field["description"] for field in fields.values())


@pytest.mark.asyncio
async def test_prefect_deploy_makes_the_same_deployment(carried: Carried, installation: Installation) -> None:
    await register_playbooks(carried.runtime, carried.client)
    ours = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    done = await asyncio.to_thread(deploy_all, installation)
    assert done.returncode == 0, done.stdout + done.stderr
    theirs = await carried.client.read_deployment_by_name(f"{FLOW}/company-visit")
    assert theirs.id == ours.id
    declared = YAML(typ="safe", pure=True).load(DECLARED.read_text(encoding="utf-8"))
    kinds = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yaml"))
    assert [entry["name"] for entry in declared["deployments"]] == [*kinds, "upkeep"]
    for field in ("entrypoint", "parameters", "work_pool_name", "enforce_parameter_schema", "description"):
        assert getattr(theirs, field) == getattr(ours, field), field
    assert sorted(theirs.tags) == sorted(ours.tags)
    assert not theirs.pull_steps
    assert str(ROOT) not in theirs.model_dump_json(), "no place on this machine is recorded"
    assert isinstance(theirs.id, UUID)


def deploy_all(installation: Installation) -> subprocess.CompletedProcess[str]:
    """Do what an administrator does who prefers Prefect's own command."""
    return subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=ROOT,
        env={**os.environ, **installation.environ},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.asyncio
async def test_a_worker_whose_work_pool_is_of_another_type_says_so_and_changes_nothing(
    carried: Carried, installation: Installation
) -> None:
    await carried.client.create_work_pool(WorkPoolCreate(name="theirs", type="process"))
    pool = await carried.client.read_work_pool("theirs")
    deployments = await carried.client.read_deployments()
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandwich", "worker"),
        env={**os.environ, **installation.environ, "SANDWICH_WORK_POOL": "theirs", "SANDWICH_LANGUAGE": "en"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await worker.communicate()
    assert worker.returncode == 1
    assert err.decode() == f"{WrongWorkPool(name='theirs', found='process', kind='sandwich')}\n"
    assert b"Traceback" not in out
    assert await carried.client.read_work_pool("theirs") == pool
    assert await carried.client.read_deployments() == deployments
