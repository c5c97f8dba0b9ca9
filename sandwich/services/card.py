"""The impression card: one page of what its authors wrote, less what the host or the authors keep back. Reads only.

``ImpressionCard.content`` names submissions; the words are read here every time, so that what is withdrawn or erased
is gone from the card. Where the host kept silent the card is *restricted*: no photos, no names of the host's people,
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

from models.playbook import Role
from models.tables.activities import ACTIVE, Activity, ContactMoment, Participation
from models.tables.asking import FormVersion, Submission
from models.tables.network import Company, Contact, ContactKind, Person
from models.tables.results import CardState, ImpressionCard
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.services.agree import accepted_terms
from sandwich.services.answers_of import read_answers_of
from sandwich.services.discretion import confidential_terms, host_names, mentions, without_names

CARD_FORM = "impressions"
RELEASE = "card-release"
INSIGHTS = ("insight_1", "insight_2", "insight_3")
WRITTEN = ("headline", *INSIGHTS, "use_lesson", "lob")


@dataclass(frozen=True)
class CardPart:
    """One thing that an author wrote. ``key`` is its name in what the host leaves out: the same after a change."""

    key: str
    question: str
    label: Text
    text: str
    author_id: str | None


@dataclass(frozen=True)
class Shown:
    """The card as its host looks at it: all that its authors wrote. ``photos`` and ``materials`` are ids of uploads."""

    parts: tuple[CardPart, ...] = ()
    photos: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What a release is bound to: another as soon as anything in it is."""
        said = [[(part.key, part.text) for part in self.parts], self.photos, self.materials]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class CardContact:
    """A participant whom colleagues may mail."""

    name: str
    address: str


@dataclass(frozen=True)
class Card:
    """The card as one reader sees it. ``photos`` and ``materials`` are ids of uploads.

    ``authors`` are the ids of those who hear what a colleague would like to know: who may be mailed, else the first.

    ``has_photos`` says that there are photos that could be shown, also where the host has not allowed it.
    """

    activity_id: str
    title: str
    company: str | None
    held_at: datetime | None
    state: CardState
    is_restricted: bool
    headline: str | None
    insights: tuple[str, ...]
    use_lesson: tuple[str, ...]
    lob: tuple[str, ...]
    photos: tuple[str, ...]
    has_photos: bool
    materials: tuple[str, ...]
    contacts: tuple[CardContact, ...]
    authors: tuple[str, ...]
    published_at: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to read."""
        return not (self.headline or self.insights or self.use_lesson or self.lob)


async def shown_to_host(session: AsyncSession, activity_id: str) -> Shown:
    """Return the card as the host looks at it beforehand, from the impressions as they are now."""
    row = await card_of(session, activity_id)
    if row is None:
        return Shown()
    found = [_Impression(one, one.answers) for one in await current_impressions(session, activity_id)]
    return Shown(
        await _parts(session, found),
        () if row.state is CardState.WITHDRAWN else _agreed_photos(found),
        _uploads(found, "materials"),
    )


async def card_parts(session: AsyncSession, activity_id: str) -> tuple[CardPart, ...]:
    """Return everything that the authors wrote for the card, as the host looks at it beforehand."""
    return (await shown_to_host(session, activity_id)).parts


async def current_impressions(session: AsyncSession, activity_id: str) -> list[Submission]:
    """Return the impressions that count now, the trip leader's first; erased ones are gone."""
    answers = await read_answers_of(session, activity_id)
    return await _leader_first(session, activity_id, [one.submission for one in answers.of_form(CARD_FORM)])


async def card_of(session: AsyncSession, activity_id: str) -> ImpressionCard | None:
    """Return the row of an activity's card."""
    found: ImpressionCard | None = await session.scalar(
        select(ImpressionCard).where(ImpressionCard.activity_id == activity_id)
    )
    return found


