"""Load a data file that a person wrote: YAML in, a checked definition out, or a list of mistakes in plain words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from models.text import Text
from sandwich.definitions.mistakes import DefinitionError, Mistake, shown
from sandwich.definitions.places import Places
from sandwich.definitions.plain_words import mistakes_of

M = TypeVar("M", bound=BaseModel)

LARGEST = 1_000_000
DEEPEST = 100
"""More than these (characters, levels) no data file needs, and the fast parser does not survive far more."""

_QUOTES = Text(nl="Zet het tussen dubbele aanhalingstekens.", en="Put it between double quotes.")
_YAML_MISTAKES = (
    (
        ("mapping values are not allowed",),
        Text(
            nl="in een tekst staat een dubbele punt met een spatie erachter, of een regel springt te ver in.",
            en="a colon followed by a space stands inside a text, or a line is indented too far.",
        ),
        Text(
            nl="Zet de tekst tussen dubbele aanhalingstekens, of zet de regel meer naar links.",
            en="Put the text between double quotes, or move the line to the left.",
        ),
    ),
    (
        ("cannot start any token", "\\t"),
        Text(nl="een regel begint met een tab.", en="a tab stands at the beginning of a line."),
        Text(nl="Spring in met spaties.", en="Use spaces to indent."),
    ),
    (
        ("end of stream", "quoted scalar"),
        Text(
            nl="een tekst die met een aanhalingsteken begint, houdt nergens op.",
            en="a text that begins with a quote never ends.",
        ),
        Text(nl="Zet er een aanhalingsteken achter.", en="Add the closing quote."),
    ),
    (
        ("undefined alias",),
        Text(
            nl="een woord begint met * en wordt gelezen als een verwijzing.",
            en="a word begins with * and is taken for a reference.",
        ),
        _QUOTES,
    ),
    (
        ("constructor for the tag",),
        Text(
            nl="een woord begint met ! en wordt gelezen als een opdracht.",
            en="a word begins with ! and is taken for a command.",
        ),
        _QUOTES,
    ),
    (
        ("single document",),
        Text(
            nl="een regel met drie streepjes begint een tweede document.",
            en="a line with three dashes begins a second document.",
        ),
        Text(nl="Houd één document per bestand.", en="Keep one document in a file."),
    ),
    (
        ("expected <block end>",),
        Text(
            nl="deze regel staat niet recht onder de regels erboven.",
            en="this line does not line up with the lines above it.",
        ),
        Text(
            nl="Laat sleutels van hetzelfde blok even ver inspringen, en sluit elk aanhalingsteken en elke haak.",
            en="Give keys of the same block the same indentation, and close every quote and bracket.",
        ),
    ),
    (
        ("could not find expected ':'",),
        Text(
            nl="een sleutel heeft geen dubbele punt, of een tekst loopt door op de volgende regel.",
            en="a line has a key without a colon, or a text runs over the line.",
        ),
        Text(
            nl="Schrijf sleutel: waarde, en zet een lange tekst tussen dubbele aanhalingstekens.",
            en="Write key: value, and put a long text between double quotes.",
        ),
    ),
    (
        ("flow",),
        Text(
            nl="een haak [ of { is niet gesloten, of er ontbreekt een komma.",
            en="a bracket [ or { is not closed, or a comma is missing.",
        ),
        Text(
            nl="Sluit de haak, of gebruik een regel per sleutel.",
            en="Close the bracket, or use one line per key.",
        ),
    ),
)
_EMPTY = Text(nl="het bestand is leeg.", en="the file is empty.")
_NO_KEY = Text(nl="het bestand begint niet met een sleutel.", en="the file does not begin with a key.")
_BEGIN = Text(nl='Begin met een regel zoals "{first}: …".', en='Begin with a line such as "{first}: …".')
_NOT_UTF8 = Text(nl="het bestand is niet bewaard als UTF-8.", en="the file is not saved as UTF-8.")
_SAVE_AGAIN = Text(nl="Bewaar het opnieuw met codering UTF-8.", en="Save it again with encoding UTF-8.")
_REASONS = (
    (FileNotFoundError, Text(nl="het bestaat niet", en="no such file or directory")),
    (PermissionError, Text(nl="je mag het niet lezen", en="permission denied")),
    (IsADirectoryError, Text(nl="het is een map", en="is a directory")),
    (OSError, Text(nl="het is niet te lezen", en="it cannot be read")),
)
_UNREADABLE = Text(nl="het bestand is niet te openen: {reason}.", en="the file cannot be read: {reason}.")
_CHECK_RIGHTS = Text(nl="Controleer de naam en de rechten.", en="Check its name and its rights.")
_TOO_LARGE = Text(nl="het bestand is groter dan 1 MB.", en="the file is larger than 1 MB.")
_SPLIT = Text(nl="Splits het.", en="Split it.")
_TWICE = Text(
    nl='de sleutel "{name}" staat twee keer in hetzelfde blok.', en='the key "{name}" stands twice in the same block.'
)
_REMOVE_ONE = Text(nl="Haal er een weg, of geef er een een andere naam.", en="Remove or rename one.")
_NO_YAML = Text(nl="deze regel is geen geldige YAML.", en="this line is not valid YAML.")
_COMPARE = Text(
    nl="Vergelijk de regel met een ander bestand van dezelfde soort.",
    en="Compare the line with another file of the same kind.",
)
_TOO_DEEP = Text(
    nl="de blokken van dit bestand zitten te diep in elkaar.", en="the blocks of this file are nested too deeply."
)
_FEWER_LEVELS = Text(nl="Haal een paar lagen weg.", en="Remove some levels.")
_STRANGE = Text(
    nl="op deze regel staat een teken dat in geen tekst kan staan.",
    en="this line has a character that no text can have.",
)
_REMOVE = Text(nl="Haal het weg.", en="Remove it.")
_NO_DATE = Text(nl="de datum {date} bestaat niet.", en="the date {date} does not exist.")
_WRITE_DATE = Text(nl="Schrijf een datum zoals 2026-11-05.", en="Write a date such as 2026-11-05.")
_NO_VALUE = Text(nl="een waarde in dit bestand is niet te lezen.", en="a value in this file cannot be read.")
_TEXT_QUOTES = Text(nl="Zet teksten tussen dubbele aanhalingstekens.", en="Put texts between double quotes.")


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """A definition together with the places of its parts, for checks that look across files."""

    definition: M
    places: Places


def load_file(path: Path, model: type[M]) -> M:
    """Load the YAML file ``path`` as a ``model``; raises ``DefinitionError`` with every mistake in it."""
    return load_with_places(path, model).definition


def read_data(path: Path) -> dict[str, Any]:
    """Read a YAML file as it stands, nothing checked; raises ``DefinitionError`` where it cannot be read."""
    data = _parse(Places(path, _read(path)))
    return data if isinstance(data, dict) else {}


def load_with_places(
    path: Path, model: type[M], prepare: Callable[[dict[str, Any], Places], dict[str, Any]] = lambda data, _: data
) -> Loaded[M]:
    """Load like ``load_file``, and keep where everything stands; ``prepare`` completes the data before the check."""
    places = Places(path, _read(path))
    data = _parse(places)
    if not isinstance(data, dict):
        what = _EMPTY if data is None else _NO_KEY
        first = next((name for name, field in model.model_fields.items() if field.is_required()), "key")
        raise DefinitionError([places.mistake((), what, _BEGIN.filled(first=first))])
    data = prepare(data, places)
    try:
        return Loaded(model.model_validate(data), places)
    except ValidationError as error:
        raise DefinitionError(mistakes_of(error, data, model, places)) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        mistake = Mistake(shown(path), line, _NOT_UTF8, _SAVE_AGAIN)
    except OSError as error:
        reason = next(words for kind, words in _REASONS if isinstance(error, kind))
        mistake = Mistake(shown(path), 1, _UNREADABLE.filled(reason=reason), _CHECK_RIGHTS)
    raise DefinitionError([mistake])


def _parse(places: Places) -> Any:
    if len(places.text) > LARGEST:
        raise DefinitionError([Mistake(shown(places.path), 1, _TOO_LARGE, _SPLIT)])
    if _depth(places.text) > DEEPEST:
        raise DefinitionError([_yaml_mistake(RecursionError(), places)])
    try:
        return YAML(typ="safe").load(places.text)
    except (YAMLError, RecursionError, ValueError, TypeError) as error:
        raise DefinitionError([_yaml_mistake(_slow_error(places.text, error), places)]) from None


def _depth(text: str) -> int:
    """Estimate how deeply the blocks of a file are nested in one line: brackets, and dashes behind each other."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    dashes = max((len(run.split()) for run in re.findall(r"^ *(?:[-?] +){2,}", text, re.MULTILINE)), default=0)
    return max(deepest, dashes)


