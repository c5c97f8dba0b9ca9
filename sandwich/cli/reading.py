"""Dates as people type them on the command line."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandwich.errors import BadInput

Span = tuple[datetime, datetime]

_FORM = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}:\d{2})(?:-(\d{1,2}:\d{2}))?)?")


def read_spans(typed: Sequence[str], moments: Sequence[Span], zone: ZoneInfo) -> list[Span]:
    """Read dates: ``2026-11-12``, ``2026-11-12 13:30`` or ``2026-11-12 13:30-16:30``, in local time.

    Without a time a date gets that of the meeting with the same number, without an end its length. Raises ``BadInput``.
    """
    spans = []
    for number, text in enumerate(typed):
        known = moments[min(number, len(moments) - 1)] if moments else None
        spans.append(_read(text.strip(), known, zone))
    return spans


def read_moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Read ``now``, ``2026-11-12`` (its first minute) or ``2026-11-12 13:30``, in local time. Raises ``BadInput``."""
    text = text.strip()
    if text == "now":
        return now
    found = _FORM.fullmatch(text)
    try:
        if found is None or found[3]:
            raise ValueError
        return datetime.combine(date.fromisoformat(found[1]), _time(found[2]) or time(), zone)
    except ValueError:
        raise BadInput(
            f"The moment {text!r} cannot be read. Write now, 2026-11-12 or '2026-11-12 13:30'.",
            f"Het moment {text!r} is niet te lezen. Schrijf now, 2026-11-12 of '2026-11-12 13:30'.",
        ) from None


def _read(text: str, known: Span | None, zone: ZoneInfo) -> Span:
    found = _FORM.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day = date.fromisoformat(found[1])
        begins, ends = _time(found[2]), _time(found[3])
    except ValueError:
        raise _unclear(text) from None
    if begins is None and known is None:
        raise _unclear(text)
    if begins is None and known is not None:
        begins = known[0].astimezone(zone).time()
    assert begins is not None  # either typed or taken over, as the two lines above see to
    start = datetime.combine(day, begins, zone)
    if ends is not None:
        return start, datetime.combine(day, ends, zone)
    length = known[1] - known[0] if known else timedelta(hours=3)
    return start, start + length


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text.zfill(5)) if text else None


def _unclear(text: str) -> BadInput:
    return BadInput(
        f"The date {text!r} cannot be read. Write 2026-11-12 or '2026-11-12 13:30-16:30'.",
        f"De datum {text!r} is niet te lezen. Schrijf 2026-11-12 of '2026-11-12 13:30-16:30'.",
    )
