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

from models.rights import Office, Right
from models.roles import Role
from models.scopes import ApiScope
from models.tables.activities import Activity, Participation
from models.tables.api import ApiToken
from models.tables.asking import Invitation, Link, Submission, Upload
from models.tables.base import Table, new_id
from models.tables.calendar import BlockKind, CalendarBlock
from models.tables.hooks import Hook
from models.tables.incoming import Came, Incoming
from models.tables.mail import Call, Message
from models.tables.network import Company, Person, Region, School
from models.tables.results import CardState, ImpressionCard
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services.api_tokens import make_token
from sandwich.services.login import begin_session
from sandwich.services.offices import give_role, take_role
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
    "token_id": _ids("api_token"),
    "person_id": _ids("person"),
    "mail_id": _ids("message"),
    "call_id": _ids("call"),
    "participation_id": _ids("participation"),
    "days_id": _ids("calendar_block"),
    "hook_id": _ids("hook"),
    "school_id": _ids("school"),
    "key": lambda tenant: [tenant.ids["activity"][0] + "x" * DAY_LETTERS],
    "target": _ids(*INSIDE),
}
"""Parameters that name what is somebody's, and where their values are."""

WORDS: dict[str, Sequence[str]] = {
    "verb": sorted(ACTIONS),
    "subject": ("task-division",),
    "kind": ("company-visit",),
    "data_kind": ("contacts",),
    "what": sorted({*FREE_FORMS, *DONE}),
    "mail": ("goals",),
    "stage": ("before",),
    "role": ("teacher",),
    "number": ("1",),
    "token": ("0" * 64,),
}
"""Parameters that are the same for everybody."""

KEYS = {"wall_key"}
"""Parameters that are a key and no id: who has it may read. Each visitor comes with their own."""

OF_THE_REGION = {"company_id", "person_id", "days_id", "school_id"}
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


def routes_of(app: FastAPI, *, all_of_them: bool = False) -> Iterator[Route]:
    """Yield every route of the application that has a parameter, or every one, once for each way to ask it."""
    for one in iter_route_contexts(app.routes):
        path = one.path or ""
        for method in sorted((one.methods or set()) - {"HEAD"}):
            if (all_of_them or "{" in path) and not path.startswith("/static"):
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
    owner: str = ""

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
                else list(WORDS[name])[: None if self.is_signed_in else 2]
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
        *(ApiToken, Hook, School),
    )
    async with runtime.for_region(region_id).store.read() as session:
        for kind in kinds:
            order = kind.__table__.c["id"]
            ids[kind.__tablename__] = [row.id for row in await session.scalars(select(kind).order_by(order))]
        closed = select(CalendarBlock.id).where(CalendarBlock.company_id.is_not(None))
        ids["calendar_block"] = list(await session.scalars(closed))
        ids["wall"] = list(await session.scalars(select(School.wall_key).where(School.region_id == region_id)))
    assert all(ids.values()), {name for name, found in ids.items() if not found}
    return Tenant(region_id, ids)


@dataclass(frozen=True)
class World:
    """The region of the visit, its twin, the people of the twin by code, and a coordinator of a school of the first
    that has no part in the visit. ``token`` is of the twin's coordinator.
    """

    foreign: Tenant
    own: Tenant
    people: dict[str, str]
    beside: str
    token: str


async def _world(runtime: Runtime, visit: Visit) -> World:
    await visit.token("P3", "card-release")
    await visit.personal_token("T2")
    now = await runtime.clock.now()
    for code, office in (("C2", Office.REGION_MANAGER), ("T9", Office.PRIVACY_OFFICER)):
        await give_role(runtime, visit.cast.id(code), office, now=now, actor="test")
    await take_role(runtime, visit.cast.id("C2"), Role.COORDINATOR, now=now, real=real_now(), actor="test")
    await make_token(*(runtime, visit.cast.id("C1"), "x", ApiScope.READ, 5), now=now, real=real_now(), actor="test")
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        activity = await session.get_one(Activity, visit.activity_id)
        card = (await session.scalars(select(ImpressionCard))).one()
        card.state, card.published_at = CardState.PUBLISHED, activity.started_at
        session.add(
            Incoming(
                key="k", activity_id=activity.id, tag="t", kind=Came.REPLY, size=1, received_at=activity.started_at
            )
        )
        day = activity.started_at.date()
        session.add(
            CalendarBlock(
                kind=BlockKind.CLOSED, name="Dicht", first_on=day, last_on=day, company_id=activity.company_id
            )
        )
        session.add(
            Hook(
                person_id=visit.cast.id("C1"),
                region_id=activity.region_id,
                url="https://example.org/hook",
                made_at=activity.started_at,
            )
        )
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
        mine = twins[visit.activity_id]
        session.add(
            Participation(activity_id=mine, person_id=twins[visit.cast.id("T10")], role=Role.COACH, added_at=now)
        )
    people = {code: twins[visit.cast.id(code)] for code in ("C1", "C2", "L1", "T9", "T10")}
    made = await make_token(*(runtime, people["C1"], "y", ApiScope.WRITE, 5), now=now, real=real_now(), actor="test")
    foreign, own = await _tenant(runtime, region.id), await _tenant(runtime, twins[region.id])
    return World(foreign, own, people, other_id, made.token)


