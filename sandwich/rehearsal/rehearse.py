"""Rehearse a playbook: play it in each of its variants to the end, and tell what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from models.playbook import Playbook
from models.roles import Stage
from models.steps import Step
from models.tables.activities import ActivityStatus
from models.tables.network import School
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.definitions.mistakes import Mistake
from sandwich.definitions.places import Loc, Places
from sandwich.errors import BadInput
from sandwich.rehearsal.acting import Acting, Branch
from sandwich.rehearsal.cast import Cast, begins_at, cast_for, draft_for
from sandwich.rehearsal.installation import ZONE, installation
from sandwich.rehearsal.letters import Letter, Letters
from sandwich.rehearsal.record import Played, Record, read_record
from sandwich.rules.calendar import Calendar, calendar_of
from sandwich.runtime import Runtime
from sandwich.services.loaded import read_blocks
from sandwich.services.regions import enter_region
from sandwich.services.start import start

Progress = Callable[[float], None]
"""Told how far a rehearsal is, from 0 to 1."""

_CANNOT_END = Text(
    nl='dit draaiboek komt niet aan zijn einde: ook als iedereen op alles antwoordt, wacht poort {gate} op "{fact}".',
    en='this playbook cannot end: even when everybody answers everything, gate {gate} waits for "{fact}".',
)
_BRING_ABOUT = Text(
    nl="Laat een stap ervoor zorgen, of haal het weg bij hard.",
    en="Let a step bring it about, or take it out of hard.",
)
_NEVER_DONE = Text(
    nl='dit draaiboek komt niet aan zijn einde: stap "{step}" komt nooit aan de beurt, ook als iedereen antwoordt.',
    en='this playbook cannot end: the turn of step "{step}" never comes, even when everybody answers.',
)
_LOOK_AT = Text(nl="Bekijk at en needs van die stap.", en="Look at its at and needs.")
_NO_WORDS = Text(
    nl='stap "{step}": de mail "{mail}" is niet op te stellen.', en='step "{step}": the mail "{mail}" cannot be worded.'
)
_LOOK_AT_WORDS = Text(
    nl="Geef die stap een andere mail, of kijk wat haar sjabloon nodig heeft.",
    en="Give that step another mail, or look what its template needs.",
)


_NO_ROOM = Text(
    nl='stap "{step}": op {day} had {code} deze week al zijn mails ({others}), en dit kan niet wachten: vóór {before}.',
    en='step "{step}": on {day} {code} had the mails of a week ({others}), and this cannot wait: before {before}.',
)
_SPREAD = Text(
    nl="Leg die stappen in verschillende weken, of geef deze een latere deadline.",
    en="Put those steps in different weeks, or give this one a later deadline.",
)


@dataclass(frozen=True)
class Rehearsed:
    """One activity that was played from its first mail to its last thing."""

    playbook: Playbook
    cast: Cast
    record: Record
    branches: frozenset[Branch]
    letters: Sequence[Letter]
    begins: datetime
    ends: datetime

    @property
    def ended(self) -> bool:
        """Whether it and its parts came to their end by what people did."""
        return all(is_over(one) for one in self.record.activities.values())


@dataclass(frozen=True)
class Book:
    """A playbook that is rehearsed, among all others, with the places of its parts."""

    playbook: Playbook
    places: Places
    library: Library

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps and those of its parts."""
        part = self.library.playbooks.get(self.playbook.parts or "")
        return (*self.playbook.steps, *(part.steps if part else ()))


def is_over(played: Played) -> bool:
    """Whether an activity was ended, and not closed because nobody did."""
    return played.status is ActivityStatus.FINISHED and not played.is_closed_by_itself


async def rehearse(
    book: Book, *, people: int | None, seed: int, language: Language, on_progress: Progress
) -> tuple[list[Rehearsed], list[Mistake]]:
    """Play every variant of a playbook; returns what came of each, and the mistakes that only playing shows.

    Where an activity did not end it is played once more with people who answer everything, for then it must. Raises
    ``BadInput`` for a playbook that is only a part, or a number of people that its kind is not meant for.
    """
    if book.playbook.only_part:
        whole = next((one.key for one in book.library.playbooks.values() if one.parts == book.playbook.key), "–")
        raise BadInput(
            f'"{book.playbook.key}" is only a part of another playbook. Rehearse the whole: {whole}.',
            f'"{book.playbook.key}" is alleen een deel van een ander draaiboek. Repeteer het geheel: {whole}.',
        )
    variants = book.playbook.variant_keys
    found: list[Rehearsed] = []
    mistakes: list[Mistake] = []
    for number, variant in enumerate(variants):

        def share(part: float, number: int = number) -> None:
            on_progress((number + part) / len(variants))

        own = book.playbook.as_variant(variant)
        played = await _play(book, own, people, seed, language, share, willing=False)
        found.append(played)
        mistakes += _unworded(book, played.record) + _crowded(book, played.record)
        if not played.ended:
            at_best = await _play(book, own, people, seed, language, lambda _: None, willing=True)
            mistakes += [] if at_best.ended else _why_not(book, at_best.record)
    return found, list(dict.fromkeys(mistakes))


