"""What an activity waits for and since when, as a sentence that a person would say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from models.playbook import Playbook
from models.reminders import Ending
from models.roles import HOST_ROLES, Role, Stage
from models.tables.activities import Activity, ActivityStatus, Participation, StepState
from models.tables.agreements import Agreement, AgreementState
from models.tables.asking import ANSWERED, Invitation, InvitationState
from models.tables.network import Person
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.rules.plan import PlannedStep

AWAITED = frozenset({InvitationState.SENT, InvitationState.OPENED, InvitationState.DRAFT})
"""States in which somebody was asked and the answer is not there."""


@dataclass(frozen=True)
class Waiting:
    """A sentence, since when, and whether it is late: something that a person must do."""

    sentence: Text
    since: datetime | None = None
    is_late: bool = False


@dataclass(frozen=True)
class Situation:
    """Everything that the sentence is made of."""

    activity: Activity
    playbook: Playbook
    plan: Callable[[], Sequence[PlannedStep]]
    """Asked for only where nobody is waited for: it takes longer than all the rest."""
    states: Mapping[str, StepState]
    participations: Mapping[str, Participation]
    persons: Mapping[str, Person]
    invitations: Sequence[Invitation]
    agreements: Sequence[Agreement]
    call: tuple[Text, datetime] | None
    zone: ZoneInfo


def waits_for(situation: Situation, now: datetime) -> Waiting:
    """Say what an activity waits for: a person's hand first, then answers, then the calendar."""
    activity = situation.activity
    if activity.status in _ENDS:
        return _ended(situation)
    if situation.call is not None:
        return Waiting(situation.call[0], situation.call[1], is_late=True)
    return (
        _counter_proposal(situation)
        or _answers(situation, now)
        or _leaving(situation, now)
        or _next_step(situation, now)
    )


_ENDS = frozenset({ActivityStatus.CONCEPT, ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED, ActivityStatus.FINISHED})


def _ended(situation: Situation) -> Waiting:
    activity = situation.activity
    if activity.status is ActivityStatus.CONCEPT:
        sentence = Text(nl="Nog een concept: er is nog niemand gemaild.", en="Still a draft: nobody was mailed yet.")
    elif activity.status is ActivityStatus.ON_HOLD:
        sentence = Text(nl="Uitgesteld: er gaan geen mails weg.", en="On hold: no mails leave.")
    elif activity.status is ActivityStatus.CANCELLED:
        sentence = Text(nl="Geannuleerd.", en="Cancelled.")
    elif activity.finished_at is not None:
        on = short_day(activity.finished_at, situation.zone)
        sentence = Text(nl=f"Afgerond op {on.nl}.", en=f"Finished on {on.en}.")
    else:
        sentence = Text(nl="Afgerond.", en="Finished.")
    return Waiting(sentence, activity.finished_at)


def awaited(situation: Situation, now: datetime) -> Invitation | None:
    """Return the question that an activity waits for first: a counter-proposal to look at, or what nobody answered."""
    return _newest_counter(situation) or _first_awaited(situation, now)


def _newest_counter(situation: Situation) -> Invitation | None:
    steps = _countered(situation)
    countered = [
        item for item in situation.invitations if item.state is InvitationState.COUNTERED and item.step in steps
    ]
    return max(countered, key=lambda item: item.answered_at or item.asked_at, default=None)


def _countered(situation: Situation) -> frozenset[str]:
    """Return the steps whose agreement the coordinator drafted, and somebody wants otherwise."""
    countered = {one.subject for one in situation.agreements if one.state is AgreementState.COUNTERED}
    if not countered:
        return frozenset()
    return frozenset(
        step.key
        for step, talk in situation.playbook.agreements()
        if talk.about in countered and talk.drafts is Role.COORDINATOR
    )


def _counter_proposal(situation: Situation) -> Waiting | None:
    if not _countered(situation):
        return None
    newest = _newest_counter(situation)
    if newest is None:
        return Waiting(
            Text(nl="Er ligt een tegenvoorstel.", en="There is a counter-proposal to look at."), is_late=True
        )
    since = newest.answered_at or newest.asked_at
    who, day = _name(situation, newest), short_day(since, situation.zone)
    return Waiting(
        Text(nl=f"Tegenvoorstel van {who}, sinds {day.nl}.", en=f"Counter-proposal by {who}, since {day.en}."),
        since,
        is_late=True,
    )


def unanswered(situation: Situation, now: datetime) -> list[Invitation]:
    """Return what was asked in this slice or a later one, and is not answered."""
    return [
        item
        for item in situation.invitations
        if item.state in AWAITED and item.asked_at <= now and _still_matters(situation, item)
    ]


def _first_awaited(situation: Situation, now: datetime) -> Invitation | None:
    never = datetime.max.replace(tzinfo=now.tzinfo)
    # What nobody has answered yet holds things up more than what some have answered.
    begun = {item.step for item in situation.invitations if item.state in ANSWERED}
    return min(
        unanswered(situation, now),
        key=lambda item: (item.step in begun, item.deadline_at or never, item.asked_at),
        default=None,
    )


