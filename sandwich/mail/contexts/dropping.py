"""What the mail says that one contact moment of several is off, and its entry for the calendar."""

from datetime import datetime

from sandwich.mail import ics
from sandwich.mail.case import Case, common
from sandwich.mail.compose import own_domain
from sandwich.mail.contexts.parts import ActivityContext, Moment
from sandwich.mail.entry_details import details_of
from sandwich.services.appointments import appointment_of, sequence_for


class MeetingOffContext(ActivityContext):
    """M22 for one meeting, which is ``off``: why, as far as others may know."""

    off: Moment
    reason: str | None
    has_calendar: bool


async def meeting_off(case: Case) -> MeetingOffContext:
    """Word M22 for one contact moment."""
    return MeetingOffContext(
        **common(case), off=_moment(case), reason=case.own_activity().closing_reason, has_calendar=await _stood(case)
    )


async def meeting_off_entry(case: Case) -> tuple[ics.Invite, ...]:
    """Return the calendar file that takes the meeting out, where it may stand in the reader's calendar."""
    if not await _stood(case):
        return ()
    activity, off = case.own_activity(), _moment(case)
    sequence = await sequence_for(case.session, activity, case.person.id, leaves=False)
    return ics.invites(
        ics.Method.CANCEL,
        [ics.Meeting(activity.id, int(case.about["number"]), case.person.id, off.starts_at, off.ends_at)],
        details_of(case, activity.title, activity.place, sequence),
        domain=own_domain(case.settings),
        timezone=case.settings.timezone,
        now=case.now,
    )


async def _stood(case: Case) -> bool:
    found = await appointment_of(case.session, case.own_activity().id, case.person.id, but=case.message.id)
    return found.may_stand


def _moment(case: Case) -> Moment:
    start, end = (datetime.fromisoformat(case.about[name]) for name in ("start", "end"))
    return Moment(starts_at=start, ends_at=end)
