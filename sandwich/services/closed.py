"""Whether an answer can still be taken: each raises ``BadInput`` with why not."""

from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import Invitation
from sandwich.errors import BadInput
from sandwich.services.asking import TAKES_NO_ANSWER


def refuse_cancelled(activity: Activity) -> None:
    """Refuse an answer to what was called off."""
    if activity.status is ActivityStatus.CANCELLED:
        raise BadInput(
            "This activity was cancelled; no answers are needed any more.",
            "Deze activiteit is geannuleerd; antwoorden is niet meer nodig.",
        )


def refuse_going_on(activity: Activity) -> None:
    """Refuse an answer that belongs to what was called off, where nothing was."""
    if activity.status not in {ActivityStatus.CANCELLED, ActivityStatus.ON_HOLD}:
        raise BadInput(
            "This activity goes on; there is nothing to answer here.",
            "Deze activiteit gaat gewoon door; hier is niets te antwoorden.",
        )


def refuse_closed(activity: Activity, invitation: Invitation) -> None:
    """Refuse an answer to a question that takes none any more."""
    refuse_cancelled(activity)
    if invitation.state in TAKES_NO_ANSWER:
        raise BadInput(
            "This question is not yours to answer any more. The coordinator can tell you more.",
            "Deze vraag hoef je niet meer te beantwoorden. De coördinator kan je meer vertellen.",
        )
