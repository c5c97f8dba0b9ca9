"""What follows from answers about other people: partners, rounds, and what somebody would like to do next."""

from models.steps import Capability
from models.tables.activities import Standing, StepState
from sandwich.services.consequences.before import comes, stays_away
from sandwich.services.consequences.received import Received
from sandwich.services.invite import ask_of, registration_closes_at
from sandwich.services.pairs import answer_offer
from sandwich.services.parts import start_part
from sandwich.services.rounds import make_matches

_NOTHING = "nothing"


async def wishes(received: Received) -> None:
    """Who comes is registered, who does not leaves; who does not know yet stays invited until registration closes."""
    said = received.answers.get("attend")
    if said == "later":
        _look_when_it_closes(received)
        return
    if said == "coming":
        await comes(received)
    else:
        await stays_away(received)


def _look_when_it_closes(received: Received) -> None:
    invitation, loaded = received.invitation, received.loaded
    assert invitation is not None  # this form is only asked, never sent unasked
    found = ask_of(loaded.playbook, invitation, received.participation.role)
    if found is not None and received.participation.standing is Standing.INVITED:
        calendar = loaded.calendar_of(received.participation)
        closes_at = registration_closes_at(invitation, found[1], loaded, calendar)
        invitation.next_at = max(closes_at or received.now, received.now)


async def offer(received: Received) -> None:
    """A yes makes the pair once everybody said it; a no lets everybody who is free be matched anew."""
    assert received.invitation is not None  # this form is only asked, never sent unasked
    pair = await answer_offer(
        received.session,
        received.runtime.library,
        received.loaded,
        received.invitation,
        accepts=received.answers.get("accept") is True,
        now=received.now,
    )
    if pair is not None and _is_done(received, Capability.START_PAIRS):
        await start_part(received.session, received.runtime, received.loaded, pair, received.now)


async def card(received: Received) -> None:
    """A wish that comes in after the matches were made still makes one."""
    if _is_done(received, Capability.MAKE_MATCHES):
        await make_matches(received.session, received.loaded, received.now)


async def follow_up(received: Received) -> None:
    """What somebody would like to do next is for the coordinator, who starts it."""
    if set(received.answers.get("next") or ()) - {_NOTHING}:
        await received.call("follow-up")


def _is_done(received: Received, capability: Capability) -> bool:
    steps = [step.key for step in received.loaded.playbook.steps if step.does is capability]
    return any(received.loaded.states.get(key) is StepState.DONE for key in steps)
