"""Sign-in of coordinators: a mail with a link and a code, then a session. Everything here runs on real time.

The link opens a page, the code that stands in the same mail is typed there: a program that follows every link in a
mail signs nobody in. Only hashes are stored; link and code follow from the row's id and the installation's secret,
so that the mail can be worded at the moment of sending.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.rights import COACHES, RIGHTS, Office, Right
from models.roles import Role
from models.tables.activities import Activity, Participation
from models.tables.base import new_id
from models.tables.network import Company, Contact, ContactKind, Person, Region, School
from models.tables.offices import HeldOffice
from models.tables.running import LoginCode, WebSession
from models.text import Language
from sandwich.errors import SandwichError
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services import outbox
from sandwich.settings import Environment, Settings
from sandwich.store.scope import COACHED, Scope

VALID = timedelta(minutes=10)
"""How long a link and its code can be used."""

MAX_TRIES = 5
"""How many wrong codes one link takes."""

IDLE = timedelta(hours=8)
"""After how long without any request a session ends."""

TOUCH = timedelta(minutes=5)
"""How exactly the last use of a session is kept."""

MAIL = "login-code"
"""The mail that brings link and code."""

_AT_ONE_ADDRESS = 5
"""How many coordinators one address may belong to; each gets a mail of their own."""


class LoginLinkUnknown(SandwichError):
    """This sign-in link does not work (any more). Ask for a new one."""

    dutch = "Deze inloglink werkt niet (meer). Vraag een nieuwe aan."


class LoginCodeWrong(SandwichError):
    """That code is not right. Look at the newest mail and type its six digits; you have {left} tries left."""

    dutch = "Die code klopt niet. Kijk in de nieuwste mail en typ de zes cijfers; je kunt het nog {left} keer proberen."


_HELD = select(HeldOffice.office).where(HeldOffice.ended_at.is_(None))


@dataclass(frozen=True)
class Coordinator:
    """Who is signed in, mostly a coordinator. ``region_id`` is the only region whose activities this person may see;
    who coordinates or leads one school of it sees those of that school (``school_id``), who is no more than a coach
    those that they coach.
    """

    person_id: str
    region_id: str
    region_name: str
    given_name: str
    name: str
    language: Language
    school_id: str | None = None
    rights: frozenset[Right] = RIGHTS[Role.COORDINATOR]
    coaches: bool = False

    @property
    def scope(self) -> Scope:
        """What this person may see, and whether they may change anything of it."""
        return Scope(
            frozenset({self.region_id}),
            self.school_id,
            self.person_id,
            self.coaches,
            reads_words=Right.READ_WORDS in self.rights,
            may_change=Right.STEER in self.rights,
        )

    @property
    def decides_terms(self) -> bool:
        """Whether this person says what goes at the end of its term: a region's coordinators and its privacy officer.

        Who coordinates one school of a region cannot have seen all that such a yes is about.
        """
        return Right.CLEAR in self.rights and (self.school_id is None or Right.ERASE in self.rights)

    def may(self, right: str) -> bool:
        """Whether this person has a right."""
        return Right(right) in self.rights


async def ask_code(runtime: Runtime, address: str, *, now: datetime, real: datetime) -> None:
    """Queue a mail with link and code for whoever signs in with this address; for anybody else do nothing.

    ``now`` is the moment for the outbox, ``real`` the real time that the code's ten minutes count from.
    """
    wanted = address.strip().casefold()
    if not wanted or len(wanted) > 254:
        return
    async with runtime.store.read() as session:
        people = await who_signs_in_at(session, wanted)
    if not people:
        return
    async with runtime.store.change(now=now, actor="login") as session:
        for person_id in people:
            row_id = new_id()
            link, code = secrets_of(runtime.settings, row_id)
            session.add(
                LoginCode(
                    id=row_id,
                    person_id=person_id,
                    link_hash=_hash(link),
                    code_hash=_code_hash(runtime.settings, row_id, code),
                    asked_at=real,
                    expires_at=real + VALID,
                )
            )
            await outbox.queue(
                session,
                key=f"{MAIL}:{row_id}",
                mail=MAIL,
                person_id=person_id,
                activity_id=None,
                due_at=now,
                about={"login_code": row_id},
                now=now,
            )


def secrets_of(settings: Settings, login_code_id: str) -> tuple[str, str]:
    """Return the link's token and the six digits of a login code, for the mail that brings them."""
    token = _derive(settings, "login-link", login_code_id).hex()
    number = int.from_bytes(_derive(settings, "login-digits", login_code_id)[:8]) % 1_000_000
    return token, f"{number:06d}"


