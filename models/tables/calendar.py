"""Days on which a school does not teach, or a company is closed."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Table, one_of
from models.tables.network import HolidayRegion


class BlockKind(StrEnum):
    """Why the days are free."""

    HOLIDAY = "holiday"  # school holiday of a region, or a school's own
    PUBLIC_HOLIDAY = "public_holiday"  # for companies too
    STUDY_DAY = "study_day"  # one school, no lessons
    OPEN = "open"  # a school teaches although its region has a holiday
    CLOSED = "closed"  # one company, for instance the construction holiday


class CalendarBlock(Identified, Table):
    """A run of days, first and last included; of a region, a school or a company, or of the whole country (none)."""

    __tablename__ = "calendar_block"
    __table_args__ = (UniqueConstraint("holiday_region", "school_id", "first_on", "kind"),)

    kind: Mapped[BlockKind] = mapped_column(one_of(BlockKind))
    name: Mapped[str]
    first_on: Mapped[date] = mapped_column(index=True)
    last_on: Mapped[date]
    holiday_region: Mapped[HolidayRegion | None] = mapped_column(one_of(HolidayRegion))
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.id"))
    company_id: Mapped[str | None] = mapped_column(ForeignKey("company.id"))
