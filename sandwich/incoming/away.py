"""Out of office, in Dutch and English: whether an automatic answer says so, and until when.

Nothing is guessed: a day that is not named in full is the next such day, and what is no day is none.
"""

import re
from datetime import date, timedelta

LONGEST = timedelta(weeks=6)
"""Nobody's reminders wait for longer (field rule 52)."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januari", "january", "jan"),
            ("februari", "february", "feb"),
            ("maart", "march", "mrt", "mar"),
            ("april", "apr"),
            ("mei", "may"),
            ("juni", "june", "jun"),
            ("juli", "july", "jul"),
            ("augustus", "august", "aug"),
            ("september", "sept", "sep"),
            ("oktober", "october", "okt", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("maandag", "monday"),
            ("dinsdag", "tuesday"),
            ("woensdag", "wednesday"),
            ("donderdag", "thursday"),
            ("vrijdag", "friday"),
            ("zaterdag", "saturday"),
            ("zondag", "sunday"),
        )
    )
    for name in names
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(_WEEKDAYS)
_YEAR = r"(?:,?\s+(?P<{0}year>20\d\d))?"


def _day(name: str) -> str:
    """Return the pattern of one day, with groups that begin with ``name``."""
    return (
        rf"(?:(?:{_WEEKDAY}|ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun)\.?,?\s+)?(?:the\s+|de\s+)?(?:"
        rf"(?P<{name}iso>20\d\d-\d\d-\d\d)"
        rf"|(?P<{name}d1>\d{{1,2}})(?:e|st|nd|rd|th)?\s+(?:of\s+)?(?P<{name}m1>{_MONTH})\b\.?"
        + _YEAR.format(f"{name}a")
        + rf"|(?P<{name}m2>{_MONTH})\b\.?\s+(?P<{name}d2>\d{{1,2}})(?:st|nd|rd|th)?\b"
        + _YEAR.format(f"{name}b")
        + rf"|(?P<{name}d3>\d{{1,2}})[-/.](?P<{name}m3>\d{{1,2}})(?:[-/.](?P<{name}y3>(?:20)?\d\d))?(?!\d)"
        rf")|(?P<{name}w>\b(?:{_WEEKDAY})\b)"
    )


_LAST = re.compile(
    rf"(?:t\s*/\s*m|tot\s+en\s+met|up\s+to\s+and\s+including|through|thru|until\s+and\s+including)\s+(?:{_day('x')})",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"(?:\bvan(?:af)?|\bfrom|\bbetween|\btussen)?\s*\d{1,2}(?:e|st|nd|rd|th)?(?:\s+(?:"
    + _MONTH
    + rf")\.?)?(?:\s+20\d\d)?\s*(?:-|–|\bto\b|\ben\b|\band\b)\s*(?:{_day('x')})",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"(?:\btot\b|\buntil\b|\btill\b|\bterug\s+(?:ben\s+ik\s+)?(?:vanaf|op)|\bweer\s+(?:aanwezig|bereikbaar|"
    r"terug|op kantoor|aan het werk)\s+(?:ben\s+ik\s+)?(?:vanaf|op)|"
    r"\bback\s+(?:in\s+the\s+office\s+|at\s+work\s+)?(?:on|from)|\breturn(?:ing|s)?\s+(?:to\s+(?:the\s+office|work)\s+)?(?:on|from)|\bvanaf(?=[^.\n]{4,40}\b(?:weer|terug)\b)|"
    rf"\bop(?=[^.\n]{{4,40}}\b(?:weer|terug)\b))\s+(?:{_day('x')})",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"out\s+of\s+(?:the\s+)?office|\booo\b|on\s+(?:annual\s+|parental\s+|maternity\s+|sick\s+)?leave|on\s+holiday|"
    r"\bvacation\b|away\s+from|\b(?:am|currently|be)\s+away\b|i[\'’]m\s+away\b|not\s+in\s+the\s+office|afwezig|niet\s+aanwezig|op\s+vakantie|"
    r"vakantie|met\s+verlof|niet\s+op\s+kantoor|niet\s+bereikbaar|\bvrij\b|zwangerschapsverlof|buiten\s+kantoor|"
    r"niet\s+aan\s+het\s+werk",
    re.IGNORECASE,
)


def is_away(text: str) -> bool:
    """Whether the words say that somebody is not there, and not only that a mail came in."""
    return _AWAY.search(text) is not None


def away_until(text: str, today: date) -> date | None:
    """Return the last day on which somebody is away by these words; ``None`` where no day is named that is to come.

    ``today`` is when the mail came. *T/m* and *from … to* name the last day, *tot*, *until* and *back on* the day of
    coming back. Never more than ``LONGEST`` ahead.
    """
    for pattern, before in ((_LAST, 0), (_SPAN, 0), (_BACK, 1)):
        for found in pattern.finditer(text[:20_000]):
            day = _named(found.groupdict(), today)
            if day is not None and (last := day - timedelta(days=before)) >= today:
                return min(last, today + LONGEST)
    return None


def _named(parts: dict[str, str | None], today: date) -> date | None:
    """Return the day that a pattern found: in the year that it names, or the next one to come."""
    if weekday := parts.get("xw"):
        ahead = (_WEEKDAYS[weekday.lower()] - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead)
    if iso := parts.get("xiso"):
        year, month, day = (int(part) for part in iso.split("-"))
        return _date(year, month, day)
    number = parts.get("xd1") or parts.get("xd2") or parts.get("xd3")
    name = parts.get("xm1") or parts.get("xm2")
    written = parts.get("xayear") or parts.get("xbyear") or parts.get("xy3")
    if number is None:
        return None
    month = _MONTHS[name.lower()] if name else int(parts.get("xm3") or 0)
    if written:
        return _date(int(written) % 100 + 2000, month, int(number))
    found = _date(today.year, month, int(number))
    if found is not None and found < today - timedelta(days=180):
        return _date(today.year + 1, month, int(number))
    return found


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
