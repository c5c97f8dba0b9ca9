"""What each steering would do, before anything happens; every one raises what the steering itself refuses."""

from collections.abc import Sequence
from datetime import date, datetime

from models.changes import Change
from models.tables.activities import Activity
from sandwich.runtime import Runtime
from sandwich.services.dropping import drop_last
from sandwich.services.effects import Effects, foresee
from sandwich.services.halting import call_off, hold_for, put_on_hold
from sandwich.services.new_host import NewHost, put_host
from sandwich.services.on_the_day import Changed, change_day, each
from sandwich.services.steering import need_reason
from sandwich.services.trial import ACTOR


async def foresee_cancelling(runtime: Runtime, activity_id: str, *, now: datetime) -> Effects:
    """Return what cancelling an activity would do."""
    return await foresee(runtime, activity_id, lambda session, loaded: call_off(session, loaded, "", now), now=now)


async def foresee_hold(
    runtime: Runtime, activity_id: str, *, now: datetime, until: date | None = None, tells_host: bool = False
) -> Effects:
    """Return what putting an activity on hold would do."""
    return await foresee(
        runtime,
        activity_id,
        lambda session, loaded: put_on_hold(session, loaded, "", now, until=until, roles=hold_for(tells_host)),
        now=now,
    )


async def foresee_dropping(runtime: Runtime, activity_id: str, *, now: datetime) -> Effects:
    """Return what calling off the last contact moment would do."""
    return await foresee(
        runtime, activity_id, lambda session, loaded: drop_last(session, loaded, "", now, ACTOR), now=now
    )


async def foresee_day(
    runtime: Runtime, activity_id: str, change: Change, *, now: datetime, minutes: int = 0
) -> Effects:
    """Return what calling an activity off, letting it go on online or beginning later would do."""
    return await foresee(
        runtime,
        activity_id,
        lambda session, loaded: change_day(session, runtime.library, loaded, change, "", now, ACTOR, minutes=minutes),
        now=now,
    )


async def foresee_days(
    runtime: Runtime, activities: Sequence[Activity], change: Change, reason: str, *, now: datetime, minutes: int = 0
) -> list[Changed]:
    """Return the same for several activities; one that cannot be changed holds up no other."""
    need_reason(reason)
    return await each(activities, lambda key: foresee_day(runtime, key, change, now=now, minutes=minutes))


async def foresee_new_host(runtime: Runtime, activity_id: str, host: NewHost, *, now: datetime) -> Effects:
    """Return what asking another company to receive would do."""
    return await foresee(
        runtime,
        activity_id,
        lambda session, loaded: put_host(session, runtime.settings, loaded, host, "", now, ACTOR),
        now=now,
    )
