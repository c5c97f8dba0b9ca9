"""What is told of an activity, as mails and pages read it."""

from dataclasses import dataclass
from datetime import date

from models.text import Text
from sandwich.services.told import Said


@dataclass(frozen=True)
class GoalGroup:
    """Goals under the purpose that their writers came for."""

    label: Text
    goals: tuple[str, ...]


@dataclass(frozen=True)
class GoalsSummary:
    """What the group wants to learn, as the host reads it."""

    people: int
    groups: tuple[GoalGroup, ...]
    questions: tuple[Said, ...]


@dataclass(frozen=True)
class Scale:
    """How a group answered one question; ``mean`` and ``words`` are hidden where too few answered."""

    key: str
    label: Text
    count: int
    mean: float | None
    words: Text | None


@dataclass(frozen=True)
class Growth:
    """A question asked before and after, over the same people; hidden where they are too few."""

    key: str
    label: Text
    count: int
    before: Text | None
    after: Text | None
    rose: bool


@dataclass(frozen=True)
class Evaluated:
    """What the group said afterwards."""

    asked: int
    answered: int
    scales: tuple[Scale, ...]
    growth: tuple[Growth, ...]
    goals_reached: Scale | None
    quotes: tuple[Said, ...]
    plans: tuple[tuple[Text, int], ...]


@dataclass(frozen=True)
class OwnResult:
    """What one participant set out to do and found: goals with how far they came, and plans."""

    goals: tuple[tuple[str, Text | None], ...]
    plans: tuple[Text, ...]
    plan_on: date | None
    hours: float


@dataclass(frozen=True)
class CompanyHours:
    """Hours that the company gave; *estimated* until all of them are confirmed."""

    before: float
    during: float
    after: float
    confirmed: bool

    @property
    def total(self) -> float:
        """All of them together."""
        return self.before + self.during + self.after


@dataclass(frozen=True)
class Adoption:
    """What became of the material with people who took no part: how often it was used, by whom, and what they changed.

    ``taken`` is how many said that they would use it. What they answered is hidden where too few did.
    """

    taken: int
    asked: int
    answered: int
    times: int | None
    users: tuple[tuple[Text, int], ...]
    adapted: tuple[tuple[Text, int], ...]


@dataclass(frozen=True)
class Impact:
    """What came of it weeks later. The numbers are hidden where too few answered."""

    asked: int
    answered: int
    examples: tuple[Said, ...]
    plans: int
    carried_out: int | None
    pupils: int | None
    colleagues: int | None
