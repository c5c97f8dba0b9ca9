"""A wake asks Prefect for no more than it needs."""

import asyncio
from collections import Counter
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun, FlowRunPolicy
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from sandwich import runtime
from sandwich.clock import real_now
from sandwich.orchestration.in_process import Outcome, carry_flow_run
from sandwich.orchestration.pressure import Pressure
from sandwich.orchestration.run_client import CROSSED_TRIES, RunClient
from sandwich.orchestration.runs import start_run, wake_run
from sandwich.orchestration.watched import watched_client
from tests.support.carried import Carried, Installation
from tests.support.refusing import a_refusing_proxy

pytestmark = pytest.mark.asyncio

CREATE = "create_flow_run"


class Counting(Pressure):
    """Counts the answers that Prefect gives."""

    answers = 0

    def answered(self, *told: float) -> None:
        """Count an answer."""
        self.answers += 1
        super().answered(*told)


async def test_a_wake_at_which_nothing_is_to_do_asks_prefect_three_times(
    carried: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(runtime._runtimes, "own", carried.runtime)
    activity_id = await carried.start()
    await carried.make_due([activity_id])
    pressure = Counting(8)
    async with watched_client(pressure):
        for _ in range(2):
            run = await carried.run(activity_id)
            assert run is not None
            await wake_run(carried.client, run.id)
            pressure.answers = 0
            assert await carry_flow_run(run) is Outcome.CARRIED
    assert pressure.answers == 3, "claimed, begun, parked"
    assert await carried.parked(activity_id) is not None
    assert await carried.shown(activity_id) == Counter({"request": 1})


async def test_what_a_client_holds_is_read_and_written_at_the_server_only_when_it_is_something_else() -> None:
    run = FlowRun(flow_id=UUID(int=1), flow_version="7", run_count=2, empirical_policy=FlowRunPolicy(retries=0))
    client = RunClient("http://127.0.0.1:9/api")  # nobody listens: whatever is asked there fails
    with client.holding(run):
        run.empirical_policy.retry_delay = 3
        assert (await client.read_flow_run(run.id)).run_count == 3
        await client.update_flow_run(run.id, flow_version="7", empirical_policy=FlowRunPolicy(retries=0))
        for other in ({"flow_version": "8"}, {"name": "other"}, {"empirical_policy": FlowRunPolicy(retries=1)}):
            with pytest.raises(httpx.ConnectError):
                await client.update_flow_run(run.id, **other)
    with pytest.raises(httpx.ConnectError):
        await client.read_flow_run(run.id)


async def test_a_run_that_crosses_something_else_is_asked_for_again_at_once_and_no_sign_of_pressure(
    carried: Carried, installation: Installation
) -> None:
    activity_id = await carried.start()
    heard: list[tuple[str, bool]] = []
    most = 2

    def hear(path: str, _body: bytes, is_refused: bool) -> None:
        heard.append((path.rsplit("/", 1)[-1], is_refused))
        if heard.count((CREATE, True)) == most:
            proxy.share = 0.0

    pressure, tomorrow = Pressure(8), real_now() + timedelta(days=1)
    async with a_refusing_proxy(("127.0.0.1", installation.prefect.port), hear) as proxy:
        proxy.share, proxy.ending, proxy.codes, proxy.retry_after = 1.0, CREATE, (HTTPStatus.SERVICE_UNAVAILABLE,), None
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{proxy.port}/api", PREFECT_CLIENT_MAX_RETRIES: 0}):
            async with watched_client(pressure) as context:
                client = context.client
                await start_run(carried.runtime, client, await carried.wake(activity_id), tomorrow)
                assert [refused for path, refused in heard if path == CREATE] == [True, True, False]
                assert len(await carried.runs(activity_id)) == 1
                assert pressure.refused == 0

                most = CROSSED_TRIES + 2
                heard.clear()
                others = [await carried.wake(await carried.start(f"Visit {number}")) for number in range(2)]
                making = (start_run(carried.runtime, client, wake, tomorrow) for wake in others)
                proxy.share = 1.0
                with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 5}):
                    made = await asyncio.gather(*making)
                assert None not in made, "however long something else is written, nobody fails for it"

                most = 9
                proxy.share, proxy.retry_after = 1.0, 0  # it asks to be left alone: that is another matter
                heard.clear()
                other = await carried.start("Another")
                with pytest.raises(PrefectHTTPStatusError):
                    await start_run(carried.runtime, client, await carried.wake(other), tomorrow)
    assert [refused for path, refused in heard if path == CREATE] == [True]
    assert pressure.refused == 1
