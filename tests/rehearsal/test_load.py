"""The busiest day, and weeks with more mail than anybody reads."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from models.text import Language
from sandwich.rehearsal.load import busiest_day, too_much
from sandwich.rehearsal.record import Sent

ZONE = ZoneInfo("Europe/Amsterdam")


def sent(at: str, to: str = "T1", mail: str = "goals", envelope: str | None = None) -> Sent:
    """A message that left."""
    moment = datetime.fromisoformat(at).replace(tzinfo=ZONE)
    return Sent(
        at=moment,
        activity_id="a",
        step="goals",
        mail=mail,
        code="M04",
        number=None,
        what=None,
        about=None,
        to=to,
        role=None,
        language=Language.DUTCH,
        envelope=envelope or f"{at} {to} {mail}",
        message_id=None,
    )


def test_messages_in_one_envelope_are_one_mail() -> None:
    together = [sent("2026-10-05 10:00", mail=name, envelope="one") for name in ("goals", "release", "tell")]
    assert too_much(together, ZONE) == []
    found = busiest_day(together, ZONE)
    assert found is not None
    assert (found.code, found.day, found.mails) == ("T1", date(2026, 10, 5), 1)


def test_a_week_runs_from_monday_to_sunday() -> None:
    days = ("2026-10-09", "2026-10-10", "2026-10-12")
    assert too_much([sent(f"{day} 10:00") for day in days], ZONE) == []
    [found] = too_much([sent(f"{day} 10:00") for day in (*days, "2026-10-11")], ZONE)
    assert (found.code, found.weeks, found.monday, found.mails) == ("T1", 1, date(2026, 10, 5), 3)


def test_a_day_is_a_local_day_and_the_worst_comes_first() -> None:
    late = [sent("2026-10-05 23:30", "T2"), sent("2026-10-06 00:10", "T2")]
    found = busiest_day(late, ZONE)
    assert found is not None
    assert found.mails == 1
    many = [sent(f"2026-10-05 {hour}:00", to) for to, hours in (("T2", 3), ("T3", 4)) for hour in range(10, 10 + hours)]
    assert [one.code for one in too_much(many, ZONE)] == ["T3", "T2"]


def test_nobody_got_anything() -> None:
    assert busiest_day([], ZONE) is None
