"""Every route × every visitor × ids that are not theirs: the answer is that of an id that does not exist, to the byte.

The routes are the application's own, so a new one is covered by itself; a parameter that :data:`FOREIGN` does not know
fails. Two regions have the same in them (``tests/support/twins.py``): what is asked for is the first one's, and whoever
asks is of the second, or of a school of the first that has no part in it.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import product

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from models.tables.activities import Activity, Participation, ShareScope
from models.tables.asking import Invitation, Link, Submission, Upload
from models.tables.base import Table, new_id
from models.tables.incoming import Came, Incoming
from models.tables.mail import Call, Message
from models.tables.network import Company, Person, Region, School
from models.tables.results import CardState, ImpressionCard
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services.login import begin_session
from sandwich.services.pulse import pulse_of_activity
from sandwich.web.app import make_app
from sandwich.web.board.doing import ACTIONS
from sandwich.web.participant import access
from sandwich.web.participant.routes import FREE_FORMS
from sandwich.web.session import cookie_name
from sandwich.web.signing import DAY_LETTERS
from sandwich.web.wall.adopting import DONE
from tests.hostile.world import patient
from tests.support.twins import copy_region
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

BASE = "http://127.0.0.1:8000"

INSIDE = ("participation", "invitation", "call", "message")
"""What an action of an activity may be about."""


@dataclass
class Tenant:
    """What is there of a region, by what it is: ids, and the keys of walls and days."""

    region: str
    ids: dict[str, list[str]]

    def of(self, parameter: str) -> list[str]:
        """Return values for a parameter of an address."""
        return FOREIGN[parameter](self)


def _ids(*kinds: str) -> Callable[[Tenant], list[str]]:
    return lambda tenant: [tenant.ids[kind][0] for kind in kinds]


FOREIGN: dict[str, Callable[[Tenant], list[str]]] = {
    "activity_id": _ids("activity"),
    "invitation_id": _ids("invitation"),
    "submission_id": _ids("submission"),
    "company_id": _ids("company"),
    "letter_id": _ids("incoming"),
    "upload_id": _ids("upload"),
    "link_id": _ids("link"),
    "ref": _ids("link"),
    "key": lambda tenant: [tenant.ids["activity"][0] + "x" * DAY_LETTERS],
    "target": _ids(*INSIDE),
}
"""Parameters that name what is somebody's, and where their values are."""

WORDS: dict[str, Sequence[str]] = {
    "verb": sorted(ACTIONS),
    "subject": ("task-division",),
    "kind": ("company-visit",),
    "what": sorted({*FREE_FORMS, *DONE}),
    "mail": ("goals",),
    "token": ("0" * 64,),
}
"""Parameters that are the same for everybody."""

KEYS = {"wall_key"}
"""Parameters that are a key and no id: who has it may read. Each visitor comes with their own."""

OF_THE_REGION = {"company_id"}
"""Parameters that name what is not a school's but its region's."""

NO_ANSWER_OF_ITS_OWN = {
    "/board/live/{activity_id}": "says nothing of what is not there, and that it never changes",
    "/board/{activity_id}/agree/{invitation_id}": "looks first whether the page that it came from was ours",
    "/login/{token}": "keeps what is typed in a cookie; nobody's id",
}
"""Routes that do not answer 404 to who is signed in, and what they do instead: the same for both ids all the same."""


@dataclass
class Route:
    """One route: its address with places for parameters, and a way to ask it."""

    path: str
    method: str

    @property
    def parameters(self) -> list[str]:
        """The parameters of the address, in their order."""
        return re.findall(r"\{(\w+)(?::\w+)?\}", self.path)

    def filled(self, values: dict[str, str]) -> str:
        """Return the address with values in it."""
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values[found[1]], self.path)


