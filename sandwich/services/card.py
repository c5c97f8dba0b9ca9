"""The impression card: one page of what its authors wrote, less what the host or the authors keep back. Reads only.

Where the host kept silent the card is *restricted* (field rule 16): no photos, no files, no names of the host's people,
and no part in which something stands that the task division marks as confidential.

What the host looks at are the impressions as they are now (``shown_to_host``); what stands on the wall are those that
it had before it when it released them or kept silent (``read_card``). What an author takes back goes at once.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ContactMoment
from models.tables.asking import Submission
from models.tables.network import Company, Person
from models.tables.results import CardState
from sandwich.rules.names import full_name
from sandwich.services.agreements import accepted_terms
from sandwich.services.card_content import (
    INSIGHTS,
    MATERIALS,
    PHOTOS,
    CardPart,
    Impression,
    card_of,
    impressions_now,
    impressions_on,
    open_to,
    parts_of,
)
from sandwich.services.contacts import mail_of
from sandwich.services.discretion import confidential_terms, host_names, mentions, without_names
from sandwich.services.photo_consent import are_in_doubt
from sandwich.services.receiver import Receiver, receiver_of

RELEASE = "card-release"


@dataclass(frozen=True)
class Composed:
    """What has room on one card, in the order in which it is read: one headline, and nothing twice."""

    headline: CardPart | None
    insights: tuple[CardPart, ...]
    lob: tuple[CardPart, ...]
    use_lesson: tuple[CardPart, ...]
    photos: tuple[CardPart, ...]
    materials: tuple[CardPart, ...]

    @property
    def parts(self) -> tuple[CardPart, ...]:
        """Everything on it."""
        first = (self.headline,) if self.headline else ()
        return (*first, *self.insights, *self.lob, *self.use_lesson, *self.photos, *self.materials)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return not (self.headline or self.insights or self.use_lesson or self.lob)


@dataclass(frozen=True)
class Shown:
    """The card as its host looks at it: all that its authors wrote and sent."""

    impressions: tuple[Impression, ...] = ()
    parts: tuple[CardPart, ...] = ()

    @property
    def rows(self) -> tuple[CardPart, ...]:
        """The parts that the host shares or leaves out: what several authors wrote in the same words stands once."""
        found: dict[tuple[str, str], CardPart] = {}
        for part in self.parts:
            found.setdefault(part.words, part)
        return tuple(found.values())

    def of_all(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was said of a row for every part with the same words."""
        row_of = {row.words: row.key for row in self.rows}
        return {**said, **{part.key: said.get(row_of[part.words]) for part in self.parts}}

    @property
    def fingerprint(self) -> str:
        """What a release is bound to: another as soon as anything in it is, or goes further than it went."""
        said = [(part.key, part.text, part.on_request) for part in self.parts]
        reach = [(one.submission.invitation_id, one.is_for_all, one.gives("")) for one in self.impressions]
        return hashlib.sha256(json.dumps([said, reach]).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class CardContact:
    """A participant whom colleagues may mail."""

    name: str
    address: str


@dataclass(frozen=True)
class OnRequest:
    """A file whose author wants to be asked first; ``contact`` is empty where the author may not be mailed."""

    name: str
    contact: CardContact | None


@dataclass(frozen=True)
class Card:
    """The card as one reader sees it. ``photos`` and ``materials`` are files that the reader may have.

    ``authors`` are the ids of those who hear what a colleague would like to know: who may be mailed, else the first.
    """

    activity_id: str
    title: str
    receiver: Receiver
    held_at: datetime | None
    state: CardState
    is_restricted: bool
    composed: Composed
    on_request: tuple[OnRequest, ...]
    contacts: tuple[CardContact, ...]
    authors: tuple[str, ...]
    published_at: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to read."""
        return self.composed.is_empty

    @property
    def headline(self) -> str | None:
        """The news in one sentence."""
        return self.composed.headline.text if self.composed.headline else None

    @property
    def insights(self) -> tuple[str, ...]:
        """At most three things that colleagues must know."""
        return _texts(self.composed.insights)

    @property
    def use_lesson(self) -> tuple[str, ...]:
        """How it can be used in class."""
        return _texts(self.composed.use_lesson)

    @property
    def lob(self) -> tuple[str, ...]:
        """What to say to a pupil who asks why."""
        return _texts(self.composed.lob)

    @property
    def photos(self) -> tuple[CardPart, ...]:
        """The photos, each with its ``upload_id``."""
        return self.composed.photos

    @property
    def materials(self) -> tuple[CardPart, ...]:
        """The files that can be opened, each with its ``upload_id``."""
        return tuple(part for part in self.composed.materials if not part.on_request)


async def shown_to_host(session: AsyncSession, activity_id: str) -> Shown:
    """Return the card as the host looks at it beforehand, from the impressions as they are now."""
    row = await card_of(session, activity_id)
    if row is None:
        return Shown()
    found = await impressions_now(session, activity_id)
    parts = await parts_of(session, found)
    if await are_in_doubt(session, activity_id):
        parts = tuple(part for part in parts if part.question != PHOTOS)
    return Shown(tuple(found), parts)


def compose(parts: Sequence[CardPart]) -> Composed:
    """Return what has room on one card, of parts in the order of their authors."""
    return Composed(
        headline=next(iter(_different(parts, "headline")), None),
        insights=_different(parts, *INSIGHTS)[:3],
        lob=_different(parts, "lob")[:2],
        use_lesson=_different(parts, "use_lesson")[:3],
        photos=tuple(part for part in parts if part.question == PHOTOS),
        materials=tuple(part for part in parts if part.question == MATERIALS),
    )


async def read_card(session: AsyncSession, activity_id: str, *, school_id: str | None = None) -> Card | None:
    """Return the card as the colleagues of a school read it, or whole without ``school_id``; ``None`` where none is."""
    row = await card_of(session, activity_id)
    if row is None or row.state is CardState.WITHDRAWN:
        return None
    activity = await session.get_one(Activity, activity_id)
    company = await session.get(Company, activity.company_id) if activity.company_id else None
    found = await impressions_on(session, row)
    if school_id is not None:
        found = await open_to(session, activity_id, found, school_id)
    left_out = {str(key) for key in row.confidential}
    parts = [part for part in await parts_of(session, found, school_id) if part.key not in left_out]
    if any(part.is_restricted for part in parts):
        parts = await _restricted(session, activity, company, parts)
    if not await _photos_allowed(session, activity_id) or await are_in_doubt(session, activity_id):
        parts = [part for part in parts if part.question != PHOTOS]
    composed = compose(parts)
    contacts = await _contacts(session, found)
    return Card(
        activity_id=activity_id,
        title=activity.title,
        receiver=await receiver_of(session, activity, company),
        held_at=await session.scalar(
            select(ContactMoment.starts_at)
            .where(ContactMoment.activity_id == activity_id)
            .order_by(ContactMoment.number)
            .limit(1)
        ),
        state=row.state,
        is_restricted=row.is_restricted,
        composed=composed,
        on_request=tuple(
            OnRequest(part.text, contacts.get(part.author_id or "")) for part in composed.materials if part.on_request
        ),
        contacts=tuple(contacts.values()),
        authors=_willing(found) or tuple(one.submission.person_id for one in found[:1] if one.submission.person_id),
        published_at=row.published_at,
    )


def _different(parts: Sequence[CardPart], *questions: str) -> tuple[CardPart, ...]:
    """Return the parts that answer these questions, of parts with the same words the first alone."""
    found: dict[str, CardPart] = {}
    for question in questions:
        for part in parts:
            if part.question == question:
                found.setdefault(part.text, part)
    return tuple(found.values())


def _texts(parts: Sequence[CardPart]) -> tuple[str, ...]:
    return tuple(part.text for part in parts)


async def _restricted(
    session: AsyncSession, activity: Activity, company: Company | None, parts: Sequence[CardPart]
) -> list[CardPart]:
    """Return the parts without what a silent host did not agree to; nobody has looked into its files."""
    terms = await accepted_terms(session, activity.id)
    marked = confidential_terms(str(terms.get("confidential") or ""))
    names = await host_names(session, activity, company, terms)
    kept = []
    for part in parts:
        if not part.is_restricted:
            kept.append(part)
        elif part.upload_id is None and not mentions(part.text, marked):
            kept.append(replace(part, text=without_names(part.text, names)))
    return kept


async def _photos_allowed(session: AsyncSession, activity_id: str) -> bool:
    """Return whether the host said yes to photos, the last time that it said anything."""
    said = await session.scalar(
        select(Submission)
        .where(Submission.activity_id == activity_id, Submission.form == RELEASE)
        .order_by(Submission.submitted_at.desc(), Submission.number.desc())
        .limit(1)
    )
    return said is not None and (said.answers or {}).get("photos") is True


def _willing(found: Sequence[Impression]) -> tuple[str, ...]:
    """Return the authors whom a colleague may mail."""
    ids = [one.submission.person_id for one in found if one.answers.get("contact_share") is True]
    return tuple(dict.fromkeys(key for key in ids if key))


async def _contacts(session: AsyncSession, found: Sequence[Impression]) -> dict[str, CardContact]:
    shared = {}
    for person_id in _willing(found):
        person = await session.get_one(Person, person_id)
        address = await mail_of(session, person_id)
        if address and person.erased_on is None:
            shared[person_id] = CardContact(full_name(person), address)
    return shared
