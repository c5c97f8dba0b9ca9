"""What people took on: who takes a row, and when, as the form says it."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.form import Form
from models.roles import Role
from models.text import Misfit
from sandwich.definitions.library import Library
from sandwich.rules.duties import duties_in

ZONE = ZoneInfo("Europe/Amsterdam")


def taken(form: Form, terms: dict[str, Any]) -> dict[str, Any]:
    """Return who takes each row, by its name."""
    return {duty.term: duty.roles() for duty in duties_in(form, terms)}


def test_each_side_takes_its_own_rows_and_both_take_what_they_do_together(library: Library) -> None:
    terms = {
        "tasks": [
            {"row": "tour", "who": "host", "ready_on": "2026-11-01"},
            {"row": "transport", "who": "school", "name": "Els"},
            {"row": "debrief", "who": "together"},
            {"row": "assignment", "who": "na"},
            {"row": "new-1", "label": "Lunch", "who": "host"},
        ]
    }
    found = {duty.term: duty for duty in duties_in(library.resolved("task-division"), terms)}
    hosts = (Role.HOST_CONTACT, Role.PROFESSIONAL, Role.MENTOR)
    ours = (Role.TRIP_LEADER, Role.CHAIR, Role.COORDINATOR)
    assert {term: duty.roles() for term, duty in found.items()} == {
        "tasks/tour": (hosts,),
        "tasks/transport": (ours,),
        "tasks/debrief": (hosts, ours),
        "tasks/new-1": (hosts,),
    }
    tour = found["tasks/tour"]
    assert (tour.what.nl, tour.on, tour.span(ZONE)) == ("Rondleiding", date(2026, 11, 1), None)
    assert (found["tasks/transport"].name, found["tasks/transport"].on) == ("Els", None)
    assert found["tasks/new-1"].what.en == "Lunch"


def test_a_day_with_hours_is_an_appointment_of_every_party(library: Library) -> None:
    terms = {
        "period": [{"row": "new-1", "date": "2026-11-05", "begins": "09:00", "ends": "12:30"}],
        "talk": [{"row": "end", "date": "2026-11-06"}],
        "work": [{"row": "new-1", "what": "Lassen", "how": "join"}],
    }
    day, talk = duties_in(library.resolved("internship-plan"), terms)
    assert (day.roles(), day.begins, day.ends, day.meaning.reminds) == (None, time(9), time(12, 30), False)
    span = day.span(ZONE)
    assert span is not None
    assert [f"{moment:%H:%M%z}" for moment in span] == ["09:00+0100", "12:30+0100"]
    assert (talk.what.nl, talk.meaning.reminds) == ("Aan het eind", True)


@pytest.mark.parametrize("said", ["", "morgen", None, "2026-02-31"])
def test_what_is_no_day_is_no_day(library: Library, said: str | None) -> None:
    terms = {"tasks": [{"row": "tour", "who": "host", "ready_on": said}]}
    (duty,) = duties_in(library.resolved("task-division"), terms)
    assert duty.on is None


def test_a_duty_names_columns_that_can_hold_it(library: Library) -> None:
    form = library.form("pair-plan").model_dump(mode="json", exclude_defaults=True)
    meetings = next(question for question in form["questions"] if question["key"] == "meetings")
    meetings["duties"] = {"on": "place"}
    with pytest.raises((Misfit, ValueError), match="place"):
        Form.model_validate(form)
