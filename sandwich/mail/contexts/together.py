"""What mails say about other people: a partner, the rounds of an evening, who said yes too; and a certificate."""

from typing import Any

from pydantic import Field
from sqlalchemy import select

from models.roles import Role
from models.tables.activities import Participation
from models.tables.network import Company, Person, School
from models.tables.pairing import Pair, PairState
from sandwich.mail.case import Case, asked, common
from sandwich.mail.contexts.parts import ActivityContext, AskContext, Group, Met, Turn
from sandwich.rules.answer_lines import describe
from sandwich.rules.names import full_name
from sandwich.services.certificates import hours_of
from sandwich.services.contacts import mail_of, phone_of
from sandwich.services.loaded import load
from sandwich.services.own_rounds import own_rounds
from sandwich.services.partners import about_partner
from sandwich.services.told import Told, read_told

_PROFILE = ("path", "motive", "bring")
"""The questions by which a profile is known, whichever form asks them."""

_TOLD_OF_A_PROFESSIONAL = frozenset({*_PROFILE, "day", "topics"})


class CertificateContext(ActivityContext):
    """The way to a certificate, and the hours on it."""

    link: str
    hours: float = Field(gt=0)


class ProposalContext(AskContext):
    """R03: a possible partner without a name. ``about`` is empty where that one showed nothing."""

    about: tuple[Group, ...]


class RoundsContext(ActivityContext):
    """The reader's own rounds, and for a teacher who the professionals are; ``has_cards`` to fill in."""

    link: str
    turns: tuple[Turn, ...]
    people: tuple[Group, ...]
    has_cards: bool


class MatchesContext(ActivityContext):
    """Whom the reader goes on with: they have both said yes."""

    people: tuple[Met, ...]


async def certificate(case: Case) -> CertificateContext:
    """Word the way to a certificate."""
    loaded = await load(case.session, case.settings.timezone, case.own_activity().id)
    own = loaded.participation(case.own_participation().id)
    link = f"{case.link()}/certificate"
    return CertificateContext(**common(case), link=link, hours=hours_of(loaded, own))


async def pair_proposal(case: Case) -> ProposalContext:
    """Word R03 from what the other side told in the intake."""
    told = await about_partner(case.session, case.invitations()[0], case.language, formal=case.formal)
    if told is None:
        raise case.lacks("pair")
    return ProposalContext(**asked(case), about=tuple(Group(label=one.label, lines=one.lines) for one in told))


async def rounds(case: Case) -> RoundsContext:
    """Word the reader's own rounds from the plan as it is now."""
    activity_id, own = case.own_activity().id, case.own_participation()
    loaded = await load(case.session, case.settings.timezone, activity_id)
    own_turns = await own_rounds(case.session, loaded, [own.id])
    names = {item.id: full_name(loaded.persons[item.person_id]) for item in loaded.participations}
    told = await read_told(case.session, activity_id)
    others = dict.fromkeys(other for turn in own_turns for other in turn.others) if own.role is Role.TEACHER else ()
    people = [Group(label=names[other], lines=lines) for other in others if (lines := _profile(case, told, other))]
    return RoundsContext(
        **common(case),
        link=case.link(),
        turns=tuple(Turn(number=turn.number, at=turn.at, who=turn.who) for turn in own_turns),
        people=tuple(people),
        has_cards=bool(case.about.get("invitations")),
    )


async def matches(case: Case) -> MatchesContext:
    """Word who said yes too, with where they can be reached."""
    own = case.own_participation().id
    pairs = await case.session.scalars(
        select(Pair)
        .where(Pair.id.in_(case.about.get("pairs") or []), Pair.state == PairState.MADE)
        .order_by(Pair.number)
    )
    others = [other for pair in pairs for other in pair.people if other != own]
    if not others:
        raise case.lacks("pair")
    return MatchesContext(**common(case), people=tuple([await _met(case, other) for other in others]))


async def _met(case: Case, participation_id: str) -> Met:
    participation = await case.session.get_one(Participation, participation_id)
    person = await case.session.get_one(Person, participation.person_id)
    at: Any = None
    if person.company_id:
        at = await case.session.get(Company, person.company_id)
    elif person.school_id:
        at = await case.session.get(School, person.school_id)
    return Met(
        name=full_name(person),
        what=", ".join(part for part in (person.job_title, at.name if at else None) if part) or None,
        phone=await phone_of(case.session, person.id),
        mail=await mail_of(case.session, person.id),
    )


def _profile(case: Case, told: Told, other: str) -> tuple[str, ...]:
    return tuple(
        text
        for item in told.saying(*_PROFILE)
        if item.participation.id == other
        for line in describe(told.form(item), item.answers, case.language, case.formal)
        if line.key in _TOLD_OF_A_PROFESSIONAL
        for text in line.lines
    )
