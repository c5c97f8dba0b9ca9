"""Who was there: at each contact moment, and from that at all."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from models.roles import Role
from models.tables.activities import ContactMoment, Participation, Presence
from sandwich.rules.figures.rows import THERE
from sandwich.services.loaded import Loaded


def record(loaded: Loaded, number: int | None, said: Mapping[str, Presence], now: datetime) -> None:
    """Write who was there at the contact moment ``number``, or at all of them.

    ``said`` is about some or all of the teachers, by participation. What was presumed before gives way.
    """
    for moment in loaded.moments:
        if number in (None, moment.number):
            absent = set(moment.absent or ()) - said.keys()
            absent |= {key for key, presence in said.items() if presence is Presence.ABSENT}
            moment.absent = sorted(absent)
            moment.attendance_at, moment.attendance_presumed = now, False
    for item in loaded.in_role(Role.TEACHER):
        if item.id in said:
            item.presence = _overall(loaded.moments, item, said[item.id])


def miss(loaded: Loaded, moment: ContactMoment, item: Participation, now: datetime) -> None:
    """Write that one person was not at a contact moment; nothing is said of the others."""
    moment.absent = sorted({*(moment.absent or ()), item.id})
    if now >= moment.starts_at or len(loaded.moments) == 1:
        item.presence = _overall(loaded.moments, item, Presence.ABSENT)


def presume(loaded: Loaded, number: int | None, now: datetime) -> None:
    """Nobody recorded it: presume that everybody who said yes was there, and say that it is presumed."""
    for moment in loaded.moments:
        if moment.attendance_at is None and number in (None, moment.number):
            moment.attendance_at, moment.attendance_presumed = now, True
    for item in loaded.in_role(Role.TEACHER):
        if item.presence is Presence.UNKNOWN:
            item.presence = Presence.PRESUMED


def share_present(moments: Sequence[ContactMoment], item: Participation) -> float:
    """Return at which share of the contact moments somebody was there, as far as anybody said otherwise."""
    if item.presence not in THERE:
        return 0.0
    return sum(item.id not in (moment.absent or ()) for moment in moments) / len(moments)


def missed_the_last(moments: Sequence[ContactMoment], people: Collection[Participation], times: int) -> list[str]:
    """Return who, of these people, was at none of the last so many contact moments of which it is known."""
    known = [moment.absent for moment in moments if moment.absent is not None][-times:]
    if len(known) < times:
        return []
    return [item.id for item in people if all(item.id in absent for absent in known)]


def _overall(moments: Sequence[ContactMoment], item: Participation, said: Presence) -> Presence:
    missed = [item.id in moment.absent for moment in moments if moment.absent is not None]
    if all(missed):
        return Presence.ABSENT
    return Presence.PARTLY if any(missed) else said
