"""Small pages with one thing to do: what will happen, what must be filled in, and one button.

Each thing that a coordinator can do is an :class:`Action`; ``routes`` serves them all alike.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import Response

from models.form import Column, QuestionType
from models.text import Language, Text
from sandwich.errors import SandwichError
from sandwich.rules.answer_values import Refused, cleaned, is_blank, read_value
from sandwich.services.detail_views import ActivityDetail
from sandwich.web.board.showing import show
from sandwich.web.posted import Posted
from sandwich.web.session import Visitor

LONGEST = 1000
"""How many characters of a reason or note are kept."""


class Unclear(SandwichError):
    """Something is not filled in yet."""

    dutch = "Er is nog niet alles ingevuld."

    def __init__(self, problems: Mapping[str, str]) -> None:
        """Take what is wrong, by field, in the reader's language."""
        super().__init__()
        self.problems = dict(problems)


class Foreseen(Exception):
    """What an action would do, to be shown before it is done: lines, the button that does it, and what was seen."""

    def __init__(self, happens: Sequence[Text], button: Text, **context: Any) -> None:
        """Take the lines and the words of the button; ``context`` is for the template."""
        super().__init__()
        self.happens, self.button, self.context = tuple(happens), button, context


@dataclass(frozen=True)
class Small:
    """What a small page says. ``happens`` is what its button will do, ``typed`` what stands in its fields already."""

    title: Text
    button: Text
    happens: Sequence[Text] = ()
    lead: Text | None = None
    is_danger: bool = False
    asks_reason: bool = False
    note_label: Text | None = None
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Doing:
    """One press of a button: who pressed it, on what, and what was typed. ``target`` is an id inside the activity."""

    visitor: Visitor
    detail: ActivityDetail
    target: str
    posted: Posted
    now: datetime

    @property
    def activity_id(self) -> str:
        """The activity that is changed."""
        return self.detail.line.id

    @property
    def actor(self) -> str:
        """Who does it."""
        return self.visitor.who.person_id

    @property
    def language(self) -> Language:
        """The language that problems are told in."""
        return self.visitor.who.language

    def reason(self) -> str:
        """Return the reason; raises :class:`Unclear` without one."""
        said = text_of(self.posted, "reason")
        if not said:
            raise Unclear({"reason": _REASON.to(self.language)})
        return said


@dataclass(frozen=True)
class Action:
    """Something that can be done to an activity. ``page`` gives ``None`` where there is no such target."""

    page: Callable[[Visitor, ActivityDetail, str], Awaitable[Small | None]]
    do: Callable[[Doing], Awaitable[None]]
    template: str = "small.html"
    back_to: str = ""


def draw(
    request: Request,
    visitor: Visitor,
    detail: ActivityDetail,
    small: Small,
    template: str,
    address: str,
    *,
    typed: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    """Draw a small page; with ``problems`` (by field) it comes back with everything that was typed."""
    problems = problems or {}
    return show(
        request,
        visitor,
        template,
        status=422 if problems else 200,
        detail=detail,
        small=small,
        key=visitor.key(address),
        address=address,
        typed={name: list(values) for name, values in (small.typed if typed is None else typed).items()},
        problems=dict(problems),
        problem_list=[(f"f-{name}", said) for name, said in problems.items()],
        back=f"/board/{detail.line.id}",
        **{"seen": "", **small.context},
    )


def show_first(doing: Doing, lines: Sequence[Text], what: object, button: Text, **context: Any) -> str:
    """Show what an action would do; go on only where the page showed these lines already, for the same ``what``.

    Returns the mark of what was seen; raises :class:`Foreseen`.
    """
    seen = sha256("\n".join((*(line.nl for line in lines), str(what))).encode()).hexdigest()
    if doing.posted.one("seen") != seen:
        raise Foreseen(lines, button, seen=seen, **context)
    return seen


def text_of(posted: Posted, name: str, most: int = LONGEST) -> str:
    """Return a typed text without control characters and stray space."""
    return cleaned(posted.one(name)).strip()[:most]


def read_spans(
    posted: Posted, numbers: Iterable[int], language: Language, zone: ZoneInfo
) -> tuple[list[tuple[datetime, datetime]], dict[str, str]]:
    """Read rows of date, start and end (``date-1``, ``from-1``, ``to-1``) as local moments; blank rows are left out.

    Returns the spans, and what is wrong by field.
    """
    spans: list[tuple[datetime, datetime]] = []
    problems: dict[str, str] = {}
    for number in numbers:
        typed = {part: posted.one(f"{part}-{number}") for part in _MISSING}
        if all(is_blank(value) for value in typed.values()):
            continue
        read: dict[str, str] = {}
        for part, value in typed.items():
            said = _read_part(part, value, language)
            if isinstance(said, Text):
                problems[f"{part}-{number}"] = said.to(language)
            else:
                read[part] = said
        if len(read) == len(_MISSING):
            start, end = (
                datetime.fromisoformat(f"{read['date']}T{read[part]}").replace(tzinfo=zone) for part in ("from", "to")
            )
            spans.append((start, end))
    return spans, problems


def _read_part(part: str, value: str, language: Language) -> str | Text:
    if is_blank(value):
        return _MISSING[part]
    item = Column(key=part, label=_WHEN, type=QuestionType.DATE if part == "date" else QuestionType.TIME)
    said = read_value(item, cleaned(value), language)
    if isinstance(said, Refused):
        return Text(nl=said.words(Language.DUTCH, False), en=said.words(Language.ENGLISH, False))
    return str(said)


_REASON = Text(nl="Schrijf kort waarom; dat blijft erbij staan.", en="Write briefly why; it is kept with it.")
_WHEN = Text(nl="Wanneer", en="When")
_MISSING = {
    "date": Text(nl="Vul de datum in.", en="Fill in the date."),
    "from": Text(nl="Vul in hoe laat het begint.", en="Fill in when it begins."),
    "to": Text(nl="Vul in hoe laat het klaar is.", en="Fill in when it ends."),
}
