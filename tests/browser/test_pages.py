"""Every page of the application in a real browser, by the rules of WCAG 2.2 A and AA, and with nothing from elsewhere.

Nobody keeps a list: whoever opens the first page, a personal link of each role, the board and a wall follows every link
from there, and a route that was not reached is one that this file does not look at yet.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urldefrag, urlsplit

import pytest
from fastapi.routing import APIRoute
from playwright.async_api import BrowserContext, Error, Page
from sqlalchemy import select

from models.rights import Office
from models.tables.activities import Activity
from models.tables.network import Person
from sandwich.clock import real_now
from sandwich.services.login import begin_session
from sandwich.services.offices import give_role
from sandwich.web.api.door import Door
from sandwich.web.app import make_app
from sandwich.web.session import cookie_name
from tests.browser.beside import Beside, bring_about
from tests.browser.world import COORDINATOR, World, told

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

TWO = 2
"""So many pages are looked at at once: one core serves and one looks."""

OFTEN = {"/board/{activity_id}": 40, "/f/{ref}": 40}
"""Of these routes every address is looked at: what they show differs with how far an activity is."""

ENOUGH = 2
"""Of any other route so many addresses are looked at, for each of its words."""

WORDS = ("verb", "what", "kind", "data_kind")
"""Parts of an address that stand for a page of their own, and not for what is shown on it."""


GONE = 410
"""The status of a link that is used no more, which says so on a page of its own."""

CARD = "/wall/{wall_key}/{activity_id}"
SEARCH = "main form:has(#f-who)"
"""Where a privacy officer asks whom it is about; beside it stand those who asked for something."""

ASKING = "main form[method=post]:has(textarea, select, input:not([type=hidden]))"
"""A form in which there is something to fill in."""

FILL = """(where) => {
  for (const one of document.querySelector(where).elements) {
    if (one.type === 'radio' || one.type === 'checkbox') one.checked = true;
    else if (one.type === 'email') one.value = 'iemand@school.example';
    else if (one.type === 'text' || one.tagName === 'TEXTAREA') one.value = 'Iemand';
  }
}"""


STREAMS = {"/board/live", "/board/live/{activity_id}"}
"""What open pages listen to: no pages, and without an end."""


TO_THE_PROVIDER = {"/login/oidc", "/login/oidc/back"}
"""There and back with an account of a school: nothing of ours to look at (``tests/board/test_oidc.py``)."""


class Routes:
    """The application's own routes, by which addresses are told apart."""

    def __init__(self, world: World) -> None:
        self._routes = list(_pages_of(make_app(world.runtime).routes))
        self.reached: Counter[str] = Counter()
        self._wanted: Counter[str] = Counter()

    @property
    def paths(self) -> set[str]:
        """The paths of all pages that can be asked for."""
        return {route.path for route in self._routes}

    def of(self, address: str) -> APIRoute | None:
        """Return the route that answers an address."""
        path = urlsplit(address).path
        return next((route for route in self._routes if route.path_regex.match(path)), None)

    def key(self, address: str) -> str:
        """Return the path of the route that answers an address, with the words that make it a page of its own."""
        route = self.of(address)
        given = route.path_regex.match(urlsplit(address).path) if route is not None else None
        if route is None or given is None:
            return ""
        return " ".join([route.path, *(given[name] for name in WORDS if name in given.re.groupindex)])

    def wants(self, address: str) -> bool:
        """Whether an address is still to be looked at; it then counts as looked at."""
        route = self.of(address)
        if route is None:
            return False
        key = self.key(address)
        if self._wanted[key] >= OFTEN.get(route.path, ENOUGH):
            return False
        self._wanted[key] += 1
        self.reached[route.path] += 1
        return True


def _pages_of(routes: Sequence[object]) -> Iterator[APIRoute]:
    """Yield the routes that answer GET, in the order in which addresses are tried; routers may hold others."""
    for route in routes:
        if isinstance(route, Door):
            continue  # what programs ask is no page
        if isinstance(route, APIRoute):
            if "GET" in (route.methods or ()):
                yield route
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from _pages_of(router.routes)


