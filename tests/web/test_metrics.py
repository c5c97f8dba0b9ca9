"""The figures for whoever watches over an installation."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.web.conftest import browser_of
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio


def read(text: str) -> dict[tuple[str, str], float]:
    """Return every figure by its name and its one label."""
    return {
        (sample.name, next(iter(sample.labels.values()))): sample.value
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
