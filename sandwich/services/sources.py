"""Fill in a form when it is opened: the rows of its grids and the answers that stand in it already.

Every name in :data:`sandwich.definitions.sources.SOURCES` has one function, here or in ``sandwich.services.prefills``.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.choices import Option
from models.form import Form, QuestionType
from models.roles import Role
from models.tables.activities import Activity, Approval, Participation
from models.tables.asking import Upload
from models.tables.network import Company
from models.tables.pairing import PairState
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.rules.differences import ADDED
from sandwich.rules.names import full_name
from sandwich.services.agreements import NOT_TERMS, accepted_terms
from sandwich.services.answers_of import Answers, read_answers_of
from sandwich.services.card import shown_to_host
from sandwich.services.loaded import Gathered
from sandwich.services.opening import Opening, same
from sandwich.services.own_goals import written_goals
from sandwich.services.prefills import PREFILLS
from sandwich.services.round_plans import read_plans, talks_of

RowSource = Callable[[Opening], Awaitable[list[Option]]]


async def fill(
    session: AsyncSession,
    library: Library,
    loaded: Gathered,
    participation: Participation,
    form: Form,
    step: str | None = None,
) -> tuple[dict[str, list[Option]], dict[str, Any]]:
    """Return the rows by question, and the answers that stand in the form by question.

    A form that ``step`` asks to agree on stands as its newest version says.
    """
    takes = any(question.rows_from or question.options_from or question.prefill for question in form.questions)
    answers = await read_answers_of(session, loaded.activity.id) if takes else Answers((), ())
    opening = Opening(session, loaded, participation, form, library, answers, step)
    rows: dict[str, list[Option]] = {}
    prefilled: dict[str, Any] = {}
    for question in form.questions:
        source = question.rows_from or question.options_from
        if source and source in ROWS:
            found = await ROWS[source](opening)
            if found:
                rows[question.key] = found
        if question.prefill and question.prefill in PREFILLS:
            answer = await PREFILLS[question.prefill](opening, question.key)
            if answer not in (None, "", []):
                prefilled[question.key] = answer
        if question.type is QuestionType.FILE:
            rows[question.key] = await _own_uploads(opening, question.key)
    return rows, prefilled | await _newest_version(opening)


async def _newest_version(opening: Opening) -> dict[str, Any]:
    """Return what the newest version of the agreement says to the questions of this form."""
    view = await opening.agreement()
    asked = {question.key for question in opening.form.questions} - NOT_TERMS
    return {key: value for key, value in (view.terms if view else {}).items() if key.partition(".")[0] in asked}


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
    found = written_goals(opening.loaded.playbook, opening.answers, opening.participation.person_id)
    return [Option(key=key, label=same(text)) for key, text in found.items()]


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


async def _members(opening: Opening) -> list[Option]:
    loaded, seen = opening.loaded, set()
    found = []
    for item in (person for role in (Role.TEACHER, Role.MENTOR, Role.PROFESSIONAL) for person in loaded.in_role(role)):
        if item.person_id not in seen:
            seen.add(item.person_id)
            found.append(Option(key=item.id, label=same(full_name(loaded.persons[item.person_id]))))
    return found


async def _professionals(opening: Opening) -> list[Option]:
    return await _with_company(opening, [item.id for item in opening.loaded.in_role(Role.PROFESSIONAL)])


async def _with_company(opening: Opening, participations: Sequence[str]) -> list[Option]:
    """Return people by their participation, each with job and company."""
    persons = {item.id: opening.loaded.persons[item.person_id] for item in opening.loaded.participations}
    people = {key: persons[key] for key in participations if key in persons}
    ids = {person.company_id for person in people.values()}
    companies = {
        company.id: company.name
        for company in await opening.session.scalars(select(Company).where(Company.id.in_(ids)))
    }
    return [
        Option(
            key=key,
            label=same(
                ", ".join(
                    part
                    for part in (full_name(person), person.job_title, companies.get(person.company_id or ""))
                    if part
                )
            ),
        )
        for key, person in people.items()
    ]


async def _stations(opening: Opening) -> list[Option]:
    rows = await opening.agreed("stations") or []
    return [Option(key=row["row"], label=same(row.get("label") or row["row"])) for row in rows]


VISIT_QUESTIONS = ("question_1", "question_2", "question_3")
"""What a school that is visited wants to know, in whatever form it says so."""


async def _visit_questions(opening: Opening) -> list[Option]:
    for item in reversed(opening.answers.saying(*VISIT_QUESTIONS)):
        return [Option(key=key, label=same(item.answers[key])) for key in VISIT_QUESTIONS if item.answers.get(key)]
    return []


async def _viewing_questions(opening: Opening) -> list[Option]:
    return [*await _visit_questions(opening), *await _own_goals(opening)]


async def _viewing_items(opening: Opening) -> list[Option]:
    """What the chair composed; where there is nothing yet, the questions of the school."""
    composed = opening.answers.saying("items")
    if not composed:
        return await _visit_questions(opening)
    return [Option(key=row["row"], label=same(row["item"])) for row in composed[-1].answers["items"]]


async def _proposed_dates(opening: Opening) -> list[Option]:
    return proposed_dates(opening.loaded.activity, opening.loaded.zone)


def proposed_dates(activity: Activity, zone: ZoneInfo) -> list[Option]:
    """Return the dates that are proposed for an activity, as rows of a form."""
    rows = []
    for number, (start, end) in enumerate(activity.proposed, start=1):
        begins, ends = (datetime.fromisoformat(moment).astimezone(zone) for moment in (start, end))
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
    known = list(opening.form.question("tasks").rows)
    view = await opening.agreement()
    added = [row for row in (view.terms.get("tasks") if view else None) or [] if str(row["row"]).startswith(ADDED)]
    return known + [Option(key=row["row"], label=same(row.get("label") or row["row"])) for row in added]


async def _contacts(opening: Opening) -> list[Option]:
    return await opening.contacts()


async def _next_kinds(opening: Opening) -> list[Option]:
    return [Option(key=one.kind, label=one.offer) for one in opening.loaded.playbook.leads_to]


async def _own_talks(opening: Opening) -> list[Option]:
    """Those whom somebody has a talk with, once each, with job and company."""
    plan = (await read_plans(opening.session, [opening.loaded.activity.id])).get(opening.loaded.activity.id)
    talks = talks_of(plan, opening.participation.id) if plan else ()
    return await _with_company(opening, [other for talk in talks for other in talk.others])


async def _own_matches(opening: Opening) -> list[Option]:
    own = opening.participation.id
    pairs = [pair for pair in opening.loaded.in_pairs(PairState.MADE) if own in pair.people]
    return await _with_company(opening, [other for pair in pairs for other in pair.people if other != own])


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
    "members": _members,
    "professionals": _professionals,
    "stations": _stations,
    "visit_questions": _visit_questions,
    "viewing_questions": _viewing_questions,
    "viewing_items": _viewing_items,
    "proposed_dates": _proposed_dates,
    "task_rows": _task_rows,
    "contacts": _contacts,
    "next_kinds": _next_kinds,
    "own_talks": _own_talks,
    "own_matches": _own_matches,
    "card_parts": _card_parts,
}
