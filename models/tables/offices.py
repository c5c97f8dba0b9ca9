"""Who holds an office of a region, and who held it."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.rights import Office
from models.tables.base import Identified, Table, one_of


class HeldOffice(Identified, Table):
    """Somebody's office in their own region, from when it was given until it was taken away."""

    __tablename__ = "held_office"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    office: Mapped[Office] = mapped_column(one_of(Office))
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
