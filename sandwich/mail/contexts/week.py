"""What the overview of the week says: M24, one mail for a coordinator about all activities."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from models.roles import Role
from models.tables.activities import ActivityStatus
from sandwich.mail.case import Case, reader_of
from sandwich.mail.contexts.parts import Foot, MailContext, Moment, Part
from sandwich.services.week import week_of
from sandwich.store.seal import known_seal

MOST = 12
"""How many lines a section has; behind them it says how many more there are."""

NAMES = 4
"""How many names a line has."""


class WeekHand(Part):
    """Something that needs the coordinator's hand: of which activity, what, and since when, where that is not said."""

    activity: str
    heading: str
    since: datetime | None = None
    phone: str | None = None


class WeekMeeting(Part):
    """A contact moment of this week."""

    activity: str
    moment: Moment
    host: str | None
    place: str | None
    teachers: int
    is_fixed: bool


class WeekLeaving(Part):
    """A mail that leaves this week; ``people`` how many get it, where that is known."""

    activity: str
    at: datetime
    what: str
    people: int | None = None


class WeekSilence(Part):
    """Who did not answer what; ``more``: how many besides those who are named."""

    activity: str
    what: str
    names: tuple[str, ...]
    more: int
    deadline_at: datetime | None


class WeekFree(Part):
    """Days on which a school that takes part is free."""

    first: date
    last: date


class WeekContext(MailContext):
    """M24. ``more_…``: what a section leaves out. The figures count activities: by slice, and with all four dots.

    ``log_seal`` is the seal of the audit log as it stood when the week began.
    """

    link: str
    first: date
    hands: tuple[WeekHand, ...]
    hand_count: int
    meetings: tuple[WeekMeeting, ...]
    leaving: tuple[WeekLeaving, ...]
    more_leaving: int
    late: tuple[WeekSilence, ...]
    more_late: int
    waiting: tuple[WeekSilence, ...]
    more_waiting: int
    free: tuple[WeekFree, ...]
    before_count: int
    during_count: int
    after_count: int
    complete_count: int
    log_count: int
    log_seal: str


async def week(case: Case) -> WeekContext:
    """Word M24."""
    found = await week_of(case.session, case.settings, case.person.id, case.now)
    hands = [
        WeekHand(
            activity=call.activity_title,
            heading=case.words(call.heading),
            since=call.since,
            phone=call.phone,
        )
        for call in found.calls
    ] + [WeekHand(activity=title, heading=case.words(waiting.sentence)) for title, waiting in found.hands]
    silent = [
        (
            one.is_late,
            WeekSilence(
                activity=one.title,
                what=case.words(one.what),
                names=one.names[:NAMES],
                more=max(0, len(one.names) - NAMES),
                deadline_at=one.deadline_at,
            ),
        )
        for one in found.silent
    ]
    late = [one for is_late, one in silent if is_late]
    waiting = [one for is_late, one in silent if not is_late]
    counts = found.stages
    began = datetime.combine(found.first, time(0), ZoneInfo(case.settings.timezone))
    seal = await known_seal(case.session, began)
    return WeekContext(
        title=case.settings.mail_from_name,
        reader=reader_of(case),
        role=Role.COORDINATOR,
        foot=Foot(years=case.settings.keep_answers_years),
        link=case.address("/board"),
        first=found.first,
        hands=tuple(hands[:MOST]),
        hand_count=len(hands),
        meetings=tuple(
            WeekMeeting(
                activity=one.title,
                moment=Moment(starts_at=one.starts_at, ends_at=one.ends_at),
                host=one.host,
                place=one.place,
                teachers=one.teachers,
                is_fixed=one.is_fixed,
            )
            for one in found.meetings
        ),
        leaving=tuple(
            WeekLeaving(activity=one.title, at=one.at, what=case.words(one.what), people=one.people)
            for one in found.leaving[:MOST]
        ),
        more_leaving=max(0, len(found.leaving) - MOST),
        late=tuple(late[:MOST]),
        more_late=max(0, len(late) - MOST),
        waiting=tuple(waiting[:MOST]),
        more_waiting=max(0, len(waiting) - MOST),
        free=tuple(WeekFree(first=first, last=last) for first, last in found.free),
        before_count=counts.get(ActivityStatus.BEFORE, 0) + counts.get(ActivityStatus.REQUESTED, 0),
        during_count=counts.get(ActivityStatus.DURING, 0),
        after_count=counts.get(ActivityStatus.AFTER, 0),
        complete_count=found.complete,
        log_count=seal.entries,
        log_seal=seal.number,
    )
