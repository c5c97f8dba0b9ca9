"""Play an activity without Prefect: what is due is carried out as the flow would, mail leaves as delivery would.

Tests read like the story: ``await play.to("2026-10-01 10:00")``, ``await play.answer("T3", "goals")``.
"""

from asyncio import sleep
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.draft import ActivityDraft
from models.roles import Role
from models.tables.activities import Activity, Participation, PlanStep
from models.tables.asking import Invitation, InvitationState, Via
from models.tables.mail import Call, CallState, Message, MessageState
from sandwich.mail.case import open_case
from sandwich.mail.needed import verdict
from sandwich.mail.wording import kind_of, worded
from sandwich.rehearsal.drive import RUN, Drive
from sandwich.rehearsal.filling import Fields, fill_in
from sandwich.rules.calendar import Calendar
from sandwich.rules.facts import Facts
from sandwich.rules.slots import slot_around
from sandwich.runtime import Runtime
from sandwich.services import collect, start, waking
from sandwich.services.advance import DueStep
from sandwich.services.asking import asked_form
from sandwich.services.facts import gather
from sandwich.services.loaded import Loaded, load
from sandwich.services.settle import settle
from sandwich.store.replay import tables
from tests.support.cast import Cast

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLOCK = Calendar(AMSTERDAM)
SOON = timedelta(seconds=5)
TEACHERS = ("T2", "T3", "T4", "T5", "T6", "T7", "T8", "T10")

A1: dict[str, Any] = {
    "kind": "company-visit",
    "title": "Prefab bouwen bij Korteweg",
    "purpose": "trends",
    "company": "B3",
    "coordinator": "C1",
    "deputy": "C2",
    "hosts": ["P3"],
    "teachers": list(TEACHERS),
    "trip_leader": "T2",
    "group_size": 12,
    "dates": [
        {"start": "2026-11-05 13:30", "end": "2026-11-05 16:30"},
        {"start": "2026-11-12 13:30", "end": "2026-11-12 16:30"},
    ],
}
"""Activity A1 of De Grienden, with a second date to choose from."""


