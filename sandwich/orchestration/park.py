"""Parking: a run puts itself into a waiting state of Prefect's and leaves; nothing of it stays in memory."""

import logging
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.states import Scheduled
from prefect.utilities.engine import propose_state

from sandwich.clock import real_now
from sandwich.failpoints import failpoint

WAITING = "Waiting"
"""Name of the state that a parked run is in; its type is Prefect's SCHEDULED."""

FAR = timedelta(days=365)
"""How far ahead a run is parked that only an answer or a change can wake; the waker brings it forward."""


def prefect_moment(wake_at: datetime | None, offset: timedelta) -> datetime:
    """Turn a moment of the Sandwich clock into the real one at which Prefect may start the run by itself.

    ``offset`` is how far the Sandwich clock is ahead. ``None`` becomes a moment far away.
    """
    return real_now() + FAR if wake_at is None else wake_at - offset


async def park(run_id: UUID, until: datetime) -> NoReturn:
    """Leave the run ``run_id``, in which this is called, parked until the real moment ``until``.

    Never returns: Prefect's engine is told by an exception of its own to let go without ending the run. Where the
    run may not be parked (somebody cancelled it meanwhile) it is left in the state that Prefect answers with.
    """
    note_parking_as_information()
    async with get_client() as client:
        waiting: State[None] = Scheduled(
            name=WAITING, scheduled_time=until, message="Waiting; no process is kept for it."
        )
        parked = await propose_state(client, waiting, flow_run_id=run_id)
        await failpoint("run-parked")
        raise Pause(state=parked)


class _NoErrorForParking(logging.Filter):
    """Makes the line that Prefect logs as an error for every run that left unfinished one of information."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno == logging.ERROR and record.getMessage().startswith(f"Finished in state {WAITING}("):
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
            record.msg, record.args = "Parked: waits without a process", ()
        return True


_no_error_for_parking = _NoErrorForParking()


def note_parking_as_information() -> None:
    """See to it that parking leaves no error in Prefect's log of the run; may be called often."""
    logging.getLogger("prefect.flow_runs").addFilter(_no_error_for_parking)