async def _play(
    book: Book,
    playbook: Playbook,
    people: int | None,
    seed: int,
    language: Language,
    on_progress: Progress,
    *,
    willing: bool,
) -> Rehearsed:
    """Play one variant in an installation of its own."""
    cast = cast_for(playbook, book.steps, people, willing=willing)
    library = replace(book.library, playbooks={**book.library.playbooks, book.playbook.key: book.playbook})
    begins = begins_at(ZONE)
    async with installation(library, begins, language) as runtime:
        await enter_region(runtime, cast.region, begins)
        draft = draft_for(playbook, book.steps, cast, await _calendar(runtime))
        letters = Letters(runtime.clock, cast.dead())
        acting = Acting(runtime, letters.line, cast=cast, seed=seed)
        activity_id = await start(runtime, draft, now=await runtime.clock.now(), actor="rehearsal")
        starts_at = draft.dates[0].start.replace(tzinfo=begins.tzinfo)
        length = (starts_at - begins) + _whole_length(playbook)

        def reached(moment: datetime) -> None:
            on_progress(min(1.0, (moment - begins) / length))

        await acting.play(activity_id, starts_at, reached)
        record = await read_record(runtime)
        return Rehearsed(
            playbook, cast, record, frozenset(acting.branches), letters.arrived, begins, await acting.now()
        )


def _whole_length(playbook: Playbook) -> timedelta:
    """Return about how long it takes from its first contact moment to its last thing, for showing how far it is."""
    days = {"w": 7, "d": 1, "wd": 1.4}
    meetings, closes = playbook.parameters.meetings, playbook.parameters.closes
    between = (meetings.count - 1) * meetings.apart * days[meetings.unit]
    return timedelta(days=between + closes.offset * days[closes.unit] + 1)


async def _calendar(runtime: Runtime) -> Calendar:
    """Return the calendar of all schools together."""
    async with runtime.store.read() as session:
        schools = [(one.id, one.holiday_region) for one in await session.scalars(select(School).order_by(School.id))]
        blocks = await read_blocks(session, [key for key, _ in schools])
    return calendar_of(blocks, ZONE, schools)


def _why_not(book: Book, record: Record) -> list[Mistake]:
    """Say why an activity did not end although everybody answered everything."""
    for played in record.activities.values():
        if is_over(played):
            continue
        gates = played.playbook.gates
        for stage in Stage:
            gate = gates.behind(stage)
            lacks = [name for name in gate.hard if not played.facts.holds(name)]
            if lacks:
                what = _CANNOT_END.filled(gate=gate.code, fact=lacks[0])
                return [_at(book, played, ("gates", stage.value, "hard"), what, _BRING_ABOUT)]
        for step in played.never_done:
            loc = _loc_of(book, record.own_step(played.id, step))
            return [_at(book, played, loc, _NEVER_DONE.filled(step=step), _LOOK_AT)]
    return []


def _unworded(book: Book, record: Record) -> list[Mistake]:
    found: dict[str, Mistake] = {}
    for message in record.unworded:
        step = record.own_step(message.activity_id or "", str((message.about or {}).get("step", "–")))
        what = _NO_WORDS.filled(step=step, mail=message.mail)
        found.setdefault(message.mail, book.places.mistake(_loc_of(book, step), what, _LOOK_AT_WORDS))
    return list(found.values())


def _crowded(book: Book, record: Record) -> list[Mistake]:
    """Say of each step once for whom there was no room, with what had filled the week (field rule 51)."""
    found: dict[str, Mistake] = {}
    for one in record.crowded:
        step = record.own_step(one.activity_id, one.step)
        others = ", ".join(f"{record.own_step(key, name)} ({day:%d-%m-%Y})" for day, key, name in one.others)
        before = f"{one.before:%d-%m-%Y}" if one.before else "–"
        what = _NO_ROOM.filled(step=step, code=one.code, day=f"{one.on:%d-%m-%Y}", before=before, others=others)
        played = record.activities[one.activity_id]
        found.setdefault(step, _at(book, played, _loc_of(book, step), what, _SPREAD))
    return list(found.values())


def _loc_of(book: Book, step: str) -> Loc:
    """Return where a step stands; nowhere in particular for one of a part."""
    keys = [one.key for one in book.playbook.steps]
    return ("steps", keys.index(step)) if step in keys else ()


def _at(book: Book, played: Played, loc: Loc, what: Text, remedy: Text) -> Mistake:
    """Return a mistake at its place; one in a part stands in another file, and is told at the line that names it."""
    return book.places.mistake(("parts",) if played.is_part else loc, what, remedy)


def names_of(record: Record) -> Mapping[str, str]:
    """Return the names of mails by Message-ID, for the files that they are written to."""
    named: dict[str, str] = {}
    for one in record.sent:
        if one.message_id:
            named[one.message_id] = "bundle" if one.message_id in named else one.mail
    return named
