"""Play along a clock of one's own: what people will do stands in an agenda, and everything else happens by itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from sandwich.rehearsal.drive import Drive

Action = Callable[[], Awaitable[None]]


@dataclass(kw_only=True)
class Playing(Drive):
    """Activities that are being played. What people will do stands in ``agenda``, by its moment."""

    agenda: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _planned: int = 0

    async def run(self, until: datetime, on_moment: Callable[[datetime], None]) -> None:
        """Play up to a moment; ``on_moment`` is told every moment that is reached."""
        await self.turn()
        await self.notice()
        while (following := await self._following()) is not None and following <= until:
            await self.runtime.clock.set(following)
            on_moment(following)
            await self.turn()
            if await self._act(following):
                await self.turn()
            await self.notice()

    async def notice(self) -> None:
        """Let people see what came in since."""

    def plan(self, at: datetime, action: Action) -> None:
        """Let somebody do something at a moment; at the same moment in the order in which it was planned."""
        self._planned += 1
        heappush(self.agenda, (at, self._planned, action))

    async def _following(self) -> datetime | None:
        """Return when something happens next, by itself or because somebody does it."""
        outlook = await self.outlook()
        if not outlook.is_settled:  # a mail that was not needed any more has made something due
            await self.turn()
            outlook = await self.outlook()
        moments = [outlook.next_at, self.agenda[0][0] if self.agenda else None]
        return min((at for at in moments if at is not None), default=None)

    async def _act(self, now: datetime) -> bool:
        """Let everybody do what they meant to do by now; returns whether anybody did."""
        acted = False
        while self.agenda and self.agenda[0][0] <= now:
            await heappop(self.agenda)[2]()
            acted = True
        return acted
