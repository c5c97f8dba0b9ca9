"""What happens next, in words: which step, reminder, call or mail, and for whom; what will do nothing is left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ACTIVE, Activity, StepState
from models.tables.asking import OPEN, Invitation
from models.tables.mail import Call, Message
from models.tables.network import Person
from models.text import Text
from sandwich.rules.facts import Facts
from sandwich.rules.names import full_name
from sandwich.rules.reminders import Rung
from sandwich.services.facts import gather
from sandwich.services.invite import ask_of, rung_of
from sandwich.services.loaded import Loaded, load
from sandwich.services.settled import SOURCES

_MOST = 200
"""How many rows of a kind are looked at; behind these the next thing has long come."""

_NAMED = 3

_MAIL = Text(nl="een mail gaat weg", en="a mail leaves")
_MAIL_TO = Text(nl="een mail aan {who}", en="a mail to {who}")
_RUNGS = {
    Rung.REMIND: Text(nl="een herinnering aan {who}: {title}", en="a reminder to {who}: {title}"),
    Rung.CALL: Text(
        nl="een belletje voor de coördinator, want {who} antwoordt niet: {title}",
        en="a call for the coordinator, because {who} does not answer: {title}",
    ),
    Rung.CLOSE: Text(
        nl="een vraag gaat dicht, zonder mail, aan {who}: {title}",
        en="a question closes, without a mail, to {who}: {title}",
    ),
}
_WATCH = Text(nl="kijken of dit nog zo is: {title}", en="looking whether this is still so: {title}")
_STEP_TO = Text(nl="{title}, voor {who}", en="{title}, for {who}")
_TURN = Text(nl="de volgende fase begint", en="the next stage begins")
_AND = Text(nl="{names} en {last}", en="{names} and {last}")
_MORE = Text(nl="nog {count}", en="{count} more")


@dataclass(frozen=True)
class Coming:
    """The next thing: when, what and for whom, and the title of its activity (``None``: it belongs to none)."""

    at: datetime
    what: Text
    title: str | None


class _Seen:
    """Activities and their facts, each read once, and facts only where they decide."""

    def __init__(self, session: AsyncSession, zone: str, now: datetime) -> None:
        self.session, self._zone, self._now = session, zone, now
        self._loaded: dict[str, Loaded] = {}
        self._facts: dict[str, Facts] = {}

    async def of(self, activity_id: str) -> Loaded:
        if activity_id not in self._loaded:
            self._loaded[activity_id] = await load(self.session, self._zone, activity_id)
        return self._loaded[activity_id]

    async def facts(self, activity_id: str) -> Facts:
        if activity_id not in self._facts:
            self._facts[activity_id] = await gather(self.session, await self.of(activity_id), self._now)
        return self._facts[activity_id]


async def what_comes(session: AsyncSession, zone: str, now: datetime) -> Coming | None:
    """Return the first thing after ``now`` that will do something as matters stand; ``None`` where there is none."""
    rows: list[tuple[datetime, int, Message | Invitation | Call | Activity]] = []
    for number, source in enumerate(SOURCES):
        query = select(source.table, source.at).where(source.at > now, *source.counts)
        found = await session.execute(query.order_by(source.at, source.table.__table__.c["id"]).limit(_MOST))
        rows += [(at, number, row) for row, at in found]
    rows.sort(key=lambda row: row[:2])
    seen = _Seen(session, zone, now)
    for place, (at, _, row) in enumerate(rows):
        together = [one for _, _, one in takewhile(lambda other, at=at: other[0] == at, rows[place:])]  # type: ignore[misc]
        what = await _what(seen, row, together)
        if what is not None:
            activity_id = row.id if isinstance(row, Activity) else row.activity_id
            return Coming(at, what, (await seen.of(activity_id)).activity.title if activity_id else None)
    return None


async def _what(
    seen: _Seen, row: Message | Invitation | Call | Activity, together: Sequence[Message | Invitation | Call | Activity]
) -> Text | None:
    """Say what a row will do, with those ``together`` with it; ``None`` where it will do nothing."""
    if isinstance(row, Message):
        people = [one.person_id for one in together if isinstance(one, Message) and one.mail == row.mail]
        names = [full_name(person) for person in await _persons(seen.session, people)]
        return _MAIL_TO.filled(who=_listed(names)) if names else _MAIL
    if isinstance(row, Invitation):
        return await _rung(seen, row, [one for one in together if isinstance(one, Invitation)])
    activity_id = row.id if isinstance(row, Activity) else row.activity_id
    loaded, facts = await seen.of(activity_id), await seen.facts(activity_id)
    if isinstance(row, Call):
        if row.unless is None or facts.holds(row.unless):
            return None
        titles = [watch.title for _, watch in loaded.playbook.watched() if (watch.call or watch.key) == row.what]
        return _WATCH.filled(title=titles[0]) if titles else None
    return _step(loaded, facts, row.wake_at)


async def _rung(seen: _Seen, row: Invitation, together: Sequence[Invitation]) -> Text | None:
    """Say which rung of its ladder an invitation climbs, for everybody who climbs the same one at that moment."""
    found: list[tuple[Rung, str]] = []
    for one in together:
        loaded = await seen.of(one.activity_id)
        participation = loaded.participation(one.participation_id)
        asked = ask_of(loaded.playbook, one, participation.role)
        if asked is None or participation.standing not in ACTIVE or one.step != row.step:
            continue
        if one.state not in OPEN:  # it only says when an answer that was put off is too late
            continue
        rung = rung_of(one, asked[1], loaded, loaded.calendar_of(participation))
        if rung is not None:
            found.append((rung.what, full_name(loaded.persons[participation.person_id])))
        elif one is row:
            return None
    if not found:
        return None
    loaded = await seen.of(row.activity_id)
    names = [name for what, name in found if what is found[0][0]]
    return _RUNGS[found[0][0]].filled(who=_listed(names), title=loaded.playbook.step(row.step).title)


def _step(loaded: Loaded, facts: Facts, at: datetime | None) -> Text:
    """Name the step that is due at a moment, and whom it asks or tells."""
    for item in loaded.plan():
        if item.due_at != at or loaded.states.get(item.step.key) is not StepState.PLANNED:
            continue
        people = [
            participation.person_id
            for ask in item.step.asks
            if ask.when is None or facts.holds(ask.when)
            for participation in loaded.in_role(ask.to, ask.among, item.step.moment)
        ]
        people += [
            participation.person_id
            for tell in item.step.tells
            if tell.when is None or facts.holds(tell.when)
            for role in tell.to
            for participation in loaded.in_role(role, tell.among, item.step.moment)
        ]
        names = [full_name(loaded.persons[person_id]) for person_id in people]
        title = item.step.title
        return _STEP_TO.filled(title=title, who=_listed(names)) if names else title
    return _TURN


async def _persons(session: AsyncSession, ids: Iterable[str]) -> Sequence[Person]:
    return list(await session.scalars(select(Person).where(Person.id.in_(list(ids))).order_by(Person.code)))


def _listed(names: Iterable[str]) -> Text:
    """Return names as a person would list them: three at most, and how many more."""
    every = sorted(set(names))
    shown = [Text(nl=name, en=name) for name in every[:_NAMED]]
    if len(every) > _NAMED + 1:
        shown.append(_MORE.filled(count=len(every) - _NAMED))
    elif len(every) == _NAMED + 1:
        shown.append(Text(nl=every[-1], en=every[-1]))
    if len(shown) == 1:
        return shown[0]
    names_of = {language: ", ".join(text.to(language) for text in shown[:-1]) for language in ("nl", "en")}
    return _AND.filled(names=Text(**names_of), last=shown[-1])
