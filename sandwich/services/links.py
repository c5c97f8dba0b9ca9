"""Personal links: made, opened, revoked. A token follows from a random nonce and the installation's secret.

So every reminder carries the same link, and a copy of the database opens nothing: it holds only the token's hash.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import HOST_ROLES, Role
from models.tables.activities import Activity, ActivityStatus, Participation, PlanStep, Standing
from models.tables.asking import Invitation, Link
from models.tables.network import Person, School
from models.text import Language
from sandwich.clock import OFFSET
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime
from sandwich.settings import Settings
from sandwich.store.rows import AMONG
from sandwich.store.scope import Scope

LIFE_AFTER_CLOSING = timedelta(days=30)
"""How long a link works after its activity is finished (field rule 13)."""


class LinkUnknown(SandwichError):
    """This link does not work. It may have been copied only in part. Open it again from the mail, or reply to it."""

    dutch = (
        "Deze link werkt niet. Misschien is hij maar voor een deel gekopieerd. Open hem opnieuw vanuit de mail, of "
        "beantwoord die mail."
    )


class LinkExpired(SandwichError):
    """This link has expired: the activity was closed more than 30 days ago. Reply to the mail if you need something."""

    dutch = "Deze link is verlopen: de activiteit is meer dan 30 dagen afgerond. Beantwoord de mail als er nog iets is."


class LinkRevoked(SandwichError):
    """This link is no longer in use, for instance because somebody else took over. Is that wrong? Reply to the mail."""

    dutch = (
        "Deze link is niet meer in gebruik, bijvoorbeeld omdat iemand anders het overnam. Klopt dat niet? Beantwoord "
        "dan de mail."
    )


@dataclass(frozen=True)
class OpenedLink:
    """What a link opens, how its reader is addressed, and what the pages behind it may see."""

    link_id: str
    participation_id: str
    invitation_id: str | None
    person_id: str
    activity_id: str
    language: Language
    formal: bool
    scope: Scope
    at: datetime = field(compare=False)
    """The moment of the clock at which it was opened."""


_BY_AGE = select(Link).where(Link.participation_id.in_(AMONG)).order_by(Link.generation)


@dataclass(frozen=True)
class Links:
    """The links of some participations, read at once. One that is missing is made, and written with what follows."""

    session: AsyncSession
    settings: Settings
    found: dict[tuple[str, str | None], list[Link]]

    @classmethod
    async def of(cls, session: AsyncSession, settings: Settings, participation_ids: Collection[str]) -> "Links":
        """Read the links of these participations."""
        found: dict[tuple[str, str | None], list[Link]] = {}
        if participation_ids:
            for link in await session.scalars(_BY_AGE, {"among": list(participation_ids)}):
                found.setdefault((link.participation_id, link.invitation_id), []).append(link)
        return cls(session, settings, found)

    def token(self, participation: Participation, invitation_id: str | None, now: datetime) -> str:
        """Return the token of the link to an invitation, or without one to the personal page; the same every time."""
        links = self.found.setdefault((participation.id, invitation_id), [])
        live = [link for link in links if link.revoked_at is None]
        if not live:
            nonce = secrets.token_hex(32)
            link = Link(
                token_hash=_hash(_token(self.settings, nonce)),
                nonce=nonce,
                activity_id=participation.activity_id,
                participation_id=participation.id,
                invitation_id=invitation_id,
                generation=links[-1].generation + 1 if links else 1,
                made_at=now,
            )
            self.session.add(link)
            links.append(link)
            live = [link]
        return _token(self.settings, live[-1].nonce)


_ONE = select(literal(1).label("one")).subquery()


def _about(is_meant: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return what is asked at each opening of a page, in one trip: all that a link opens, and the clock.

    There is one row also where there is no such link.
    """
    return (
        select(
            OFFSET,
            Link.id.label("link_id"),
            Link.invitation_id,
            Link.revoked_at,
            Link.expires_at,
            Participation.id.label("participation_id"),
            Participation.standing,
            Participation.role,
            Person.id.label("person_id"),
            Person.erased_on,
            Person.language,
            Activity.id.label("activity_id"),
            Activity.region_id,
            Activity.finished_at,
            Activity.status,
            School.region_id.label("home_id"),
        )
        .select_from(_ONE)
        .outerjoin(Link, is_meant)
        .outerjoin(Participation, Participation.id == Link.participation_id)
        .outerjoin(Person, Person.id == Participation.person_id)
        .outerjoin(Activity, Activity.id == Participation.activity_id)
        .outerjoin(School, School.id == Person.school_id)
    )


