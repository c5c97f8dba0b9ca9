"""What coordinators and participants do when things go otherwise, in one line each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from models.tables.mail import Message
from sandwich.services import collect, steer
from sandwich.services.call_lines import CallLine
from sandwich.services.overview import one
from tests.support.driver import Play, local
from tests.support.linked import link_for

Span = tuple[datetime, datetime]


def afternoon(day: str) -> Span:
    """Return an afternoon as A1 takes one."""
    return local(f"{day} 13:30"), local(f"{day} 16:30")


async def report(play: Play, code: str, form: str = "change", *, key: str = "k", **answers: str) -> collect.Outcome:
    """Let somebody send a form that nobody asked for, by a link in a mail."""
    seat = await play.participation(code)
    fields = {name.replace("__", "."): [value] for name, value in answers.items()}
    if form == "change":
        fields.setdefault("tell_others", ["no"])
    outcome = await collect.report_change(
        play.runtime, seat.id, form, fields, now=await play.now(), key=f"{key}-{code}-{form}"
    )
    assert outcome.accepted, outcome.problems
    await play.turn()
    return outcome


async def move(play: Play, *spans: Span, reason: str = "Storm") -> None:
    """Let the coordinator move the activity."""
    await steer.move(play.runtime, play.activity_id, spans, reason, now=await play.now(), actor=play.coordinator)
    await play.turn()


async def lines(play: Play) -> dict[str, CallLine]:
    """Return the open calls as the board shows them, by what they are about."""
    async with play.runtime.store.read() as session:
        known = await one(session, play.runtime.settings, play.activity_id, await play.now())
        return {line.what: line for line in known.calls}


async def messages(play: Play, mail: str, code: str | None = None) -> Sequence[Message]:
    """Return the messages of one kind, whatever became of them, the oldest first."""
    async with play.runtime.store.read() as session:
        query = select(Message).where(Message.activity_id == play.activity_id, Message.mail == mail)
        if code is not None:
            query = query.where(Message.person_id == play.cast.id(code))
        return list(await session.scalars(query.order_by(Message.queued_at, Message.key)))


async def token(play: Play, code: str) -> str:
    """Return the personal link of somebody, as their mails carry it."""
    seat, now = await play.participation(code), await play.now()
    async with play.runtime.store.change(now=now, actor="test", stream=play.activity_id) as session:
        return await link_for(session, play.runtime.settings, seat.id, None, now)
