"""The clock: what is asked at its moment, in one trip to the database."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import literal

from sandwich.clock import NOW, Clock, real_now, whether
from sandwich.store import Store

pytestmark = pytest.mark.asyncio

A_DAY = timedelta(days=1)


async def test_what_is_asked_is_answered_for_the_moment_of_the_clock(store: Store, now: datetime) -> None:
    """One that another process moves answers rightly at once, forwards and back."""
    clock, other = Clock(store), Clock(store)
    is_later = whether(literal(now + A_DAY) <= NOW)
    for moment, is_so in ((now, False), (now + 2 * A_DAY, True), (now + A_DAY / 2, False), (now + A_DAY, True)):
        await other.set(moment)
        ahead = await clock.sees(is_later)
        assert (ahead is not None) == is_so
        if ahead is not None:
            assert abs(real_now() + ahead - moment) < timedelta(minutes=1)
            assert abs(ahead - await other.offset()) < timedelta(seconds=1)
