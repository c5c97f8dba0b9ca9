"""A coordinator changes what is known of a company: what may be changed, how it is written, and taking it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.choices import Option
from models.question_types import QuestionType
from models.tables.network import Channel, Company, Person
from models.text import Language, Misfit, Text
from sandwich.definitions.library import Library
from sandwich.errors import NotFound, SandwichError
from sandwich.rules.answer_values import cleaned
from sandwich.rules.menu_card import COLUMNS, said_of_offer, with_offer
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.companies import PROFILE_FORM
from sandwich.services.importing import cells
from sandwich.services.importing.columns import COMPANY, LONGEST_NOTE, OFFER, PROFILE, Columns, Field
from sandwich.services.register import lock_registry

TAGS, NOTE, NAME = "company.tags", "company.note", "company.name"
OTHER_TAGS = "other-tags"
"""The field for tags that no list has."""


_ELSEWHERE = frozenset({"code", "tags", "owner_id", "note"})
"""Columns of a company that are not one plain value here."""


@dataclass(frozen=True)
class Asked:
    """One plain value that can be changed: its field in a table, and the answers to choose from, by their value."""

    field: Field
    options: tuple[tuple[str, Text], ...] = ()
    is_long: bool = False
    is_day: bool = False


@dataclass(frozen=True)
class Contacted:
    """Somebody at the company, and how to reach them best."""

    id: str
    name: str
    channel: Channel
    best_time: str | None


@dataclass(frozen=True)
class Edit:
    """What a form about a company asks, and what stands in it, by field; ``seen`` tells one state from another."""

    company_id: str
    name: str
    asked: tuple[Asked, ...]
    offers: tuple[Option, ...]
    tags: tuple[tuple[Text, tuple[Option, ...]], ...]
    people: tuple[Contacted, ...]
    typed: Mapping[str, Sequence[str]]

    @property
    def seen(self) -> str:
        """What a page is bound to: another as soon as anybody changed anything of it."""
        return sha256(json.dumps({name: list(said) for name, said in self.typed.items()}).encode()).hexdigest()[:24]


class ChangedMeanwhile(SandwichError):
    """Somebody changed this company in the meantime. What you typed is still here; look at it, and save once more."""

    dutch = "Iemand veranderde dit bedrijf intussen. Wat je typte staat er nog; kijk het na en bewaar het nog een keer."


class Unfit(Exception):
    """What was typed cannot be kept: what is wrong, by field."""

    def __init__(self, problems: Mapping[str, Text]) -> None:
        super().__init__()
        self.problems = problems


async def edit_of(session: AsyncSession, library: Library, region_id: str, company_id: str) -> Edit:
    """Return the form about a company of a region; raises ``NotFound``."""
    company, people = await _read(session, region_id, company_id)
    asked, offers = _asked(library), library.lists["offers"].options if "offers" in library.lists else ()
    typed = {one.field.key: [_written(_kept(company, one.field))] for one in asked}
    for offer in offers:
        line = said_of_offer(company.profile, offer.key)
        typed |= {f"{OFFER}.{offer.key}.{column}": [_written(line.get(column))] for column in COLUMNS}
    known = [str(tag) for tag in company.tags]
    labels = library.tags.labels
    typed[TAGS] = [tag for tag in known if tag in labels]
    typed[OTHER_TAGS] = [", ".join(tag for tag in known if tag not in labels)]
    typed[NOTE] = [company.note or ""]
    for person in people:
        typed[f"channel-{person.id}"] = [person.channel.value]
        typed[f"best-{person.id}"] = [person.best_time or ""]
    return Edit(
        company_id=company.id,
        name=company.name,
        asked=asked,
        offers=offers,
        tags=tuple(
            (label, tuple(one for one in library.lists[name].options if one.key in labels))
            for name, label in _LISTS.items()
            if name in library.lists
        ),
        people=tuple(Contacted(one.id, full_name(one), one.channel, one.best_time) for one in people),
        typed=typed,
    )


async def keep_contact_of(
    runtime: Runtime, company_id: str, owner_id: str | None, *, now: datetime, actor: str
) -> None:
    """Let this coordinator, or nobody, keep the contact with a company."""
    async with runtime.store.change(now=now, actor=actor) as session:
        (await session.get_one(Company, company_id)).owner_id = owner_id


async def change_company(
    runtime: Runtime,
    region_id: str,
    company_id: str,
    posted: Mapping[str, Sequence[str]],
    *,
    seen: str,
    now: datetime,
    actor: str,
) -> None:
    """Keep what was typed about a company and how its people want to be reached.

    Raises ``NotFound``, ``ChangedMeanwhile`` where the page with ``seen`` is not what stands there any more, and
    ``Unfit`` with everything that is wrong.
    """
    library = runtime.library
    async with runtime.store.change(now=now, actor=actor) as session:
        await lock_registry(session)
        edit = await edit_of(session, library, region_id, company_id)
        values = _taken(library, edit, posted)
        if edit.seen != seen:
            raise ChangedMeanwhile
        company, people = await _read(session, region_id, company_id)
        await _refuse_namesake(session, company, str(values[NAME]))
        for asked in edit.asked:
            _keep(company, asked.field, values[asked.field.key])
        for offer in edit.offers:
            said = {column: values[f"{OFFER}.{offer.key}.{column}"] for column in COLUMNS}
            before = said_of_offer(company.profile, offer.key)
            if any(before.get(column) != value for column, value in said.items()):
                company.profile = with_offer(company.profile, offer.key, **said)
        _keep_tags(company, values[TAGS])
        company.note = values[NOTE]
        for person in people:
            person.channel = values[f"channel-{person.id}"]
            person.best_time = values[f"best-{person.id}"]


def _taken(library: Library, edit: Edit, posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return every value of the form; raises ``Unfit``."""
    values: dict[str, Any] = {}
    problems: dict[str, Text] = {}

    def take(name: str, read: cells.Reader) -> None:
        said = cleaned((posted.get(name) or [""])[-1]).strip()
        try:
            values[name] = read(said) if said else None
        except Misfit as error:
            problems[name] = as_sentence(error.text)

    for asked in edit.asked:
        take(asked.field.key, asked.field.read)
    fields = {field.key: field for field in Columns.of(library).fields}
    for offer in edit.offers:
        for column in COLUMNS:
            take(f"{OFFER}.{offer.key}.{column}", fields[f"{OFFER}.{offer.key}.{column}"].read)
    take(OTHER_TAGS, cells.read_tags)
    for person in edit.people:
        take(f"channel-{person.id}", cells.read_channel)
        take(f"best-{person.id}", cells.text_reader(80))
        values[f"channel-{person.id}"] = values.get(f"channel-{person.id}") or person.channel
    values[NOTE] = cleaned((posted.get(NOTE) or [""])[-1]).strip()[:LONGEST_NOTE] or None
    ticked = [tag for tag in posted.get(TAGS) or () if tag in library.tags.labels]
    values[TAGS] = library.tags.kept([*ticked, *(values.get(OTHER_TAGS) or ())])
    if not values.get(NAME):
        problems.setdefault(NAME, _NO_NAME)
    if problems:
        raise Unfit(problems)
    return values


