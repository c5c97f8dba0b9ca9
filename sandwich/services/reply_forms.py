"""Which of the forms that a mail asks can be answered by replying to it, and with which rows."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from models.form import Form
from models.playbook import Playbook
from models.tables.activities import Activity
from models.tables.asking import Invitation
from sandwich.mail.replies.layout import SOURCES, Asked
from sandwich.services.agreements import agreement_of_step
from sandwich.services.sources import proposed_dates


def forms_to_reply_to(
    activity: Activity, zone: ZoneInfo, playbook: Playbook, asked: Iterable[tuple[Invitation, Form]]
) -> list[Asked]:
    """Return the forms of these invitations as a mail lays them out, in their order.

    An agreement is not among them: whoever says yes must have the version before them that holds now.
    """
    dates = proposed_dates(activity, zone)
    return [
        Asked(
            invitation.id,
            invitation.form_digest,
            form,
            {question.key: dates for question in form.questions if question.rows_from in SOURCES},
        )
        for invitation, form in asked
        if agreement_of_step(playbook, invitation.step) is None
    ]
