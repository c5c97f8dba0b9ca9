"""Nothing of what went wrong is told to Prefect but its kind and its place."""

import traceback

import pytest

from sandwich.errors import NotFound, StoreUnavailable
from sandwich.orchestration.faults import WorkFailed, place_of, without_details
from sandwich.orchestration.naming import run_name, run_tags, step_key, step_name

SECRET = "Jan de Vries <jan@school.example>"


def test_what_an_error_says_stays_here() -> None:
    with pytest.raises(WorkFailed) as caught, without_details("Step goals"):
        raise ValueError(SECRET)
    told = "".join(traceback.format_exception(caught.value))
    assert str(caught.value).startswith("Step goals failed: ValueError in ")
    assert SECRET not in told
    assert SECRET not in repr(caught.value)


def test_our_own_error_is_no_exception_to_that_unless_it_is_harmless() -> None:
    with pytest.raises(WorkFailed), without_details("Reading"):
        raise NotFound(what="person", name=SECRET)
    with pytest.raises(NotFound), without_details("Making", NotFound):
        raise NotFound(what="school", name="S9")
    with pytest.raises(StoreUnavailable), without_details("Reading"):
        raise StoreUnavailable(detail="the disk is full")


def test_the_place_is_the_innermost_line_of_our_own() -> None:
    with pytest.raises(ValueError, match="is no moment") as caught:
        _parse_nonsense()
    assert place_of(caught.value).startswith("models/moments.py:")
    assert place_of(ValueError("never raised")) == "code outside Sandwich"


def _parse_nonsense() -> None:
    from models.moments import Moment

    Moment.parse("tomorrow, perhaps")


def test_names_in_prefect_are_readable_and_can_be_read_back() -> None:
    assert run_name("company-visit", "1rfs2gppar9hrbsc0264jh1t") == "company-visit 1rfs2gpp"
    assert run_tags("masterclass", "1rfs", ["S2", "S1"]) == [
        "sandwich",
        "kind:masterclass",
        "activity:1rfs",
        "school:S1",
        "school:S2",
    ]
    assert step_key(step_name("Doelen (van iedereen)", "goals")) == "goals"
    assert step_key("something else") is None
