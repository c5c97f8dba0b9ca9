"""Who may see and do what: another region's coordinator, nobody at all, pages of other sites, other people's keys."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.tables.activities import Activity, ActivityStatus
from models.tables.base import new_id
from models.tables.network import Person
from models.tables.running import WebSession
from sandwich.runtime import Runtime
from sandwich.web.session import cookie_name
from tests.board.conftest import signed_in
from tests.support.browser import BASE, Browser
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

PAGES = (
    *("", "/move", "/fix-date", "/hold", "/day", "/new-host", "/resume", "/begin", "/cancel"),
    *("/people", "/agreement", "/agreement/amend"),
)
"""Pages of an activity that need nothing else."""

VERBS = ("answer", "print", "waive", "replace", "withdraw", "absent", "gate", "call")
"""Pages of something inside an activity."""


async def test_control_05_another_region_sees_an_empty_board_and_cannot_tell_our_activity_from_none(
    stranger: Browser, visit: Visit, runtime: Runtime
) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    assert "Prefab" not in (await stranger.open("/board")).html
    addresses = [*PAGES, *(f"/{verb}/{invitation.id}" for verb in VERBS)]

    for part in addresses:
        unknown = await stranger.client.get(f"/board/{new_id()}{part}")
        ours = await stranger.client.get(f"/board/{visit.activity_id}{part}")
        assert (ours.status_code, ours.content) == (404, unknown.content), part
        posted = await stranger.client.post(f"/board/{visit.activity_id}{part}", headers={"origin": BASE})
        assert posted.status_code in {404, 405}, part
    assert (await read(runtime, visit)).status is ActivityStatus.REQUESTED


async def test_a_company_of_another_region_is_none(stranger: Browser, jolanda: Browser, visit: Visit) -> None:
    address = f"/board/companies/{visit.cast.id('B3')}"
    form = (await jolanda.open(address)).form("/closed").filled({"closed-name": "x", "closed-first": "2027-01-04"})
    for verb in ("", "/edit", "/closed", "/open-again"):
        shown = await stranger.client.get(address + verb)
        posted = await stranger.client.post(address + verb, data=form, headers={"origin": BASE})
        assert (shown.status_code in {404, 405}, posted.status_code) == (True, 404), verb
    assert "Er zijn geen dagen bekend" in (await jolanda.open(address)).text


async def test_people_of_another_region_cannot_be_added(
    stranger: Browser, jolanda: Browser, visit: Visit, runtime: Runtime
) -> None:
    async with runtime.store.read() as session:
        els = (await session.scalars(select(Person).where(Person.code == "E-C1"))).one()
    page = await jolanda.open(f"/board/{visit.activity_id}/people")
    form = page.form("/people").filled({})

    forged = await jolanda.client.post(
        f"/board/{visit.activity_id}/people", data={**form, "person": [els.id]}, headers={"origin": BASE}
    )

    assert forged.status_code == 422
    assert "Kies mensen uit de lijst." in forged.text


async def test_nobody_is_brought_to_the_sign_in_page(browser: Browser, visit: Visit) -> None:
    for part in (
        "/board",
        "/board/start",
        "/board/figures",
        f"/board/{visit.activity_id}",
        f"/board/{visit.activity_id}/cancel",
    ):
        await browser.open(part)
        assert (browser.status, browser.path) == (200, "/login")


async def test_a_post_without_a_session_changes_nothing_and_says_how_to_go_on(
    browser: Browser, jolanda: Browser, visit: Visit, runtime: Runtime
) -> None:
    page = await jolanda.open(f"/board/{visit.activity_id}/cancel")
    form = page.form("/cancel").filled({"reason": "x"})

    answer = await browser.client.post(f"/board/{visit.activity_id}/cancel", data=form, headers={"origin": BASE})

    assert answer.status_code == 403
    assert "Wat je typte staat hier: log in en verstuur het dan nog eens." in answer.text
    assert (await read(runtime, visit)).status is ActivityStatus.REQUESTED


async def test_control_12_forged_shortened_and_swapped_cookies_open_nothing(
    browser: Browser, jolanda: Browser, visit: Visit, runtime: Runtime, app: FastAPI
) -> None:
    """Neither what is stored of a session, nor a cookie of something else, nor part of the right one is a session."""
    name = cookie_name(runtime.settings)
    own = str(jolanda.client.cookies.get(name))
    async with runtime.store.read() as session:
        stored = (await session.scalars(select(WebSession.token_hash))).first()
    link = app.state.signer.cookie(visit.activity_id)
    for forged in (own[:-1], own.swapcase(), f"{own}=", str(stored), link, "x" * 300, "", "null"):
        answer = await browser.client.get("/board", headers={"cookie": f"{name}={forged}"})
        assert answer.url.path == "/login", forged
    assert (await browser.client.get("/board", headers={"cookie": f"{name}={own}"})).url.path == "/board"


async def test_control_05_a_role_taken_away_in_the_middle_of_a_form_changes_nothing_and_keeps_what_was_typed(
    jolanda: Browser, visit: Visit, runtime: Runtime
) -> None:
    page = await jolanda.open(f"/board/{visit.activity_id}/cancel")
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Person, visit.cast.id("C1"))).is_coordinator = False

    form = page.form("/cancel").filled({"reason": "Wat ik typte"})
    answer = await jolanda.client.post(f"/board/{visit.activity_id}/cancel", data=form, headers={"origin": BASE})

    assert answer.status_code == 403
    assert "Wat ik typte" in answer.text
    assert (await read(runtime, visit)).status is ActivityStatus.REQUESTED
    await jolanda.open("/board")
    assert jolanda.path == "/login"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": BASE, "sec-fetch-site": "same-site"},
    ],
)
async def test_control_12_a_post_from_another_site_is_refused(
    jolanda: Browser, visit: Visit, runtime: Runtime, headers: dict[str, str]
) -> None:
    page = await jolanda.open(f"/board/{visit.activity_id}/cancel")
    form = page.form("/cancel").filled({"reason": "x"})

    answer = await jolanda.client.post(f"/board/{visit.activity_id}/cancel", data=form, headers=headers)

    assert answer.status_code == 403
    assert (await read(runtime, visit)).status is ActivityStatus.REQUESTED


async def test_control_12_a_post_needs_the_key_of_its_own_page_and_person(
    jolanda: Browser, app: FastAPI, visit: Visit, runtime: Runtime
) -> None:
    address = f"/board/{visit.activity_id}/cancel"
    hold = (await jolanda.open(f"/board/{visit.activity_id}/hold")).form("/hold").filled({})["_key"]
    async with signed_in(app, runtime, visit.cast.id("C2")) as sander:
        of_sander = (await sander.open(address)).form("/cancel").filled({})["_key"]

    for key in ("", "forged", hold[0], of_sander[0]):
        answer = await jolanda.client.post(address, data={"_key": key, "reason": "x"}, headers={"origin": BASE})
        assert answer.status_code == 403
    assert (await read(runtime, visit)).status is ActivityStatus.REQUESTED


async def test_control_04_opening_every_page_changes_nothing(jolanda: Browser, visit: Visit, runtime: Runtime) -> None:
    invitation = await visit.invitation("P3", "date-poll")
    before = await entries(runtime)

    for part in [*PAGES, f"/answer/{invitation.id}", f"/waive/{invitation.id}", "/gate/before"]:
        await jolanda.client.get(f"/board/{visit.activity_id}{part}")
        await jolanda.client.head(f"/board/{visit.activity_id}{part}")

    assert await entries(runtime) == before


async def test_pages_carry_the_headers_that_keep_them_ours(jolanda: Browser, visit: Visit) -> None:
    await jolanda.open(f"/board/{visit.activity_id}")

    assert jolanda.answer is not None
    headers = jolanda.answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def read(runtime: Runtime, visit: Visit) -> Activity:
    """Read the activity."""
    async with runtime.store.read() as session:
        return await session.get_one(Activity, visit.activity_id)


async def entries(runtime: Runtime) -> int:
    """Return how many entries the audit log has."""
    from sqlalchemy import func

    from models.tables.truth import AuditEntry

    async with runtime.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(AuditEntry)) or 0)
