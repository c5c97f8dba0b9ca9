"""What every entry in somebody's calendar says besides when it is: what, where, of whom and for whom."""

from sandwich.mail.case import Case
from sandwich.mail.ics import Details, Party
from sandwich.mail.tags import Use, tagged


def details_of(case: Case, title: str, place: str | None, sequence: int) -> Details:
    """Return the details of an entry for the reader of a message; the coordinator is who invites.

    Where answers are read they come to an address of ours, which stays the same: calendars take a change of an entry
    from nobody but whoever invited.
    """
    box, coordinator, reader = case.mailbox(), case.coordinator(), case.reading.reachable(case.person.id)
    own = Party(case.settings.mail_from_name, case.settings.mail_from)
    organiser = Party(coordinator.name, coordinator.mail) if coordinator and coordinator.mail else own
    reads = bool(case.settings.reply_address) and case.activity is not None
    if case.activity is not None and reads:
        organiser = Party(organiser.name, tagged(case.settings, Use.CALENDAR, case.activity.id))
    return Details(
        title=title,
        place=place,
        description=""
        if coordinator is None
        else "\n".join(part for part in (coordinator.name, coordinator.phone) if part),
        organiser=organiser,
        attendee=Party(reader.name if reader else "", box.address if box else ""),
        sequence=sequence,
        wants_answer=reads,
    )