async def _signed_in(runtime: Runtime, client: httpx.AsyncClient, person_id: str) -> None:
    async with runtime.store.maintain() as session:
        token = begin_session(session, person_id, real_now())
    client.cookies.set(cookie_name(runtime.settings), token)


@dataclass(frozen=True)
class Asking:
    """The application, and whoever asks it."""

    app: FastAPI
    world: World
    everybody: list[Visitor]


@pytest_asyncio.fixture
async def asking(runtime: Runtime, previewed: Visit) -> AsyncIterator[Asking]:
    """Whoever may ask, and what is not theirs."""
    app = patient(make_app(runtime))
    app.state.lines.close()  # what tells of changes goes on for minutes otherwise
    for window in (*vars(app.state.turnstile).values(), *vars(app.state.gate).values()):
        window.most = 1_000_000  # nobody asks this often
    world = await _world(runtime, previewed)
    own, wall = world.own, world.own.ids["wall"][0]
    async with AsyncExitStack() as stack:

        async def browser(person_id: str = "", **headers: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            opening = httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)
            client = await stack.enter_async_context(opening)
            if person_id:
                await _signed_in(runtime, client, person_id)
            return client

        async def holder(name: str, code: str) -> Visitor:
            person_id = world.people[code]
            return Visitor(name, await browser(person_id), wall, owner=f"coordinator:{person_id}")

        coordinator = await holder("coordinator of another region", "C1")
        coordinator.own = own
        coach = await holder("coach of another region", "T10")
        coach.own = own
        guest = await browser()
        guest.cookies.set(access.cookie_name(runtime.settings), app.state.signer.cookie(own.ids["link"][0]))
        beside = await browser(world.beside)
        program = await browser(authorization=f"Bearer {world.token}")
        everybody = [
            Visitor("nobody", await browser(), "wall-of-s9", is_signed_in=False),
            coordinator,
            await holder("region manager of another region", "C2"),
            await holder("school leader of another region", "L1"),
            await holder("privacy officer of another region", "T9"),
            coach,
            Visitor(
                *("coordinator of another school", beside, "wall-of-s9"),
                knows=frozenset(OF_THE_REGION),
                owner=f"coordinator:{world.beside}",
            ),
            Visitor("participant of another region", guest, wall, own, is_signed_in=False),
            Visitor("program of another region", program, wall, own, is_signed_in=False),
        ]
        yield Asking(app, world, everybody)


async def test_control_05_what_is_not_yours_does_not_exist(asking: Asking, runtime: Runtime) -> None:
    """Status, headers and every byte of the page are those of an id that was never there."""
    foreign, wrong = asking.world.foreign, []
    answers: dict[tuple[str, str, str], tuple[int, str, dict[str, str]]] = {}
    asked = 0
    for visitor, route in product(asking.everybody, list(routes_of(asking.app))):
        is_program = visitor.name.startswith("program")
        if is_program is not route.path.startswith("/api/"):
            continue
        for there, missing in visitor.asks(route, foreign):
            asked += 1
            seen = await _ask(asking.app, visitor, route, there)
            if (visitor.name, route.method, missing) not in answers:
                answers[visitor.name, route.method, missing] = await _ask(asking.app, visitor, route, missing)
            if seen != answers[visitor.name, route.method, missing]:
                wrong.append(f"{visitor.name}: {route.method} {there} {seen[0]} is not {missing}")
            is_hidden = seen[0] == 404 or route.path in NO_ANSWER_OF_ITS_OWN
            if visitor.is_signed_in and route.path.startswith("/board") and not is_hidden:
                wrong.append(f"{visitor.name}: {route.method} {there} answers {seen[0]}")
            if is_program and route.method == "GET" and not is_hidden:
                wrong.append(f"{visitor.name}: {route.method} {there} answers {seen[0]}")
    assert not wrong, "\n".join(wrong[:40])
    assert asked > 1000
    theirs = runtime.for_region(asking.world.own.region)
    assert await pulse_of_activity(theirs, foreign.region, foreign.ids["activity"][0]) == await pulse_of_activity(
        theirs, foreign.region, new_id()
    )


