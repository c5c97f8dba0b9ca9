"""Who takes part in what: the three slices, the roles, the five demands."""

from enum import StrEnum


class Stage(StrEnum):
    """The three slices of the sandwich."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Role(StrEnum):
    """What a person is in one activity."""

    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    TEACHER = "teacher"
    TRIP_LEADER = "trip_leader"
    HOST_CONTACT = "host_contact"
    PROFESSIONAL = "professional"
    MENTOR = "mentor"
    COACH = "coach"
    CHAIR = "chair"
    REVIEWER = "reviewer"
    EMPLOYER = "employer"
    SCHOOL_LEADER = "school_leader"
    TIMETABLER = "timetabler"
    COLLEAGUES = "colleagues"
    ADOPTER = "adopter"


HOST_ROLES = frozenset({Role.HOST_CONTACT, Role.PROFESSIONAL, Role.MENTOR, Role.EMPLOYER})
"""Roles of people outside the school: addressed with *u*, free on public holidays and when their company is closed, not
in school holidays.
"""


OUTSIDE = frozenset({Role.ADOPTER})
"""Roles of people who take no part: they are asked what became of it afterwards, and count nowhere (field rule 49)."""


class Demand(StrEnum):
    """The five things without which it is no sandwich; four of them are the dots on the board (field rules 1 and 2)."""

    GOALS = "goals"
    TASK_DIVISION = "task_division"
    EVALUATION = "evaluation"
    SHARE = "share"
    FEEDBACK = "feedback"


DOTS = (Demand.GOALS, Demand.TASK_DIVISION, Demand.SHARE, Demand.FEEDBACK)
"""The demands that are shown as four dots."""


class Host(StrEnum):
    """Who receives the participants."""

    COMPANY = "company"
    SCHOOL = "school"
    NOBODY = "nobody"
