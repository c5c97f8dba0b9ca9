"""One answer in full, as its coordinator reads it: every question as it was asked, and who filled it in. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Submission, Via
from models.tables.network import Person
from models.text import Language
from sandwich.errors import NotFound
from sandwich.rules.answer_lines import AnswerLine, describe
from sandwich.rules.names import full_name
from sandwich.services.asking import form_of


@dataclass(frozen=True)
class Version:
    """One version of an answer: its number, when it came, and where it can be read."""

    submission_id: str
    number: int
    at: datetime


@dataclass(frozen=True)
class AnswerView:
    """An answer with its questions in words.

    ``spoken_to`` is the name given where several people read one mailbox, ``entered_by`` who typed it in for somebody
    else; ``versions`` are all of them, the newest last.
    """

    submission_id: str
    title: str
    person: str
    at: datetime
    via: Via
    entered_by: str | None
    spoken_to: str | None
    lines: tuple[AnswerLine, ...]
    versions: tuple[Version, ...]


async def answer_view(
    session: AsyncSession, activity_id: str, submission_id: str, language: Language, *, formal_people: frozenset[str]
) -> AnswerView:
    """Read an answer that was given in an activity; raises ``NotFound``, also for one of another activity.

    ``formal_people`` were asked with *u*, and the questions stand there as they were asked.
    """
    submission = await session.get(Submission, submission_id)
    if submission is None or submission.activity_id != activity_id:
        raise NotFound(what="answer", name=submission_id)
    form, formal = await form_of(session, submission.form_digest), submission.person_id in formal_people
    person = await session.get(Person, submission.person_id) if submission.person_id else None
    typist = await session.get(Person, submission.entered_by_id) if submission.entered_by_id else None
    return AnswerView(
        submission_id=submission.id,
        title=form.title.to(language, formal=formal),
        person=full_name(person) if person else "",
        at=submission.submitted_at,
        via=submission.via,
        entered_by=full_name(typist) if typist else None,
        spoken_to=submission.answered_by,
        lines=tuple(describe(form, submission.answers or {}, language, formal)),
        versions=tuple(Version(row.id, row.number, row.submitted_at) for row in await _versions(session, submission)),
    )


async def _versions(session: AsyncSession, submission: Submission) -> Sequence[Submission]:
    if submission.invitation_id is None:
        return [submission]
    rows = await session.scalars(
        select(Submission).where(Submission.invitation_id == submission.invitation_id).order_by(Submission.number)
    )
    return list(rows)
