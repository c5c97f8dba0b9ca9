"""What an answer is refused for although every question was answered well."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.tables.asking import Invitation
from models.tables.network import Person
from models.text import Text
from sandwich.rules.answers import Reading
from sandwich.rules.doubts import SAID, doubts_in
from sandwich.services.agreements import agreement_of_step, view_of
from sandwich.services.card import RELEASE, shown_to_host
from sandwich.services.loaded import Loaded
from sandwich.services.next_meeting import refusal
from sandwich.services.outdated import said_of_outdated

_NO_PART = Text(
    nl="U wilt een deel weglaten. Kies hier bij dat deel ‘weglaten’. Gaat het om iets anders, kies dan hierboven "
    "‘Nee, bel mij eerst’.",
    en="You want to leave a part out. Choose ‘leave out’ here beside that part. If it is about something else, choose "
    "‘No, phone me first’ above.",
)
_CHANGED = Text(
    nl="Er is iets bij gekomen of veranderd sinds u deze pagina opende. Kijk de kaart nog eens na en verstuur het "
    "dan opnieuw. Wat u invulde, staat er nog.",
    en="Something was added or changed since you opened this page. Look at the card once more and then send it again. "
    "What you filled in is still there.",
)


_LOOK = Text(
    nl="{doubt} Haal het weg, of zet onderaan het vinkje als het mag blijven staan.",
    en="{doubt} Take it out, or tick the box below if it may stay.",
)
_LEFT_OUT = Text(
    nl="Deze vraag hoort niet bij wat je verder koos, dus wat je hier schreef wordt niet bewaard. Kies iets anders, of "
    "zet onderaan het vinkje als het weg mag.",
    nl_u="Deze vraag hoort niet bij wat u verder koos, dus wat u hier schreef wordt niet bewaard. Kies iets anders, of "
    "zet onderaan het vinkje als het weg mag.",
    en="This question does not belong to what else you chose, so what you wrote here is not kept. Choose something "
    "else, or tick the box below if it may go.",
)


def doubts(form: Form, reading: Reading, prefilled: Mapping[str, Any], people: Iterable[Person]) -> dict[str, Text]:
    """Return what is asked about words that had better not be kept, or will not be, by question; not about what stood
    there already, nor about the names of ``people``.
    """
    known = {person.given_name for person in people if person.given_name}
    own = {key: value for key, value in reading.answers.items() if prefilled.get(key) != value}
    found = doubts_in(form, own, known=known)
    said = {one.question: _LOOK.filled(doubt=SAID[one.about].filled(words=one.words)) for one in found}
    return said | {key: _LEFT_OUT for key in reading.left_out if [prefilled.get(key)] != reading.typed[key]}


async def refusals(
    session: AsyncSession,
    loaded: Loaded,
    invitation: Invitation,
    answers: Mapping[str, Any],
    shown: str | None,
    now: datetime,
) -> dict[str, Text]:
    """Return what a well-read answer is still refused for: sentences by question.

    ``shown`` is what its page showed beside the questions.
    """
    if invitation.form == RELEASE:
        return await _card_release(session, loaded.activity.id, answers, shown)
    return await _outdated(session, loaded, invitation, answers, shown) | refusal(loaded, answers, now)


async def _outdated(
    session: AsyncSession, loaded: Loaded, invitation: Invitation, answers: Mapping[str, Any], shown: str | None
) -> dict[str, Text]:
    """Nobody says yes to a version that is not the newest any more, nor changes it. A no is taken all the same."""
    found = agreement_of_step(loaded.playbook, invitation.step)
    view = await view_of(session, loaded.activity.id, found[1].about) if found else None
    if found is None or view is None or answers.get("agree") in {None, "refused"}:
        return {}
    sentence = await said_of_outdated(session, view, *found, shown)
    return {"agree": sentence} if sentence is not None else {}


async def _card_release(
    session: AsyncSession, activity_id: str, answers: Mapping[str, Any], shown: str | None
) -> dict[str, Text]:
    """A host releases exactly what its page showed, and *without a part* says which part (field rule 16).

    A no is taken whatever the page showed.
    """
    said = answers.get("release")
    problems = {}
    if said == "without-parts" and all(row.get("share") != "leave-out" for row in answers.get("parts") or []):
        problems["parts"] = _NO_PART
    if said != "refused" and shown != (await shown_to_host(session, activity_id)).fingerprint:
        problems["release"] = _CHANGED
    return problems
