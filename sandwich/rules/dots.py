"""The four dots: goals, task division, shared, fed back (field rule 2)."""

from enum import StrEnum

from models.roles import Demand
from sandwich.rules.facts import Facts


class DotState(StrEnum):
    """How far one of the four demands is."""

    OPEN = "open"
    BUSY = "busy"
    DONE = "done"


def four_dots(facts: Facts) -> dict[Demand, DotState]:
    """Return the state of the four demands, from facts alone.

    Goals count as met when every participant has written one: somebody may take part without, but then the sandwich
    is not complete. A task division that the coordinator waived opens the gate and is still not agreed.
    """
    return {
        Demand.GOALS: _dot(facts.goals_asked, facts.every_goal),
        Demand.TASK_DIVISION: _dot(facts.task_division_asked, facts.task_division_accepted),
        Demand.SHARE: _dot(facts.one_impression or facts.card_previewed, facts.shared),
        Demand.FEEDBACK: _dot(facts.feedback_begun, facts.fed_back),
    }


def _dot(begun: bool, met: bool) -> DotState:
    if met:
        return DotState.DONE
    return DotState.BUSY if begun else DotState.OPEN
