"""What figures are counted from: the rows of a region, as few columns as are needed, and which of them count."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from models.roles import HOST_ROLES, OUTSIDE, Demand, Role
from models.tables.activities import ACTIVE, ActivityStatus, Presence, Standing
from models.tables.asking import ANSWERED, InvitationState
from models.tables.results import HoursKind
from sandwich.rules.calendar import Calendar, Span
from sandwich.rules.school_years import Period

THERE = frozenset({Presence.PRESENT, Presence.PARTLY, Presence.PRESUMED})
"""Who was there."""

NOT_ASKED = frozenset(
    {InvitationState.PLANNED, InvitationState.WITHDRAWN, InvitationState.REPLACED, InvitationState.WAIVED}
)
"""States that do not count when answers are counted."""

TOOK_PLACE = (ActivityStatus.AFTER, ActivityStatus.FINISHED)


@dataclass(frozen=True, slots=True)
class OneActivity:
    """An activity; ``met`` are the demands of the method that it met, ``moved`` how often its date was changed."""

    id: str
    kind: str
    status: ActivityStatus
    started_at: datetime
    finished_at: datetime | None
    spans: tuple[Span, ...]
    company_id: str | None = None
    moved: int = 0
    follows: bool = False
    is_shared: bool = False
    met: frozenset[Demand] = frozenset()

    @property
    def is_on(self) -> bool:
        """Whether it took place or still may: what was estimated of anything else was not given."""
        return self.status is not ActivityStatus.CANCELLED

    @property
    def begins_at(self) -> datetime:
        """When it begins."""
        return min(start for start, _ in self.spans)

    @property
    def ends_at(self) -> datetime:
        """When its last contact moment ends."""
        return max(end for _, end in self.spans)


@dataclass(frozen=True, slots=True)
class TakingPart:
    """Somebody in one role of an activity."""

    activity_id: str
    id: str
    person_id: str
    role: Role
    standing: Standing
    presence: Presence
    school_id: str | None = None
    company_id: str | None = None

    @property
    def was_there(self) -> bool:
        """Whether this is a teacher who was there; those too who were erased since."""
        return self.role is Role.TEACHER and self.presence in THERE


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that somebody was asked to fill in; ``rung`` is how many reminders went before the answer."""

    activity_id: str
    form: str
    person: TakingPart
    state: InvitationState
    asked_at: datetime
    deadline_at: datetime | None = None
    answered_at: datetime | None = None
    rung: int = 0

    @property
    def is_answered(self) -> bool:
        """Whether an answer is in."""
        return self.state in ANSWERED


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered to a form, as it counts."""

    activity_id: str
    form: str
    person: TakingPart
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """Hours that somebody made."""

    activity_id: str
    kind: HoursKind
    person_id: str
    school_id: str | None
    hours: float
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a colleague who took no part said below a card; nobody knows who."""

    at: datetime
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Rows:
    """All of a region. ``silent`` are the people who objected to reports: they are in no figure about people."""

    calendar: Calendar
    activities: Sequence[OneActivity] = ()
    people: Sequence[TakingPart] = ()
    asked: Sequence[Asked] = ()
    answers: Sequence[Answer] = ()
    hours: Sequence[Made] = ()
    reactions: Sequence[Reaction] = ()
    materials: Mapping[str, int] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    def of(self, period: Period, school_id: str | None = None) -> "Year":
        """Return what belongs to a period, and to one school of the region."""
        return Year(self, period, school_id)


class Year:
    """The rows of a period, of the whole region or of one of its schools (field rule 38).

    An activity belongs to the period in which its last contact moment ends, with everything about it but its hours.
    """

    def __init__(self, rows: Rows, period: Period, school_id: str | None = None) -> None:
        self.rows, self.period, self.school_id = rows, period, school_id
        self.people: dict[str, list[TakingPart]] = defaultdict(list)
        for one in rows.people:
            self.people[one.activity_id].append(one)
        self.mine = {one.id: one for one in rows.activities if self._takes_part(one.id)}
        self.everywhere = {one.id for one in rows.activities if self._was_held(one)}
        self.held = {key: one for key, one in self.mine.items() if key in self.everywhere}

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment belongs to the period, by the local day."""
        return moment is not None and self.rows.calendar.day_of(moment) in self.period

    def is_own(self, school_id: str | None) -> bool:
        """Whether somebody belongs to the school that is asked about; everybody does where none is."""
        return self.school_id is None or school_id == self.school_id

    def there(self, activity_id: str) -> list[TakingPart]:
        """Return the teachers who were there."""
        return [one for one in self.people[activity_id] if one.was_there]

    def own_share(self, activity_id: str) -> float:
        """Return which part of an activity is the school's, by how many of the teachers are its own."""
        there = self.there(activity_id) or self._expected(activity_id)
        return sum(self.is_own(one.school_id) for one in there) / len(there) if there else 1.0

    def answers(self, *forms: str) -> list[Answer]:
        """Return what was answered to these forms about what was held, in the whole region, without who objected."""
        return [one for form in forms for one in self._by_form.get(form, ())]

    @cached_property
    def _by_form(self) -> Mapping[str, Sequence[Answer]]:
        found: dict[str, list[Answer]] = defaultdict(list)
        for one in self.rows.answers:
            if one.activity_id in self.everywhere and self.is_heard(one.person):
                found[one.form].append(one)
        return found

    def asked(self) -> list[Asked]:
        """Return the forms that count of what was held: asked of the school's own people, and of hosts."""
        return [
            one
            for one in self.rows.asked
            if one.activity_id in self.held
            and one.state not in NOT_ASKED
            and self.is_heard(one.person)
            and (self.is_own(one.person.school_id) or one.person.role in HOST_ROLES)
        ]

    def is_heard(self, person: TakingPart) -> bool:
        """Whether somebody takes part and did not object to reports."""
        return person.role not in OUTSIDE and person.person_id not in self.rows.silent

    def _takes_part(self, activity_id: str) -> bool:
        if self.school_id is None:
            return True
        people = [*self._expected(activity_id), *self.there(activity_id)]
        return any(one.school_id == self.school_id for one in people)

    def _expected(self, activity_id: str) -> list[TakingPart]:
        return [one for one in self.people[activity_id] if one.role is Role.TEACHER and one.standing in ACTIVE]

    def _was_held(self, one: OneActivity) -> bool:
        return one.status in TOOK_PLACE and self.holds(one.ends_at)


def distinct(people: Collection[TakingPart]) -> set[str]:
    """Return who they are, each once."""
    return {one.person_id for one in people}
