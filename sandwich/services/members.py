"""The people of an activity while it goes on: add, replace, take out."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.draft import PersonRef
from models.playbook import Role
from models.tables.activities import ACTIVE, Participation, Standing
from models.tables.network import Person
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services.catch_up import catch_up
from sandwich.services.leave import leave
from sandwich.services.loaded import Loaded
from sandwich.services.people import PASSED_ON, add_participation
from sandwich.services.register import find_person
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
    runtime: Runtime, activity_id: str, ref: PersonRef, role: Role, *, now: datetime, actor: str
) -> str:
    """Add somebody in a role, who then is asked what others were asked before; returns the participation's id."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        added = await _add(session, loaded, await find_person(session, ref), role, now)
        await catch_up(session, runtime.library, loaded, added, now)
        return added.id


async def replace(runtime: Runtime, participation_id: str, ref: PersonRef, *, now: datetime, actor: str) -> str:
    """Let somebody else take over. The old links die, the old answers stay with the old person and do not count.

    Who leads the trip hands that over with the seat. Returns the new participation's id.
    """
    activity_id = await activity_of_participation(runtime, participation_id)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        old = loaded.participation(participation_id)
        if old.standing is Standing.REPLACED:
            raise BadInput("This person was replaced already.", "Deze persoon is al vervangen.")
        person = await find_person(session, ref)
        if old.person_id == person.id:
            raise BadInput("Choose somebody else.", "Kies iemand anders.")
        new = await _hand_over(session, runtime, loaded, old, person, now)
        for item in loaded.in_role(PASSED_ON[old.role]) if old.role in PASSED_ON else ():
            if item.person_id == old.person_id:
                await _hand_over(session, runtime, loaded, item, person, now)
        await finish_calls(session, loaded, _ABOUT_LEAVING, actor, now, person_id=old.person_id)
        return new.id


async def withdraw(runtime: Runtime, participation_id: str, *, now: datetime, actor: str) -> None:
    """Take somebody out who does not take part any more."""
    activity_id = await activity_of_participation(runtime, participation_id)
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        participation = loaded.participation(participation_id)
        if participation.standing not in ACTIVE:
            raise BadInput("This person has left already.", "Deze persoon doet al niet meer mee.")
        await leave(session, loaded, participation, Standing.WITHDRAWN, now)
        await finish_calls(session, loaded, _ABOUT_LEAVING, actor, now, person_id=participation.person_id)


async def _hand_over(
    session: AsyncSession, runtime: Runtime, loaded: Loaded, old: Participation, person: Person, now: datetime
) -> Participation:
    new = await _add(session, loaded, person, old.role, now)
    await leave(session, loaded, old, Standing.REPLACED, now)
    old.replaced_by_id = new.id
    await catch_up(session, runtime.library, loaded, new, now)
    return new


async def _add(session: AsyncSession, loaded: Loaded, person: Person, role: Role, now: datetime) -> Participation:
    added = await add_participation(session, loaded, person, role, now)
    if added is None:
        raise BadInput("This person takes part already.", "Deze persoon doet al mee.")
    return added
