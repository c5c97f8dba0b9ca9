"""The calendar files of a telling, as they arrived at a real mail server."""

from dataclasses import dataclass

from icalendar import Calendar
from sqlalchemy import select

from models.roles import Stage
from models.tables.activities import Participation
from sandwich.services import steer
from tests.mail.peers import Arrived
from tests.mail.telling import TEACHERS, Telling


@dataclass(frozen=True)
class Entry:
    """What one calendar file asks."""

    method: str
    uid: str
    sequence: int
    day: int
    attendee: str


def entries(mail: Arrived) -> list[Entry]:
    """Return the calendar files that a mail carries."""
    found = []
    inline = [part.get_param("method") for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    for part in mail.message.iter_attachments():
        calendar = Calendar.from_ical(part.get_content())
        [event] = calendar.walk("VEVENT")
        assert inline in ([], [calendar["METHOD"]])
        assert event["STATUS"] == ("CANCELLED" if calendar["METHOD"] == "CANCEL" else "CONFIRMED")
        assert str(event["ORGANIZER"]).startswith("mailto:")
        found.append(
            Entry(
                str(calendar["METHOD"]),
                str(event["UID"]),
                int(event["SEQUENCE"]),
                event["DTSTART"].dt.day,
                str(event["ATTENDEE"]).removeprefix("mailto:"),
            )
        )
    return found


async def files_of(telling: Telling, code: str) -> list[Entry]:
    """Return the calendar files that somebody got, oldest first."""
    return [entry for mail in telling.to(code) for entry in entries(mail)]


async def seat(telling: Telling, code: str) -> str:
    """Return the id of somebody's place."""
    async with telling.runtime.store.read() as session:
        found = await session.scalar(
            select(Participation.id).where(
                Participation.activity_id == telling.activity_id, Participation.person_id == telling.cast.id(code)
            )
        )
    assert found is not None
    return found


async def registered(telling: Telling) -> None:
    """Let every teacher say yes: nobody else gets an appointment."""
    for code in TEACHERS:
        await telling.answer(code, "registration", {"attend": "yes"})


async def informed(telling: Telling) -> None:
    """Thursday 29 October: everybody has the appointment."""
    await telling.date_agreed()
    await telling.go("2026-10-08T11:00")
    await registered(telling)
    now = await telling.runtime.clock.now()
    await steer.override_gate(telling.runtime, telling.activity_id, Stage.BEFORE, "Toch", now=now, actor="C1")
    await telling.go("2026-10-29T11:00")
