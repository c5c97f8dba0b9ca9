"""What follows from the forms that anybody can send at any time: a change or withdrawal, a privacy request."""

from models.channels import ConsentChannel
from models.roles import Role
from models.tables.activities import Standing
from models.tables.network import Person
from sandwich.services.adopters import give_up, is_only_adopter
from sandwich.services.appointments import Why
from sandwich.services.call_words import CALL_OF_PRIVACY
from sandwich.services.consequences.received import Received
from sandwich.services.leave import leave
from sandwich.services.new_date import note_wish
from sandwich.services.outbox import queue
from sandwich.services.photo_consent import take_back

_LEAVES = frozenset({"cannot", "stop"})
_ENDS = frozenset({"erase", "no-mail"})
_MAY_LEAVE = (Role.TEACHER, Role.TRIP_LEADER)


async def change(received: Received) -> None:
    """A participant who cannot come leaves at once; everything else, and every host, is for the coordinator.

    Who only uses the material can stop without anybody having to know.
    """
    what = received.answers.get("what")
    if what in _LEAVES and received.participation.role is Role.ADOPTER:
        await give_up(received.session, received.loaded, received.participation, received.now)
        return
    if what in _LEAVES:
        # The teacher first: with that the lead of the trip goes by itself.
        for role in _MAY_LEAVE:
            for item in received.loaded.in_role(role):
                if item.person_id == received.participation.person_id:
                    await leave(received.session, received.loaded, item, Standing.WITHDRAWN, received.now, why=Why.OWN)
    await received.call(f"change-{what}")


async def new_date(received: Received) -> None:
    """A yes to another date after it was called off reaches the coordinator; a no is only counted."""
    if received.answers.get("again"):
        await note_wish(received.session, received.loaded, received.now)


async def privacy_request(received: Received) -> None:
    """Confirm the request by mail, stop mail at once where that was asked, and let the coordinator act.

    Nobody has to act about somebody who is known only for material that they took: no mail and erasing are the same,
    and come by themselves.
    """
    if received.answers.get("kind") in _ENDS and is_only_adopter(received.loaded, received.participation):
        await give_up(received.session, received.loaded, received.participation, received.now)
        return
    person = await received.session.get_one(Person, received.participation.person_id)
    await queue(
        received.session,
        key=f"{received.submission.id}:privacy-received",
        mail="privacy-received",
        person_id=person.id,
        activity_id=received.loaded.activity.id,
        participation_id=received.participation.id,
        about={"submission_id": received.submission.id},
        due_at=received.now,
        now=received.now,
    )
    if received.answers.get("kind") == "no-mail":
        person.no_mail = True
    if received.answers.get("kind") == "withdraw-photo":
        await take_back(received.session, received.loaded, person.id, list(ConsentChannel), received.now)
    await received.call(f"{CALL_OF_PRIVACY}{received.answers.get('kind')}")
