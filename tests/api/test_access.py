"""Who comes in with a token: nobody without one, and never further than its scope and its holder."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.scopes import ApiScope
from models.tables.api import ApiSecret, ApiToken
from models.tables.base import new_id
from models.tables.network import Person
from models.tables.truth import AuditEntry, PersonalValue
from sandwich.clock import real_now
from sandwich.errors import BadInput, NotFound
from sandwich.runtime import Runtime
from sandwich.services.api_tokens import PREFIX, SHAPE, holder_of, make_token, revoke_token, tokens_of
from sandwich.web.api.access import REQUESTS_PER_SCHOOL, REQUESTS_PER_TOKEN
from sandwich.web.rate import Window
from sandwich.web.session import cookie_name
from tests.api.conftest import Program, Programs
from tests.board.conftest import signed_in, stranger
from tests.support.cast import Cast
from tests.web.visit import Visit

__all__ = ["stranger"]

pytestmark = pytest.mark.asyncio


async def test_nobody_comes_in_without_a_token_that_opens(jolanda: Program, runtime: Runtime, cast: Cast) -> None:
    """No token, one that never was, one of another shape, one that ended, one that was revoked: all the same 401."""
    assert jolanda.made is not None
    ended = await make_token(
        runtime,
        cast.id("C1"),
        "old",
        ApiScope.READ,
        1,
        now=await runtime.clock.now(),
        real=real_now() - timedelta(days=2),
        actor=cast.id("C1"),
    )
    revoked = await _revoked(runtime, cast)
    said = set()
    for header in (
        "",
        "Bearer",
        f"Bearer {PREFIX}{'x' * 43}",
        f"Basic {jolanda.made.token}",
        f"Bearer {jolanda.made.token}x",
        f"Bearer {ended.token}",
        f"Bearer {revoked}",
    ):
        answer = await jolanda.ask("GET", "/me", authorization=header)
        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
        said.add(answer.content)
    assert len(said) == 1
    assert (await jolanda.get("/me"))["scope"] == "write"


async def _revoked(runtime: Runtime, cast: Cast) -> str:
    now, by = await runtime.clock.now(), cast.id("C1")
    made = await make_token(runtime, by, "gone", ApiScope.READ, 1, now=now, real=real_now(), actor=by)
    await revoke_token(runtime, made.id, person_id=by, now=now, real=real_now(), actor=by)
    return made.token


async def test_a_token_ends_with_the_role_of_its_holder(jolanda: Program, runtime: Runtime, cast: Cast) -> None:
    assert (await jolanda.get("/me"))["person_id"] == cast.id("C1")
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Person, cast.id("C1"))).is_coordinator = False
    assert (await jolanda.ask("GET", "/me")).status_code == 401
    async with runtime.store.read() as session:
        [line] = await tokens_of(session, cast.id("C1"), real=real_now())
    assert not line.is_open


async def test_a_scope_reaches_so_far_and_no_further(program: Programs, visit: Visit) -> None:
    figures, reader = await program(scope=ApiScope.FIGURES), await program(scope=ApiScope.READ)
    cancel = f"/activities/{visit.activity_id}/cancel"

    assert (await figures.ask("GET", "/figures")).status_code == 200
    assert (await figures.ask("GET", "/activities")).status_code == 403
    assert (await reader.ask("GET", "/figures")).status_code == 200
    assert (await reader.ask("GET", "/activities")).status_code == 200
    refused = await reader.ask("POST", cancel, {"reason": "x"})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:sandwich:problem:scope")
    # Who is let in is asked before what was sent is looked at.
    assert (await reader.ask("POST", cancel, "nonsense")).status_code == 403
    assert (await reader.ask("POST", cancel, "nonsense", authorization="")).status_code == 401


async def test_only_the_hash_of_a_token_is_kept(jolanda: Program, runtime: Runtime) -> None:
    """Not in a column, not in the log; and the log does not have the hash either."""
    assert jolanda.made is not None
    assert SHAPE.fullmatch(jolanda.made.token)
    async with runtime.store.read() as session:
        secrets = [row.token_hash for row in await session.scalars(select(ApiSecret))]
        logged = [str(row.changes) for row in await session.scalars(select(AuditEntry))]
        values = [str(row.value) for row in await session.scalars(select(PersonalValue))]
        names = [row.name for row in await session.scalars(select(ApiToken))]
    everything = " ".join([*logged, *values, *names])
    assert jolanda.made.token not in everything + " ".join(secrets)
    assert not any(secret in everything for secret in secrets)
    assert any("api_token" in str(entry) or "a program" in str(entry) for entry in values)


async def test_a_session_opens_no_api_and_a_token_no_page(
    jolanda: Program, app: FastAPI, runtime: Runtime, cast: Cast, visit: Visit
) -> None:
    assert jolanda.made is not None
    async with signed_in(app, runtime, cast.id("C1")) as browser:
        assert (await browser.client.get("/api/v1/me")).status_code == 401
        cookie = browser.client.cookies.get(cookie_name(runtime.settings), domain="127.0.0.1")
        assert (
            await browser.client.get("/api/v1/me", headers={"authorization": f"Bearer {cookie}"})
        ).status_code == 401
    bearer = {"authorization": f"Bearer {jolanda.made.token}"}
    assert (await jolanda.client.get("/board", headers=bearer)).headers["location"].endswith("/login")
    name = cookie_name(runtime.settings)
    posed = await jolanda.client.get("/board", headers={"cookie": f"{name}={jolanda.made.token}"})
    assert posed.headers["location"].endswith("/login")
    assert "set-cookie" not in (await jolanda.ask("GET", "/me")).headers


async def test_what_is_of_another_region_is_not_told_from_what_is_not(
    program: Programs, visit: Visit, runtime: Runtime, stranger: object
) -> None:
    async with runtime.store.read() as session:
        els = (await session.scalars(select(Person.id).where(Person.code == "E-C1"))).one()
    other = await program(els)
    assert (await other.get("/activities"))["items"] == []
    assert await other.get("/calls") == []
    for path in ("", "/letters", "/words"):
        ours = await other.ask("GET", f"/activities/{visit.activity_id}{path}")
        unknown = await other.ask("GET", f"/activities/{new_id()}{path}")
        assert (ours.status_code, ours.content) == (404, unknown.content), path
    for verb in ("cancel", "hold"):
        ours = await other.ask("POST", f"/activities/{visit.activity_id}/{verb}", {"reason": "x"})
        unknown = await other.ask("POST", f"/activities/{new_id()}/{verb}", {"reason": "x"})
        assert (ours.status_code, ours.content) == (404, unknown.content), verb


async def test_a_token_may_ask_so_often_in_a_minute(program: Programs) -> None:
    busy, other = await program(), await program()
    answers = [await busy.ask("GET", "/me") for _ in range(REQUESTS_PER_TOKEN + 1)]
    assert [one.status_code for one in answers] == [200] * REQUESTS_PER_TOKEN + [429]
    assert answers[-1].headers["retry-after"] == "60"
    assert (await other.ask("GET", "/me")).status_code == 200


async def test_control_18_all_tokens_of_a_school_may_ask_so_often_together(program: Programs, app: FastAPI) -> None:
    app.state.gate.schools = Window(4, 60)
    programs = [await program() for _ in range(3)]
    asked = [(await one.ask("GET", "/me")).status_code for one in programs for _ in range(2)]
    assert asked == [200] * 4 + [429] * 2
    assert REQUESTS_PER_TOKEN < REQUESTS_PER_SCHOOL, "one program alone keeps no other out"


async def test_tokens_are_of_coordinators_and_revoked_by_their_own(runtime: Runtime, cast: Cast) -> None:
    now = await runtime.clock.now()
    with pytest.raises(BadInput):
        await make_token(runtime, cast.id("T1"), "x", ApiScope.READ, 5, now=now, real=real_now(), actor="x")
    for name, days in (("", 5), ("x" * 81, 5), ("x", 0), ("x", 367)):
        with pytest.raises(BadInput):
            await make_token(runtime, cast.id("C1"), name, ApiScope.READ, days, now=now, real=real_now(), actor="x")
    made = await make_token(runtime, cast.id("C1"), "x", ApiScope.READ, 5, now=now, real=real_now(), actor="x")
    with pytest.raises(NotFound):
        await revoke_token(runtime, made.id, person_id=cast.id("C2"), now=now, real=real_now(), actor="x")
    holder = await holder_of(runtime, made.token, real=real_now())
    assert holder is not None
    assert holder.who.person_id == cast.id("C1")


async def test_problems_speak_the_language_that_is_asked_for(jolanda: Program) -> None:
    dutch = await jolanda.ask("GET", "/nothing", accept_language="nl")
    english = await jolanda.ask("GET", "/nothing", accept_language="en")
    assert (dutch.json()["title"], english.json()["title"]) == ("Dit is er niet", "This does not exist")
    assert english.headers["content-language"] == "en"
