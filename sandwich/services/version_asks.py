"""The questions and mails of an activity under another version of its playbook: which of them stay."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.playbook import Playbook
from models.tables.activities import ACTIVE, StepState
from models.tables.asking import OPEN, Draft, Invitation, InvitationState
from models.tables.mail import Message, MessageState
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.rules.versions import sends
from sandwich.services.asking import form_of
from sandwich.services.calls import drop_calls
from sandwich.services.invite import TIGHT, ask_of, set_moments
from sandwich.services.loaded import Loaded
from sandwich.services.remind import next_at_of
from sandwich.services.waits import Situation, awaited

_WAITING = (MessageState.QUEUED, MessageState.HELD)


@dataclass(frozen=True)
class Withdrawn:
    """An open question that is not asked any more, and of whom it was asked."""

    title: Text
    people: tuple[str, ...]


async def refuse_lost(
    session: AsyncSession, situation: Situation, loaded: Loaded, new: Playbook, now: datetime
) -> Text | None:
    """Return why an activity cannot go on with ``new``: it waits in what that does not have, or somebody writes it."""
    first = awaited(situation, now)
    if first is not None and not _asks(new, first, loaded):
        title = loaded.playbook.step(first.step).title
        return Text(
            nl=f"De activiteit wacht in de stap ‘{title.nl}’, en versie {new.version} vraagt dat niet meer. Wacht tot "
            "er antwoord is, of laat de vraag vervallen met ‘Hoeft niet’.",
            en=f"The activity waits in the step ‘{title.en}’, and version {new.version} does not ask that any more. "
            "Wait for the answer, or do without it with ‘Not needed’.",
        )
    begun = await session.scalars(
        select(Invitation)
        .join(Draft, Draft.invitation_id == Invitation.id)
        .where(Invitation.activity_id == loaded.activity.id, Invitation.state.in_([*OPEN, InvitationState.CLOSED]))
        .order_by(Invitation.asked_at, Invitation.id)
    )
    for invitation in begun:
        if not _asks(new, invitation, loaded):
            who = _name(loaded, invitation)
            title = (await form_of(session, invitation.form_digest)).title
            return Text(
                nl=f"{who} heeft ‘{title.nl}’ half ingevuld, en versie {new.version} vraagt dat niet meer. Wacht tot "
                "het is ingestuurd, of laat de vraag vervallen met ‘Hoeft niet’.",
                en=f"{who} has half filled in ‘{title.en}’, and version {new.version} does not ask that any more. "
                "Wait until it is sent, or do without it with ‘Not needed’.",
            )
    return None


async def follow_questions(session: AsyncSession, loaded: Loaded, now: datetime) -> tuple[Withdrawn, ...]:
    """Let open questions fall away that the version does not ask; the others get its deadlines and reminders.

    The form of a question stays as it was asked, and so does every answer.
    """
    gone: dict[str, tuple[Text, list[str]]] = {}
    ids = set()
    rows = await session.scalars(
        select(Invitation)
        .where(Invitation.activity_id == loaded.activity.id)
        .order_by(Invitation.asked_at, Invitation.id)
    )
    for invitation in rows:
        participation = loaded.participation(invitation.participation_id)
        found = ask_of(loaded.playbook, invitation, participation.role)
        if found is None:
            if invitation.state in (*OPEN, InvitationState.CLOSED):
                form = await form_of(session, invitation.form_digest)
                title = Text(nl=form.title.nl, en=form.title.en)
                gone.setdefault(form.key, (title, []))[1].append(_name(loaded, invitation))
                invitation.state, invitation.next_at = InvitationState.WITHDRAWN, None
                ids.add(invitation.id)
                await drop_calls(session, invitation.id, now)
            continue
        ladders = {profile.key for profile in loaded.playbook.reminders}
        if invitation.profile != TIGHT or TIGHT not in ladders:
            invitation.profile = found[1].remind
        if invitation.state in OPEN and participation.standing in ACTIVE:
            set_moments(invitation, found[1], found[0], loaded, participation)
            if invitation.next_at is not None and invitation.next_at <= now:
                calendar = loaded.calendar_of(participation)
                invitation.next_at = next_at_of(invitation, found[1], loaded, calendar, now)
    for message in await _waiting(session, loaded):
        asked = set((message.about or {}).get("invitations") or [message.invitation_id])
        if asked <= ids:
            message.state, message.reason = MessageState.SKIPPED, "dropped"
    return tuple(Withdrawn(title, tuple(dict.fromkeys(people))) for title, people in gone.values())


async def follow_mails(
    session: AsyncSession, loaded: Loaded, old: Playbook, before: Mapping[str, datetime | None]
) -> None:
    """Let waiting mails fall away that the version does not send; those of a step still to come move along with it."""
    lost, known = sends(old) - sends(loaded.playbook), sends(loaded.playbook)
    of_step: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in await _waiting(session, loaded):
        _, step, mail, *_ = [*message.key.split(":"), "", ""]
        of_step[step, mail].append(message)
    for pair in lost:
        for message in of_step[pair]:
            message.state, message.reason = MessageState.SKIPPED, "dropped"
    for step, mail in known:
        row = loaded.steps[step]
        if row.state is not StepState.PLANNED or row.due_at is None or row.due_at == before.get(step):
            continue
        for message in of_step[step, mail]:
            message.due_at = row.due_at
            ids = (message.about or {}).get("invitations") or []
            for invitation in await session.scalars(select(Invitation).where(Invitation.id.in_(ids))):
                invitation.asked_at = row.due_at
    await session.flush()


async def _waiting(session: AsyncSession, loaded: Loaded) -> list[Message]:
    rows = await session.scalars(
        select(Message).where(Message.activity_id == loaded.activity.id, Message.state.in_(_WAITING))
    )
    return list(rows)


def _asks(playbook: Playbook, invitation: Invitation, loaded: Loaded) -> bool:
    role = loaded.participation(invitation.participation_id).role
    return ask_of(playbook, invitation, role) is not None


def _name(loaded: Loaded, invitation: Invitation) -> str:
    return full_name(loaded.persons[loaded.participation(invitation.participation_id).person_id])
