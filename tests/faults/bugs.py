"""Twelve bugs that somebody could write, each planted in a child process to see that a checker turns red.

The twelfth, parking with a timeout, needs Prefect: see ``test_prefect_crashes``.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from email import message_from_bytes
from email.policy import default
from typing import Any, ClassVar

from markupsafe import Markup

from models.tables.mail import Attempt, Message
from sandwich.mail import claim, deliver, needed, outcome, relay, render
from sandwich.mail.claim import Claimed
from sandwich.mail.outcome import Try
from sandwich.mail.relay import Relay, Result
from sandwich.rehearsal.filling import fill_in
from sandwich.rules.calendar import Calendar
from sandwich.runtime import Runtime
from sandwich.services import carry_out, collect
from sandwich.services.asking import asked_form
from sandwich.store import Store
from sandwich.web.participant import routes
from tests.faults import story
from tests.faults.story import Beat

UNTIL_ASKED = (story.begins, story.asks_host, story.fixes_date)


@dataclass(frozen=True)
class Bug:
    """One bug: how it is planted, which figure it turns red, where the process must die to show it."""

    plant: Callable[[], None]
    reddens: str
    beats: tuple[Beat, ...]
    armed: str = ""
    refused: str = ""  # an address that the mail server refuses for good


class _UndoneError(Exception):
    """Throws a transaction away."""


class _Forgetful:
    """A store whose changes are thrown away at their end."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    @asynccontextmanager
    async def change(self, **given: Any) -> AsyncIterator[Any]:
        try:
            async with self.store.change(**given) as session:
                yield session
                await session.flush()
                raise _UndoneError
        except _UndoneError:
            pass


class _Late:
    """Claims that were not committed: what they were asked with, by the attempt's id."""

    asked: ClassVar[dict[str, tuple[Any, ...]]] = {}

    @classmethod
    async def claim(cls, runtime: Runtime, *given: Any, **named: Any) -> Claimed | None:
        forgetful = replace(runtime, store=_Forgetful(runtime.store))  # type: ignore[arg-type]
        found = await claim.claim(forgetful, *given, **named)
        if found is not None:
            cls.asked[found.attempt_id] = given
        return found

    @classmethod
    async def record(cls, runtime: Runtime, tries: Sequence[Try], now: datetime) -> None:
        for one in tries:
            again = await claim.claim(runtime, *cls.asked[one.claimed.attempt_id])
            if again is not None:
                await outcome.record(runtime, [Try(again, one.delivery)], now)


def commit_after_send() -> None:
    """The claim is committed only after the mail has left."""
    deliver.claim, deliver.record = _Late.claim, _Late.record  # type: ignore[assignment]


def no_attempt_row() -> None:
    """That a mail is being tried is written down when it is over."""

    async def forgets(runtime: Runtime, holder: Any, message: str, activity: str | None, now: datetime) -> Any:
        found = await claim.claim(runtime, holder, message, activity, now)
        if found is not None:
            async with runtime.store.change(now=now, actor="delivery", stream=activity) as session:
                await session.delete(await session.get_one(Attempt, found.attempt_id))
        return found

    async def remembers(runtime: Runtime, tries: Sequence[Try], now: datetime) -> None:
        for claimed in [one.claimed for one in tries]:
            async with runtime.store.change(now=now, actor="delivery", stream=claimed.activity_id) as session:
                message = await session.get_one(Message, claimed.carrier_id)
                session.add(
                    Attempt(
                        id=claimed.attempt_id,
                        message_id=message.id,
                        activity_id=message.activity_id,
                        number=message.attempts,
                        started_at=now,
                        person_id=message.person_id,
                    )
                )
        await outcome.record(runtime, tries, now)

    deliver.claim, deliver.record = forgets, remembers  # type: ignore[assignment]


def retry_on_5xx() -> None:
    """A refusal for good is taken for one of the moment."""
    honest = Relay.send

    async def hopeful(self: Relay, mail: Any) -> relay.Delivery:
        found = await honest(self, mail)
        return replace(found, result=Result.RETRY) if found.result is Result.REFUSED else found

    Relay.send = hopeful  # type: ignore[method-assign]


