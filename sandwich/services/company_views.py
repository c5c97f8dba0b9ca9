"""The register of companies as a coordinator reads it: the list, and everything about one of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.calendar import CalendarBlock
from models.tables.network import Channel, Company, Contact, ContactKind, Person, Region
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.errors import NotFound
from sandwich.rules.cofinancing import Given, Share
from sandwich.rules.cool_down import free_on
from sandwich.rules.menu_card import Offer, menu_card
from sandwich.rules.names import full_name
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services.company_history import Episode, history_of
from sandwich.services.contributions import (
    by_activity,
    by_company,
    by_year,
    contributions,
    share_of_region,
)
from sandwich.services.cool_down import CoolDown, Owner, cooling, limits_of, owner_of
from sandwich.services.importing.columns import PROFILE, Columns, Field
from sandwich.services.own_calendars import own_days
from sandwich.services.requests import requests_to

MOST = 200
"""Companies on one page; who looks for another searches."""


@dataclass(frozen=True)
class CompanyLine:
    """A company in the list. ``free_on`` is from when it may be asked again; ``None``: it may be today.

    ``also_called`` are all names of its tags, by which it is found.
    """

    id: str
    name: str
    tags: tuple[Text, ...]
    also_called: tuple[str, ...]
    offers: tuple[Text, ...]
    owner: str | None
    contacts: tuple[str, ...]
    asked: int
    last_asked: date | None
    free_on: date | None
    asks_no_more: bool
    given: Given


@dataclass(frozen=True)
class Register:
    """The companies that were searched for, how many there are, and what all gave in this school year."""

    lines: tuple[CompanyLine, ...]
    found: int
    total: int
    year: SchoolYear
    given: Given
    share: Share | None


@dataclass(frozen=True)
class ContactLine:
    """Somebody at a company, and how to reach them best."""

    id: str
    name: str
    job: str | None
    mail: str | None
    phone: str | None
    is_shared: bool
    is_valid: bool
    channel: Channel
    best_time: str | None


@dataclass(frozen=True)
class CompanyView:
    """Everything about one company; ``closed`` are the runs of days on which it is closed, now or later."""

    company: Company
    tags: tuple[Text, ...]
    owner: Owner | None
    cooling: CoolDown | None
    contacts: tuple[ContactLine, ...]
    menu: tuple[tuple[Text, Offer], ...]
    facts: tuple[tuple[Text, Text], ...]
    episodes: tuple[Episode, ...]
    years: dict[SchoolYear, Given]
    closed: tuple[CalendarBlock, ...]


async def register_of(
    session: AsyncSession, runtime: Runtime, region_id: str, now: datetime, search: str = ""
) -> Register:
    """Return the companies of a region in which all words of ``search`` occur: name, tags, offers, people, owner."""
    zone = ZoneInfo(runtime.settings.timezone)
    today, limits, library = now.astimezone(zone).date(), limits_of(runtime.settings), runtime.library
    region = await session.get_one(Region, region_id)
    companies = list(
        await session.scalars(select(Company).where(Company.region_id == region_id).order_by(Company.name, Company.id))
    )
    keys = [company.id for company in companies]
    requests = await requests_to(session, keys, zone)
    pieces = await contributions(session, region, zone)
    year = SchoolYear.of(today)
    hours = by_company(pieces, year)
    people: dict[str, list[str]] = defaultdict(list)
    for person in await session.scalars(
        select(Person)
        .where(Person.company_id.in_(keys), Person.erased_on.is_(None))
        .order_by(Person.family_name, Person.id)
    ):
        people[person.company_id or ""].append(full_name(person))
    owners = {
        one.id: full_name(one)
        for one in await session.scalars(select(Person).where(Person.is_coordinator, Person.erased_on.is_(None)))
    }
    lines = []
    for company in companies:
        days = [one.on for one in requests.get(company.id, ())]
        lines.append(
            CompanyLine(
                id=company.id,
                name=company.name,
                tags=tuple(library.tags.shown(str(tag)) for tag in company.tags),
                also_called=tuple(name for tag in company.tags for name in library.tags.called(str(tag))),
                offers=tuple(label for label, offer in _menu(library, company) if offer.offered),
                owner=owners.get(company.owner_id or ""),
                contacts=tuple(people.get(company.id, ())),
                asked=sum(day in year for day in days),
                last_asked=max(days, default=None),
                free_on=_later(free_on(days, today, limits), company.ask_again_on, today),
                asks_no_more=company.asks_no_more,
                given=hours.get(company.id, Given(value=0)),
            )
        )
    shown = [line for line in lines if _matches(line, search)]
    return Register(
        lines=tuple(shown[:MOST]),
        found=len(shown),
        total=len(lines),
        year=year,
        given=by_year(pieces).get(year, Given(value=0)),
        share=share_of_region(region, pieces, year, runtime.settings.cofinancing_percent),
    )


async def company_view(
    session: AsyncSession, runtime: Runtime, region_id: str, company_id: str, now: datetime
) -> CompanyView:
    """Return everything about a company of a region; raises ``NotFound``."""
    company = await session.get(Company, company_id)
    if company is None or company.region_id != region_id:
        raise NotFound(what="company", name=company_id)
    zone, library = ZoneInfo(runtime.settings.timezone), runtime.library
    region = await session.get_one(Region, region_id)
    pieces = await contributions(session, region, zone, {company.id})
    requests = (await requests_to(session, [company.id], zone)).get(company.id, [])
    rests = await cooling(session, runtime.settings, [company.id], now)
    return CompanyView(
        company=company,
        tags=tuple(library.tags.shown(str(tag)) for tag in company.tags),
        owner=await owner_of(session, company),
        cooling=rests[0] if rests else None,
        contacts=await _contacts(session, company.id),
        menu=_menu(library, company),
        facts=_facts(library, company),
        episodes=await history_of(session, library, company.id, requests, by_activity(pieces)),
        years=by_year(pieces),
        closed=tuple(days for days in await own_days(session, company) if days.last_on >= now.astimezone(zone).date()),
    )


def _later(free: date | None, wished: date | None, today: date) -> date | None:
    days = [day for day in (free, wished) if day is not None and day > today]
    return max(days, default=None)


def _matches(line: CompanyLine, search: str) -> bool:
    texts = [line.name, line.owner or "", *line.contacts, *line.also_called]
    texts += [text for both in line.offers for text in (both.nl, both.en)]
    whole = " ".join(texts).casefold()
    return all(word in whole for word in search.casefold().split())


def _menu(library: Library, company: Company) -> tuple[tuple[Text, Offer], ...]:
    options = library.lists["offers"].options if "offers" in library.lists else ()
    labels = {option.key: option.label for option in options}
    return tuple((labels[offer.key], offer) for offer in menu_card(company.profile) if offer.key in labels)


def _facts(library: Library, company: Company) -> tuple[tuple[Text, Text], ...]:
    """Return what the company said in its profile beside its menu card, people and tags, as question and answer."""
    said = company.profile or {}
    return tuple(
        (field.name, _in_both(field, said[field.attribute]))
        for field in Columns.of(library).fields
        if field.of == PROFILE and said.get(field.attribute) is not None
    )


def _in_both(field: Field, value: Any) -> Text:
    return Text(nl=field.show(value, Language.DUTCH) or "–", en=field.show(value, Language.ENGLISH) or "–")


async def _contacts(session: AsyncSession, company_id: str) -> tuple[ContactLine, ...]:
    people = list(
        await session.scalars(
            select(Person)
            .where(Person.company_id == company_id, Person.erased_on.is_(None))
            .order_by(Person.family_name, Person.given_name, Person.id)
        )
    )
    rows: dict[tuple[str, ContactKind], Contact] = {}
    for contact in await session.scalars(
        select(Contact)
        .where(Contact.person_id.in_([person.id for person in people]))
        .order_by(Contact.is_valid.desc(), Contact.position)
    ):
        rows.setdefault((contact.person_id, contact.kind), contact)
    lines = []
    for person in people:
        mail, phone = (rows.get((person.id, kind)) for kind in (ContactKind.MAIL, ContactKind.PHONE))
        lines.append(
            ContactLine(
                id=person.id,
                name=full_name(person),
                job=person.job_title,
                mail=mail.address if mail else None,
                phone=phone.address if phone else None,
                is_shared=bool(mail and mail.is_shared),
                is_valid=mail is None or mail.is_valid,
                channel=person.channel,
                best_time=person.best_time,
            )
        )
    return tuple(lines)
