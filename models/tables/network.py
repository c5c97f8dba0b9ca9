"""Regions, schools, companies, and the people in them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Identified, Json, Table, free_text, one_of, personal
from models.text import Language


class HolidayRegion(StrEnum):
    """The three regions that Dutch school holidays are spread over."""

    NORTH = "north"
    MIDDLE = "middle"
    SOUTH = "south"


class Channel(StrEnum):
    """How a person wants to be reached."""

    MAIL = "mail"
    PHONE = "phone"
    APP = "app"  # the coordinator sends a message from their own phone


class Region(Identified, Table):
    """A cooperation area of schools and companies.

    ``hourly_rate`` is what an hour of a company counts for, ``eligible_costs`` what the region may spend in
    one school year of its subsidy; both in euros. ``travel`` has the minutes between two of its schools and companies.
    All are set with ``sandwich region``.
    """

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    hourly_rate: Mapped[float | None]
    eligible_costs: Mapped[float | None]
    travel: Mapped[list[Any] | None]


class School(Identified, Table):
    """A school. ``wall_key`` is the unguessable part of the address of its share wall.

    ``weeks_between_digests`` is how often its colleagues hear of new cards: 0 of each at once, ``None`` as the
    installation says.
    """

    __tablename__ = "school"

    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), index=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    holiday_region: Mapped[HolidayRegion] = mapped_column(one_of(HolidayRegion))
    wall_key: Mapped[str] = mapped_column(String(64), unique=True)
    weeks_between_digests: Mapped[int | None]


class Company(Identified, Table):
    """A company, or another organisation that can be a host.

    It may have said that it is not to be asked again (``asks_no_more``), or not before a day (``ask_again_on``).
    ``profile`` is what it said of itself at ``profile_at``, its menu card too; ``owner_id`` is who keeps the contact,
    and ``note`` what coordinators write down about it for each other.
    """

    __tablename__ = "company"

    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), index=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(info=free_text())
    address: Mapped[str | None] = mapped_column(info=free_text())
    tags: Mapped[list[Any]] = mapped_column(default=list)
    profile: Mapped[dict[str, Any] | None] = mapped_column(Json, info=free_text())
    profile_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(info=free_text())
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.id"))
    asks_no_more: Mapped[bool] = mapped_column(default=False)
    ask_again_on: Mapped[date | None]
    # No foreign key: people and companies that need each other could not be copied one after the other.
    owner_id: Mapped[str | None] = mapped_column(String(24), index=True)


class Person(Identified, Table):
    """Somebody who can take part. Belongs to a school or a company, and by it to a region, or else to a region itself.

    ``code`` is what their organisation calls them in its tables, often made of a name. ``group_name`` is set for a
    distribution list (the colleagues of a school), which is no person but gets mail.
    From ``away_from`` to ``away_until`` they are not there, by their own automatic answer.
    ``adopted_at`` is since when somebody is known for nothing but taking material from a wall; they are erased after
    they were asked what became of it. ``kept_on`` is when a coordinator last said that somebody stays, although they
    had taken part in nothing for long.
    """

    __tablename__ = "person"

    code: Mapped[str | None] = mapped_column(String(64), unique=True, info=personal("id"))
    region_id: Mapped[str | None] = mapped_column(ForeignKey("region.id"), index=True)
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.id"), index=True)
    company_id: Mapped[str | None] = mapped_column(ForeignKey("company.id"), index=True)
    given_name: Mapped[str | None] = mapped_column(info=personal("id"))
    infix: Mapped[str | None] = mapped_column(info=personal("id"))
    family_name: Mapped[str | None] = mapped_column(info=personal("id"))
    group_name: Mapped[str | None]
    job_title: Mapped[str | None] = mapped_column(info=personal("id"))
    language: Mapped[Language] = mapped_column(one_of(Language), default=Language.DUTCH)
    channel: Mapped[Channel] = mapped_column(one_of(Channel), default=Channel.MAIL)
    best_time: Mapped[str | None] = mapped_column(info=personal("id"))
    is_coordinator: Mapped[bool] = mapped_column(default=False)
    is_school_leader: Mapped[bool] = mapped_column(default=False)
    is_timetabler: Mapped[bool] = mapped_column(default=False)
    no_mail: Mapped[bool] = mapped_column(default=False)
    adopted_at: Mapped[datetime | None]
    kept_on: Mapped[date | None]
    away_from: Mapped[date | None]
    away_until: Mapped[date | None]
    erased_on: Mapped[date | None]


class ContactKind(StrEnum):
    """What a contact address is."""

    MAIL = "mail"
    PHONE = "phone"


class Contact(Identified, Table):
    """An address at which a person can be reached; ``is_shared`` says that others read that mailbox too."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("person_id", "kind", "position"), Index("ix_contact_lookup", "lookup"))

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[ContactKind] = mapped_column(one_of(ContactKind))
    position: Mapped[int] = mapped_column(default=0)
    address: Mapped[str] = mapped_column(info=personal("person_id"))
    lookup: Mapped[str | None] = mapped_column(info=personal("person_id"))
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_valid: Mapped[bool] = mapped_column(default=True)
