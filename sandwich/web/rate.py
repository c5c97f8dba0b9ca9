"""How often somebody may ask: a sliding window per key, kept in this process. On the loop's own time."""

import asyncio
from collections import OrderedDict, deque

from fastapi import FastAPI, Request

from sandwich.errors import SandwichError

MOST_KEYS = 20_000
"""How many keys are remembered; the one that was longest ago goes first."""

SENT_SECONDS = 5 * 60.0
SENT_PER_LINK = 300
"""Forms and drafts that one personal link, or one session, sends in five minutes: a page keeps a draft now and then."""

SENT_PER_WALL = 120
"""What comes in on the wall of one school in five minutes: nobody signs in there."""

MISSES_PER_CLIENT = 300
MISSES_SECONDS = 15 * 60.0
"""Links and walls that are none, asked for by one client. Whoever tries tokens hears that it is too often; a link that
opens still does, for a whole school may come from one address.
"""


class SentTooOften(SandwichError):
    """That was often in a row. Nothing was changed. Wait a quarter of an hour and then try again."""

    dutch = "Dat was vaak achter elkaar. Er is niets veranderd. Wacht een kwartier en probeer het dan nog eens."


class Window:
    """Lets every key through ``most`` times in ``seconds``."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, key: str, at: float) -> bool:
        """Count one more request of ``key`` at ``at`` (seconds) and say whether it may go on."""
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while times and times[0] <= at - self.seconds:
            times.popleft()
        if len(self._seen) > MOST_KEYS:
            self._seen.popitem(last=False)
        if len(times) >= self.most:
            return False
        times.append(at)
        return True


class Turnstile:
    """Counts what is sent, by link, wall or session, and what leads nowhere, by client; one per application."""

    def __init__(self) -> None:
        self.links = Window(SENT_PER_LINK, SENT_SECONDS)
        self.walls = Window(SENT_PER_WALL, SENT_SECONDS)
        self.misses = Window(MISSES_PER_CLIENT, MISSES_SECONDS)

    def may_send(self, request: Request) -> bool:
        """Count a request that would change something."""
        at = asyncio.get_running_loop().time()
        if wall := request.path_params.get("wall_key"):
            return self.walls.allows(str(wall), at)
        if link := request.path_params.get("link_id"):
            return self.links.allows(str(link), at)
        return self.links.allows(request.headers.get("cookie", "") or client_of(request), at)

    def may_miss(self, request: Request) -> bool:
        """Count an address that leads nowhere."""
        return self.misses.allows(client_of(request), asyncio.get_running_loop().time())


def turnstile_of(app: FastAPI) -> Turnstile:
    """Return what counts in this application."""
    found: Turnstile = app.state.turnstile
    return found


async def not_too_often(request: Request) -> None:
    """Dependency of every route: raises ``SentTooOften`` where a link, a wall or a session sends too much.

    Who comes in with a token was counted by that.
    """
    request.state.began = asyncio.get_running_loop().time()
    if hasattr(request.state, "admitted"):
        return
    if request.method not in {"GET", "HEAD", "OPTIONS"} and not turnstile_of(request.app).may_send(request):
        raise SentTooOften()


def client_of(request: Request) -> str:
    """Return whose requests are counted together."""
    return request.client.host if request.client else "-"