async def is_open(runtime: Runtime, token: str, *, real: datetime) -> bool:
    """Say whether a code can still be typed for this link; changes nothing."""
    async with runtime.store.read() as session:
        row = await session.scalar(select(LoginCode).where(LoginCode.link_hash == _hash(token)))
    return row is not None and _is_usable(row, real)


async def enter(runtime: Runtime, token: str, code: str, *, real: datetime) -> str:
    """Exchange link and code for a new session and return its token.

    Raises :class:`LoginLinkUnknown` or :class:`LoginCodeWrong`; each wrong code counts.
    """
    typed = "".join(code.split())
    async with runtime.store.maintain() as session:
        row = await session.scalar(select(LoginCode).where(LoginCode.link_hash == _hash(token)).with_for_update())
        if row is None or not _is_usable(row, real) or await _who_signs_in(session, row.person_id) is None:
            raise LoginLinkUnknown()
        is_right = hmac.compare_digest(row.code_hash, _code_hash(runtime.settings, row.id, typed))
        if is_right:
            others = select(LoginCode).where(LoginCode.person_id == row.person_id, LoginCode.used_at.is_(None))
            for other in await session.scalars(others):
                other.used_at = real
            return begin_session(session, row.person_id, real)
        row.tries += 1
        left = MAX_TRIES - row.tries
    if left <= 0:
        raise LoginLinkUnknown()
    raise LoginCodeWrong(left=left)


async def enter_as(runtime: Runtime, address: str, *, real: datetime) -> str | None:
    """Open a session for the one person who signs in with this checked address; ``None`` for none, or for several."""
    wanted = address.strip().casefold()
    async with runtime.store.maintain() as session:
        people = await who_signs_in_at(session, wanted) if len(wanted) <= 254 else []
        if len(people) != 1 or await _who_signs_in(session, people[0]) is None:
            return None
        return begin_session(session, people[0], real)


async def enter_demo(runtime: Runtime, person_id: str, *, real: datetime) -> str:
    """Open a session without a mail, in a demo only; returns its token."""
    if runtime.settings.environment is not Environment.DEMO:
        raise LoginLinkUnknown()
    async with runtime.store.maintain() as session:
        if await _who_signs_in(session, person_id) is None:
            raise LoginLinkUnknown()
        return begin_session(session, person_id, real)


async def recognise(runtime: Runtime, token: str, *, real: datetime, touches: bool = True) -> Coordinator | None:
    """Return whose session this is; ``None`` when it ended, was idle too long or its person is no coordinator now.

    ``touches``: it counts as used at this moment.
    """
    async with runtime.store.read() as session:
        found = await session.scalar(select(WebSession).where(WebSession.token_hash == _hash(token)))
        if found is None or found.ended_at is not None or real - found.used_at > IDLE:
            return None
        who = await _who_signs_in(session, found.person_id)
    if who is None:
        return None
    if touches and real - found.used_at > TOUCH:
        async with runtime.store.maintain() as session:
            row = await session.get(WebSession, found.id)
            if row is not None and row.ended_at is None and row.used_at < real:
                row.used_at = real
    return who


async def coordinator_of(session: AsyncSession, person_id: str) -> Coordinator | None:
    """Return somebody as a coordinator; ``None`` for whoever is none (any more) or belongs to no region."""
    who = await _who_signs_in(session, person_id)
    return who if who is not None and Right.ORGANISE in who.rights else None


