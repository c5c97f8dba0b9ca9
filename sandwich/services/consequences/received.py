"""An answer that has just been taken, with everything that its consequences need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Participation
from models.tables.asking import Invitation, Submission
from models.tables.mail import Call, CallState
from sandwich.rules.deciding_words import same_words
from sandwich.runtime import Runtime
from sandwich.services.calls import calls_of_answers, open_call
from sandwich.services.loaded import Loaded


@dataclass(frozen=True)
class Received:
    """One submission inside the transaction that takes it."""

    session: AsyncSession
    runtime: Runtime
    loaded: Loaded
    invitation: Invitation | None
    participation: Participation
    submission: Submission
    answers: Mapping[str, Any]
    now: datetime

    @property
    def moment(self) -> int | None:
        """The number of the contact moment that the answer is about; ``None`` where it is about none in particular."""
        if self.invitation is None:
            return None
        return next((step.moment for step in self.loaded.playbook.steps if step.key == self.invitation.step), None)

    async def call(self, what: str) -> None:
        """Open a call for the coordinator about this answer.

        An open call that says the same already now comes from this answer; nobody is told of it twice.
        """
        for call, submission in await self._open_calls():
            if call.what == what and same_words(what, submission.answers or {}, self.answers):
                call.submission_id = self.submission.id
                return
        await open_call(
            self.session,
            self.loaded.activity,
            what,
            key=f"{self.submission.id}:{what}",
            now=self.now,
            step=self.invitation.step if self.invitation else None,
            submission_id=self.submission.id,
            person_id=self.participation.person_id,
        )

    async def finish(self) -> None:
        """Drop the calls of an earlier version of this answer, and bring a remark to the coordinator.

        A remark has a call of its own only where no other call brings it.
        """
        calls = await self._open_calls()
        for call, submission in calls:
            is_earlier = submission.invitation_id is not None and submission.id != self.submission.id
            if is_earlier and submission.invitation_id == self.submission.invitation_id:
                call.state, call.done_at = CallState.DROPPED, self.now
        if self.answers.get("remark") and all(submission.id != self.submission.id for _, submission in calls):
            await self.call("remark")

    async def _open_calls(self) -> list[tuple[Call, Submission]]:
        return await calls_of_answers(self.session, self.loaded.activity.id, self.participation.person_id)
