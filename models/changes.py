"""What can become of an activity shortly before its day: snow, a strike, code red."""

from enum import StrEnum


class Change(StrEnum):
    """What becomes of it."""

    OFF = "off"  # put on hold: another date is looked for
    ONLINE = "online"
    LATER = "later"
