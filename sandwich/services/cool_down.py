"""A company that was asked enough is left alone for a while, whichever school asks; who asks all the same says why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import ActivityDraft, NewPerson, PersonRef
from models.roles import HOST_ROLES, Role
from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.network import Company, Person
from models.text import Text
from sandwich.errors import BadInput
from sandwich.rules.cool_down import Limits, asked_this_year, free_on
from sandwich.rules.names import full_name
from sandwich.services.companies import wish_of
from sandwich.services.contacts import phone_of
from sandwich.services.loaded import Loaded
from sandwich.services.register import find_company, find_person
from sandwich.services.requests import requests_to, who_asked
from sandwich.settings import Settings


@dataclass(frozen=True)
class Owner:
    """Who keeps the contact with a company, and decides whether it is asked once more."""

    id: str
    name: str
    phone: str | None

    @property
    def line(self) -> str:
        """Name and phone number on one line."""
        return f"{self.name} ({self.phone})" if self.phone else self.name


@dataclass(frozen=True)
class CoolDown:
    """A company that would rather not be asked today: why, and from when it may be (``None``: nobody knows)."""

    company_id: str
    company: str
    why: Text
    free_on: date | None
    owner: Owner | None

    @property
    def sentence(self) -> Text:
        """Why it rests, until when, and who decides."""
        said = [self.why]
        if self.free_on is not None:
            said.append(_FREE.filled(nl_day=_day(self.free_on, "nl"), en_day=_day(self.free_on, "en_GB")))
        if self.owner is not None:
            said.append(_OWNER.filled(owner=self.owner.line))
        return Text(nl=" ".join(one.nl for one in said), en=" ".join(one.en for one in said))


@dataclass(frozen=True)
class Asking:
    """Who asks companies, why it is now although they rest, and whether whoever keeps the contact said yes.

    ``asker`` is ``None`` for the command line: nobody keeps a contact from there.
    """

    asker: str | None
    reason: str = ""
    owner_agrees: bool = False

    def needs_owner(self, cooling: Iterable[CoolDown]) -> list[Owner]:
        """Return who must still say yes, beside the one who asks."""
        owners = {one.owner.id: one.owner for one in cooling if one.owner and one.owner.id != self.asker}
        return [] if self.owner_agrees else list(owners.values())


class StillCooling(BadInput):
    """{sentence}"""

    dutch = "{zin}"

    def __init__(self, sentence: str, zin: str, cooling: Sequence[CoolDown], owners: Sequence[Owner]) -> None:
        """Keep which companies rest and who must say yes; ``owners`` is empty where only a reason is missing."""
        super().__init__(sentence, zin)
        self.cooling, self.owners = tuple(cooling), tuple(owners)


def limits_of(settings: Settings) -> Limits:
    """Return how often a company may be asked in this installation."""
    return Limits(settings.requests_per_year, settings.weeks_between_requests)


async def cooling_of_draft(
    session: AsyncSession, settings: Settings, draft: ActivityDraft, now: datetime
) -> tuple[CoolDown, ...]:
    """Return which companies of an activity that was not started yet rest; raises ``BadInput`` for one unknown."""
    refs = [*draft.hosts, *(ref for role, people in draft.others.items() if role in HOST_ROLES for ref in people)]
    companies = [(await find_company(session, draft.company)).id] if draft.company else []
    for ref in refs:
        companies += await _company_of(session, ref)
    return await cooling(session, settings, companies, now)


async def cooling_of_activity(
    session: AsyncSession, settings: Settings, activity_id: str, now: datetime
) -> tuple[CoolDown, ...]:
    """Return which companies of the people in an activity rest; its own request does not count."""
    companies = await session.scalars(
        select(Person.company_id)
        .join(Participation, Participation.person_id == Person.id)
        .where(
            Participation.activity_id == activity_id,
            Participation.role.in_(HOST_ROLES),
            Person.company_id.is_not(None),
        )
        .distinct()
    )
    return await cooling(session, settings, [one for one in companies if one], now, but=activity_id)


async def cooling(
    session: AsyncSession, settings: Settings, companies: Sequence[str], now: datetime, *, but: str | None = None
) -> tuple[CoolDown, ...]:
    """Return which of the companies rest today; ``but`` is an activity whose request does not count."""
    zone = ZoneInfo(settings.timezone)
    today, limits = now.astimezone(zone).date(), limits_of(settings)
    requests = await requests_to(session, companies, zone, but=but)
    found = []
    for company in await session.scalars(select(Company).where(Company.id.in_(companies)).order_by(Company.name)):
        asked = requests.get(company.id, [])
        days = [one.on for one in asked]
        wish, free = wish_of(company, today), free_on(days, today, limits)
        if wish is None and free is None:
            continue
        if wish is not None:
            why = wish
            free = max(filter(None, (free, company.ask_again_on)), default=None) if not company.asks_no_more else None
        else:
            last = asked[-1]
            lately = _LATELY if last.on <= today else _SOON
            why = (_OFTEN if asked_this_year(days, today) >= limits.per_year else lately).filled(
                company=company.name,
                asker=await who_asked(session, last),
                title=last.title,
                count=asked_this_year(days, today),
                nl_day=_day(last.on, "nl"),
                en_day=_day(last.on, "en_GB"),
            )
        found.append(CoolDown(company.id, company.name, why, free, await owner_of(session, company)))
    return tuple(found)


async def allow_asking(
    session: AsyncSession,
    settings: Settings,
    activity: Activity,
    asking: Asking,
    now: datetime,
    *,
    companies: Sequence[str] | None = None,
) -> None:
    """Return when the companies of an activity, or those with these ids, may be asked; write down why where they rest.

    Raises ``StillCooling`` where a reason, or the yes of whoever keeps the contact, is missing.
    """
    if companies is None:
        found = await cooling_of_activity(session, settings, activity.id, now)
    else:
        found = await cooling(session, settings, companies, now, but=activity.id)
    if not found:
        return
    owners, lines = asking.needs_owner(found), [one.sentence for one in found]
    if owners:
        ask = _ASK_OWNER.filled(owners=", ".join(owner.line for owner in owners))
    elif not asking.reason.strip():
        ask = _SAY_WHY
    else:
        before = activity.asked_anyway or {} if companies is not None else {}
        asked = dict.fromkeys([*before.get("companies", ()), *(one.company_id for one in found)])
        activity.asked_anyway = {
            "reason": asking.reason.strip(),
            "companies": list(asked),
            "owners": sorted({*before.get("owners", ()), *(one.owner.id for one in found if one.owner)}),
        }
        return
    said = [*lines, ask]
    raise StillCooling(" ".join(one.en for one in said), " ".join(one.nl for one in said), found, owners)


async def new_companies(session: AsyncSession, loaded: Loaded, role: Role, refs: Iterable[PersonRef]) -> list[str]:
    """Return which companies an activity asks for the first time when these people come into it in a role."""
    if role not in HOST_ROLES or loaded.activity.status is ActivityStatus.CONCEPT:
        return []
    asked = {loaded.persons[item.person_id].company_id for item in loaded.participations if item.role in HOST_ROLES}
    found = [company for ref in refs for company in await _company_of(session, ref)]
    return [company for company in dict.fromkeys(found) if company not in asked | {loaded.activity.company_id}]


async def owner_of(session: AsyncSession, company: Company) -> Owner | None:
    """Return who keeps the contact with a company; ``None`` where nobody does (any more)."""
    person = await session.get(Person, company.owner_id) if company.owner_id else None
    if person is None or person.erased_on is not None or not person.is_coordinator:
        return None
    return Owner(person.id, full_name(person), await phone_of(session, person.id))


async def _company_of(session: AsyncSession, ref: PersonRef) -> list[str]:
    if isinstance(ref, NewPerson):
        return [(await find_company(session, ref.company)).id] if ref.company else []
    company_id = (await find_person(session, ref)).company_id
    return [company_id] if company_id else []


def _day(day: date, locale: str) -> str:
    return format_date(day, "d MMMM y", locale=locale)


_LATELY = Text(
    nl="{asker} vroeg {company} op {nl_day} voor ‘{title}’.", en="{asker} asked {company} on {en_day} for ‘{title}’."
)
_SOON = Text(
    nl="{asker} vraagt {company} op {nl_day} voor ‘{title}’.", en="{asker} asks {company} on {en_day} for ‘{title}’."
)
_OFTEN = Text(
    nl="{company} is dit schooljaar al {count} keer gevraagd, het laatst op {nl_day} door {asker} voor ‘{title}’.",
    en="{company} has been asked {count} times this school year, last on {en_day} by {asker} for ‘{title}’.",
)
_FREE = Text(nl="Weer vrij vanaf {nl_day}.", en="Free again from {en_day}.")
_OWNER = Text(nl="{owner} houdt het contact en beslist.", en="{owner} keeps the contact and decides.")
_SAY_WHY = Text(
    nl="Vraag je het toch, schrijf dan waarom; dat blijft bij de activiteit staan.",
    en="If you ask all the same, write why; it is kept with the activity.",
)
_ASK_OWNER = Text(
    nl="Bel eerst {owners}. Zegt die ja, geef dat dan aan, met de reden.",
    en="Phone {owners} first. If that is a yes, say so, with the reason.",
)
