"""Fill in a form when it is opened: the rows of its grids and the answers that stand in it already.

Every name in :data:`sandwich.definitions.sources.SOURCES` has one function, here or in ``sandwich.services.prefills``.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.choices import Option
from models.form import Form, QuestionType
from models.playbook import Role
from models.tables.activities import Approval, Participation
from models.tables.asking import Upload
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.rules.names import full_name
from sandwich.services.agree import accepted_terms
from sandwich.services.answers_of import read_answers_of
from sandwich.services.card import shown_to_host
from sandwich.services.loaded import Loaded
from sandwich.services.opening import Opening, same
from sandwich.services.prefills import PREFILLS

RowSource = Callable[[Opening], Awaitable[list[Option]]]


async def fill(
    session: AsyncSession, library: Library, loaded: Loaded, participation: Participation, form: Form
) -> tuple[dict[str, list[Option]], dict[str, Any]]:
    """Return the rows by question, and the answers that stand in the form by question."""
    opening = Opening(session, loaded, participation, form, library, await read_answers_of(session, loaded.activity.id))
    rows: dict[str, list[Option]] = {}
    prefilled: dict[str, Any] = {}
    for question in form.questions:
        if question.rows_from is not None:
            found = await ROWS[question.rows_from](opening)
            if found:
                rows[question.key] = found
        if question.prefill is not None:
            answer = await PREFILLS[question.prefill](opening, question.key)
            if answer not in (None, "", []):
                prefilled[question.key] = answer
        if question.type is QuestionType.FILE:
            rows[question.key] = await _own_uploads(opening, question.key)
    return rows, prefilled


def upload_option(upload: Upload) -> Option:
    """Return a file as something that can stand in a form."""
    return Option(key=upload.id, label=Text(nl=upload.name or "bestand", en=upload.name or "file"))


async def _own_uploads(opening: Opening, question: str) -> list[Option]:
    uploads = await opening.session.scalars(
        select(Upload)
        .where(
            Upload.activity_id == opening.loaded.activity.id,
            Upload.person_id == opening.participation.person_id,
            Upload.question == question,
        )
        .order_by(Upload.uploaded_at, Upload.id)
    )
    return [upload_option(upload) for upload in uploads]


async def _own_goals(opening: Opening) -> list[Option]:
    goals = opening.own.get("goals", {})
    return [Option(key=key, label=same(goals[key])) for key in ("goal_1", "goal_2", "goal_3") if goals.get(key)]


async def _own_plans(opening: Opening) -> list[Option]:
    plans = _chosen(opening, opening.own.get("teacher-evaluation", {}), "plan_what", "teacher-evaluation")
    return [plan for plan in plans if plan.key != "unknown"]


async def _host_goals(opening: Opening) -> list[Option]:
    return _chosen(
        opening, await accepted_terms(opening.session, opening.loaded.activity.id), "host_goal", "task-division"
    )


def _chosen(opening: Opening, answers: Mapping[str, Any], question: str, form: str) -> list[Option]:
    asked = opening.library.form(form).question(question)
    labels = {option.key: option.label for option in opening.library.options(asked)}
    return [Option(key=key, label=labels.get(key, same(key))) for key in answers.get(question) or []]


async def _participants(opening: Opening) -> list[Option]:
    loaded = opening.loaded
    people = loaded.in_role(Role.TEACHER)
    if opening.participation.role is Role.SCHOOL_LEADER:
        own = loaded.persons[opening.participation.person_id].school_id
        people = awaiting_release([item for item in people if loaded.persons[item.person_id].school_id == own])
    return [Option(key=item.id, label=same(full_name(loaded.persons[item.person_id]))) for item in people]


def awaiting_release(people: list[Participation]) -> list[Participation]:
    """Return those whose release is still asked, so that a late-comer is asked for alone; all where it is no more."""
    return [item for item in people if item.approval is Approval.OPEN] or people


async def _proposed_dates(opening: Opening) -> list[Option]:
    rows = []
    for number, (start, end) in enumerate(opening.loaded.activity.proposed, start=1):
        begins, ends = (datetime.fromisoformat(moment).astimezone(opening.loaded.zone) for moment in (start, end))
        rows.append(
            Option(
                key=f"date-{number}",
                label=Text(
                    nl=f"{format_date(begins, 'EEEE d MMMM y', 'nl')}, {begins:%H:%M}–{ends:%H:%M} uur",
                    en=f"{format_date(begins, 'EEEE d MMMM y', 'en_GB')}, {begins:%H:%M}–{ends:%H:%M}",
                ),
            )
        )
    return rows


async def _task_rows(opening: Opening) -> list[Option]:
    """The rows of the form, and those that somebody added to the current version."""
    view = await opening.agreement()
    known = list(opening.form.question("tasks").rows)
    keys = {option.key for option in known}
    added = [row for row in (view.version.terms.get("tasks", []) if view else []) if row["row"] not in keys]
    return known + [Option(key=row["row"], label=same(row.get("label") or row["row"])) for row in added]


async def _contacts(opening: Opening) -> list[Option]:
    return await opening.contacts()


async def _card_parts(opening: Opening) -> list[Option]:
    shown = await shown_to_host(opening.session, opening.loaded.activity.id)
    return [
        Option(
            key=part.key,
            label=Text(
                nl=f"{part.label.to(Language.DUTCH, formal=True)}: {part.text}", en=f"{part.label.en}: {part.text}"
            ),
        )
        for part in shown.rows
    ]


ROWS: Mapping[str, RowSource] = {
    "own_goals": _own_goals,
    "own_plans": _own_plans,
    "host_goals": _host_goals,
    "participants": _participants,
    "proposed_dates": _proposed_dates,
    "task_rows": _task_rows,
    "contacts": _contacts,
    "card_parts": _card_parts,
}
