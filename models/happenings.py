"""What programs can be told of, as soon as it happens."""

from enum import StrEnum


class Happening(StrEnum):
    """One thing that happened to an activity; only ids are told, and how far it is."""

    STARTED = "activity.started"
    STATUS_CHANGED = "activity.status_changed"
    DATE_CHANGED = "activity.date_changed"
    ANSWERED = "answer.given"
    CALL_OPENED = "call.opened"
    CALL_DONE = "call.done"
    AGREED = "agreement.accepted"
    SHARED = "card.shared"
