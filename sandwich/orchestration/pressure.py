"""Back-pressure: how much may be in hand, given how Prefect's server answers.

Half as much each time that it refuses (503, 429 …), is lost or takes long; a little more with every good answer.
"""

import math

REFUSALS = frozenset({408, 429, 502, 503})
"""Answers that say: not now. Prefect's client tries again by itself; what is in hand is our affair."""

SLOW_SECONDS = 5.0
"""An answer that takes longer counts as a refusal; a good one takes a twentieth of a second."""

CUT_SECONDS = 2.0
"""Refusals so close together are one sign, and halve what may be in hand once."""

ANSWERS = 8
"""With so many good answers for each run in hand, about a wake of each, there may be one run more."""

LONGEST_HOLD_SECONDS = 60.0


class Pressure:
    """How many runs may be in hand, between one and ``most``. Moments are those of one clock that only goes forward."""

    def __init__(self, most: int) -> None:
        """Begin with as many as there may ever be."""
        self.most = most
        self.limit = float(most)
        self.refused = 0
        self._cut_at = -math.inf
        self._held_until = -math.inf

    def room(self, now: float, most: int | None = None) -> int:
        """Return how many may be in hand now; none as long as the server asked to be left alone.

        ``most`` is for others who share the same server and have a number of their own: they get the same part of it.
        """
        if now < self._held_until:
            return 0
        return int(self.limit) if most is None else max(1, int(most * self.limit / self.most))

    def answered(self, status: int, seconds: float, retry_after: float, now: float) -> None:
        """Note an answer, how long it took, and for how long it asked us to wait."""
        if status in REFUSALS or seconds > SLOW_SECONDS:
            self.refuse(now, retry_after)
        else:
            self.limit = min(float(self.most), self.limit + 1 / (ANSWERS * self.limit))

    def refuse(self, now: float, retry_after: float = 0.0) -> None:
        """Note that something was refused, or got no answer at all."""
        self.refused += 1
        self._held_until = max(self._held_until, now + min(retry_after, LONGEST_HOLD_SECONDS))
        if now - self._cut_at >= CUT_SECONDS:
            self.limit = max(1.0, self.limit / 2)
            self._cut_at = now
