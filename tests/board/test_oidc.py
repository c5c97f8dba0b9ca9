"""Signing in with an account of a school, at a provider that runs beside the tests: there, back, and what is wrong."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from models.rights import Office
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime
from sandwich.services.offices import give_role
from sandwich.settings import Settings, read_settings
from sandwich.web.app import make_app
from tests.support.browser import BASE, Browser
from tests.support.cast import Cast
from tests.support.oidc_provider import CLIENT, SECRET, Claims, Running, running

pytestmark = pytest.mark.asyncio

JOLANDA: Claims = {"email": "Jolanda.Meerdink@sto-degrienden.example", "email_verified": True}


@pytest.fixture(scope="module")
def provider_of_tests() -> Iterator[Running]:
    """One provider for all tests."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain http, on this machine only
    with running(f"{BASE}/login/oidc/back") as provider:
        yield provider
    os.environ.pop("AUTHLIB_INSECURE_TRANSPORT")


@pytest.fixture
def provider(provider_of_tests: Running) -> Running:
    """The provider as it is when nothing is wrong."""
    fresh = Running(provider_of_tests.issuer, dict(JOLANDA), key=provider_of_tests.key)
    for name in ("account", "spoil", "published", "says"):
        setattr(provider_of_tests, name, getattr(fresh, name))
    return provider_of_tests


def with_provider(settings: Settings, provider: Running, **more: object) -> Settings:
    """Return settings with which people sign in there."""
    given = {"oidc_discovery": provider.discovery, "oidc_client_id": CLIENT, "oidc_name": "Mijn School"}
    return settings.model_copy(update={**given, "oidc_client_secret": SecretStr(SECRET), **more})


@pytest_asyncio.fixture
async def visitor(runtime: Runtime, cast: Cast, provider: Running) -> AsyncIterator[Browser]:
    """Somebody's browser on an installation with that provider."""
    known = replace(runtime, settings=with_provider(runtime.settings, provider))
    async with Browser.on(make_app(known)) as browser:
        yield browser


async def there(browser: Browser) -> str:
    """Go to the provider and return the address that it sends the browser back to."""
    begun = await browser.client.get("/login/oidc", follow_redirects=False)
    assert begun.status_code == 303, begun.text
    async with httpx.AsyncClient() as outside:
        sent = await outside.get(begun.headers["location"])
    assert sent.status_code == 302, sent.text
    back = urlsplit(sent.headers["location"])
    assert f"{back.scheme}://{back.netloc}" == BASE
    return f"{back.path}?{back.query}"


async def test_who_is_known_by_a_checked_address_is_signed_in(visitor: Browser) -> None:
    page = await visitor.open("/login")
    assert "Log in met Mijn School" in page.text
    back = await there(visitor)
    board = await visitor.open(back)
    assert visitor.path == "/board"
    assert "Jolanda" in board.text
    again = await visitor.open(back)  # the same address once more opens nothing
    assert (visitor.status, "Begin nog eens" in again.text) == (403, True)


async def test_any_role_that_signs_in_does(visitor: Browser, runtime: Runtime, cast: Cast, provider: Running) -> None:
    provider.account = {"email": "d.rietveld@vakcollege-degrienden.example", "email_verified": True}
    await visitor.open(await there(visitor))
    assert visitor.status == 403
    await give_role(runtime, cast.id("T9"), Office.PRIVACY_OFFICER, now=await runtime.clock.now(), actor="test")
    await visitor.open(await there(visitor))
    assert (visitor.status, visitor.path) == (200, "/board/privacy")


@pytest.mark.parametrize(
    "account",
    [
        {"email": "niemand@elders.example", "email_verified": True},
        {"email": JOLANDA["email"], "email_verified": False},
        {"email": JOLANDA["email"]},
        {"email_verified": True},
        {"email": ["a@b"], "email_verified": True},
    ],
)
async def test_whoever_is_not_known_by_a_checked_address_is_told_so(
    visitor: Browser, provider: Running, account: Claims
) -> None:
    provider.account = account
    page = await visitor.open(await there(visitor))
    assert visitor.status == 403
    assert "Dit account kennen we hier niet." in page.text
    visitor.client.headers["accept-language"] = "en"
    page = await visitor.open(await there(visitor))
    assert "This account is not known here." in page.text
    await visitor.open("/board")
    assert visitor.path == "/login"


