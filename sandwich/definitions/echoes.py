"""Leave out what a validator says twice, or about a reading of a value that its author did not mean."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pydantic_core import ErrorDetails

from sandwich.definitions.expected import ONE_OF_SEVERAL, SOMETHING_ELSE, either, shape
from sandwich.definitions.places import Loc


def without_echoes(errors: list[ErrorDetails], data: Any) -> Iterator[ErrorDetails]:
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
        shapes = dict.fromkeys(shape(one["type"], one.get("ctx", {})) or SOMETHING_ELSE for one in flat)
        yield {**flat[0], "type": ONE_OF_SEVERAL, "loc": prefix, "ctx": {"expected": either(list(shapes))}}


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
    return len(details["loc"]) == depth + 1 and shape(details["type"], details.get("ctx", {})) is not None


def _fork(details: ErrorDetails, data: Any) -> int | None:
    """Return where in the location the name of a way of writing stands, if it has one."""
    loc = details["loc"]
    for index, step in enumerate(loc):
        if not _has(data, step):
            return None if details["type"] == "missing" and index == len(loc) - 1 else index
        data = data[step]
    return None


def real(loc: Loc, data: Any) -> Loc:
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
