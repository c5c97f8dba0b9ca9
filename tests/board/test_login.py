"""Signing in: link and code from a mail, and everything that must not work."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select

from models.tables.mail import Message
from models.tables.network import Contact, ContactKind, Person
from models.tables.running import LoginCode, WebSession
from sandwich.clock import real_now
from sandwich.runtime import Runtime
from sandwich.services import login
from sandwich.web.app import make_app
from sandwich.web.login import Doorkeeper
from sandwich.web.rate import Window
from sandwich.web.session import cookie_name
from tests.support.browser import BASE, Browser
from tests.support.cast import Cast

pytestmark = pytest.mark.asyncio


async def test_link_and_code_from_the_mail_open_the_board(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await ask(browser, cast.mail("C1"))
    token, code = await newest(runtime)

    page = await browser.open(f"/login/{token}")
    assert browser.path == "/login/code"
    page = await browser.send(page, "/login/code", {"code": code})

    assert browser.path == "/board"
    assert "Jolanda Meerdink" in page.text


async def test_the_mail_is_due_at_once_on_a_moved_clock(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await runtime.clock.set(real_now() + timedelta(days=100))

    await ask(browser, cast.mail("C1"))

    async with runtime.store.read() as session:
        message = (await session.scalars(select(Message))).one()
        row = (await session.scalars(select(LoginCode))).one()
    assert message.mail == "login-code"
    assert message.person_id == cast.id("C1")
    assert message.due_at <= await runtime.clock.now()
    assert row.expires_at - real_now() < timedelta(minutes=10)


async def test_neither_code_nor_link_stand_in_the_database(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await ask(browser, cast.mail("C1"))
    token, code = await newest(runtime)

    async with runtime.store.read() as session:
        row = (await session.scalars(select(LoginCode))).one()
        message = (await session.scalars(select(Message))).one()
    stored = f"{row.link_hash} {row.code_hash} {message.about} {message.key}"
    assert token not in stored
    assert code not in stored


@pytest.mark.parametrize("address", ["niemand@nergens.example", "T3"])
async def test_unknown_addresses_and_other_people_get_the_same_answer_and_no_mail(
    browser: Browser, runtime: Runtime, cast: Cast, address: str
) -> None:
    await ask(browser, cast.mail("C1"))
    known = browser.answer
    await ask(browser, cast.mail(address) if address == "T3" else address)

    assert browser.answer is not None
    assert known is not None
    assert browser.answer.status_code == known.status_code == 200
    assert browser.answer.content == known.content
    assert await count(runtime, Message) == 1


async def test_control_18_an_unknown_address_takes_about_as_long_as_a_known_one(
    browser: Browser, runtime: Runtime, cast: Cast
) -> None:
    times: dict[str, float] = {}
    for address in (cast.mail("C1"), "niemand@nergens.example"):
        page = await browser.open("/login")
        began = time.monotonic()
        await browser.send(page, "/login", {"address": address})
        times[address] = time.monotonic() - began

    assert all(taken >= 0.4 for taken in times.values())
    assert max(times.values()) - min(times.values()) < 0.3


async def test_five_wrong_codes_end_a_link_also_for_the_right_one(
    browser: Browser, runtime: Runtime, cast: Cast
) -> None:
    await ask(browser, cast.mail("C1"))
    token, code = await newest(runtime)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    page = await browser.open(f"/login/{token}")
    for left in (4, 3, 2, 1):
        page = await browser.send(page, "/login/code", {"code": wrong})
        assert browser.status == 422
        assert f"nog {left} keer" in page.text
    fifth = await browser.send(page, "/login/code", {"code": wrong})
    assert browser.status == 410
    assert "werkt niet (meer)" in fifth.text
    await browser.send(page, "/login/code", {"code": code})

    assert browser.status == 410
    assert await count(runtime, WebSession) == 0


async def test_a_code_works_once(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await ask(browser, cast.mail("C1"))
    token, code = await newest(runtime)
    real = real_now()
    await login.enter(runtime, token, code, real=real)

    with pytest.raises(login.LoginLinkUnknown):
        await login.enter(runtime, token, code, real=real)


async def test_signing_in_ends_the_other_codes_of_that_person(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await ask(browser, cast.mail("C1"))
    first = await newest(runtime)
    await ask(browser, cast.mail("C1"))
    await login.enter(runtime, *await newest(runtime), real=real_now())

    with pytest.raises(login.LoginLinkUnknown):
        await login.enter(runtime, *first, real=real_now())


async def test_a_code_expires_after_ten_minutes_of_real_time(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await ask(browser, cast.mail("C1"))
    token, code = await newest(runtime)

    with pytest.raises(login.LoginLinkUnknown):
        await login.enter(runtime, token, code, real=real_now() + timedelta(minutes=10))
    assert await login.is_open(runtime, token, real=real_now() + timedelta(minutes=9))


async def test_the_code_of_somebody_else_does_not_fit(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await ask(browser, cast.mail("C1"))
    mine, _ = await newest(runtime)
    await ask(browser, cast.mail("C2"))
    _, code_of_sander = await newest(runtime)

    with pytest.raises(login.LoginCodeWrong):
        await login.enter(runtime, mine, code_of_sander, real=real_now())


async def test_opening_the_link_signs_nobody_in_and_keeps_the_token_out_of_the_address(
    browser: Browser, runtime: Runtime, cast: Cast
) -> None:
    await ask(browser, cast.mail("C1"))
    token, _ = await newest(runtime)

    page = await browser.open(f"/login/{token}")
    assert token not in page.html
    assert token not in str(browser.answer.url if browser.answer else "")
    await browser.open("/board")

    assert browser.path == "/login"
    assert await count(runtime, WebSession) == 0
    async with runtime.store.read() as session:
        row = (await session.scalars(select(LoginCode))).one()
    assert (row.used_at, row.tries) == (None, 0)


@pytest.mark.parametrize("token", ["x", "€", "a" * 5000, "0" * 64])
async def test_a_link_that_is_none_says_so(browser: Browser, runtime: Runtime, token: str) -> None:
    page = await browser.open(f"/login/{token}")

    assert browser.status in {404, 410}
    assert "Vraag een nieuwe" in page.text or browser.status == 404


async def test_a_session_ends_when_idle_when_left_and_when_the_person_is_no_coordinator(
    runtime: Runtime, cast: Cast
) -> None:
    real = real_now()

    async def begin() -> str:
        async with runtime.store.maintain() as session:
            return login.begin_session(session, cast.id("C1"), real)

    idle, left, removed = await begin(), await begin(), await begin()
    await login.leave(runtime, left, real=real)

    assert await login.recognise(runtime, idle, real=real + timedelta(hours=7, minutes=59)) is not None
    assert await login.recognise(runtime, idle, real=real + timedelta(hours=15, minutes=58)) is not None
    assert await login.recognise(runtime, idle, real=real + timedelta(hours=24, minutes=30)) is None
    assert await login.recognise(runtime, left, real=real) is None
    assert await login.recognise(runtime, removed, real=real) is not None
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Person, cast.id("C1"))).is_coordinator = False
    assert await login.recognise(runtime, removed, real=real) is None


async def test_signing_out_ends_the_session_on_our_side(jolanda: Browser, runtime: Runtime) -> None:
    token = jolanda.client.cookies.get(cookie_name(runtime.settings))
    page = await jolanda.open("/board")

    await jolanda.send(page, "/logout")

    assert jolanda.path == "/login"
    assert token is not None
    assert await login.recognise(runtime, token, real=real_now()) is None


async def test_the_session_cookie_is_for_the_server_alone(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    await ask(browser, cast.mail("C1"))
    token, code = await newest(runtime)
    page = await browser.open(f"/login/{token}")
    browser.client.follow_redirects = False
    form = page.form("/login/code").filled({"code": code})

    answer = await browser.client.post("/login/code", data=form, headers={"origin": BASE})

    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("sandwich="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/;" in cookie


async def test_control_12_over_https_the_session_cookie_has_its_prefix(app: FastAPI, runtime: Runtime) -> None:
    from sandwich.settings import read_settings

    secure = read_settings(
        {}, environment="development", base_url="https://sandwich.school.example", secret_key="k" * 40
    )
    assert cookie_name(secure) == "__Host-sandwich"
    over_https = make_app(replace(runtime, settings=secure))
    async with AsyncClient(transport=ASGITransport(over_https), base_url=secure.base_url) as client:
        cookie = (await client.get(f"/login/{'a' * 64}")).headers["set-cookie"]
    assert cookie.startswith("__Host-sandwich-login=")
    assert "; Path=/;" in cookie
    assert "; Secure" in cookie
    assert "; HttpOnly" in cookie


async def test_control_18_asking_too_often_is_refused_alike_for_known_and_unknown(browser: Browser, cast: Cast) -> None:
    answers = []
    for address in (cast.mail("C1"), "niemand@nergens.example"):
        for _ in range(5):
            await ask(browser, address)
            assert browser.status == 200
        page = await ask(browser, address)
        assert browser.status == 429
        answers.append(page.text)

    assert answers[0] == answers[1]
    assert "Wacht een kwartier" in answers[0]
    assert "Te vaak geprobeerd" in answers[0]
    assert "Nog even kijken" not in answers[0]


async def test_two_coordinators_at_one_address_each_get_a_mail(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    address = cast.mail("C1")
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        contact = (
            await session.scalars(
                select(Contact).where(Contact.person_id == cast.id("C2"), Contact.kind == ContactKind.MAIL)
            )
        ).one()
        contact.address, contact.lookup = address, address.casefold()

    await ask(browser, address.upper())

    async with runtime.store.read() as session:
        assert set(await session.scalars(select(Message.person_id))) == {cast.id("C1"), cast.id("C2")}


async def test_a_page_from_elsewhere_cannot_ask_or_sign_in(browser: Browser, runtime: Runtime, cast: Cast) -> None:
    page = await browser.open("/login")
    form = page.form("/login").filled({"address": cast.mail("C1")})

    foreign = await browser.client.post("/login", data=form, headers={"origin": "https://evil.example"})
    without_key = await browser.client.post("/login", data={"address": cast.mail("C1")}, headers={"origin": BASE})

    assert (foreign.status_code, without_key.status_code) == (403, 403)
    assert await count(runtime, Message) == 0


async def ask(browser: Browser, address: str):  # type: ignore[no-untyped-def]
    """Ask for a mail to an address and return the page that answers."""
    return await browser.send(await browser.open("/login"), "/login", {"address": address})


async def newest(runtime: Runtime) -> tuple[str, str]:
    """Return link token and code of the newest mail, as the mail words them."""
    async with runtime.store.read() as session:
        row = (await session.scalars(select(LoginCode).order_by(LoginCode.asked_at.desc()).limit(1))).one()
    return login.secrets_of(runtime.settings, row.id)


async def count(runtime: Runtime, table: type) -> int:
    """Return how many rows a table has."""
    async with runtime.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_control_18_so_many_ask_from_one_school_whether_we_know_it_or_not(app: FastAPI, cast: Cast) -> None:
    """Each time another address and another client; another school is not held up."""
    keeper: Doorkeeper = app.state.doorkeeper
    keeper.schools = Window(2, 60)
    domain = cast.mail("C1").partition("@")[2]
    for school in (domain, "nergens.example"):
        found = []
        for number in range(3):
            async with Browser.on(app, host=f"10.1.{len(school)}.{number}") as browser:
                await ask(browser, f"persoon{number}@{school.upper() if number else school}")
                found.append(browser.status)
        assert found == [200, 200, 429]
