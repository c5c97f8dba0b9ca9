"""The people of an activity while it goes on: add, replace, take out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import PersonRef
from models.roles import Role
from models.tables.activities import ANSWERABLE, ActivityStatus, Participation, Standing
from models.tables.network import Person
from sandwich.definitions.library import Library
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services.appointments import Why
from sandwich.services.calls import tell_deputy
from sandwich.services.catch_up import catch_up
from sandwich.services.cool_down import Asking, allow_asking, new_companies
from sandwich.services.leave import leave
from sandwich.services.loaded import Loaded
from sandwich.services.moving import free_days, refuse_free_days, taking_part
from sandwich.services.people import PASSED_ON, add_participation, add_school_people
from sandwich.services.register import find_person, lock_registry
from sandwich.services.steering import activity_of_participation, finish_calls, refuse_ended, steering

_ABOUT_LEAVING = {
    "change-cannot",
    "change-stop",
    "change-replaced",
    "change-other-contact",
    "other-person",
    "no-answer",
}


async def add_person(
    runtime: Runtime,
    activity_id: str,
    ref: PersonRef,
    role: Role,
    *,
    now: datetime,
    actor: str,
    in_holiday: bool = False,
    asking: Asking | None = None,
) -> str:
    """Add one person as ``add_people`` does; returns the participation's id."""
    (added,) = await add_people(
        runtime, activity_id, [ref], role, now=now, actor=actor, in_holiday=in_holiday, asking=asking
    )
    return added


