"""Every mail that we send: its number in the field, what it is worded from, and how it may travel.

A folder in ``templates/emails/`` that is not named here is a mail of a playbook of one's own: it is worded from
:class:`AskContext` where it asks something, else from :class:`ActivityContext`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from sandwich.mail.case import Case
from sandwich.mail.contexts import (
    after,
    agreeing,
    before,
    dropping,
    leaving,
    network,
    said,
    sharing,
    steering,
    together,
    week,
)
from sandwich.mail.contexts.parts import ActivityContext, AskContext, MailContext
from sandwich.mail.duty_entries import duty_entries
from sandwich.mail.ics import Invite, Method
from sandwich.services.call_lines import TELL_MATCH


class Travels(StrEnum):
    """Whether a mail may share an envelope with others to the same person at the same time."""

    ALONE = "alone"
    ASKS = "asks"  # one line in a mail with several questions
    TELLS = "tells"  # one section in it
    REMINDS = "reminds"  # one line in one reminder
    CALLS = "calls"  # one item in one mail to the coordinator


@dataclass(frozen=True)
class Mail:
    """One mail. ``always``: also to somebody who wants no mail, because it was asked for just now.

    With a ``calendar`` method it brings the contact moments of the activity; ``entries`` are others for the calendar.
    ``else_call`` is the call by which somebody who is not mailed hears it all the same.
    """

    code: str
    context: type[MailContext]
    load: Callable[[Case], Awaitable[MailContext]]
    travels: Travels
    calendar: Method | None = None
    always: bool = False
    entries: Callable[[Case], Awaitable[tuple[Invite, ...]]] | None = None
    else_call: str | None = None


def _asks(
    code: str, load: Callable[[Case], Awaitable[AskContext]] = before.ask, context: type[AskContext] = AskContext
) -> Mail:
    return Mail(code, context, load, Travels.ASKS)


def _tells(code: str, load: Callable[[Case], Awaitable[ActivityContext]], context: type[ActivityContext]) -> Mail:
    return Mail(code, context, load, Travels.TELLS)


def _alone(
    code: str,
    load: Callable[[Case], Awaitable[MailContext]],
    context: type[MailContext],
    calendar: Method | None = None,
    *,
    always: bool = False,
    entries: Callable[[Case], Awaitable[tuple[Invite, ...]]] | None = None,
) -> Mail:
    return Mail(code, context, load, Travels.ALONE, calendar, always, entries)


MAILS: dict[str, Mail] = {
    "ask": _asks("P01", said.ask_said, said.SaidAskContext),
    "tell": _tells("P02", said.tell_said, said.SaidContext),
    "request": _alone("M01", before.request, before.RequestContext),
    "invitation": _asks("M02", before.invitation, before.InvitationContext),
    "release": _asks("M03", before.release, before.ReleaseContext),
    "release-information": _tells("M03", before.release_information, before.ReleaseInformationContext),
    "goals": _asks("M04"),
    "task-division": _asks("M05", before.task_division, before.TaskDivisionContext),
    "counter-proposal": _alone("M06", agreeing.counter_proposal, agreeing.CounterProposalContext),
    "new-version": _asks("M06", agreeing.new_version, agreeing.NewVersionContext),
    "agreed": _alone("M06", agreeing.agreed, agreeing.AgreedContext, entries=duty_entries),
    "refused": _tells("M06", agreeing.refused, agreeing.RefusedContext),
    "duty": _tells("–", agreeing.duty, agreeing.DutyContext),
    "goals-to-host": _alone("M07", before.goals_to_host, before.GoalsToHostContext),
    "practical-info": _alone("M08", before.practical_info, before.PracticalContext, Method.REQUEST),
    "day-reminder": _alone("M09", before.day_reminder, before.DayContext),
    "attendance": _alone("F32", before.ask, AskContext),
    "field-note": _alone("M10", before.ask, AskContext),
    "thank-you": _tells("M11", after.thank_you, after.ThankYouContext),
    "evaluation": _asks("M12"),
    "host-evaluation": _asks("M13"),
    "impressions": _asks("M14"),
    "host-preview": _alone("M15", sharing.host_preview, sharing.HostPreviewContext),
    "new-card": _alone("M16", sharing.new_card, sharing.CardContext),
    "new-cards": _alone("M16", sharing.new_cards, sharing.NewCardsContext),
    "card-withdrawn": _tells("M16", sharing.card_withdrawn, sharing.CardWithdrawnContext),
    "colleague-wish": _tells("F21", sharing.colleague_wish, sharing.WishContext),
    "feedback-host": _tells("M17", after.feedback_host, after.FeedbackHostContext),
    "feedback-participant": _tells("M17", after.feedback_participant, after.FeedbackParticipantContext),
    "feedback-school-leader": _tells("M17", after.feedback_school_leader, after.FeedbackSchoolLeaderContext),
    "impact-check": _asks("M18", after.impact_check, after.ImpactCheckContext),
    "result-to-host": _tells("M19", after.result_to_host, after.ResultContext),
    "certificate": _tells("C01", together.certificate, together.CertificateContext),
    "pair-proposal": _asks("R03", together.pair_proposal, together.ProposalContext),
    "matches": Mail("F14", together.MatchesContext, together.matches, Travels.TELLS, else_call=TELL_MATCH),
    "rounds": _alone("M08", together.rounds, together.RoundsContext, Method.REQUEST),
    "profile": _alone("F28", network.profile, AskContext),
    "reminder": Mail("M20", steering.ReminderContext, steering.reminder, Travels.REMINDS),
    "moved": _alone("M21", steering.moved, steering.MovedContext, Method.REQUEST),
    "online": _alone("M21", steering.online, steering.OnlineContext, Method.REQUEST),
    "fewer": _tells("M21", leaving.fewer, leaving.FewerContext),
    "cancelled": _alone("M22", steering.stopped, steering.StoppedContext, Method.CANCEL),
    "meeting-off": _alone("M22", dropping.meeting_off, dropping.MeetingOffContext, entries=dropping.meeting_off_entry),
    "left": _alone("M22", leaving.left, leaving.LeftContext, Method.CANCEL),
    "resumed": _alone("M22", before.tell, ActivityContext, Method.REQUEST),
    "on-hold": _alone("M22", steering.stopped, steering.StoppedContext, Method.CANCEL),
    "call": Mail("M23", steering.CallContext, steering.call, Travels.CALLS),
    "week": _alone("M24", week.week, week.WeekContext),
    "login-code": _alone("login", steering.login_code, steering.LoginContext, always=True),
    "own-link": _alone("link", before.own_link, before.OwnLinkContext, always=True),
    "privacy-code": _alone("code", steering.privacy_code, steering.PrivacyCodeContext, always=True),
    "privacy-received": _alone("M25", steering.privacy_received, steering.PrivacyContext, always=True),
}

BUNDLE = "bundle"
"""The mail that carries several others; no message is ever queued under this name."""


def mail_of(name: str, *, asks: bool) -> Mail:
    """Return what is known of a mail; one that is not named here is worded from what every mail has."""
    if name in MAILS:
        return MAILS[name]
    return _asks("") if asks else _tells("", before.tell, ActivityContext)
