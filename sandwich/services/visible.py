"""Which cards a school may read at all. What of each it reads, the card itself says."""

from sqlalchemy import ColumnElement, Select, or_, select

from models.roles import Role
from models.tables.activities import ACTIVE, Activity, Participation
from models.tables.network import Person, School
from models.tables.results import CardState, ImpressionCard, ShareScope


def took_part(school: School) -> ColumnElement[bool]:
    """Whether people of this school take part in an activity, or did."""
    return (
        select(Participation.id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Participation.activity_id == Activity.id,
            Participation.role.in_([Role.TEACHER, Role.TRIP_LEADER]),
            Participation.standing.in_(ACTIVE),
            Person.school_id == school.id,
        )
        .exists()
    )


def visible_to(school: School) -> Select[Activity]:
    """Activities whose card this school may read at all: its own people took part, or it goes to the whole region."""
    in_region = (ImpressionCard.share_scope == ShareScope.REGION) & (Activity.region_id == school.region_id)
    return (
        select(Activity)
        .join(ImpressionCard, ImpressionCard.activity_id == Activity.id)
        .where(ImpressionCard.state == CardState.PUBLISHED, or_(took_part(school), in_region))
    )
