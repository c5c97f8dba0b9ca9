"""What a validator expected, in words that a person understands: of a data file, or of a setting."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from models.text import Text

BLOCK = Text(nl="een blok met eigen sleutels", en="a block with keys of its own")
SOMETHING_ELSE = Text(nl="iets anders", en="something else")
_NUMBER = Text(nl="een getal", en="a number")
_LIST = Text(nl="een lijst (regels die met een streepje beginnen)", en="a list (lines that begin with a dash)")
_SHAPES = (
    ("string", Text(nl="een tekst", en="a text")),
    ("int", Text(nl="een heel getal", en="a whole number")),
    ("float", _NUMBER),
    ("decimal", _NUMBER),
    ("bool", Text(nl="true of false", en="true or false")),
    ("tuple", _LIST),
    ("list", _LIST),
    ("set", _LIST),
    ("frozen_set", _LIST),
    ("model", BLOCK),
    ("dict", BLOCK),
    (
        "datetime",
        Text(nl="een datum met een tijd, zoals 2026-11-05T13:30", en="a date with a time such as 2026-11-05T13:30"),
    ),
    ("date", Text(nl="een datum zoals 2026-11-05", en="a date such as 2026-11-05")),
    ("timedelta", Text(nl="een duur", en="a duration")),
    ("time", Text(nl="een tijd zoals 13:30", en="a time such as 13:30")),
)
_LIMITS = {
    "greater_than": ("gt", Text(nl="een getal boven {limit}", en="a number above {limit}")),
    "greater_than_equal": ("ge", Text(nl="een getal van minstens {limit}", en="a number at least {limit}")),
    "less_than": ("lt", Text(nl="een getal onder {limit}", en="a number below {limit}")),
    "less_than_equal": ("le", Text(nl="een getal van hoogstens {limit}", en="a number at most {limit}")),
    "string_too_long": (
        "max_length",
        Text(nl="een tekst van hoogstens {limit} tekens", en="a text of at most {limit} characters"),
    ),
}
CHOICES = frozenset({"enum", "literal_error"})
"""The kinds of error of a value that is not one of a few."""

ONE_OF_SEVERAL = "one_of_several"
"""Our own kind of error: of a value that may be written in several ways, and is written in none."""


def shape(kind: str, context: Mapping[str, Any]) -> Text | None:
    """Return the shape that a value should have, where ``kind`` of error is about its shape."""
    if kind == ONE_OF_SEVERAL:
        expected: Text = context["expected"]
        return expected
    return next((words for start, words in _SHAPES if kind.startswith(f"{start}_")), None)


def limit(kind: str, context: Mapping[str, Any]) -> Text | None:
    """Return what may be written, where ``kind`` of error is about a limit."""
    if kind not in _LIMITS:
        return None
    name, words = _LIMITS[kind]
    return words.filled(limit=context.get(name))


def choices(context: Mapping[str, Any]) -> list[str]:
    """Return the few values that may be written."""
    return re.findall(r"'([^']*)'", str(context.get("expected", "")))


def either(shapes: Iterable[Text]) -> Text:
    """Join shapes of which any may be written."""
    return Text(nl=" of ".join(one.nl for one in shapes), en=" or ".join(one.en for one in shapes))
