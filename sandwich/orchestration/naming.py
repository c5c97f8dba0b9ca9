"""What things are called in Prefect: readable, and never personal."""

import contextlib
import re
from collections.abc import Iterable
from uuid import UUID

FLOW = "activity"
"""Name of the flow that carries activities."""

ENTRYPOINT = "flows.activity.activity"
"""Where a worker finds it; a module path, so that no second copy of the module is loaded."""

UPKEEP = "upkeep"
"""Name of the flow that throws away what Prefect keeps too long, and of its one deployment."""

UPKEEP_ENTRYPOINT = "flows.upkeep.upkeep"

UPKEEP_TAG = "sandwich-upkeep"
"""Tag on its runs, which are no activity's: the repair must not count them among those."""

STAGES = ("before", "during", "after")

WORK_POOL_TYPE = "sandwich"
"""The type of work pool, and of worker, that carries many runs in one process."""

OURS = "sandwich"
"""Tag on everything of ours."""

_SCHOOL = "school:"


def run_name(kind: str, activity_id: str) -> str:
    """Return the name of a run: its kind and the beginning of the activity's id."""
    return f"{kind} {activity_id[:8]}"


def run_tags(kind: str, activity_id: str, schools: Iterable[str]) -> list[str]:
    """Return the tags of a run, by which it is found per kind, per school (its code) and per activity."""
    return [OURS, f"kind:{kind}", activity_tag(activity_id), *sorted(f"{_SCHOOL}{school}" for school in schools)]


def schools_in(tags: Iterable[str]) -> frozenset[str]:
    """Return the codes of the schools whose people take part in the activity whose run has these tags."""
    return frozenset(tag.removeprefix(_SCHOOL) for tag in tags if tag.startswith(_SCHOOL))


def activity_tag(activity_id: str) -> str:
    """Return the tag that all runs of one activity have."""
    return f"activity:{activity_id}"


def activity_of(tags: Iterable[str]) -> str | None:
    """Return the id of the activity whose run has these tags, ``None`` when it is no activity's."""
    return next((tag.removeprefix("activity:") for tag in tags if tag.startswith("activity:")), None)


def prefect_ids(run_ids: Iterable[str]) -> list[UUID]:
    """Return what Prefect knows the runs by; an id that can be none of Prefect's is of no run."""
    found = []
    for run_id in run_ids:
        with contextlib.suppress(ValueError):
            found.append(UUID(run_id))
    return found


def step_name(title: str, key: str) -> str:
    """Return the name of the task run in which a step is carried out."""
    return f"{title} ({key})"


def step_key(task_run_name: str) -> str | None:
    """Return the key of the step that a task run shows, ``None`` when it shows none."""
    found = re.search(r"\(([a-z0-9][a-z0-9_.:-]*)\)$", task_run_name)
    return found.group(1) if found else None


def progress_key(stage: str, activity_id: str) -> str:
    """Return the key of the artifact that shows how far one stage of an activity is."""
    return f"{stage}-{activity_id}".lower()
