"""The impression card: one page of what its authors wrote, less what the host or the authors keep back. Reads only.

``ImpressionCard.content`` names submissions; the words are read here every time, so that what is withdrawn or erased
is gone from the card. Where the host kept silent the card is *restricted*: no photos, no names of the host's people,
and no part in which something stands that the task division marks as confidential.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Role
from models.tables.activities import Activity, ContactMoment, Participation
from models.tables.asking import FormVersion, Submission
from models.tables.network import Company, Contact, ContactKind, Person
from models.tables.results import CardState, ImpressionCard
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.services.agree import accepted_terms
from sandwich.services.discretion import confidential_terms, host_names, mentions, without_names

INSIGHTS = ("insight_1", "insight_2", "insight_3")
WRITTEN = ("headline", *INSIGHTS, "use_lesson", "lob")


@dataclass(frozen=True)
class CardPart:
    """One thing that an author wrote. ``key`` is its name in what the host leaves out."""

    key: str
    question: str
    label: Text
    text: str
    author_id: str | None


@dataclass(frozen=True)
class CardContact:
    """A participant whom colleagues may mail."""

    name: str
    address: str


@dataclass(frozen=True)
class Card:
    """The card as one reader sees it. ``photos`` and ``materials`` are ids of uploads.

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
    published_at: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to read."""
        return not (self.headline or self.insights or self.use_lesson or self.lob)


async def card_parts(session: AsyncSession, activity_id: str) -> tuple[CardPart, ...]:
    """Return everything that the authors wrote for the card, as the host looks at it beforehand."""
    row = await _row(session, activity_id)
    if row is None:
        return ()
    forms: dict[str, FormVersion] = {}
    parts = []
    for submission in await _submissions(session, row):
        digest = submission.form_digest
        if digest not in forms:
            forms[digest] = await session.get_one(FormVersion, digest)
        form = forms[digest]
        labels = {question["key"]: Text.model_validate(question["label"]) for question in form.definition["questions"]}
        for question in WRITTEN:
            text = (submission.answers or {}).get(question)
            if isinstance(text, str) and text.strip():
                key = f"{submission.id}-{question}"
                parts.append(CardPart(key, question, labels[question], text.strip(), submission.person_id))
    return tuple(parts)


async def read_card(session: AsyncSession, activity_id: str, *, school_id: str | None = None) -> Card | None:
    """Return the card as the colleagues of a school read it, or whole without ``school_id``; ``None`` where none is.

    What an author wrote for the own team stays inside the own school, the smallest circle that the system knows.
    """
    row = await _row(session, activity_id)
    if row is None or row.state is CardState.WITHDRAWN:
        return None
    activity = await session.get_one(Activity, activity_id)
    company = await session.get(Company, activity.company_id) if activity.company_id else None
    submissions = await _submissions(session, row)
    schools = await _schools(session, submissions)
    open_to = {
        submission.id
        for submission in submissions
        if school_id is None
        or (submission.answers or {}).get("scope") != "team"
        or schools.get(submission.person_id or "") == school_id
    }
    submissions = [submission for submission in submissions if submission.id in open_to]
    left_out = {str(key) for key in row.confidential}
    parts = [part for part in await card_parts(session, activity_id) if part.key not in left_out]
    parts = [part for part in parts if part.key.partition("-")[0] in open_to]
    if row.is_restricted:
        parts = await _restricted(session, activity, company, parts)
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
        photos=() if row.is_restricted else await _photos(session, activity_id, submissions),
        has_photos=bool(_agreed_photos(submissions)),
        materials=_uploads(submissions, "materials"),
        contacts=await _contacts(session, submissions),
        published_at=row.published_at,
    )


async def _row(session: AsyncSession, activity_id: str) -> ImpressionCard | None:
    found: ImpressionCard | None = await session.scalar(
        select(ImpressionCard).where(ImpressionCard.activity_id == activity_id)
    )
    return found


async def _submissions(session: AsyncSession, card: ImpressionCard) -> list[Submission]:
    """Return the submissions that the card is made of, the trip leader's first; erased ones are gone."""
    ids = [str(key) for key in card.content.get("submissions", [])]
    leaders = set(
        await session.scalars(
            select(Participation.person_id).where(
                Participation.activity_id == card.activity_id, Participation.role == Role.TRIP_LEADER
            )
        )
    )
    rows = {row.id: row for row in await session.scalars(select(Submission).where(Submission.id.in_(ids)))}
    found = [rows[key] for key in ids if key in rows and rows[key].answers]
    return sorted(found, key=lambda row: (row.person_id not in leaders, ids.index(row.id)))


async def _schools(session: AsyncSession, submissions: Sequence[Submission]) -> Mapping[str, str | None]:
    ids = {submission.person_id for submission in submissions if submission.person_id}
    rows = await session.execute(select(Person.id, Person.school_id).where(Person.id.in_(ids)))
    return {row.id: row.school_id for row in rows}


async def _restricted(
    session: AsyncSession, activity: Activity, company: Company | None, parts: Sequence[CardPart]
) -> list[CardPart]:
    terms = await accepted_terms(session, activity.id)
    marked = confidential_terms(str(terms.get("confidential") or ""))
    names = await host_names(session, activity, company, terms)
    kept = [part for part in parts if not mentions(part.text, marked)]
    return [replace(part, text=without_names(part.text, names)) for part in kept]


async def _photos(session: AsyncSession, activity_id: str, submissions: Sequence[Submission]) -> tuple[str, ...]:
    """Return the photos of authors who say that everybody agreed, where the host allowed photos at all."""
    said = await session.scalar(
        select(Submission)
        .where(Submission.activity_id == activity_id, Submission.form == "card-release")
        .order_by(Submission.submitted_at.desc(), Submission.number.desc())
        .limit(1)
    )
    if said is None or (said.answers or {}).get("photos") is not True:
        return ()
    return _agreed_photos(submissions)


def _agreed_photos(submissions: Sequence[Submission]) -> tuple[str, ...]:
    return _uploads([one for one in submissions if (one.answers or {}).get("photo_consent") is True], "photo")


def _uploads(submissions: Sequence[Submission], question: str) -> tuple[str, ...]:
    return tuple(str(key) for one in submissions for key in (one.answers or {}).get(question) or [])


async def _contacts(session: AsyncSession, submissions: Sequence[Submission]) -> tuple[CardContact, ...]:
    ids = [one.person_id for one in submissions if (one.answers or {}).get("contact_share") is True and one.person_id]
    found = []
    for person_id in dict.fromkeys(ids):
        person = await session.get_one(Person, person_id)
        address = await session.scalar(
            select(Contact.address)
            .where(Contact.person_id == person_id, Contact.kind == ContactKind.MAIL, Contact.is_valid)
            .order_by(Contact.position)
            .limit(1)
        )
        if address and person.erased_on is None:
            found.append(CardContact(full_name(person), address))
    return tuple(found)
