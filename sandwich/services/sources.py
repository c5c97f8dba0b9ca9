"""Fill in a form when it is opened: the rows of its grids and the answers that stand in it already.

Every name in :data:`sandwich.definitions.sources.SOURCES` has one function here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.choices import Option
from models.form import Form, QuestionType
from models.playbook import HOST_ROLES, Role
from models.tables.activities import Approval, ContactMoment, Participation
from models.tables.asking import Upload
from models.tables.network import Contact, ContactKind, Person, Region
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.rules.names import full_name
from sandwich.services.agree import NOT_TERMS, AgreementView, accepted_terms, current, school_side
from sandwich.services.answers_of import Answers, read_answers_of
from sandwich.services.card import card_parts
from sandwich.services.loaded import Loaded


@dataclass(frozen=True)
class Opening:
    """What is needed to fill in a form for one person."""

    session: AsyncSession
    loaded: Loaded
    participation: Participation
    form: Form
    library: Library
    answers: Answers
    _agreement: list[AgreementView | None] = field(default_factory=list)

    async def agreement(self) -> AgreementView | None:
        """Return the task division as it stands; read once for all questions that it fills in."""
        if not self._agreement:
            self._agreement.append(await current(self.session, self.loaded.activity.id))
        return self._agreement[0]

    @property
    def own(self) -> dict[str, dict[str, Any]]:
        """This person's answers in this activity, by form."""
        mine = {
            item.participation.id
            for item in self.answers.answered
            if item.participation.person_id == self.participation.person_id
        }
        return {item.invitation.form: item.answers for item in self.answers.answered if item.participation.id in mine}


RowSource = Callable[[Opening], Awaitable[list[Option]]]
AnswerSource = Callable[[Opening, str], Awaitable[Any]]


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


def _same(text: str) -> Text:
    return Text(nl=text, en=text)


async def _own_goals(opening: Opening) -> list[Option]:
    goals = opening.own.get("goals", {})
    return [Option(key=key, label=_same(goals[key])) for key in ("goal_1", "goal_2", "goal_3") if goals.get(key)]


async def _own_plans(opening: Opening) -> list[Option]:
    return _chosen(opening, opening.own.get("teacher-evaluation", {}), "plan_what", "teacher-evaluation")


async def _host_goals(opening: Opening) -> list[Option]:
    return _chosen(
        opening, await accepted_terms(opening.session, opening.loaded.activity.id), "host_goal", "task-division"
    )


def _chosen(opening: Opening, answers: Mapping[str, Any], question: str, form: str) -> list[Option]:
    asked = opening.library.form(form).question(question)
    labels = {option.key: option.label for option in opening.library.options(asked)}
    return [Option(key=key, label=labels.get(key, _same(key))) for key in answers.get(question) or []]


async def _participants(opening: Opening) -> list[Option]:
    loaded = opening.loaded
    people = loaded.in_role(Role.TEACHER)
    if opening.participation.role is Role.SCHOOL_LEADER:
        own = loaded.persons[opening.participation.person_id].school_id
        people = awaiting_release([item for item in people if loaded.persons[item.person_id].school_id == own])
    return [Option(key=item.id, label=_same(full_name(loaded.persons[item.person_id]))) for item in people]


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
    return known + [Option(key=row["row"], label=_same(row.get("label") or row["row"])) for row in added]


async def _contacts(opening: Opening) -> list[Option]:
    company = opening.loaded.activity.company_id
    if company is None:
        return []
    people = await opening.session.scalars(select(Person).where(Person.company_id == company).order_by(Person.id))
    return [Option(key=person.id, label=_same(full_name(person))) for person in people if full_name(person)]


