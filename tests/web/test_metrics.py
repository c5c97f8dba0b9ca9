"""The figures for whoever watches over an installation."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, text

from models.tables.mail import Message, MessageState
from sandwich.runtime import Runtime
from sandwich.services.settled import backlog, counts
from sandwich.services.worker_figures import BOUNDS, fall_silent, tell
from sandwich.store import Store
from tests.support.cast import Cast
from tests.support.databases import PostgresDatabases, a_database
from tests.support.full_hour import fill_an_hour
from tests.support.rows import a_person
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


async def test_control_18_mails_of_a_school_whose_hour_is_full_are_counted(
    runtime: Runtime, cast: Cast, web: httpx.AsyncClient, now: datetime
) -> None:
    assert read((await web.get("/metrics")).text)["sandwich_messages_kept", "hour-full"] == 0
    await fill_an_hour(runtime, cast, now, 4)
    said = (await web.get("/metrics")).text
    assert read(said)["sandwich_messages_kept", "hour-full"] == 4
    assert cast.schools["S2"].name not in said


async def test_messages_that_wait_are_counted_by_state_and_those_that_left_are_not(
    runtime: Runtime, cast: Cast, web: httpx.AsyncClient, now: datetime
) -> None:
    async with runtime.store.change(now=now, actor="test") as session:
        for state in MessageState:
            session.add(
                Message(key=state, person_id=cast.id("T3"), mail="goals", state=state, queued_at=now, due_at=now)
            )
    seen = read((await web.get("/metrics")).text)
    assert {key[1]: value for key, value in seen.items() if key[0] == "sandwich_messages"} == dict.fromkeys(
        ("queued", "sending", "held", "failed", "unknown"), 1
    )


async def test_no_figure_reads_the_whole_table_of_messages(
    postgres_databases: PostgresDatabases, now: datetime
) -> None:
    """What PostgreSQL plans with the statistics of a table in which nearly everything was sent long ago."""
    with a_database(postgres_databases) as url:
        store = Store(url)
        async with store.change(now=now, actor="test") as session:
            person = await a_person(session, "An", "Een")
        said: list[tuple[str, Any]] = []

        @event.listens_for(store.engine.sync_engine, "before_cursor_execute")
        def listen(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            said.append((statement, values))

        async with store.engine.begin() as connection:
            await connection.execute(text(MANY), {"person": person.id, "now": now})
        async with store.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
                text("VACUUM ANALYZE message")
            )
        said.clear()
        async with store.read() as session:
            assert (await counts(session)).messages["queued"] == 20
            await backlog(session, now)
            asked = [one for one in said if "message" in one[0]]
            assert len(asked) == 2
            for statement, values in asked:
                connection = await session.connection()
                plan = "\n".join((await connection.exec_driver_sql(f"EXPLAIN {statement}", values)).scalars())
                assert "ix_message_due" in plan, plan
                assert "Seq Scan on message" not in plan, plan
        await store.close()


MANY = """
INSERT INTO message (id, key, person_id, mail, about, state, queued_at, due_at, attempts)
SELECT 'm' || n, 'm' || n, :person, 'goals', '{}', CASE WHEN n % 1000 = 0 THEN 'queued' ELSE 'sent' END,
       CAST(:now AS timestamptz), CAST(:now AS timestamptz), 1
FROM generate_series(1, 20000) AS n
"""


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