def _slow_error(text: str, fast: Exception) -> Exception:
    """Parse once more in pure Python, whose errors are the same on every machine."""
    try:
        YAML(typ="safe", pure=True).load(text)
    except (YAMLError, RecursionError, ValueError, TypeError) as error:
        return error
    return fast


def _yaml_mistake(error: Exception, places: Places) -> Mistake:
    file = shown(places.path)
    if isinstance(error, DuplicateKeyError):
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        name = str(error.problem).partition('"')[2].partition('"')[0]
        return Mistake(file, line, _TWICE.filled(name=name), _REMOVE_ONE)
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        words = f"{error.context or ''} {error.problem or ''}"
        for signs, what, remedy in _YAML_MISTAKES:
            if all(sign in words for sign in signs):
                return Mistake(file, mark.line + 1 if mark else 1, what, remedy)
        return Mistake(file, mark.line + 1 if mark else 1, _NO_YAML, _COMPARE)
    if isinstance(error, RecursionError):
        return Mistake(file, 1, _TOO_DEEP, _FEWER_LEVELS)
    if isinstance(error, YAMLError):
        position = getattr(error, "position", 0)
        line = places.text[:position].count("\n") + 1
        return Mistake(file, line, _STRANGE, _REMOVE)
    for node in places.scalars():
        if str(node.tag).endswith(":timestamp") and not _is_date(node.value):
            line = node.start_mark.line + 1
            return Mistake(file, line, _NO_DATE.filled(date=node.value), _WRITE_DATE)
    return Mistake(file, 1, _NO_VALUE, _TEXT_QUOTES)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True