async def _card_parts(opening: Opening) -> list[Option]:
    parts = await card_parts(opening.session, opening.loaded.activity.id)
    return [
        Option(
            key=part.key,
            label=Text(
                nl=f"{part.label.to(Language.DUTCH, formal=True)}: {part.text}", en=f"{part.label.en}: {part.text}"
            ),
        )
        for part in parts
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


async def _agreement(opening: Opening, question: str) -> Any:
    view = await opening.agreement()
    return None if view is None or question in NOT_TERMS else view.version.terms.get(question)


async def _company_profile(opening: Opening, question: str) -> Any:
    company = opening.loaded.company
    if company is None:
        return None
    known = {"name": ", ".join(part for part in (company.name, company.address) if part)}
    return (company.profile or {}).get(question) or known.get(question)


async def _contact_details(opening: Opening, question: str) -> Any:
    """One row for each of the company's people, under the same keys as the rows of ``contacts``."""
    rows = []
    for option in await _contacts(opening):
        person = await opening.session.get_one(Person, option.key)
        addresses = await opening.session.scalars(
            select(Contact).where(Contact.person_id == person.id, Contact.is_valid).order_by(Contact.position.desc())
        )
        known = {contact.kind: contact.address for contact in addresses}
        row = {
            "row": option.key,
            "label": option.label.nl,
            "name": option.label.nl,
            "function": person.job_title,
            "email": known.get(ContactKind.MAIL),
            "phone": known.get(ContactKind.PHONE),
        }
        rows.append({key: value for key, value in row.items() if value})
    return rows


async def _company_address(opening: Opening, question: str) -> Any:
    return opening.loaded.company.address if opening.loaded.company else None


async def _activity_start(opening: Opening, question: str) -> Any:
    return _local(opening, opening.loaded.moments[0], "starts_at")


async def _activity_end(opening: Opening, question: str) -> Any:
    return _local(opening, opening.loaded.moments[-1], "ends_at")


def _local(opening: Opening, moment: ContactMoment, side: str) -> str:
    return f"{getattr(moment, side).astimezone(opening.loaded.zone):%Y-%m-%dT%H:%M}"


async def _school_contact(opening: Opening, question: str) -> Any:
    agreed = await _agreement(opening, "contact_day_school")
    if agreed:
        return agreed
    person = await _person(opening, school_side(opening.loaded))
    return full_name(person) if person else None


async def _school_contact_phone(opening: Opening, question: str) -> Any:
    agreed = await _agreement(opening, "contact_day_school_phone")
    return agreed or await phone_of(opening.session, school_side(opening.loaded))


async def _host_contact(opening: Opening, question: str) -> Any:
    agreed = await _agreement(opening, "contact_day")
    if agreed:
        return agreed
    person = await _person(opening, _host(opening))
    return full_name(person) if person else None


async def _host_contact_phone(opening: Opening, question: str) -> Any:
    return await _agreement(opening, "contact_day_phone") or await phone_of(opening.session, _host(opening))


async def _host_contact_function(opening: Opening, question: str) -> Any:
    person = await _person(opening, _host(opening))
    return ", ".join(part for part in (full_name(person), person.job_title) if part) if person else None


async def _planned_hours(opening: Opening, question: str) -> Any:
    length = (opening.loaded.ends_at - opening.loaded.starts_at).total_seconds() / 3600
    return round(length, 1)


async def _hours_plan(opening: Opening, question: str) -> Any:
    terms = await accepted_terms(opening.session, opening.loaded.activity.id)
    total = terms.get("hours_plan")
    return None if total is None else max(0, total - _helpers_hours(terms))


async def _hours_day(opening: Opening, question: str) -> Any:
    return _helpers_hours(await accepted_terms(opening.session, opening.loaded.activity.id)) or None


def _helpers_hours(terms: Mapping[str, Any]) -> float:
    return sum(row.get("hours") or 0 for row in terms.get("guides") or [])


async def _hourly_rate(opening: Opening, question: str) -> Any:
    region = await opening.session.get_one(Region, opening.loaded.activity.region_id)
    return region.hourly_rate


def _host(opening: Opening) -> str | None:
    if opening.participation.role in HOST_ROLES:
        return opening.participation.person_id
    hosts = opening.loaded.in_role(Role.HOST_CONTACT)
    return hosts[0].person_id if hosts else None


async def _person(opening: Opening, person_id: str | None) -> Person | None:
    return await opening.session.get(Person, person_id) if person_id else None


async def phone_of(session: AsyncSession, person_id: str | None) -> str | None:
    """Return the first phone number of a person."""
    if person_id is None:
        return None
    return await session.scalar(
        select(Contact.address)
        .where(Contact.person_id == person_id, Contact.kind == ContactKind.PHONE, Contact.is_valid)
        .order_by(Contact.position)
        .limit(1)
    )


PREFILLS: Mapping[str, AnswerSource] = {
    "task_proposal": _agreement,
    "agreement": _agreement,
    "company_profile": _company_profile,
    "contact_details": _contact_details,
    "company_address": _company_address,
    "activity_start": _activity_start,
    "activity_end": _activity_end,
    "school_contact": _school_contact,
    "school_contact_phone": _school_contact_phone,
    "host_contact": _host_contact,
    "host_contact_phone": _host_contact_phone,
    "host_contact_function": _host_contact_function,
    "planned_hours": _planned_hours,
    "hours_plan": _hours_plan,
    "hours_day": _hours_day,
    "hourly_rate": _hourly_rate,
}
