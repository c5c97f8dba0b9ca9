"""What steps and watches can do beyond asking and telling: a playbook names it, here it is done."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.steps import Among, Capability, Step
from models.tables.activities import ActivityStatus, Participation, Standing
from models.tables.network import Person
from models.tables.pairing import PairState
from models.tables.results import CardState, ImpressionCard
from sandwich.runtime import Runtime
from sandwich.services.additions import share_addition
from sandwich.services.agree import propose
from sandwich.services.card import read_card
from sandwich.services.certificates import make_certificates
from sandwich.services.loaded import Loaded
from sandwich.services.pairs import offer_pairs, propose_pairs
from sandwich.services.parts import start_part
from sandwich.services.people import add_participation
from sandwich.services.presence import presume
from sandwich.services.rounds import make_matches, make_rounds
from sandwich.services.share import compose_card, publish_card

Does = Callable[[AsyncSession, Runtime, Loaded, Step, datetime], Awaitable[None]]


async def confirm_date(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """The date stands: from now on the activity is being prepared."""
    if loaded.activity.status is ActivityStatus.REQUESTED:
        loaded.activity.status = ActivityStatus.BEFORE


async def fix_date(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Nobody has to be asked about the date: it stands from the beginning."""
    loaded.activity.date_fixed_at = loaded.activity.date_fixed_at or now


async def propose_tasks(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Write the coordinator's proposal for the task division; who drafts another agreement is asked for it."""
    await propose(session, loaded, step, now)


async def preview_card(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Compose the impression card from what its authors released, for the host to see first."""
    await compose_card(session, loaded, now)


async def publish(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Publish the card in the participants' schools, restricted when the host kept silent."""
    card = await session.scalar(select(ImpressionCard).where(ImpressionCard.activity_id == loaded.activity.id))
    if card is not None and card.state in {CardState.PREVIEWED, CardState.RELEASED}:
        await publish_card(session, loaded, card, now)
        await _add_colleagues(session, loaded, now)


async def give_feedback(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Note that what came of it goes back to those who were involved."""
    loaded.activity.fed_back_at = now


async def presume_present(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Nobody recorded attendance: presume that everybody who said yes was there."""
    presume(loaded, step.moment, now)


async def certify(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Send everybody who earned a certificate the way to it."""
    await make_certificates(session, loaded, now)


async def pair_up(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Propose the best pairs of the cohort; nobody is asked yet."""
    await propose_pairs(session, loaded, now)


async def offer(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Let the people of the proposed pairs be asked."""
    offer_pairs(loaded)


async def start_pairs(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Give every pair that was made an activity of its own."""
    for pair in loaded.in_pairs(PairState.MADE):
        await start_part(session, runtime, loaded, pair, now)


async def rounds(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Make the rounds from who comes and what they want; anew only where that changed."""
    await make_rounds(session, loaded, now)


async def match(session: AsyncSession, runtime: Runtime, loaded: Loaded, step: Step, now: datetime) -> None:
    """Bring together who both want to go on talking."""
    await make_matches(session, loaded, now)


async def _add_colleagues(session: AsyncSession, loaded: Loaded, now: datetime) -> None:
    took_part = loaded.in_role(Role.TEACHER, Among.PRESENT)
    schools = {loaded.persons[item.person_id].school_id for item in took_part} - {None}
    lists = await session.scalars(
        select(Person).where(Person.school_id.in_(schools), Person.group_name.is_not(None)).order_by(Person.id)
    )
    for person in lists:
        card = await read_card(session, loaded.activity.id, school_id=person.school_id)
        if card is None or card.is_empty:
            # No author lets this school read anything.
            continue
        added: Participation | None = await add_participation(session, loaded, person, Role.COLLEAGUES, now)
        if added is not None:
            added.standing = Standing.REGISTERED


CAPABILITIES: Mapping[Capability, Does] = {
    Capability.CONFIRM_DATE: confirm_date,
    Capability.FIX_DATE: fix_date,
    Capability.PROPOSE_TASKS: propose_tasks,
    Capability.NEGOTIATE: propose_tasks,
    Capability.PREVIEW_CARD: preview_card,
    Capability.PUBLISH_CARD: publish,
    Capability.SHARE_ADDITION: share_addition,
    Capability.GIVE_FEEDBACK: give_feedback,
    Capability.PRESUME_PRESENT: presume_present,
    Capability.MAKE_CERTIFICATES: certify,
    Capability.PROPOSE_PAIRS: pair_up,
    Capability.OFFER_PAIRS: offer,
    Capability.START_PAIRS: start_pairs,
    Capability.MAKE_ROUNDS: rounds,
    Capability.MAKE_MATCHES: match,
}
