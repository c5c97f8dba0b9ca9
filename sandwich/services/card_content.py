"""What the impression card is made of: whose impressions, what of each of them still holds, and who may read it.

``ImpressionCard.content`` names submissions; the words are read here every time, so that what is withdrawn or erased
is gone from the card. An author's own circle (field rule 16) is kept here too: *my team* and *my school* are both the
own school, the smallest circle that the system knows, and a file goes no further than its licence says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import ACTIVE, Participation
from models.tables.asking import FormVersion, Invitation, Submission, Upload
from models.tables.network import Person
from models.tables.results import ImpressionCard
from models.text import Text
from sandwich.services.answers_of import read_answers_of

CARD_FORM = "impressions"
INSIGHTS = ("insight_1", "insight_2", "insight_3")
WRITTEN = ("headline", *INSIGHTS, "use_lesson", "lob")
PHOTOS, MATERIALS = "photo", "materials"
SCOPES = ("team", "school", "region", "website")
"""Answers to "who may see this?", the smallest circle first."""
REGION_SCOPES = frozenset({"region", "website"})
LICENCES = ("ask-me", "own-school", "region")
"""Answers to "who may use this material?", the narrowest first; without an answer it is the narrowest."""


@dataclass(frozen=True)
class CardPart:
    """One thing that an author wrote or sent. ``key`` is its name in what the host leaves out: the same after a change.

    ``text`` of a file is its name. ``upload_id`` is the file, ``on_request`` that its author wants to be asked first.
    """

    key: str
    question: str
    label: Text
    text: str
    author_id: str | None
    upload_id: str | None = None
    on_request: bool = False
    is_restricted: bool = False

    @property
    def words(self) -> tuple[str, str]:
        """What makes two parts the same for a reader; the same insight may be somebody's first or second."""
        return "insight" if self.question in INSIGHTS else self.question, self.upload_id or self.text


@dataclass(frozen=True)
class Impression:
    """One author's share in the card, with what of it still holds. ``school_id`` is the author's own school.

    ``is_restricted``: the host kept silent about it. ``is_of_group``: nobody's own, for every school that took part.
    """

    submission: Submission
    answers: Mapping[str, Any]
    school_id: str | None
    is_restricted: bool = False
    is_of_group: bool = False

    @property
    def is_for_all(self) -> bool:
        """Whether its author lets all schools of the region read it."""
        return self.answers.get("scope") in REGION_SCOPES

    def gives(self, school_id: str | None) -> bool:
        """Whether its author lets a school have the files that come with it; ``None`` is every school."""
        licence = self.answers.get("materials_licence")
        return licence != "own-school" or school_id is None or school_id == self.school_id


async def card_of(session: AsyncSession, activity_id: str) -> ImpressionCard | None:
    """Return the row of an activity's card."""
    found: ImpressionCard | None = await session.scalar(
        select(ImpressionCard).where(ImpressionCard.activity_id == activity_id)
    )
    return found


async def current_impressions(session: AsyncSession, activity_id: str) -> list[Submission]:
    """Return the impressions that count now, the trip leader's first; erased ones are gone."""
    answers = await read_answers_of(session, activity_id)
    return await _leader_first(session, activity_id, [one.submission for one in answers.of_form(CARD_FORM)])


async def impressions_now(session: AsyncSession, activity_id: str) -> list[Impression]:
    """Return what the host looks at: the impressions as they are now."""
    rows = await current_impressions(session, activity_id)
    schools = await _schools(session, rows)
    group = await _of_group(session, activity_id)
    return [
        Impression(row, row.answers, schools.get(row.person_id), is_of_group=row.invitation_id in group) for row in rows
    ]


async def impressions_on(session: AsyncSession, card: ImpressionCard) -> list[Impression]:
    """Return what stands on the card; what its author has taken back since is gone from it."""
    ids = [str(key) for key in card.content.get("submissions", [])]
    rows = {row.id: row for row in await session.scalars(select(Submission).where(Submission.id.in_(ids)))}
    found = await _leader_first(session, card.activity_id, [rows[key] for key in ids if key in rows])
    restricted = set(card.content.get("restricted", ids)) if card.is_restricted else set()
    newest = {row.invitation_id: row.answers for row in await current_impressions(session, card.activity_id)}
    schools, group = await _schools(session, found), await _of_group(session, card.activity_id)
    return [
        Impression(
            row,
            _still_meant(row.answers, newest.get(row.invitation_id, row.answers)),
            schools.get(row.person_id),
            row.id in restricted,
            row.invitation_id in group,
        )
        for row in found
    ]


async def open_to(
    session: AsyncSession, activity_id: str, found: Sequence[Impression], school_id: str
) -> list[Impression]:
    """Return what the colleagues of a school may read: of silence nothing where nobody of theirs took part."""
    took_part = school_id in await schools_there(session, activity_id)
    return [one for one in for_school(found, school_id) if took_part or not (one.is_restricted or one.is_of_group)]