def answer_via_get() -> None:
    """Opening a link says yes."""
    honest = routes._form

    async def eager(visit: Any, invitation_id: str, *meant: Any) -> Any:
        asked = await asked_form(visit.runtime, invitation_id, visit.now)
        fields = fill_in(asked.form, asked.rows, asked.prefilled, {})
        await collect.submit(visit.runtime, invitation_id, fields, now=visit.now, key="one click")
        return await honest(visit, invitation_id, *meant)

    routes._form = eager


def unscoped_query() -> None:
    """Whose question it is, is not looked at."""

    async def careless(*_: Any) -> None:
        return None

    routes._check = careless


def naive_local_time() -> None:
    """Local time is two hours ahead, summer and winter."""

    def at(self: Calendar, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, timezone(timedelta(hours=2)))

    Calendar.at = at  # type: ignore[method-assign]


def reminder_without_recheck() -> None:
    """A reminder in the outbox leaves, whatever has come meanwhile."""

    async def always(*_: Any) -> needed.Verdict:
        return needed.GOES

    claim.verdict = always


def batch_transaction() -> None:
    """All mails of a round are committed together, at its end."""

    async def round_at_once(runtime: Runtime, limit: int, _line: Any, holder: Any, *_: Any) -> Any:
        now = await runtime.clock.now()
        await deliver.recover(runtime, now)
        done = []
        async with Relay(runtime.settings) as line:
            for message, activity in await deliver.due(runtime, now, limit):
                claimed = await _Late.claim(runtime, holder, message, activity, now)
                if claimed is not None:
                    done.append(Try(claimed, await line.send(claimed.composed)))
        await _Late.record(runtime, done, now)
        await deliver.let_go(runtime, holder)
        return deliver._Round(len(done))

    deliver._round = round_at_once


def token_in_log() -> None:
    """Mails are logged as they leave."""
    honest = Relay.send

    async def talkative(self: Relay, mail: Any) -> relay.Delivery:
        body = message_from_bytes(mail.data, policy=default).get_body(("plain",))  # type: ignore[attr-defined]
        deliver._log.info("mail leaves", content=body.get_content())
        return await honest(self, mail)

    Relay.send = talkative  # type: ignore[method-assign]


def safe() -> None:
    """What people typed is taken for markup in mails."""
    render._escaped = lambda value: Markup(value) if isinstance(value, str) else value  # type: ignore[assignment]


def missing_fencing() -> None:
    """A run that was replaced is not turned away."""
    carry_out.own_only = lambda *_: None


BUGS: dict[str, Bug] = {
    "commit_after_send": Bug(commit_after_send, "dup_unexplained", UNTIL_ASKED[:2], "dot-sent=kill"),
    "no_attempt_row": Bug(no_attempt_row, "dup_unexplained", UNTIL_ASKED[:2], "dot-sent=kill"),
    "retry_on_5xx": Bug(retry_on_5xx, "dup_unexplained", UNTIL_ASKED[:2], refused="koen@korteweg.example"),
    "answer_via_get": Bug(answer_via_get, "lost", (story.begins, story.looks)),
    "unscoped_query": Bug(unscoped_query, "leaked", (*UNTIL_ASKED, story.strays)),
    "naive_local_time": Bug(naive_local_time, "asleep", (*UNTIL_ASKED, story.autumn)),
    "reminder_without_recheck": Bug(reminder_without_recheck, "reminded_after", (*UNTIL_ASKED, story.reminded)),
    "batch_transaction": Bug(batch_transaction, "dup_unexplained", (story.begins_two,), "dot-sent=kill@2"),
    "token_in_log": Bug(token_in_log, "leaked", UNTIL_ASKED[:2]),
    "safe": Bug(safe, "leaked", (*UNTIL_ASKED, story.moved)),
    "missing_fencing": Bug(
        missing_fencing, "dup_unexplained", (story.begins, story.asks_host, story.dated, story.zombie)
    ),
}

SOUND: tuple[Beat, ...] = (
    story.begins,
    story.looks,
    story.dated,
    story.zombie,
    story.fixes_date,
    story.strays,
    story.reminded,
    story.moved,
    story.autumn,
)
"""The beats of all bugs together, in code that has none: every figure must be 0, or the colours say nothing."""

SEASON: tuple[Beat, ...] = (
    story.begins,
    story.asks_host,
    story.fixes_date,
    story.reminded,
    story.jumps_back,
    story.moved,
    story.autumn,
    story.jumps_ahead,
)
"""What is told in every season, with a clock that jumps."""