_BY_TOKEN, _BY_ID = _about(Link.token_hash == bindparam("key")), _about(Link.id == bindparam("key"))


async def open_link(runtime: Runtime, token: str, now: datetime | None = None) -> OpenedLink:
    """Return what a token opens; raises ``LinkUnknown``, ``LinkRevoked`` or ``LinkExpired``.

    Without ``now`` it is opened at the moment of the clock, which is read in the same trip.
    """
    return await _opened(runtime, _BY_TOKEN, _hash(token), now)


async def opened(runtime: Runtime, link_id: str, now: datetime | None = None) -> OpenedLink:
    """Return what a link opens, by its id: for somebody who has shown the token before."""
    return await _opened(runtime, _BY_ID, link_id, now)


async def revoke_links(session: AsyncSession, participation_id: str, now: datetime) -> None:
    """Revoke every link of a participation."""
    for link in await session.scalars(
        select(Link).where(Link.participation_id == participation_id, Link.revoked_at.is_(None))
    ):
        link.revoked_at = now


def renew_link(settings: Settings, link: Link) -> bool:
    """Let a link be opened by the token that follows from the present secret; whether that is another one."""
    fitting = _hash(_token(settings, link.nonce))
    is_new = fitting != link.token_hash
    link.token_hash = fitting
    return is_new


async def _opened(runtime: Runtime, question: Select[*tuple[Any, ...]], key: str, now: datetime | None) -> OpenedLink:
    found = await runtime.store.glance(question, key=key)
    if now is None:
        now = runtime.clock.with_offset(timedelta(seconds=found.seconds or 0))
    if found.link_id is None:
        raise LinkUnknown
    if found.revoked_at is not None or found.standing is Standing.REPLACED or found.erased_on is not None:
        raise LinkRevoked
    if found.expires_at is not None and now >= found.expires_at:
        raise LinkExpired
    if found.finished_at is not None and await _is_over(runtime, found, now):
        raise LinkExpired
    # What a school leader reads of their own school stands behind their link too.
    regions = {found.region_id, *([found.home_id] if found.home_id else [])}
    return OpenedLink(
        link_id=found.link_id,
        participation_id=found.participation_id,
        invitation_id=found.invitation_id,
        person_id=found.person_id,
        activity_id=found.activity_id,
        language=found.language,
        formal=is_formal(found.role),
        scope=Scope(frozenset(regions)),
        at=now,
    )


async def _is_over(runtime: Runtime, found: Row[*tuple[Any, ...]], now: datetime) -> bool:
    """Whether an activity that is over is 30 days past the last thing that it asks of anybody, or asked of this one."""
    if found.status is ActivityStatus.CANCELLED:
        return bool(now >= found.finished_at + LIFE_AFTER_CLOSING)
    async with runtime.store.read() as session:
        last = await session.scalar(
            select(func.max(func.coalesce(PlanStep.done_at, PlanStep.due_at))).where(
                PlanStep.activity_id == found.activity_id
            )
        )
        # Once a year a company is asked whether its profile still holds, by what it took part in long ago.
        asked = await session.scalar(
            select(func.max(Invitation.asked_at)).where(Invitation.participation_id == found.participation_id)
        )
    ends = [moment for moment in (found.finished_at, last, asked) if moment is not None]
    return bool(now >= max(ends) + LIFE_AFTER_CLOSING)


def is_formal(role: Role) -> bool:
    """Return whether people of a role are addressed with *u*."""
    return role in HOST_ROLES


def _token(settings: Settings, nonce: str) -> str:
    secret = settings.secret_key.get_secret_value().encode()
    code = hmac.new(secret, f"link:{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
