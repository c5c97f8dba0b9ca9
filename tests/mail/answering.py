"""Answers put straight into the store, for tests that are about what is told of them."""

from typing import Any

from sqlalchemy import select

from models.roles import Role
from models.tables.activities import Participation
from models.tables.asking import Invitation, InvitationState, Submission, Upload
from models.tables.base import new_id
from models.tables.results import ImpressionCard
from sandwich.services.invite import keep_form
from tests.mail.telling import Telling


async def answered(
    telling: Telling, code: str, form: str, answers: dict[str, Any], *, role: Role = Role.TEACHER, number: int = 1
) -> str:
    """Let somebody have answered a form and return the submission's id."""
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        participation = await session.scalar(
            select(Participation).where(
                Participation.activity_id == telling.activity_id,
                Participation.person_id == telling.cast.id(code),
                Participation.role == role,
            )
        )
        assert participation is not None
        digest = await keep_form(session, telling.runtime.library, form, None)
        invitation = await session.scalar(
            select(Invitation).where(Invitation.participation_id == participation.id, Invitation.form == form)
        )
        if invitation is None:
            invitation = Invitation(
                activity_id=telling.activity_id,
                step=f"{form}-told",
                form=form,
                form_digest=digest,
                participation_id=participation.id,
                mail=form,
                state=InvitationState.ANSWERED,
                asked_at=now,
                profile="teachers",
            )
            session.add(invitation)
            await session.flush()
        submission = Submission(
            key=new_id(),
            activity_id=telling.activity_id,
            invitation_id=invitation.id,
            form=form,
            form_digest=digest,
            number=number,
            person_id=participation.person_id,
            answers=answers,
            submitted_at=now,
        )
        session.add(submission)
        await session.flush()
        return submission.id


async def kept_file(telling: Telling, code: str, question: str, name: str) -> str:
    """Write the row of a file that somebody sent with a question; returns its id."""
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        upload = Upload(
            activity_id=telling.activity_id,
            person_id=telling.cast.id(code),
            question=question,
            name=name,
            media_type="image/png",
            size=1,
            digest=new_id(),
            uploaded_at=now,
        )
        session.add(upload)
        await session.flush()
        return upload.id


async def card_of(telling: Telling, submissions: list[str], **columns: Any) -> None:
    """Write the row of the impression card."""
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        row = ImpressionCard(activity_id=telling.activity_id, content={"submissions": submissions}, **columns)
        session.add(row)
