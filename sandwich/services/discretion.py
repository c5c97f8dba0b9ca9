"""What is left out of a text where the host did not agree: its people's names, and what it marked as confidential."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.roles import HOST_ROLES
from models.tables.activities import Activity, Participation
from models.tables.network import Company, Person
from models.text import Text
from sandwich.rules.names import full_name

SOMEBODY = Text(nl="een medewerker", en="one of the staff")
"""What stands in a restricted card where somebody of the host was named."""

_COMMON = frozenset(
    [
        "alle",
        "alleen",
        "alles",
        "andere",
        "bedrijf",
        "bijzonders",
        "daar",
        "deze",
        "delen",
        "door",
        "eerst",
        "foto",
        "foto's",
        "fotos",
        "geen",
        "gedeeld",
        "gemaakt",
        "gefotografeerd",
        "hebben",
        "hier",
        "jullie",
        "kunnen",
        "maken",
        "maar",
        "mogen",
        "moet",
        "naar",
        "niet",
        "niets",
        "ofwel",
        "omdat",
        "onze",
        "ook",
        "onder",
        "over",
        "overleg",
        "school",
        "shared",
        "should",
        "staan",
        "staat",
        "than",
        "that",
        "their",
        "them",
        "there",
        "these",
        "they",
        "this",
        "toch",
        "tonen",
        "vanuit",
        "voor",
        "vooraf",
        "waar",
        "want",
        "wanneer",
        "wordt",
        "worden",
        "wat",
        "zeker",
        "zijn",
        "zonder",
        "about",
        "anything",
        "company",
        "first",
        "from",
        "have",
        "made",
        "make",
        "may",
        "must",
        "named",
        "never",
        "nothing",
        "only",
        "other",
        "photo",
        "photos",
        "picture",
        "pictures",
        "please",
        "school",
        "special",
        "tell",
        "what",
        "when",
        "where",
        "which",
        "with",
        "without",
        "your",
    ]
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*", re.UNICODE)
_WHOLE = r"(?!\d)"
_NUMBERED = re.compile(r"[^\W\d_]+ \d+", re.UNICODE)


def confidential_terms(note: str) -> frozenset[str]:
    """Return what a note on confidentiality is about: its longer words that are not common ones, and *hall 2*."""
    plain = note.casefold()
    words = {_stem(word) for word in _WORD.findall(plain) if len(word) >= 4 and word not in _COMMON}
    return frozenset(words | set(_NUMBERED.findall(plain)))


def _stem(word: str) -> str:
    """Return a longer word without a plural's ending: who must not name price lists must not name a price list."""
    ending = next((ending for ending in ("en", "s") if word.endswith(ending)), "") if len(word) >= 7 else ""
    return word.removesuffix(ending)


def mentions(text: str, terms: frozenset[str]) -> bool:
    """Return whether one of the terms stands in ``text``; the beginning of a word counts."""
    plain = " ".join(text.casefold().split())
    return any(re.search(rf"(?<!\w){re.escape(term)}{_WHOLE if term[-1].isdigit() else ''}", plain) for term in terms)


def without_names(text: str, names: Sequence[str]) -> str:
    """Return ``text`` with every one of the names replaced by a word for somebody."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", SOMEBODY.nl, text, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:] if text.startswith(SOMEBODY.nl) else text


async def host_names(
    session: AsyncSession, activity: Activity, company: Company | None, terms: Mapping[str, Any]
) -> list[str]:
    """Return the names of the host's people: whole, given and family names, and those written in the task division."""
    hosts = select(Participation.person_id).where(
        Participation.activity_id == activity.id, Participation.role.in_(HOST_ROLES)
    )
    people = await session.scalars(
        select(Person).where(
            Person.id.in_(hosts) | ((Person.company_id == activity.company_id) & Person.company_id.is_not(None))
        )
    )
    names: set[str] = set()
    for person in people:
        names |= {full_name(person), person.given_name or "", _family(person)}
    for row in [*(terms.get("tasks") or []), *(terms.get("guides") or [])]:
        if isinstance(row, dict) and row.get("who") != "school":
            names.add(str(row.get("name") or ""))
    names.add(str(terms.get("contact_day") or ""))
    own = company.name.casefold() if company else ""
    # A company called after its owner keeps its name; the owner's whole name goes.
    return [name for name in names if len(name) > 1 and (" " in name or name.casefold() not in own)]


def _family(person: Person) -> str:
    return " ".join(part for part in (person.infix, person.family_name) if part)
