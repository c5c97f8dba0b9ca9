"""What follows from an answer to the form of an agreement, whichever form that is."""

from models.form import Form
from sandwich.services import agree
from sandwich.services.consequences.received import Received


async def agreement(received: Received, form: Form) -> None:
    """Accepted, countered or refused; nothing where the form is no agreement."""
    assert received.invitation is not None  # an agreement is only asked, never sent unasked
    reply = agree.Reply(
        received.invitation,
        form,
        received.answers,
        received.submission.id,
        received.submission.via,
        received.submission.entered_by_id,
    )
    await agree.answer(received.session, received.runtime, received.loaded, reply, received.now)
