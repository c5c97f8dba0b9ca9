"""An answer that has just been taken, with everything that its consequences need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Participation
from models.tables.asking import Invitation, Submission
from sandwich.runtime import Runtime
from sandwich.services.calls import open_call
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

    async def call(self, what: str) -> None:
        """Open a call for the coordinator about this answer."""
        await open_call(
            self.session,
            self.loaded.activity,
            what,
            key=f"{self.submission.id}:{what}",
            now=self.now,
            step=self.invitation.step if self.invitation else None,
            person_id=self.participation.person_id,
        )
