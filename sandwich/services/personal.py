"""The page behind somebody's personal link: everything of one activity that is theirs. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import select

from models.rights import COACHES
from models.roles import OUTSIDE, Role
from models.tables.activities import ACTIVE, ActivityStatus, ContactMoment, Participation
from models.tables.asking import OPEN, Invitation, InvitationState
from models.tables.network import Person
from sandwich.errors import NotFound
from sandwich.runtime import Runtime
from sandwich.services.agreed_tasks import AgreedTask, tasks_of
from sandwich.services.asking import TAKES_NO_ANSWER, Frame, form_of, frame_of, round_of
from sandwich.services.certificates import is_certified
from sandwich.services.elsewhere import Elsewhere, open_elsewhere
from sandwich.services.loaded import Loaded, load
from sandwich.services.own_goals import OwnGoal, own_goals
from sandwich.services.own_rounds import OwnRound, own_rounds

_NOTHING_TO_CHANGE = (ActivityStatus.CANCELLED, ActivityStatus.FINISHED)


@dataclass(frozen=True)
class AskedItem:
    """One line of the personal page; ``about`` is the round that it is about."""

    invitation_id: str
    title: str
    minutes: float
    deadline_at: datetime | None
    state: InvitationState
    about: OwnRound | None = None


@dataclass(frozen=True)
class PersonalPage:
    """Everything that is asked of one person in one activity; ``tasks``: what they took on in what was agreed.

    ``goals`` are their own, as they wrote them; ``meetings`` all contact moments, none while there is no date.
    ``rounds`` are the person's own, ``has_certificate`` says that one stands ready. ``elsewhere`` are other
    activities with open questions, where nobody else reads this person's mailbox. ``takes_part`` says that there is
    something to get out of, ``leads_school`` that there is a year report for them, ``steers`` that they may sign in to
    steer this activity.
    """

    frame: Frame
    open: tuple[AskedItem, ...] = field(default=())
    answered: tuple[AskedItem, ...] = field(default=())
    tasks: tuple[AgreedTask, ...] = field(default=())
    rounds: tuple[OwnRound, ...] = field(default=())
    has_certificate: bool = False
    elsewhere: tuple[Elsewhere, ...] = field(default=())
    goals: tuple[OwnGoal, ...] = ()
    meetings: Sequence[ContactMoment] = ()
    takes_part: bool = False
    leads_school: bool = False
    steers: bool = False


async def personal_page(runtime: Runtime, participation_id: str, now: datetime) -> PersonalPage:
    """Return what is asked of one person, in all roles that they have in the activity."""
    async with runtime.store.read() as session:
        participation = await session.get(Participation, participation_id)
        if participation is None:
            raise NotFound(what="participation", name=participation_id)
        loaded = await load(session, runtime.settings.timezone, participation.activity_id)
        frame = await frame_of(session, loaded, participation)
        mine = [item.id for item in loaded.participations if item.person_id == participation.person_id]
        rows = await session.scalars(
            select(Invitation)
            .where(Invitation.participation_id.in_(mine), Invitation.asked_at < _end_of_day(loaded, now))
            .order_by(Invitation.deadline_at.nulls_last(), Invitation.asked_at)
        )
        rounds = await own_rounds(session, loaded, mine)
        waiting: list[AskedItem] = []
        done: list[AskedItem] = []
        for invitation in rows:
            form = await form_of(session, invitation.form_digest)
            item = AskedItem(
                invitation_id=invitation.id,
                title=form.title.to(frame.language, formal=frame.formal),
                minutes=form.minutes,
                deadline_at=invitation.deadline_at,
                state=invitation.state,
                about=round_of(loaded, invitation, rounds),
            )
            if invitation.state in OPEN or invitation.state is InvitationState.CLOSED:
                waiting.append(item)
            elif invitation.state not in TAKES_NO_ANSWER:
                done.append(item)
        tasks = await tasks_of(session, loaded, participation.person_id, frame.language)
        has_certificate = await is_certified(session, loaded, participation)
        person_id = participation.person_id
        elsewhere: tuple[Elsewhere, ...] = ()
        if not frame.shares_mailbox:
            elsewhere = await open_elsewhere(session, loaded.activity.id, person_id, now)
        return PersonalPage(
            frame,
            tuple(waiting),
            tuple(done),
            tasks,
            rounds,
            has_certificate,
            elsewhere,
            goals=await own_goals(session, loaded, person_id),
            meetings=loaded.moments if frame.date_fixed else (),
            takes_part=_takes_part(loaded, mine),
            leads_school=school_led(participation, loaded.persons[person_id]) is not None,
            steers=participation.role is COACHES,
        )


def school_led(participation: Participation, person: Person) -> str | None:
    """Return the school whose leader this is, in this activity."""
    return person.school_id if participation.role is Role.SCHOOL_LEADER else None


def _takes_part(loaded: Loaded, mine: Sequence[str]) -> bool:
    """Whether somebody can still say that they do not come, or that somebody else does."""
    return loaded.activity.status not in _NOTHING_TO_CHANGE and any(
        item.id in mine and item.standing in ACTIVE and item.role not in OUTSIDE for item in loaded.participations
    )


def _end_of_day(loaded: Loaded, now: datetime) -> datetime:
    """What is asked later today can be answered already: the field note, during the visit."""
    return datetime.combine(now.astimezone(loaded.zone).date() + timedelta(days=1), time(0, 0), loaded.zone)
