"""Activities on a terminal: three lines each, and one activity in full."""

from collections.abc import Sequence
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from models.roles import Demand
from models.text import Text
from sandwich.cli.saying import language, said
from sandwich.cli.state import settings
from sandwich.labels import DEMAND, STAGE, STATUS
from sandwich.rules.dots import DotState
from sandwich.services.overview import ActivityLine

if TYPE_CHECKING:
    from sandwich.services.detail_views import ActivityDetail

WIDTH = 100
"""Columns of the narrowest terminal that `status` is made for."""

_INDENT = " " * 10
_SHAPES = {DotState.OPEN: "○", DotState.BUSY: "◐", DotState.DONE: "●"}
_DOT_WORDS = {
    DotState.OPEN: Text(nl="open", en="open"),
    DotState.BUSY: Text(nl="bezig", en="under way"),
    DotState.DONE: Text(nl="gedaan", en="done"),
}
_PART_OF = Text(nl="Deel van {title} ({id})", en="Part of {title} ({id})")
_CAME_OF = Text(nl="Komt voort uit {title} ({id})", en="Came of {title} ({id})")
_PART = Text(nl="Deel: {title} ({id})", en="Part: {title} ({id})")
_LED_TO = Text(nl="Leidde tot {title} ({id})", en="Led to {title} ({id})")
_NOTHING = Text(nl="Er zijn geen activiteiten.", en="There are no activities.")
_SLICES = Text(nl="voor/tijdens/na", en="before/during/after")
_DOTS = Text(nl="doelen taken gedeeld terug", en="goals tasks shared fed back")
_ANSWERS = Text(nl="antwoorden", en="answers")
_PROPOSED = Text(nl="{when} (voorstel)", en="{when} (proposed)")
_PEOPLE = Text(nl="Nog niet geantwoord", en="Not answered yet")
_NOBODY = Text(nl="niemand", en="nobody")
_CALLS = Text(nl="Te doen", en="To do")
_STEPS = Text(nl="Stappen", en="Steps")
_BEFORE = Text(nl="vóór {when}", en="before {when}")
_LATE = Text(nl="te laat", en="late")


def show_activities(lines: Any) -> None:
    """Print each activity in three lines, none wider than ``WIDTH``: what it is, how it stands, what it waits for."""
    if not lines:
        print(said(_NOTHING))
        return
    zone = _zone()
    print(f"{_INDENT}{said(_SLICES)} · {said(_DOTS)} · {said(_ANSWERS)}\n")
    for line in lines:
        figures = f"{_slices(line)} · {_dots(line)} · {line.answered}/{line.asked}"
        _print(f"{line.id[:8]}  {line.title} ({said(STATUS[line.status])})")
        for words in (f"{when_of(line, zone)} · {figures}", said(line.waiting.sentence)):
            _print(f"{_INDENT}{words}")


def show_activity(detail: "ActivityDetail") -> None:
    """Print one activity: how it stands, what must be done, who has not answered, its steps."""
    line, zone = detail.line, _zone()
    print(f"{line.title} · {said(line.kind_title)} · {said(STATUS[line.status])} · {line.id}")
    print(" · ".join(part for part in (when_of(line, zone), line.company, detail.place) if part))
    print(f"{said(_SLICES)}: {_slices(line)}")
    for demand, state in line.dots.items():
        print(f"  {_SHAPES[state]} {said(DEMAND[demand])}: {said(_DOT_WORDS[state])}")
    print(said(line.waiting.sentence))
    _show_chain(detail)
    _show_calls(detail)
    _show_open(detail, zone)
    print(f"\n{said(_STEPS)}")
    for step in detail.steps:
        moment = step.done_at or step.due_at
        when = moment_in_words(moment, zone) if moment else "–"
        mark = "●" if step.done_at else "○"
        print(f"  {mark} {said(STAGE[step.stage]):<8}{said(step.title)} · {when}")


def when_of(line: ActivityLine, zone: ZoneInfo) -> str:
    """Return the dates of an activity in words; where none is fixed, the proposal."""
    when = spans_in_words(line.moments, zone)
    return when if line.is_date_fixed else said(_PROPOSED, when=when)


def spans_in_words(moments: Sequence[tuple[datetime, datetime]], zone: ZoneInfo) -> str:
    """Return dates such as ``do 5 nov 2026, 13:30–16:30``."""
    return "; ".join(
        f"{_day(start, zone)}, {start.astimezone(zone):%H:%M}–{end.astimezone(zone):%H:%M}" for start, end in moments
    )


def moment_in_words(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """Return a moment such as ``do 24 sep 2026 10:00``."""
    zone = zone or _zone()
    return f"{_day(moment, zone)} {moment.astimezone(zone):%H:%M}"


def _show_chain(detail: "ActivityDetail") -> None:
    chain = detail.chain
    for words, some in (
        (_PART_OF, (chain.whole,)),
        (_CAME_OF, (chain.came_of,)),
        (_PART, chain.parts),
        (_LED_TO, chain.led_to),
    ):
        for one in some:
            if one is not None:
                print(said(words, title=one.title, id=one.id[:8]))


def _show_calls(detail: "ActivityDetail") -> None:
    if not detail.calls:
        return
    print(f"\n{said(_CALLS)}")
    for call in detail.calls:
        phone = f" · {call.phone}" if call.phone else ""
        print(f"  {said(call.heading)}{phone}\n    {said(call.reason)}")


def _show_open(detail: "ActivityDetail", zone: ZoneInfo) -> None:
    print(f"\n{said(_PEOPLE)}")
    found = False
    for person in detail.people:
        for ask in person.asks:
            if not ask.is_open:
                continue
            found = True
            before = f" · {said(_BEFORE, when=_day(ask.deadline_at, zone))}" if ask.deadline_at else ""
            late = f" · {said(_LATE)}" if ask.is_late else ""
            print(f"  {person.name}: {said(ask.title)}{before}{late}")
    if not found:
        print(f"  {said(_NOBODY)}")


def _slices(line: ActivityLine) -> str:
    return " / ".join(f"{figure} %" for figure in line.progress.values())


def _dots(line: ActivityLine) -> str:
    return " ".join(_SHAPES[line.dots[demand]] for demand in line.dots if demand in Demand)


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return format_date(moment.astimezone(zone).date(), "EEE d MMM y", locale=_locale()).replace(".", "")


def _locale() -> str:
    return {"nl": "nl", "en": "en_GB"}[language().value]


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().timezone)


def _print(text: str) -> None:
    """Print one line, broken where a terminal of 100 columns ends."""
    print(fill(text, WIDTH, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False))
