"""The upkeep's runs, one a night: made ahead by the process that carries activities, once for each night.

Not by a schedule of the deployment: the part of Prefect's server that makes scheduled runs fails with SQLAlchemy 2.1
(``InvalidRequestError: Can't evaluate bulk DML statement``, tried with Prefect 3.8.8), at every look, for every one.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from prefect.client.orchestration import PrefectClient
from prefect.states import Scheduled

from sandwich.clock import real_now
from sandwich.orchestration.naming import UPKEEP

AT = time(3, 17)
"""When it runs, in the installation's time zone: at night, not at a whole hour."""


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after ``now`` at which the upkeep runs."""
    local = now.astimezone(zone)
    tonight = datetime.combine(local.date(), AT, zone)
    return tonight if tonight > local else datetime.combine(local.date() + timedelta(days=1), AT, zone)


async def plan_upkeep(client: PrefectClient, zone: str, now: datetime | None = None) -> None:
    """See to it that Prefect has a run of the upkeep for the coming night; asking again changes nothing."""
    moment = next_night(now or real_now(), ZoneInfo(zone))
    deployment = await client.read_deployment_by_name(f"{UPKEEP}/{UPKEEP}")
    await client.create_flow_run_from_deployment(
        deployment.id,
        state=Scheduled(scheduled_time=moment),
        name=f"{UPKEEP} {moment.date()}",
        idempotency_key=f"{UPKEEP}-{moment.date()}",
    )
