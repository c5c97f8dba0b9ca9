"""What running activities need of this installation: the forms and mails that their own version of a playbook names."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.tables.activities import Activity, ActivityStatus, PlanStep, PlaybookVersion, StepState
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import MAILS
from sandwich.rules.versions import sends


async def lost(session: AsyncSession, library: Library) -> Text | None:
    """Return what a step that is still to come needs and that is not here any more; ``None`` when all is there."""
    rows = await session.execute(
        select(Activity.playbook_digest, PlanStep.step)
        .join(PlanStep, PlanStep.activity_id == Activity.id)
        .where(PlanStep.state == StepState.PLANNED, Activity.status != ActivityStatus.CANCELLED)
        .distinct()
    )
    steps: dict[str, set[str]] = {}
    for digest, step in rows:
        steps.setdefault(digest, set()).add(step)
    mails = {path.name for path in MAILS.iterdir() if path.is_dir()}
    versions = select(PlaybookVersion).where(PlaybookVersion.digest.in_(steps))
    for version in await session.scalars(versions.order_by(PlaybookVersion.key, PlaybookVersion.version)):
        playbook, keys = Playbook.model_validate(version.definition), steps[version.digest]
        asks = [ask for step in playbook.steps if step.key in keys for ask in step.asks]
        forms = {form for ask in asks for form in (ask.form, *ask.with_forms)} - library.forms.keys()
        gone = sorted(forms) + sorted({mail for step, mail in sends(playbook) if step in keys} - mails)
        if gone:
            names = ", ".join(gone)
            return Text(
                nl=f"Lopende activiteiten van {version.key} (versie {version.version}) vragen nog wat er niet meer is: "
                f"{names}. Zet het terug, of geef `sandwich playbooks take-over {version.key}`.",
                en=f"Running activities of {version.key} (version {version.version}) still need what is not here any "
                f"more: {names}. Put it back, or give `sandwich playbooks take-over {version.key}`.",
            )
    return None
