"""A school's share wall: which cards its colleagues may read, and what they say about them. Reads, and reactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.playbook import Role
from models.tables.activities import ACTIVE, Activity, Participation, Presence, ShareScope
from models.tables.asking import Submission, Upload, Via
from models.tables.network import Person, School
from models.tables.results import CardState, ImpressionCard
from models.text import Language
from sandwich.errors import SandwichError
from sandwich.rules.answers import chosen, read_answers
from sandwich.runtime import Runtime
from sandwich.services.card import Card, read_card
from sandwich.services.collect import Outcome
from sandwich.services.invite import keep_form
from sandwich.services.uploads import StoredFile, read_file

REACTION = "colleague-reaction"


class WallUnknown(SandwichError):
    """There is no such page on a share wall. The address may have been copied only in part, or the card was taken back.
    Ask your coordinator for the right address.
    """

    dutch = (
        "Deze pagina van een deelmuur is er niet. Misschien is het adres niet helemaal overgenomen, of is de kaart "
        "teruggetrokken. Vraag je coördinator om het juiste adres."
    )


@dataclass(frozen=True)
class Attachment:
    """A file that stands on a card."""

    id: str
    name: str


@dataclass(frozen=True)
class WallCard:
    """A card on a wall, with what stands around it."""

    card: Card
    kind: str
    progress: Mapping[str, int]
    present: int
    materials: tuple[Attachment, ...]
    photos: tuple[Attachment, ...]


@dataclass(frozen=True)
class Wall:
    """The wall of one school, newest cards first."""

    school: str
    cards: tuple[WallCard, ...]


async def school_wall(runtime: Runtime, wall_key: str) -> Wall:
    """Return the wall behind ``wall_key``; raises ``WallUnknown``."""
    async with runtime.store.read() as session:
        school = await _school(session, wall_key)
        cards = [await _wall_card(session, activity, school) for activity in await _shared_with(session, school)]
        return Wall(school.name, tuple(card for card in cards if card is not None and not card.card.is_empty))


async def one_card(runtime: Runtime, wall_key: str, activity_id: str) -> tuple[str, WallCard]:
    """Return the name of the school and one card on its wall; raises ``WallUnknown``."""
    async with runtime.store.read() as session:
        school = await _school(session, wall_key)
        return school.name, await _one(session, school, activity_id)


async def card_file(runtime: Runtime, wall_key: str, activity_id: str, upload_id: str) -> StoredFile:
    """Return a file that stands on a card of this wall; raises ``WallUnknown`` for any other."""
    async with runtime.store.read() as session:
        found = await _one(session, await _school(session, wall_key), activity_id)
        if upload_id not in {one.id for one in (*found.photos, *found.materials)}:
            raise WallUnknown
        return await read_file(session, upload_id)


async def react(
    runtime: Runtime,
    wall_key: str,
    activity_id: str,
    posted: Mapping[str, Sequence[str]],
    *,
    language: Language,
    now: datetime,
    key: str,
) -> Outcome:
    """Take what a colleague says about a card. Nothing about the colleague is kept, not even who it was."""
    async with runtime.store.read() as session:
        await _one(session, await _school(session, wall_key), activity_id)
    form: Form = runtime.library.resolved(REACTION)
    fields = {name: list(values) for name, values in posted.items()}
    reading = read_answers(form, fields, {}, language)
    if not chosen(form, reading, {}, {}, language):
        return Outcome(accepted=False, typed=reading.typed, untouched=True, problems=reading.problems)
    if reading.problems:
        return Outcome(accepted=False, typed=reading.typed, problems=reading.problems)
    own_key = f"{activity_id}:{key}"[:80]
    async with runtime.store.change(now=now, actor="colleague", stream=activity_id) as session:
        if await session.scalar(select(Submission.id).where(Submission.key == own_key)) is None:
            session.add(
                Submission(
                    key=own_key,
                    activity_id=activity_id,
                    form=REACTION,
                    form_digest=await keep_form(session, runtime.library, REACTION, None),
                    via=Via.WEB,
                    answers=reading.answers,
                    submitted_at=now,
                )
            )
    return Outcome(accepted=True)


async def _school(session: AsyncSession, wall_key: str) -> School:
    school = await session.scalar(select(School).where(School.wall_key == wall_key))
    if school is None:
        raise WallUnknown
    return school


async def _one(session: AsyncSession, school: School, activity_id: str) -> WallCard:
    shared = await session.scalar(_visible(school).where(Activity.id == activity_id))
    found = await _wall_card(session, shared, school) if shared is not None else None
    if found is None or found.card.is_empty:
        raise WallUnknown
    return found


async def _shared_with(session: AsyncSession, school: School) -> list[Activity]:
    return list(await session.scalars(_visible(school).order_by(ImpressionCard.published_at.desc())))


def _visible(school: School) -> Select[Activity]:
    """Activities whose card this school may read: its own people took part, or the card is for the whole region."""
    took_part = (
        select(Participation.id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Participation.activity_id == Activity.id,
            Participation.role.in_([Role.TEACHER, Role.TRIP_LEADER]),
            Participation.standing.in_(ACTIVE),
            Person.school_id == school.id,
        )
        .exists()
    )
    in_region = (ImpressionCard.share_scope == ShareScope.REGION) & (Activity.region_id == school.region_id)
    return (
        select(Activity)
        .join(ImpressionCard, ImpressionCard.activity_id == Activity.id)
        .where(ImpressionCard.state == CardState.PUBLISHED, or_(took_part, in_region))
    )


async def _wall_card(session: AsyncSession, activity: Activity, school: School) -> WallCard | None:
    card = await read_card(session, activity.id, school_id=school.id)
    if card is None:
        return None
    present = await session.scalar(
        select(func.count(func.distinct(Participation.person_id))).where(
            Participation.activity_id == activity.id,
            Participation.role == Role.TEACHER,
            Participation.standing.in_(ACTIVE),
            Participation.presence != Presence.ABSENT,
        )
    )
    return WallCard(
        card=card,
        kind=activity.kind,
        progress=activity.progress,
        present=present or 0,
        materials=await attachments(session, card.materials),
        photos=await attachments(session, card.photos),
    )


async def attachments(session: AsyncSession, ids: Sequence[str]) -> tuple[Attachment, ...]:
    """Return the files with these ids that are still there, in their order."""
    rows = {row.id: row for row in await session.scalars(select(Upload).where(Upload.id.in_(ids)))}
    return tuple(Attachment(key, rows[key].name or "") for key in ids if key in rows)
