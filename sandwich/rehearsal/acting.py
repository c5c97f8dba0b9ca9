"""Play an activity with people who answer early, late or never, phone, counter-propose, bounce and leave."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.steps import Step
from models.tables.activities import ACTIVE, Participation
from models.tables.asking import OPEN, Invitation, InvitationState, Via
from models.tables.mail import Call, CallState
from models.tables.network import Person
from sandwich.rehearsal.answering import answer
from sandwich.rehearsal.cast import Cast, Player
from sandwich.rehearsal.desk import Desk
from sandwich.rehearsal.filling import OwnHand, fill_in
from sandwich.rehearsal.playing import Playing
from sandwich.rehearsal.tempers import Temper
from sandwich.services.advance import DueStep
from sandwich.services.collect import report_change
from sandwich.services.facts import gather
from sandwich.services.loaded import load

LONGEST = timedelta(days=3 * 365)
"""After so much time a rehearsal stops, whatever is still to come."""

LEAVES_BEFORE = timedelta(days=9)
"""How long before the first contact moment somebody finds that they cannot come."""

_AWAKE = (time(8, 0), time(22, 0))
_UP = time(8, 15)
_AFTER_A_REMINDER = timedelta(hours=3)
_UNREMINDED = timedelta(days=2)


@dataclass(frozen=True)
class Branch:
    """A condition of a step as it was when the step was carried out; ``step`` as the playbook names it."""

    step: str
    fact: str
    held: bool


@dataclass(kw_only=True)
class Acting(Playing):
    """An activity that is being played by people of every temper."""

    cast: Cast
    seed: int
    people: dict[str, Player] = field(default_factory=dict)
    branches: set[Branch] = field(default_factory=set)
    in_vain: Counter[str] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)
    _answers: Counter[str] = field(default_factory=Counter)

    async def play(self, activity_id: str, starts_at: datetime, on_moment: Callable[[datetime], None]) -> None:
        """Play to the end; ``on_moment`` is told every moment that is reached."""
        async with self.runtime.store.read() as session:
            rows = await session.execute(select(Person.id, Person.code).where(Person.code.in_(list(self.cast.players))))
            self.people = {key: self.cast.players[code] for key, code in rows if code}
        until = await self.now() + LONGEST
        self._plan_leaving(activity_id, starts_at)
        await self.run(until, on_moment)

    async def saw(self, activity_id: str, step: DueStep) -> None:
        """Note which way each condition of a step went."""
        now = await self.now()
        async with self.runtime.store.read() as session:
            loaded = await load(session, self.runtime.settings.timezone, activity_id)
            written = loaded.playbook.step(step.key)
            names = conditions_of(written)
            if names:
                facts = await gather(session, loaded, now)
                base = own_key(written)
                self.branches |= {Branch(base, own_name(name, written), facts.holds(name)) for name in names}

    async def notice(self) -> None:
        """Let people see what came in since, and the coordinator what there is to do."""
        now = await self.now()
        async with self.runtime.store.read() as session:
            asked = await session.execute(
                select(Invitation, Participation.person_id)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(Invitation.state.in_(OPEN), Invitation.state != InvitationState.PLANNED)
                .where(Invitation.asked_at <= now)
                .order_by(Invitation.id)
            )
            calls = await session.scalars(select(Call).where(Call.state == CallState.OPEN).order_by(Call.id))
            news = [(one, person) for one, person in asked if one.id not in self._seen]
            to_do = [call for call in calls if call.id not in self._seen]
        for invitation, person_id in news:
            self._seen.add(invitation.id)
            if person_id in self.people:
                self._plan_answer(invitation, self.people[person_id], now)
        desk = Desk(self)
        for call in to_do:
            self._seen.add(call.id)
            self.plan(at_the_desk(now, self._zone), partial(desk.handle, call.id))

    def _plan_answer(self, invitation: Invitation, player: Player, now: datetime) -> None:
        chance = self.chance(player, invitation)
        if player.temper is Temper.NEVER:
            return
        if player.temper is Temper.LATE:
            reminders = chance.choice([1, 2])
            at = invitation.next_at + _AFTER_A_REMINDER if invitation.next_at else now + _UNREMINDED
            self.plan(awake(at, self._zone), partial(self._answer_late, invitation.id, player, reminders))
            return
        at = now + timedelta(minutes=chance.randrange(60, 300))
        self.plan(awake(at, self._zone), partial(self.answer, invitation.id, player))

    async def _answer_late(self, invitation_id: str, player: Player, reminders: int) -> None:
        """Answer, unless they let another reminder come first."""
        async with self.runtime.store.read() as session:
            invitation = await session.get_one(Invitation, invitation_id)
        if invitation.rung < reminders and invitation.next_at is not None and invitation.state in OPEN:
            at = awake(invitation.next_at + _AFTER_A_REMINDER, self._zone)
            self.plan(at, partial(self._answer_late, invitation_id, player, invitation.rung))
            return
        await self.answer(invitation_id, player)

    async def answer(
        self, invitation_id: str, player: Player, *, via: Via = Via.WEB, entered_by: str | None = None
    ) -> None:
        """Let somebody answer one invitation, or the coordinator for them."""
        async with self.runtime.store.read() as session:
            invitation = await session.get_one(Invitation, invitation_id)
            loaded = await load(session, self.runtime.settings.timezone, invitation.activity_id)
        self._answers[player.code] += 1
        await answer(
            self.runtime,
            invitation_id,
            step=invitation.step,
            key=f"{player.code}-{self._answers[player.code]}",
            hand=OwnHand(loaded.calendars.schools.day_of(loaded.starts_at), self.chance(player, invitation)),
            counters=player.temper is Temper.COUNTER and self._counters_now(player, invitation),
            via=via,
            entered_by=entered_by,
        )

    def _counters_now(self, player: Player, invitation: Invitation) -> bool:
        """Whether somebody has not wanted this agreement otherwise before."""
        key = f"countered:{player.code}:{invitation.step}:{invitation.form}"
        is_first = key not in self._seen
        self._seen.add(key)
        return is_first

    def chance(self, player: Player, invitation: Invitation) -> Random:
        """Return what decides how somebody answers this, whatever happened before."""
        about = (self.seed, player.code, invitation.step, invitation.form, invitation.occurrence)
        return Random(":".join(map(str, about)))  # noqa: S311 - nothing here is secret

    def _plan_leaving(self, activity_id: str, starts_at: datetime) -> None:
        for player in self.cast.players.values():
            if player.temper is Temper.LEAVE:
                at = awake(starts_at - LEAVES_BEFORE, self._zone)
                self.plan(at, partial(self._leave, activity_id, player.code))

    async def _leave(self, activity_id: str, code: str) -> None:
        """Let somebody say that they cannot come after all."""
        async with self.runtime.store.read() as session:
            participation = await session.scalar(
                select(Participation)
                .join(Person, Person.id == Participation.person_id)
                .where(Participation.activity_id == activity_id, Person.code == code)
                .where(Participation.standing.in_(ACTIVE))
                .order_by(Participation.id)
                .limit(1)
            )
        if participation is not None:
            posted = fill_in(self.runtime.library.resolved("change"), {}, {}, {"what": "stop"})
            await report_change(
                self.runtime, participation.id, "change", posted, now=await self.now(), key=f"{code}-leaves"
            )

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.runtime.settings.timezone)


def conditions_of(step: Step) -> tuple[str, ...]:
    """Return the facts that decide what a step does of what it could."""
    found = [step.unless, *(ask.when for ask in step.asks), *(tell.when for tell in step.tells)]
    found += [name for ask in step.asks for name in ask.form_when.values()]
    return tuple(dict.fromkeys(name for name in found if name is not None))


def own_key(step: Step) -> str:
    """Return how the playbook calls a step that was written out for one contact moment."""
    return step.key.removesuffix(f"-{step.moment}") if step.moment is not None else step.key


def own_name(name: str, step: Step) -> str:
    """Return how the playbook calls a fact or a watch of such a step."""
    return name.removesuffix(f"-{step.moment}") if step.moment is not None else name


def awake(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return ``moment``, or the next morning where people sleep at it."""
    local = moment.astimezone(zone)
    if _AWAKE[0] <= local.time() < _AWAKE[1]:
        return moment
    day = local.date() + timedelta(days=local.time() >= _AWAKE[1])
    return datetime.combine(day, _UP, zone)


def at_the_desk(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return when the coordinator gets to what came up at ``moment``: half past ten on the next weekday."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, time(10, 30), zone)
