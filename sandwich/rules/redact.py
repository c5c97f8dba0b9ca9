"""Find one person's name and addresses in texts that others wrote, and put nothing in their place."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

REDACTED = "[…]"
"""What stands in a text where a name was; the same in every language."""

_APART = r"[\s._,;/(-]+"
_BLANKS = r"[\s()./-]*"
_TITLES = ("dhr", "mevr", "mw", "meneer", "mevrouw", "heer", "juf", "meester", "mr", "mrs", "ms")


@dataclass(frozen=True)
class Known:
    """What is known of the person that goes. ``organisations`` are the names of all companies and schools."""

    given: str
    infix: str
    family: str
    addresses: tuple[str, ...]
    organisations: tuple[str, ...]


class Redaction:
    """The patterns of one person.

    Everywhere: the whole name (also *Laan, Erik*, *E. Laan* and *mevrouw Laan*), the family name by itself, and each
    address. Two exceptions keep what is not theirs. A family name that is also a word in an organisation's name is
    left where it stands alone, since it may mean the firm. The given name alone goes only from texts that name them in
    full as well, and from those of activities in which they took part (``close``): elsewhere it is somebody else's.
    """

    def __init__(self, known: Known) -> None:
        """Make the patterns; parts of a name that are empty match nothing."""
        named_alike = {word for name in known.organisations for word in _words(name)}
        family = _spelled(known.infix, known.family)
        whole = [*map(_address, known.addresses), *_whole_names(known)]
        alone = [] if known.family.casefold() in named_alike else _alone(known.family, family)
        given = [] if known.given.casefold() in named_alike else _alone(known.given, [_part(known.given)])
        self._strict = _either(whole)
        self._far = _either([*whole, *alone])
        self._close = _either([*whole, *alone, *given])

    def of(self, value: Any, *, close: bool = False, strict: bool = False) -> Any:
        """Return ``value``, a text or lists and mappings of texts, without the person; the same when it has none.

        ``strict`` is for the names of organisations: there the family name alone stays.
        """
        if strict:
            return _walk(self._strict, value)
        without = value if close else _walk(self._far, value)
        return _walk(self._close, value) if close or without != value else value


def _walk(pattern: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return pattern.sub(REDACTED, unicodedata.normalize("NFC", value)) if pattern.search(_nfc(value)) else value
    if isinstance(value, list):
        return [_walk(pattern, item) for item in value]
    if isinstance(value, dict):
        return {key: _walk(pattern, item) for key, item in value.items()}
    return value


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", _nfc(text).casefold())


def _whole_names(known: Known) -> list[str]:
    """Return patterns for the name with its given name, an initial or a title; the letters' case does not matter."""
    if not known.family:
        return [_bounded(f"(?i:{_part(known.given)})")] if known.given else []
    infix = f"(?:{_before_family(known.infix)})?" if known.infix else ""
    behind = f"{_APART}{_part(known.infix)}" if known.infix else ""
    family = f"{infix}{_part(known.family)}"
    before = [f"(?:{'|'.join(_TITLES)})[.]?"]
    patterns = []
    if known.given:
        before += [_part(known.given), f"{_part(known.given[0])}[.]?"]
        first = f"(?:{_part(known.given)}|{_part(known.given[0])}[.]?)"
        patterns.append(_bounded(f"(?i:{_part(known.family)}{_APART}{first}(?:{behind})?)"))
        patterns.append(_bounded(f"(?i:{_part(known.given)}{_part(known.infix)}{_part(known.family)})"))
    patterns.append(_bounded(f"(?i:(?:{'|'.join(before)}){_APART}{family})"))
    return patterns


def _spelled(infix: str, family: str) -> list[str]:
    if not family:
        return []
    whole = f"{_before_family(infix)}{_part(family)}" if infix else ""
    return [part for part in (whole and f"(?i:{whole})", _part(family), _part(family.upper())) if part]


def _alone(name: str, patterns: Iterable[str]) -> list[str]:
    """A name by itself is a name only as it is written, with its capitals: *Laan* is one, *laan* is a road."""
    return [_bounded(pattern) for pattern in patterns] if len(name) > 1 else []


def _address(address: str) -> str:
    digits = re.sub(r"\D", "", address)
    if "@" in address or len(digits) < 6:
        return rf"(?i:(?<![\w.+-]){re.escape(_nfc(address))}(?![\w-]))"
    national = re.sub(r"^(?:0031|31|0)", "", digits) if address.lstrip().startswith(("+31", "0")) else digits
    return rf"(?<!\d)(?:\+31|0031|0)?{_BLANKS}{_BLANKS.join(national)}(?!\d)"


def _before_family(infix: str) -> str:
    """Return the pattern of an infix with what parts it from the family name: nothing, after an apostrophe."""
    return _part(infix) + (r"\s*" if infix.endswith(("'", "’")) else _APART)


def _part(text: str) -> str:
    words = (re.escape(word) for word in _nfc(text).split())
    return re.sub("['’]", "['’]", r"\s+".join(words))


def _bounded(pattern: str) -> str:
    """No letter or digit before or behind it, but an s of possession."""
    return rf"(?<![^\W_]){pattern}(?:['’]?s)?(?![^\W_])"


def _either(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) if patterns else r"(?!)")