def _answers(situation: Situation, now: datetime) -> Waiting | None:
    first = _first_awaited(situation, now)
    if first is None:
        return None
    group = [
        item
        for item in unanswered(situation, now)
        if item.step == first.step and _side(situation, item) == _side(situation, first)
    ]
    people = list(dict.fromkeys(item.participation_id for item in group))
    title = situation.playbook.step(first.step).title
    since = min(item.asked_at for item in group)
    day = short_day(since, situation.zone)
    quiet = situation.playbook.profile(first.profile).ending is Ending.CLOSE
    is_late = not quiet and first.deadline_at is not None and first.deadline_at <= now
    if len(people) == 1:
        who_nl = who_en = _name(situation, first)
    else:
        who_nl, who_en = f"{len(people)} mensen", f"{len(people)} people"
    nl = f"Wacht op {who_nl}, sinds {day.nl}: {_small(title.nl)}"
    en = f"Waits for {who_en}, since {day.en}: {_small(title.en)}"
    if first.deadline_at is not None:
        due = short_day(first.deadline_at, situation.zone)
        nl += f" (had gemoeten vóór {due.nl})" if is_late else f" (gevraagd vóór {due.nl})"
        en += f" (was due before {due.en})" if is_late else f" (asked before {due.en})"
    return Waiting(Text(nl=nl, en=en), since, is_late)


def _still_matters(situation: Situation, invitation: Invitation) -> bool:
    """Whether a question belongs to the slice that the activity is in, or a later one."""
    slices = list(Stage)
    current = _SLICE.get(situation.activity.status, Stage.BEFORE)
    return slices.index(situation.playbook.step(invitation.step).stage) >= slices.index(current)


_SLICE = {ActivityStatus.DURING: Stage.DURING, ActivityStatus.AFTER: Stage.AFTER}


def _leaving(situation: Situation, now: datetime) -> Waiting | None:
    """Say of a question that is written but not mailed yet when it leaves."""
    planned = [item for item in situation.invitations if item.state is InvitationState.PLANNED]
    if not planned:
        return None
    first = min(planned, key=lambda item: item.asked_at)
    title = situation.playbook.step(first.step).title
    if first.asked_at <= now:
        return Waiting(Text(nl=f"Gaat nu weg: {_small(title.nl)}", en=f"Leaves now: {_small(title.en)}"))
    when = _until(first.asked_at, now, situation.zone)
    return Waiting(Text(nl=f"{when.nl} gaat weg: {_small(title.nl)}", en=f"{when.en} leaves: {_small(title.en)}"))


def _next_step(situation: Situation, now: datetime) -> Waiting:
    still = [item for item in situation.plan() if situation.states.get(item.step.key) is StepState.PLANNED]
    dated = [item for item in still if item.due_at is not None and item.due_at > now]
    if dated:
        step = min(dated, key=lambda item: item.due_at or now)
        assert step.due_at is not None  # only dated ones are looked at
        when = _until(step.due_at, now, situation.zone)
        return Waiting(
            Text(nl=f"{when.nl}: {_small(step.step.title.nl)}", en=f"{when.en}: {_small(step.step.title.en)}")
        )
    if still:
        title = still[0].step.title
        return Waiting(Text(nl=f"Daarna komt: {_small(title.nl)}", en=f"Next comes: {_small(title.en)}"))
    return Waiting(Text(nl="Alles is gedaan.", en="Everything is done."))


def short_day(moment: datetime, zone: ZoneInfo) -> Text:
    """``do 5 nov`` in the reader's language, in the time zone of the installation."""
    return _short(moment.astimezone(zone).date())


@lru_cache(maxsize=1024)
def _short(local: date) -> Text:
    return Text(
        nl=format_date(local, "EEE d MMM", locale="nl").replace(".", ""),
        en=format_date(local, "EEE d MMM", locale="en_GB"),
    )


def _until(moment: datetime, now: datetime, zone: ZoneInfo) -> Text:
    days = (moment.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days == 0:
        return Text(nl="Vandaag", en="Today")
    if days == 1:
        return Text(nl="Morgen", en="Tomorrow")
    if days < 14:
        return Text(nl=f"Over {days} dagen", en=f"In {days} days")
    on = short_day(moment, zone)
    return Text(nl=f"Op {on.nl}", en=f"On {on.en}")


def _side(situation: Situation, invitation: Invitation) -> bool:
    participation = situation.participations.get(invitation.participation_id)
    return participation is not None and participation.role in HOST_ROLES


def _name(situation: Situation, invitation: Invitation) -> str:
    participation = situation.participations.get(invitation.participation_id)
    person = situation.persons.get(participation.person_id) if participation else None
    return full_name(person) if person else "?"


def _small(title: str) -> str:
    """Begin a title with a small letter, so that it reads inside a sentence; names of places keep theirs."""
    return title[:1].lower() + title[1:]
