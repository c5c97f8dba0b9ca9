"""What people of a story do at a moment, each by the service that their page calls."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.choices import Option
from models.form import Form
from models.story import Moment, Usual
from models.tables.activities import ACTIVE, Activity, Participation
from models.tables.asking import OPEN, Invitation, Via
from models.tables.mail import Call, CallState
from models.tables.network import Contact, ContactKind, Person
from models.text import Language
from sandwich.demo.hand import StoryHand
from sandwich.errors import SandwichError
from sandwich.rehearsal.answering import answer
from sandwich.rehearsal.filling import Changes, Fields, fill_in
from sandwich.runtime import Runtime
from sandwich.services import agree, collect, steer
from sandwich.services.asking import asked_form
from sandwich.services.importing.entering import import_sheet
from sandwich.sheets.sheet import sheet_of


class StoryMistaken(SandwichError):
    """Story {story}, {moment}, {who}: {what}. There was: {known}. Put that moment of the story right."""

    dutch = "Verhaal {story}, {moment}, {who}: {what}. Er was: {known}. Verbeter dat moment van het verhaal."


@dataclass(frozen=True)
class Deeds:
    """What can be done in the activity of a story. ``people`` are ids by code, ``refused`` dead addresses."""

    runtime: Runtime
    story: str
    activity_id: str
    people: Mapping[str, str]
    usual: Usual
    refused: set[str]

    async def do(self, moment: Moment) -> None:
        """Do what a moment says; raises ``StoryMistaken`` where it cannot be done then."""
        deeds: dict[str, Callable[[Moment], Awaitable[None]]] = {
            "answers": self._answers,
            "drafts": self._drafts,
            "reports": self._reports,
            "replaces": self._replaces,
            "accepts": self._accepts,
            "moves": self._moves,
            "opens": self._opens,
            "cancels": self._cancels,
            "calls": self._calls,
            "imports": self._imports,
            "refuses": self._refuses,
            "takes": self._takes,
        }
        await deeds[moment.action](moment)

    async def _answers(self, moment: Moment) -> None:
        for code in moment.who:
            found = await self._asked(moment, code, moment.answers)
            asked = await asked_form(self.runtime, found.id, await self._now())
            says = await self._fields(found.activity_id, moment.says)
            self._refuse_unknown(moment, code, asked.form, asked.rows, says)
            done = await answer(
                self.runtime,
                found.id,
                step=found.step,
                key=f"{self.story}-{code}-{moment.at:%m%d%H%M}",
                says=says,
                hand=self._hand(asked.frame.starts_at, code, asked.form.key),
                via=Via.PHONE if moment.by else Via.WEB,
                entered_by=self.people[moment.by] if moment.by else None,
            )
            if not done:
                raise self._mistake(moment, code, f"“{moment.answers}” is closed", [])

    async def _drafts(self, moment: Moment) -> None:
        for code in moment.who:
            found = await self._asked(moment, code, moment.drafts)
            says = await self._fields(found.activity_id, moment.says)
            typed: Fields = {
                name: [value] if isinstance(value, str) else list(value or ()) for name, value in says.items()
            }
            await collect.save_draft(self.runtime, found.id, typed, now=await self._now())

    async def _reports(self, moment: Moment) -> None:
        form = str(moment.reports)
        for code in moment.who:
            participation = await self._seat(moment, code)
            says = await self._fields(participation.activity_id, moment.says)
            posted = fill_in(self.runtime.library.resolved(form), {}, {}, says)
            outcome = await collect.report_change(
                self.runtime,
                participation.id,
                form,
                posted,
                now=await self._now(),
                key=f"{self.story}-{code}-{moment.at:%m%d%H%M}",
                via=Via.PHONE if moment.by else Via.WEB,
                entered_by=self.people[moment.by] if moment.by else None,
            )
            if not outcome.accepted:
                raise self._mistake(moment, code, f"“{form}” is not accepted", sorted(outcome.problems))

    async def _replaces(self, moment: Moment) -> None:
        for old, new in (moment.replaces or {}).items():
            seat = await self._seat(moment, old, standing=None)
            await steer.replace(self.runtime, seat.id, new, now=await self._now(), actor=self._actor(moment))

    async def _accepts(self, moment: Moment) -> None:
        where = await self._activity(moment)
        await agree.decide(
            self.runtime, where, "accept", now=await self._now(), actor=self._actor(moment), subject=moment.accepts
        )

    async def _moves(self, moment: Moment) -> None:
        zone = ZoneInfo(self.runtime.settings.timezone)
        spans = [(one.start.replace(tzinfo=zone), one.end.replace(tzinfo=zone)) for one in moment.moves or ()]
        where = await self._activity(moment)
        await steer.move(
            self.runtime,
            where,
            spans,
            moment.reason,
            now=await self._now(),
            actor=self._actor(moment),
            in_holiday=moment.in_holiday,
        )

    async def _opens(self, moment: Moment) -> None:
        where, now = await self._activity(moment), await self._now()
        assert moment.opens is not None  # the action
        await steer.override_gate(self.runtime, where, moment.opens, moment.reason, now=now, actor=self._actor(moment))

    async def _cancels(self, moment: Moment) -> None:
        where = await self._activity(moment)
        await steer.cancel(self.runtime, where, str(moment.cancels), now=await self._now(), actor=self._actor(moment))

    async def _calls(self, moment: Moment) -> None:
        where = await self._activity(moment)
        async with self.runtime.store.read() as session:
            rows = await session.scalars(
                select(Call).where(Call.activity_id == where, Call.state == CallState.OPEN).order_by(Call.id)
            )
            there = list(rows)
        for what in moment.calls or ():
            found = [call for call in there if call.what == what]
            if not found:
                raise self._mistake(moment, moment.who[0], f"no call “{what}”", [call.what for call in there])
            for call in found:
                now = await self._now()
                await steer.finish_call(self.runtime, call.id, moment.note, now=now, actor=self._actor(moment))

    async def _imports(self, moment: Moment) -> None:
        rows = moment.imports or ()
        header = list(dict.fromkeys(name for row in rows for name in row))
        await import_sheet(
            self.runtime,
            None,
            sheet_of([header, *([row.get(name, "") for name in header] for row in rows)]),
            now=await self._now(),
            actor=self._actor(moment),
            language=Language.DUTCH,
            progress=lambda _done, _of: None,
        )

    async def _refuses(self, moment: Moment) -> None:
        self.refused.update(await self._addresses(moment.refuses or ()))

    async def _takes(self, moment: Moment) -> None:
        self.refused.difference_update(await self._addresses(moment.takes or ()))

    async def _addresses(self, codes: Sequence[str]) -> list[str]:
        async with self.runtime.store.read() as session:
            rows = await session.scalars(
                select(Contact.address).where(
                    Contact.person_id.in_([self.people[code] for code in codes]), Contact.kind == ContactKind.MAIL
                )
            )
            return list(rows)

    async def _now(self) -> datetime:
        return await self.runtime.clock.now()

    def _actor(self, moment: Moment) -> str:
        return self.people[moment.who[0]]

    async def _activity(self, moment: Moment) -> str:
        """Return the activity that a moment is about: its own, or that of the pair in it."""
        if not moment.of_pair:
            return self.activity_id
        async with self.runtime.store.read() as session:
            part = await session.scalar(select(Activity.id).where(Activity.part_of_id == self.activity_id))
        if part is None:
            raise self._mistake(moment, ", ".join(moment.who), "there is no pair yet", [])
        return part

    async def _asked(self, moment: Moment, code: str, form: str | None) -> Invitation:
        """Return what somebody was asked and has not answered, the oldest first."""
        where, now = await self._activity(moment), await self._now()
        async with self.runtime.store.read() as session:
            rows = await session.scalars(
                select(Invitation)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(Invitation.activity_id == where, Participation.person_id == self.people[code])
                .where(Invitation.state.in_(OPEN), Invitation.asked_at <= now)
                .order_by(Invitation.asked_at, Invitation.step, Invitation.id)
            )
            there = list(rows)
        for one in there:
            if one.form == form and moment.step in {None, one.step}:
                return one
        raise self._mistake(moment, code, f"“{form}” is not asked", [f"{one.form} ({one.step})" for one in there])

    async def _seat(self, moment: Moment, code: str, *, standing: Sequence[Any] | None = ACTIVE) -> Participation:
        where = await self._activity(moment)
        async with self.runtime.store.read() as session:
            query = (
                select(Participation)
                .where(Participation.activity_id == where, Participation.person_id == self.people[code])
                .order_by(Participation.id)
            )
            query = query if standing is None else query.where(Participation.standing.in_(standing))
            found = await session.scalar(query.limit(1))
        if found is None:
            raise self._mistake(moment, code, "takes no part", [])
        return found

    async def _fields(self, activity_id: str, says: Mapping[str, Any]) -> Changes:
        """Return what is said as it is posted; people named by their code become those of the activity."""
        async with self.runtime.store.read() as session:
            seats = await _seats(session, activity_id)

        def named(word: Any) -> str:
            return seats.get(str(word), str(word))

        fields: dict[str, str | list[str] | None] = {}
        for name, value in says.items():
            key = ".".join(named(part) for part in name.split("."))
            if value is None:
                fields[key] = None
            elif isinstance(value, list | tuple):
                fields[key] = [named(one) for one in value]
            elif isinstance(value, bool):
                fields[key] = "yes" if value else "no"
            else:
                fields[key] = named(value)
        return fields

    def _refuse_unknown(
        self, moment: Moment, code: str, form: Form, rows: Mapping[str, Sequence[Option]], says: Changes
    ) -> None:
        """Raise ``StoryMistaken`` for a field that the form does not have: it would be said to nobody."""
        known = {question.key: question for question in form.questions}
        for name in says:
            key, *cell = name.split(".")
            lines = {one.key for one in rows.get(key) or (known[key].rows if key in known else ())}
            if key not in known or (cell and cell[0] not in lines and not cell[0].startswith("new-")):
                raise self._mistake(moment, code, f"“{name}” is not in the form", sorted(lines or known))

    def _hand(self, starts_at: datetime, code: str, form: str) -> StoryHand:
        day = starts_at.astimezone(ZoneInfo(self.runtime.settings.timezone)).date()
        chance = Random(f"{self.story}:{code}:{form}")  # noqa: S311 - nothing here is secret
        return StoryHand(day, chance, self.usual.get(form, {}))

    def _mistake(self, moment: Moment, who: str, what: str, known: Sequence[str]) -> StoryMistaken:
        return StoryMistaken(
            story=self.story, moment=f"{moment.at:%Y-%m-%d %H:%M}", who=who, what=what, known=", ".join(known) or "–"
        )


async def _seats(session: AsyncSession, activity_id: str) -> dict[str, str]:
    """Return the participations of an activity by the codes of their people; of several roles the first."""
    rows = await session.execute(
        select(Person.code, Participation.id)
        .join(Participation, Participation.person_id == Person.id)
        .where(Participation.activity_id == activity_id, Participation.standing.in_(ACTIVE))
        .order_by(Participation.added_at.desc(), Participation.id.desc())
    )
    return {code: key for code, key in rows if code}
