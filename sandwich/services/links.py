"""Personal links: made, opened, revoked. A token follows from a random nonce and the installation's secret.

So every reminder carries the same link, and a copy of the database opens nothing: it holds only the token's hash.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import HOST_ROLES, Role
from models.tables.activities import Activity, ActivityStatus, Participation, PlanStep, Standing
from models.tables.asking import Invitation, Link
from models.tables.network import Person, School
from models.text import Language
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


async def open_link(runtime: Runtime, token: str, now: datetime) -> OpenedLink:
    """Return what a token opens; raises ``LinkUnknown``, ``LinkRevoked`` or ``LinkExpired``."""
    async with runtime.store.read() as session:
        link = await session.scalar(select(Link).where(Link.token_hash == _hash(token)))
        return await _opened(session, link, now)


async def opened(runtime: Runtime, link_id: str, now: datetime) -> OpenedLink:
    """Return what a link opens, by its id: for somebody who has shown the token before."""
    async with runtime.store.read() as session:
        return await _opened(session, await session.get(Link, link_id), now)


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


async def _opened(session: AsyncSession, link: Link | None, now: datetime) -> OpenedLink:
    if link is None:
        raise LinkUnknown
    if link.revoked_at is not None:
        raise LinkRevoked
    participation = await session.get_one(Participation, link.participation_id)
    person = await session.get_one(Person, participation.person_id)
    activity = await session.get_one(Activity, participation.activity_id)
    if participation.standing is Standing.REPLACED or person.erased_on is not None:
        raise LinkRevoked
    closed_at = activity.finished_at
    if link.expires_at is not None and now >= link.expires_at:
        raise LinkExpired
    if closed_at is not None and await _is_over(session, activity, participation.id, now):
        raise LinkExpired
    return OpenedLink(
        link_id=link.id,
        participation_id=participation.id,
        invitation_id=link.invitation_id,
        person_id=person.id,
        activity_id=activity.id,
        language=person.language,
        formal=is_formal(participation.role),
        scope=Scope(frozenset({activity.region_id}) | await _home(session, person)),
    )


async def _home(session: AsyncSession, person: Person) -> set[str]:
    """Return the region of somebody's school: what a school leader reads of it stands behind their link too."""
    school = await session.get(School, person.school_id) if person.school_id else None
    return {school.region_id} if school else set()


async def _is_over(session: AsyncSession, activity: Activity, participation_id: str, now: datetime) -> bool:
    """Whether an activity that is over is 30 days past the last thing that it asks of anybody, or asked of this one."""
    if activity.status is ActivityStatus.CANCELLED and activity.finished_at is not None:
        return now >= activity.finished_at + LIFE_AFTER_CLOSING
    last = await session.scalar(
        select(func.max(func.coalesce(PlanStep.done_at, PlanStep.due_at))).where(PlanStep.activity_id == activity.id)
    )
    # Once a year a company is asked whether its profile still holds, by what it took part in long ago.
    asked = await session.scalar(
        select(func.max(Invitation.asked_at)).where(Invitation.participation_id == participation_id)
    )
    ends = [moment for moment in (activity.finished_at, last, asked) if moment is not None]
    return now >= max(ends) + LIFE_AFTER_CLOSING


def is_formal(role: Role) -> bool:
    """Return whether people of a role are addressed with *u*."""
    return role in HOST_ROLES


def _token(settings: Settings, nonce: str) -> str:
    secret = settings.secret_key.get_secret_value().encode()
    code = hmac.new(secret, f"link:{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
