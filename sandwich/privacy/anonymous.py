"""Make an activity of long ago anonymous: its people become people without a name, and their texts and files go.

Choices, scales and figures stay, so that what was counted can be counted again. Everything goes through the audited
store: its chain still holds, and replaying the log gives the tables. The log keeps the numbers of before; they lead to
a name only as long as that person is known at all.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.question import Column, Question
from models.question_types import QuestionType
from models.tables.activities import Activity, Participation
from models.tables.agreements import AgreementVersion, PartyWord
from models.tables.asking import Draft, Invitation, Submission, Upload, UploadContent
from models.tables.base import Table, new_id
from models.tables.incoming import Incoming, IncomingContent
from models.tables.mail import Call
from models.tables.network import Person
from models.tables.results import CardState, Consent, ImpressionCard
from sandwich.privacy.due import STAYS_NAMED
from sandwich.services.asking import form_of
from sandwich.services.card_content import CARD_FORM, card_of
from sandwich.services.told import PRIVACY, objectors
from sandwich.store.chain import erased_like, is_empty
from sandwich.store.personal import erase_earlier, erase_values_of

_COUNTED = frozenset(
    {
        QuestionType.SINGLE,
        QuestionType.MULTI,
        QuestionType.SCALE5,
        QuestionType.YESNO,
        QuestionType.NUMBER,
        QuestionType.DATE,
        QuestionType.DATETIME,
        QuestionType.TIME,
    }
)
_BY_NAME = frozenset({Consent.__tablename__})
"""Tables with a term of their own, whose rows stay with who they are about."""

_REASONS = ("moves", "overrides", "asked_anyway")


def without_texts(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return of answers what can be counted: choices, scales, figures and days, and no word that anybody typed."""
    left: dict[str, Any] = {}
    for question in form.questions:
        value = answers.get(question.key)
        if value is None:
            continue
        if question.type in _COUNTED:
            left[question.key] = value
        elif question.type is QuestionType.GRID and isinstance(value, list):
            left[question.key] = [_row(question, row) for row in value if isinstance(row, dict)]
    return left


def _row(question: Question, row: Mapping[str, Any]) -> dict[str, Any]:
    columns: Mapping[str, Column] = {column.key: column for column in question.columns}
    counted = {
        key: value for key, value in row.items() if (column := columns.get(key)) is not None and column.type in _COUNTED
    }
    return {"row": row.get("row"), "label": "", **counted}


async def make_anonymous(
    session: AsyncSession, activity_id: str, stand_ins: dict[str, str], today: date, now: datetime
) -> int:
    """Make one activity anonymous, in the caller's transaction; returns how many people.

    ``stand_ins`` has who stands for whom. Whoever is missing there is added, so that somebody who took part in several
    activities of the same run is still one.
    """
    activity = await session.get_one(Activity, activity_id)
    people = await _named(session, activity)
    silent = await objectors(session, [person.id for person in people])
    for person in people:
        if person.id not in stand_ins:
            stand_ins[person.id] = await _nobody(session, person, today)
    moves = {person.id: stand_ins[person.id] for person in people}
    await _strip(session, activity, now)
    await _move(session, activity_id, moves)
    for person_id in sorted(silent):
        await _object_too(session, activity, person_id, moves[person_id], now)
    await session.flush()
    await erase_values_of(session, activity_id, moves, now)
    return len(moves)


async def _named(session: AsyncSession, activity: Activity) -> list[Person]:
    rows = await session.scalars(
        select(Person)
        .where(
            Person.id.in_(
                select(Participation.person_id).where(
                    Participation.activity_id == activity.id, Participation.role.not_in(STAYS_NAMED)
                )
            ),
            Person.erased_on.is_(None),
            Person.group_name.is_(None),
        )
        .order_by(Person.id)
    )
    return [person for person in rows if person.id != activity.coordinator_id]


async def _nobody(session: AsyncSession, person: Person, today: date) -> str:
    """Add somebody without a name, of the same school or company, so that each still has its figures."""
    stand_in = Person(
        id=new_id(),
        school_id=person.school_id,
        company_id=person.company_id,
        region_id=person.region_id,
        language=person.language,
        no_mail=True,
        erased_on=today,
    )
    session.add(stand_in)
    await session.flush()
    return stand_in.id


