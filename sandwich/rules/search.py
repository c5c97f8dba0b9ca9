"""Words that somebody looks for, and words that stand somewhere: compared without capitals, accents and endings.

A question of a whole sentence is taken as well: what every sentence has says nothing, and is left aside. Nothing that
is typed is a command: quotes, stars and brackets only part words.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

WORDS = 8
"""So many words are looked for at most."""

LONGEST = 40
"""Letters of a word that are kept; no word that somebody looks for is longer."""

BEGINNING = 4
"""From so many letters on, a word is also found by its beginning: *houtskelet* finds *houtskeletbouw*."""

_LETTERS = re.compile(r"[^\W_]+")
_VOWELS = "aeiou"
_SAYS_NOTHING = """
aan al als bij dat de deed deze die dit doet door een en er gaat geen gedaan geweest gezien had heb hebben heeft het
hier hij hoe iemand ik in is je kan kent maar met mijn naar niet nog of om ons ook op over te tot uit van voor waar
waren was wat we weet welke wie wij worden wordt ze zich zijn zo
a an and anybody anyone are at been by did do does for from had has have how in is it knows of on or saw seen somebody
someone that the their there this to was were what where which who with you
"""
_ASIDE = frozenset(_SAYS_NOTHING.split())


@dataclass(frozen=True)
class Sought:
    """What somebody looks for: ``words`` as they are compared, ``typed`` as they were typed.

    ``is_cut``: there were more, which are not looked for.
    """

    words: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    is_cut: bool = False

    def is_in(self, words: Collection[str]) -> bool:
        """Whether every word that is looked for is among these, or is the beginning of one."""
        return all(
            word in words or (len(word) >= BEGINNING and any(other.startswith(word) for other in words))
            for word in self.words
        )


def sought(text: str) -> Sought:
    """Return what somebody looks for who typed this; words that say nothing count only where there are no others."""
    typed = [word for word in _words(text) if word.strip()]
    telling = [word for word in typed if word not in _ASIDE] or typed
    found: dict[str, str] = {}
    for word in telling:
        found.setdefault(stem(word), word)
    kept = dict(list(found.items())[:WORDS])
    return Sought(tuple(kept), tuple(kept.values()), len(found) > WORDS)


def words_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of texts as they are compared."""
    return frozenset(stem(word) for text in texts for word in _words(text))


def stem(word: str) -> str:
    """Return a word, already folded, without the commonest endings of Dutch and English.

    *robots* and *robot*, *lassen* and *las*, *huizen* and *huis* become one. It is no grammar: what it spoils it spoils
    on both sides alike.
    """
    if len(word) >= 4 and word.endswith("s") and word[-2] not in "aiouys":
        word = word[:-1]
    if len(word) >= 5 and word.endswith("en") and word[-3] not in _VOWELS:
        word = word[:-2]
    elif len(word) >= 4 and word.endswith("e"):
        word = word[:-1]
    if len(word) >= 4 and word[-1] == word[-2] and word[-1] not in _VOWELS:
        word = word[:-1]
    if len(word) >= 4 and word[-2] == word[-3] and word[-2] in "aeou":
        word = word[:-2] + word[-1]
    return word[:-1] + {"z": "s", "v": "f", "y": "i"}.get(word[-1], word[-1]) if len(word) >= 3 else word


def _words(text: str) -> list[str]:
    """Return the words of a text, folded. Marks that change the direction of writing are no part of a word."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(
        letter for letter in plain if letter.isspace() or unicodedata.category(letter) not in {"Mn", "Cf", "Cc"}
    )
    return [word[:LONGEST] for word in _LETTERS.findall(plain.replace("'", " ").replace("’", " "))]
