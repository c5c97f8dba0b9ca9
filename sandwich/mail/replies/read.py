"""Read a reply back: each question *sure*, *doubtful* or empty, and the words that answer none of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from models.form import QuestionType
from models.text import Language
from sandwich.mail.replies.layout import Item
from sandwich.mail.replies.plain import Line, lines_of, tidy
from sandwich.mail.replies.quotes import Cut, cut, ends_here
from sandwich.mail.replies.values import as_posted, whole_answer
from sandwich.rules.answer_values import Refused, read_value

_TOKEN = re.compile(
    r"(?P<answer>\b(?:antwoord|answer)[\s*_]*)?\[\s*(?P<code>[0-9A-Za-z]{4})\s*\](?P<colon>[\s*_]*:)?"
    r"|(?P<end>\[\s*(?:einde|end)\s*\])",
    re.IGNORECASE,
)


class Certainty(StrEnum):
    """How an answer was read."""

    SURE = "sure"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class Found:
    """What stands behind one question, as it was ``said``; ``posted`` as the form would post it, where that is sure."""

    certainty: Certainty
    posted: dict[str, list[str]] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True)
class ReadBack:
    """A reply as it was read: what was found by code; a question without an answer is not in it.

    ``free`` are words that belong to no question. ``is_strange``: it answers a question that the mail did not ask, or
    nobody here can read it.
    """

    found: dict[str, Found] = field(default_factory=dict)
    free: str = ""
    is_strange: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self.found and not self.free and not self.is_strange


@dataclass(frozen=True)
class _Mark:
    """A code in the text: where it begins, where what follows it begins, and what it stands for."""

    line: int
    start: int
    after: int
    code: str
    is_answer: bool
    is_end: bool = False


def read_back(text: str, items: Sequence[Item], language: Language | str) -> ReadBack:
    """Read a reply to the mail that asked ``items``."""
    lines = lines_of(tidy(text))
    own = cut(lines)
    if own.is_encrypted:
        return ReadBack(is_strange=True)
    known = {item.code: item for item in items}
    marks, is_strange = _marks(lines, known)
    covered: set[int] = set()
    heads: dict[str, list[str]] = {}
    said: dict[str, list[tuple[str, bool]]] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=False):
        if mark.is_end:
            covered.add(mark.line)
            continue
        region = _region(lines, mark, following, own)
        covered.update(region.places)
        if mark.is_answer:
            said.setdefault(mark.code, []).append((region.words(known[mark.code]), region.is_sure))
        else:
            heads.setdefault(mark.code, []).append(" ".join(region.texts))
    found = {}
    for code, item in known.items():
        one = _judge(item, said.get(code, []), heads.get(code, []), language)
        if one is not None:
            found[code] = one
    free = _free(lines, own, covered)
    if not found and not is_strange and free:
        whole = whole_answer(free, items)
        if whole is not None:
            return ReadBack({items[0].code: Found(Certainty.SURE, whole, free)})
    return ReadBack(found, free, is_strange)


def _marks(lines: Sequence[Line], known: Mapping[str, Item]) -> tuple[list[_Mark], bool]:
    """Return the codes in the text, in their order, and whether there is an answer to a question not asked."""
    found, is_strange = [], False
    for place, line in enumerate(lines):
        for match in _TOKEN.finditer(line.text):
            if match["end"]:
                found.append(_Mark(place, match.start(), match.end(), "", is_answer=False, is_end=True))
                continue
            code = match["code"].upper()
            is_answer = bool(match["answer"] or match["colon"])
            if code in known:
                found.append(_Mark(place, match.start(), match.end(), code, is_answer))
            elif match["answer"]:
                behind = line.text[match.end() :].strip()
                below = lines[place + 1].text if place + 1 < len(lines) else ""
                is_strange = is_strange or bool(behind) or bool(below and "[" not in below)
                found.append(_Mark(place, match.start(), match.end(), "", is_answer=False, is_end=True))
    return found, is_strange


@dataclass(frozen=True)
class _Region:
    """What stands behind a code: the lines, their places, and whether it is certain where they end."""

    texts: list[str]
    places: list[int]
    is_sure: bool

    def words(self, item: Item) -> str:
        """Return them as they are meant: a long text in its lines, everything else on one."""
        if item.item.type is QuestionType.LONG:
            return "\n".join(self.texts).strip()
        return " ".join(" ".join(self.texts).split())


def _region(lines: Sequence[Line], mark: _Mark, following: _Mark | None, own: Cut) -> _Region:
    """Return what stands behind a code, up to the next one or to where another mail or a signature begins."""
    depth = lines[mark.line].depth
    last = following.line if following else len(lines) - 1
    is_open = following is None
    kept: list[tuple[int, str]] = []
    for place in range(mark.line, last + 1):
        line = lines[place]
        if place > mark.line and line.text and (place in own.heads or line.depth > depth):
            is_open = True
            break
        start = mark.after if place == mark.line else 0
        stop = following.start if following and place == following.line else len(line.text)
        kept.append((place, line.text[start:stop].strip()))
    signed = next((at for at, (_, text) in enumerate(kept) if at and text and ends_here(text)), None)
    is_cut = is_open and signed is not None
    if is_cut:
        kept = kept[:signed]
    while kept and not kept[-1][1]:
        kept.pop()
    depths = {lines[place].depth for place, text in kept if text and place > mark.line}
    return _Region(
        [text for _, text in kept], [mark.line, *(place for place, _ in kept)], not is_cut and len(depths) < 2
    )


def _judge(item: Item, said: list[tuple[str, bool]], heads: list[str], language: Language | str) -> Found | None:
    """Say what was answered to one question, wherever its code stands."""
    written = {words: is_sure for words, is_sure in said if words}
    touched = any(_bare(head) not in _untouched(item) for head in heads)
    if not written:
        return Found(Certainty.DOUBTFUL, said=" ".join(heads).strip()) if touched else None
    if touched or len(written) > 1:
        return Found(Certainty.DOUBTFUL, said="\n".join([*(heads if touched else []), *written]))
    [(words, is_sure)] = written.items()
    posted = as_posted(item, words)
    if posted is None or (not is_sure and not item.is_chosen):
        return Found(Certainty.DOUBTFUL, said=words)
    if item.is_chosen:
        return Found(Certainty.SURE, posted, words)
    value = read_value(item.item, words, language)
    if isinstance(value, Refused):
        return Found(Certainty.DOUBTFUL, said=words)
    # A page shows a day only as computers write it.
    return Found(Certainty.SURE, {item.name: [str(value)]} if item.item.type is QuestionType.DATE else posted, words)


def _untouched(item: Item) -> set[str]:
    """Return how the words between the two codes of a question read where nobody wrote among them."""
    before = f"{item.label} {item.options_line()} {item.hint}"
    return {_bare(before), _bare(f"{before} antwoord"), _bare(f"{before} answer")}


def _bare(words: str) -> str:
    """Return letters and figures alone, without the number of the question before them."""
    return "".join(letter for letter in words.casefold() if letter.isalnum()).lstrip("0123456789")


def _free(lines: Sequence[Line], own: Cut, covered: set[int]) -> str:
    """Return the words that somebody wrote outside every answer."""
    if not covered.intersection(own.own):
        return own.said
    left = [lines[place].text for place in own.own if place not in covered]
    return "\n".join(left).strip()