def routes_of(app: FastAPI) -> Iterator[Route]:
    """Yield every route of the application that has a parameter, once for each way to ask it."""
    for one in iter_route_contexts(app.routes):
        path = one.path or ""
        for method in sorted((one.methods or set()) - {"HEAD"}):
            if "{" in path and not path.startswith("/static"):
                yield Route(path, method)


@dataclass
class Visitor:
    """Somebody who asks, and what is theirs: an own id stands before one that is not."""

    name: str
    client: httpx.AsyncClient
    wall: str
    own: Tenant | None = None
    knows: frozenset[str] = field(default=frozenset())
    is_signed_in: bool = True

    def asks(self, route: Route, foreign: Tenant) -> Iterator[tuple[str, str]]:
        """Yield pairs of addresses: one with foreign ids, and the same with ids that do not exist."""
        unknown = [name for name in route.parameters if name not in {*FOREIGN, *WORDS, *KEYS}]
        assert not unknown, f"{route.path}: the matrix does not know {unknown}"
        ids = [name for name in route.parameters if name in FOREIGN and name not in self.knows]
        if not ids:
            return
        for begin in range(len(ids) if self.own is not None else 1):
            if begin > 0 and "verb" in route.parameters and route.method != "GET":
                continue  # what a page is not shown for is not done either: the same code asks first
            offered = {
                name: [self.wall]
                if name in KEYS
                else list(WORDS[name])
                if name in WORDS
                else self.own.of(name)[:1]
                if self.own is not None and name in ids[:begin]
                else foreign.of(name)
                for name in route.parameters
            }
            if begin == 0:
                offered |= {name: offered[name][:1] for name in ids[1:]}
            for chosen in product(*offered.values()):
                values = dict(zip(offered, chosen, strict=True))
                missing = {**values, **{name: _like(name, values[name]) for name in ids[begin:]}}
                yield route.filled(values), route.filled(missing)


_MISSING: dict[tuple[str, int], str] = {}


def _like(name: str, value: str) -> str:
    """Return something of the same form that does not exist; the same for the same parameter."""
    key = (name, len(value))
    if key not in _MISSING:
        _MISSING[key] = (new_id() * (len(value) // 24 + 1))[: len(value)]
    return _MISSING[key]


async def _tenant(runtime: Runtime, region_id: str) -> Tenant:
    ids: dict[str, list[str]] = {}
    kinds: tuple[type[Table], ...] = (
        *(Activity, Participation, Invitation, Submission, Upload, Link, Call, Message, Company, Incoming, Person),
    )
    async with runtime.for_region(region_id).store.read() as session:
        for kind in kinds:
            order = kind.__table__.c["id"]
            ids[kind.__tablename__] = [row.id for row in await session.scalars(select(kind).order_by(order))]
        ids["wall"] = list(await session.scalars(select(School.wall_key).where(School.region_id == region_id)))
    assert all(ids.values()), {name for name, found in ids.items() if not found}
    return Tenant(region_id, ids)


async def _world(runtime: Runtime, visit: Visit) -> tuple[Tenant, Tenant, str, str]:
    """Return the region of the visit, its twin, the twin's coordinator, and one of a school without a part in it."""
    await visit.token("P3", "card-release")
    await visit.personal_token("T2")
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        activity = await session.get_one(Activity, visit.activity_id)
        card = (await session.scalars(select(ImpressionCard))).one()
        card.state, card.published_at = CardState.PUBLISHED, activity.started_at
        session.add(
            Incoming(
                key="k", activity_id=activity.id, tag="t", kind=Came.REPLY, size=1, received_at=activity.started_at
            )
        )
        assert activity.share_scope is ShareScope.SCHOOL
        region = await session.get_one(Region, activity.region_id)
    twins = await copy_region(runtime.store)
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        school = School(region_id=region.id, code="S9", name="Ander", holiday_region="middle", wall_key="wall-of-s9")
        session.add(school)
        await session.flush()
        other = Person(code="S9-C", school_id=school.id, given_name="Bo", family_name="Ander", is_coordinator=True)
        session.add(other)
        await session.flush()
        other_id = other.id
    foreign, own = await _tenant(runtime, region.id), await _tenant(runtime, twins[region.id])
    return foreign, own, twins[visit.cast.id("C1")], other_id


async def _signed_in(runtime: Runtime, client: httpx.AsyncClient, person_id: str) -> None:
    async with runtime.store.maintain() as session:
        token = begin_session(session, person_id, real_now())
    client.cookies.set(cookie_name(runtime.settings), token)


@pytest_asyncio.fixture
async def visitors(runtime: Runtime, previewed: Visit) -> AsyncIterator[tuple[FastAPI, Tenant, list[Visitor]]]:
    """Whoever may ask, and what is not theirs."""
    app = patient(make_app(runtime))
    app.state.lines.close()  # what tells of changes goes on for minutes otherwise
    foreign, own, coordinator, other = await _world(runtime, previewed)
    async with AsyncExitStack() as stack:

        async def browser() -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            return await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=BASE))

        nobody, elsewhere, beside, guest = [await browser() for _ in range(4)]
        await _signed_in(runtime, elsewhere, coordinator)
        await _signed_in(runtime, beside, other)
        guest.cookies.set(access.cookie_name(runtime.settings), app.state.signer.cookie(own.ids["link"][0]))
        yield (
            app,
            foreign,
            [
                Visitor("nobody", nobody, "wall-of-s9", is_signed_in=False),
                Visitor("coordinator of another region", elsewhere, own.ids["wall"][0], own),
                Visitor("coordinator of another school", beside, "wall-of-s9", knows=frozenset(OF_THE_REGION)),
                Visitor("participant of another region", guest, own.ids["wall"][0], own, is_signed_in=False),
            ],
        )


