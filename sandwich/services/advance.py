"""What lies ahead of an activity, as the flow that carries it needs to know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.tables.activities import Activity, StepState
from sandwich.errors import RunReplaced
from sandwich.failpoints import failpoint
from sandwich.runtime import Runtime
from sandwich.services.carry_out import ACTOR, own_only
from sandwich.services.loaded import Loaded, load
from sandwich.services.settle import settle
from sandwich.services.waking import let_carry


@dataclass(frozen=True)
class DueStep:
    """A step to carry out now; ``title`` is the playbook's own and says nothing of persons.

    ``is_shown``: Prefect shows it already, because it was carried out for a date that was moved afterwards.
    """

    key: str
    stage: str
    title: str
    is_shown: bool = False


@dataclass(frozen=True)
class Outlook:
    """What is due now, when to look again (``None``: only an answer or a change wakes it), and how far it is.

    ``progress`` is per slice, in whole per cents; ``run_number`` is how many runs have carried the activity, and
    ``ahead`` how far the clock that all of this goes by is ahead of the real one.
    """

    due: tuple[DueStep, ...]
    wake_at: datetime | None
    stage: str
    finished: bool
    progress: Mapping[str, int]
    run_number: int
    ahead: timedelta


async def take_up(runtime: Runtime, activity_id: str, run_id: str) -> Outlook:
    """Let a run carry an activity, settle it, and return what lies ahead; raises ``RunReplaced`` for a second run."""
    return await _look(runtime, activity_id, lambda loaded, _now: _take(loaded.activity, run_id))


async def look_ahead(
    runtime: Runtime, activity_id: str, run_id: str | None = None, just_shown: Sequence[str] = ()
) -> Outlook:
    """Note which steps Prefect shows as carried out by now, settle an activity, and return what lies ahead.

    A step that was carried out but that Prefect does not show yet, because the run died in between, is due again:
    carrying it out changes nothing and completes its task run. Raises ``RunReplaced`` when ``run_id`` is given and
    does not carry the activity any more.
    """

    def note(loaded: Loaded, now: datetime) -> None:
        if run_id is not None:
            own_only(loaded.activity, run_id)
        for step in just_shown:
            row = loaded.steps.get(step)
            if row is not None and row.shown_at is None and row.state is not StepState.PLANNED:
                row.shown_at = now

    return await _look(runtime, activity_id, note)


async def _look(runtime: Runtime, activity_id: str, first: Callable[[Loaded, datetime], None]) -> Outlook:
    """Do ``first``, settle, and look, all in one transaction."""
    language = runtime.settings.language
    async with runtime.change(actor=ACTOR, stream=activity_id) as (session, now):
        loaded = await load(session, runtime.settings.timezone, activity_id)
        first(loaded, now)
        settled = await settle(session, loaded, now)
        unseen = [
            loaded.playbook.step(row.step)
            for row in sorted(loaded.steps.values(), key=lambda row: row.position)
            if row.state is StepState.DONE and row.shown_at is None
        ]
        steps = [*unseen, *settled.outlook.due]
        outlook = Outlook(
            due=tuple(
                DueStep(
                    step.key,
                    step.stage.value,
                    step.title.to(language),
                    is_shown=loaded.steps[step.key].shown_at is not None,
                )
                for step in steps
            ),
            wake_at=settled.outlook.wake_at,
            stage=settled.outlook.stage.value,
            finished=settled.outlook.finished and not unseen,
            progress={stage: int(figure) for stage, figure in loaded.activity.progress.items()},
            run_number=loaded.activity.run_number,
            ahead=await runtime.clock.offset(session),
        )
    await failpoint("outlook-committed")
    return outlook


def _take(activity: Activity, run_id: str) -> None:
    if not let_carry(activity, run_id, None):
        raise RunReplaced(run=run_id, activity=activity.id)
