"""The card as its host looks at it before it is shared: as the wall will show it, then everything that is not on it.

Every author says how far the own words may go, so each school reads a card of its own. The host sees the one that goes
furthest, made by the same function as the wall's, then the lines that only one school reads, and then those for which
there is no room, because they come up as soon as another is left out. Reads only.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ACTIVE, Participation
from models.tables.asking import Invitation
from models.tables.network import Person, School
from sandwich.errors import NotFound
from sandwich.runtime import Runtime
from sandwich.services.card import RELEASE, Composed, compose, shown_to_host
from sandwich.services.card_content import CardPart, card_of, for_school, parts_of
from sandwich.services.links import OpenedLink
from sandwich.services.uploads import StoredFile, read_file

_ELSEWHERE = ""
"""Stands for a school of which nobody wrote anything."""


class Aside(StrEnum):
    """Why a line is not on the card that goes furthest."""

    ONE_SCHOOL = "one-school"
    NO_ROOM = "no-room"
    LEFT_OUT = "left-out"


@dataclass(frozen=True)
class AsideLine:
    """A line beside the card: ``school`` is the only one that reads it."""

    part: CardPart
    why: Aside
    school: str = ""


@dataclass(frozen=True)
class Preview:
    """What the host is asked to release. ``school`` is the only one that reads ``card``, or ``None`` for the region."""

    card: Composed
    school: str | None
    beside: tuple[AsideLine, ...]


async def preview(runtime: Runtime, activity_id: str) -> Preview:
    """Return what the host may release or keep back."""
    async with runtime.store.read() as session:
        return await look(session, activity_id)


async def look(session: AsyncSession, activity_id: str) -> Preview:
    """Return what the host may release or keep back, within a transaction."""
    row = await card_of(session, activity_id)
    shown = await shown_to_host(session, activity_id)
    left_out = {str(key) for key in row.confidential} if row else set()
    own = list(dict.fromkeys(one.school_id for one in shown.impressions if one.school_id))
    if any(one.is_of_group for one in shown.impressions):
        own = list(dict.fromkeys([*own, *await _taking_part(session, activity_id)]))
    circles = [_ELSEWHERE, *own] if any(one.is_for_all for one in shown.impressions) else own
    cards = {}
    for school_id in circles:
        parts = await parts_of(session, for_school(shown.impressions, school_id), school_id)
        cards[school_id] = compose([part for part in parts if part.key not in left_out])
    if not cards:
        return Preview(compose(()), None, tuple(_without_room(shown.parts, set(), left_out)))
    names = {row.id: row.name for row in await session.scalars(select(School).where(School.id.in_(own)))}
    furthest = circles[0]
    said = {part.words for part in cards[furthest].parts}
    beside = []
    for school_id in circles[1:]:
        for part in cards[school_id].parts:
            if part.words not in said:
                beside.append(AsideLine(part, Aside.ONE_SCHOOL, names[school_id]))
                said.add(part.words)
    beside += _without_room(shown.parts, said, left_out)
    return Preview(cards[furthest], names.get(furthest), tuple(beside))


async def previewed_file(runtime: Runtime, link: OpenedLink, upload_id: str) -> StoredFile:
    """Return a file of the card for somebody who is asked to release it; raises ``NotFound`` for anybody else."""
    async with runtime.store.read() as session:
        asked = await session.scalar(
            select(Invitation.id)
            .join(Participation, Participation.id == Invitation.participation_id)
            .where(
                Invitation.activity_id == link.activity_id,
                Invitation.form == RELEASE,
                Participation.person_id == link.person_id,
            )
        )
        shown = await shown_to_host(session, link.activity_id)
        if asked is None or upload_id not in {part.upload_id for part in shown.parts}:
            raise NotFound(what="file", name=upload_id)
        return await read_file(session, upload_id)


async def _taking_part(session: AsyncSession, activity_id: str) -> Sequence[str]:
    rows = await session.scalars(
        select(Person.school_id)
        .join(Participation, Participation.person_id == Person.id)
        .where(
            Participation.activity_id == activity_id,
            Participation.role == Role.TEACHER,
            Participation.standing.in_(ACTIVE),
            Person.school_id.is_not(None),
        )
        .order_by(Person.school_id)
    )
    return [school for school in rows if school is not None]


def _without_room(
    parts: Sequence[CardPart], said: Collection[tuple[str, str]], left_out: Collection[str]
) -> Iterator[AsideLine]:
    for part in parts:
        if part.key in left_out:
            yield AsideLine(part, Aside.LEFT_OUT)
        elif part.words not in said:
            yield AsideLine(part, Aside.NO_ROOM)
