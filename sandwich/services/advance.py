"""What lies ahead of an activity, as the flow that carries it needs to know."""

from dataclasses import dataclass
from datetime import datetime

from models.tables.activities import StepState
from sandwich.failpoints import failpoint
from sandwich.runtime import Runtime
from sandwich.services.carry_out import ACTOR
from sandwich.services.loaded import load
from sandwich.services.settle import settle


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
    """What is due now and when to look again (``None``: only an answer or a change wakes it)."""

    due: tuple[DueStep, ...]
    wake_at: datetime | None
    stage: str
    finished: bool


async def look_ahead(runtime: Runtime, activity_id: str) -> Outlook:
    """Settle an activity and return what lies ahead.

    A step that was carried out but that Prefect does not show yet, because the run died in between, is due again:
    carrying it out changes nothing and completes its task run.
    """
    now = await runtime.clock.now()
    language = runtime.settings.language
    async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
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
        )
    await failpoint("outlook-committed")
    return outlook


async def progress(runtime: Runtime, activity_id: str) -> dict[str, int]:
    """Return how far each slice is, in whole per cents."""
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        return {stage: int(figure) for stage, figure in loaded.activity.progress.items()}