class Walk:
    """Following links, in rounds: the links of one round are the pages of the next, in their order."""

    def __init__(self, world: World, routes: Routes) -> None:
        self.world, self.routes = world, routes
        self.seen: set[str] = set()
        self.asking: list[str] = []

    async def follow(self, context: BrowserContext, addresses: Iterable[str]) -> None:
        """Look at these pages and at whatever they lead to."""
        pages = [await context.new_page() for _ in range(TWO)]
        line = list(self._new(addresses))
        while line:
            waiting, found = deque(enumerate(line)), dict[int, list[str]]()

            async def work(page: Page, waiting: deque[tuple[int, str]], found: dict[int, list[str]]) -> None:
                while waiting:
                    place, address = waiting.popleft()
                    found[place] = await self.look(page, address)

            await asyncio.gather(*(work(page, waiting, found) for page in pages))
            line = list(self._new(address for place in sorted(found) for address in found[place]))

    async def look(self, page: Page, address: str, what: str = "") -> list[str]:
        """Look at one page and return where it leads to; what is no page must at least be there."""
        try:
            response = await page.goto(address)
        except Error as error:
            if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
                raise
            answer = await page.context.request.get(address)
            if answer.status >= 400:
                self.world.wrong[address] = [f"status {answer.status}"]
            return []
        assert response is not None
        is_explained = bool(what) or response.status == GONE
        if response.status >= 500 or (response.status >= 400 and not is_explained):
            self.world.wrong[address] = [f"status {response.status}"]
        if "html" not in response.headers.get("content-type", ""):
            return []
        if (route := self.routes.of(page.url)) is not None:
            self.routes.reached[route.path] += 1
        if "sandbox" in response.headers.get("content-security-policy", ""):
            # A mail runs no scripts, and axe is one.
            mail = await page.context.new_page()
            await mail.set_content(await response.text())
            await self.world.look(mail, f"the mail {urlsplit(address).path}")
            await mail.close()
            return []
        await self.world.look(page, what or urlsplit(address).path)
        if await page.locator(ASKING).count():
            self.asking.append(address)
        links: list[str] = await page.evaluate("[...document.querySelectorAll('a[href]')].map((one) => one.href)")
        return links

    def _new(self, addresses: Iterable[str]) -> Iterator[str]:
        for address in addresses:
            bare = urldefrag(address).url
            is_ours = bare.startswith(self.world.site.address)
            if is_ours and bare not in self.seen and self.routes.wants(bare):
                self.seen.add(bare)
                yield bare


async def test_every_page(world: World) -> None:
    beside = await bring_about(world.runtime)
    routes = Routes(world)
    walk, base = Walk(world, routes), world.site.address
    await _before_signing_in(world, walk, beside)
    board = await world.context()
    first = await board.new_page()
    await walk.look(first, f"{base}/")
    await first.get_by_role("button", name=COORDINATOR).click()
    kind, visit = next(iter(world.runtime.library.playbooks)), beside.letter.partition("/mail/")[0]
    unlinked = (
        f"{visit}/agreement/amend",
        beside.letter,
        f"{beside.letter}.eml",
        "/board/outbox",
        f"/board/versions/{kind}",
        "/demo/mailbox/1/html",
    )
    await walk.follow(board, [f"{base}{path}" for path in ("/board", *unlinked)])
    await _as_other_roles(world, walk)
    await _behind_links(world, walk, beside)
    await _on_the_wall(world, walk, beside)
    await _with_keys(world, first)
    for path in ("/healthz", "/readyz", "/metrics"):
        await walk.look(first, f"{base}{path}")
        routes.reached[path] += 1
    await _untouched(world, walk, board)
    for path in ("/nergens", "/board/nergens", "/wall/nergens", "/f/nergens"):
        await walk.look(first, f"{base}{path}", f"{path}, which is not there")
    missed = routes.paths - set(routes.reached) - STREAMS - TO_THE_PROVIDER
    assert not missed, f"no link leads to these routes: bring them about, or look at them here: {sorted(missed)}"
    assert not world.wrong, told(world.wrong)
    assert {address for address in world.site.requests if not address.startswith(base)} == set()
    assert Counter(world.site.complaints) == {}


async def send(page: Page, form: str = "main form") -> int:
    """Press the first button of a form, and return the status of what comes."""
    async with page.expect_navigation() as going:
        await page.locator(f"{form} button:not([aria-hidden])").first.click()
    response = await going.value
    return response.status if response is not None else 200


async def _before_signing_in(world: World, walk: Walk, beside: Beside) -> None:
    """Look at the way in: the address, a wrong one, what is sent, the link of the mail, and a wrong code."""
    page, base = await (await world.context()).new_page(), world.site.address
    await walk.look(page, f"{base}/login")
    await send(page)
    await world.look(page, "/login, without an address")
    await page.locator("main input[name=address]").fill("iemand@school.example")
    await send(page)
    await walk.look(page, page.url)
    await walk.look(page, f"{base}{beside.login}")
    walk.routes.reached["/login/{token}"] += 1
    await page.locator("main input[name=code]").fill("000000")
    await send(page)
    await world.look(page, "/login/code, with a wrong code")


async def _as_other_roles(world: World, walk: Walk) -> None:
    """Look at what a region manager reads, and at what a privacy officer asks and finds, without erasing anybody."""
    now, settings, base = await world.runtime.clock.now(), world.runtime.settings, world.site.address
    async with world.runtime.store.read() as session:
        person = (await session.scalars(select(Person).where(Person.code == "T9"))).one()
        activity_id = (await session.scalars(select(Activity.id).order_by(Activity.started_at).limit(1))).one()
    for office in Office:
        await give_role(world.runtime, person.id, office, now=now, actor="test")
    async with world.runtime.store.maintain() as session:
        token = begin_session(session, person.id, real_now())
    context = await world.context()
    await context.add_cookies([{"name": cookie_name(settings), "value": token, "url": base}])
    page = await context.new_page()
    for path in ("/board", f"/board/{activity_id}"):
        await page.goto(f"{base}{path}")
        await world.look(page, f"{path}, to read")
    await page.goto(f"{base}/board/privacy")  # not by the walk: the coordinator, who presses later, has no such page
    await world.look(page, "/board/privacy")
    walk.routes.reached["/board/privacy"] += 1
    await page.locator("#f-who").fill("T9")
    await send(page, SEARCH)
    await world.look(page, "/board/privacy, with somebody found")
    await send(page, "main form[action$='/erase']")
    await world.look(page, "/board/privacy, not sure")


