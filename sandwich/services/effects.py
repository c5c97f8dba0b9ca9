"""What a steering would do, before anything happens: the steering itself, in a transaction that is thrown away, and
everything that it leaves behind, counted.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ActivityStatus, StepState
from models.tables.asking import FELL_AWAY, OPEN, Invitation
from models.tables.mail import Call, CallState, Message, MessageState
from models.text import Text
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.appointments import BRINGS, TAKES, appointment_of
from sandwich.services.asking import form_of
from sandwich.services.cascade import AskedAgain, StepMoved, steps_between
from sandwich.services.dropping import MEETING_OFF
from sandwich.services.loaded import Loaded, load
from sandwich.services.settle import settle
from sandwich.services.trial import trial

Steering = Callable[[AsyncSession, Loaded], Awaitable[None]]
"""A change of an activity, in a transaction that is open already."""

_WAITING = (MessageState.QUEUED, MessageState.HELD)


@dataclass(frozen=True)
class Effects:
    """What a steering does.

    ``mails`` are how many people get each kind of mail at once, ``asked`` the forms that are asked anew or once more.
    Counted are the open questions that are ``withdrawn``, those that ``rest`` while the activity does, the mails that
    waited and leave no more (``unsent``), the appointments that are ``taken`` out of calendars or ``renewed`` in them,
    and the ``calls`` that the coordinator gets. ``steps`` are those still to come that move or come again.
    """

    mails: Mapping[str, int]
    asked: tuple[AskedAgain, ...]
    withdrawn: int
    rest: int
    unsent: int
    taken: int
    renewed: int
    calls: int
    steps: tuple[StepMoved, ...]


async def foresee(runtime: Runtime, activity_id: str, steering: Steering, *, now: datetime) -> Effects:
    """Return what a steering would do; nothing is written. Raises what the steering itself refuses."""
    async with trial(runtime, activity_id, now) as session:
        loaded = await load(session, runtime.settings.timezone, activity_id)
        before = await _Stand.read(session, loaded)
        await steering(session, loaded)
        due = (await settle(session, loaded, now)).outlook.due
        after = await _Stand.read(session, loaded)
        new = [message for key, message in after.messages.items() if key not in before.messages]
        # What is due later may be needed no more by then, such as a word to the deputy.
        written = [message for message in new if message.due_at <= now]
        calendars = [await _calendar(session, activity_id, message) for message in written]
        questions = after.invitations
        rests = loaded.activity.status is ActivityStatus.ON_HOLD
        return Effects(
            mails=Counter(mail for mail, _ in {(message.mail, message.person_id) for message in written}),
            asked=await _asked(session, loaded, before, after),
            withdrawn=sum(
                state in OPEN and questions[key].state in FELL_AWAY for key, (state, _) in before.asked.items()
            ),
            rest=sum(item.state in OPEN for item in questions.values()) if rests else 0,
            unsent=sum(
                state in _WAITING and after.messages[key].state is MessageState.SKIPPED
                for key, state in before.mails.items()
            ),
            taken=calendars.count("taken"),
            renewed=calendars.count("renewed"),
            calls=len(after.calls - before.calls),
            steps=steps_between(loaded, before.moments, before.states, due),
        )


@dataclass(frozen=True)
class _Stand:
    """How an activity stands. The rows change under whoever changes it; ``asked`` and ``mails`` keep how they were."""

    invitations: dict[str, Invitation]
    messages: dict[str, Message]
    asked: dict[str, tuple[str, bool]]
    mails: dict[str, MessageState]
    calls: set[str]
    moments: dict[str, datetime | None]
    states: dict[str, StepState]

    @classmethod
    async def read(cls, session: AsyncSession, loaded: Loaded) -> "_Stand":
        key = loaded.activity.id
        questions = select(Invitation).where(Invitation.activity_id == key)
        invitations = {
            row.id: row for row in await session.scalars(questions.order_by(Invitation.asked_at, Invitation.id))
        }
        messages = {row.id: row for row in await session.scalars(select(Message).where(Message.activity_id == key))}
        open_calls = select(Call.id).where(Call.activity_id == key, Call.state == CallState.OPEN)
        return cls(
            invitations,
            messages,
            {row.id: (row.state, row.reconfirm) for row in invitations.values()},
            {row.id: row.state for row in messages.values()},
            set(await session.scalars(open_calls)),
            {step: row.due_at for step, row in loaded.steps.items()},
            dict(loaded.states),
        )


async def _asked(session: AsyncSession, loaded: Loaded, before: _Stand, after: _Stand) -> tuple[AskedAgain, ...]:
    found: dict[str, tuple[Text, list[str]]] = {}
    for key, invitation in after.invitations.items():
        _, was_asked_again = before.asked.get(key, (None, False))
        is_new = key not in before.asked or (invitation.reconfirm and not was_asked_again)
        if is_new and invitation.state in OPEN:
            form = await form_of(session, invitation.form_digest)
            person = loaded.persons[loaded.participation(invitation.participation_id).person_id]
            title = Text(nl=form.title.nl, en=form.title.en)
            found.setdefault(form.key, (title, []))[1].append(full_name(person))
    return tuple(AskedAgain(title, tuple(people)) for title, people in found.values())


async def _calendar(session: AsyncSession, activity_id: str, message: Message) -> str | None:
    """Return what a mail that was just written does to an appointment that stands in its reader's calendar."""
    change = "taken" if message.mail in (*TAKES, MEETING_OFF) else "renewed" if message.mail in BRINGS else None
    if change is None or not (await appointment_of(session, activity_id, message.person_id)).may_stand:
        return None
    return change