async def read_card(session: AsyncSession, activity_id: str, *, school_id: str | None = None) -> Card | None:
    """Return the card as the colleagues of a school read it, or whole without ``school_id``; ``None`` where none is.

    What an author wrote for the own team stays inside the own school, the smallest circle that the system knows.
    """
    row = await card_of(session, activity_id)
    if row is None or row.state is CardState.WITHDRAWN:
        return None
    activity = await session.get_one(Activity, activity_id)
    company = await session.get(Company, activity.company_id) if activity.company_id else None
    found = await _on_the_card(session, row)
    if school_id is not None:
        found = await _open_to(session, activity_id, found, school_id)
    left_out = {str(key) for key in row.confidential}
    parts = [part for part in await _parts(session, found) if part.key not in left_out]
    restricted = {one.submission.invitation_id for one in found if one.is_restricted}
    if restricted:
        parts = await _restricted(session, activity, company, parts, restricted)
    texts = {question: [part.text for part in parts if part.question == question] for question in WRITTEN}
    return Card(
        activity_id=activity_id,
        title=activity.title,
        company=company.name if company else None,
        held_at=await session.scalar(
            select(ContactMoment.starts_at)
            .where(ContactMoment.activity_id == activity_id)
            .order_by(ContactMoment.number)
            .limit(1)
        ),
        state=row.state,
        is_restricted=row.is_restricted,
        headline=next(iter(texts["headline"]), None),
        insights=tuple(dict.fromkeys(text for question in INSIGHTS for text in texts[question]))[:3],
        use_lesson=tuple(dict.fromkeys(texts["use_lesson"]))[:3],
        lob=tuple(dict.fromkeys(texts["lob"]))[:2],
        photos=await _photos(session, activity_id, [one for one in found if not one.is_restricted]),
        has_photos=bool(_agreed_photos(found)),
        materials=_uploads(found, "materials"),
        contacts=await _contacts(session, found),
        authors=_willing(found) or tuple(one.submission.person_id for one in found[:1] if one.submission.person_id),
        published_at=row.published_at,
    )


@dataclass(frozen=True)
class _Impression:
    """One author's share in the card, with what of it still holds."""

    submission: Submission
    answers: Mapping[str, Any]
    is_restricted: bool = False


async def _on_the_card(session: AsyncSession, card: ImpressionCard) -> list[_Impression]:
    """Return what the card is made of; what its author has taken back since is gone from it."""
    ids = [str(key) for key in card.content.get("submissions", [])]
    rows = {row.id: row for row in await session.scalars(select(Submission).where(Submission.id.in_(ids)))}
    found = await _leader_first(session, card.activity_id, [rows[key] for key in ids if key in rows])
    restricted = set(card.content.get("restricted", ids)) if card.is_restricted else set()
    newest = {row.invitation_id: row.answers for row in await current_impressions(session, card.activity_id)}
    return [
        _Impression(row, _still_meant(row.answers, newest.get(row.invitation_id, row.answers)), row.id in restricted)
        for row in found
    ]


