"""What every entry in somebody's calendar says besides when it is: what, where, of whom and for whom."""

from sandwich.mail.case import Case
from sandwich.mail.ics import Details, Party


def details_of(case: Case, title: str, place: str | None, sequence: int) -> Details:
    """Return the details of an entry for the reader of a message; the coordinator is who invites."""
    box, coordinator, reader = case.mailbox(), case.coordinator(), case.reading.reachable(case.person.id)
    own = Party(case.settings.mail_from_name, case.settings.mail_from)
    return Details(
        title=title,
        place=place,
        description=""
        if coordinator is None
        else "\n".join(part for part in (coordinator.name, coordinator.phone) if part),
        organiser=Party(coordinator.name, coordinator.mail) if coordinator and coordinator.mail else own,
        attendee=Party(reader.name if reader else "", box.address if box else ""),
        sequence=sequence,
    )
