"""Who may do what, in one place: the rights of every role, and of the offices that somebody holds for a region.

What stands here is enforced below the pages: a store is narrowed to what its visitor may see and changes nothing for
who may not steer (``sandwich.store.scope``), and services ask before they give somebody's data out or erase them.
"""

from collections.abc import Mapping
from enum import StrEnum

from models.roles import Role


class Right(StrEnum):
    """One thing that somebody may do."""

    STEER = "steer"  # move, hold, cancel, open a gate with a reason, answer by phone, replace people
    ORGANISE = "organise"  # start an activity, keep companies, mail texts, keys and terms
    READ = "read"  # activities, their plan and where they are
    READ_WORDS = "read_words"  # what single people wrote
    REPORT = "report"  # figures, reports and their files
    ANSWER = "answer"  # own forms
    SEE_GROUP = "see_group"  # the goals of the group and the programme
    COUNTER = "counter"  # propose other terms of an agreement
    RELEASE = "release"  # yes or no to what is shared about who receives, and what of it is confidential
    APPROVE = "approve"  # yes or no to somebody's taking part
    READ_SHARED = "read_shared"  # cards on a wall
    JOIN_NOTES = "join_notes"  # write the feedback of a team that visits
    EXPORT = "export"  # give out what is kept of somebody
    ERASE = "erase"  # erase somebody
    CLEAR = "clear"  # yes or no to removing what is over its term


class Office(StrEnum):
    """What somebody is for a region, and not in one activity."""

    REGION_MANAGER = "region_manager"
    PRIVACY_OFFICER = "privacy_officer"


_TAKES_PART = frozenset({Right.ANSWER, Right.READ_SHARED})
_STEERS = _TAKES_PART | {Right.STEER, Right.READ, Right.READ_WORDS}
_COORDINATES = _STEERS | {Right.ORGANISE, Right.REPORT, Right.CLEAR}
_COMPANY = _TAKES_PART | {Right.COUNTER}

RIGHTS: Mapping[Role | Office, frozenset[Right]] = {
    Role.COORDINATOR: _COORDINATES,
    Role.DEPUTY: _COORDINATES,
    Role.TEACHER: _TAKES_PART | {Right.SEE_GROUP},
    Role.TRIP_LEADER: _TAKES_PART | {Right.SEE_GROUP, Right.COUNTER},
    Role.HOST_CONTACT: _COMPANY | {Right.SEE_GROUP, Right.RELEASE},
    Role.PROFESSIONAL: _COMPANY | {Right.RELEASE},
    Role.MENTOR: _COMPANY,
    Role.COACH: _STEERS | {Right.SEE_GROUP, Right.COUNTER},
    Role.CHAIR: _TAKES_PART | {Right.SEE_GROUP, Right.JOIN_NOTES},
    Role.REVIEWER: _TAKES_PART,
    Role.EMPLOYER: _TAKES_PART | {Right.APPROVE},
    Role.SCHOOL_LEADER: _TAKES_PART | {Right.APPROVE, Right.READ},
    Role.TIMETABLER: frozenset(),
    Role.COLLEAGUES: frozenset({Right.READ_SHARED}),
    Role.ADOPTER: _TAKES_PART,
    Office.REGION_MANAGER: frozenset({Right.READ, Right.REPORT}),
    Office.PRIVACY_OFFICER: frozenset({Right.EXPORT, Right.ERASE, Right.CLEAR}),
}
"""The table; ``docs/roles.md`` shows it."""

SIGN_IN = (Role.COORDINATOR, Role.SCHOOL_LEADER, Office.REGION_MANAGER, Office.PRIVACY_OFFICER)
"""Who signs in for a region or a school; a coach does for the activities that they coach (:data:`COACHES`). Everybody
else has a personal link, or reads a wall.
"""

COACHES = Role.COACH
"""The role that steers what it takes part in, and nothing else."""
