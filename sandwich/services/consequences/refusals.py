"""What an answer is refused for although every question was answered well."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.text import Text
from sandwich.services.card import shown_to_host

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


async def card_release(
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
