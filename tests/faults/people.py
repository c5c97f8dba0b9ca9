"""The people of one activity in a world of real processes: each activity goes another way, over the network."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import select

from models.draft import ActivityDraft
from models.tables.activities import Activity, ActivityStatus, Participation, Role
from models.tables.agreements import Agreement, AgreementState
from sandwich.services import agree, halting, moving, start, steer
from tests.faults.postbox import Postbox
from tests.faults.story import REASON, Story, post_page
from tests.support.browser import PLAIN
from tests.support.driver import A1
from tests.support.page import Page

TEACHERS = ("T2", "T3")
OTHER_WORDS = "Toch nog dit"
"""What is added when the same page is sent once more."""

WAYS = ("plain", "counter", "refused", "declined", "moved", "cancelled", "replaced", "twice", "late", "raced")
"""How an activity goes: by its number."""


@dataclass
class Person(Story):
    """One activity and the people in it; everything that is due is done by the processes."""

    base: str = ""
    postbox: Postbox | None = None
    send_at: datetime | None = None
    clicks: int = 2

    @property
    def way(self) -> str:
        """How this activity goes."""
        return WAYS[self.number % len(WAYS)]

    async def begin(self, **changes: Any) -> None:
        """Start the activity, unless it is on the board already."""
        if await self.activity() is None:
            moments = {"start": "2026-11-05 13:30", "end": "2026-11-05 16:30"}
            dates = [{name: f"{self.at(moment):%Y-%m-%d %H:%M}" for name, moment in moments.items()}]
            draft = ActivityDraft.model_validate(
                {**A1, "teachers": list(TEACHERS), "title": self.title, "dates": dates}
            )
            await start.start(self.runtime, draft, now=await self.now(), actor=self.coordinator)
        self.journal.write("started", title=self.title)

    @property
    def coordinator(self) -> str:
        """The coordinator's id."""
        return self.cast.id("C1")

    def browser(self) -> httpx.AsyncClient:
        """Return a browser."""
        return httpx.AsyncClient(base_url=self.base, follow_redirects=True, timeout=20, verify=PLAIN)

    def link(self, address: str) -> str | None:
        """Return the newest link that arrived."""
        assert self.postbox is not None
        return self.postbox.link(address, self.title)

    async def wait_for_the_moment(self) -> None:
        """Wait until the moment at which the page is to be sent, where there is one."""
        if self.send_at is not None:
            await asyncio.sleep(max(0.0, (self.send_at - await self.now()).total_seconds()))

    # what they do, one after the other

    async def host_chooses(self) -> None:
        """The host says yes to the day, and clicks again; or says no."""
        if self.way == "refused":
            await self.answer("P3", "date-poll", not_possible="busy")
            return
        await self.answer("P3", "date-poll", dates__date_1__answer="suits")
        await self.click_again("P3", "date-poll")

    async def first_answers(self) -> None:
        """Some register, one does not come, one sends the page twice with other words, one is replaced."""
        if self.way == "refused":
            return
        if self.way == "cancelled":
            await self.cancel()
            return
        await self.answer("T2", "registration", attend="no" if self.way == "declined" else "yes")
        await self.click_again("T2", "registration")
        if self.way == "twice":
            assert await self.send_other_words("T2", "registration", OTHER_WORDS) in {0, 200}
        elif self.way == "replaced":
            await self._replace()
        elif self.way == "moved":
            await self._move()

    async def in_time_or_late(self) -> None:
        """T3 answers within 50 ms of the deadline, or of the reminder."""
        if self.way in {"late", "raced"}:
            await self.answer("T3", "registration", attend="yes")

    async def second_answers(self) -> None:
        """Goals, the task division with and without a counter-proposal, and whoever takes another's place."""
        if self.way in {"refused", "cancelled", "moved"}:
            return
        if self.way != "declined":
            await self.answer("T2", "goals")
        if self.way == "replaced":
            await self.answer("T4", "registration", attend="yes")
        if self.way == "counter":
            await self.answer("P3", "task-division", agree="changes", max_group="8", counter="Minder mensen")
            await self._accept()
        elif self.way == "plain":
            await self.answer("P3", "task-division", agree="agreed", hours_plan="10")

    async def cancel(self) -> None:
        """The coordinator cancels."""
        activity = await self._own()
        if activity.status not in {ActivityStatus.CANCELLED, ActivityStatus.FINISHED}:
            await halting.cancel(self.runtime, activity.id, "ziek", now=await self.now(), actor=self.coordinator)
        if activity.status is not ActivityStatus.FINISHED:
            self.journal.write("cancelled", activity=activity.id)

    async def moment(self, code: str, form: str, of: str) -> datetime | None:
        """Return when somebody's question has its deadline, or its next reminder."""
        invitation = await self.invitation(code, form)
        found: datetime | None = getattr(invitation, of)
        return found

    async def click_again(self, code: str, form: str) -> None:
        """Press the same button some more times, all at once."""
        kept = self._sent_page(code, form)
        if kept is None or self.journal.has("clicked", id=kept["id"]):
            return
        async with self.browser() as client:
            client.follow_redirects = False  # each click lets the browser forget the page that the last one led to
            await asyncio.gather(*(post_page(client, kept) for _ in range(self.clicks)), return_exceptions=True)
        self.journal.write("clicked", id=kept["id"])

    async def send_other_words(self, code: str, form: str, words: str) -> int:
        """Go back to the page that was sent, add something and send it. The first answer stays; what comes back asks
        whether this is a correction, and that is sent: another answer, kept beside the first.

        Returns the status of what came back; 0 where no page was sent yet, or this was said already.
        """
        kept, name = self._sent_page(code, form), f"{self.number}:{code}:{form}:{words}"
        if kept is None or self.journal.has("told", id=name):
            return 0
        first = next((one for one in self.journal.read("told") if one["id"] == kept["id"]), None)
        if first is None:
            return 0
        about = {key: first[key] for key in ("invitation", "person", "owner")} | {"id": name, "marker": words}
        self.journal.write("try", **about)
        async with self.browser() as client:
            answer = await post_page(client, {**kept, "data": {**kept["data"], "remark": [words]}})
            if answer.status_code == 409:
                form = Page(answer.text).form("/f/")
                corrected = {"action": form.action, "data": {**form.fields, "_action": ["send"]}}
                answer = await post_page(client, corrected)
        if answer.status_code == 200 and "/thanks/" in answer.url.path:
            self.journal.write("told", **about)
        return answer.status_code

    def _sent_page(self, code: str, form: str) -> dict[str, Any] | None:
        key = f"{self.number}:{code}:{form}:send"
        return next((entry for entry in self.journal.read("page") if entry["id"] == key), None)

    async def _own(self) -> Activity:
        activity = await self.activity()
        assert activity is not None
        return activity

    async def _replace(self) -> None:
        async with self.runtime.store.read() as session:
            there = select(Participation).where(Participation.activity_id == await self.activity_id())
            rows = list(await session.scalars(there.where(Participation.role == Role.TEACHER)))
        old = next(row for row in rows if row.person_id == self.cast.id("T3"))
        if not any(row.person_id == self.cast.id("T4") for row in rows):
            await steer.replace(self.runtime, old.id, "T4", now=await self.now(), actor=self.coordinator)

    async def _move(self) -> None:
        if not (activity := await self._own()).moves:
            span = (self.at("2026-11-12 13:30"), self.at("2026-11-12 16:30"))
            await moving.move(
                self.runtime, activity.id, [span], REASON, now=await self.now(), actor=self.coordinator, agreed=True
            )

    async def _accept(self) -> None:
        activity_id = await self.activity_id()
        async with self.runtime.store.read() as session:
            found = await session.scalar(select(Agreement).where(Agreement.activity_id == activity_id))
        if found is not None and found.state is AgreementState.COUNTERED:
            await agree.decide(self.runtime, activity_id, "accept", now=await self.now(), actor=self.coordinator)


Deed = Callable[[Person], Awaitable[None]]


async def earliest(people: list[Person], way: str, code: str, form: str, of: str) -> datetime | None:
    """Return the first moment of this kind that lies ahead of those who go this way."""
    found = []
    for one in people:
        if one.way == way:
            with contextlib.suppress(AssertionError):
                found.append(await one.moment(code, form, of))
    now = await people[0].now() if people else None
    return min((at for at in found if at is not None and now is not None and at > now), default=None)
