"""Two versions of a playbook beside each other."""

from datetime import UTC, datetime, timedelta

from models.steps import Watch
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.rules.versions import Counts, asks_more, count, looks_alike, sends
from tests.support.versions import VISIT, changed

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
TITLE = Text(nl="Kijk", en="Look")


def test_what_stays_moves_comes_and_falls_away_is_counted() -> None:
    before = {"a": NOW, "b": NOW, "c": None, "d": NOW}
    after = {"a": NOW, "b": NOW + timedelta(days=1), "c": None, "e": None, "f": NOW}
    assert count(before, after) == Counts(kept=2, moved=1, new=2, dropped=1)  # type: ignore[arg-type]
    assert count({}, {}) == Counts(0, 0, 0, 0)


def test_a_watch_is_another_one_when_it_looks_for_something_else() -> None:
    one = Watch(key="w", at="T-1w", unless="group_goal", call="no-goal", title=TITLE)  # type: ignore[arg-type]
    later = one.model_copy(update={"at": Watch.model_validate(one.model_dump() | {"at": "T-2w"}).at})
    other = one.model_copy(update={"unless": "every_goal"})
    assert looks_alike((None, one), (None, later))
    assert not looks_alike((None, one), (None, other))


def test_a_step_asks_more_by_a_role_a_form_or_a_mail(library: Library) -> None:
    old = library.playbook(VISIT)
    same = changed(library, lambda steps: steps["goals"].update(at="T-3w")).playbook(VISIT)
    more = changed(library, lambda steps: steps["goals"]["asks"][0].update(with_forms=["field-note"])).playbook(VISIT)
    told = changed(library, lambda steps: steps["thank-you"]["tells"][0]["to"].append("teacher")).playbook(VISIT)
    assert not any(asks_more(old.step(step.key), step) for step in same.steps)
    assert asks_more(old.step("goals"), more.step("goals"))
    assert asks_more(old.step("thank-you"), told.step("thank-you"))
    assert ("evaluation", "host-evaluation") in sends(old)
