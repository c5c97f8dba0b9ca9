"""What somebody wrote by mail that a coordinator has to read."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Table


class ReplyText(Table):
    """The words behind a call about a reply; gone when the call is finished or dropped. Not audited, like a draft."""

    __tablename__ = "reply_text"
    audited = False

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    words: Mapped[str]
    received_at: Mapped[datetime]
