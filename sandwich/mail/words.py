"""Dates, numbers and lists as people write them, in both languages and in the installation's time zone."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from models.text import Language
from sandwich.mail.contexts.parts import Progress

_COUNTED = {
    Language.DUTCH: [
        "nul",
        "één",
        "twee",
        "drie",
        "vier",
        "vijf",
        "zes",
        "zeven",
        "acht",
        "negen",
        "tien",
        "elf",
        "twaalf",
    ],
    Language.ENGLISH: [
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ],
}
_AND = {Language.DUTCH: "en", Language.ENGLISH: "and"}


class Words:
    """Writes values for readers of one language; every method is a filter in the templates."""

    def __init__(self, language: Language, timezone: str) -> None:
        self.language = language
        self.zone = ZoneInfo(timezone)
        self._is_dutch = language is Language.DUTCH

    def day(self, moment: datetime | date) -> str:
        """``donderdag 5 november 2026``."""
        return self._written(moment, "EEEE d MMMM y")

    def weekday(self, moment: datetime | date) -> str:
        """``donderdag 5 november``: where the year goes without saying."""
        return self._written(moment, "EEEE d MMMM")

    def short_day(self, moment: datetime | date) -> str:
        """``do 5 nov 2026``."""
        return self._written(moment, "EEE d MMM y").replace(".", "")

    def clock(self, moment: datetime) -> str:
        """``13:30 uur``."""
        return f"{self._clock(moment)} uur" if self._is_dutch else self._clock(moment)

    def hour(self, moment: datetime) -> str:
        """``13:30``: where no word fits behind it."""
        return self._clock(moment)

    def moment(self, moment: datetime) -> str:
        """``donderdag 5 november 2026, 13:30 uur``."""
        return f"{self.day(moment)}, {self.clock(moment)}"

    def span(self, pair: tuple[datetime, datetime]) -> str:
        """``donderdag 5 november 2026, 13:30–16:30 uur``; both days where it ends on another."""
        start, end = pair
        if self._local(start) != self._local(end):
            return f"{self.moment(start)} – {self.moment(end)}"
        hour = " uur" if self._is_dutch else ""
        return f"{self.day(start)}, {self._clock(start)}–{self._clock(end)}{hour}"

    def count(self, number: int) -> str:
        """``zeven``; figures from thirteen on."""
        words = _COUNTED[self.language]
        return words[number] if 0 <= number < len(words) else str(number)

    def teachers(self, number: int, *, figures: bool = False) -> str:
        """``acht docenten``, ``één docent`` (or ``8 docenten``); *a group* where nobody counted yet."""
        one, more, some = (
            ("docent", "docenten", "een groep") if self._is_dutch else ("teacher", "teachers", "a group of")
        )
        said = str(number) if figures else self.count(number)
        return f"{some if number == 0 else said} {one if number == 1 else more}"

    def decimal(self, number: float) -> str:
        """``1,5``."""
        return _decimal(round(number, 1), self.language.locale)

    def minutes(self, number: float) -> str:
        """``4 minuten``, ``1 minuut``, ``30 seconden``."""
        if number < 1:
            return f"{round(number * 60)} {'seconden' if self._is_dutch else 'seconds'}"
        one, more = ("minuut", "minuten") if self._is_dutch else ("minute", "minutes")
        return f"{self.decimal(number)} {one if number == 1 else more}"

    def hours(self, number: float) -> str:
        """``1,5 uur``."""
        if self._is_dutch:
            return f"{self.decimal(number)} uur"
        return f"{self.decimal(number)} {'hour' if number == 1 else 'hours'}"

    def joined(self, parts: Sequence[str]) -> str:
        """``a, b en c``."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {_AND[self.language]} {parts[-1]}"

    def stages(self, progress: Progress) -> str:
        """``voor 62 %, tijdens 0 %, na 0 %``: what the figure of the sandwich shows, in words."""
        before, during, after = ("voor", "tijdens", "na") if self._is_dutch else ("before", "during", "after")
        return f"{before} {progress.before} %, {during} {progress.during} %, {after} {progress.after} %"

    def for_whom(self, name: str) -> str:
        """``Voor Gerrit van Rijs``: where several people read one mailbox."""
        return f"Voor {name}" if self._is_dutch else f"For {name}"

    def _local(self, moment: datetime | date) -> date:
        return moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment

    def _clock(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%H:%M}"

    def _written(self, moment: datetime | date, pattern: str) -> str:
        return _date(self._local(moment), pattern, self.language.locale)


@lru_cache(maxsize=512)
def _decimal(number: float, locale: str) -> str:
    return str(format_decimal(number, format="#,##0.#", locale=locale))


@lru_cache(maxsize=2048)
def _date(day: date, pattern: str, locale: str) -> str:
    return str(format_date(day, pattern, locale=locale))


FILTERS = (
    "day",
    "weekday",
    "short_day",
    "clock",
    "hour",
    "moment",
    "span",
    "count",
    "teachers",
    "decimal",
    "minutes",
    "hours",
    "joined",
)
"""The methods that templates use as filters."""


def dial(number: str) -> str:
    """Return a phone number for a ``tel:`` link: digits and a leading plus, nothing else."""
    digits = "".join(letter for letter in number if letter.isascii() and letter.isdigit())
    return f"+{digits}" if number.strip().startswith("+") else digits
