"""The tasks of the school in the task division that both sides accepted. Reads only."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.tables.agreements import AgreementState
from models.tables.asking import FormVersion, Invitation
from models.text import Language
from sandwich.rules.answer_values import options_of
from sandwich.services.agree import accepted_terms, current

FORM = "task-division"
_OURS = ("school", "together")


@dataclass(frozen=True)
class AgreedTask:
    """One task: what, whose (the school's, or of both together), by name where one was given."""

    what: str
    whose: str
    name: str | None


async def tasks_of_school(session: AsyncSession, activity_id: str, language: Language) -> tuple[AgreedTask, ...]:
    """Return what the school does, alone or together with the host; nothing before both sides accepted it."""
    view = await current(session, activity_id)
    if view is None or view.agreement.state is not AgreementState.ACCEPTED:
        return ()
    digest = await session.scalar(
        select(Invitation.form_digest)
        .where(Invitation.activity_id == activity_id, Invitation.form == FORM)
        .order_by(Invitation.occurrence.desc())
        .limit(1)
    )
    if digest is None:
        return ()
    form = Form.model_validate((await session.get_one(FormVersion, digest)).definition)
    question = form.question("tasks")
    labels = {row.key: row.label.to(language) for row in question.rows}
    column = next(column for column in question.columns if column.key == "who")
    who = {option.key: option.label.to(language) for option in options_of(column)}
    rows = (await accepted_terms(session, activity_id)).get("tasks") or []
    return tuple(
        AgreedTask(
            what=labels.get(row["row"]) or row.get("label") or row["row"],
            whose=who.get(row["who"], row["who"]),
            name=row.get("name") or None,
        )
        for key in _OURS
        for row in rows
        if row.get("who") == key
    )
