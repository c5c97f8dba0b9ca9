"""Find activities on the board: by words, by kind, by where they are, by whether they need a hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from models.tables.activities import Activity, ActivityStatus, Participation
from models.tables.mail import Call, CallState
from models.tables.network import Company, Person

MOST_WORDS = 8
"""So many words of a search count; whoever pastes a page is answered all the same."""


class Place(StrEnum):
    """Where an activity is, as a coordinator asks for it."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    ON_HOLD = "on-hold"


_STATUSES = {
    Place.BEFORE: (ActivityStatus.CONCEPT, ActivityStatus.REQUESTED, ActivityStatus.BEFORE),
    Place.DURING: (ActivityStatus.DURING,),
    Place.AFTER: (ActivityStatus.AFTER,),
    Place.ON_HOLD: (ActivityStatus.ON_HOLD,),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for. ``words`` stand in the title, the name of the company, or of somebody who takes part."""

    words: str = ""
    kind: str = ""
    place: Place | None = None
    needs_hand: bool = False

    def __bool__(self) -> bool:
        """Whether anything in particular is looked for."""
        return bool(self.words.split() or self.kind or self.place or self.needs_hand)

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """Return what is so of the activities that are looked for."""
        found = [_has(word) for word in self.words.split()[:MOST_WORDS]]
        if self.kind:
            found.append(Activity.kind == self.kind)
        if self.place is not None:
            found.append(Activity.status.in_(_STATUSES[self.place]))
        if self.needs_hand:
            found.append(Activity.id.in_(select(Call.activity_id).where(Call.state == CallState.OPEN)))
        return found


ALL = Wanted()
"""Nothing in particular."""


def _has(word: str) -> ColumnElement[bool]:
    def holds(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return column.icontains(word, autoescape=True)

    name = or_(holds(Person.given_name), holds(Person.family_name), holds(Person.infix))
    return or_(
        holds(Activity.title),
        Activity.company_id.in_(select(Company.id).where(holds(Company.name))),
        Activity.id.in_(select(Participation.activity_id).join(Person).where(name)),
    )
