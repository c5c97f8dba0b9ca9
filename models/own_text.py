"""What of a mail a school or region can word itself, and for whom."""

from enum import StrEnum


class Piece(StrEnum):
    """What of a mail can be worded otherwise."""

    ASK = "ask"  # what the subject says behind the title
    OPENING = "opening"
    CLOSING = "closing"


class Readers(StrEnum):
    """For whom a text is: people of schools are addressed with *je*, hosts with *u*."""

    SCHOOL = "school"
    HOSTS = "hosts"
