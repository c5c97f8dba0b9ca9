"""Words behind a question as its form would post them; ``None`` where they could mean something else."""

import re
from collections.abc import Sequence

from models.form import QuestionType
from sandwich.mail.replies.layout import Item, Pick

_OTHER = re.compile(r"(?:anders|other|namelijk|namely)\b[^:]{0,30}:\s*(?P<what>.+)", re.IGNORECASE | re.DOTALL)
_BETWEEN = re.compile(r"\s*(?:[,;+&/]|\ben\b|\band\b|\n)\s*", re.IGNORECASE)
_YES = frozenset({"ja", "yes"})
_NO = frozenset({"nee", "no"})


def as_posted(item: Item, words: str) -> dict[str, list[str]] | None:
    """Return the fields of the form for one answer."""
    if not item.is_chosen:
        return {item.name: [words]}
    if item.other_name is not None and (found := _OTHER.fullmatch(words)):
        own = _pick(item, "other")
        return {item.name: [own.value], item.other_name: [found["what"].strip()]} if own else None
    single = _read(item, words)
    if single is not None:
        return None if single.value == "other" and item.other_name else {item.name: [single.value]}
    if not item.takes_several:
        return None
    parts = [_read(item, part) for part in _BETWEEN.split(words) if part]
    chosen = [part.value for part in parts if part is not None]
    if not parts or len(chosen) < len(parts) or (item.other_name and "other" in chosen):
        return None
    return {item.name: list(dict.fromkeys(chosen))}


def whole_answer(free: str, items: Sequence[Item]) -> dict[str, list[str]] | None:
    """Return what a reply says that has nothing in it but an answer to the one question that its mail asks.

    That is so where a mail asks one form, whose first question must be answered and no other. A letter is not enough:
    it says nothing without the question beside it.
    """
    if not items or len({item.invitation_id for item in items}) > 1:
        return None
    first, *others = items
    if not first.is_chosen or not first.question.required or any(item.question.required for item in others):
        return None
    if first.item is not first.question or any(item.question.required_when for item in others):
        return None
    pick = _by_words(first, _said(free))
    return {first.name: [pick.value]} if pick is not None and pick.value != "other" else None


def _read(item: Item, words: str) -> Pick | None:
    """Return the one option that words mean: its letter, its words, or both."""
    said = _said(words)
    by_sign = [pick for pick in item.picks if pick.sign and said == pick.sign]
    both = [pick for pick in item.picks if pick.sign and _lettered(said) == (pick.sign, _said(pick.label))]
    by_words = _by_words(item, said)
    found = {pick.value: pick for pick in (*by_sign, *both, *([by_words] if by_words else []))}
    return next(iter(found.values())) if len(found) == 1 else None


def _lettered(said: str) -> tuple[str, str]:
    """Return the letter or figure before some words, and the words: ``a = ja``, ``a) ja``, ``a. ja``."""
    found = re.fullmatch(r"(\w)\s*[.:)=-]\s*(.+)", said)
    return (found[1], _said(found[2])) if found else ("", said)


def _by_words(item: Item, said: str) -> Pick | None:
    found = [pick for pick in item.picks if _said(pick.label) == said]
    if item.item.type is QuestionType.YESNO:
        found = [pick for pick in item.picks if said in (_YES if pick.value == "yes" else _NO)]
    return found[0] if len(found) == 1 else None


def _pick(item: Item, value: str) -> Pick | None:
    return next((pick for pick in item.picks if pick.value == value), None)


def _said(words: str) -> str:
    """Return words without what changes nothing of what they mean: case, spaces, brackets and points around them."""
    return " ".join(words.casefold().split()).strip(" .!,;:()[]*_\"'“”‘’")
