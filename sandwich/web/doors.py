"""The few uses of the store for which no region is known yet, or more than one is meant. Everything else is narrowed.

What the application holds is for nobody: to read with it raises ``NoScope``. A page gets a runtime that is narrowed to
what its visitor may see (``signed_in``, ``visit_by``, the wall's ``parts``), or one of these.
"""

from collections.abc import Mapping

from fastapi import Request

from sandwich.runtime import Runtime
from sandwich.store.scope import EVERYTHING

OPEN: Mapping[str, str] = {
    "signing in": "who somebody is, and so which region is theirs, is what is being asked",
    "personal link": "which activity a link opens, and so whose region, is what is being asked",
    "own data": "what is kept of a person is theirs to see and to have erased, whichever region keeps it",
    "wall": "whose wall an address is, and in which regions that school takes part, is what is being asked",
    "day code": "which activity a printed code is of, and so whose region, is what is being asked",
    "health": "whether the database answers and has its tables",
    "figures": "counts over the whole installation, for the machine that watches it",
    "demo": "the made-up region that everybody plays with, its clock and its beginning",
}
"""What a runtime over all regions is used for, and why."""


def over_all(request: Request, use: str) -> Runtime:
    """Return the runtime over all regions, for a ``use`` that stands in :data:`OPEN`."""
    if use not in OPEN:
        raise KeyError(use)
    runtime: Runtime = request.app.state.runtime
    return runtime.narrowed(EVERYTHING)
