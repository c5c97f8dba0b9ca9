"""A board with activity A1 on it, and its coordinator signed in."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select

from models.tables.asking import Invitation, InvitationState
from models.tables.mail import Message, MessageState
from models.tables.network import HolidayRegion, Person, Region, School
from sandwich.clock import real_now
from sandwich.definitions.library import Library
from sandwich.runtime import Runtime
from sandwich.services import login
from sandwich.services.advance import look_ahead
from sandwich.services.carry_out import carry_out
from sandwich.web.app import make_app
from sandwich.web.session import cookie_name
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.chapters import chapter_of, play
from tests.support.databases import Databases
from tests.support.stages import REGION, Stage, played
from tests.web.visit import RUN, Visit

__all__ = ["play"]


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    """The application of this installation."""
    return make_app(runtime)


@pytest_asyncio.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    """A browser in which nobody is signed in."""
    async with Browser.on(app) as browser:
        yield browser


async def _start(runtime: Runtime, _known: None) -> str:
    visit = await QuickVisit.start(runtime, await Cast.read(runtime))
    await visit.run()
    await mailed(visit)
    return visit.activity_id


STARTED = Stage("a visit on the board", _start, REGION)


@pytest.fixture
def stage(request: pytest.FixtureRequest, stage: Stage | None) -> Stage | None:
    """The beginning of a ``visit``, or the chapter of a ``play``."""
    return STARTED if "visit" in request.fixturenames else chapter_of(request) or stage


@pytest_asyncio.fixture
async def visit(runtime: Runtime, cast: Cast, databases: Databases, library: Library, stage: Stage) -> Visit:
    """Activity A1 on its first day, the request to the host written."""
    found = played(databases, library, stage)
    await runtime.clock.set(found.at)
    return QuickVisit(runtime, cast, found.known)


class QuickVisit(Visit):
    """A visit that carries out only what is due, as the flow does."""

    async def run(self, until: datetime | None = None) -> None:
        """Let everything happen that is due, up to ``until`` (by default now)."""
        while True:
            outlook = await look_ahead(self.runtime, self.activity_id)
            for step in outlook.due:
                await carry_out(self.runtime, self.activity_id, step.key, RUN)
                await look_ahead(self.runtime, self.activity_id, RUN, [step.key])
            if outlook.due:
                continue
            if until is None or outlook.wake_at is None or outlook.wake_at > until:
                break
            await self.runtime.clock.set(outlook.wake_at)
        if until is not None:
            await self.runtime.clock.set(until)


async def mailed(visit: Visit) -> None:
    """Let what was asked count as mailed, as delivery does when the mail server took it."""
    now = await visit.runtime.clock.now()
    async with visit.runtime.store.change(now=now, actor="delivery", stream=visit.activity_id) as session:
        for row in await session.scalars(
            select(Invitation).where(
                Invitation.activity_id == visit.activity_id, Invitation.state == InvitationState.PLANNED
            )
        ):
            row.state, row.asked_at = InvitationState.SENT, min(row.asked_at, now)
        for message in await session.scalars(
            select(Message).where(Message.activity_id == visit.activity_id, Message.state == MessageState.QUEUED)
        ):
            message.state, message.sent_at = MessageState.SENT, now


@pytest_asyncio.fixture
async def jolanda(app: FastAPI, runtime: Runtime, cast: Cast) -> AsyncIterator[Browser]:
    """The browser of the coordinator, signed in."""
    async with signed_in(app, runtime, cast.id("C1")) as browser:
        yield browser


def signed_in(app: FastAPI, runtime: Runtime, person_id: str) -> "_SignedIn":
    """Return a browser in which this coordinator is signed in."""
    return _SignedIn(app, runtime, person_id)


@pytest_asyncio.fixture
async def stranger(app: FastAPI, runtime: Runtime, cast: Cast) -> AsyncIterator[Browser]:
    """The browser of a coordinator of another region, signed in."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        region = Region(code="elders", name="STO-regio Elders")
        session.add(region)
        await session.flush()
        school = School(
            region_id=region.id,
            code="E1",
            name="School Elders",
            holiday_region=HolidayRegion.NORTH,
            wall_key="wall-of-elders",
        )
        session.add(school)
        await session.flush()
        person = Person(code="E-C1", school_id=school.id, given_name="Els", family_name="Elders", is_coordinator=True)
        session.add(person)
        await session.flush()
        person_id = person.id
    async with signed_in(app, runtime, person_id) as browser:
        yield browser


class _SignedIn:
    def __init__(self, app: FastAPI, runtime: Runtime, person_id: str) -> None:
        self._opening = Browser.on(app)
        self._runtime, self._person_id = runtime, person_id

    async def __aenter__(self) -> Browser:
        browser = await self._opening.__aenter__()
        async with self._runtime.store.maintain() as session:
            token = login.begin_session(session, self._person_id, real_now())
        browser.client.cookies.set(cookie_name(self._runtime.settings), token, domain="127.0.0.1")
        return browser

    async def __aexit__(self, *error: object) -> None:
        await self._opening.__aexit__(None, None, None)
