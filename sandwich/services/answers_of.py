"""The answers of an activity as they count: per invitation the last one, without those of people who were replaced.

What people answer who take no part stands apart: it is no answer of the activity's own (field rule 49).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import OUTSIDE
from models.tables.activities import Participation, Standing
from models.tables.asking import Invitation, Submission
from sandwich.store.rows import AMONG


@dataclass(frozen=True)
class Answered:
    """One invitation with the submission that counts for it."""

    invitation: Invitation
    participation: Participation
    submission: Submission

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, by question."""
        return self.submission.answers or {}


@dataclass(frozen=True)
class Answers:
    """All invitations of an activity and what was answered."""

    invitations: Sequence[tuple[Invitation, Participation]]
    answered: Sequence[Answered]

    def of_form(self, form: str) -> list[Answered]:
        """Return the answers to one form that count."""
        return [item for item in self.answered if item.invitation.form == form]

    def saying(self, *questions: str) -> list[Answered]:
        """Return the answers that count and answer one of these questions, in whatever form."""
        return [
            item
            for item in self.answered
            if any(item.answers.get(question) not in (None, "", []) for question in questions)
        ]

    def of_steps(self, steps: Collection[str]) -> list[Answered]:
        """Return the answers to what some steps asked that count."""
        return [item for item in self.answered if item.invitation.step in steps]

    def said(self, question: str) -> bool:
        """Return whether somebody answered a question, in whatever form: a key means the same in all of them."""
        return bool(self.saying(question))

    def asked(self, form: str) -> list[Invitation]:
        """Return the invitations for one form."""
        return [invitation for invitation, _ in self.invitations if invitation.form == form]

    def confirmed(self, form: str, question: str) -> Iterator[Any]:
        """Return the answers to one question, less those that are asked again because the date moved."""
        return (item.answers.get(question) for item in self.of_form(form) if not item.invitation.reconfirm)

    def values(self, form: str, question: str) -> Iterator[Any]:
        """Return every answer to one question that is not empty."""
        return (
            item.answers[question] for item in self.of_form(form) if item.answers.get(question) not in (None, "", [])
        )


_ASKED_ANYBODY = (
    select(Invitation, Participation)
    .join(Participation, Participation.id == Invitation.participation_id)
    .where(Invitation.activity_id.in_(AMONG))
    .order_by(Invitation.asked_at, Invitation.id)
)
_ASKED = _ASKED_ANYBODY.where(Participation.role.not_in(OUTSIDE))
_ASKED_OUTSIDE = _ASKED_ANYBODY.where(Participation.role.in_(OUTSIDE))
_SUBMITTED = select(Submission).where(Submission.activity_id.in_(AMONG)).order_by(Submission.number)


async def read_answers_of(session: AsyncSession, activity_id: str) -> Answers:
    """Read all invitations and counting answers of an activity."""
    return (await read_answers(session, [activity_id]))[activity_id]


async def read_answers(
    session: AsyncSession, activity_ids: Collection[str], *, outside: bool = False
) -> dict[str, Answers]:
    """Read the same of several activities at once; ``outside``: of those who take no part, and of nobody else."""
    invitations: dict[str, list[tuple[Invitation, Participation]]] = {key: [] for key in activity_ids}
    query = _ASKED_OUTSIDE if outside else _ASKED
    for invitation, participation in await session.execute(query, {"among": list(activity_ids)}):
        invitations[invitation.activity_id].append((invitation, participation))
    newest = await _newest(session, activity_ids)
    return {key: counting(asked, newest) for key, asked in invitations.items()}


async def read_answers_among(
    session: AsyncSession, asked: Mapping[str, Sequence[tuple[Invitation, Participation]]]
) -> dict[str, Answers]:
    """Read what was answered to invitations that were read already, by activity, each with who was asked."""
    inside = {key: [one for one in pairs if one[1].role not in OUTSIDE] for key, pairs in asked.items()}
    newest = await _newest(session, list(asked))
    return {key: counting(pairs, newest) for key, pairs in inside.items()}


async def _newest(session: AsyncSession, activity_ids: Collection[str]) -> dict[str, Submission]:
    """Return the last answer to each invitation."""
    rows = await session.scalars(_SUBMITTED, {"among": list(activity_ids)})
    return {submission.invitation_id: submission for submission in rows if submission.invitation_id}


def counting(asked: Sequence[tuple[Any, Any]], newest: Mapping[str, Any]) -> Answers:
    """Return the answers that count, from invitations with their participations and the last answer to each."""
    return Answers(
        asked,
        [
            Answered(invitation, participation, newest[invitation.id])
            for invitation, participation in asked
            if invitation.id in newest and participation.standing is not Standing.REPLACED
        ],
    )
