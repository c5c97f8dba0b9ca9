"""The parts of an activity's page, as plain read models."""

from dataclasses import dataclass
from datetime import date, datetime

from models.roles import Demand, Host, Role, Stage
from models.tables.activities import Approval, Presence, Standing, StepState
from models.tables.asking import InvitationState
from models.tables.mail import MessageState
from models.tables.results import CardState
from models.text import Language, Text
from sandwich.labels import RECEIVER
from sandwich.services.agreement_views import AgreementLine
from sandwich.services.call_lines import CallLine
from sandwich.services.chain import Chain
from sandwich.services.meetings import Meeting
from sandwich.services.overview import ActivityLine
from sandwich.services.pair_views import PairView
from sandwich.services.result_views import Adoption
from sandwich.services.room_plan import RoundSeen, StaySeen
from sandwich.services.trail import TrailLine


@dataclass(frozen=True)
class StepLine:
    """One step with its moment: when it was done, or when it is due (``None``: it waits for something else)."""

    key: str
    stage: Stage
    title: Text
    demand: Demand | None
    state: StepState
    due_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True)
class GateLine:
    """A gate: open or not, what blocks it (or is missing since it was passed), what is missing without blocking."""

    stage: Stage
    title: Text
    is_open: bool
    is_overridden: bool
    is_passed: bool
    blocked_by: tuple[Text, ...]
    warnings: tuple[Text, ...]


@dataclass(frozen=True)
class AskLine:
    """One form that somebody was asked to fill in, with what happened to it so far."""

    invitation_id: str
    step: str
    form: str
    title: Text
    state: InvitationState
    asked_at: datetime
    deadline_at: datetime | None
    answered_at: datetime | None
    reminders: int
    is_late: bool
    is_open: bool
    is_answered: bool
    submission_id: str | None


@dataclass(frozen=True)
class SentLine:
    """A form that somebody sent without being asked: a change, a privacy request."""

    submission_id: str
    title: Text
    at: datetime


@dataclass(frozen=True)
class PersonLine:
    """One person in one role. What they sent unasked, and where else they have to be at the time (``busy``), stands
    once, with the first of their roles. ``away_until`` is the last day of an absence that is not over.
    """

    participation_id: str
    person_id: str
    name: str
    role: Role
    place: str | None
    standing: Standing
    approval: Approval
    presence: Presence
    phone: str | None
    language: Language
    is_mailbox_shared: bool
    is_active: bool
    asks: tuple[AskLine, ...]
    sent: tuple[SentLine, ...]
    busy: tuple[Text, ...] = ()
    away_until: date | None = None


@dataclass(frozen=True)
class CardLine:
    """The impression card: how far it is, what the host said of it, whether impressions wait until it is asked again,
    and on which schools' walls it may stand.
    """

    state: CardState
    is_restricted: bool
    host_remark: str | None
    waits: bool
    walls: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MessageLine:
    """One mail of this activity; ``word`` is what the coordinator put at its beginning."""

    id: str
    mail: str
    title: Text
    person_id: str
    to: str
    state: MessageState
    at: datetime
    reason: str | None
    word: str | None


@dataclass(frozen=True)
class ActivityDetail:
    """Everything on the activity's page; ``asked`` are the roles of whom its playbook asks something.

    ``adoption`` is what became of the material with others, where anybody said that they would use it.
    """

    line: ActivityLine
    purpose: str
    place: str | None
    coordinator: str | None
    proposed: tuple[tuple[datetime, datetime], ...]
    steps: tuple[StepLine, ...]
    gates: tuple[GateLine, ...]
    people: tuple[PersonLine, ...]
    calls: tuple[CallLine, ...]
    agreements: tuple[AgreementLine, ...]
    card: CardLine | None
    receives: Host
    asked: frozenset[Role]
    messages: tuple[MessageLine, ...]
    trail: tuple[TrailLine, ...]
    overrides: dict[str, str]
    chain: Chain
    pairs: tuple[PairView, ...]
    rounds: tuple[RoundSeen, ...]
    staying: tuple[StaySeen, ...]
    meetings: tuple[Meeting, ...] = ()
    adoption: Adoption | None = None

    @property
    def receiver(self) -> Text:
        """What whoever receives is called."""
        return RECEIVER[self.receives]