async def _strip(session: AsyncSession, activity: Activity, now: datetime) -> None:
    """Take texts and files out of everything that was answered, agreed and noted."""
    card = await card_of(session, activity.id)
    on_card = _on_card(card)
    changed: list[tuple[Table, str]] = []
    for submission in await session.scalars(select(Submission).where(Submission.activity_id == activity.id)):
        if submission.invitation_id in on_card or submission.id in on_card:
            continue
        if submission.form == CARD_FORM and on_card:
            continue
        form = await form_of(session, submission.form_digest)
        submission.answers = without_texts(form, submission.answers or {})
        submission.answered_by = _emptied(submission.answered_by)
        changed += [(submission, "answers"), (submission, "answered_by")]
    await _remove_files(session, activity.id, is_on_wall=bool(on_card))
    for version in await session.scalars(select(AgreementVersion).where(AgreementVersion.activity_id == activity.id)):
        version.terms, version.note = {}, _emptied(version.note)
        changed += [(version, "terms"), (version, "note")]
    for word in await session.scalars(select(PartyWord).where(PartyWord.activity_id == activity.id)):
        word.note = _emptied(word.note)
        changed.append((word, "note"))
    invitations = list(await session.scalars(select(Invitation).where(Invitation.activity_id == activity.id)))
    for invitation in invitations:
        if invitation.waive_reason:
            invitation.waive_reason = _emptied(invitation.waive_reason)
            changed.append((invitation, "waive_reason"))
    for call in await session.scalars(select(Call).where(Call.activity_id == activity.id, Call.note.is_not(None))):
        call.note = _emptied(call.note)
        changed.append((call, "note"))
    for column in _REASONS:
        setattr(activity, column, _without_reasons(getattr(activity, column)))
        changed.append((activity, column))
    activity.closing_reason = _emptied(activity.closing_reason)
    changed.append((activity, "closing_reason"))
    await session.flush()
    await session.execute(delete(Draft).where(Draft.invitation_id.in_([one.id for one in invitations])))
    letters = select(Incoming.id).where(Incoming.activity_id == activity.id)
    await session.execute(delete(IncomingContent).where(IncomingContent.incoming_id.in_(letters)))
    for row, column in changed:
        await erase_earlier(session, row, column, now)


def _on_card(card: ImpressionCard | None) -> Collection[str]:
    """Return the submissions that a published card shows."""
    if card is None or card.state is not CardState.PUBLISHED:
        return ()
    return [str(key) for key in card.content.get("submissions", [])]


async def _remove_files(session: AsyncSession, activity_id: str, *, is_on_wall: bool) -> None:
    """Remove files; those that came with impressions stay as long as their card."""
    impressions = select(Invitation.id).where(Invitation.activity_id == activity_id, Invitation.form == CARD_FORM)
    query = select(Upload).where(Upload.activity_id == activity_id)
    if is_on_wall:
        query = query.where(Upload.invitation_id.is_(None) | Upload.invitation_id.not_in(impressions))
    for upload in list(await session.scalars(query)):
        # The row stays: how much material came of it is a figure.
        await session.execute(delete(UploadContent).where(UploadContent.upload_id == upload.id))
        upload.name = erased_like(upload.name)


async def _move(session: AsyncSession, activity_id: str, moves: Mapping[str, str]) -> None:
    """Let everything of the activity that is one of these people's be that of who stands for them."""
    for mapper in sorted(Table.registry.mappers, key=lambda one: one.local_table.name):  # type: ignore[attr-defined]
        kind: Any = mapper.class_
        columns = inspect(kind).columns
        if not kind.audited or "activity_id" not in columns or kind.__tablename__ in _BY_NAME:
            continue
        owners = [
            column.key for column in columns if any(key.target_fullname == "person.id" for key in column.foreign_keys)
        ]
        if not owners:
            continue
        for row in await session.scalars(select(kind).where(kind.activity_id == activity_id)):
            if isinstance(row, Submission) and row.form == PRIVACY:
                continue  # an objection is somebody's, in every activity
            for owner in owners:
                if getattr(row, owner) in moves:
                    setattr(row, owner, moves[getattr(row, owner)])


async def _object_too(session: AsyncSession, activity: Activity, person_id: str, stand_in: str, now: datetime) -> None:
    """Let the objection of somebody count for who stands for them too."""
    said = (
        await session.scalars(
            select(Submission)
            .where(Submission.form == PRIVACY, Submission.person_id == person_id)
            .order_by(Submission.submitted_at)
        )
    ).all()
    objection = next(one for one in said if (one.answers or {}).get("kind") == "object-reports")
    key = f"{stand_in}:objection"
    if await session.scalar(select(Submission.id).where(Submission.key == key)) is None:
        session.add(
            Submission(
                key=key,
                activity_id=activity.id,
                form=PRIVACY,
                form_digest=objection.form_digest,
                person_id=stand_in,
                answers={"kind": "object-reports"},
                submitted_at=now,
            )
        )


def _emptied(value: str | None) -> str | None:
    return value if is_empty(value) else str(erased_like(value))


def _without_reasons(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "" if key == "reason" else _without_reasons(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_reasons(item) for item in value]
    return value