async def _read(session: AsyncSession, region_id: str, company_id: str) -> tuple[Company, list[Person]]:
    company = await session.get(Company, company_id)
    if company is None or company.region_id != region_id:
        raise NotFound(what="company", name=company_id)
    people = await session.scalars(
        select(Person)
        .where(Person.company_id == company_id, Person.erased_on.is_(None), Person.group_name.is_(None))
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    return company, list(people)


async def _refuse_namesake(session: AsyncSession, company: Company, name: str) -> None:
    """Refuse a name that another company of the region has: lists and imports find companies by their name."""
    other = await session.scalar(
        select(Company.id).where(
            Company.region_id == company.region_id,
            Company.id != company.id,
            func.lower(Company.name) == name.lower(),
        )
    )
    if other is not None:
        raise Unfit({NAME: _TAKEN})


def _asked(library: Library) -> tuple[Asked, ...]:
    questions = library.forms[PROFILE_FORM].questions if PROFILE_FORM in library.forms else ()
    by_key = {f"{PROFILE}.{question.key}": question for question in questions}
    found = []
    for field in Columns.of(library).fields:
        if (field.of == COMPANY and field.attribute not in _ELSEWHERE) or field.of == PROFILE:
            question = by_key.get(field.key)
            options = library.options(question) if question else ()
            is_yes = field.read is cells.read_yes
            found.append(
                Asked(
                    field,
                    YES_NO if is_yes else tuple((option.key, option.label) for option in options),
                    is_long=question is not None and question.type is QuestionType.LONG,
                    is_day=field.read is cells.read_date,
                )
            )
    return tuple(found)


def _kept(company: Company, field: Field) -> Any:
    if field.of == COMPANY:
        return getattr(company, field.attribute)
    return (company.profile or {}).get(field.attribute)


def _keep_tags(company: Company, tags: Sequence[str]) -> None:
    """Let a company have these tags; what it had stays in its order."""
    stay = [tag for tag in company.tags if tag in tags]
    if len(stay) < max(len(tags), len(company.tags)):
        company.tags = [*stay, *(tag for tag in tags if tag not in stay)]


def _keep(company: Company, field: Field, value: Any) -> None:
    if field.read is cells.read_date and value is not None:
        value = date.fromisoformat(value)
    if field.key == "company.asks_no_more":
        value = bool(value)
    if value == _kept(company, field):
        return
    if field.of == COMPANY:
        setattr(company, field.attribute, value)
        return
    profile = {**(company.profile or {}), field.attribute: value}
    company.profile = {key: said for key, said in profile.items() if said is not None}


def _written(value: Any) -> str:
    """Return a value as the field of a form has it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else cells.show_text(value, Language.DUTCH)


def as_sentence(said: Text) -> Text:
    """Return what a reader of cells said as a sentence of its own."""
    return Text(nl=said.nl[:1].upper() + said.nl[1:], en=said.en[:1].upper() + said.en[1:])


YES_NO = (("yes", Text(nl="ja", en="yes")), ("no", Text(nl="nee", en="no")))
_LISTS = {"sectors": Text(nl="Sectoren", en="Sectors"), "techniques": Text(nl="Technieken", en="Techniques")}
_NO_NAME = Text(nl="Schrijf de naam van het bedrijf.", en="Write the name of the company.")
_TAKEN = Text(nl="Zo heet al een ander bedrijf in deze regio.", en="Another company in this region has that name.")