async def _who_signs_in(session: AsyncSession, person_id: str) -> Coordinator | None:
    """Return somebody with all rights that they have now, and with what these leave of the region to see."""
    person = await session.get(Person, person_id)
    if person is None or person.erased_on is not None:
        return None
    held = set(await session.scalars(_HELD.where(HeldOffice.person_id == person_id)))
    roles: set[Role | Office] = {*held}
    roles |= {Role.COORDINATOR} if person.is_coordinator else set()
    roles |= {Role.SCHOOL_LEADER} if person.is_school_leader and person.school_id else set()
    # A coach steers what they coach; with another role that would reach further, so it counts for whoever has no other.
    coaches = not roles and await session.scalar(COACHED.where(Participation.person_id == person_id).limit(1))
    roles |= {COACHES} if coaches else set()
    if not roles:
        return None
    sees_region = Office.REGION_MANAGER in roles or not person.school_id
    region = await (_region_coached(session, person) if coaches else _region_of(session, person))
    if region is None:
        return None
    return Coordinator(
        person.id,
        region.id,
        region.name,
        person.given_name or "",
        full_name(person),
        Language(person.language),
        None if sees_region or coaches else person.school_id,
        frozenset().union(*(RIGHTS[role] for role in roles)),
        bool(coaches),
    )


async def _region_coached(session: AsyncSession, person: Person) -> Region | None:
    """Return the region of what somebody coaches, the newest first: a coach may come from elsewhere."""
    coached = COACHED.where(Participation.person_id == person.id)
    found = select(Region).join(Activity, Activity.region_id == Region.id).where(Activity.id.in_(coached))
    return (await session.scalars(found.order_by(Activity.started_at.desc()).limit(1))).first()


async def leave(runtime: Runtime, token: str, *, real: datetime) -> None:
    """End a session."""
    async with runtime.store.maintain() as session:
        row = await session.scalar(select(WebSession).where(WebSession.token_hash == _hash(token)))
        if row is not None and row.ended_at is None:
            row.ended_at = real


def begin_session(session: AsyncSession, person_id: str, real: datetime) -> str:
    """Write a new session down and return its token."""
    token = secrets.token_urlsafe(32)
    session.add(WebSession(token_hash=_hash(token), person_id=person_id, started_at=real, used_at=real))
    return token


def _is_usable(row: LoginCode, real: datetime) -> bool:
    return row.used_at is None and row.tries < MAX_TRIES and row.asked_at <= real < row.expires_at


async def who_signs_in_at(session: AsyncSession, address: str) -> list[str]:
    """Return the people with this address who may sign in; several may read one mailbox."""
    query = (
        select(Person.id)
        .join(Contact, Contact.person_id == Person.id)
        .where(
            Contact.kind == ContactKind.MAIL,
            or_(Contact.lookup == address, func.lower(Contact.address) == address),
            or_(
                Person.is_coordinator,
                Person.is_school_leader & Person.school_id.is_not(None),
                _HELD.where(HeldOffice.person_id == Person.id).exists(),
                COACHED.where(Participation.person_id == Person.id).exists(),
            ),
            Person.erased_on.is_(None),
        )
        .distinct()
        .order_by(Person.id)
        .limit(_AT_ONE_ADDRESS)
    )
    return list(await session.scalars(query))


async def _region_of(session: AsyncSession, person: Person) -> Region | None:
    """Return the region of a coordinator: of the school or company, else their own, else of what they carry, else the
    only one.
    """
    if person.region_id and not (person.school_id or person.company_id):
        return await session.get(Region, person.region_id)
    if person.school_id:
        of = select(Region).join(School, School.region_id == Region.id).where(School.id == person.school_id)
    elif person.company_id:
        of = select(Region).join(Company, Company.region_id == Region.id).where(Company.id == person.company_id)
    else:
        carried = select(Activity.region_id).where(Activity.coordinator_id == person.id)
        regions = list(await session.scalars(select(Region).where(Region.id.in_(carried))))
        regions = regions or list(await session.scalars(select(Region).limit(2)))
        return regions[0] if len(regions) == 1 else None
    return (await session.scalars(of)).first()


def _derive(settings: Settings, purpose: str, row_id: str) -> bytes:
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"{purpose}:{row_id}".encode(), hashlib.sha256).digest()


def _code_hash(settings: Settings, row_id: str, code: str) -> str:
    # Keyed: six digits could be guessed from a plain hash by whoever reads the database.
    return _derive(settings, "login-code", f"{row_id}:{code}").hex()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
