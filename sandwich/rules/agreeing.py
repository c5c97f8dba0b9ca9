"""Who stands behind what: an agreement is made when every party said yes to the same version, term by term.

What counts is the last word of each party on each term. Writing a version is a yes to everything in it, and to leaving
out what is not; so a later change opens again what it touches, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.negotiates import Negotiates
from models.roles import Role

NOTHING = ""
"""The fingerprint of a term that a version does not have."""


@dataclass(frozen=True)
class Word:
    """What one party said yes to: fingerprints by the name of the term (``differences.prints_of``).

    Of a ``whole`` version it is a no to every term that is not in it.
    """

    party: Role
    prints: Mapping[str, str]
    whole: bool = True

    def on(self, term: str) -> str | None:
        """Return the fingerprint that this word is a yes to; ``None`` where it says nothing of the term."""
        return self.prints.get(term, NOTHING if self.whole else None)


@dataclass(frozen=True)
class Standing:
    """How far an agreement is: by the name of each term, the parties that stand behind it as it is in this version.

    A term that was struck stands in it too, as long as somebody has not said yes to leaving it out.
    """

    parties: tuple[Role, ...]
    behind: Mapping[str, frozenset[Role]]

    def open_for(self, party: Role) -> tuple[str, ...]:
        """Return the terms that a party has not said yes to."""
        return tuple(term for term, parties in self.behind.items() if party not in parties)

    @property
    def open_terms(self) -> frozenset[str]:
        """The terms that somebody has not said yes to."""
        return frozenset(term for term, parties in self.behind.items() if not parties >= set(self.parties))

    @property
    def is_agreed(self) -> bool:
        """Whether everybody wants the same."""
        return bool(self.behind) and not self.open_terms


def standing(current: Mapping[str, str], words: Sequence[Word], parties: tuple[Role, ...]) -> Standing:
    """Return who stands behind each term of the ``current`` version, from all words in the order they were said."""
    mentioned = dict.fromkeys([*current, *(term for word in words for term in word.prints)])
    behind: dict[str, frozenset[Role]] = {}
    for term in mentioned:
        last: dict[Role, str] = {}
        for word in words:
            said = word.on(term)
            if said is not None:
                last[word.party] = said
        now = current.get(term, NOTHING)
        # Whoever never spoke of a term that is not there has nothing against leaving it out.
        agree = frozenset(party for party in parties if last.get(party, NOTHING) == now)
        if now != NOTHING or len(agree) < len(parties):
            behind[term] = agree
    return Standing(parties, behind)


def whose_turn(talk: Negotiates, found: Standing) -> tuple[Role, ...]:
    """Return the parties that are waited for: first who drafts and who answers, then everybody who must agree."""
    waiting = tuple(party for party in talk.parties if found.open_for(party))
    first = tuple(party for party in waiting if party in (talk.drafts, talk.answers))
    return first or waiting
