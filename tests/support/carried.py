"""An installation whose activities are carried by Prefect: a database with the cast, and what stands in both."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun
from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Activity, PlanStep
from models.tables.asking import Invitation
from models.tables.mail import Message
from models.tables.network import Person
from sandwich.clock import Clock
from sandwich.orchestration.carrying import completed_task_runs
from sandwich.orchestration.deployments import register_playbooks
from sandwich.orchestration.naming import activity_tag, step_key
from sandwich.orchestration.park import WAITING
from sandwich.orchestration.runs import start_run
from sandwich.orchestration.server import Prefect
from sandwich.rules.answers import as_fields
from sandwich.runtime import Runtime, open_library
from sandwich.services import start as starting
from sandwich.services.asking import asked_form
from sandwich.services.collect import submit
from sandwich.services.waking import Wake, run_of
from sandwich.settings import Settings, read_settings
from sandwich.store import Store
from tests.support.cast import Cast
from tests.support.prefect import Worker, eventually
from tests.support.stages import ANY_NUMBER

WRITTEN_SECONDS = 1.5
"""Prefect's server writes task runs down once a second (see ``sandwich/orchestration/server.py``)."""


@dataclass
class Installation:
    """A database of its own on the session's Prefect."""

    prefect: Prefect
    settings: Settings
    environ: dict[str, str]

    @classmethod
    def make(cls, prefect: Prefect, url: str, folder: Path, now: datetime) -> "Installation":
        """Write the cast, put the clock at ``now`` and register the playbooks."""
        environ = {
            "SANDWICH_ENVIRONMENT": "development",
            "SANDWICH_DATA": str(folder),
            "SANDWICH_DATABASE_URL": url,
            "SANDWICH_SECRET_KEY": "a key for tests only, 32+ long",
            "SANDWICH_PREFECT_PORT": str(prefect.port),
            "SANDWICH_PREFECT_SECRET": prefect.secret,
            "SANDWICH_CONCURRENCY": "4",
            "SANDWICH_MAILS_PER_WEEK": str(ANY_NUMBER),
        }
        here = cls(prefect, read_settings(environ), environ | prefect.environment())

        async def fill() -> None:
            opened = here.open()
            try:
                await opened.clock.set(now)
                await Cast.enter(opened, now)
                async with get_client() as client:
                    await register_playbooks(opened, client)
            finally:
                await opened.close()

        asyncio.run(fill())
        return here

    def open(self) -> Runtime:
        """Open the parts that services work with, in the caller's event loop."""
        store = Store(self.settings.store_url)
        return Runtime(self.settings, store, Clock(store), open_library(self.settings))


