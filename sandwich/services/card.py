"""The impression card: one page of what its authors wrote, less what the host or the authors keep back. Reads only.

``ImpressionCard.content`` names submissions; the words are read here every time, so that what is withdrawn or erased
is gone from the card. Where the host kept silent the card is *restricted*: no photos, no names of the host's people,
and no part in which something stands that the task division marks as confidential.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import HOST_ROLES, Role
from models.tables.activities import Activity, ContactMoment, Participation
from models.tables.asking import FormVersion, Submission
from models.tables.network import Company, Contact, ContactKind, Person
from models.tables.results import CardState, ImpressionCard
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.services.agree import accepted_terms

INSIGHTS = ("insight_1", "insight_2", "insight_3")
WRITTEN = ("headline", *INSIGHTS, "use_lesson", "lob")
SOMEBODY = Text(nl="een medewerker", en="one of the staff")
"""What stands in a restricted card where somebody of the host was named."""

_COMMON = frozenset(
    [
        "alle",
        "alleen",
        "alles",
        "andere",
        "bedrijf",
        "bijzonders",
        "daar",
        "deze",
        "delen",
        "door",
        "eerst",
        "foto",
        "foto's",
        "fotos",
        "geen",
        "gedeeld",
        "gemaakt",
        "gefotografeerd",
        "hebben",
        "hier",
        "jullie",
        "kunnen",
        "maken",
        "maar",
        "mogen",
        "moet",
        "naar",
        "niet",
        "niets",
        "ofwel",
        "omdat",
        "onze",
        "ook",
        "onder",
        "over",
        "overleg",
        "school",
        "shared",
        "should",
        "staan",
        "staat",
        "than",
        "that",
        "their",
        "them",
        "there",
        "these",
        "they",
        "this",
        "toch",
        "tonen",
        "vanuit",
        "voor",
        "vooraf",
        "waar",
        "want",
        "wanneer",
        "wordt",
        "worden",
        "wat",
        "zeker",
        "zijn",
        "zonder",
        "about",
        "anything",
        "company",
        "first",
        "from",
        "have",
        "made",
        "make",
        "may",
        "must",
        "named",
        "never",
        "nothing",
        "only",
        "other",
        "photo",
        "photos",
        "picture",
        "pictures",
        "please",
        "school",
        "special",
        "tell",
        "what",
        "when",
        "where",
        "which",
        "with",
        "without",
        "your",
    ]
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*", re.UNICODE)
_NUMBERED = re.compile(r"[^\W\d_]+ \d+", re.UNICODE)


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
    """The card as one reader sees it. ``photos`` and ``materials`` are ids of uploads."""

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
        form = forms.get(submission.form_digest) or await session.get_one(FormVersion, submission.form_digest)
        forms[submission.form_digest] = form
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
        insights=tuple(text for question in INSIGHTS for text in texts[question])[:3],
        use_lesson=tuple(texts["use_lesson"][:3]),
        lob=tuple(texts["lob"][:2]),
        photos=() if row.is_restricted else await _photos(session, activity_id, submissions),
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
    return {person: school for person, school in rows}


async def _restricted(
    session: AsyncSession, activity: Activity, company: Company | None, parts: Sequence[CardPart]
) -> list[CardPart]:
    terms = await accepted_terms(session, activity.id)
    marked = confidential_terms(str(terms.get("confidential") or ""))
    names = await _host_names(session, activity, company, terms)
    kept = [part for part in parts if not mentions(part.text, marked)]
    return [replace(part, text=without_names(part.text, names)) for part in kept]


def confidential_terms(note: str) -> frozenset[str]:
    """Return what a note on confidentiality is about: its longer words that are not common ones, and *hall 2*."""
    plain = note.casefold()
    words = {word for word in _WORD.findall(plain) if len(word) >= 4 and word not in _COMMON}
    return frozenset(words | set(_NUMBERED.findall(plain)))


def mentions(text: str, terms: frozenset[str]) -> bool:
    """Return whether one of the terms stands in ``text``; the beginning of a word counts."""
    plain = " ".join(text.casefold().split())
    return any(
        re.search(rf"(?<!\w){re.escape(term)}{r'(?!\d)' if term[-1].isdigit() else ''}", plain) for term in terms
    )


def without_names(text: str, names: Sequence[str]) -> str:
    """Return ``text`` with every one of the names replaced by a word for somebody."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", SOMEBODY.nl, text, flags=re.IGNORECASE)
    return text


async def _host_names(
    session: AsyncSession, activity: Activity, company: Company | None, terms: Mapping[str, Any]
) -> list[str]:
    """Return the names of the host's people: whole, given and family names, and those written in the task division."""
    hosts = select(Participation.person_id).where(
        Participation.activity_id == activity.id, Participation.role.in_(HOST_ROLES)
    )
    people = await session.scalars(
        select(Person).where(
            Person.id.in_(hosts) | ((Person.company_id == activity.company_id) & Person.company_id.is_not(None))
        )
    )
    names: set[str] = set()
    for person in people:
        names |= {full_name(person), person.given_name or "", _family(person)}
    for row in [*(terms.get("tasks") or []), *(terms.get("guides") or [])]:
        if isinstance(row, dict) and row.get("who") != "school":
            names.add(str(row.get("name") or ""))
    names.add(str(terms.get("contact_day_host") or ""))
    own = company.name.casefold() if company else ""
    # A company called after its owner keeps its name; the owner's whole name goes.
    return [name for name in names if len(name) > 1 and (" " in name or name.casefold() not in own)]


def _family(person: Person) -> str:
    return " ".join(part for part in (person.infix, person.family_name) if part)


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
