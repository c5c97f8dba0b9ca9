"""Say what a validator found in words that the author of a data file understands."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.text import Misfit, Text
from sandwich.definitions.echoes import real, without_echoes
from sandwich.definitions.expected import BLOCK, CHOICES, choices, limit, shape
from sandwich.definitions.mistakes import Mistake
from sandwich.definitions.places import Loc, Places

_LANGUAGES = {"nl": Text(nl="Nederlands", en="Dutch"), "en": Text(nl="Engels", en="English")}
_NOUNS = {
    "question": "vraag",
    "column": "kolom",
    "option": "optie",
    "row": "rij",
    "scale": "schaal",
    "list": "lijst",
    "step": "stap",
    "reminder": "herinnering",
    "purpose": "doel",
    "form": "formulier",
    "playbook": "draaiboek",
    "school": "school",
    "item": "onderdeel",
}
"""What the items of a list are called in Dutch; any other list keeps the name that it has in the file."""

_FILE = Text(nl="het bestand", en="the file")
_NOT_KNOWN = Text(nl='de sleutel "{key}" is niet bekend{owner}.', en='the key "{key}" is not known{owner}.')
_NO_SUCH = Text(nl="{noun} {given} bestaat niet.", en="{noun} {given} does not exist.")
_BEYOND = Text(nl="{subject} is {value}.", en="{subject} is {value}.")
_WRITE = Text(nl="Schrijf {expected}.", en="Write {expected}.")
_EMPTY = Text(nl="er staat niets achter {subject}.", en="nothing stands behind {subject}.")
_FILL_IN = Text(nl="Vul het in, of haal de sleutel weg.", en="Fill it in, or remove the key.")
_TOO_FEW = Text(
    nl="{subject} heeft er {actual}, er kunnen er minstens {limit} staan.",
    en="{subject} has {actual} items, at least {limit} can stand there.",
)
_TOO_MANY = Text(
    nl="{subject} heeft er {actual}, er kunnen er hoogstens {limit} staan.",
    en="{subject} has {actual} items, at most {limit} can stand there.",
)
_ADD = Text(nl="Voeg toe wat ontbreekt.", en="Add what lacks.")
_REMOVE_SOME = Text(nl="Haal er een paar weg.", en="Remove some.")
_NUMBER_KEY = Text(nl="de sleutel {key} is een getal.", en="the key {key} is a number.")
_QUOTES = Text(nl="Zet hem tussen dubbele aanhalingstekens.", en="Put it between double quotes.")
_OTHER_SHAPE = Text(
    nl="{subject} moet {expected} zijn, maar er staat {given}.",
    en="{subject} must be {expected}, but {given} stands there.",
)
_UNFIT = Text(nl="{subject} past hier niet; er staat {given}.", en="{subject} does not fit here; {given} stands there.")
_COMPARE = Text(
    nl="Vergelijk het met een ander bestand van dezelfde soort.", en="Compare it with another file of the same kind."
)


def mistakes_of(error: ValidationError, data: Any, model: type[BaseModel], places: Places) -> list[Mistake]:
    """Return every mistake in ``data``, which was read from the file of ``places`` and should be a ``model``."""
    return [_mistake(details, data, model, places) for details in without_echoes(error.errors(), data)]


def nearest(name: object, names: Sequence[str]) -> Text:
    """Return the remedy for a name that is not one of ``names``."""
    if not names:
        return Text(nl="Haal het weg.", en="Remove it.")
    close = get_close_matches(str(name), names, n=1)
    if close and len(names) > 12:
        return Text(nl='Bedoelde je "{near}"?', en='Did you mean "{near}"?').filled(near=close[0])
    hint = Text(nl='Bedoelde je "{near}"? ', en='Did you mean "{near}"? ').filled(near=close[0]) if close else ""
    one = Text(nl="{hint}Gebruik een van: {names}.", en="{hint}Use one of: {names}.")
    return one.filled(hint=hint, names=", ".join(names))


def _mistake(details: ErrorDetails, data: Any, model: type[BaseModel], places: Places) -> Mistake:
    path = real(details["loc"], data)
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    subject = _subject(path, data)
    remedy: Text | None
    if kind == "missing":
        what, remedy = _missing(details["loc"], data)
    elif kind == "extra_forbidden":
        what = _NOT_KNOWN.filled(key=path[-1], owner=_owner(path, data, _IN))
        remedy = nearest(path[-1], sorted(_fields_at(model, path[:-1])))
    elif kind in CHOICES:
        what = _NO_SUCH.filled(noun=_noun(path), given=_given(value))
        remedy = nearest(value, choices(context))
    elif isinstance(misfit := context.get("error"), Misfit):
        what, remedy = _sentence(misfit.text), None
        if path and not (isinstance(value, dict) and f"{value.get('key')!r}" in what.en):
            what = Text(nl="{subject}: {what}", en="{subject}: {what}").filled(subject=subject, what=what)
        path = (*path, *_named_in(misfit.text.en, value))
    elif bound := limit(kind, context):
        what, remedy = _BEYOND.filled(subject=subject, value=value), _WRITE.filled(expected=bound)
    elif kind == "string_too_short" or value is None:
        what, remedy = _EMPTY.filled(subject=subject), _FILL_IN
    elif kind in {"too_short", "too_long"}:
        least = kind == "too_short"
        count = context.get("min_length" if least else "max_length")
        what = (_TOO_FEW if least else _TOO_MANY).filled(
            subject=subject, actual=context.get("actual_length"), limit=count
        )
        remedy = _ADD if least else _REMOVE_SOME
    elif kind == "invalid_key":
        what, remedy = _NUMBER_KEY.filled(key=path[-1] if path else ""), _QUOTES
    elif expected := shape(kind, context):
        what = _OTHER_SHAPE.filled(subject=subject, expected=expected, given=_given(value))
        remedy = _advice(expected, model, path)
    else:
        what, remedy = _UNFIT.filled(subject=subject, given=_given(value)), _COMPARE
    return places.mistake(path, what, remedy)


def _missing(loc: Loc, data: Any) -> tuple[Text, Text]:
    path, lacking = real(loc[:-1], data), loc[-1]
    if isinstance(lacking, int):
        what = Text(nl="{subject} heeft er te weinig.", en="{subject} has too few items.")
        remedy = Text(nl="Schrijf er minstens {least}.", en="Write at least {least}.")
        return what.filled(subject=_subject(path, data)), remedy.filled(least=lacking + 1)
    if lacking in _LANGUAGES:
        what = Text(nl="{subject} heeft geen {language}.", en="{subject} has no {language}.")
        remedy = Text(
            nl='Voeg "{key}: …" toe; elke tekst staat er in beide talen.',
            en='Add "{key}: …"; every text is written in both languages.',
        )
        return what.filled(subject=_subject(path, data), language=_LANGUAGES[lacking]), remedy.filled(key=lacking)
    what = Text(nl='de sleutel "{key}" ontbreekt{owner}.', en='the key "{key}" is missing{owner}.')
    remedy = Text(nl='Voeg een regel "{key}: …" toe.', en='Add a line "{key}: …".')
    return what.filled(key=lacking, owner=_owner((*path, lacking), data, _IN)), remedy.filled(key=lacking)


def _advice(expected: Text, model: type[BaseModel], path: Loc) -> Text:
    names = sorted(_fields_at(model, path)) if "block" in expected.en else []
    if not names or len(names) > 12:
        return _WRITE.filled(expected=expected)
    return Text(nl="Schrijf {expected} ({names}).", en="Write {expected} ({names}).").filled(
        expected=expected, names=", ".join(names)
    )


_OF = Text(nl="van", en="of")
_IN = Text(nl="in", en="in")


def _subject(path: Loc, data: Any) -> Text:
    """Name what stands at ``path``: ``"minutes"``, ``"label" of question "goal_1"``."""
    if not path:
        return _FILE
    owner = _owner(path[:-1] if isinstance(path[-1], int) else path, data, _OF)
    if isinstance(path[-1], int):
        name = Text(nl="{noun} {number}", en="{noun} {number}").filled(noun=_singular(path), number=path[-1] + 1)
    else:
        name = Text(nl='"{key}"', en='"{key}"').filled(key=path[-1])
    return Text(nl="{name}{owner}", en="{name}{owner}").filled(name=name, owner=owner)


def _owner(path: Loc, data: Any, word: Text) -> Text | str:
    """Name the nearest thing around ``path`` that has a key of its own, after ``word``."""
    for end in range(len(path) - 1, 0, -1):
        number = path[end - 1]
        if isinstance(number, int):
            item = data
            for step in path[:end]:
                item = item[step]
            key = item.get("key") if isinstance(item, dict) else None
            name = f'"{key}"' if isinstance(key, str) else number + 1
            owner = Text(nl=" {word} {noun} {name}", en=" {word} {noun} {name}")
            return owner.filled(word=word, noun=_singular(path[:end]), name=name)
    return ""


def _noun(path: Loc) -> Text:
    """Name a kind of value: ``question type``, ``audience``."""
    if not path:
        return _FILE
    if len(path) >= 3 and isinstance(path[-2], int):
        noun = Text(nl="{part} van {noun}", en="{noun} {part}")
        return noun.filled(noun=_singular(path[:-1]), part=path[-1])
    return Text(nl=str(path[-1]), en=str(path[-1]))


def _singular(path: Loc) -> Text:
    name = next((step for step in reversed(path) if isinstance(step, str)), "item")
    name = name.removesuffix("es" if name.endswith("ches") else "s") or name
    return Text(nl=_NOUNS.get(name, name), en=name)


def _given(value: Any) -> Text:
    match value:
        case None:
            return Text(nl="niets", en="nothing")
        case bool():
            said = str(value).lower()
        case str():
            said = f'"{value if len(value) <= 40 else value[:39] + "…"}"'
        case datetime() | date() | time():
            return Text(nl="de datum {date}", en="the date {date}").filled(date=value.isoformat())
        case list():
            return Text(nl="een lijst", en="a list")
        case dict():
            return BLOCK
        case _:
            said = str(value) or '""'
    return Text(nl=said, en=said)


def _sentence(words: Text) -> Text:
    """Write a validator's words as a sentence behind a colon."""
    nl, en = (f"{said[:1].lower()}{said[1:].rstrip('.')}." for said in (words.nl.strip(), words.en.strip()))
    return Text(nl=nl, en=en)


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