MAY = {
    "region manager of another region": {Right.READ, Right.REPORT},
    "school leader of another region": {Right.READ},
    "privacy officer of another region": {Right.EXPORT, Right.ERASE, Right.CLEAR},
    "coach of another region": {Right.READ, Right.STEER},
}
NEEDS = {
    "/board/ended": Right.READ,
    "/board/{activity_id}": Right.READ,
    "/board/figures": Right.REPORT,
    "/board/figures/report": Right.REPORT,
    "/board/figures/report.pdf": Right.REPORT,
    "/board/figures/report.xlsx": Right.REPORT,
    "/board/figures/report.csv": Right.REPORT,
    "/board/privacy": Right.EXPORT,
    "/board/privacy/{person_id}/data": Right.EXPORT,
    "/board/privacy/{person_id}/object": Right.ERASE,
    "/board/privacy/{person_id}/erase": Right.ERASE,
    "/board/retention": Right.CLEAR,
    "/board/retention/{data_kind}": Right.CLEAR,
}
"""Pages that need no more than one of these rights; all others are for who steers, or organises."""

FOR_ALL = {"/board", "/board/live", "/board/live/{activity_id}"}
"""The beginning of everybody who is signed in, and what tells that a page changed."""


async def test_control_05_what_a_role_may_not_do_does_not_exist_in_the_own_region_either(asking: Asking) -> None:
    """Every page of the board, as whoever does not organise: there with the right that it needs, and else not."""
    wrong = []
    for visitor in asking.everybody:
        if visitor.name not in MAY:
            continue
        for route in routes_of(asking.app, all_of_them=True):
            if not route.path.startswith("/board") or route.path in FOR_ALL or route.path.endswith("/erase"):
                continue
            names = route.parameters
            values = {name: WORDS[name][0] if name in WORDS else asking.world.own.of(name)[0] for name in names}
            status, *_ = await _ask(asking.app, visitor, route, route.filled(values))
            else_needs = Right.STEER if "activity_id" in names else Right.ORGANISE
            needs = NEEDS.get(route.path, else_needs)
            may = needs in MAY[visitor.name]
            # An activity as it stands now has not everything that could be steered in it.
            if (status == 404) is may and not (may and needs is Right.STEER):
                wrong.append(f"{visitor.name}: {route.method} {route.path} answers {status}")
    assert not wrong, "\n".join(wrong)


ABOUT = {"/board/privacy": "/board/privacy", "/board/keys": "/board/keys"}
"""What the key of a page is about, by the beginning of its address."""


async def _ask(app: FastAPI, visitor: Visitor, route: Route, address: str) -> tuple[int, str, dict[str, str]]:
    """Return status, page and headers of an answer, without what was asked for."""
    is_api = route.path.startswith("/api/")
    headers = {"origin": BASE, "accept-language": "nl", "accept": "application/json" if is_api else "text/html"}
    about = next((about for begin, about in ABOUT.items() if route.path.startswith(begin)), "")
    data = {"_key": app.state.signer.page_key(visitor.owner, about), "sure": "yes"} if about and visitor.owner else None
    sent = {"data": data} if data and route.method == "POST" else {"json": {}} if is_api else {}
    answer = await visitor.client.request(route.method, address, headers=headers, **sent)  # type: ignore[arg-type]
    text = answer.text
    own = sorted((part for part in {address, *address.split("/")} if len(part) >= 16), key=len, reverse=True)
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "x-request-id")}
    for part in own:
        text = text.replace(part, "…")
        kept = {name: value.replace(part, "…") for name, value in kept.items()}
    return answer.status_code, text, kept
