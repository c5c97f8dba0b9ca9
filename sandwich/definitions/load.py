"""Load a data file that a person wrote: YAML in, a checked definition out, or a list of mistakes in plain words."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sandwich.definitions.mistakes import DefinitionError, Mistake, shown
from sandwich.definitions.places import Places
from sandwich.definitions.plain_words import mistakes_of

M = TypeVar("M", bound=BaseModel)

LARGEST = 1_000_000
DEEPEST = 100
"""More than these (characters, levels) no data file needs, and the fast parser does not survive far more."""

_YAML_MISTAKES = (
    (
        ("mapping values are not allowed",),
        "a colon followed by a space stands inside a text, or a line is indented too far",
        "Put the text between double quotes, or move the line to the left.",
    ),
    (("cannot start any token", "\\t"), "a tab stands at the beginning of a line", "Use spaces to indent."),
    (("end of stream", "quoted scalar"), "a text that begins with a quote never ends", "Add the closing quote."),
    (("undefined alias",), "a word begins with * and is taken for a reference", "Put it between double quotes."),
    (("constructor for the tag",), "a word begins with ! and is taken for a command", "Put it between double quotes."),
    (("single document",), "a line with three dashes begins a second document", "Keep one document in a file."),
    (
        ("expected <block end>",),
        "this line does not line up with the lines above it",
        "Give keys of the same block the same indentation, and close every quote and bracket.",
    ),
    (
        ("could not find expected ':'",),
        "a line has a key without a colon, or a text runs over the line",
        "Write key: value, and put a long text between double quotes.",
    ),
    (("flow",), "a bracket [ or { is not closed, or a comma is missing", "Close the bracket, or use one line per key."),
)


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """A definition together with the places of its parts, for checks that look across files."""

    definition: M
    places: Places


def load_file(path: Path, model: type[M]) -> M:
    """Load the YAML file ``path`` as a ``model``; raises ``DefinitionError`` with every mistake in it."""
    return load_with_places(path, model).definition


def load_with_places(path: Path, model: type[M]) -> Loaded[M]:
    """Load like ``load_file``, and keep where everything stands."""
    places = Places(path, _read(path))
    data = _parse(places)
    if not isinstance(data, dict):
        what = "the file is empty" if data is None else "the file does not begin with a key"
        first = next((name for name, field in model.model_fields.items() if field.is_required()), "key")
        raise DefinitionError([places.mistake((), f"{what}.", f'Begin with a line such as "{first}: …".')])
    try:
        return Loaded(model.model_validate(data), places)
    except ValidationError as error:
        raise DefinitionError(mistakes_of(error, data, model, places)) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        mistake = Mistake(shown(path), line, "the file is not saved as UTF-8.", "Save it again with encoding UTF-8.")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        mistake = Mistake(shown(path), 1, f"the file cannot be read: {reason}.", "Check its name and its rights.")
    raise DefinitionError([mistake])


def _parse(places: Places) -> Any:
    if len(places.text) > LARGEST:
        raise DefinitionError([Mistake(shown(places.path), 1, "the file is larger than 1 MB.", "Split it.")])
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
        return Mistake(file, line, f'the key "{name}" stands twice in the same block.', "Remove or rename one.")
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        words = f"{error.context or ''} {error.problem or ''}"
        for signs, what, remedy in _YAML_MISTAKES:
            if all(sign in words for sign in signs):
                return Mistake(file, mark.line + 1 if mark else 1, f"{what}.", remedy)
        what = f"this is not valid YAML ({(error.problem or 'it cannot be read').strip()})."
        return Mistake(file, mark.line + 1 if mark else 1, what, "Compare the line with another file of the same kind.")
    if isinstance(error, RecursionError):
        return Mistake(file, 1, "the blocks of this file are nested too deeply.", "Remove some levels.")
    if isinstance(error, YAMLError):
        position = getattr(error, "position", 0)
        line = places.text[:position].count("\n") + 1
        return Mistake(file, line, "this line has a character that no text can have.", "Remove it.")
    for node in places.scalars():
        if str(node.tag).endswith(":timestamp") and not _is_date(node.value):
            line = node.start_mark.line + 1
            return Mistake(file, line, f"the date {node.value} does not exist.", "Write a date such as 2026-11-05.")
    return Mistake(file, 1, "a value in this file cannot be read.", "Put texts between double quotes.")


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True
