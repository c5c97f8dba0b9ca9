"""Say what a validator found in words that the author of a data file understands."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sandwich.definitions.mistakes import Mistake
from sandwich.definitions.places import Loc, Places

_EXPECTED = (
    ("string", "a text"),
    ("int", "a whole number"),
    ("float", "a number"),
    ("decimal", "a number"),
    ("bool", "true or false"),
    ("tuple", "a list (lines that begin with a dash)"),
    ("list", "a list (lines that begin with a dash)"),
    ("set", "a list (lines that begin with a dash)"),
    ("frozen_set", "a list (lines that begin with a dash)"),
    ("model", "a block with keys of its own"),
    ("dict", "a block with keys of its own"),
    ("datetime", "a date with a time such as 2026-11-05T13:30"),
    ("date", "a date such as 2026-11-05"),
    ("timedelta", "a duration"),
    ("time", "a time such as 13:30"),
)
_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_LANGUAGES = {"nl": "Dutch", "en": "English"}


def mistakes_of(error: ValidationError, data: Any, model: type[BaseModel], places: Places) -> list[Mistake]:
    """Return every mistake in ``data``, which was read from the file of ``places`` and should be a ``model``."""
    return [_mistake(details, data, model, places) for details in _without_echoes(error.errors(), data)]


def nearest(name: object, names: Sequence[str]) -> str:
    """Return the remedy for a name that is not one of ``names``."""
    close = get_close_matches(str(name), names, n=1)
    if close and len(names) > 12:
        return f'Did you mean "{close[0]}"?'
    hint = f'Did you mean "{close[0]}"? ' if close else ""
    return f"{hint}Use one of: {', '.join(names)}." if names else "Remove it."


def _mistake(details: ErrorDetails, data: Any, model: type[BaseModel], places: Places) -> Mistake:
    path = _real(details["loc"], data)
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    subject = _subject(path, data)
    if kind == "missing":
        what, remedy = _missing(details["loc"], data)
    elif kind == "extra_forbidden":
        what = f'the key "{path[-1]}" is not known{_owner(path, data, "in")}.'
        remedy = nearest(path[-1], sorted(_fields_at(model, path[:-1])))
    elif kind in {"enum", "literal_error"}:
        what = f"{_noun(path)} {_given(value)} does not exist."
        remedy = nearest(value, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    elif kind in {"value_error", "assertion_error"}:
        what, remedy = _sentence(str(context.get("error", details["msg"]))), ""
        if path and not (isinstance(value, dict) and f"{value.get('key')!r}" in what):
            what = f"{subject}: {what}"
        path = (*path, *_named_in(what, value))
    elif kind in _LIMITS:
        name, words = _LIMITS[kind]
        what, remedy = (f"{subject} is {value}.", f"Write a number {words} {context.get(name)}.")
    elif kind == "string_too_short" or value is None:
        what, remedy = (f"nothing stands behind {subject}.", "Fill it in, or remove the key.")
    elif kind in {"too_short", "too_long"}:
        least = kind == "too_short"
        count = context.get("min_length" if least else "max_length")
        limit = f"{'at least' if least else 'at most'} {count} can stand there"
        what = f"{subject} has {context.get('actual_length')} items, {limit}."
        remedy = "Add what lacks." if least else "Remove some."
    elif kind == "invalid_key":
        what, remedy = (f"the key {path[-1] if path else ''} is a number.", "Put it between double quotes.")
    elif expected := _expected(kind, context):
        what, remedy = (
            f"{subject} must be {expected}, but {_given(value)} stands there.",
            _advice(expected, model, path),
        )
    else:
        what = f"{subject} does not fit: {details['msg'].removeprefix('Input ').rstrip('.')}."
        remedy = "Compare it with another file of the same kind."
    return places.mistake(path, what, remedy)


def _missing(loc: Loc, data: Any) -> tuple[str, str]:
    path, lacking = _real(loc[:-1], data), loc[-1]
    if isinstance(lacking, int):
        return (f"{_subject(path, data)} has too few items.", f"Write at least {lacking + 1}.")
    if lacking in _LANGUAGES:
        what = f"{_subject(path, data)} has no {_LANGUAGES[lacking]}."
        return what, f'Add "{lacking}: …"; every text is written in both languages.'
    return (f'the key "{lacking}" is missing{_owner((*path, lacking), data, "in")}.', f'Add a line "{lacking}: …".')


def _advice(expected: str, model: type[BaseModel], path: Loc) -> str:
    names = sorted(_fields_at(model, path)) if "block" in expected else []
    names = names if len(names) <= 12 else []
    return f"Write {expected}{' (' + ', '.join(names) + ')' if names else ''}."


def _expected(kind: str, context: dict[str, Any]) -> str | None:
    if kind == "one_of_several":
        return str(context["expected"])
    return next((words for start, words in _EXPECTED if kind.startswith(f"{start}_")), None)


def _without_echoes(errors: list[ErrorDetails], data: Any) -> Iterator[ErrorDetails]:
    """Leave out what a validator says about readings of a value that the author did not mean.

    Where a value may be written in several ways, a validator reports each way that failed. The ways that do not even
    have the right shape are dropped; if none has it, one mistake names all shapes.
    """
    groups: dict[Loc, dict[Any, list[ErrorDetails]]] = defaultdict(lambda: defaultdict(list))
    for details in _once_per_list(errors):
        loc = details["loc"]
        fork = _fork(details, data)
        if fork is None:
            yield details
        else:
            groups[loc[:fork]][loc[fork]].append(details)
    for prefix, ways in groups.items():
        deep = [found for found in ways.values() if any(not _is_shape(one, len(prefix)) for one in found)]
        if deep:
            yield from min(deep, key=len)
            continue
        flat = [one for found in ways.values() for one in found]
        shapes = dict.fromkeys(_expected(one["type"], one.get("ctx", {})) or "something else" for one in flat)
        yield {**flat[0], "type": "one_of_several", "loc": prefix, "ctx": {"expected": " or ".join(shapes)}}


def _once_per_list(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Keep one error for a list with too few items, and none where items are only lacking because they are wrong."""
    kept: dict[Loc, ErrorDetails] = {}
    for details in errors:
        loc = details["loc"]
        inside = any(other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in errors)
        if details["type"] == "too_short" and inside:
            continue
        lacking = details["type"] == "missing" and isinstance(loc[-1], int)
        kept[(*loc[:-1], "*") if lacking else (*loc, details["type"])] = details
    return list(kept.values())


