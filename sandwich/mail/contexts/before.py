"""What the mails before the day say: the request, the invitation, release, goals, tasks, and the practical things."""

from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import select

from models.form import Form
from models.roles import Role
from models.tables.activities import ACTIVE, Approval, Participation
from models.tables.network import Person, School
from models.text import Text
from sandwich.mail.case import Case, asked, common
from sandwich.mail.contexts.agreeing import matter_of
from sandwich.mail.contexts.parts import (
    ActivityContext,
    AskContext,
    Group,
    Question,
    Row,
    Slot,
)
from sandwich.mail.contexts.practical import day_of, practical
from sandwich.rules.names import full_name
from sandwich.services.results import goals_for_host

MANY_PER_GROUP = 6
MANY_QUESTIONS = 10


class RequestContext(AskContext):
    """M01: the whole question in words, so that an answer in free text is enough.

    ``is_anew``: other days were proposed before, and these take their place.
    """

    purpose: str
    hours: float = Field(gt=0)
    schools: tuple[str, ...]
    is_anew: bool = False


class InvitationContext(AskContext):
    """M02: what it is for."""

    purpose: str


class ReleaseContext(AskContext):
    """M03: whom it is about, and for how long."""

    names: tuple[str, ...]
    hours: float = Field(gt=0)


class ReleaseInformationContext(ActivityContext):
    """For the timetabler: who is away, and when."""

    names: tuple[str, ...]


class TaskDivisionContext(AskContext):
    """M05: the proposal in words. ``version`` is above 1 where the school answers a counter-proposal."""

    tasks: tuple[Group, ...]
    version: int = Field(ge=1)


class GoalsToHostContext(AskContext):
    """M07: what the group wants to learn; names only where their owners agreed."""

    people: int
    goals: tuple[Group, ...]
    questions: tuple[Question, ...]


class PracticalContext(ActivityContext):
    """M08: everything that one needs to get there, and the programme."""

    link: str
    rows: tuple[Row, ...]
    programme: tuple[Slot, ...]
    phone: str | None
    has_calendar: bool


class DayContext(ActivityContext):
    """M09: tomorrow (or after the weekend), in three lines."""

    link: str
    is_tomorrow: bool
    address: str | None
    clothing: str | None
    phone: str | None


class OwnLinkContext(ActivityContext):
    """The mail with the link to the own page, for whoever asked for it."""

    link: str


async def own_link(case: Case) -> OwnLinkContext:
    """Word the mail that brings the own link once more."""
    return OwnLinkContext(**common(case), link=case.link())


async def ask(case: Case) -> AskContext:
    """Word a mail that needs nothing but its question."""
    return AskContext(**asked(case))


async def tell(case: Case) -> ActivityContext:
    """Word a mail that needs nothing but its activity."""
    return ActivityContext(**common(case))


async def request(case: Case) -> RequestContext:
    """Word M01."""
    values = asked(case)
    first = values["moments"][0]
    schools = await case.session.scalars(
        select(School.name)
        .join(Person, Person.school_id == School.id)
        .join(Participation, Participation.person_id == Person.id)
        .where(Participation.activity_id == case.own_activity().id, Participation.role == Role.TEACHER)
        .distinct()
        .order_by(School.name)
    )
    return RequestContext(
        **values,
        purpose=purpose_of(case),
        hours=(first.ends_at - first.starts_at).total_seconds() / 3600,
        schools=tuple(schools),
        is_anew=any(item.occurrence > 1 for item in case.invitations()),
    )


async def invitation(case: Case) -> InvitationContext:
    """Word M02."""
    return InvitationContext(**asked(case), purpose=purpose_of(case))


async def release(case: Case) -> ReleaseContext:
    """Word M03: the teachers of the leader's own school; to an employer the people of the own company."""
    values = asked(case)
    first = values["moments"][0]
    own = case.role is Role.EMPLOYER
    return ReleaseContext(
        **values,
        names=await _employees(case) if own else teachers(case, case.person.school_id, awaiting_release=True),
        hours=(first.ends_at - first.starts_at).total_seconds() / 3600,
    )


async def release_information(case: Case) -> ReleaseInformationContext:
    """Word the timetabler's mail; somebody of no school reads about all teachers."""
    return ReleaseInformationContext(**common(case), names=teachers(case, case.person.school_id))


async def task_division(case: Case) -> TaskDivisionContext:
    """Word M05 from the version that is proposed now."""
    values = asked(case)
    invitation = case.invitations()[0]
    view = (await matter_of(case, invitation.step)).view
    form = case.form(invitation)
    return TaskDivisionContext(**values, tasks=_tasks(case, form, view.terms), version=view.version.number)


