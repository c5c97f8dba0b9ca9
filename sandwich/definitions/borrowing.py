"""Steps that a playbook takes over from another one: ``borrows`` names it, ``like`` the step."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from models.text import Text
from sandwich.definitions.load import read_data
from sandwich.definitions.mistakes import DefinitionError, Mistake
from sandwich.definitions.places import Loc, Places
from sandwich.definitions.plain_words import nearest

BORROWS = "borrows"
LIKE = "like"

_NO_PLAYBOOK = Text(
    nl='borrows noemt het draaiboek "{name}", en dat staat niet bij de draaiboeken van Sandwich.',
    en='borrows names the playbook "{name}", which is not among those of Sandwich.',
)
_NO_STEP = Text(
    nl='een stap is als "{name}", en die stap heeft het draaiboek niet waarvan dit leent.',
    en='a step is like "{name}", which is no step of the playbook that this one borrows from.',
)
_NO_SOURCE = Text(
    nl='een stap is als "{name}", maar het draaiboek leent nergens van.',
    en='a step is like "{name}", but the playbook borrows from no other.',
)
_SAY_WHICH = Text(nl="Schrijf bovenaan borrows: met een draaiboek.", en="Write borrows: and a playbook at the top.")


def borrow(data: dict[str, Any], places: Places, folder: Path) -> dict[str, Any]:
    """Return ``data`` with what it borrows from a playbook in ``folder`` written out.

    A step with ``like`` has everything of that step but what it says itself; gates that are left out are those of the
    other playbook. Raises ``DefinitionError`` for a name that does not exist.
    """
    name = data.get(BORROWS)
    source = _source(name, places, folder) if isinstance(name, str) else {}
    theirs = {step["key"]: step for step in source.get("steps", []) if isinstance(step, dict)}
    mistakes: list[Mistake] = []
    written = {key: value for key, value in data.items() if key != BORROWS}
    if source and "gates" not in written:
        written["gates"] = source["gates"]
    steps = written.get("steps")
    if isinstance(steps, list):
        written["steps"] = [
            _step(step, theirs, places, ("steps", number), mistakes) for number, step in enumerate(steps)
        ]
    if mistakes:
        raise DefinitionError(mistakes)
    return written


def _source(name: str, places: Places, folder: Path) -> Mapping[str, Any]:
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(other.stem for other in folder.glob("*.yaml"))
        raise DefinitionError([places.mistake((BORROWS,), _NO_PLAYBOOK.filled(name=name), nearest(name, known))])
    return _read_once(path)


@cache
def _read_once(path: Path) -> Mapping[str, Any]:
    """Return a playbook of Sandwich as it stands, which several borrow from and nobody changes."""
    return read_data(path)


def _step(step: Any, theirs: Mapping[str, Any], places: Places, loc: Loc, mistakes: list[Mistake]) -> Any:
    if not isinstance(step, dict) or LIKE not in step:
        return step
    name = str(step[LIKE])
    if name not in theirs:
        what, remedy = (_NO_STEP, nearest(name, sorted(theirs))) if theirs else (_NO_SOURCE, _SAY_WHICH)
        mistakes.append(places.mistake((*loc, LIKE), what.filled(name=name), remedy))
        return step
    return {**theirs[name], **{key: value for key, value in step.items() if key != LIKE}}