def local(text: str) -> datetime:
    """Return a moment from local time: ``2026-11-05 13:30``."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def told(moment: datetime) -> str:
    """Write a moment as a table does: ``Thu 05 Nov 13:30``."""
    return f"{moment.astimezone(AMSTERDAM):%a %d %b %H:%M}"


@dataclass(frozen=True)
class Left:
    """A mail that left."""

    at: str
    mail: str
    to: str
    forms: tuple[str, ...]
    number: int | None


def _chapter(tell: Callable[["Play"], Awaitable[None]]) -> Callable[["Play"], Coroutine[Any, Any, "Play"]]:
    """Let a chapter be told once, after those that it begins with."""

    @wraps(tell)
    async def told_once(play: "Play") -> "Play":
        if tell.__name__ not in play.chapters:
            await tell(play)
            play.chapters.append(tell.__name__)
        return play

    return told_once


@dataclass(kw_only=True)
class Play(Drive):
    """One activity that is played, with everything that happened so far."""

    cast: Cast
    activity_id: str
    mails: list[Left] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    chapters: list[str] = field(default_factory=list)
    pages: int = 0
    words: bool = False
    letters: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    async def begin(cls, runtime: Runtime, cast: Cast, *, words: bool = False, **changes: Any) -> "Play":
        """Start A1, or what ``changes`` make of it, at the moment that the clock stands at.

        With ``words`` every mail that leaves is worded too, and kept as one of the ``letters``: mail, reader and text.
        """
        draft = ActivityDraft.model_validate({**A1, **changes})
        now = await runtime.clock.now()
        activity_id = await start.start(runtime, draft, now=now, actor=cast.id("C1"))
        await waking.take_run(runtime, activity_id, RUN, None)
        return cls(runtime, cast=cast, activity_id=activity_id, words=words)

    @property
    def coordinator(self) -> str:
        """The coordinator's id."""
        return self.cast.id("C1")

    # time

    async def to(self, moment: str) -> None:
        """Let time pass up to a local moment, everything happening when it is due."""
        await self.turn()
        until = local(moment)
        while True:
            following = await self.next()
            if following is None or following > until:
                break
            await self.runtime.clock.set(following)
            await self.turn()
        if until > await self.now():
            await self.runtime.clock.set(until)
            await self.turn()

    async def sleep_to(self, moment: str) -> None:
        """Let time pass while nothing works, then let everything that was missed happen."""
        await self.runtime.clock.set(local(moment))
        await self.turn()

    async def carry(self) -> int:
        """Carry out every step of this activity that is due, if anything wakes its flow; return how many were."""
        return await self.carry_one(self.activity_id) if await self.is_woken() else 0

    async def is_woken(self) -> bool:
        """Whether anything wakes its flow at this moment."""
        wake_at = (await self.activity()).wake_at
        return wake_at is not None and wake_at <= await self.now()

    async def saw(self, activity_id: str, step: DueStep) -> None:
        """Note a step that was carried out."""
        self.steps.append((told(await self.now()), step.key))
        if step.is_shown:
            self.repeated.append(step.key)

    async def next(self) -> datetime | None:
        """Return the moment of the next thing; of mail in a slot, when the slot begins."""
        at = await super().next()
        slot = slot_around(at, CLOCK) if at is not None else None
        if slot is None or slot[0] <= await self.now():
            return at
        async with self.runtime.store.read() as session:
            is_mail = Message.state == MessageState.QUEUED, Message.due_at >= slot[0], Message.due_at < slot[1]
            return slot[0] if await session.scalar(select(Message.id).where(*is_mail).limit(1)) else at

    async def deliver(self) -> int:
        """Let mail leave that is due and still needed, by the rules of delivery; no server is asked.

        What is spread over a slot leaves when it begins: a story says in which slot, not who comes at which minute.
        What has to wait for less than ``SOON`` is waited for: the clock runs on, and nobody would come back for it.
        """
        now = await self.now()
        slot = slot_around(now, CLOCK)
        codes, waits, soon = {person.id: code for code, person in self.cast.people.items()}, 0, timedelta()
        async with self.runtime.store.change(now=now, actor="delivery", stream=self.activity_id) as session:
            due = list(
                await session.scalars(
                    select(Message)
                    .where(Message.state == MessageState.QUEUED)
                    .where(Message.due_at < slot[1] if slot else Message.due_at <= now)
                    .order_by(Message.due_at, Message.queued_at, Message.id)
                )
            )
            for message in due:
                case = await open_case(session, self.runtime.settings, message, now)
                found = await verdict(case, kind_of(message))
                message.reason = found.reason
                if found.later is not None:
                    message.due_at = now + found.later
                    if found.later < SOON:
                        soon = max(soon, found.later)
                    else:
                        waits += 1
                    continue
                if not found.goes:
                    message.state = MessageState.SKIPPED
                    continue
                if self.words:
                    mail = message_from_bytes((await worded([case])).composed.data, policy=default)
                    body = mail.get_body(("plain",))
                    assert body is not None
                    said = f"{mail['Subject']}\n{body.get_content()}"
                    self.letters.append((message.mail, codes.get(message.person_id, ""), said))
                message.state, message.sent_at = MessageState.SENT, now
                ids = (message.about or {}).get("invitations") or []
                asked = list(await session.scalars(select(Invitation).where(Invitation.id.in_(ids))))
                for invitation in asked:
                    if invitation.state is InvitationState.PLANNED:
                        invitation.state, invitation.asked_at = InvitationState.SENT, min(invitation.asked_at, now)
                self.mails.append(
                    Left(
                        told(now),
                        message.mail,
                        codes.get(message.person_id, message.person_id),
                        tuple(sorted(invitation.form for invitation in asked)),
                        (message.about or {}).get("number"),
                    )
                )
            for activity_id in sorted({message.activity_id for message in due if message.activity_id}):
                await settle(session, await load(session, "Europe/Amsterdam", activity_id), now)
        await sleep(soon.total_seconds())
        return len(due) - waits

    def sent(self, mail: str) -> list[tuple[str, str]]:
        """Return when and to whom a mail left."""
        return [(left.at, left.to) for left in self.mails if left.mail == mail]

    def to_person(self, code: str) -> list[tuple[str, str]]:
        """Return when somebody got which mail."""
        return [(left.at, left.mail) for left in self.mails if left.to == code]

    # answers

    async def answer(
        self,
        code: str,
        form: str,
        /,
        *,
        via: Via = Via.WEB,
        entered_by: str | None = None,
        key: str | None = None,
        occurrence: int | None = None,
        accepted: bool = True,
        turn: bool = True,
        **changes: str | list[str] | None,
    ) -> collect.Outcome:
        """Let somebody fill in a form that they were asked; ``present__T3__status`` is the field of T3's row."""
        invitation = await self.invitation(code, form, occurrence)
        fields = await self.fields(invitation.id, **changes)
        asked = await asked_form(self.runtime, invitation.id, await self.now())
        self.pages += 1
        outcome = await collect.submit(
            self.runtime,
            invitation.id,
            fields,
            now=await self.now(),
            key=key or f"page-{self.pages}",
            via=via,
            entered_by=entered_by,
            shown=asked.shown,
        )
        assert outcome.accepted is accepted, outcome
        if turn:
            await self.turn()
        return outcome

    async def fields(self, invitation_id: str, **changes: str | list[str] | None) -> Fields:
        """Return what somebody posts who fills in everything that must be."""
        asked = await asked_form(self.runtime, invitation_id, await self.now())
        named = {await self._field(name): value for name, value in changes.items()}
        return fill_in(asked.form, asked.rows, asked.prefilled, named)

    async def _field(self, name: str) -> str:
        parts = name.split("__")
        if len(parts) == 3 and parts[1] in self.cast.people:
            parts[1] = (await self.participation(parts[1])).id
        return ".".join(part.replace("date_", "date-").replace("new_", "new-") for part in parts)

    async def answer_all(self, codes: Sequence[str], form: str, **changes: str | list[str] | None) -> None:
        """Let several people fill in the same."""
        for code in codes:
            await self.answer(code, form, turn=False, **changes)  # type: ignore[arg-type]
        await self.turn()

    # looking

    async def parts(self) -> list["Play"]:
        """Return the parts of this activity, each carried by a run of its own."""
        async with self.runtime.store.read() as session:
            ids = list(
                await session.scalars(
                    select(Activity.id).where(Activity.part_of_id == self.activity_id).order_by(Activity.title)
                )
            )
        for activity_id in ids:
            await waking.take_run(self.runtime, activity_id, RUN, None)
        return [type(self)(self.runtime, cast=self.cast, activity_id=one, words=self.words) for one in ids]

    async def invitation(self, code: str, form: str, occurrence: int | None = None) -> Invitation:
        """Return somebody's invitation to a form, the newest where there are several."""
        async with self.runtime.store.read() as session:
            query = (
                select(Invitation)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(
                    Invitation.activity_id == self.activity_id,
                    Invitation.form == form,
                    Participation.person_id == self.cast.id(code),
                )
                .order_by(Invitation.occurrence.desc(), Invitation.asked_at.desc())
            )
            found = [row for row in await session.scalars(query) if occurrence in {None, row.occurrence}]
        assert found, f"{code} was not asked {form}"
        return found[0]

    async def invitations(self, code: str | None = None) -> list[Invitation]:
        """Return all invitations, or those of one person."""
        async with self.runtime.store.read() as session:
            query = (
                select(Invitation)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(Invitation.activity_id == self.activity_id)
                .order_by(Invitation.asked_at, Invitation.step, Invitation.id)
            )
            if code is not None:
                query = query.where(Participation.person_id == self.cast.id(code))
            return list(await session.scalars(query))

    async def participation(self, code: str, role: Role | None = None) -> Participation:
        """Return somebody's participation; a teacher's where they lead the trip too."""
        async with self.runtime.store.read() as session:
            rows = list(
                await session.scalars(
                    select(Participation).where(
                        Participation.activity_id == self.activity_id, Participation.person_id == self.cast.id(code)
                    )
                )
            )
        found = [row for row in rows if (role is None and row.role is not Role.TRIP_LEADER) or row.role is role]
        assert found, f"{code} takes no part"
        return found[0]

    async def activity(self) -> Activity:
        """Return the activity as it is."""
        async with self.runtime.store.read() as session:
            return await session.get_one(Activity, self.activity_id)

    async def loaded(self) -> Loaded:
        """Return the activity with everything around it."""
        async with self.runtime.store.read() as session:
            return await load(session, "Europe/Amsterdam", self.activity_id)

    async def facts(self) -> Facts:
        """Return what is so."""
        async with self.runtime.store.read() as session:
            return await gather(session, await load(session, "Europe/Amsterdam", self.activity_id), await self.now())

    async def step(self, key: str) -> PlanStep:
        """Return one step as it is."""
        return (await self.loaded()).steps[key]

    async def calls(self, *states: CallState) -> list[Call]:
        """Return the calls in one of ``states``; without any those that are open."""
        async with self.runtime.store.read() as session:
            return list(
                await session.scalars(
                    select(Call)
                    .where(Call.activity_id == self.activity_id, Call.state.in_(states or (CallState.OPEN,)))
                    .order_by(Call.due_at, Call.what)
                )
            )

    async def watched(self) -> list[tuple[str, str]]:
        """Return what watches have called the coordinator about, and when."""
        calls = [call for call in await self.calls(*CallState) if call.unless is not None]
        return [(call.what, told(call.opened_at)) for call in calls if call.opened_at is not None]

    async def open_calls(self) -> list[str]:
        """Return what the coordinator has to do."""
        return [call.what for call in await self.calls()]

    # chapters: the quickest way to a point of the story, time passing in leaps; what was told is not told again

    @_chapter
    async def with_date(self) -> None:
        """Let the host choose the first date."""
        await self.turn()
        await self.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="impossible")

    @_chapter
    async def asked(self) -> None:
        """Thursday 8 October: registration, release, goals and task division have been asked."""
        await self.with_date()
        await self.sleep_to("2026-10-08 10:00")

    @_chapter
    async def ready(self) -> None:
        """Thursday 29 October: everything that the first gate needs is there."""
        await self.asked()
        codes = {person.id: code for code, person in self.cast.people.items()}
        coming = [codes[item.person_id] for item in (await self.loaded()).in_role(Role.TEACHER)]
        await self.answer_all(coming, "registration", attend="yes")
        await self.answer_all(("L1", "L2", "L3"), "approval")
        await self.answer("T2", "goals")
        await self.answer("P3", "task-division", agree="agreed", hours_plan="10")
        await self.sleep_to("2026-10-29 10:00")
        await self.answer("P3", "practical-information")

    @_chapter
    async def held(self) -> None:
        """The afternoon of the visit, with everybody there."""
        await self.ready()
        await self.sleep_to("2026-11-05 16:30")
        await self.answer("T2", "attendance")

    @_chapter
    async def afterwards(self) -> None:
        """Tuesday 10 November: evaluations and impressions have been asked."""
        await self.held()
        await self.sleep_to("2026-11-10 10:00")

    async def snapshot(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return everything that stands in the audited tables."""
        async with self.runtime.store.read() as session:
            return await tables(session)
