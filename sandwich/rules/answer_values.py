"""Read one typed or chosen value: a text from a form field in, the value that is stored out."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from pydantic import JsonValue

from models.choices import Option, Scale
from models.form import Column, Format, Question, QuestionType
from models.text import Language, Text
from sandwich.rules import answer_sentences as say

LARGEST = 10**9
"""Larger numbers are typing mistakes in every form."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}
_BREAKS = re.compile("[\n\t\u2028\u2029]+")
_EMAIL = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,64}@[^\s@<>(),;:\"\\\[\]]+\.[^\s@.<>(),;:\"\\\[\]]{2,}")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DUTCH_DATE = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{2,4})")
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?uur)?")
_DATETIME = re.compile(r"(?P<date>[0-9]+[-/. ][0-9]+[-/. ][0-9]+)(?:T|,? +)(?P<time>[0-9].*)")


@dataclass(frozen=True)
class Refused:
    """A value that cannot be taken: the sentence that says why, and the figures in it."""

    sentence: Text
    figures: Mapping[str, object] = field(default_factory=dict)

    def words(self, language: Language | str, formal: bool) -> str:
        """Return the sentence in the reader's language."""
        return self.sentence.to(language, formal=formal).format(**self.figures)


def cleaned(value: str) -> str:
    """Return ``value`` without characters that no text has: control characters, half characters, and marks that would
    turn the direction of what follows on a page. Emoji stay, and so does writing from right to left.
    """
    return _UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def is_blank(value: str) -> bool:
    """Whether nothing can be seen in ``value``."""
    return all(unicodedata.category(character) in _INVISIBLE for character in value.strip())


def content_digest(fields: Mapping[str, Sequence[str]]) -> str:
    """Return a short digest of what stands in a form: the same however a browser writes it, blank fields left out."""
    said: list[list[str]] = []
    for name in sorted(fields):
        values = [value.strip() for value in map(cleaned, fields[name]) if not is_blank(value)]
        said += [[name, value] for value in sorted(values)]
    # The empty list keeps the digests of pages that were open, and of answers that were kept, when files stood there.
    text = json.dumps([said, []], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def options_of(item: Question | Column) -> tuple[Option, ...]:
    """Return the options of a question or column of a resolved form; none where it has no options."""
    if item.options is None or isinstance(item.options, tuple):
        return item.options or ()
    raise ValueError(f"the form is not resolved: {item.key} still names the list {item.options}")


def scale_of(item: Question | Column) -> Scale:
    """Return the scale of a question or column of a resolved form."""
    if isinstance(item.scale, Scale):
        return item.scale
    raise ValueError(f"the form is not resolved: {item.key} has the scale {item.scale}")


def read_value(item: Question | Column, raw: str, language: Language | str) -> JsonValue | Refused:
    """Read the cleaned, not blank ``raw`` as an answer to ``item``, a question or column of one value."""
    value = raw.strip()
    match item.type:
        case QuestionType.SHORT | QuestionType.LONG:
            return _text(item, value)
        case QuestionType.SINGLE:
            return value if value in {option.key for option in options_of(item)} else Refused(say.NO_OPTION)
        case QuestionType.SCALE5:
            if value == "na" and item.not_applicable:
                return value
            return int(value) if value in {"1", "2", "3", "4", "5"} else Refused(say.NO_OPTION)
        case QuestionType.YESNO:
            return {"yes": True, "no": False}.get(value, Refused(say.NO_OPTION))
        case QuestionType.NUMBER:
            return _number(item, value, language)
        case QuestionType.DATE:
            day = _date(value)
            return day if isinstance(day, Refused) else day.isoformat()
        case QuestionType.TIME:
            clock = _time(value)
            return clock if isinstance(clock, Refused) else clock.isoformat("minutes")
        case QuestionType.DATETIME:
            return _datetime(value)
    raise AssertionError(f"{item.type} is not of one value")


def _text(item: Question | Column, value: str) -> str | Refused:
    if item.type is QuestionType.SHORT:
        value = _BREAKS.sub(" ", value)
    if len(value) > item.length_limit:
        return Refused(say.TOO_LONG, {"limit": item.length_limit, "over": len(value) - item.length_limit})
    if item.format is Format.EMAIL and not _EMAIL.fullmatch(value):
        return Refused(say.NO_EMAIL)
    if item.format is Format.PHONE and not 6 <= sum(character in "0123456789" for character in value) <= 20:
        return Refused(say.NO_PHONE)
    return value


def _number(item: Question | Column, value: str, language: Language | str) -> JsonValue | Refused:
    value = value.removeprefix("€").removesuffix(",-").replace("\u00a0", "").replace(" ", "").replace("−", "-")
    group, point = (",", ".") if language == Language.ENGLISH else (".", ",")
    if re.fullmatch(rf"-?[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})+(?:{re.escape(point)}[0-9]+)?", value):
        value = value.replace(group, "")
    value = value.replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,40}(?:\.[0-9]{1,20})?", value):
        return Refused(say.NO_NUMBER)
    number = Decimal(value)
    least, most = item.minimum, item.maximum
    if least is not None and number < Decimal(str(least)):
        return Refused(say.TOO_SMALL, {"limit": number_text(least, language)})
    if number > (LARGEST if most is None else Decimal(str(most))):
        return Refused(say.TOO_LARGE, {"limit": number_text(LARGEST if most is None else most, language)})
    if number < -LARGEST:
        return Refused(say.TOO_SMALL, {"limit": number_text(-LARGEST, language)})
    if number == number.to_integral_value():
        return int(number)
    return Refused(say.NOT_WHOLE) if item.whole else float(number)


def number_text(number: float, language: Language | str) -> str:
    """Write a number as it is typed into a form: ``1,5`` in Dutch, ``1.5`` in English, no thousands mark."""
    text = format(Decimal(str(number)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if language == Language.ENGLISH else text.replace(".", ",")


def _date(value: str) -> date | Refused:
    if found := _ISO_DATE.fullmatch(value):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DUTCH_DATE.fullmatch(value):
        day, month, year = (int(part) for part in found.groups())
    else:
        return Refused(say.NO_DATE)
    if not 1900 <= year <= 2100:
        return Refused(say.ODD_YEAR)
    try:
        return date(year, month, day)
    except ValueError:
        return Refused(say.IMPOSSIBLE_DATE)


def _time(value: str) -> time | Refused:
    found = _TIME.fullmatch(value)
    try:
        return time(int(found[1]), int(found[2])) if found else Refused(say.NO_TIME)
    except ValueError:
        return Refused(say.NO_TIME)


def _datetime(value: str) -> str | Refused:
    found = _DATETIME.fullmatch(value)
    if not found:
        return Refused(say.NO_DATETIME)
    day, clock = _date(found["date"]), _time(found["time"])
    if isinstance(day, Refused):
        return day
    return clock if isinstance(clock, Refused) else datetime.combine(day, clock).isoformat(timespec="minutes")
