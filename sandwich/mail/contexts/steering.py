"""What the mails say that steer: reminders, several things in one mail, moves, calls, sign-in, privacy."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import select

from models.roles import HOST_ROLES, Role
from models.tables.activities import ActivityStatus
from models.tables.asking import Invitation, InvitationState, Submission
from models.tables.privacy import Confirmation
from models.tables.running import LoginCode
from models.text import Text
from sandwich.errors import NotFound
from sandwich.mail.case import Case, asked, common, reader_of
from sandwich.mail.contexts.parts import (
    ActivityContext,
    AskContext,
    CallItem,
    Line,
    MailContext,
    Moment,
    Paper,
    Shift,
)
from sandwich.privacy import confirm
from sandwich.services.appointments import appointment_of
from sandwich.services.asking import form_of
from sandwich.services.call_lines import Reach
from sandwich.services.login import VALID, secrets_of
from sandwich.services.reconfirm import GOALS
from sandwich.services.waits import short_day

BOARD = "/board"


class ReminderContext(AskContext):
    """M20: what still waits. ``ask`` is what the first mail asked, ``has_draft``: the reader has begun already."""

    ask: str
    lines: tuple[Line, ...] = Field(min_length=1)
    has_draft: bool
    number: int = Field(ge=1)


class BundleContext(ActivityContext):
    """Several things for one person at one time: what is asked, one line each, and what is told, one section each."""

    link: str
    minutes: float = Field(ge=0)
    lines: tuple[Line, ...]
    papers: tuple[Paper, ...]


class MovedContext(ActivityContext):
    """M21: every meeting that moved. ``is_update``: the reader had the appointment for the calendar before.

    ``new_host`` is named where another company receives as well.
    """

    link: str
    shifts: tuple[Shift, ...] = Field(min_length=1)
    reason: str | None
    new_host: str | None
    asks_again: bool
    asks_goals: bool
    is_update: bool


class OnlineContext(ActivityContext):
    """M21: it goes on, but online. ``asks_link``: the reader is asked for the link, behind ``link``."""

    link: str
    change: str
    minutes: float = Field(ge=0)
    reason: str | None
    asks_link: bool


class StoppedContext(ActivityContext):
    """M22 and on hold: why, as far as others may know.

    ``yes`` and ``no`` answer whether the reader wants a new date, ``hours`` takes what a host spent on preparing.
    """

    reason: str | None
    was_planned: bool
    has_calendar: bool
    yes: str | None
    no: str | None
    hours: str | None


class CallContext(ActivityContext):
    """M23: what the coordinator must do, one or several things; ``waited``: nobody did, and the deputy reads it."""

    link: str
    waited: bool
    calls: tuple[CallItem, ...] = Field(min_length=1)


class LoginContext(MailContext):
    """The mail with which a coordinator signs in."""

    link: str
    code: str = Field(pattern=r"\d{6}")
    valid_minutes: int


class PrivacyCodeContext(ActivityContext):
    """The mail with the code for what a link alone is not enough for."""

    code: str = Field(pattern=r"\d{6}")
    valid_minutes: int


class PrivacyContext(ActivityContext):
    """M25: that the request came in, and by when it is answered."""

    wish: str
    sent_at: datetime
    by_phone: bool
    is_last: bool


async def reminder(case: Case) -> ReminderContext:
    """Word M20 for one open invitation."""
    return await reminders([case])


async def reminders(cases: Sequence[Case]) -> ReminderContext:
    """Word M20 for everything that one person is reminded of at one time."""
    case = cases[0]
    values = asked(case)
    waiting = [line for each in cases for line in lines_of(each)]
    if len(cases) > 1:
        values |= {"link": case.link(), "minutes": sum(line.minutes for line in waiting)}
        values["deadline_at"] = min((line.deadline_at for line in waiting if line.deadline_at), default=None)
    return ReminderContext(
        **values,
        ask=waiting[0].ask,
        lines=tuple(waiting),
        has_draft=any(line.has_draft for line in waiting),
        number=max(int(each.about.get("number", 1)) for each in cases),
    )


def lines_of(case: Case) -> list[Line]:
    """Return one line for each form that a message asks for."""
    found = []
    for invitation in case.invitations():
        form = case.form(invitation)
        found.append(
            Line(
                ask=case.words(form.title),
                minutes=form.minutes,
                deadline_at=case.ahead(invitation.deadline_at),
                is_late=invitation.deadline_at is not None and case.ahead(invitation.deadline_at) is None,
                has_draft=case.is_begun(invitation),
            )
        )
    return found


async def bundle(case: Case, lines: Sequence[Line], papers: Sequence[Paper]) -> BundleContext:
    """Word one mail for several things."""
    return BundleContext(
        **common(case),
        link=case.link(),
        minutes=sum(line.minutes for line in lines),
        lines=tuple(lines),
        papers=tuple(papers),
    )


async def moved(case: Case) -> MovedContext:
    """Word M21."""
    again = set(
        await case.session.scalars(
            select(Invitation.form).where(
                Invitation.participation_id == case.own_participation().id,
                Invitation.reconfirm,
                Invitation.state == InvitationState.SENT,
            )
        )
    )
    had = await appointment_of(case.session, case.own_activity().id, case.person.id, but=case.message.id)
    return MovedContext(
        **common(case),
        link=case.link(),
        shifts=_shifts(case),
        reason=case.own_activity().closing_reason,
        new_host=case.reading.hosts.get(case.own_activity().id) if case.about.get("new_host") else None,
        asks_again=bool(again - {GOALS}),
        asks_goals=GOALS in again,
        is_update=had.may_stand,
    )


async def online(case: Case) -> OnlineContext:
    """Word the mail that it goes on online."""
    asked, page = case.invitations(), case.link()
    return OnlineContext(
        **common(case),
        link=case.link(asked[0].id) if asked else page,
        change=f"{page}/change",
        minutes=case.form(asked[0]).minutes if asked else 0,
        reason=case.own_activity().closing_reason,
        asks_link=bool(asked),
    )


def _shifts(case: Case) -> tuple[Shift, ...]:
    """Return the meetings that are at another time than they were; all of them where none is any more."""
    # What an older release left in the outbox names the start of the first meeting and the end of the last.
    known = case.about.get("old") or [[case.about["old_start"], case.about["old_end"]]]
    pairs = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in known]
    new = case.moments()
    found = [
        Shift(old=Moment(starts_at=start, ends_at=end), new=becomes)
        for (start, end), becomes in zip(pairs, new, strict=False)
    ]
    return tuple(shift for shift in found if shift.old != shift.new) or tuple(found)


async def stopped(case: Case) -> StoppedContext:
    """Word M22, or the mail that an activity is on hold."""
    activity = case.own_activity()
    asks = bool(case.about.get("asks_date")) and case.role in _TRAVELS
    may_state = case.role in HOST_ROLES and activity.status is ActivityStatus.CANCELLED
    page = case.link() if asks or may_state else ""
    return StoppedContext(
        **common(case),
        reason=activity.closing_reason,
        was_planned=activity.date_fixed_at is not None,
        has_calendar=activity.date_fixed_at is not None,
        yes=f"{page}/new-date-yes" if asks else None,
        no=f"{page}/new-date-no" if asks else None,
        hours=f"{page}/hours" if may_state else None,
    )


_TRAVELS = frozenset({Role.TEACHER, Role.PROFESSIONAL})
"""Roles whose people are asked whether they want a new date."""


async def call(case: Case) -> CallContext:
    """Word M23 for one call."""
    return await calls([case])


async def calls(cases: Sequence[Case]) -> CallContext:
    """Word M23 for every call that waits for one coordinator at one time."""
    case = cases[0]
    wanted = {str(each.about.get("call_id")) for each in cases}
    zone = ZoneInfo(case.settings.timezone)
    items = tuple(
        CallItem(
            heading=case.words(line.heading),
            phrase=_phrase(case.words(line.heading), line.person),
            reason=case.words(line.reason),
            phone=line.phone,
            phone_of=line.phone_of,
            since=None if line.says_since else case.words(short_day(line.since, zone)),
            hard_deadline_at=line.hard_deadline_at,
            others=tuple(other.line for other in line.others),
            people=tuple(_reached(case, one) for one in line.people),
            instead=tuple(other.line for other in line.instead),
        )
        for line in case.calls()
        if line.id in wanted
    )
    if not items:
        raise case.lacks("open call")
    waited = any(each.about.get("waited") for each in cases)
    return CallContext(**common(case), link=_board(case), calls=items, waited=waited)


def _reached(case: Case, one: Reach) -> str:
    """Return a name with the number to phone, or with what that person said."""
    if one.said is not None:
        return f"{one.name}: {case.words(one.said)}"
    return f"{one.name}, {one.phone or case.words(_NO_NUMBER)}"


_NO_NUMBER = Text(nl="geen nummer bekend", en="no number known")


def _phrase(heading: str, person: str | None) -> str:
    return heading if person and heading.startswith(person) else heading[:1].lower() + heading[1:]


async def login_code(case: Case) -> LoginContext:
    """Word the mail that signs a coordinator in. Link and code follow from the row and are stored nowhere."""
    row = await case.session.get(LoginCode, str(case.about.get("login_code")))
    if row is None:
        raise case.lacks("login code")
    token, code = secrets_of(case.settings, row.id)
    return LoginContext(
        title=case.settings.mail_from_name,
        reader=reader_of(case),
        link=case.address(f"/login/{token}"),
        code=code,
        valid_minutes=round(VALID.total_seconds() / 60),
    )


async def privacy_code(case: Case) -> PrivacyCodeContext:
    """Word the mail with a code. Its digits follow from the row and are stored nowhere."""
    row = await case.session.get(Confirmation, str(case.about.get("confirmation")))
    if row is None:
        raise case.lacks("code")
    minutes = round(confirm.VALID.total_seconds() / 60)
    return PrivacyCodeContext(**common(case), code=confirm.digits_of(case.settings, row.id), valid_minutes=minutes)


async def privacy_received(case: Case) -> PrivacyContext:
    """Word M25."""
    submission = await case.session.get(Submission, str(case.about.get("submission_id")))
    if submission is None:
        raise NotFound(what="privacy request", name=str(case.about.get("submission_id")))
    form = await form_of(case.session, submission.form_digest)
    answers = submission.answers or {}
    options = form.question("kind").options
    labels = {option.key: option.label for option in options} if isinstance(options, tuple) else {}
    wish = labels.get(str(answers.get("kind")), _WISH)
    return PrivacyContext(
        **common(case),
        wish=case.words(wish),
        sent_at=submission.submitted_at,
        by_phone=answers.get("reply") == "phone",
        is_last=answers.get("kind") == "no-mail",
    )


_WISH = Text(nl="een vraag over gegevens", en="a question about data")


def _board(case: Case) -> str:
    return case.address(f"{BOARD}/{case.own_activity().id}")
