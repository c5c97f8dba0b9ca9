"""How a Prefect run takes up an activity, looks at what is due, and lets go of it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext

from sandwich.errors import BadInput, NotFound, RunReplaced
from sandwich.failpoints import failpoint
from sandwich.orchestration.faults import without_details
from sandwich.orchestration.naming import activity_tag, run_name, run_tags, step_key
from sandwich.orchestration.park import park, prefect_moment
from sandwich.orchestration.progress import show_progress
from sandwich.runtime import Runtime, runtime
from sandwich.services import advance
from sandwich.services.advance import DueStep, Outlook, look_ahead
from sandwich.services.start import make_concept
from sandwich.services.waking import schools_of, take_run


@dataclass(frozen=True)
class Request:
    """What somebody filled in in Prefect's own form to begin an activity; ids and codes only."""

    kind: str
    school: str
    company: str
    coordinator: str
    dates: Sequence[date]
    purpose: str
    group_size: int | None

    def missing(self) -> list[str]:
        """Return the names of the fields without which no activity can be made."""
        return [name for name in ("kind", "school", "coordinator", "purpose") if not getattr(self, name)]


@dataclass
class Carrying:
    """An activity while a run has it in hand, during one wake."""

    runtime: Runtime
    activity_id: str
    run_id: UUID
    is_new: bool
    outlook: Outlook

    def due(self, stage: str) -> list[DueStep]:
        """Return the steps of ``stage`` that are to be carried out now, in order."""
        return [step for step in self.outlook.due if step.stage == stage]

    async def look(self, just_shown: Sequence[str] = ()) -> None:
        """Look again at what is due, after noting which steps Prefect shows as carried out by now."""
        with without_details("Looking ahead"):
            self.outlook = await look_ahead(self.runtime, self.activity_id, str(self.run_id), just_shown)

    @property
    def is_first(self) -> bool:
        """Whether this is the first wake of the activity's first run: Prefect shows nothing of it yet."""
        return self.is_new and self.outlook.run_number == 1

    async def shown_before(self) -> set[str]:
        """Return the keys of the steps that Prefect shows as carried out by an earlier run of this activity.

        Asked at the first wake alone, of a run that took another's place: a run that was never lost leaves nothing
        behind to be asked for.
        """
        return await shown_steps(self.activity_id) if self.is_new and not self.is_first else set()

    async def rest(self) -> None:
        """Show how far the activity is, then park until the next moment; returns only when the activity is finished.

        What became due since the last look, by an answer or by the time that passes, needs no other look here: Prefect
        starts a run whose moment is past at once, and the waker wakes one whose activity is due.
        """
        await show_progress(self.activity_id, self.outlook.progress, is_first=self.is_first)
        await failpoint("progress-shown")
        if self.outlook.finished:
            return
        await park(self.run_id, prefect_moment(self.outlook.wake_at, self.outlook.ahead))


async def take_up(activity_id: str | None, request: Request) -> Carrying:
    """Make the run, in which this is called, the one that carries the activity, and look at what is due.

    Without an id the activity is first made from ``request``, as a concept. Raises ``RunReplaced`` when another
    run carries it, ``BadInput`` when the request is not complete.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("an activity is taken up inside a flow run")
    run = context.flow_run
    with without_details("Opening the database"):
        opened = await runtime()
    if activity_id is None:
        activity_id = await _make(opened, request, run.id)
    with without_details("Taking up the activity"):
        outlook = await advance.take_up(opened, activity_id, str(run.id))
    return Carrying(opened, activity_id, run.id, run.run_count <= 1, outlook)


async def shown_steps(activity_id: str) -> set[str]:
    """Return the keys of all steps of the activity that Prefect has a completed task run of."""
    return {key for name in await completed_task_runs(activity_id) if (key := step_key(name)) is not None}


async def completed_task_runs(activity_id: str) -> list[str]:
    """Return the names of all completed task runs of all runs of the activity, oldest first."""
    page, names = 200, list[str]()
    async with get_client() as client:
        while True:
            found = await client.read_task_runs(
                flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[activity_tag(activity_id)])),
                task_run_filter=TaskRunFilter(
                    state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.COMPLETED]))
                ),
                limit=page,
                offset=len(names),
            )
            names += [run.name for run in found]
            if len(found) < page:
                return names


async def _make(opened: Runtime, request: Request, run_id: UUID) -> str:
    if missing := request.missing():
        fields = ", ".join(missing)
        raise BadInput(
            f"To start an activity here, fill in: {fields}. To carry one that exists, give its id alone.",
            f"Vul in om hier een activiteit te starten: {fields}. Geef van een bestaande activiteit alleen het id.",
        )
    with without_details("Making the activity", BadInput, NotFound):
        activity_id = await make_concept(
            opened,
            request.kind,
            request.school,
            request.company or None,
            request.coordinator,
            list(request.dates),
            request.purpose,
            request.group_size,
        )
        if not await take_run(opened, activity_id, str(run_id), None):
            raise RunReplaced(run=run_id, activity=activity_id)
        schools = (await schools_of(opened, [activity_id]))[activity_id]
    async with get_client() as client:
        # From here on the run is like one that we started: its next wakes find the activity by its id.
        await client.update_flow_run(
            run_id,
            parameters={"activity_id": activity_id},
            name=run_name(request.kind, activity_id),
            tags=run_tags(request.kind, activity_id, schools or [request.school]),
        )
    return activity_id
