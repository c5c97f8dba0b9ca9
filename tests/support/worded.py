"""What a mail of a played activity says to one person."""

from sqlalchemy import select

from models.tables.mail import Message
from sandwich.mail.case import open_case
from sandwich.mail.mails import MAILS
from sandwich.mail.render import Rendered, renderer
from tests.support.driver import Play


async def worded(play: Play, mail: str, code: str) -> Rendered:
    """Word the newest message of a kind to somebody, as it was when it was due."""
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        message = await session.scalar(
            select(Message)
            .where(
                Message.activity_id == play.activity_id,
                Message.mail == mail,
                Message.person_id == play.cast.id(code),
            )
            .order_by(Message.queued_at.desc(), Message.id.desc())
            .limit(1)
        )
        assert message is not None, f"{code} gets no {mail}"
        case = await open_case(session, play.runtime.settings, message, max(message.due_at, await play.now()))
        context = await MAILS[mail].load(case)
        return renderer(play.runtime.settings.timezone).render(mail, case.language, context)


def in_one_line(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())
