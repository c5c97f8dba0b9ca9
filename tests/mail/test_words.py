"""Dates, numbers and lists as people write them."""

from datetime import UTC, date, datetime

import pytest

from models.text import Language
from sandwich.mail.contexts.parts import Progress
from sandwich.mail.words import Words, dial

NL, EN = Words(Language.DUTCH, "Europe/Amsterdam"), Words(Language.ENGLISH, "Europe/Amsterdam")
START, END = datetime(2026, 11, 5, 12, 30, tzinfo=UTC), datetime(2026, 11, 5, 15, 30, tzinfo=UTC)
SUMMER = datetime(2026, 10, 21, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (NL.day(START), "donderdag 5 november 2026"),
        (EN.day(START), "Thursday 5 November 2026"),
        (NL.weekday(SUMMER), "donderdag 22 oktober"),
        (NL.clock(START), "13:30 uur"),
        (EN.clock(START), "13:30"),
        (NL.hour(START), "13:30"),
        (NL.moment(START), "donderdag 5 november 2026, 13:30 uur"),
        (NL.span((START, END)), "donderdag 5 november 2026, 13:30–16:30 uur"),
        (EN.span((START, END)), "Thursday 5 November 2026, 13:30–16:30"),
        (
            NL.span((START, datetime(2026, 11, 6, 15, 30, tzinfo=UTC))),
            "donderdag 5 november 2026, 13:30 uur – vrijdag 6 november 2026, 16:30 uur",
        ),
        (NL.short_day(date(2026, 11, 5)), "do 5 nov 2026"),
        (NL.count(7), "zeven"),
        (NL.count(13), "13"),
        (EN.count(0), "no"),
        (NL.teachers(8), "acht docenten"),
        (NL.teachers(1), "één docent"),
        (NL.teachers(12, figures=True), "12 docenten"),
        (NL.teachers(0), "een groep docenten"),
        (EN.teachers(0), "a group of teachers"),
        (NL.minutes(4), "4 minuten"),
        (NL.minutes(1), "1 minuut"),
        (NL.minutes(0.5), "30 seconden"),
        (EN.minutes(1), "1 minute"),
        (NL.hours(1.5), "1,5 uur"),
        (EN.hours(1.5), "1.5 hours"),
        (EN.hours(1), "1 hour"),
        (NL.joined(["a", "b", "c"]), "a, b en c"),
        (NL.joined(["a"]), "a"),
        (EN.joined(["a", "b"]), "a and b"),
        (NL.stages(Progress(before=62)), "voor 62 %, tijdens 0 %, na 0 %"),
        (EN.stages(Progress(after=5)), "before 0 %, during 0 %, after 5 %"),
        (dial("06-00000001"), "0600000001"),
        (dial("+31 (0)6 1234;ext=5"), "+31061234" + "5"),
    ],
)
def test_it_is_written_as_people_write_it(said: str, expected: str) -> None:
    assert said == expected