def _is_shape(details: ErrorDetails, depth: int) -> bool:
    return len(details["loc"]) == depth + 1 and _expected(details["type"], details.get("ctx", {})) is not None


def _fork(details: ErrorDetails, data: Any) -> int | None:
    """Return where in the location the name of a way of writing stands, if it has one."""
    loc = details["loc"]
    for index, step in enumerate(loc):
        if not _has(data, step):
            return None if details["type"] == "missing" and index == len(loc) - 1 else index
        data = data[step]
    return None


def _real(loc: Loc, data: Any) -> Loc:
    """Return the steps of ``loc`` that exist in the file."""
    path: list[int | str] = []
    for step in loc:
        if _has(data, step):
            data = data[step]
            path.append(step)
    return tuple(path)


def _has(data: Any, step: int | str) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _subject(path: Loc, data: Any) -> str:
    """Name what stands at ``path``: ``"minutes"``, ``"label" of question "goal_1"``."""
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"{_singular(path)} {path[-1] + 1}{_owner(path[:-1], data)}"
    return f'"{path[-1]}"{_owner(path, data)}'


def _owner(path: Loc, data: Any, word: str = "of") -> str:
    """Name the nearest thing around ``path`` that has a key of its own, after ``word``."""
    for end in range(len(path) - 1, 0, -1):
        if isinstance(path[end - 1], int):
            item = data
            for step in path[:end]:
                item = item[step]
            name = item.get("key") if isinstance(item, dict) else None
            noun = _singular(path[:end])
            return f' {word} {noun} "{name}"' if isinstance(name, str) else f" {word} {noun} {int(path[end - 1]) + 1}"
    return ""


def _noun(path: Loc) -> str:
    """Name a kind of value: ``question type``, ``audience``."""
    if len(path) >= 3 and isinstance(path[-2], int):
        return f"{_singular(path[:-1])} {path[-1]}"
    return str(path[-1]) if path else "the file"


def _singular(path: Loc) -> str:
    name = next((step for step in reversed(path) if isinstance(step, str)), "item")
    return name.removesuffix("s") or name


def _given(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value if len(value) <= 40 else value[:39] + "…"}"'
        case datetime() | date() | time():
            return f"the date {value.isoformat()}"
        case list():
            return "a list"
        case dict():
            return "a block with keys of its own"
        case _:
            return str(value)


def _sentence(message: str) -> str:
    message = message.strip()
    return f"{message[:1].lower()}{message[1:].rstrip('.')}." if message else "this does not fit."


def _named_in(message: str, block: Any) -> Loc:
    """Find the last item of a list in ``block`` whose key the message quotes: that is where to look."""
    for name, items in block.items() if isinstance(block, dict) else ():
        for number in range(len(items) - 1, -1, -1) if isinstance(items, list) else ():
            if isinstance(items[number], dict) and f"{items[number].get('key')!r}" in message:
                return (name, number)
    return ()


def _fields_at(model: type[BaseModel], path: Loc) -> set[str]:
    """Return the keys that a block at ``path`` may have."""
    models = [model]
    for step in path:
        if isinstance(step, str):
            found = [m.model_fields[step].annotation for m in models if step in m.model_fields]
            if found:
                models = [inner for annotation in found for inner in _models_in(annotation)]
    return {name for candidate in models for name in candidate.model_fields}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not get_args(annotation):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    for argument in get_args(annotation):
        yield from _models_in(argument)