@dataclass
class Carried:
    """The same while a test runs."""

    runtime: Runtime
    client: PrefectClient

    async def start(
        self, title: str = "Prefab bouwen bij Korteweg", teachers: Sequence[str] = ("T2", "T3", "T5", "T6")
    ) -> str:
        """Start a company visit on 5 November 2026 for these teachers and return its id."""
        draft = ActivityDraft.model_validate(
            {
                "kind": "company-visit",
                "title": title,
                "purpose": "trends",
                "company": "B3",
                "coordinator": "C1",
                "hosts": ["P3"],
                "teachers": list(teachers),
                "dates": [{"start": "2026-11-05T13:30", "end": "2026-11-05T16:30"}],
                "group_size": 12,
                "place": "Fabrieksweg 12, Rivierdam",
            }
        )
        now = await self.runtime.clock.now()
        return await starting.start(self.runtime, draft, now=now, actor="test")

    async def make_due(self, activities: Sequence[str]) -> None:
        """Give each of them, one after the other, a run that Prefect would start now."""
        for activity_id in activities:
            assert await start_run(self.runtime, self.client, await self.wake(activity_id), None)

    async def activity(self, activity_id: str) -> Activity:
        """Return the activity's row."""
        async with self.runtime.store.read() as session:
            return await session.get_one(Activity, activity_id)

    async def wake(self, activity_id: str) -> Wake:
        """Return which run carries the activity and when it must wake."""
        return await run_of(self.runtime, activity_id)

    async def agree_date(self, activity_id: str) -> None:
        """Let the host take the first date, which lets the flow go on at once."""
        async with self.runtime.store.read() as session:
            invitation = await session.scalar(
                select(Invitation.id).where(Invitation.activity_id == activity_id, Invitation.form == "date-poll")
            )
        assert invitation is not None, "the host was not asked for a date"
        now = await self.runtime.clock.now()
        asked = await asked_form(self.runtime, invitation, now)
        columns = asked.form.question("dates").columns
        assert columns is not None
        assert not isinstance(columns[0].options, str | None)
        yes = columns[0].options[0].key
        rows: list[Any] = [{"row": row.key, "label": "", columns[0].key: yes} for row in asked.rows["dates"]]
        fields = as_fields(asked.form, {**asked.prefilled, "dates": rows}, asked.rows, asked.frame.language)
        outcome = await submit(self.runtime, invitation, fields, now=now, key=f"yes-{invitation}")
        assert outcome.accepted, outcome.problems

    async def states(self, activity_id: str) -> dict[str, str]:
        """Return every step and its state."""
        async with self.runtime.store.read() as session:
            rows = await session.scalars(select(PlanStep).where(PlanStep.activity_id == activity_id))
            return {row.step: row.state.value for row in rows}

    async def done(self, activity_id: str) -> set[str]:
        """Return the steps that were carried out and are noted as shown."""
        async with self.runtime.store.read() as session:
            rows = await session.scalars(select(PlanStep).where(PlanStep.activity_id == activity_id))
            return {row.step for row in rows if row.shown_at is not None}

    async def mails(self, activity_id: str) -> list[tuple[str, str]]:
        """Return kind and person's code of every message of the activity, sorted."""
        async with self.runtime.store.read() as session:
            rows = list(await session.scalars(select(Message).where(Message.activity_id == activity_id)))
            codes = {row.id: row.code or row.id for row in await session.scalars(select(Person))}
        return sorted((row.mail, codes[row.person_id]) for row in rows)

    async def shown(self, activity_id: str) -> Counter[str]:
        """Return how many completed task runs Prefect has of every step, once it has written down what it was told."""
        done = await self.done(activity_id)

        async def written() -> bool:
            return done <= (await self.shown_now(activity_id)).keys()

        await eventually(written)
        await asyncio.sleep(WRITTEN_SECONDS)  # whatever was shown twice is written down by then as well
        return await self.shown_now(activity_id)

    async def shown_now(self, activity_id: str) -> Counter[str]:
        """Return the same without waiting: what Prefect was told a second ago may be missing."""
        return Counter(step_key(name) or name for name in await completed_task_runs(activity_id))

    async def runs(self, activity_id: str) -> list[FlowRun]:
        """Return all of the activity's runs in Prefect."""
        chosen = FlowRunFilter(tags=FlowRunFilterTags(all_=[activity_tag(activity_id)]))
        return await self.client.read_flow_runs(flow_run_filter=chosen)

    async def run(self, activity_id: str) -> FlowRun | None:
        """Return the run that carries the activity."""
        run_id = (await self.wake(activity_id)).run_id
        return await self.client.read_flow_run(UUID(run_id)) if run_id else None

    async def parked(self, activity_id: str) -> FlowRun | None:
        """Return the activity's run when it is parked and nothing is due."""
        wake, now = await self.wake(activity_id), await self.runtime.clock.now()
        run = await self.run(activity_id)
        if run is None or run.state is None or (wake.wake_at is not None and wake.wake_at <= now):
            return None
        return run if run.state.name == WAITING else None

    async def until_parked(self, activity_id: str, worker: Worker | None = None) -> FlowRun:
        """Wait until the activity has nothing to do and its run is parked."""
        run = await eventually(lambda: self.parked(activity_id), worker=worker)
        assert run is not None
        return run
