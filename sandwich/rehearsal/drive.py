"""Let time pass on a clock of one's own: what is due happens by the services that production uses, one after the other.

No Prefect: a flow carries out steps, a worker handles rows, a process delivers; here the same services are called in
turn until nothing of the moment is left, and then the clock goes to the next thing.
"""

from dataclasses import dataclass
from datetime import datetime

from models.text import Text
from sandwich.errors import SandwichError
from sandwich.mail.deliver import OpenLine, deliver_due
from sandwich.runtime import Runtime
from sandwich.services import remind, settled
from sandwich.services.advance import DueStep, look_ahead
from sandwich.services.carry_out import carry_out
from sandwich.services.waking import due_wakes, take_run

RUN = "rehearsal"
"""What carries the activities, in the place of a Prefect run."""

MOST_TURNS = 50
"""How often what happens may make something else due at the same moment."""

_LEFT = Text(nl="{steps} stappen, {rows} rijen, {mails} mails", en="{steps} steps, {rows} rows, {mails} mails")


class StaysDue(SandwichError):
    """At {moment} something stays due, however often it is done: {what}. Look at the steps of that moment."""

    dutch = "Op {moment} blijft er iets te doen, hoe vaak het ook gedaan wordt: {what}. Bekijk de stappen van toen."


@dataclass
class Drive:
    """An installation that nobody else works on. ``open_line`` opens what its mails leave by."""

    runtime: Runtime
    open_line: OpenLine | None = None

    async def now(self) -> datetime:
        """Return the moment that it is."""
        return await self.runtime.clock.now()

    async def turn(self) -> None:
        """Let everything of this moment happen; raises ``StaysDue``."""
        for _ in range(MOST_TURNS):
            steps, rows, mails = await self.carry(), await remind.handle_due(self.runtime), await self.deliver()
            if not (steps or rows or mails):
                return
        what = _LEFT.filled(steps=steps, rows=rows, mails=mails)
        raise StaysDue(moment=f"{await self.now():%Y-%m-%d %H:%M}", what=what)

    async def outlook(self) -> settled.Outlook:
        """Look whether anything of this moment is left, and when the next thing comes."""
        async with self.runtime.store.read() as session:
            return await settled.look(session, await self.now())

    async def next(self) -> datetime | None:
        """Return the moment of the next thing."""
        return (await self.outlook()).next_at

    async def carry(self) -> int:
        """Carry out every step that is due in any activity, and return how many were."""
        carried = 0
        for wake in await due_wakes(self.runtime):
            if wake.run_id is None:
                await take_run(self.runtime, wake.activity_id, self.run_of(wake.activity_id), None)
            carried += await self.carry_one(wake.activity_id)
        return carried

    async def carry_one(self, activity_id: str) -> int:
        """Carry out every step of one activity that is due, and return how many were."""
        run, outlook = self.run_of(activity_id), await look_ahead(self.runtime, activity_id)
        for step in outlook.due:
            await carry_out(self.runtime, activity_id, step.key, run)
            await look_ahead(self.runtime, activity_id, run, [step.key])
            await self.saw(activity_id, step)
        return len(outlook.due)

    def run_of(self, _activity_id: str) -> str:
        """Return what carries an activity."""
        return RUN

    async def saw(self, activity_id: str, step: DueStep) -> None:
        """Take note of a step that was carried out."""

    async def deliver(self) -> int:
        """Let mail leave that is due and still needed, and return how many messages left."""
        return await deliver_due(self.runtime, open_line=self.open_line)
