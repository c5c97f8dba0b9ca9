"""Rows by the values of one column. To make a statement takes as long as to carry it out, so each is made once."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Executable, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")

AMONG: BindParameter[Any] = bindparam("among", expanding=True)
"""Stands for the values in a statement that is made once; they are given as ``among``."""

LOT = 5000
"""Values in one statement; SQLite and PostgreSQL take some thirty thousand."""

_made: dict[InstrumentedAttribute[Any], Select[Any]] = {}


async def rows_by(
    session: AsyncSession, table: type[T], column: InstrumentedAttribute[Any], among: Collection[Any]
) -> Sequence[T]:
    """Return the rows of ``table`` with one of the values ``among`` in a column of it; nothing is asked without any."""
    if not among:
        return ()
    if column not in _made:
        _made[column] = select(table).where(column.in_(AMONG))
    return (await session.scalars(_made[column], {"among": list(among)})).all()


async def in_lots(session: AsyncSession, query: Executable, among: Collection[Any]) -> list[Any]:
    """Return what a statement about ``AMONG`` yields for all these values, in as few trips as one trip has room for."""
    values = list(among)
    found: list[Any] = []
    for start in range(0, len(values), LOT):
        found += (await session.execute(query, {"among": values[start : start + LOT]})).all()
    return found
