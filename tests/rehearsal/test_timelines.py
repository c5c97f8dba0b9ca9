"""The timeline of every kind, as it was reviewed: a change of rhythm shows up in a diff of ``docs/timelines``."""

import pytest

from tests.support.timelines import TIMELINES, kinds, timeline

KINDS = kinds()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_goes_as_its_reviewed_timeline_says(kind: str) -> None:
    kept = (TIMELINES / f"{kind}.txt").read_text(encoding="utf-8")
    assert timeline(kind) == kept, "another rhythm: `make timelines`, look at the difference, and commit it"


def test_every_timeline_is_of_a_kind_that_there_is() -> None:
    assert sorted(path.stem for path in TIMELINES.glob("*.txt")) == KINDS
