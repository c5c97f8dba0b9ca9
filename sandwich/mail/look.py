"""How a mail that waits would read if it left now. Its personal links are left out: they are its reader's alone."""

import re
from dataclasses import dataclass
from datetime import datetime

from models.tables.mail import Message
from sandwich.errors import NotFound
from sandwich.mail.case import open_case
from sandwich.mail.needed import verdict
from sandwich.mail.wording import in_words, kind_of
from sandwich.runtime import Runtime
from sandwich.services.trial import trial

_PERSONAL = re.compile(r"(https?://\S+?/f/)\S+")


@dataclass(frozen=True)
class Look:
    """Subject and text part of a mail; ``skipped`` is why it would not leave, where nobody needs it any more."""

    subject: str
    text: str
    skipped: str | None


async def look_at_mail(runtime: Runtime, activity_id: str, message_id: str, now: datetime) -> Look:
    """Word one mail of an activity by itself and change nothing; raises what goes wrong in wording it.

    What travels with others to the same person stands by itself here.
    """
    async with trial(runtime, activity_id, now) as session:
        message = await session.get(Message, message_id)
        if message is None or message.activity_id != activity_id:
            raise NotFound(what="mail", name=message_id)
        case = await open_case(session, runtime.settings, message, now)
        found = await verdict(case, kind_of(message))
        _, said = await in_words([case])
        return Look(said.subject, _PERSONAL.sub(r"\1…", said.text), None if found.goes else found.reason)
