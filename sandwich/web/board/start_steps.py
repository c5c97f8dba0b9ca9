"""The steps in which an activity is started: what it is for, what fits that, with whom, when. Then comes the plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.text import Text

STEP = "_step"
"""The hidden field that says which step a page shows; empty where it shows all of them."""

NEXT, GO = "next", "go:"
"""The buttons that go on, and, with the key of a step, straight to it."""


@dataclass(frozen=True)
class StartStep:
    """One step: its key, its name, and the fields on it; a field that ends in ``-`` stands for all that begin so."""

    key: str
    title: Text
    fields: tuple[str, ...]

    def has(self, field: str) -> bool:
        """Whether a field stands on this step."""
        return any(field.startswith(name) if name.endswith("-") else field == name for name in self.fields)


STEPS = (
    StartStep("purpose", Text(nl="Doel", en="Purpose"), ("purpose",)),
    StartStep("kind", Text(nl="Soort", en="Kind"), ("kind",)),
    StartStep(
        "people", Text(nl="Mensen", en="People"), ("host", "new-", "teachers", "trip_leader", "others-", "group_size")
    ),
    StartStep(
        "dates",
        Text(nl="Dagen en naam", en="Days and name"),
        ("title", "date-", "from-", "to-", "place", "coordinator", "deputy", "page"),
    ),
)
PLAN = Text(nl="Het plan", en="The plan")


def step_called(key: str) -> StartStep | None:
    """Return a step by its key."""
    return next((step for step in STEPS if step.key == key), None)


def after(step: StartStep) -> StartStep:
    """Return the step that follows; the last one follows itself, for the plan is no step."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def first_wrong(problems: Mapping[str, str]) -> StartStep | None:
    """Return the first step on which something is wrong."""
    return next((step for step in STEPS if any(step.has(field) for field in problems)), None)
