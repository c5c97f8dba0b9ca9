"""Pairs as a coordinator sees them: who, where they are, and why they would go together. Reads only."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import OPEN
from models.tables.pairing import LIVE, Pair, PairState
from models.text import Text
from sandwich.rules.fit import ReasonCode
from sandwich.rules.names import full_name
from sandwich.services.cohorts import INTAKE
from sandwich.services.loaded import Loaded
from sandwich.services.pairs import PROPOSAL
from sandwich.services.told import Told, read_told

_REASONS = {
    ReasonCode.TEACHER_LEARNS: Text(nl="docent leert", en="teacher learns"),
    ReasonCode.PROFESSIONAL_LEARNS: Text(nl="professional leert", en="professional learns"),
    ReasonCode.GOALS: Text(nl="zelfde soort ontmoetingen", en="same kinds of meeting"),
    ReasonCode.TRAVEL: Text(nl="reistijd", en="travel"),
    ReasonCode.AVAILABILITY: Text(nl="gedeelde dagdelen", en="shared half-days"),
}

_MINUTES = Text(nl="{minutes} minuten", en="{minutes} minutes")
_UNKNOWN_WAY = Text(
    nl="niet bekend; geef de reistijden van de regio op", en="not known; enter the region's travel times"
)

STATES = {
    PairState.PROPOSED: Text(nl="voorgesteld, nog niet gevraagd", en="proposed, not asked yet"),
    PairState.OFFERED: Text(nl="gevraagd", en="asked"),
    PairState.MADE: Text(nl="allebei ja", en="both said yes"),
    PairState.DECLINED: Text(nl="iemand zei nee", en="somebody said no"),
    PairState.DROPPED: Text(nl="uit elkaar", en="taken apart"),
}


@dataclass(frozen=True)
class Asked:
    """Somebody in a pair that is being asked: what they ``said``, or the invitation that they have yet to answer."""

    name: str
    said: bool | None
    invitation_id: str | None


@dataclass(frozen=True)
class PairView:
    """One pair as a coordinator sees it; ``reasons`` are the parts of its score in words.

    ``asked`` says for each of its people what they answered, while it is being asked.
    """

    number: int
    people: tuple[str, ...]
    asked: tuple[Asked, ...]
    state: PairState
    score: int | None
    reasons: tuple[Text, ...]


async def pairs_seen(session: AsyncSession, loaded: Loaded) -> tuple[PairView, ...]:
    """Return every pair, those that go on first."""
    if not loaded.pairs:
        return ()
    names = {item.id: full_name(loaded.persons[item.person_id]) for item in loaded.participations}
    told = await read_told(session, loaded.activity.id)
    labels = _labels(told)
    return tuple(
        PairView(
            pair.number,
            tuple(names[key] for key in pair.people),
            tuple(_asked(told, pair, key, names[key]) for key in pair.people if pair.state is PairState.OFFERED),
            pair.state,
            pair.score,
            tuple(_reason(reason, labels) for reason in pair.reasons),
        )
        for pair in sorted(loaded.pairs, key=lambda one: (one.state not in LIVE, one.number))
    )


def _asked(told: Told, pair: Pair, own: str, name: str) -> Asked:
    said = next(
        (
            item.answers.get("accept") is True
            for item in told.answers.of_form(PROPOSAL)
            if (item.participation.id, item.invitation.occurrence) == (own, pair.number)
        ),
        None,
    )
    waiting = next(
        (
            invitation.id
            for invitation, participation in told.answers.invitations
            if (invitation.form, participation.id, invitation.occurrence) == (PROPOSAL, own, pair.number)
            and invitation.state in OPEN
        ),
        None,
    )
    return Asked(name, said, waiting if said is None else None)


def _labels(told: Told) -> dict[str, Text]:
    """Return the words of what people chose in the intake."""
    form = next((told.form(item) for item in told.saying(*INTAKE)), None)
    if form is None:
        return {}
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
    if reason["code"] == ReasonCode.TRAVEL:
        minutes = reason.get("minutes")
        chosen = [_UNKNOWN_WAY if minutes is None else _MINUTES.filled(minutes=str(minutes))]
    points = f"{reason['points']}/{reason['most']}"
    nl, en = (
        f"{words.to(language)} {points}" + (f" ({', '.join(one.to(language) for one in chosen)})" if chosen else "")
        for language in ("nl", "en")
    )
    return Text(nl=nl, en=en)
