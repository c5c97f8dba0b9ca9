"""Gates between the slices, and the four dots of a sandwich."""

import pytest

from models.playbook import Gate, Gates
from models.roles import Demand, Stage
from models.tables.activities import ActivityStatus
from models.text import Text
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.facts import FACTS, Facts
from sandwich.rules.gates import PASSED, look, with_gates


def a_gate(code: str, hard: tuple[str, ...], soft: tuple[str, ...] = ()) -> Gate:
    """Return a gate."""
    return Gate(code=code, title=Text(nl=code, en=code), hard=hard, soft=soft)


GATES = Gates(
    before=a_gate("G1", ("date_fixed", "group_goal"), ("most_goals",)),
    during=a_gate("G2", ("last_moment_over", "attendance_known")),
    after=a_gate("G3", ("shared", "fed_back")),
)


def test_a_gate_says_what_blocks_and_what_warns() -> None:
    view = look(Stage.BEFORE, GATES.before, Facts(date_fixed=True), {})
    assert (view.is_open, view.is_overridden) == (False, False)
    assert (view.blocked_by, view.warnings) == (("group_goal",), ("most_goals",))


def test_soft_conditions_do_not_block() -> None:
    view = look(Stage.BEFORE, GATES.before, Facts(date_fixed=True, group_goal=True), {})
    assert (view.is_open, view.blocked_by, view.warnings) == (True, (), ("most_goals",))


def test_an_override_opens_and_what_is_missing_still_shows() -> None:
    view = look(Stage.BEFORE, GATES.before, Facts(), {"before": {"by": "C1"}})
    assert (view.is_open, view.is_overridden, view.blocked_by) == (True, True, ("date_fixed", "group_goal"))


def test_an_override_of_an_open_gate_overrides_nothing() -> None:
    view = look(Stage.BEFORE, GATES.before, Facts(date_fixed=True, group_goal=True), {"before": {}})
    assert (view.is_open, view.is_overridden) == (True, False)


def test_an_override_is_for_its_own_gate() -> None:
    facts = with_gates(GATES, Facts(date_fixed=True, group_goal=True), {"after": {}})
    assert (facts.gate_before, facts.gate_during, facts.gate_after) == (True, False, False)


def test_gates_open_in_their_order() -> None:
    late = Facts(last_moment_over=True, attendance_known=True, shared=True, fed_back=True)
    facts = with_gates(GATES, late, {})
    assert (facts.gate_before, facts.gate_during, facts.gate_after) == (False, False, False)
    facts = with_gates(GATES, late, {"before": {}})
    assert (facts.gate_before, facts.gate_during, facts.gate_after) == (True, True, True)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ActivityStatus.BEFORE, (False, False, False)),
        (ActivityStatus.DURING, (True, False, False)),
        (ActivityStatus.AFTER, (True, True, False)),
        (ActivityStatus.FINISHED, (True, True, True)),
    ],
)
def test_what_was_passed_stays_open_whatever_goes_missing(
    status: ActivityStatus, expected: tuple[bool, bool, bool]
) -> None:
    facts = with_gates(GATES, Facts(), {}, PASSED.get(status, frozenset()))
    assert (facts.gate_before, facts.gate_during, facts.gate_after) == expected


@pytest.mark.parametrize(
    ("so", "expected"),
    [
        ((), "open open open open"),
        (("goals_asked",), "busy open open open"),
        (("goals_asked", "group_goal", "most_goals"), "busy open open open"),
        (("goals_asked", "every_goal"), "done open open open"),
        (("task_division_asked",), "open busy open open"),
        # Waived by the coordinator: the gate opens, but nothing was agreed.
        (("task_division_asked", "task_division_settled"), "open busy open open"),
        (("task_division_accepted",), "open done open open"),
        (("one_impression",), "open open busy open"),
        (("card_previewed",), "open open busy open"),
        (("one_impression", "shared"), "open open done open"),
        (("feedback_begun",), "open open open busy"),
        (("feedback_begun", "fed_back"), "open open open done"),
        # Vector 10: A1 before the host's word is three of four.
        (("every_goal", "task_division_accepted", "card_previewed", "fed_back"), "done done busy done"),
    ],
)
def test_the_four_dots(so: tuple[str, ...], expected: str) -> None:
    dots = four_dots(Facts(**dict.fromkeys(so, True)))
    assert list(dots) == [Demand.GOALS, Demand.TASK_DIVISION, Demand.SHARE, Demand.FEEDBACK]
    assert [dots[demand] for demand in dots] == [DotState(word) for word in expected.split()]


def test_facts_are_asked_by_name() -> None:
    facts = Facts(shared=True, fed_back=True)
    assert facts.holds("shared")
    assert not facts.holds("thanked")
    assert facts.all_hold(("shared", "fed_back"))
    assert not facts.all_hold(("shared", "thanked"))
    assert facts.all_hold(())
    with pytest.raises(KeyError, match="sharde"):
        facts.holds("sharde")
    assert "holds" not in FACTS


def test_a_passed_gate_is_open_and_says_what_is_missing_since() -> None:
    view = look(Stage.BEFORE, GATES.before, Facts(date_fixed=True), {}, PASSED[ActivityStatus.DURING])
    assert (view.is_open, view.is_passed, view.is_overridden) == (True, True, False)
    assert view.blocked_by == ("group_goal",)