async def add_people(
    runtime: Runtime,
    activity_id: str,
    refs: Sequence[PersonRef],
    role: Role,
    *,
    now: datetime,
    actor: str,
    in_holiday: bool = False,
    asking: Asking | None = None,
) -> list[str]:
    """Add people in a role, all or none, who then are asked what others were asked before.

    A school that comes in with them brings its leader and timetabler, and its free days. Returns the participations'
    ids. Raises ``BadInput``, and ``InHoliday`` where the activity is on a free day of that school, unless
    ``in_holiday`` says that it is meant; with ``asking`` ``StillCooling`` where a company comes in with them that was
    asked enough and nothing says why it is asked (field rule 44).
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await _allow(session, runtime, loaded, role, refs, asking, now)
        return await join(session, runtime.library, loaded, refs, role, now, in_holiday=in_holiday)


async def join(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    refs: Sequence[PersonRef],
    role: Role,
    now: datetime,
    *,
    in_holiday: bool,
) -> list[str]:
    """Do what ``add_people`` does in a transaction that is open already."""
    refuse_ended(loaded)
    spans = [(moment.starts_at, moment.ends_at) for moment in loaded.moments if moment.ends_at > now]
    known = {day for day, _ in free_days(loaded, spans)}
    added = [await let_in(session, library, loaded, await find_person(session, ref), role, now) for ref in refs]
    if not in_holiday:
        refuse_free_days([(day, name) for day, name in free_days(loaded, spans) if day not in known])
    return [item.id for item in added]


async def let_in(
    session: AsyncSession, library: Library, loaded: Loaded, person: Person, role: Role, now: datetime
) -> Participation:
    """Let one person in, or back in, who is asked what the others were asked before."""
    added, *beside = await _come_in(session, loaded, person, role, now)
    await _ask_all(session, library, loaded, (*beside, added), now)
    return added


async def _allow(
    session: AsyncSession,
    runtime: Runtime,
    loaded: Loaded,
    role: Role,
    refs: Sequence[PersonRef],
    asking: Asking | None,
    now: datetime,
) -> None:
    """Return when the companies that come in with some people may be asked; raises ``StillCooling``."""
    if asking is not None and (companies := await new_companies(session, loaded, role, refs)):
        await lock_registry(session)
        await allow_asking(session, runtime.settings, loaded.activity, asking, now, companies=companies)


async def replace(
    runtime: Runtime,
    participation_id: str,
    ref: PersonRef,
    *,
    now: datetime,
    actor: str,
    asking: Asking | None = None,
) -> str:
    """Let somebody else take over. The old links die, the old answers stay with the old person and do not count.

    Who leads the trip hands that over with the seat. Returns the new participation's id. With ``asking`` somebody of
    another company is refused as ``add_people`` does.
    """
    activity_id = await activity_of_participation(runtime, participation_id)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await _allow(session, runtime, loaded, loaded.participation(participation_id).role, [ref], asking, now)
        return await hand_over(session, runtime.library, loaded, participation_id, ref, now, actor)


async def hand_over(
    session: AsyncSession,
    library: Library,
    loaded: Loaded,
    participation_id: str,
    ref: PersonRef,
    now: datetime,
    actor: str,
) -> str:
    """Do what ``replace`` does in a transaction that is open already."""
    refuse_ended(loaded)
    old = loaded.participation(participation_id)
    if old.standing is Standing.REPLACED:
        raise BadInput("This person was replaced already.", "Deze persoon is al vervangen.")
    person = await find_person(session, ref)
    if old.person_id == person.id:
        raise BadInput("Choose somebody else.", "Kies iemand anders.")
    new = await _hand_over(session, library, loaded, old, person, now)
    for item in loaded.in_role(PASSED_ON[old.role]) if old.role in PASSED_ON else ():
        if item.person_id == old.person_id:
            await _hand_over(session, library, loaded, item, person, now)
    await finish_calls(session, loaded, _ABOUT_LEAVING, actor, now, person_id=old.person_id)
    return new.id


async def withdraw(runtime: Runtime, participation_id: str, *, now: datetime, actor: str) -> None:
    """Take somebody out who does not take part any more."""
    activity_id = await activity_of_participation(runtime, participation_id)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        await take_out(session, loaded, participation_id, now, actor)


async def take_out(session: AsyncSession, loaded: Loaded, participation_id: str, now: datetime, actor: str) -> None:
    """Do what ``withdraw`` does in a transaction that is open already."""
    refuse_ended(loaded)
    participation = loaded.participation(participation_id)
    if participation.standing not in ANSWERABLE:
        raise BadInput("This person has left already.", "Deze persoon doet al niet meer mee.")
    await leave(session, loaded, participation, Standing.WITHDRAWN, now, why=Why.COORDINATOR)
    await finish_calls(session, loaded, _ABOUT_LEAVING, actor, now, person_id=participation.person_id)


async def _hand_over(
    session: AsyncSession, library: Library, loaded: Loaded, old: Participation, person: Person, now: datetime
) -> Participation:
    new, *beside = await _come_in(session, loaded, person, old.role, now)
    await leave(session, loaded, old, Standing.REPLACED, now, why=Why.REPLACED)
    old.replaced_by_id = new.id
    await _ask_all(session, library, loaded, (*beside, new), now)
    return new


async def _come_in(
    session: AsyncSession, loaded: Loaded, person: Person, role: Role, now: datetime
) -> list[Participation]:
    """Add somebody; returns them, and then those whom a school needs of which nobody took part yet."""
    schools = taking_part(loaded)
    added = await _add(session, loaded, person, role, now)
    is_new = bool(taking_part(loaded) - schools) and loaded.activity.status is not ActivityStatus.CONCEPT
    return [added, *(await add_school_people(session, loaded, now) if is_new else ())]


async def _ask_all(
    session: AsyncSession, library: Library, loaded: Loaded, people: Sequence[Participation], now: datetime
) -> None:
    for participation in people:
        await catch_up(session, library, loaded, participation, now)
        if participation.role is Role.DEPUTY:
            await tell_deputy(session, loaded.activity, participation, now)


async def _add(session: AsyncSession, loaded: Loaded, person: Person, role: Role, now: datetime) -> Participation:
    added = await add_participation(session, loaded, person, role, now)
    if added is None:
        raise BadInput("This person takes part already.", "Deze persoon doet al mee.")
    return added
