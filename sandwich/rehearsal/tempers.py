"""How people take what they are asked, and who of a group is which."""

from enum import StrEnum


class Temper(StrEnum):
    """How somebody takes what they are asked."""

    EARLY = "early"  # answers within hours
    LATE = "late"  # waits for the first or the second reminder
    COUNTER = "counter"  # early, but wants an agreement otherwise, once
    PHONE = "phone"  # reads no mail; the coordinator types what they say
    BOUNCE = "bounce"  # has an address that does not exist
    NEVER = "never"  # answers nothing, not even the phone
    LEAVE = "leave"  # says yes, and some days before it begins that it will not work out


DEPENDED_ON = (Temper.COUNTER, Temper.LATE, Temper.EARLY, Temper.PHONE)
"""Of people without whom nothing goes on: they all answer in the end."""

_MANY = (Temper.EARLY, Temper.LATE, Temper.EARLY, Temper.PHONE, Temper.BOUNCE, Temper.LATE, Temper.COUNTER)


def tempers(number: int, minimum: int) -> list[Temper]:
    """Share tempers out over a group of which ``minimum`` must be there; the first is always one who answers."""
    spare = max(0, number - minimum)
    gone = ([Temper.LEAVE, Temper.NEVER] if spare > 1 else [Temper.LEAVE])[:spare]
    if number < len(_MANY) // 2:
        gone = []
    stay = number - len(gone)
    return [_MANY[place % len(_MANY)] for place in range(stay)] + gone
