"""Keep, drop and look at what a school or region says in its mails itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.own_text import Piece, Readers
from models.roles import Role
from models.tables.activities import Activity
from models.tables.mail import Message
from models.tables.network import Company, Person, Region, School
from models.tables.texts import OwnText
from models.text import Language
from sandwich.errors import BadInput, SandwichError
from sandwich.mail.case import open_case
from sandwich.mail.contexts.parts import MailContext, Reachable, Reader
from sandwich.mail.example import ROLES, sample
from sandwich.mail.own_words import check, own_of, readers_of
from sandwich.mail.render import Rendered, Renderer, renderer
from sandwich.mail.wording import kind_of
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.trial import trial
from sandwich.store.chain import REGISTRY

LONG_TITLE = "Kennismaken met verspanen, robotica, metaalbewerking en duurzame installatietechniek in de Grienden"
LONG_COMPANY = "Koninklijke Machinefabriek en Constructiewerkplaats Van Wijngaarden-Oosterhout en Zonen B.V."
LONG_NAME = "Wilhelmina-Jacoba van den Oudenrijn-Goossenaerts"
_TRIES = 5
"""How many of the newest mails are looked at for one that can still be worded."""


class OwnerUnknown(BadInput):
    """{sentence}"""

    dutch = "{zin}"


@dataclass(frozen=True)
class Owner:
    """Whose words they are: a school, or the whole region that it is in."""

    id: str
    name: str
    code: str
    region_id: str


@dataclass(frozen=True)
class Place:
    """Which mail, in which language, for which readers."""

    mail: str
    language: Language
    readers: Readers


@dataclass(frozen=True)
class Preview:
    """A mail with own texts: with what an ``activity`` (its title) has, or an example where there is none, and with the
    longest names; ``shipped`` is what we say where nobody words it otherwise.
    """

    activity: str | None
    real: Rendered
    longest: Rendered
    shipped: Mapping[Piece, str]


async def owners(session: AsyncSession, region_id: str | None = None) -> list[Owner]:
    """Return whose words there may be: regions, each with its schools behind it; of one region where it is given."""
    regions = select(Region).order_by(Region.code)
    found: list[Owner] = []
    for region in await session.scalars(regions.where(Region.id == region_id) if region_id else regions):
        found.append(Owner(region.id, region.name, region.code, region.id))
        schools = select(School).where(School.region_id == region.id).order_by(School.name)
        found += [Owner(one.id, one.name, one.code, region.id) for one in await session.scalars(schools)]
    return found


async def find_owner(session: AsyncSession, name: str | None) -> Owner:
    """Return a school or region by its code, name or id; without one the only region. Raises :class:`OwnerUnknown`."""
    every = await owners(session)
    wanted = (name or "").strip().casefold()
    if name is None:
        found = [one for one in every if one.id == one.region_id]
    else:
        found = [one for one in every if wanted in {one.code.casefold(), one.name.casefold(), one.id}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.code for one in every) or "–"
    raise OwnerUnknown(
        f"Say whose words these are, with --of. There are: {known}.",
        f"Zeg van wie deze woorden zijn, met --of. Er zijn: {known}.",
    )


async def texts_of(session: AsyncSession, owner_id: str) -> list[OwnText]:
    """Return what a school or region words itself."""
    order = OwnText.mail, OwnText.language, OwnText.readers, OwnText.piece
    return list(await session.scalars(select(OwnText).where(OwnText.owner_id == owner_id).order_by(*order)))


async def set_texts(
    runtime: Runtime, owner: Owner, place: Place, words: Mapping[Piece, str], *, now: datetime, actor: str
) -> None:
    """Say these pieces of a mail in own words from now on; an empty one goes back to what we ship.

    Also mails that wait already get them, for a mail is worded when it leaves. All or nothing: raises what is wrong.
    """
    kept = {
        piece: check(place.mail, place.readers, piece, text) if text.strip() else None for piece, text in words.items()
    }
    readers_of(place.mail)
    async with runtime.store.change(now=now, actor=actor, stream=REGISTRY) as session:
        known = {row.piece: row for row in await _own(session, owner.id, place)}
        for piece, text in kept.items():
            row = known.get(piece)
            if text is None:
                if row is not None:
                    await session.delete(row)
            elif row is None:
                session.add(
                    OwnText(
                        owner_id=owner.id,
                        mail=place.mail,
                        language=place.language,
                        readers=place.readers,
                        piece=piece,
                        words=text,
                    )
                )
            elif row.words != text:
                row.words = text


async def preview(
    runtime: Runtime,
    owner: Owner,
    place: Place,
    *,
    now: datetime,
    words: Mapping[Piece, str] | None = None,
    activity_id: str | None = None,
) -> Preview:
    """Word a mail with the own texts that are kept, or with ``words``; nothing is changed, nothing sent.

    Raises what is wrong with ``words``.
    """
    if words is None:
        async with runtime.store.read() as session:
            pieces = {row.piece: row.words for row in await _own(session, owner.id, place)}
    else:
        pieces = {piece: check(place.mail, place.readers, piece, text) for piece, text in words.items() if text.strip()}
    readers_of(place.mail)
    title, context = await _real(runtime, owner, place, activity_id, now)
    longest = await _longest(runtime, owner, context)
    render = renderer(runtime.settings.timezone)
    return Preview(
        title,
        _rendered(render, place, pieces, context),
        _rendered(render, place, pieces, longest),
        shipped={
            Piece.ASK: render.ask(place.mail, place.language, context),
            Piece.OPENING: render.piece(place.mail, place.language, context, "opening"),
            Piece.CLOSING: render.piece(place.mail, place.language, context, "closing"),
        },
    )


def _rendered(render: Renderer, place: Place, pieces: Mapping[Piece, str], context: MailContext) -> Rendered:
    own = own_of(pieces, context, render.words(place.language))
    return render.render(place.mail, place.language, context, own)


async def _own(session: AsyncSession, owner_id: str, place: Place) -> list[OwnText]:
    rows = await session.scalars(
        select(OwnText).where(
            OwnText.owner_id == owner_id,
            OwnText.mail == place.mail,
            OwnText.language == place.language,
            OwnText.readers == place.readers,
        )
    )
    return list(rows)


async def _real(
    runtime: Runtime, owner: Owner, place: Place, activity_id: str | None, now: datetime
) -> tuple[str | None, MailContext]:
    """Return what the newest mail of this kind was or will be worded from, with the title of its activity."""
    query = (
        select(Message)
        .join(Activity, Activity.id == Message.activity_id)
        .where(Message.mail == place.mail, Activity.region_id == owner.region_id)
        .order_by(Message.queued_at.desc(), Message.id)
        .limit(_TRIES)
    )
    if activity_id is not None:
        query = query.where(Message.activity_id == activity_id)
    async with runtime.store.read() as session:
        messages = list(await session.scalars(query))
    for message in messages:
        assert message.activity_id is not None  # it was joined by it
        try:
            async with trial(runtime, message.activity_id, now) as session:
                case = await open_case(session, runtime.settings, message, now)
                case.language = place.language
                if case.formal is (place.readers is Readers.HOSTS):
                    return case.own_activity().title, await kind_of(message).load(case)
        except (SandwichError, ValueError, KeyError):  # what it was about is gone since
            continue
    role = Role.HOST_CONTACT if place.readers is Readers.HOSTS else ROLES.get(place.mail, Role.TEACHER)
    return None, sample(place.mail, "…", role=role)


async def _longest(runtime: Runtime, owner: Owner, context: MailContext) -> MailContext:
    """Return the same with the longest title and names of the region, or such as there are."""
    async with runtime.store.read() as session:
        title = await session.scalar(
            select(Activity.title)
            .where(Activity.region_id == owner.region_id)
            .order_by(func.length(Activity.title).desc())
            .limit(1)
        )
        company = await session.scalar(
            select(Company.name)
            .where(Company.region_id == owner.region_id)
            .order_by(func.length(Company.name).desc())
            .limit(1)
        )
        schools = select(School.id).where(School.region_id == owner.region_id)
        people = await session.scalars(
            select(Person).where(
                or_(Person.school_id.in_(schools), Person.school_id.is_(None)), Person.erased_on.is_(None)
            )
        )
        person = max([full_name(one) for one in people if full_name(one)], key=len, default="")
    name = max(person, LONG_NAME, key=len)
    reach = context.coordinator
    return context.model_copy(
        update={
            "title": max(title or "", LONG_TITLE, key=len),
            "company": max(company or "", LONG_COMPANY, key=len) if context.company else None,
            "reader": Reader(name=name, given=name, is_shared=context.reader.is_shared),
            "coordinator": Reachable(name=name, phone=reach.phone, mail=reach.mail) if reach else None,
        }
    )