async def schools_there(session: AsyncSession, activity_id: str) -> frozenset[str]:
    """Return the schools of which somebody takes part."""
    rows = await session.scalars(
        select(Person.school_id)
        .join(Participation, Participation.person_id == Person.id)
        .where(
            Participation.activity_id == activity_id,
            Participation.role.in_([Role.TEACHER, Role.TRIP_LEADER]),
            Participation.standing.in_(ACTIVE),
            Person.school_id.is_not(None),
        )
    )
    return frozenset(school for school in rows if school is not None)


def for_school(found: Sequence[Impression], school_id: str) -> list[Impression]:
    """Return what their authors let a school read."""
    return [one for one in found if one.is_for_all or one.is_of_group or one.school_id == school_id]


async def parts_of(
    session: AsyncSession, found: Sequence[Impression], school_id: str | None = None
) -> tuple[CardPart, ...]:
    """Return everything in these impressions that a school may have, or all of it without ``school_id``."""
    forms: dict[str, FormVersion] = {}
    sent = {str(key) for one in found for question in (PHOTOS, MATERIALS) for key in one.answers.get(question) or []}
    names = {row.id: row.name for row in await session.scalars(select(Upload).where(Upload.id.in_(sent)))}
    parts: list[CardPart] = []
    for one in found:
        digest = one.submission.form_digest
        if digest not in forms:
            forms[digest] = await session.get_one(FormVersion, digest)
        asked = forms[digest].definition["questions"]
        labels = {question["key"]: Text.model_validate(question["label"]) for question in asked}
        parts += _written(one, labels)
        parts += _sent(one, labels, names, school_id)
    return tuple(parts)


def _written(one: Impression, labels: Mapping[str, Text]) -> Iterator[CardPart]:
    for question in WRITTEN:
        text = one.answers.get(question)
        if isinstance(text, str) and text.strip():
            yield CardPart(
                key=f"{one.submission.invitation_id}-{question}",
                question=question,
                label=labels[question],
                text=text.strip(),
                author_id=one.submission.person_id,
                is_restricted=one.is_restricted,
            )


def _sent(
    one: Impression, labels: Mapping[str, Text], names: Mapping[str, str], school_id: str | None
) -> Iterator[CardPart]:
    agreed = {PHOTOS: one.answers.get("photo_consent") is True, MATERIALS: one.gives(school_id)}
    for question in (PHOTOS, MATERIALS):
        for upload_id in one.answers.get(question) or [] if agreed[question] else []:
            if upload_id in names:
                yield CardPart(
                    key=f"{one.submission.invitation_id}-{upload_id}",
                    question=question,
                    label=labels[question],
                    text=names[upload_id],
                    author_id=one.submission.person_id,
                    upload_id=upload_id,
                    on_request=question == MATERIALS and one.answers.get("materials_licence") not in LICENCES[1:],
                    is_restricted=one.is_restricted,
                )


def _still_meant(seen: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that the host saw, less what their author does not say or allow any more."""
    return {
        **{question: seen.get(question) for question in WRITTEN if now.get(question)},
        **{
            question: [key for key in seen.get(question) or [] if key in (now.get(question) or [])]
            for question in (PHOTOS, MATERIALS)
        },
        **{
            question: seen.get(question) is True and now.get(question) is True
            for question in ("photo_consent", "contact_share")
        },
        "scope": _narrowest(SCOPES, seen.get("scope"), now.get("scope")),
        "materials_licence": _narrowest(LICENCES, seen.get("materials_licence"), now.get("materials_licence")),
    }


def _narrowest(circles: Sequence[str], *said: object) -> str:
    return next((circle for circle in circles if circle in said), circles[0])


async def _schools(session: AsyncSession, rows: Sequence[Submission]) -> dict[str | None, str | None]:
    ids = {row.person_id for row in rows if row.person_id}
    found = await session.execute(select(Person.id, Person.school_id).where(Person.id.in_(ids)))
    return {row.id: row.school_id for row in found}


async def _of_group(session: AsyncSession, activity_id: str) -> frozenset[str]:
    """Return the invitations that the coordinator answered in the name of the group."""
    rows = await session.scalars(
        select(Invitation.id)
        .join(Participation, Participation.id == Invitation.participation_id)
        .where(
            Invitation.activity_id == activity_id,
            Invitation.form == CARD_FORM,
            Participation.role == Role.COORDINATOR,
        )
    )
    return frozenset(rows)


async def _leader_first(session: AsyncSession, activity_id: str, rows: Sequence[Submission]) -> list[Submission]:
    leaders = set(
        await session.scalars(
            select(Participation.person_id).where(
                Participation.activity_id == activity_id, Participation.role == Role.TRIP_LEADER
            )
        )
    )
    return sorted((row for row in rows if row.answers), key=lambda row: row.person_id not in leaders)