def _still_meant(seen: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that the host saw, less what their author does not say or allow any more."""
    return {
        **{question: seen.get(question) for question in WRITTEN if now.get(question)},
        **{
            question: [key for key in seen.get(question) or [] if key in (now.get(question) or [])]
            for question in ("photo", "materials")
        },
        **{
            question: seen.get(question) is True and now.get(question) is True
            for question in ("photo_consent", "contact_share")
        },
        "scope": "team" if "team" in {seen.get("scope"), now.get("scope")} else seen.get("scope"),
    }


async def _leader_first(session: AsyncSession, activity_id: str, rows: Sequence[Submission]) -> list[Submission]:
    leaders = set(
        await session.scalars(
            select(Participation.person_id).where(
                Participation.activity_id == activity_id, Participation.role == Role.TRIP_LEADER
            )
        )
    )
    return sorted((row for row in rows if row.answers), key=lambda row: row.person_id not in leaders)


async def _open_to(
    session: AsyncSession, activity_id: str, found: Sequence[_Impression], school_id: str
) -> list[_Impression]:
    """Return what the colleagues of a school may read: of silence nothing where nobody of theirs took part."""
    ids = {one.submission.person_id for one in found if one.submission.person_id}
    rows = await session.execute(select(Person.id, Person.school_id).where(Person.id.in_(ids)))
    schools: dict[str | None, str | None] = {row.id: row.school_id for row in rows}
    took_part = await session.scalar(
        select(Participation.id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Participation.activity_id == activity_id,
            Participation.role.in_([Role.TEACHER, Role.TRIP_LEADER]),
            Participation.standing.in_(ACTIVE),
            Person.school_id == school_id,
        )
        .limit(1)
    )
    return [
        one
        for one in found
        if (one.answers.get("scope") != "team" or schools.get(one.submission.person_id) == school_id)
        and (took_part or not one.is_restricted)
    ]


async def _parts(session: AsyncSession, found: Sequence[_Impression]) -> tuple[CardPart, ...]:
    forms: dict[str, FormVersion] = {}
    parts = []
    for one in found:
        digest = one.submission.form_digest
        if digest not in forms:
            forms[digest] = await session.get_one(FormVersion, digest)
        form = forms[digest]
        labels = {question["key"]: Text.model_validate(question["label"]) for question in form.definition["questions"]}
        for question in WRITTEN:
            text = one.answers.get(question)
            if isinstance(text, str) and text.strip():
                key = f"{one.submission.invitation_id}-{question}"
                parts.append(CardPart(key, question, labels[question], text.strip(), one.submission.person_id))
    return tuple(parts)


async def _restricted(
    session: AsyncSession,
    activity: Activity,
    company: Company | None,
    parts: Sequence[CardPart],
    invitations: set[str | None],
) -> list[CardPart]:
    terms = await accepted_terms(session, activity.id)
    marked = confidential_terms(str(terms.get("confidential") or ""))
    names = await host_names(session, activity, company, terms)
    kept = []
    for part in parts:
        if part.key.partition("-")[0] not in invitations:
            kept.append(part)
        elif not mentions(part.text, marked):
            kept.append(replace(part, text=without_names(part.text, names)))
    return kept


async def _photos(session: AsyncSession, activity_id: str, found: Sequence[_Impression]) -> tuple[str, ...]:
    """Return the photos of authors who say that everybody agreed, where the host allowed photos at all."""
    said = await session.scalar(
        select(Submission)
        .where(Submission.activity_id == activity_id, Submission.form == RELEASE)
        .order_by(Submission.submitted_at.desc(), Submission.number.desc())
        .limit(1)
    )
    if said is None or (said.answers or {}).get("photos") is not True:
        return ()
    return _agreed_photos(found)


def _agreed_photos(found: Sequence[_Impression]) -> tuple[str, ...]:
    return _uploads([one for one in found if one.answers.get("photo_consent") is True], "photo")


def _uploads(found: Sequence[_Impression], question: str) -> tuple[str, ...]:
    return tuple(str(key) for one in found for key in one.answers.get(question) or [])


def _willing(found: Sequence[_Impression]) -> tuple[str, ...]:
    """Return the authors whom a colleague may mail."""
    ids = [one.submission.person_id for one in found if one.answers.get("contact_share") is True]
    return tuple(dict.fromkeys(key for key in ids if key))


async def _contacts(session: AsyncSession, found: Sequence[_Impression]) -> tuple[CardContact, ...]:
    shared = []
    for person_id in _willing(found):
        person = await session.get_one(Person, person_id)
        address = await session.scalar(
            select(Contact.address)
            .where(Contact.person_id == person_id, Contact.kind == ContactKind.MAIL, Contact.is_valid)
            .order_by(Contact.position)
            .limit(1)
        )
        if address and person.erased_on is None:
            shared.append(CardContact(full_name(person), address))
    return tuple(shared)
