"""What somebody answered to the same form elsewhere a short while ago: nobody is measured twice (field rule 42).

It stands in the form already, with where it comes from. Whoever sends it like that lets it count here too. Reads only.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.tables.activities import Activity, Participation
from models.tables.asking import Invitation, Submission

RECENT = timedelta(days=14)
MEASURE = "recent_measure"
"""The source of the answers to what is measured in every activity."""


async def recent_answers(
    session: AsyncSession, form: Form, activity_id: str, person_id: str
) -> tuple[Submission, Activity] | None:
    """Return the newest answers of a person to a form in another activity, with that activity.

    ``None`` where nothing is measured with this form, or the answers came more than fourteen days before it was asked
    here.
    """
    if not any(question.prefill == MEASURE for question in form.questions):
        return None
    asked_at = await session.scalar(
        select(Invitation.asked_at)
        .join(Participation, Participation.id == Invitation.participation_id)
        .where(Invitation.activity_id == activity_id, Invitation.form == form.key, Participation.person_id == person_id)
        .order_by(Invitation.asked_at.desc())
        .limit(1)
    )
    if asked_at is None:
        return None
    found = (
        await session.execute(
            select(Submission, Activity)
            .join(Activity, Activity.id == Submission.activity_id)
            .where(
                Submission.person_id == person_id,
                Submission.form == form.key,
                Submission.activity_id != activity_id,
                Submission.invitation_id.is_not(None),
                Submission.submitted_at >= asked_at - RECENT,
            )
            .order_by(Submission.submitted_at.desc(), Submission.number.desc())
            .limit(1)
        )
    ).first()
    return (found[0], found[1]) if found is not None else None
