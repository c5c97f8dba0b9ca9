"""Say on a share wall that one will use the material of a card, or take that back (field rule 49).

The page is open to everybody who has its address. So nothing is mailed at once, only an address of the school itself
is taken, and the answer is the same whether or not its reader is known already.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ACTIVE, Standing
from models.tables.network import Channel, Contact, ContactKind, Person, School
from models.text import Language, Text
from sandwich.errors import SandwichError
from sandwich.mail.address import AddressRefused, address_spec, domain_of
from sandwich.runtime import Runtime
from sandwich.services.adopters import LaterAsk, give_up, later_ask, remember_to_erase
from sandwich.services.loaded import Loaded, load
from sandwich.services.people import add_participation
from sandwich.services.register import lock_registry
from sandwich.services.wall import WallCard, readable

ACTOR = "colleague"
LONGEST_NAME = 40
_NAME = re.compile(r"['’]?[^\W\d_](?:[^\W\d_]|['’ -]|\.(?= |$))*")

_NO_NAME = Text(
    nl="Schrijf je naam met alleen letters, spaties en streepjes.",
    en="Write your name with letters, spaces and hyphens only.",
)
_OTHER_SCHOOL = Text(
    nl="Gebruik je mailadres van deze school: het eindigt op {domains}. "
    "Zo krijgt niemand buiten de school mail door deze pagina.",
    en="Use your mail address at this school: it ends with {domains}. "
    "So nobody outside the school is mailed by this page.",
)
_A_GROUP = Text(
    nl="Dit adres is van een groep. Schrijf je eigen adres bij deze school.",
    en="This address belongs to a group. Write your own address at this school.",
)


class NothingAskedLater(SandwichError):
    """Nothing is asked about this material any more, so nothing was kept. You can simply use it."""

    dutch = "Over dit materiaal wordt niets meer gevraagd, dus er is niets bewaard. Je kunt het gewoon gebruiken."


@dataclass(frozen=True)
class Offer:
    """What a card offers who will use its material: to be asked about it later.

    ``domains`` are those of the school: what an address must end with.
    """

    later: LaterAsk
    domains: tuple[str, ...]


@dataclass(frozen=True)
class SaidOfSelf:
    """What somebody says of themselves."""

    given_name: str
    family_name: str
    mail: str


async def offered(runtime: Runtime, wall_key: str, activity_id: str, now: datetime) -> Offer | None:
    """Return what a card offers who will use its material; ``None`` where nothing is asked later.

    Raises ``WallUnknown``.
    """
    async with runtime.store.read() as session:
        school, found = await readable(session, wall_key, activity_id)
        if not found.card.materials:  # most cards: nothing more is read for them
            return None
        loaded = await load(session, runtime.settings.timezone, activity_id)
        return await _offer(session, school, found, loaded, now)


async def adopt(
    runtime: Runtime, wall_key: str, activity_id: str, said: SaidOfSelf, *, language: Language, now: datetime
) -> Mapping[str, Text]:
    """Note who will use the material, to ask them later; returns what is wrong, by field, and then nothing is kept.

    Whoever the register knows by that address is not written down a second time. Nobody is asked twice: not who takes
    part in the activity themselves, nor who wants no mail. Raises ``WallUnknown`` and ``NothingAskedLater``.
    """
    async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
        school, found = await readable(session, wall_key, activity_id)
        loaded = await load(session, runtime.settings.timezone, activity_id)
        offer = await _offer(session, school, found, loaded, now)
        if offer is None:
            raise NothingAskedLater
        await lock_registry(session)
        if problems := await _problems(session, said, offer):
            return problems
        person = await _known(session, said) or await _write(session, school, said, language, now)
        if not await _is_to_ask(session, loaded, person, said):
            return {}
        added = await add_participation(session, loaded, person, Role.ADOPTER, now)
        if added is not None:
            added.standing = Standing.REGISTERED
            remember_to_erase(loaded, offer.later.kept_until)
    return {}


async def give_back(
    runtime: Runtime, wall_key: str, activity_id: str, mail: str, *, now: datetime
) -> Mapping[str, Text]:
    """Take back what was said from this address; returns what is wrong with it. Nobody learns whether it was known.

    Raises ``WallUnknown``.
    """
    address, problem = _address(mail)
    if problem is not None:
        return {"mail": problem}
    async with runtime.store.change(now=now, actor=ACTOR, stream=activity_id) as session:
        await readable(session, wall_key, activity_id)
        loaded = await load(session, runtime.settings.timezone, activity_id)
        readers = {person.id for person, _ in await _readers(session, address)}
        for item in loaded.in_role(Role.ADOPTER):
            if item.person_id in readers:
                await give_up(session, loaded, item, now)
    return {}


async def _offer(session: AsyncSession, school: School, found: WallCard, loaded: Loaded, now: datetime) -> Offer | None:
    later = later_ask(loaded)
    if later is None or later.asked_at <= now or not found.card.materials:
        return None
    domains = await _domains(session, school)
    return Offer(later, domains) if domains else None


async def _domains(session: AsyncSession, school: School) -> tuple[str, ...]:
    """Return the mail domains of a school: those of its list of colleagues, its leaders and its timetablers.

    What teachers use besides may be a mailbox that anybody can get.
    """
    addresses = await session.scalars(
        select(Contact.address)
        .join(Person, Person.id == Contact.person_id)
        .where(
            Person.school_id == school.id,
            Person.erased_on.is_(None),
            or_(Person.group_name.is_not(None), Person.is_school_leader, Person.is_timetabler),
            Contact.kind == ContactKind.MAIL,
            Contact.is_valid,
        )
    )
    return tuple(sorted({domain_of(address).lower() for address in addresses}))


async def _problems(session: AsyncSession, said: SaidOfSelf, offer: Offer) -> dict[str, Text]:
    names = {"given_name": said.given_name, "family_name": said.family_name}
    problems = {key: _NO_NAME for key, name in names.items() if len(name) > LONGEST_NAME or not _NAME.fullmatch(name)}
    address, problem = _address(said.mail)
    if problem is not None:
        problems["mail"] = problem
    elif domain_of(address) not in offer.domains:
        domains = " / ".join(f"@{domain}" for domain in offer.domains)
        problems["mail"] = _OTHER_SCHOOL.filled(domains=domains)
    elif any(person.group_name is not None for person, _ in await _readers(session, address)):
        problems["mail"] = _A_GROUP
    return problems


def _address(mail: str) -> tuple[str, Text | None]:
    try:
        return address_spec(mail), None
    except AddressRefused as error:
        return "", Text(nl=error.to(Language.DUTCH), en=error.to(Language.ENGLISH))


async def _readers(session: AsyncSession, address: str) -> list[tuple[Person, Contact]]:
    """Return who is known to read a mailbox, who is known longest first."""
    rows = await session.execute(
        select(Person, Contact)
        .join(Contact, Contact.person_id == Person.id)
        .where(Contact.kind == ContactKind.MAIL, Contact.lookup == address.lower(), Person.erased_on.is_(None))
        .order_by(Person.id)
    )
    return [(person, contact) for person, contact in rows]


async def _known(session: AsyncSession, said: SaidOfSelf) -> Person | None:
    """Return the person with this address: of several who read one mailbox the one of that name, else the first."""
    people = [person for person, _ in await _readers(session, address_spec(said.mail))]
    named = [one for one in people if (one.given_name, one.family_name) == (said.given_name, said.family_name)]
    return next(iter([*named, *people]), None)


async def _write(session: AsyncSession, school: School, said: SaidOfSelf, language: Language, now: datetime) -> Person:
    person = Person(
        school_id=school.id,
        given_name=said.given_name,
        family_name=said.family_name,
        language=language,
        channel=Channel.MAIL,
        no_mail=False,
        adopted_at=now,
    )
    session.add(person)
    await session.flush()
    address = address_spec(said.mail)
    session.add(
        Contact(person_id=person.id, kind=ContactKind.MAIL, address=address, lookup=address.lower(), is_valid=True)
    )
    await session.flush()
    return person


async def _is_to_ask(session: AsyncSession, loaded: Loaded, person: Person, said: SaidOfSelf) -> bool:
    """Whether somebody is asked anything here by mail who is not asked or told in a role of their own."""
    if person.no_mail or person.channel is not Channel.MAIL:
        return False
    address = address_spec(said.mail)
    if not any(reader.id == person.id and contact.is_valid for reader, contact in await _readers(session, address)):
        return False
    return not any(item.person_id == person.id and item.standing in ACTIVE for item in loaded.participations)
