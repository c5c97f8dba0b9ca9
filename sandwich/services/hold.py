"""After a backup was put back no mail leaves before a person has seen what waits: some of it may have been sent since.

The flows, reminders and calls go on, so that what became due since the backup stands in the outbox and can be seen.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import TIMED, Invitation
from models.tables.mail import Call, CallState, Message, MessageState
from models.tables.running import Installation
from sandwich.errors import BadInput, SandwichError
from sandwich.failpoints import failpoint
from sandwich.runtime import Runtime
from sandwich.services.loaded import load
from sandwich.services.outbox import discard
from sandwich.services.settle import settle
from sandwich.store.belonging import ONLY
from sandwich.store.chain import REGISTRY

RESTORED = "restored"
"""Why a message was thrown away: somebody judged that it had been sent before the backup was put back."""

_SLEEP = (ActivityStatus.ON_HOLD, ActivityStatus.CONCEPT)
_FROZEN = (ActivityStatus.ON_HOLD, ActivityStatus.CANCELLED)


class NotHeld(SandwichError):
    """The outbox is not held; mail leaves by itself."""

    dutch = "De outbox is niet dicht; mail gaat vanzelf weg."


class NotCaughtUp(SandwichError):
    """Not everything that was due by the time the backup was put back has been looked at yet ({count} left), so not all
    that waits can be seen. Nothing was changed. Let Sandwich run for a few minutes and try again; if it stays so, see
    `sandwich status`, or add --anyway.
    """

    dutch = (
        "Nog niet alles wat aan de beurt was toen de kopie werd teruggezet is bekeken (nog {count}), dus niet alles "
        "wat wacht is te zien. Er is niets veranderd. Laat Sandwich een paar minuten draaien en probeer het opnieuw; "
        "blijft het zo, kijk dan met `sandwich status`, of zet --anyway erbij."
    )


@dataclass(frozen=True)
class Hold:
    """Mail waits: the data are from ``backed_up_at``, and were put back at ``restored_at``."""

    backed_up_at: datetime
    restored_at: datetime


@dataclass(frozen=True)
class HeldMail:
    """One mail that a release would send; ``moment`` is what :func:`release` compares with its limit."""

    id: str
    activity_id: str | None
    mail: str
    moment: datetime
    was_waiting: bool


@dataclass(frozen=True)
class HoldView:
    """What a person must know to release the outbox.

    ``waited`` mails waited when the backup was made; ``since`` have become due since. ``behind`` is how much was due
    when the backup was put back and has not been looked at.
    """

    hold: Hold
    mails: tuple[HeldMail, ...]
    behind: int

    @property
    def waited(self) -> int:
        """How many waited at the backup's moment."""
        return sum(mail.was_waiting for mail in self.mails)

    @property
    def since(self) -> int:
        """How many have become due since."""
        return len(self.mails) - self.waited

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many of each kind, the most first."""
        return dict(Counter(mail.mail for mail in self.mails).most_common())


@dataclass(frozen=True)
class Released:
    """What a release did: how many mails were thrown away, and how many may leave now."""

    discarded: int
    going: int


async def hold_of(session: AsyncSession) -> Hold | None:
    """Return why no mail may leave; ``None`` when it may."""
    found = await session.get(Installation, ONLY)
    if found is None or found.restored_at is None or found.released_at is not None:
        return None
    return Hold(found.backed_up_at or found.restored_at, found.restored_at)


async def look_at_hold(session: AsyncSession, now: datetime) -> HoldView | None:
    """Return what waits for a person; ``None`` when the outbox is not held."""
    hold = await hold_of(session)
    if hold is None:
        return None
    return HoldView(hold, tuple(await _waiting(session, hold, now)), await _behind(session, hold))


async def release(
    runtime: Runtime,
    *,
    now: datetime,
    actor: str,
    discard_until: datetime | None = None,
    anyway: bool = False,
) -> Released:
    """Let mail leave again; with ``discard_until`` not what was due up to then, for it was sent before.

    Raises ``NotHeld``; ``NotCaughtUp`` unless ``anyway``; ``BadInput`` for a moment still to come. Each activity's
    mails are thrown away in a transaction of their own; until the last one nothing leaves. Safe to repeat.
    """
    if discard_until is not None and discard_until > now:
        raise BadInput(
            "That moment is still to come, and what is due then has not been sent. Give one in the past.",
            "Dat moment moet nog komen, en wat dan pas aan de beurt is, is nog niet verstuurd. Geef een moment dat "
            "voorbij is.",
        )
    async with runtime.store.read() as session:
        seen = await look_at_hold(session, now)
    if seen is None:
        raise NotHeld
    if seen.behind and not anyway:
        raise NotCaughtUp(count=seen.behind)
    chosen: dict[str | None, list[str]] = defaultdict(list)
    for mail in seen.mails:
        if discard_until is not None and mail.moment <= discard_until:
            chosen[mail.activity_id].append(mail.id)
    discarded = 0
    for activity_id, ids in chosen.items():
        discarded += await _discard(runtime, activity_id, ids, now=now, actor=actor)
        await failpoint("restored-mail-discarded")
    async with runtime.store.maintain() as session:
        installation = await session.get_one(Installation, ONLY)
        installation.released_at, installation.released_by = now, actor
    return Released(discarded, len([mail for mail in seen.mails if mail.moment <= now]) - discarded)


async def _discard(runtime: Runtime, activity_id: str | None, ids: Sequence[str], *, now: datetime, actor: str) -> int:
    """Throw away messages of one activity. What they asked counts as asked: it was, before the backup was put back."""
    async with runtime.store.change(now=now, actor=actor, stream=activity_id or REGISTRY) as session:
        waiting = select(Message).where(Message.id.in_(ids), Message.state == MessageState.QUEUED)
        messages = list(await session.scalars(waiting))
        await discard(session, messages, RESTORED)
        if activity_id is not None:
            await session.flush()
            await settle(session, await load(session, runtime.settings.timezone, activity_id), now)
        return len(messages)


async def _waiting(session: AsyncSession, hold: Hold, now: datetime) -> list[HeldMail]:
    """Return what a release would send, the first due first, with what was written since and leaves later.

    What was written since catches up, perhaps for the next morning, with what the lost hours may have brought already:
    the moment that counts is when it was written.
    """
    rows = await session.execute(
        select(Message.id, Message.activity_id, Message.mail, Message.due_at, Message.queued_at).where(
            Message.state == MessageState.QUEUED,
            or_(Message.due_at <= now, Message.queued_at >= hold.restored_at),
        )
    )
    found = []
    for key, activity_id, mail, due_at, queued_at in rows:
        is_new = queued_at >= hold.restored_at
        moment = min(due_at, queued_at) if is_new else due_at
        found.append(HeldMail(key, activity_id, mail, moment, not is_new and due_at <= hold.backed_up_at))
    return sorted(found, key=lambda mail: (mail.moment, mail.id))


async def _behind(session: AsyncSession, hold: Hold) -> int:
    """Return how many activities, invitations and calls were due when the backup was put back, and still are."""
    until = hold.restored_at
    asleep = Activity.status.in_(_FROZEN)
    counts = (
        select(func.count()).select_from(Activity).where(Activity.wake_at <= until, Activity.status.not_in(_SLEEP)),
        select(func.count())
        .select_from(Invitation)
        .join(Activity, Activity.id == Invitation.activity_id)
        .where(Invitation.next_at <= until, Invitation.state.in_(TIMED), ~asleep),
        select(func.count())
        .select_from(Call)
        .join(Activity, Activity.id == Call.activity_id)
        .where(Call.due_at <= until, Call.state == CallState.PLANNED, ~asleep),
    )
    return sum([await session.scalar(count) or 0 for count in counts])
