"""A page that is sent more than once: the same again is one answer; something else is kept only when it is meant.

The key of an answer says which page it came from and what stood in it: ``scope:page:content``. The scope is an
invitation, a participation or an activity, the page is named by its own key.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Submission
from sandwich.rules.answer_values import content_digest
from sandwich.runtime import Runtime

_LONGEST_PAGE = 30
_BY = "_answered_by"


@dataclass(frozen=True)
class Page:
    """What was sent from one page in one activity; two pages never have the same ``key`` and scope."""

    activity_id: str
    scope: str
    key: str
    content: str

    @classmethod
    def of(
        cls, activity_id: str, scope: str, key: str, posted: Mapping[str, Sequence[str]], answered_by: str | None = None
    ) -> "Page":
        """Return the page with this key, with what stood in it; a long key is taken by its digest."""
        own = key if len(key) <= _LONGEST_PAGE else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
        said = {**posted, _BY: [answered_by]} if answered_by else posted
        return cls(activity_id, scope, own[:_LONGEST_PAGE], content_digest(said))

    @property
    def submission_key(self) -> str:
        """What the submission from this page is kept under."""
        return f"{self.scope}:{self.key}:{self.content}"


async def sent_from(session: AsyncSession, page: Page) -> Submission | None:
    """Return what was kept from this page before, whatever stood in it."""
    found = _from(page.scope, page.key)
    return await session.scalar(select(Submission).where(Submission.activity_id == page.activity_id, found).limit(1))


async def was_sent(runtime: Runtime, invitation_id: str, page: str) -> bool:
    """Whether the page with this key was sent already: what its script still keeps comes too late."""
    async with runtime.store.read() as session:
        found = await session.scalar(
            select(Submission.id).where(Submission.invitation_id == invitation_id, _from(invitation_id, page)).limit(1)
        )
    return found is not None


async def standing(session: AsyncSession, submission: Submission) -> Submission:
    """Return the answer that counts now: the newest to the same invitation, or the last such report of its sender."""
    same = Submission.invitation_id == submission.invitation_id
    if submission.invitation_id is None:
        same = and_(
            Submission.invitation_id.is_(None),
            Submission.activity_id == submission.activity_id,
            Submission.person_id == submission.person_id,
            Submission.form == submission.form,
        )
    newest = Submission.number.desc(), Submission.submitted_at.desc(), Submission.id.desc()
    return (await session.scalars(select(Submission).where(same).order_by(*newest).limit(1))).one()


def _from(scope: str, page: str) -> ColumnElement[bool]:
    return Submission.key.startswith(f"{scope}:{page}:", autoescape=True)
