"""What share walls are searched by: which words stand on a card, for each school that reads it differently."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Table


class CardView(Identified, Table):
    """A published card as one school reads it, or, without ``school_id``, as every other school of its region does.

    Made of the card and made anew with it, so it is not audited; ``published_at`` is the card's.
    """

    __tablename__ = "card_view"
    __table_args__ = (Index("ix_card_view_published_at", "region_id", "published_at"),)
    audited = False

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"))
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.id"))
    published_at: Mapped[datetime]


class CardWord(Table):
    """A word on such a view, as it is compared, or a mark: ``:kind:…``, ``:company:…``, ``:subject:…``.

    ``scope`` is who may look for it: the school of the view, or the region. It stands first, so that a search never
    comes across what is for others.
    """

    __tablename__ = "card_word"
    audited = False

    scope: Mapped[str] = mapped_column(String(24), primary_key=True)
    # By the letters themselves and no language's order: words are looked for by their beginning.
    word: Mapped[str] = mapped_column(
        String(80).with_variant(String(80, collation="C"), "postgresql"), primary_key=True
    )
    view_id: Mapped[str] = mapped_column(ForeignKey("card_view.id"), primary_key=True, index=True)
