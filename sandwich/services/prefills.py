"""The answers that stand in a form when it is opened, by the names in :mod:`sandwich.definitions.sources`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import select

from models.roles import HOST_ROLES, Role
from models.tables.activities import ContactMoment
from models.tables.network import Contact, ContactKind, Person, Region
from sandwich.rules.names import full_name
from sandwich.services.agreements import accepted_terms
from sandwich.services.card_content import card_of
from sandwich.services.contacts import phone_of
from sandwich.services.loaded import Gathered
from sandwich.services.opening import Opening
from sandwich.services.recent import MEASURE
from sandwich.services.round_plans import CARD, read_plans, talks_of

AnswerSource = Callable[[Opening, str], Awaitable[Any]]


async def _agreement(opening: Opening, question: str) -> Any:
    """What was agreed, in the form that it is agreed in; a plan of another form has other words under the same key.

    Where nothing is negotiated it is what somebody else wrote there last: so a partner or mentor goes on from a plan.
    """
    view = await opening.agreement()
    if view is not None:
        return view.terms.get(question)
    others = [item for item in opening.answers.of_form(opening.form.key) if not opening.is_own(item)]
    return next((value for item in reversed(others) if (value := item.answers.get(question))), None)


async def _company_profile(opening: Opening, question: str) -> Any:
    company = opening.loaded.company
    if company is None:
        return None
    if (said := (company.profile or {}).get(question)) is not None:
        return said
    if question == "name":
        return ", ".join(part for part in (company.name, company.address) if part)
    # What is known of it otherwise, so that an answer that replaces it begins with it.
    options = next((one.options for one in opening.form.questions if one.key == question), None)
    return [one.key for one in options or () if not isinstance(one, str) and one.key in company.tags] or None


async def _contact_details(opening: Opening, question: str) -> Any:
    """One row for each of the company's people, under the same keys as the rows of ``contacts``."""
    rows = []
    for option in await opening.contacts():
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
            "channel": person.channel.value,
            "best_time": person.best_time,
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
    agreed = await opening.agreed("contact_day_school")
    if agreed:
        return agreed
    person = await _person(opening, _school_side(opening.loaded))
    return full_name(person) if person else None


async def _school_contact_phone(opening: Opening, question: str) -> Any:
    agreed = await opening.agreed("contact_day_school_phone")
    return agreed or await phone_of(opening.session, _school_side(opening.loaded))


async def _host_contact(opening: Opening, question: str) -> Any:
    agreed = await opening.agreed("contact_day")
    if agreed:
        return agreed
    person = await _person(opening, _host(opening))
    return full_name(person) if person else None


async def _host_contact_phone(opening: Opening, question: str) -> Any:
    return await opening.agreed("contact_day_phone") or await phone_of(opening.session, _host(opening))


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


def _school_side(loaded: Gathered) -> str | None:
    """Return the person who speaks for the school on the day: the trip leader, or else the coordinator."""
    leaders = loaded.in_role(Role.TRIP_LEADER)
    return leaders[0].person_id if leaders else loaded.activity.coordinator_id


def _host(opening: Opening) -> str | None:
    if opening.participation.role in HOST_ROLES:
        return opening.participation.person_id
    hosts = opening.loaded.in_role(Role.HOST_CONTACT)
    return hosts[0].person_id if hosts else None


async def _person(opening: Opening, person_id: str | None) -> Person | None:
    return await opening.session.get(Person, person_id) if person_id else None


async def _card_left_out(opening: Opening, question: str) -> Any:
    card = await card_of(opening.session, opening.loaded.activity.id)
    return [{"row": key, "label": "", "share": "leave-out"} for key in card.confidential] if card else None


_FROM_NOTE = {"insight_1": "saw", "insight_2": "colleague_link", "use_lesson": "lesson_link"}


_FROM_LOG = {"saw": "learned", "lesson_link": "lesson"}
"""What a day log calls what a field note calls otherwise."""


async def _own_note(opening: Opening, question: str) -> Any:
    """The note of the day; where there is none, the lines of the day log, one below the other."""
    part = _FROM_NOTE[question]
    noted = opening.own.get("field-note", {}).get(part)
    if noted or part not in _FROM_LOG:
        return noted
    days = [item for item in opening.answers.of_form("day-log") if opening.is_own(item)]
    lines = [line for item in days if (line := item.answers.get(_FROM_LOG[part]))]
    return "\n".join(lines) if part == "lesson_link" else next(iter(lines), None)


async def _own_answer(opening: Opening, question: str) -> Any:
    """The newest answer under the same key: to this form, else to any other."""
    own = opening.own
    known = [own.get(opening.form.key, {}), *reversed(own.values())]
    return next((answers[question] for answers in known if answers.get(question) not in (None, "", [])), None)


async def _own_round_cards(opening: Opening, question: str) -> Any:
    """One row for each talk of which somebody filled in the card; the round is the card's occurrence."""
    plan = (await read_plans(opening.session, [opening.loaded.activity.id])).get(opening.loaded.activity.id)
    own = [item for item in opening.answers.saying(CARD) if item.participation.id == opening.participation.id]
    cards = {item.invitation.occurrence: item.answers for item in own}
    talks = talks_of(plan, opening.participation.id) if plan else ()
    return [
        {"row": other, "label": "", "more": card["more"], "what": card.get("what") or []}
        for talk in talks
        if (card := cards.get(talk.number))
        for other in talk.others
    ]


async def _recent_measure(opening: Opening, question: str) -> Any:
    """The same answer in another activity, if it was given a short while ago."""
    return (await opening.recent()).get(question)


_NOTED = {"top": "top", "tip": "tip", "own_idea": "take_home", "evidence": "group"}
"""What the feedback calls what a viewing framework calls otherwise."""


_SEEN = ("my_question", "see")
"""What a visitor notes while looking, in whatever form."""


async def _merged_notes(opening: Opening, question: str) -> Any:
    """What all visitors noted: by question of the school, or put together; tops and tips one by one."""
    notes = [item.answers for item in opening.answers.saying(*_SEEN)]
    if question == "answer":
        seen: dict[str, list[str]] = {}
        for note in notes:
            seen.setdefault(str(note.get("my_question")), []).append(str(note.get("see") or ""))
        return [{"row": key, "label": "", "answer": "\n".join(filter(None, lines))} for key, lines in seen.items()]
    name, _, number = question.partition("_") if question[-1].isdigit() else (question, "", "")
    lines = list(dict.fromkeys(str(note[_NOTED[name]]) for note in notes if note.get(_NOTED[name])))
    if number:
        return lines[int(number) - 1] if int(number) <= len(lines) else None
    return "\n".join(lines)


PREFILLS: Mapping[str, AnswerSource] = {
    "card_left_out": _card_left_out,
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
    "own_note": _own_note,
    "own_answer": _own_answer,
    "own_round_cards": _own_round_cards,
    MEASURE: _recent_measure,
    "merged_notes": _merged_notes,
    "hourly_rate": _hourly_rate,
}
