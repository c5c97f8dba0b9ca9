"""Named places in the code at which tests let a process die or hang; off unless asked for, and never in production.

``SANDWICH_FAILPOINT=step-committed=kill`` kills the process, as ``kill -9`` does, when it gets to that place;
``…=hang`` lets it stand still there, which is how a run looks that somebody then cancels.
"""

import asyncio
import os
import signal

VARIABLE = "SANDWICH_FAILPOINT"

_place, _, _action = os.environ.get(VARIABLE, "").partition("=")
_allowed = os.environ.get("SANDWICH_ENVIRONMENT", "production") != "production"


async def failpoint(place: str) -> None:
    """Die or hang here, where that was asked for."""
    if place != _place or not _allowed:
        return
    if _action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif _action == "hang":
        await asyncio.sleep(3600)
