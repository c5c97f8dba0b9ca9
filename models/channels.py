"""Where what somebody gave may be shown."""

from enum import StrEnum


class ConsentChannel(StrEnum):
    """Where a photo may be shown; each is asked apart."""

    INTERNAL = "internal"
    WEBSITE = "website"
    SOCIAL = "social"
