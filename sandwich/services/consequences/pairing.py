"""What follows from answers about other people: partners, rounds, and what somebody would like to do next."""

from models.steps import Capability
from models.tables.activities import StepState
from sandwich.services.consequences.received import Received
from sandwich.services.pairs import answer_offer
from sandwich.services.parts import start_part
from sandwich.services.rounds import make_matches

_NOTHING = "nothing"


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
