"""A school's share wall: which cards its colleagues may read, and what they say about them. Reads, and reactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.roles import Role
from models.tables.activities import ACTIVE, Activity, Participation, Presence
from models.tables.asking import Submission, Via
from models.tables.network import Person, School
from models.tables.results import ImpressionCard
from models.text import Language
from sandwich.errors import SandwichError
from sandwich.rules.answers import chosen, read_answers
from sandwich.rules.figures.rows import THERE
from sandwich.rules.slots import Pace
from sandwich.runtime import Runtime
from sandwich.services.card import Card, read_card
from sandwich.services.collect import Outcome
from sandwich.services.invite import keep_form
from sandwich.services.loaded import load
from sandwich.services.outbox import NeededIf, queue
from sandwich.services.repeats import Page, sent_from
from sandwich.services.told import plain
from sandwich.services.uploads import StoredFile, read_file
from sandwich.services.visible import visible_to
from sandwich.services.wall_search import Choices, Wanted, choices_on, fits, look_for
from sandwich.store.scope import Scope

REACTION = "colleague-reaction"
WISH = "colleague-wish"

AT_ONCE = 24
"""Cards on one page of a wall."""

ANYTHING = Wanted()


class WallUnknown(SandwichError):
    """There is no such page on a share wall. The address may have been copied only in part, or the card was taken back.
    Ask your coordinator for the right address.
    """

    dutch = (
        "Deze pagina van een deelmuur is er niet. Misschien is het adres niet helemaal overgenomen, of is de kaart "
        "teruggetrokken. Vraag je coördinator om het juiste adres."
    )


@dataclass(frozen=True)
class WallCard:
    """A card on a wall, with what stands around it."""

    card: Card
    kind: str
    progress: Mapping[str, int]
    present: int


@dataclass(frozen=True)
class Wall:
    """The wall of one school, newest cards first; ``older`` is where the next page of it begins, if there is one."""

    school: str
    cards: tuple[WallCard, ...]
    older: int | None = None


async def school_wall(runtime: Runtime, wall_key: str, after: int = 0, wanted: Wanted = ANYTHING) -> Wall:
    """Return a page of the wall behind ``wall_key``, ``after`` so many newer cards, or of the cards on it with what is
    ``wanted``; raises ``WallUnknown``.
    """
    library = runtime.library
    async with runtime.store.read() as session:
        school = await school_of(session, wall_key)
        if not wanted.is_anything:
            shared = await look_for(session, library, school, wanted, after, AT_ONCE + 1)
        else:
            newest = visible_to(school).order_by(ImpressionCard.published_at.desc(), Activity.id)
            shared = list(await session.scalars(newest.offset(after).limit(AT_ONCE + 1)))
        cards = []
        for activity in shared[:AT_ONCE]:
            card = await _wall_card(session, activity, school)
            if card is None or card.card.is_empty:
                continue
            if wanted.is_anything or await fits(session, library, activity, card.card, wanted):
                cards.append(card)
        older = after + AT_ONCE if len(shared) > AT_ONCE else None
        return Wall(school.name, tuple(cards), older)


async def wall_choices(runtime: Runtime, wall_key: str) -> Choices:
    """Return what can be chosen on the wall behind ``wall_key``; raises ``WallUnknown``."""
    async with runtime.store.read() as session:
        return await choices_on(session, runtime.library, await school_of(session, wall_key))


async def scope_of_wall(runtime: Runtime, wall_key: str) -> Scope:
    """Return what the wall behind ``wall_key`` may show anything of: its region, and those in which its people take
    part; raises ``WallUnknown``.
    """
    async with runtime.store.read() as session:
        school = await school_of(session, wall_key)
        elsewhere = (
            select(Activity.region_id)
            .join(Participation, Participation.activity_id == Activity.id)
            .join(Person, Person.id == Participation.person_id)
            .where(Person.school_id == school.id)
            .distinct()
        )
        return Scope(frozenset({school.region_id, *await session.scalars(elsewhere)}))


async def one_card(runtime: Runtime, wall_key: str, activity_id: str) -> tuple[str, WallCard]:
    """Return the name of the school and one card on its wall; raises ``WallUnknown``."""
    async with runtime.store.read() as session:
        school, found = await readable(session, wall_key, activity_id)
        return school.name, found


async def readable(session: AsyncSession, wall_key: str, activity_id: str) -> tuple[School, WallCard]:
    """Return a school and a card that it may read, in a transaction that is open; raises ``WallUnknown``."""
    school = await school_of(session, wall_key)
    return school, await _one(session, school, activity_id)


async def card_file(runtime: Runtime, wall_key: str, activity_id: str, upload_id: str) -> StoredFile:
    """Return a file that stands on a card of this wall; raises ``WallUnknown`` for any other."""
    async with runtime.store.read() as session:
        _, found = await readable(session, wall_key, activity_id)
        if upload_id not in {part.upload_id for part in (*found.card.photos, *found.card.materials)}:
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
    """Take what a colleague says about a card; its authors hear what the colleague would like to know.

    Nothing about the colleague is kept, not even who it was; ``key`` is the page's, as with ``collect.submit``.
    """
    async with runtime.store.read() as session:
        _, found = await readable(session, wall_key, activity_id)
    form: Form = runtime.library.resolved(REACTION)
    fields = {name: list(values) for name, values in posted.items()}
    reading = read_answers(form, fields, {}, language)
    if not chosen(form, reading, {}, {}, language):
        return Outcome(accepted=False, typed=reading.typed, untouched=True, problems=reading.problems)
    if reading.problems:
        return Outcome(accepted=False, typed=reading.typed, problems=reading.problems)
    page = Page.of(activity_id, activity_id, key, posted)
    async with runtime.store.change(now=now, actor="colleague", stream=activity_id) as session:
        if earlier := await sent_from(session, page):
            same = earlier.key == page.submission_key
            return Outcome(accepted=same, kept_id=None if same else earlier.id)
        session.add(
            Submission(
                key=page.submission_key,
                activity_id=activity_id,
                form=REACTION,
                form_digest=await keep_form(session, runtime.library, REACTION, None),
                via=Via.WEB,
                answers=reading.answers,
                submitted_at=now,
            )
        )
        if reading.answers.get("wish"):
            await _tell_authors(session, runtime, activity_id, found.card.authors, now)
    return Outcome(accepted=True)


async def wishes_of(session: AsyncSession, activity_id: str, since: datetime, until: datetime) -> tuple[str, ...]:
    """Return what colleagues wrote that they would like to know, each once, from ``since`` up to ``until``."""
    rows = await session.scalars(
        select(Submission)
        .where(
            Submission.activity_id == activity_id,
            Submission.form == REACTION,
            Submission.submitted_at >= since,
            Submission.submitted_at < until,
        )
        .order_by(Submission.submitted_at, Submission.id)
    )
    return tuple(dict.fromkeys(text for row in rows if (text := plain((row.answers or {}).get("wish")))))


async def _tell_authors(
    session: AsyncSession, runtime: Runtime, activity_id: str, authors: Sequence[str], now: datetime
) -> None:
    """Queue one mail for each author about everything that colleagues would like to know of this day."""
    loaded = await load(session, runtime.settings.timezone, activity_id)
    for participation in (*loaded.in_role(Role.TEACHER), *loaded.in_role(Role.COORDINATOR)):
        if participation.person_id not in authors:
            continue
        calendar = loaded.calendar_of(participation)
        day = calendar.day_of(now)
        await queue(
            session,
            key=f"{activity_id}:{WISH}:{participation.id}:{day.isoformat()}",
            mail=WISH,
            person_id=participation.person_id,
            activity_id=activity_id,
            participation_id=participation.id,
            about={
                "since": calendar.at(day, time(0, 0)).isoformat(),
                "until": calendar.at(day + timedelta(days=1), time(0, 0)).isoformat(),
            },
            needed_if=NeededIf.ACTIVE,
            due_at=loaded.leaves_at(Pace.ROUTINE, participation, calendar.at(day + timedelta(days=1), time(0, 0))),
            now=now,
        )


async def school_of(session: AsyncSession, wall_key: str) -> School:
    """Return the school of a wall; raises ``WallUnknown``."""
    school = await session.scalar(select(School).where(School.wall_key == wall_key))
    if school is None:
        raise WallUnknown
    return school


async def _one(session: AsyncSession, school: School, activity_id: str) -> WallCard:
    shared = await session.scalar(visible_to(school).where(Activity.id == activity_id))
    found = await _wall_card(session, shared, school) if shared is not None else None
    if found is None or found.card.is_empty:
        raise WallUnknown
    return found


async def _wall_card(session: AsyncSession, activity: Activity, school: School) -> WallCard | None:
    card = await read_card(session, activity.id, school_id=school.id)
    if card is None:
        return None
    present = await session.scalar(
        select(func.count(func.distinct(Participation.person_id))).where(
            Participation.activity_id == activity.id,
            Participation.role == Role.TEACHER,
            or_(
                Participation.presence.in_(THERE),  # also who was erased since
                and_(Participation.standing.in_(ACTIVE), Participation.presence == Presence.UNKNOWN),
            ),
        )
    )
    return WallCard(card, activity.kind, activity.progress, present or 0)
