"""What a coordinator does with the pairs of a cohort: look at them, make one by hand, take one apart, match again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import Role
from models.tables.activities import Participation
from models.tables.pairing import LIVE, Pair, PairState
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.errors import BadInput
from sandwich.labels import ROLE
from sandwich.rules.fit import ReasonCode
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.cohorts import INTAKE
from sandwich.services.loaded import Loaded
from sandwich.services.pairs import ask_offered, end_offer, make_pair, offer_pairs, offers, propose_pairs
from sandwich.services.register import find_person
from sandwich.services.steering import refuse_ended, steering

_REASONS = {
    ReasonCode.TEACHER_LEARNS: Text(nl="docent leert", en="teacher learns"),
    ReasonCode.PROFESSIONAL_LEARNS: Text(nl="professional leert", en="professional learns"),
    ReasonCode.GOALS: Text(nl="zelfde soort ontmoetingen", en="same kinds of meeting"),
    ReasonCode.TRAVEL: Text(nl="reistijd", en="travel"),
    ReasonCode.AVAILABILITY: Text(nl="gedeelde dagdelen", en="shared half-days"),
}

STATES = {
    PairState.PROPOSED: Text(nl="voorgesteld, nog niet gevraagd", en="proposed, not asked yet"),
    PairState.OFFERED: Text(nl="gevraagd", en="asked"),
    PairState.MADE: Text(nl="allebei ja", en="both said yes"),
    PairState.DECLINED: Text(nl="iemand zei nee", en="somebody said no"),
    PairState.DROPPED: Text(nl="uit elkaar", en="taken apart"),
}


@dataclass(frozen=True)
class PairView:
    """One pair as a coordinator sees it; ``reasons`` are the parts of its score in words."""

    number: int
    people: tuple[str, ...]
    state: PairState
    score: int | None
    reasons: tuple[Text, ...]


def pairs_seen(loaded: Loaded, library: Library) -> tuple[PairView, ...]:
    """Return every pair, those that go on first."""
    names = {item.id: full_name(loaded.persons[item.person_id]) for item in loaded.participations}
    labels = _labels(library)
    return tuple(
        PairView(
            pair.number,
            tuple(names[key] for key in pair.people),
            pair.state,
            pair.score,
            tuple(_reason(reason, labels) for reason in pair.reasons),
        )
        for pair in sorted(loaded.pairs, key=lambda one: (one.state not in LIVE, one.number))
    )


async def pair_by_hand(
    runtime: Runtime, activity_id: str, teacher: str, professional: str, *, now: datetime, actor: str
) -> None:
    """Make a pair of two people who are free; where pairs are being offered it is offered at once.

    Raises ``BadInput`` for somebody who has a partner already or does not take part as that.
    """
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        one = await _free(session, loaded, teacher, Role.TEACHER)
        other = await _free(session, loaded, professional, Role.PROFESSIONAL)
        await make_pair(session, loaded, one.id, other.id, now)
        await _offer(session, runtime, loaded, now)


async def take_pair_apart(runtime: Runtime, activity_id: str, number: int, *, now: datetime, actor: str) -> None:
    """Let a pair be no more: what it was asked falls away. Raises ``BadInput`` for one that is over or has begun."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        pair = next((one for one in loaded.in_pairs(*LIVE) if one.number == number), None)
        if pair is None:
            raise BadInput(f"There is no pair {number} that goes on.", f"Er is geen koppel {number} dat doorgaat.")
        if pair.part_id is not None:
            raise BadInput(
                "This pair has begun. Cancel its own activity instead.",
                "Dit koppel is begonnen. Annuleer de eigen activiteit van het koppel.",
            )
        await _drop(session, loaded, pair, now)


async def match_again(runtime: Runtime, activity_id: str, *, now: datetime, actor: str) -> int:
    """Match everybody who has no partner; returns how many pairs were found."""
    async with steering(runtime, activity_id, now, actor) as (session, loaded):
        refuse_ended(loaded)
        found = await propose_pairs(session, loaded, now)
        await _offer(session, runtime, loaded, now)
        return len(found)


async def _offer(session: AsyncSession, runtime: Runtime, loaded: Loaded, now: datetime) -> None:
    if offers(loaded):
        offer_pairs(loaded)
        await ask_offered(session, runtime.library, loaded, now)


async def _drop(session: AsyncSession, loaded: Loaded, pair: Pair, now: datetime) -> None:
    pair.state = PairState.DROPPED
    await end_offer(session, loaded, pair, now)


async def _free(session: AsyncSession, loaded: Loaded, ref: str, role: Role) -> Participation:
    person = await find_person(session, ref)
    name = full_name(person)
    found = next((item for item in loaded.in_role(role) if item.person_id == person.id), None)
    if found is None:
        raise BadInput(f"{name} takes no part as {ROLE[role].en}.", f"{name} doet niet mee als {ROLE[role].nl}.")
    if any(found.id in pair.people for pair in loaded.in_pairs(*LIVE)):
        raise BadInput(
            f"{name} has a partner already. Take that pair apart first.",
            f"{name} heeft al een partner. Haal dat koppel eerst uit elkaar.",
        )
    return found


def _labels(library: Library) -> dict[str, Text]:
    """Return the words of what people chose in the intake."""
    form = library.resolved(INTAKE)
    found: dict[str, Text] = {}
    for question in form.questions:
        found |= {option.key: option.label for option in question.options or () if not isinstance(option, str)}
        for row in question.rows:
            for column in question.columns:
                for option in column.options or ():
                    if not isinstance(option, str):
                        found[f"{row.key}-{option.key}"] = Text(
                            nl=f"{row.label.nl} {option.label.nl}".lower(), en=f"{row.label.en} {option.label.en}"
                        )
    return found


def _reason(reason: dict[str, object], labels: dict[str, Text]) -> Text:
    words = _REASONS[ReasonCode(str(reason["code"]))]
    tags = reason["tags"]
    chosen = [labels.get(str(tag), Text(nl=str(tag), en=str(tag))) for tag in tags] if isinstance(tags, list) else []
    points = f"{reason['points']}/{reason['most']}"
    nl, en = (
        f"{words.to(language)} {points}" + (f" ({', '.join(one.to(language) for one in chosen)})" if chosen else "")
        for language in ("nl", "en")
    )
    return Text(nl=nl, en=en)
