"""What somebody wrote themselves in a reply: without the mail that it answers, and without the signature.

Dutch and English, as the usual programs write it. Where it is not certain that words are quoted, they stay: a
coordinator who reads a line too many loses nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sandwich.mail.replies.plain import Line

MOST_IN_HEAD = 4
"""Lines over which a program may wrap the line that says who wrote what is quoted."""

MOST_IN_SIGNATURE = 15
"""Lines below a greeting at the end that are still taken for a signature."""

_DAY = (
    r"(?:\d{1,4}|(?:maan|dins|woens|donder|vrij|zater|zon)dag|ma|di|wo|do|vr|za|zo"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|vandaag|gisteren|today|yesterday)"
)
_HEADS = re.compile(
    rf"(?:(?:op|on)\s+(?:het moment\s+)?{_DAY}\b.{{0,250}}\b(?:schreef|wrote|geschreven|writes|schrijft)\b.{{0,200}}:"
    rf"|[^:]{{1,120}}<[^<>\s]+@[^<>\s]+>\s*(?:schreef|wrote|schrijft)\b.{{0,120}}:"
    rf"|[^:<>]{{1,120}}\s(?:schreef|wrote)\s(?:op|on|the following)\b.{{0,160}}:"
    rf"|[^:<>]{{1,60}}\s(?:schreef|wrote)(?: het volgende)?:"
    rf"|\d{{4}}-\d\d-\d\d \d\d:\d\d.{{0,20}}\s.{{1,120}}<[^<>\s]+@[^<>\s]+>:)",
    re.IGNORECASE,
)
_RULES = re.compile(
    r"[-_*= ]{2,}\s*(?:oorspronkelijk bericht|oorspronkelijke e-?mail|origineel bericht|original message|"
    r"original e-?mail|doorgestuurd bericht|forwarded message|reply message|antwoordbericht)\b.{0,60}"
    r"|begin (?:doorgestuurd bericht|forwarded message)\s*:"
    r"|(?:oorspronkelijk bericht|original message)\s*:?",
    re.IGNORECASE,
)
_FROM = re.compile(r"\W{0,3}(?:van|from|afzender)\W{0,3}:\W{0,3}.*\S", re.IGNORECASE)
_OTHER = re.compile(
    r"\W{0,3}(?:verzonden|verstuurd|datum|sent|date|aan|to|cc|onderwerp|subject|beantwoorden aan|reply-to)\W{0,3}:",
    re.IGNORECASE,
)
_UNDERLINE = re.compile(r"[_\-=*]{8,}")
_SIGNATURE = re.compile(
    r"--|__|—"
    r"|(?:verstuurd|verzonden|gestuurd)\s(?:vanaf|via|van|met|vanuit|door)\b.{1,80}"
    r"|sent\s(?:from|via|with)\b.{1,80}"
    r"|(?:get|download)\soutlook\b.{0,80}|outlook\svoor\s.{1,60}"
    r"|(?:download|haal)\s.{0,30}outlook.{0,60}",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:met\s)?(?:vriendelijke|hartelijke|collegiale|sportieve|warme|veel|lieve|zonnige|beste|de)?\s?"
    r"groe(?:t|ten|tjes)"
    r"|hoogachtend|mvg|m\.v\.g|vr\.?\s?gr|gr|alvast bedankt|bedankt alvast"
    r"|(?:kind|best|warm|with kind|with best|many)?\s?(?:regards|wishes)"
    r"|yours (?:sincerely|faithfully|truly)|sincerely|cheers)"
    r"(?!\w)(?:\s(?:van|from|en tot (?:dan|ziens)))?[ ,.!]*(?:[^\W\d_][\w.'’-]*[ ,.]*){0,4}",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:hoi|hallo|hai|hey|hi|hello|dag|beste|geachte|lieve|dear|goede?\s?(?:morgen|middag|avond|dag)|good\s(?:morning|"
    r"afternoon|evening))(?:\s[^,.!?:]{0,40})?[,.!]*",
    re.IGNORECASE,
)
_PGP = re.compile(r"-----(BEGIN|END) PGP ([A-Z ]+)-----")


@dataclass(frozen=True)
class Cut:
    """Which lines somebody wrote themselves, by their place; ``said`` are those words without a greeting.

    ``heads`` are the places where a program says that what follows is quoted. ``is_encrypted``: nobody here can read
    it.
    """

    own: tuple[int, ...]
    heads: frozenset[int]
    said: str
    is_encrypted: bool = False


def cut(lines: Sequence[Line]) -> Cut:
    """Find what somebody wrote themselves in the lines of a reply."""
    armour, is_encrypted = _armour(lines)
    heads = _heads(lines)
    own: list[int] = []
    start = 0
    chunks: list[list[int]] = []
    place = 0
    while place < len(lines):
        if place in heads:
            chunks.append([one for one in range(start, place) if one not in armour])
            after = place + heads[place]
            # Behind a head everything is quoted, unless marks tell what is from what was written between or below.
            marked = next((one for one in range(after, len(lines)) if lines[one].text), None)
            if marked is None or lines[marked].depth <= lines[place].depth:
                start = len(lines)
                break
            start = place = after
            continue
        if lines[place].depth > 0 and lines[place].text:
            chunks.append([one for one in range(start, place) if one not in armour])
            while place < len(lines) and (lines[place].depth > 0 or not lines[place].text):
                place += 1
            start = place
            continue
        place += 1
    chunks.append([one for one in range(start, len(lines)) if one not in armour])
    for chunk in chunks:
        own += _unsigned(lines, [one for one in chunk if lines[one].depth == 0])
    said = "\n".join(lines[one].text for one in own).strip()
    return Cut(tuple(own), frozenset(heads), ungreeted(said), is_encrypted)


def ungreeted(said: str) -> str:
    """Return words without a greeting on a line of its own above them."""
    first, _, rest = said.strip().partition("\n")
    return rest.strip() if _GREETING.fullmatch(first.strip()) else said.strip()


def ends_here(line: str) -> bool:
    """Whether a signature or a greeting at the end begins with this line."""
    return bool(_SIGNATURE.fullmatch(line) or _CLOSING.fullmatch(line))


def _heads(lines: Sequence[Line]) -> dict[int, int]:
    """Return the places where quoting begins, with the number of lines that say so."""
    found: dict[int, int] = {}
    for place, line in enumerate(lines):
        if not line.text:
            continue
        if length := _head_at(lines, place):
            found[place] = length
    return found


def _head_at(lines: Sequence[Line], place: int) -> int:
    line = lines[place]
    if _RULES.fullmatch(line.text):
        return 1
    if _FROM.fullmatch(line.text) and _block(lines, place) >= 2:
        return 1
    if _UNDERLINE.fullmatch(line.text):
        behind = next((one for one in range(place + 1, len(lines)) if lines[one].text), None)
        return 1 if behind is not None and _FROM.fullmatch(lines[behind].text) and _block(lines, behind) >= 2 else 0
    if not re.match(r"(?:op|on)\b|.*(?:schreef|wrote|schrijft)|\d{4}-", line.text, re.IGNORECASE):
        return 0
    joined = ""
    for length in range(1, MOST_IN_HEAD + 1):
        if place + length > len(lines) or not lines[place + length - 1].text:
            return 0
        joined = f"{joined} {lines[place + length - 1].text}".strip()
        if joined.endswith(":"):
            return length if _HEADS.fullmatch(joined) else 0
    return 0


def _block(lines: Sequence[Line], place: int) -> int:
    """Return how many other lines of a head stand right below a line that says from whom it is."""
    below = [line.text for line in lines[place + 1 : place + 12] if line.text][:6]
    return sum(1 for text in below if _OTHER.match(text))


def _unsigned(lines: Sequence[Line], chunk: list[int]) -> list[int]:
    """Return a piece without the signature at its end."""
    for at, place in enumerate(chunk):
        text = lines[place].text
        if _SIGNATURE.fullmatch(text):
            return chunk[:at]
        if _CLOSING.fullmatch(text):
            below = [one for one in chunk[at + 1 :] if lines[one].text]
            if len(below) <= MOST_IN_SIGNATURE:
                return chunk[:at]
    return chunk


def _armour(lines: Sequence[Line]) -> tuple[set[int], bool]:
    """Return the lines around a text that was signed with PGP, and whether anything is encrypted."""
    gone: set[int] = set()
    is_encrypted, inside = False, False
    for place, line in enumerate(lines):
        found = _PGP.fullmatch(line.text)
        if found:
            gone.add(place)
            is_encrypted = is_encrypted or found[2] == "MESSAGE"
            if found[1] == "BEGIN" and found[2] == "SIGNED MESSAGE":
                after = place + 1
                while after < len(lines) and lines[after].text:
                    gone.add(after)
                    after += 1
            else:
                inside = found[1] == "BEGIN"
        elif inside:
            gone.add(place)
    return gone, is_encrypted
