"""The figures for whoever watches over an installation."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from sandwich.runtime import Runtime
from sandwich.services.worker_figures import BOUNDS, fall_silent, tell
from tests.support.cast import Cast
from tests.web.conftest import browser_of
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


def read(text: str) -> dict[tuple[str, ...], float]:
    """Return every figure by its name and its labels but the machine's."""
    return {
        (sample.name, *(value for name, value in sample.labels.items() if name != "machine")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_is_there_and_for_how_long_it_has_been_due(
    runtime: Runtime, cast: Cast, web: httpx.AsyncClient
) -> None:
    before = read((await web.get("/metrics")).text)
    assert before["sandwich_activities", "requested"] == 0
    await Visit.start(runtime, cast)
    await runtime.clock.set(await runtime.clock.now() + timedelta(hours=1))

    after = read((await web.get("/metrics")).text)

    assert sum(value for (name, _), value in after.items() if name == "sandwich_activities") == 1
    assert after["sandwich_due", "activity"] == 1
    assert after["sandwich_due_oldest_seconds", "activity"] >= 3600
    assert after["sandwich_due", "message"] == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_nobody_else_is_told(web: httpx.AsyncClient, app: FastAPI, header: str) -> None:
    refused = await web.get("/metrics", headers={header: "192.0.2.1"})
    assert refused.status_code == 404
    assert "sandwich_" not in refused.text
    elsewhere = httpx.ASGITransport(app, client=("192.0.2.1", 5000))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://127.0.0.1:8000") as stranger:
        assert (await stranger.get("/metrics")).status_code == 404
    async with browser_of(app) as own:
        assert (await own.get("/metrics")).status_code == 200


async def test_every_worker_says_how_it_is(runtime: Runtime, web: httpx.AsyncClient) -> None:
    late = [0] * (len(BOUNDS) + 1)
    late[0], late[2], late[-1] = 5, 2, 1
    figures = {
        "carried": 7,
        "failed": 1,
        "late": late,
        "late_seconds": 912.5,
        "in_hand": 3,
        "in_line": 20,
        "limit": 4,
        "refused": 9,
        "polled_seconds": 2.0,
    }
    await tell(runtime, "one", {**figures, "carried": 6})
    await tell(runtime, "one", figures)
    await tell(runtime, "two", {**figures, "in_hand": 0})

    seen = read((await web.get("/metrics")).text)

    assert [seen["sandwich_worker_in_hand", name] for name in ("one", "two")] == [3, 0]
    assert seen["sandwich_worker_limit", "one"] == 4
    assert seen["sandwich_worker_in_line", "one"] == 20
    assert seen["sandwich_worker_refused_total", "one"] == 9
    assert [seen["sandwich_worker_runs_total", outcome, "one"] for outcome in ("carried", "failed")] == [7, 1]
    assert 0 <= seen["sandwich_worker_heard_seconds", "one"] < 60
    assert seen["sandwich_worker_polled_seconds", "one"] >= 2
    assert [seen["sandwich_worker_late_seconds_bucket", bound, "one"] for bound in ("0.5", "2.0", "900.0", "+Inf")] == [
        5,
        7,
        7,
        8,
    ]
    assert seen["sandwich_worker_late_seconds_count", "one"] == 8
    assert seen["sandwich_worker_late_seconds_sum", "one"] == 912.5

    await fall_silent(runtime, "one")
    after = read((await web.get("/metrics")).text)
    assert ("sandwich_worker_in_hand", "one") not in after
    assert ("sandwich_worker_in_hand", "two") in after