async def test_an_address_counts_as_checked_where_the_settings_say_that_all_are(
    runtime: Runtime, cast: Cast, provider: Running
) -> None:
    settings = with_provider(runtime.settings, provider, oidc_email_is_verified=True)
    async with Browser.on(make_app(replace(runtime, settings=settings))) as browser:
        provider.account = {"email": JOLANDA["email"], "email_verified": False}
        await browser.open(await there(browser))
        assert browser.status == 403
        provider.account = {"email": JOLANDA["email"]}
        await browser.open(await there(browser))
        assert browser.path == "/board"


ANOTHER = RSAKey.generate_key(2048, {"kid": "one"})
SHARED = OctKey.import_key(SECRET * 3)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": ["sandwich", "other"], "azp": "other"},
        {"nonce": "of another try"},
        {"exp": time.time() - 600},
        {"exp": None},
        {"iat": time.time() + 6000},
        {"_key": ANOTHER},
        {"_alg": "HS256", "_key": SHARED},
    ],
    ids=lambda change: "-".join(change),
)
async def test_a_token_that_does_not_hold_opens_nothing(visitor: Browser, provider: Running, change: Claims) -> None:
    provider.spoil = lambda claims: {key: value for key, value in (claims | change).items() if value is not None}
    page = await visitor.open(await there(visitor))
    assert visitor.status == 503
    assert "Vraag in plaats daarvan een mail met een code." in page.text
    await visitor.open("/board")
    assert visitor.path == "/login"


async def test_what_was_begun_in_another_browser_ends_in_none(
    visitor: Browser, runtime: Runtime, cast: Cast, provider: Running
) -> None:
    back = await there(visitor)
    settings = with_provider(runtime.settings, provider)
    async with Browser.on(make_app(replace(runtime, settings=settings))) as victim:
        await victim.open(back)
        assert victim.status == 403
        await there(victim)
        await victim.open(back)  # it has a try of its own, with another state
        assert victim.status == 403
    state = parse_qs(urlsplit(back).query)["state"][0]
    for query in ("", f"state={state}", f"state={state}&error=access_denied", f"state={state}&code=stolen"):
        await there(visitor)
        await visitor.open(f"/login/oidc/back?{query}")
        assert visitor.status in {403, 503}


async def test_new_keys_of_the_provider_are_asked_for(visitor: Browser, provider: Running) -> None:
    provider.published = ANOTHER
    await visitor.open(await there(visitor))
    assert visitor.status == 503
    provider.published = None
    await visitor.open(await there(visitor))
    assert visitor.path == "/board"


@pytest.mark.parametrize(
    "says",
    [
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": None},
    ],
    ids=lambda says: "-".join(says),
)
async def test_a_provider_that_names_odd_addresses_is_not_asked(
    visitor: Browser, provider: Running, says: Claims
) -> None:
    provider.says = says
    page = await visitor.open("/login/oidc")
    assert visitor.status == 503
    assert "Inloggen met je schoolaccount lukt nu niet." in page.text


async def test_without_a_provider_there_is_no_such_page(browser: Browser, cast: Cast) -> None:
    assert "oidc" not in (await browser.open("/login")).html
    for address in ("/login/oidc", "/login/oidc/back?code=x&state=y"):
        await browser.open(address)
        assert browser.status == 404


async def test_a_provider_that_is_gone_leaves_the_mail_with_a_code(runtime: Runtime, cast: Cast) -> None:
    gone = Running("http://127.0.0.1:9")
    async with Browser.on(make_app(replace(runtime, settings=with_provider(runtime.settings, gone)))) as browser:
        page = await browser.open("/login/oidc")
        assert browser.status == 503
        assert "/login" in [link for link, _ in page.links]


async def test_settings_that_would_not_work_are_refused() -> None:
    plain, safe = "http://login.school.example", "https://login.school.example"
    for given in (
        {"oidc_discovery": plain, "oidc_client_id": "x", "oidc_client_secret": "y"},
        {"oidc_discovery": safe},
        {"oidc_discovery": safe, "oidc_client_id": "x"},
    ):
        with pytest.raises(SandwichError, match="OIDC_DISCOVERY"):
            read_settings({}, environment="development", **given)
