"""How many mails are taken from one sender, and for one address: what comes faster is asked to come back later."""

import time
from collections import OrderedDict, deque

HOUR = 3600.0
PER_ADDRESS = 10
"""Mails in an hour to one address of ours, which is that of one mail to one person."""

PER_SENDER = 60
"""Mails in an hour from one sender, to whatever addresses."""

MOST_KNOWN = 10_000


class Limits:
    """Counts, for this process alone, what came in the last hour."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, key: str, most: int) -> bool:
        """Count one more of ``key``, unless there were ``most`` in the last hour; returns whether it was counted."""
        now = time.monotonic()
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while times and times[0] <= now - HOUR:
            times.popleft()
        if len(times) >= most:
            return False
        times.append(now)
        if len(self._seen) > MOST_KNOWN:
            self._seen.popitem(last=False)
        return True
