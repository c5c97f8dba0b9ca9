"""What is so in one activity: named facts that playbooks, gates and dots refer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from models.roles import Demand


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that a playbook can make depend on. All computed from what is stored, none ticked by hand.

    ``own`` are the facts that the playbook itself adds, by name.
    """

    # the date and the people
    date_fixed: bool = False
    place_known: bool = False
    host_known: bool = False
    company_new: bool = False  # nothing is known of it, or nothing newer than a year
    minimum_group: bool = False
    professionals_enough: bool = False  # as many professionals said yes as the kind wants at the least
    has_halfway: bool = False  # there are three contact moments or more
    # before
    task_division_asked: bool = False
    task_division_accepted: bool = False
    task_division_settled: bool = False  # accepted, or waived by the coordinator
    goals_asked: bool = False
    group_goal: bool = False  # at least one goal in the group
    most_goals: bool = False  # four in five
    every_goal: bool = False
    release_settled: bool = False  # the school leaders approved of everybody who takes part
    host_goals: bool = False
    practical_info_confirmed: bool = False
    photo_consent_asked: bool = False
    day_phone_known: bool = False
    number_known: bool = False  # the host said how many people can come
    safety_known: bool = False  # the host said which safety rules apply
    pairs_proposed: bool = False
    pairs_made: bool = False  # at least one, and nobody is being asked about a partner any more
    rounds_fit: bool = False  # everybody who comes can have somebody to talk with, in the rounds that there are
    # during
    last_moment_over: bool = False
    attendance_known: bool = False
    nobody_missed_two: bool = False  # nobody was absent at the last two contact moments
    field_note: bool = False
    # after
    thanked: bool = False
    one_impression: bool = False
    card_previewed: bool = False
    card_released: bool = False
    card_publishable: bool = False  # the host released it or kept silent, and no words wait to be looked at
    card_settled: bool = False  # nothing that came in later is before the host
    shared: bool = False  # at least once; a host that takes the card back later does not undo it
    evaluation_closed: bool = False  # everybody answered, or the window has passed
    most_evaluations: bool = False  # seven in ten
    host_evaluated: bool = False
    feedback_begun: bool = False
    fed_back: bool = False
    hours_stated: bool = False  # confirmed or estimated
    follow_up_chosen: bool = False
    half_impact: bool = False
    # gates, overrides included
    gate_before: bool = False
    gate_during: bool = False
    gate_after: bool = False
    looked_at_until: datetime | None = None  # the card came late to the host, whose silence ends then
    own: Mapping[str, bool] = field(default_factory=dict)

    def holds(self, name: str) -> bool:
        """Return whether the fact called ``name`` is so; raises ``KeyError`` for a name that does not exist."""
        return bool(getattr(self, name)) if name in FACTS else self.own[name]

    def all_hold(self, names: tuple[str, ...]) -> bool:
        """Return whether all of the named facts are so."""
        return all(self.holds(name) for name in names)


FACTS = frozenset(item.name for item in fields(Facts)) - {"own", "looked_at_until"}
"""The names that every playbook may use."""


MET_BY: Mapping[Demand, tuple[str, ...]] = {
    Demand.GOALS: ("goals_asked", "group_goal", "most_goals", "every_goal"),
    Demand.TASK_DIVISION: ("task_division_asked", "task_division_accepted", "task_division_settled"),
    Demand.EVALUATION: ("evaluation_closed", "most_evaluations", "host_evaluated"),
    Demand.SHARE: ("one_impression", "card_previewed", "shared"),
    Demand.FEEDBACK: ("feedback_begun", "fed_back"),
}
"""The facts about a demand: where a playbook leaves it to its parts, they hold when they hold in all of these."""
