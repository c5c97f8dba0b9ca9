"""What may be said to Prefect when something fails: what kind of error and where, never its text.

Prefect keeps the text of every exception in its database and its logs, and the text of an exception can hold
anything: a name in a refused value, an address in a statement of SQL.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandwich.errors import RunReplaced, SandwichError, StoreUnavailable

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("flows", "tasks", "sandwich", "models")


class WorkFailed(SandwichError):
    """{what} failed: {kind} in {place}. It is tried again by itself; `sandwich doctor` says more."""

    dutch = "{what} mislukte: {kind} in {place}. Het wordt vanzelf nog eens geprobeerd; `sandwich doctor` zegt meer."


_SAFE = (RunReplaced, StoreUnavailable, WorkFailed)
"""Errors whose own text never holds anything personal."""


@contextmanager
def without_details(what: str, *harmless: type[SandwichError]) -> Iterator[None]:
    """Replace an error in the block by :class:`WorkFailed`, which names only its class and its place in our code.

    Errors of the kinds ``harmless`` pass as they are: what they say can only repeat ids and codes.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (*_SAFE, *harmless)):
            raise
        raise WorkFailed(what=what, kind=type(error).__name__, place=place_of(error)) from None


def place_of(error: BaseException) -> str:
    """Return ``file:line`` of the innermost line of our own code that ``error`` passed through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _PACKAGES:
            return f"{path.relative_to(_ROOT).as_posix()}:{frame.lineno}"
    return "code outside Sandwich"