async def _behind_links(world: World, walk: Walk, beside: Beside) -> None:
    """Look at the pages behind the links of one person in each role of each kind, and at what comes after answers."""
    context = await world.context()
    page = await context.new_page()
    for seat, after in ((beside.photographer, "thanks"), (beside.agreed, "thanks"), (beside.drafted, "kept")):
        links = await walk.look(page, await world.link(seat.participation_id, seat.invitation_id))
        at = page.url
        await walk.follow(context, [*links, f"{at}/{after}/{seat.invitation_id}"])
        await walk.look(page, f"{at}/file/{beside.photo}", "the photo")
        await walk.look(page, f"{at}/certificate", "a certificate that is not there")
    await _with_a_code(world, page, await world.link(beside.drafted.participation_id))
    await walk.follow(context, [await world.link(one.id) for one in await world.one_of_each_role()])
    await _behind_a_code(world, walk, page)


async def _with_a_code(world: World, page: Page, link: str) -> None:
    """Look at what asks for a code that was mailed, at a wrong one, and at mistakes in what somebody puts right."""
    await page.goto(link)
    home = page.url
    for what in ("erase", "everything"):
        await page.goto(f"{home}/{what}")
        await page.locator("main input[name=wanted]").check()
        await send(page, "main form:last-of-type")
        await world.look(page, f"/f/…/{what}, with a code on its way")
        await page.locator("main input[name=code]").fill("000000")
        await send(page)
        await world.look(page, f"/f/…/{what}, with a wrong code")
    await page.goto(f"{home}/correct")
    await page.locator("main input[name=given_name]").fill("")
    await page.locator("main input[name=family_name]").fill("")
    await send(page)
    await world.look(page, "/f/…/correct, with a mistake")


async def _behind_a_code(world: World, walk: Walk, page: Page) -> None:
    """Look at where the printed code of a day leads, and at what is said to whoever asks for a link there."""
    await page.goto(next(one for one in sorted(walk.seen) if urlsplit(one).path.endswith("/code")))
    await walk.look(page, next(word for word in (await page.inner_text("main")).split() if "/day/" in word))
    await send(page)
    await world.look(page, "/day, without an address")
    await page.locator("main input[name=mail]").fill("iemand@school.example")
    await send(page)
    await walk.look(page, page.url)


async def _on_the_wall(world: World, walk: Walk, beside: Beside) -> None:
    """Look at a card, at what a colleague says about it, nothing and something, and at who said they will use it."""
    page = await (await world.context()).new_page()
    card = next(one for one in sorted(walk.seen) if (route := walk.routes.of(one)) and route.path == CARD)
    await walk.look(page, f"{card}/file/{beside.photo}", "a photo that is not on the card")
    await walk.look(page, card)
    async with page.expect_navigation():
        await page.evaluate("document.querySelector('form[data-form]').requestSubmit()")
    await world.look(page, "a reaction, empty")
    await page.evaluate(FILL, "form[data-form]")
    await send(page, "form[data-form]")
    await walk.look(page, page.url)
    for done in ("thanks", "taken-back"):
        await walk.look(page, f"{card}/use/{done}")


async def _with_keys(world: World, page: Page) -> None:
    """Look at a new key and at the secret of a new address, which are shown once, and at the lists with them."""
    at = f"{world.site.address}/board/keys"
    await page.goto(at)
    await page.locator("main input[name=name]").fill("Rooster van het Kompas")
    await send(page, "main form[action$='/board/keys']")
    await world.look(page, "/board/keys, with a new key")
    await page.locator("main input[name=url]").fill("https://rooster.school.example/sandwich")
    await send(page, "main form[action$='/board/keys/hooks']")
    await world.look(page, "/board/keys, with the secret of an address")
    await page.goto(at)
    await world.look(page, "/board/keys, with a key and an address")


async def _untouched(world: World, walk: Walk, board: BrowserContext) -> None:
    """Press the button of every form of the board with nothing filled in, and look at what comes back with mistakes.

    This is the last that is done here: where nothing was missing, something has now been changed.
    """
    page, tried = await board.new_page(), set[str]()
    for address in walk.asking:
        what = walk.routes.key(address)
        if what in tried or not what.startswith("/board"):
            continue
        tried.add(what)
        await page.goto(address)
        status = await send(page, ASKING)
        if status >= 500:
            world.wrong[f"{address}, untouched"] = [f"status {status}"]
        elif status >= 400:
            await world.look(page, f"{address}, untouched")
    assert len(tried) > 20, tried
