"""What a coordinator does with single mails in the outbox: hold, let leave, send sooner or once more, throw away, add a
word. Only those that are not on their way at this moment; whoever does it hears how many it were.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Call, CallState, Message, MessageState
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime
from sandwich.services.calls import BOUNCED, FAILED, UNKNOWN, finish, key_of_mail
from sandwich.services.invite import ask_of, set_moments
from sandwich.services.loaded import Loaded, load
from sandwich.services.outbox import asked_in, discard
from sandwich.services.settle import settle
from sandwich.store.chain import REGISTRY

BY_HAND = "by-hand"
"""The reason of a message that a coordinator holds or has thrown away."""

LONGEST_WORD = 1000
"""Characters of a word that is added to one mail."""

WORDLESS = frozenset({"login-code", "privacy-code", "week"})
"""Mails to which nothing is added: they have no beginning of words."""

WAITS = frozenset({MessageState.QUEUED, MessageState.HELD})
"""States in which a mail has not been tried, or waits to be tried again."""

STUCK = frozenset({MessageState.FAILED, MessageState.UNKNOWN})
"""States in which nothing happens any more by itself."""


class WordTooLong(SandwichError):
    """The word that you add is too long: {length} characters, and {most} fit."""

    dutch = "Wat je erbij zet is te lang: {length} tekens, en er passen er {most}."


class NoWordHere(SandwichError):
    """Nothing can be added to this mail, or it is on its way already."""

    dutch = "Bij deze mail kan niets worden gezet, of hij is al onderweg."


@dataclass
class _Hand:
    """One transaction about mails of one activity; ``loaded`` is missing for mails that belong to none."""

    session: AsyncSession
    loaded: Loaded | None
    now: datetime
    actor: str

    async def questions(self, messages: Sequence[Message]) -> list[Invitation]:
        """Return the questions that these mails were to bring, and that nobody has got yet."""
        ids = {key for message in messages if message.mail != "reminder" for key in asked_in(message)}
        found = await self.session.scalars(
            select(Invitation).where(Invitation.id.in_(ids), Invitation.state == InvitationState.PLANNED)
        )
        return list(found)

    async def count_from(self, messages: Sequence[Message]) -> None:
        """Count deadlines and reminders of what these mails ask from when they leave."""
        if self.loaded is None:
            return
        leaves = {key: message.due_at for message in messages for key in asked_in(message)}
        for invitation in await self.questions(messages):
            participation = self.loaded.participation(invitation.participation_id)
            found = ask_of(self.loaded.playbook, invitation, participation.role)
            if found is not None:
                invitation.asked_at = max(invitation.asked_at, leaves[invitation.id])
                set_moments(invitation, found[1], found[0], self.loaded, participation)

    async def done(self, messages: Sequence[Message]) -> None:
        """Close the calls about these mails: what was to be done about them was done."""
        keys = [key_of_mail(what, message.id) for message in messages for what in (FAILED, BOUNCED, UNKNOWN)]
        open_ones = select(Call).where(Call.key.in_(keys), Call.state == CallState.OPEN)
        for call in await self.session.scalars(open_ones):
            await finish(self.session, call, self.actor, self.now)


async def hold_back(runtime: Runtime, ids: Collection[str], *, now: datetime, actor: str) -> int:
    """Let mails wait until somebody lets them leave. Nobody is reminded of a question that they did not get."""

    async def work(hand: _Hand, messages: Sequence[Message]) -> None:
        for message in messages:
            message.state, message.reason = MessageState.HELD, BY_HAND
        for invitation in await hand.questions(messages):
            invitation.next_at = None

    return await _with(runtime, ids, {MessageState.QUEUED}, work, now=now, actor=actor)


async def let_leave(runtime: Runtime, ids: Collection[str], *, now: datetime, actor: str) -> int:
    """Let mails that were held leave at their own moment, or, where that has passed, as soon as they may."""

    async def work(hand: _Hand, messages: Sequence[Message]) -> None:
        for message in messages:
            message.state, message.reason, message.due_at = MessageState.QUEUED, None, max(message.due_at, now)
        await hand.count_from(messages)

    return await _with(runtime, ids, {MessageState.HELD}, work, now=now, actor=actor)


async def send_now(runtime: Runtime, ids: Collection[str], *, now: datetime, actor: str) -> int:
    """Let mails leave as soon as they may, also once more those of which nobody knows whether they arrived.

    The hours of their readers and the two mails of their week stay as they are.
    """

    async def work(hand: _Hand, messages: Sequence[Message]) -> None:
        await hand.done(messages)
        for message in messages:
            message.state, message.reason, message.due_at = MessageState.QUEUED, None, now
            message.attempts, message.carrier_id = 0, None
        await hand.count_from(messages)

    return await _with(runtime, ids, WAITS | STUCK, work, now=now, actor=actor)


async def throw_away(runtime: Runtime, ids: Collection[str], *, now: datetime, actor: str) -> int:
    """Throw mails away. What they asked counts as asked: whoever throws a question away asks it in another way."""

    async def work(hand: _Hand, messages: Sequence[Message]) -> None:
        await hand.done(messages)
        for message in messages:
            message.due_at = now
        await hand.count_from(messages)
        await discard(hand.session, messages, BY_HAND)
        if hand.loaded is not None:  # thanks and feedback are facts only when none of their mails waits
            await settle(hand.session, hand.loaded, now)

    return await _with(runtime, ids, WAITS | STUCK, work, now=now, actor=actor)


async def add_word(runtime: Runtime, message_id: str, word: str, *, now: datetime, actor: str) -> None:
    """Put a word of the coordinator's own at the beginning of one mail; an empty one takes it away again."""
    if len(word) > LONGEST_WORD:
        raise WordTooLong(length=len(word), most=LONGEST_WORD)

    async def work(hand: _Hand, messages: Sequence[Message]) -> None:
        for message in messages:
            if message.mail in WORDLESS:
                raise NoWordHere
            message.word = word.strip() or None

    if not await _with(runtime, [message_id], WAITS, work, now=now, actor=actor):
        raise NoWordHere


async def _with(
    runtime: Runtime,
    ids: Collection[str],
    states: Collection[MessageState],
    work: Callable[[_Hand, Sequence[Message]], Awaitable[None]],
    *,
    now: datetime,
    actor: str,
) -> int:
    """Do ``work`` to those of the mails that are in one of ``states``, a transaction for each activity."""
    async with runtime.store.read() as session:
        rows = await session.execute(select(Message.id, Message.activity_id).where(Message.id.in_(ids)))
        of: dict[str | None, list[str]] = defaultdict(list)
        for key, activity_id in rows:
            of[activity_id].append(key)
    done = 0
    for activity_id, mine in sorted(of.items(), key=lambda item: item[0] or ""):
        async with runtime.store.change(now=now, actor=actor, stream=activity_id or REGISTRY) as session:
            waiting = select(Message).where(Message.id.in_(mine), Message.state.in_(states)).order_by(Message.id)
            messages = list(await session.scalars(waiting))
            if messages:
                loaded = await load(session, runtime.settings.timezone, activity_id) if activity_id else None
                await work(_Hand(session, loaded, now, actor), messages)
            done += len(messages)
    return done