async def goals_to_host(case: Case) -> GoalsToHostContext:
    """Word M07."""
    summary = await goals_for_host(case.session, case.own_activity().id)
    return GoalsToHostContext(
        **asked(case),
        people=summary.people,
        goals=tuple(Group(label=case.words(one.label), lines=one.goals[:MANY_PER_GROUP]) for one in summary.groups),
        questions=tuple(Question(text=one.text, name=one.name) for one in summary.questions[:MANY_QUESTIONS]),
    )


async def practical_info(case: Case) -> PracticalContext:
    """Word M08 from what the host answered and from the task division."""
    found = await practical(day_of(case))
    values = common(case)
    return PracticalContext(
        **values
        | {
            "place": found.address or case.own_activity().meets_at,
            "group_size": len(case.teachers()) or values["group_size"],  # who comes
        },
        link=case.link(),
        rows=found.rows,
        programme=found.programme,
        phone=found.phone,
        has_calendar=True,
    )


async def day_reminder(case: Case) -> DayContext:
    """Word M09."""
    found = await practical(day_of(case))
    values = common(case)
    zone = ZoneInfo(case.settings.timezone)
    days = values["moments"][0].starts_at.astimezone(zone).date() - case.now.astimezone(zone).date()
    return DayContext(
        **values,
        link=case.link(),
        is_tomorrow=days.days == 1,
        address=found.address or case.own_activity().meets_at,
        clothing=found.clothing,
        phone=found.phone,
    )


def teachers(case: Case, school_id: str | None, *, awaiting_release: bool = False) -> tuple[str, ...]:
    """Return the names of the teachers who take part, of one school or of all.

    ``awaiting_release`` leaves out those who were released before, unless nobody's release is asked any more.
    """
    mine = [one for one in case.teachers() if school_id is None or one.school_id == school_id]
    asked = [one for one in mine if one.approval is Approval.OPEN] if awaiting_release else []
    return tuple(one.name for one in asked or mine)


async def _employees(case: Case) -> tuple[str, ...]:
    """Return the names of the professionals of the reader's company who take part; nobody else is the employer's."""
    if case.person.company_id is None:
        return ()
    rows = await case.session.scalars(
        select(Person)
        .join(Participation, Participation.person_id == Person.id)
        .where(
            Participation.activity_id == case.own_activity().id,
            Participation.role == Role.PROFESSIONAL,
            Participation.standing.in_(ACTIVE),
            Person.company_id == case.person.company_id,
            Person.id != case.person.id,
        )
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    return tuple(full_name(one) for one in rows)


def purpose_of(case: Case) -> str:
    """Return what an activity is for, as the end of *the teachers want to …*."""
    return case.words(PURPOSES.get(case.own_activity().purpose, _OTHER))


def _tasks(case: Case, form: Form, terms: dict[str, object]) -> tuple[Group, ...]:
    question = form.question("tasks")
    labels = {row.key: case.words(row.label) for row in question.rows}
    column = next(column for column in question.columns if column.key == "who")
    options = column.options if isinstance(column.options, tuple) else ()
    rows = [row for row in _table(terms.get("tasks")) if row.get("row")]
    groups = []
    for option in options:
        lines = [
            labels.get(str(row["row"]), str(row.get("label") or row["row"]))
            for row in rows
            if row.get("who") == option.key
        ]
        if lines and option.key != "na":
            groups.append(Group(label=case.words(option.label), lines=tuple(_inside(line) for line in lines)))
    return tuple(groups)


def _inside(words: str) -> str:
    """Return words as they stand inside a sentence; an abbreviation keeps its capitals."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _table(value: object) -> list[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


_OTHER = Text(nl="leren van de praktijk", en="learn from practice")

PURPOSES = {
    "trends": Text(nl="zien wat er nieuw is en wat er komt", en="see what is new and what is coming"),
    "placement": Text(
        nl="weten of leerlingen er een goede stageplek vinden", en="know whether pupils would find a good placement"
    ),
    "knowledge": Text(nl="hun vakkennis bijhouden", en="keep their technical knowledge up to date"),
    "relation": Text(nl="mensen uit het vak leren kennen", en="get to know people from the trade"),
    "occupations": Text(
        nl="leerlingen beter kunnen vertellen over de beroepen", en="be able to tell pupils more about the occupations"
    ),
    "material-input": Text(
        nl="horen hoe hun lesmateriaal beter kan", en="hear how their lesson material can be improved"
    ),
    "other-school": Text(nl="zien hoe een andere school het doet", en="see how another school does it"),
    "make-material": Text(nl="nieuw lesmateriaal maken", en="make new lesson material"),
}
"""How the purpose of an activity is said in a sentence."""
