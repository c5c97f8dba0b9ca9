"""Dates and times as people write them, in both languages and in the installation's own time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from models.text import Language


class Calendar:
    """Writes moments (UTC) and dates for readers in one time zone."""

    def __init__(self, timezone: str) -> None:
        self.zone = ZoneInfo(timezone)

    def local(self, moment: datetime) -> datetime:
        """Return ``moment`` as the clock on the wall shows it."""
        return moment.astimezone(self.zone)

    def day(self, moment: datetime | date, language: Language | str) -> str:
        """``donderdag 5 november 2026``."""
        return self._written(moment, "EEEE d MMMM y", language)

    def short_day(self, moment: datetime | date, language: Language | str) -> str:
        """``do 5 nov 2026``."""
        return self._written(moment, "EEE d MMM y", language)

    def clock(self, moment: datetime) -> str:
        """``13:30``."""
        return format_time(self.local(moment).time(), "HH:mm", locale="nl")

    def at(self, moment: datetime, language: Language | str) -> str:
        """``donderdag 5 november 2026, 13:30 uur``."""
        hour = " uur" if Language(language) is Language.DUTCH else ""
        return f"{self.day(moment, language)}, {self.clock(moment)}{hour}"

    def span(self, start: datetime, end: datetime, language: Language | str) -> str:
        """``donderdag 5 november 2026, 13:30–16:30 uur``, or both days where it ends on another."""
        if self.local(start).date() != self.local(end).date():
            return f"{self.at(start, language)} – {self.at(end, language)}"
        hour = " uur" if Language(language) is Language.DUTCH else ""
        return f"{self.day(start, language)}, {self.clock(start)}–{self.clock(end)}{hour}"

    def period(self, start: datetime, end: datetime, language: Language | str) -> str:
        """``span`` of one day; of several ``donderdag 10 december 2026 t/m donderdag 17 december 2026``.

        For a whole activity: between its first hour and its last there are nights, or weeks.
        """
        if self.local(start).date() == self.local(end).date():
            return self.span(start, end, language)
        until = "t/m" if Language(language) is Language.DUTCH else "to"
        return f"{self.day(start, language)} {until} {self.day(end, language)}"

    def _written(self, moment: datetime | date, pattern: str, language: Language | str) -> str:
        on = self.local(moment).date() if isinstance(moment, datetime) else moment
        # Dutch abbreviates months with a full stop, which reads as the end of the sentence here.
        return format_date(on, pattern, locale=Language(language).locale).replace(".", "")
