"""The free days that a school or a company has of its own: what they are, and other ones in their place."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, Participation
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.network import Company, Person, School
from models.text import Misfit, Text
from sandwich.definitions.own_calendar import read_own_calendar, refused_run
from sandwich.errors import BadInput
from sandwich.rules.calendar import Block
from sandwich.runtime import Runtime
from sandwich.services.company_editing import Unfit, as_sentence
from sandwich.services.free_days import count_anew
from sandwich.services.importing.cells import read_date
from sandwich.services.loaded import block_of
from sandwich.store.chain import REGISTRY

LONGEST_NAME = 80

Owner: TypeAlias = School | Company
"""Whose free days they are."""


@dataclass(frozen=True)
class Replaced:
    """What becomes of the free days of ``name``: those that are new, stay, and go; each in the order of the days."""

    name: str
    added: tuple[Block, ...]
    kept: tuple[Block, ...]
    dropped: tuple[Block, ...]


async def find_owner(session: AsyncSession, name: str) -> Owner:
    """Return a school or company by code, id or name; raises ``BadInput``."""
    school = await session.scalar(
        select(School).where(or_(School.code == name, School.id == name, School.name == name))
    )
    company = (Company.code == name) | (Company.id == name) | (Company.name == name)
    found = school or await session.scalar(select(Company).where(company).order_by(Company.code).limit(1))
    if found is None:
        raise BadInput(
            f"There is no school or company {name}. Use its code or its full name.",
            f"Er is geen school of bedrijf {name}. Gebruik de code of de volledige naam.",
        )
    return found


async def own_days(session: AsyncSession, owner: Owner) -> list[CalendarBlock]:
    """Return the own free days of a school or company, in their order."""
    whose = CalendarBlock.school_id if isinstance(owner, School) else CalendarBlock.company_id
    days = select(CalendarBlock).where(whose == owner.id)
    return list(await session.scalars(days.order_by(CalendarBlock.first_on, CalendarBlock.kind, CalendarBlock.id)))


async def foresee_own_calendar(runtime: Runtime, name: str, content: bytes, file: str) -> Replaced:
    """Return what ``replace_own_calendar`` would do; nothing is written. Raises what it raises."""
    async with runtime.store.read() as session:
        owner = await find_owner(session, name)
        return _compared(owner, await own_days(session, owner), _read(owner, content, file))[0]


async def replace_own_calendar(
    runtime: Runtime, name: str, content: bytes, file: str, *, now: datetime, actor: str
) -> Replaced:
    """Let the free days of a table take the place of those that a school or company has of its own, all or nothing.

    Activities that go on count with them at once. Raises ``BadInput`` for a name that is not known, and
    ``DefinitionError`` with every mistake in the table.
    """
    async with runtime.store.read() as session:
        owner = await find_owner(session, name)
    wanted = _read(owner, content, file)
    return await _replace(runtime, owner, lambda _: wanted, now, actor)


async def add_closed_days(
    runtime: Runtime, company: Company, name: str, first: str, last: str, *, now: datetime, actor: str
) -> None:
    """Note that a company is closed from a first to a last day, as they were typed; without ``last`` it is one day.

    Raises ``Unfit`` with everything that is wrong, by ``name``, ``first`` and ``last``.
    """
    block = _typed(company, " ".join(name.split()), first.strip(), last.strip())

    def beside(rows: Sequence[CalendarBlock]) -> list[Block]:
        for row in rows:
            if row.first_on <= block.last and block.first <= row.last_on:
                raise Unfit({"first": _OVERLAP.filled(name=row.name)})
        return [*map(block_of, rows), block]

    await _replace(runtime, company, beside, now, actor)


async def drop_closed_days(runtime: Runtime, company: Company, block_id: str, *, now: datetime, actor: str) -> None:
    """Take one run of closed days away from a company; nothing where it is gone already."""
    await _replace(runtime, company, lambda rows: [block_of(row) for row in rows if row.id != block_id], now, actor)


def _typed(company: Company, name: str, first: str, last: str) -> Block:
    problems: dict[str, Text] = {}
    days: dict[str, date] = {}
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = _NAME.filled(most=LONGEST_NAME)
    for part, typed in (("first", first), ("last", last or first)):
        try:
            days[part] = date.fromisoformat(read_date(typed))
        except Misfit as error:
            problems[part] = as_sentence(error.text)
    if not problems and (wrong := refused_run(name, days["first"], days["last"])) is not None:
        problems["last"] = Text(nl=" ".join(text.nl for text in wrong), en=" ".join(text.en for text in wrong))
    if problems:
        raise Unfit(problems)
    return Block(BlockKind.CLOSED, days["first"], days["last"], name=name, company=company.id)


async def _replace(
    runtime: Runtime,
    owner: Owner,
    wanted: Callable[[Sequence[CalendarBlock]], Iterable[Block]],
    now: datetime,
    actor: str,
) -> Replaced:
    """Make the own free days what ``wanted`` makes of them, and let activities that go on count with them."""
    async with runtime.store.change(now=now, actor=actor, stream=REGISTRY) as session:  # one at a time
        rows = await own_days(session, owner)
        replaced, going = _compared(owner, rows, wanted(rows))
        for row in going:
            await session.delete(row)
        for block in replaced.added:
            session.add(
                CalendarBlock(
                    kind=block.kind,
                    name=block.name,
                    first_on=block.first,
                    last_on=block.last,
                    school_id=block.school,
                    company_id=block.company,
                )
            )
    if replaced.added or replaced.dropped:
        await count_anew(runtime, now, actor, _counts_with(owner))
    return replaced


def _compared(
    owner: Owner, rows: Sequence[CalendarBlock], wanted: Iterable[Block]
) -> tuple[Replaced, list[CalendarBlock]]:
    """Return what becomes of the free days, and the rows that go."""
    had, have = {block_of(row): row for row in rows}, set(wanted)
    in_order = sorted(have, key=lambda block: (block.first, block.kind, block.name))
    gone = {block: row for block, row in had.items() if block not in have}
    replaced = Replaced(
        name=owner.name,
        added=tuple(block for block in in_order if block not in had),
        kept=tuple(block for block in in_order if block in had),
        dropped=tuple(gone),
    )
    return replaced, list(gone.values())


def _read(owner: Owner, content: bytes, file: str) -> tuple[Block, ...]:
    if isinstance(owner, School):
        return read_own_calendar(content, file, owner.id)
    return read_own_calendar(content, file, company=owner.id)


def _counts_with(owner: Owner) -> ColumnElement[bool]:
    """Return which activities somebody of a school or company takes part in, or the company receives."""
    at = Person.school_id if isinstance(owner, School) else Person.company_id
    theirs = select(Participation.activity_id).join(Person, Person.id == Participation.person_id)
    return or_(Activity.company_id == owner.id, Activity.id.in_(theirs.where(at == owner.id)))


_NAME = Text(
    nl="Schrijf hoe deze dagen heten, in hoogstens {most} tekens.",
    en="Write what these days are called, in {most} characters at most.",
)
_OVERLAP = Text(
    nl="Het bedrijf is dan al dicht: {name}. Haal die dagen eerst weg, of kies andere.",
    en="The company is closed then already: {name}. Take those days away first, or choose others.",
)
