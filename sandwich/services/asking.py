"""What a person sees: one form as it was asked, and what stands around every page of theirs. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.choices import Option
from models.form import Form
from models.tables.activities import ActivityStatus, Participation
from models.tables.asking import Draft, Invitation, InvitationState, Submission
from models.tables.network import Contact, ContactKind, Person
from models.text import Language
from sandwich.errors import NotFound
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.agreement_views import AgreementLine, agreement_line
from sandwich.services.agreements import agreement_of_step, view_of
from sandwich.services.card import RELEASE, shown_to_host
from sandwich.services.contacts import Contacts, contacts_of
from sandwich.services.invite import ask_of
from sandwich.services.links import is_formal
from sandwich.services.loaded import Gathered, gather
from sandwich.services.own_rounds import OwnRound, own_rounds
from sandwich.services.recent import recent_answers
from sandwich.services.sources import fill
from sandwich.services.versions import forms_of

TAKES_NO_ANSWER = frozenset({InvitationState.WAIVED, InvitationState.WITHDRAWN, InvitationState.REPLACED})
"""States of an invitation in which nothing can be answered any more."""


@dataclass(frozen=True)
class Reachable:
    """Somebody to turn to."""

    name: str
    phone: str | None
    mail: str | None


@dataclass(frozen=True)
class Frame:
    """What every page for a person shows around its content."""

    activity_id: str
    activity_title: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    date_fixed: bool
    place: str | None
    company: str | None
    status: ActivityStatus
    progress: Mapping[str, int]
    participation_id: str
    person_name: str
    given_name: str
    language: Language
    formal: bool
    coordinator: Reachable | None
    shares_mailbox: bool
    """Whether others read the mailbox that this person is mailed at."""


@dataclass(frozen=True)
class Reused:
    """Where answers come from that stand in a form already: the other activity, and when they were given there."""

    title: str
    at: datetime


@dataclass(frozen=True)
class AskedForm:
    """A form as one person was asked it, with what stands in it already.

    ``shown`` is the fingerprint of what its page shows beside the questions, and comes back with the answers. A form
    of an ``agreement`` shows that, and its newest ``terms``; ``reused``: answers of another activity stand in it.
    """

    invitation_id: str
    form: Form
    frame: Frame
    state: InvitationState
    deadline_at: datetime | None
    closed: bool
    rows: Mapping[str, Sequence[Option]]
    prefilled: Mapping[str, Any]
    typed: Mapping[str, list[str]] | None
    saved_at: datetime | None
    answered: Mapping[str, Any] | None
    answered_at: datetime | None
    also: tuple[str, ...]
    shown: str | None = None
    about: OwnRound | None = None
    agreement: AgreementLine | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    reused: Reused | None = None


_ASKED = (
    select(Invitation, Draft, Submission)
    .outerjoin(Draft, Draft.invitation_id == Invitation.id)
    .outerjoin(Submission, Submission.invitation_id == Invitation.id)
    .where(Invitation.id == bindparam("invitation"))
    .order_by(Submission.number.desc().nulls_last())
    .limit(1)
)
"""An invitation with what is kept of it and what was answered last."""


async def asked_form(runtime: Runtime, invitation_id: str, now: datetime, *, seen: str | None = None) -> AskedForm:
    """Return the form behind an invitation; raises ``NotFound``.

    An agreement stands beside the version with the fingerprint ``seen``, where there is one.
    """
    async with runtime.store.read() as session:
        found = (await session.execute(_ASKED, {"invitation": invitation_id})).first()
        if found is None:
            raise NotFound(what="invitation", name=invitation_id)
        invitation, draft, last = found
        loaded = await gather(session, runtime.settings.timezone, invitation.activity_id)
        participation = loaded.participation(invitation.participation_id)
        form = await form_of(session, invitation.form_digest)
        rows, prefilled = await fill(session, runtime.library, loaded, participation, form, invitation.step)
        agreement, terms = await _agreement(session, loaded, invitation, participation, seen)
        answered = last.answers if last else None
        if last is not None and answered is not None and agreement is not None and agreement.at > last.submitted_at:
            # Another has written since: what stands is the newest version, not what this person sent.
            answered = {key: value for key, value in answered.items() if key in _NAMES} | prefilled
        return AskedForm(
            invitation_id=invitation_id,
            form=form,
            frame=await frame_of(session, loaded, participation),
            state=invitation.state,
            deadline_at=invitation.deadline_at,
            closed=invitation.state in TAKES_NO_ANSWER or loaded.activity.status is ActivityStatus.CANCELLED,
            rows=rows,
            prefilled=prefilled,
            typed=draft.typed if draft else None,
            saved_at=draft.saved_at if draft else None,
            answered=answered,
            answered_at=last.submitted_at if last else None,
            also=await _behind_the_same_link(session, invitation),
            shown=agreement.digest if agreement else await _fingerprint(session, loaded, form),
            about=round_of(loaded, invitation, await own_rounds(session, loaded, [participation.id])),
            agreement=agreement,
            terms=terms,
            reused=await _reused(session, form, loaded, participation),
        )


async def _reused(session: AsyncSession, form: Form, loaded: Gathered, participation: Participation) -> Reused | None:
    found = await recent_answers(session, form, loaded.activity.id, participation.person_id)
    return Reused(found[1].title, found[0].submitted_at) if found else None


_NAMES = frozenset({"valid_note", "valid_note_name"})
"""What stands in a form again although another version of the agreement came since."""


async def _agreement(
    session: AsyncSession, loaded: Gathered, invitation: Invitation, participation: Participation, seen: str | None
) -> tuple[AgreementLine | None, dict[str, Any]]:
    """Return the agreement that a form is about as this person reads it, and its newest terms."""
    found = agreement_of_step(loaded.playbook, invitation.step)
    if found is None or invitation.form != found[1].form:
        return None, {}
    line = await agreement_line(session, loaded, *found, (), participation.role, seen)
    view = await view_of(session, loaded.activity.id, found[1].about) if line else None
    return line, view.terms if view else {}


async def _fingerprint(session: AsyncSession, loaded: Gathered, form: Form) -> str | None:
    return (await shown_to_host(session, loaded.activity.id)).fingerprint if form.key == RELEASE else None


def round_of(loaded: Gathered, invitation: Invitation, rounds: Sequence[OwnRound]) -> OwnRound | None:
    """Return the round that an invitation is about, where it was asked once for each talk."""
    role = loaded.participation(invitation.participation_id).role
    found = ask_of(loaded.playbook, invitation, role)
    if found is None or not found[1].each_talk:
        return None
    return next((one for one in rounds if one.number == invitation.occurrence), None)


async def form_of(session: AsyncSession, digest: str) -> Form:
    """Return a form as it was asked."""
    return (await forms_of(session, [digest]))[digest]


async def frame_of(session: AsyncSession, loaded: Gathered, participation: Participation) -> Frame:
    """Return what stands around every page for this person."""
    activity = loaded.activity
    person = loaded.persons[participation.person_id]
    coordinator_id = activity.coordinator_id
    contacts = await contacts_of(session, {person.id, *([coordinator_id] if coordinator_id else [])})
    return Frame(
        activity_id=activity.id,
        activity_title=activity.title,
        kind=activity.kind,
        starts_at=loaded.starts_at,
        ends_at=loaded.ends_at,
        date_fixed=activity.date_fixed_at is not None,
        place=activity.meets_at,
        company=loaded.host,
        status=activity.status,
        progress=activity.progress,
        participation_id=participation.id,
        person_name=full_name(person),
        given_name=person.given_name or full_name(person),
        language=person.language,
        formal=is_formal(participation.role),
        coordinator=await _reachable(session, coordinator_id, contacts),
        shares_mailbox=contacts.shares_mailbox(person.id),
    )


async def _reachable(session: AsyncSession, person_id: str | None, contacts: Contacts) -> Reachable | None:
    person = await session.get(Person, person_id) if person_id else None
    if person is None:
        return None
    phone, mail = (contacts.first(person.id, kind) for kind in (ContactKind.PHONE, ContactKind.MAIL))
    return Reachable(full_name(person), phone, mail)


async def has_shared_mailbox(session: AsyncSession, person_id: str) -> bool:
    """Return whether others read the mailbox that this person is mailed at."""
    found = await session.scalar(
        select(Contact.id).where(
            Contact.person_id == person_id, Contact.kind == ContactKind.MAIL, Contact.is_valid, Contact.is_shared
        )
    )
    return found is not None


async def _behind_the_same_link(session: AsyncSession, invitation: Invitation) -> tuple[str, ...]:
    """The other forms that the same mail asked for."""
    rows = await session.scalars(
        select(Invitation.id)
        .where(
            Invitation.participation_id == invitation.participation_id,
            Invitation.step == invitation.step,
            Invitation.occurrence == invitation.occurrence,
            Invitation.mail == invitation.mail,
            Invitation.id != invitation.id,
        )
        .order_by(Invitation.id)
    )
    return tuple(rows)
