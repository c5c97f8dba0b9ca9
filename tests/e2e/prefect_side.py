"""What Prefect shows of an activity, asked of its real API."""

import json
from typing import Any
from uuid import uuid4

import httpx

from tests.e2e.world import World


def completed_steps(world: World, activity: str) -> list[str]:
    """Return the step of every completed task run of all runs of an activity."""
    found = _ask(
        world,
        "task_runs/filter",
        {
            "flow_runs": {"tags": {"all_": [f"activity:{activity}"]}},
            "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
            "limit": 200,
        },
    )
    return [str(run["name"]).rpartition("(")[2].rstrip(")") for run in found]


def runs_of(world: World, activity: str) -> list[dict[str, Any]]:
    """Return all flow runs of an activity."""
    return _ask(world, "flow_runs/filter", {"flow_runs": {"tags": {"all_": [f"activity:{activity}"]}}, "limit": 200})


def _ask(world: World, what: str, question: dict[str, Any]) -> list[dict[str, Any]]:
    notes = json.loads((world.folder / ".sandwich-demo" / "demo.json").read_text())
    secret = (world.folder / ".sandwich-demo" / "prefect-secret").read_text().strip()
    caller = str(uuid4())
    with httpx.Client(
        base_url=f"http://127.0.0.1:{notes['prefect_port']}/api/", auth=("sandwich", secret), timeout=60
    ) as prefect:
        token = prefect.get("csrf-token", params={"client": caller})
        assert token.status_code == 200, token.text
        headers = {"Prefect-Csrf-Client": caller, "Prefect-Csrf-Token": token.json()["token"]}
        answer = prefect.post(what, json=question, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found
