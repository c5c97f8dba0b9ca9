"""What people took on in an agreement: the rows of its tables that somebody does, or comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from models.duties import Duties
from models.form import Form, Question
from models.roles import Role
from models.text import Text
from sandwich.rules.answer_values import options_of
from sandwich.rules.differences import name_of, prints_of

BEFORE = {
    "tasks": Duties(
        who="who", on="ready_on", takers={"host": (Role.HOST_CONTACT,), "school": (Role.TRIP_LEADER,), "na": ()}
    )
}
"""What a table means in forms that were asked before forms said so themselves."""


@dataclass(frozen=True)
class Duty:
    """One row that somebody took: its name among the terms, what it is, who takes it, and when.

    ``print_`` is the fingerprint of the row: a duty that was agreed anew is another one. ``whose`` is what the row says
    of who takes it, ``name`` the name that was given with it. Without a day it is something to know, not to be reminded
    of; without hours it is for the whole day.
    """

    term: str
    print_: str
    what: Text
    option: str | None
    whose: Text | None
    name: str | None
    on: date | None
    begins: time | None
    ends: time | None
    meaning: Duties

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Return begin and end; ``None`` for a duty that is for the whole day."""
        if self.on is None or self.begins is None or self.ends is None or self.ends <= self.begins:
            return None
        return (
            datetime.combine(self.on, self.begins, zone),
            datetime.combine(self.on, self.ends, zone),
        )

    def roles(self) -> tuple[tuple[Role, ...], ...] | None:
        """Return the roles of each side that takes it, the first that there is counts; ``None``: every party."""
        takers = self.meaning.takers
        if self.option is None or not takers:
            return None
        if self.option in takers:
            return (takers[self.option],)
        return tuple(roles for roles in takers.values() if roles)


def duties_in(form: Form, terms: Mapping[str, Any]) -> tuple[Duty, ...]:
    """Return every row of a version that somebody takes, in the order of the form."""
    prints = prints_of(terms)
    found: list[Duty] = []
    for question in form.questions:
        meaning = question.duties or BEFORE.get(question.key)
        rows = terms.get(question.key)
        if meaning is None or not isinstance(rows, list):
            continue
        for row in rows:
            term = name_of(question.key, str(row.get("row")))
            if term in prints:
                found.append(_duty(question, meaning, row, term, prints[term]))
    return tuple(duty for duty in found if duty.roles() != ((),))


def _duty(question: Question, meaning: Duties, row: Mapping[str, Any], term: str, print_: str) -> Duty:
    option = str(row[meaning.who]) if meaning.who and row.get(meaning.who) else None
    column = next((one for one in question.columns if one.key == meaning.who), None)
    labels = {one.key: one.label for one in options_of(column)} if column else {}
    name = str(row.get("name") or "") or None
    return Duty(
        term=term,
        print_=print_,
        what=_what(question, row),
        option=option,
        whose=labels.get(option) if option else None,
        name=name,
        on=_day(row.get(meaning.on)) if meaning.on else None,
        begins=_clock(row.get(meaning.begins)) if meaning.begins else None,
        ends=_clock(row.get(meaning.ends)) if meaning.ends else None,
        meaning=meaning,
    )


def _what(question: Question, row: Mapping[str, Any]) -> Text:
    """Return what a row is called; one without a name is called after its question."""
    label = next((option.label for option in question.rows if option.key == row.get("row")), None)
    if label is not None:
        return label
    if named := str(row.get("label") or ""):
        return Text(nl=named, en=named)
    return Text(nl=question.label.nl.rstrip("?"), en=question.label.en.rstrip("?"))


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(str(said)) if said else None
    except ValueError:
        return None


def _clock(said: Any) -> time | None:
    try:
        return time.fromisoformat(str(said)) if said else None
    except ValueError:
        return None
