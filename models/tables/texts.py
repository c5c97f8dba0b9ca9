"""What a school or region says in its mails instead of what we ship."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.own_text import Piece, Readers
from models.tables.base import Identified, Table, free_text, one_of
from models.text import Language


class OwnText(Identified, Table):
    """One piece of one mail in one language for one kind of readers, as a school or region (``owner_id``) words it."""

    __tablename__ = "own_text"
    __table_args__ = (UniqueConstraint("owner_id", "mail", "language", "readers", "piece"),)

    # No foreign key: it is a school or a region.
    owner_id: Mapped[str] = mapped_column(String(24))
    mail: Mapped[str] = mapped_column(String(64))
    language: Mapped[Language] = mapped_column(one_of(Language))
    readers: Mapped[Readers] = mapped_column(one_of(Readers))
    piece: Mapped[Piece] = mapped_column(one_of(Piece))
    words: Mapped[str] = mapped_column(info=free_text())
