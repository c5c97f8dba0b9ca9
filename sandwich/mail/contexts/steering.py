"""What the mails say that steer: reminders, several things in one mail, moves, calls, sign-in, privacy."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field
from sqlalchemy import select

from models.tables.agreements import AgreementVersion
from models.tables.asking import Invitation, InvitationState, Submission
from models.tables.mail import Call
from models.tables.running import LoginCode
from models.text import Text
from sandwich.errors import NotFound
from sandwich.mail.case import Case, asked, common, reader_of
from sandwich.mail.contexts.parts import (
    ActivityContext,
    AskContext,
    CallItem,
    Change,
    Line,
    MailContext,
    Moment,
    Paper,
    Row,
)
from sandwich.services.agree import NOT_TERMS
from sandwich.services.appointments import appointment_of
from sandwich.services.asking import form_of
from sandwich.services.login import VALID, secrets_of
from sandwich.services.moving import GOALS
from sandwich.services.terms import NONE, TermRow, compare

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
    """M21: old and new. ``is_update``: the reader had the appointment for the calendar before."""

    link: str
    old: Moment
    reason: str | None
    asks_again: bool
    asks_goals: bool
    is_update: bool


class StoppedContext(ActivityContext):
    """M22 and on hold: why, as far as others may know."""

    reason: str | None
    was_planned: bool
    has_calendar: bool


class CallContext(ActivityContext):
    """M23: what the coordinator must do, one or several things."""

    link: str
    calls: tuple[CallItem, ...] = Field(min_length=1)


class CounterProposalContext(ActivityContext):
    """M06: what the host wants differently."""

    link: str
    who: str
    phone: str | None
    note: str | None
    changes: tuple[Change, ...]
    added: tuple[Row, ...]


class AgreedContext(ActivityContext):
    """M06 back to the host: the school accepted the counter-proposal, and this is what both agreed on."""

    link: str
    version: int
    rows: tuple[Row, ...]


class LoginContext(MailContext):
    """The mail with which a coordinator signs in."""

    link: str
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
                deadline_at=invitation.deadline_at,
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
        old=Moment(
            starts_at=datetime.fromisoformat(case.about["old_start"]),
            ends_at=datetime.fromisoformat(case.about["old_end"]),
        ),
        reason=case.own_activity().closing_reason,
        asks_again=bool(again - {GOALS}),
        asks_goals=GOALS in again,
        is_update=had.may_stand,
    )


async def stopped(case: Case) -> StoppedContext:
    """Word M22, or the mail that an activity is on hold."""
    activity = case.own_activity()
    return StoppedContext(
        **common(case),
        reason=activity.closing_reason,
        was_planned=activity.date_fixed_at is not None,
        has_calendar=activity.date_fixed_at is not None,
    )


async def call(case: Case) -> CallContext:
    """Word M23 for one call."""
    return await calls([case])


async def calls(cases: Sequence[Case]) -> CallContext:
    """Word M23 for every call that waits for one coordinator at one time."""
    case = cases[0]
    wanted = {str(each.about.get("call_id")) for each in cases}
    items = tuple(
        CallItem(
            heading=case.words(line.heading),
            phrase=_phrase(case.words(line.heading), line.person),
            reason=case.words(line.reason),
            phone=line.phone,
            since=line.since,
            hard_deadline_at=line.hard_deadline_at,
            others=tuple(other.line for other in line.others),
        )
        for line in case.calls()
        if line.id in wanted
    )
    if not items:
        raise case.lacks("open call")
    return CallContext(**common(case), link=_board(case), calls=items)


def _phrase(heading: str, person: str | None) -> str:
    return heading if person and heading.startswith(person) else heading[:1].lower() + heading[1:]


async def counter_proposal(case: Case) -> CounterProposalContext:
    """Word M06: the terms that the newest version has differently."""
    activity = case.own_activity()
    number = int(case.about["agreement_version"])
    versions = {
        row.number: row
        for row in await case.session.scalars(
            select(AgreementVersion).where(AgreementVersion.activity_id == activity.id)
        )
    }
    asked_by = await case.session.scalar(select(Call).where(Call.id == str(case.about.get("call_id"))))
    invitation = (
        await case.session.get(Invitation, asked_by.invitation_id) if asked_by and asked_by.invitation_id else None
    )
    if number not in versions or invitation is None:
        raise case.lacks("counter-proposal")
    form = await form_of(case.session, invitation.form_digest)
    before = versions.get(number - 1)
    rows = compare(form, before.terms if before else None, versions[number].terms)
    differing = [row for row in rows if row.differs and row.question not in NOT_TERMS]
    line = next((line for line in case.calls() if line.id == (asked_by.id if asked_by else "")), None)
    return CounterProposalContext(
        **common(case),
        link=_board(case),
        who=(line.person if line else None) or "",
        phone=line.phone if line else None,
        note=versions[number].note,
        changes=tuple(
            Change(label=_label(case, row), before=case.words(row.before), after=case.words(row.after))
            for row in differing
            if row.before != NONE
        ),
        added=tuple(
            Row(label=_label(case, row), value=case.words(row.after)) for row in differing if row.before == NONE
        ),
    )


async def agreed(case: Case) -> AgreedContext:
    """Word the mail that the school accepted what the host proposed: the accepted version, term by term."""
    found = await case.session.execute(
        select(AgreementVersion, Invitation)
        .join(Invitation, Invitation.activity_id == AgreementVersion.activity_id)
        .where(
            AgreementVersion.activity_id == case.own_activity().id,
            AgreementVersion.number == int(case.about["agreement_version"]),
            Invitation.participation_id == case.own_participation().id,
            Invitation.step == str(case.about["step"]),
        )
        .order_by(Invitation.occurrence.desc())
        .limit(1)
    )
    pair = found.first()
    if pair is None:
        raise case.lacks("agreement")
    version, invitation = pair
    terms = compare(await form_of(case.session, invitation.form_digest), None, version.terms)
    return AgreedContext(
        **common(case),
        link=case.link(),
        version=version.number,
        rows=tuple(
            Row(label=_label(case, row), value=case.words(row.after)) for row in terms if row.question not in NOT_TERMS
        ),
    )


def _label(case: Case, row: TermRow) -> str:
    return case.words(row.label).rstrip("?")


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
