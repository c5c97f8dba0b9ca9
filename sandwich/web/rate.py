"""How often somebody may ask: a sliding window per key, kept in this process. On the loop's own time."""

from collections import OrderedDict, deque

MOST_KEYS = 20_000
"""How many keys are remembered; the one that was longest ago goes first."""


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