async def test_what_is_not_yours_does_not_exist(
    visitors: tuple[FastAPI, Tenant, list[Visitor]], runtime: Runtime
) -> None:
    """Status, headers and every byte of the page are those of an id that was never there."""
    app, foreign, everybody = visitors
    wrong: list[str] = []
    asked, answers = 0, {}
    for visitor in everybody:
        for route in routes_of(app):
            for there, missing in visitor.asks(route, foreign):
                asked += 1
                seen = await _ask(visitor.client, route.method, there)
                if (visitor.name, route.method, missing) not in answers:
                    answers[visitor.name, route.method, missing] = await _ask(visitor.client, route.method, missing)
                if seen != answers[visitor.name, route.method, missing]:
                    wrong.append(f"{visitor.name}: {route.method} {there} {seen[0]} is not {missing}")
                is_board = route.path.startswith("/board")
                if is_board and visitor.is_signed_in and route.path not in NO_ANSWER_OF_ITS_OWN and seen[0] != 404:
                    wrong.append(f"{visitor.name}: {route.method} {there} answers {seen[0]}")
    assert not wrong, "\n".join(wrong[:40])
    assert asked > 1000
    theirs = runtime.for_region(everybody[1].own.region) if everybody[1].own else runtime
    activity_id = foreign.ids["activity"][0]
    assert await pulse_of_activity(theirs, foreign.region, activity_id) == await pulse_of_activity(
        theirs, foreign.region, new_id()
    )


async def _ask(client: httpx.AsyncClient, method: str, address: str) -> tuple[int, str, dict[str, str]]:
    """Return status, page and headers of an answer, without what was asked for."""
    headers = {"origin": BASE, "accept-language": "nl", "accept": "text/html"}
    answer = await client.request(method, address, headers=headers)
    own = {address, *address.split("/")} - {"", "board", "f", "wall", "day"}
    text = answer.text
    for part in sorted(own, key=len, reverse=True):
        if len(part) >= 16:
            text = text.replace(part, "…")
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "x-request-id")}
    if "location" in kept:
        for part in own:
            kept["location"] = kept["location"].replace(part, "…") if len(part) >= 16 else kept["location"]
    return answer.status_code, text, kept
