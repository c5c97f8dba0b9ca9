"""Webhooks against a real receiver: signed, once more until taken, nowhere but where an administrator listed."""

import asyncio
import json
import os
import re
import ssl
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from sqlalchemy import select

from models.happenings import Happening
from models.tables.activities import Activity
from models.tables.hooks import Hook, Notice, NoticeState
from models.tables.network import Person
from sandwich.clock import real_now
from sandwich.errors import BadInput, NotFound
from sandwich.hooks import deliver
from sandwich.hooks.deliver import LATER, deliver_notices
from sandwich.hooks.listed import is_listed
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.hooks import MadeHook, end_hook, hooks_of, make_hook, notices_of
from sandwich.services.login import Coordinator, coordinator_of
from sandwich.settings import read_settings
from tests.api.conftest import Program
from tests.board.conftest import stranger
from tests.support.cast import Cast
from tests.support.certificates import write_certificate
from tests.support.receiver import Received, Receiver, receiving
from tests.web.visit import Visit

__all__ = ["stranger"]

pytestmark = pytest.mark.asyncio

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver over http."""
    async with receiving() as receiver:
        yield receiver


def told_at(runtime: Runtime, *addresses: str, ca: Path | None = None) -> Runtime:
    """Return an installation with a list of addresses."""
    listed = {"webhook_addresses": " ".join(addresses), "webhook_ca": str(ca or "")}
    return replace(runtime, settings=runtime.settings.model_copy(update=listed))


def who(cast: Cast, code: str = "C1") -> Coordinator:
    """Return a coordinator as the services know one."""
    person = cast.person(code)
    return Coordinator(person.id, cast.region.id, cast.region.name, "", cast.name(code), person.language)


async def hooked(runtime: Runtime, cast: Cast, url: str, *events: Happening) -> MadeHook:
    """Make a hook."""
    return await make_hook(runtime, who(cast), url, events, now=await runtime.clock.now())


async def hold(visit: Visit) -> None:
    """Let something happen."""
    now = await visit.runtime.clock.now()
    await steer.hold(visit.runtime, visit.activity_id, "Storing bij Koen", now=now, actor=visit.cast.id("C1"))


def is_signed(came: Received, secret: str) -> bool:
    """Check a signature by the very code that docs/api.md gives to receivers."""
    [code] = re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    there: dict[str, Any] = {}
    exec(code, there)
    return bool(there["is_ours"](came.headers, came.body, secret))


async def test_the_part_that_delivers_tells_programs_where_an_address_is_listed(
    runtime: Runtime, visit: Visit, receiver: Receiver, tmp_path: Path
) -> None:
    listed = told_at(runtime, receiver.address)
    made = await hooked(listed, visit.cast, receiver.address)
    await hold(visit)
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SANDWICH_")},
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(tmp_path),
        "SANDWICH_DATABASE_URL": runtime.settings.store_url,
        "SANDWICH_SECRET_KEY": runtime.settings.secret_key.get_secret_value(),
        "SANDWICH_SMTP_PORT": "1",
        "SANDWICH_WEBHOOK_ADDRESSES": receiver.address,
    }
    part = await asyncio.create_subprocess_exec(sys.executable, "-m", "sandwich", "deliver", env=environ)
    try:
        async with asyncio.timeout(60):
            await receiver.arrived.wait()
    finally:
        part.terminate()
        await part.wait()
    assert is_signed(receiver.came[0], made.secret)
    async with runtime.store.read() as session:
        [line] = await notices_of(session, made.id, visit.cast.id("C1"))
    assert (line.state, line.status) == (NoticeState.TAKEN, 204), "what came of it was written down before it stopped"


async def test_what_happens_is_told_signed_and_by_ids_only(runtime: Runtime, visit: Visit, receiver: Receiver) -> None:
    listed = told_at(runtime, receiver.address)
    made = await hooked(listed, visit.cast, receiver.address)
    await hold(visit)

    assert await deliver_notices(listed) == 1
    assert await deliver_notices(listed) == 0

    [came] = receiver.came
    said = json.loads(came.body)
    assert (said["type"], said["data"]) == (
        "activity.status_changed",
        {"activity_id": visit.activity_id, "status": "on_hold"},
    )
    assert is_signed(came, made.secret)
    assert not is_signed(replace(came, body=came.body + b" "), made.secret)
    assert not is_signed(came, "whsec_" + "A" * 44)
    old = {**came.headers, "webhook-timestamp": str(int(real_now().timestamp()) - 3600)}
    assert not is_signed(replace(came, headers=old), made.secret)
    assert abs(int(came.headers["webhook-timestamp"]) - real_now().timestamp()) < 60
    assert "Koen" not in came.body.decode()
    async with runtime.store.read() as session:
        [line] = await notices_of(session, made.id, visit.cast.id("C1"))
        assert (line.state, line.status, line.attempts) == (NoticeState.TAKEN, 204, 1)
        stored = " ".join(str(vars(row)) for row in await session.scalars(select(Hook)))
        assert made.secret not in stored


async def test_what_runs_beside_delivery_sends_by_itself(runtime: Runtime, visit: Visit, receiver: Receiver) -> None:
    listed, stop = told_at(runtime, receiver.address), asyncio.Event()
    await hooked(listed, visit.cast, receiver.address)
    running = asyncio.create_task(deliver.run(listed, stop))
    await hold(visit)
    async with asyncio.timeout(20):
        await receiver.arrived.wait()
    stop.set()
    await running


async def test_a_notice_is_written_with_the_change_or_not_at_all(
    runtime: Runtime, visit: Visit, receiver: Receiver
) -> None:
    listed = told_at(runtime, receiver.address)
    await hooked(listed, visit.cast, receiver.address)
    now = await runtime.clock.now()
    with pytest.raises(BadInput):
        await steer.resume(runtime, visit.activity_id, now=now, actor="x")
    assert await notices(runtime) == []
    await visit.date_agreed()
    told = {one.event for one in await notices(runtime)}
    assert {Happening.ANSWERED, Happening.DATE_CHANGED, Happening.STATUS_CHANGED} <= told
    assert len({(one.event, str(one.body["data"])) for one in await notices(runtime)}) == len(await notices(runtime))


async def test_what_is_not_taken_comes_again_ever_later_and_is_given_up(
    runtime: Runtime, visit: Visit, receiver: Receiver
) -> None:
    listed = told_at(runtime, receiver.address)
    made = await hooked(listed, visit.cast, receiver.address, Happening.STATUS_CHANGED)
    await hold(visit)
    receiver.answers = [500, 503, 200]
    begun = await runtime.clock.now()

    for number, pause in enumerate((*LATER[:2], None), start=1):
        assert await deliver_notices(listed) == 1
        assert await deliver_notices(listed) == 0, "not before its moment"
        assert len(receiver.came) == number
        if pause is not None:
            [one] = await notices(runtime)
            assert (one.state, one.why) == (NoticeState.WAITING, "refused")
            await runtime.clock.set(await runtime.clock.now() + pause)
    assert {came.headers["webhook-id"] for came in receiver.came} == {one.id for one in await notices(runtime)}
    [one] = await notices(runtime)
    assert (one.state, one.attempts) == (NoticeState.TAKEN, 3)

    await runtime.clock.set(begun + timedelta(days=1))
    await steer.resume(runtime, visit.activity_id, now=await runtime.clock.now(), actor=visit.cast.id("C1"))
    receiver.answers, begun = [500], await runtime.clock.now()
    while await deliver_notices(listed):
        await runtime.clock.set(await runtime.clock.now() + timedelta(hours=8))
    last = (await notices(runtime))[-1]
    assert (last.state, last.status, last.attempts) == (NoticeState.GIVEN_UP, 500, len(LATER) + 1)
    assert timedelta(hours=20) < sum(LATER, timedelta()) < timedelta(hours=26)
    async with runtime.store.read() as session:
        [line] = await hooks_of(session, listed, visit.cast.id("C1"))
    assert (line.id, line.waiting, line.given_up) == (made.id, 0, 1)


async def test_where_a_receiver_leads_on_to_is_not_followed(runtime: Runtime, visit: Visit, receiver: Receiver) -> None:
    async with receiving() as other:
        receiver.answers, receiver.leads_to = [307], other.address
        listed = told_at(runtime, receiver.address)
        await hooked(listed, visit.cast, receiver.address)
        await hold(visit)
        await deliver_notices(listed)
        assert (len(receiver.came), other.came) == (1, [])
    [one] = await notices(runtime)
    assert (one.status, one.why) == (307, "redirected")


async def test_a_slow_receiver_and_one_that_is_not_there_hold_up_nobody(
    runtime: Runtime, visit: Visit, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "SECONDS", 0.3)
    async with receiving() as slow:
        slow.waits = 5.0
        nobody = f"http://localhost:{_free_port()}/told"
        listed = told_at(runtime, slow.address, receiver.address, nobody)
        for url in (slow.address, nobody, receiver.address):
            await hooked(listed, visit.cast, url)
        await hold(visit)
        began = real_now()
        assert await deliver_notices(listed) == 3
        assert real_now() - began < timedelta(seconds=4)
    assert len(receiver.came) == 1
    assert sorted(str(one.why) for one in await notices(runtime)) == ["None", "slow", "unreachable"]


async def test_over_tls_with_an_authority_of_ones_own(runtime: Runtime, visit: Visit, tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path, "localhost", x509.DNSName("localhost"))
    other, _ = write_certificate(tmp_path, "other", x509.DNSName("localhost"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with receiving(context) as receiver:
        distrusting = told_at(runtime, receiver.address, ca=other)
        await hooked(distrusting, visit.cast, receiver.address)
        await hold(visit)
        await deliver_notices(distrusting)
        [one] = await notices(runtime)
        assert (receiver.came, one.why) == ([], "tls")
        await runtime.clock.set(one.due_at)
        await deliver_notices(told_at(runtime, receiver.address, ca=certificate))
        assert len(receiver.came) == 1


async def test_without_its_authority_nothing_is_taken_in_hand(
    runtime: Runtime, visit: Visit, receiver: Receiver, tmp_path: Path
) -> None:
    broken = told_at(runtime, receiver.address, ca=tmp_path / "nowhere.pem")
    await hooked(broken, visit.cast, receiver.address)
    await hold(visit)
    with pytest.raises(OSError, match="No such file"):
        await deliver_notices(broken)
    [one] = await notices(runtime)
    assert (one.state, one.attempts) == (NoticeState.WAITING, 0)
    assert await deliver_notices(told_at(runtime, receiver.address)) == 1


async def test_only_listed_addresses(runtime: Runtime, visit: Visit, receiver: Receiver) -> None:
    """Whoever asks, and whenever: also one that was taken off the list since."""
    listed = told_at(runtime, receiver.address)
    for url in ("https://elsewhere.example/", receiver.address + "er", receiver.address + "/../admin"):
        with pytest.raises(BadInput):
            await hooked(listed, visit.cast, url)
    await hooked(listed, visit.cast, f"{receiver.address}/deeper")
    await hold(visit)
    await deliver_notices(told_at(runtime, "https://elsewhere.example/"))
    [one] = await notices(runtime)
    assert (one.state, one.why, receiver.came) == (NoticeState.GIVEN_UP, "not-listed", [])


LISTED = "https://rooster.school.example/sandwich http://127.0.0.1:9000/a/"


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://rooster.school.example/sandwich", True),
        ("https://rooster.school.example:443/sandwich/deep/er", True),
        ("https://ROOSTER.school.example/sandwich/", True),
        ("http://127.0.0.1:9000/a/b", True),
        ("https://rooster.school.example/", False),
        ("https://rooster.school.example/sandwiches", False),
        ("https://rooster.school.example/sandwich/../admin", False),
        ("https://rooster.school.example/sandwich/%2e%2e/admin", False),
        ("https://rooster.school.example/sandwich?x=1", False),
        ("https://rooster.school.example/sandwich#x", False),
        ("https://me:pw@rooster.school.example/sandwich", False),
        ("https://rooster.school.example@evil.example/sandwich", False),
        ("https://rooster.school.example\\@evil.example/sandwich", False),
        ("http://rooster.school.example/sandwich", False),
        ("https://rooster.school.example:8443/sandwich", False),
        ("https://rooster.school.example.evil.example/sandwich", False),
        ("http://127.0.0.1:9001/a/b", False),
        ("http://localhost:9000/a/b", False),
        ("file:///etc/passwd", False),
        ("https://rooster.school.example:x/sandwich", False),
        ("", False),
    ],
)
async def test_what_lies_below_a_listed_address(url: str, may: bool) -> None:
    settings = read_settings({}, environment="development", webhook_addresses=LISTED)
    assert is_listed(settings, url) is may


async def test_hooks_end_with_the_role_and_are_ones_own(runtime: Runtime, visit: Visit, receiver: Receiver) -> None:
    listed = told_at(runtime, receiver.address)
    made = await hooked(listed, visit.cast, receiver.address)
    now = await runtime.clock.now()
    with pytest.raises(NotFound):
        await end_hook(listed, made.id, visit.cast.id("C2"), now=now)
    async with runtime.store.change(now=now, actor="test") as session:
        (await session.get_one(Person, visit.cast.id("C1"))).is_coordinator = False
    await hold(visit)
    await deliver_notices(listed)
    [one] = await notices(runtime)
    assert (one.state, one.why, receiver.came) == (NoticeState.GIVEN_UP, "ended", [])
    await end_hook(listed, made.id, visit.cast.id("C1"), now=now)
    async with runtime.store.read() as session:
        assert await hooks_of(session, listed, visit.cast.id("C1")) == []


async def test_another_region_hears_nothing_of_ours(
    runtime: Runtime, visit: Visit, receiver: Receiver, stranger: object
) -> None:
    async with runtime.store.read() as session:
        els = (await session.scalars(select(Person).where(Person.code == "E-C1"))).one()
        other = await coordinator_of(session, els.id)
    assert other is not None
    listed = told_at(runtime, receiver.address)
    await make_hook(listed, other, receiver.address, (), now=await runtime.clock.now())
    await hold(visit)
    assert await notices(runtime) == []


@pytest.mark.both
async def test_who_coordinates_for_one_school_hears_of_its_activities_only(
    runtime: Runtime, visit: Visit, receiver: Receiver, cast: Cast
) -> None:
    """A coordinator of a school that has no part in A1 is told nothing of it, and of what goes to all everything."""
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test") as session:
        person = Person(code="S4-C", school_id=cast.id("S4"), given_name="Bo", family_name="Vier", is_coordinator=True)
        session.add(person)
        await session.flush()
        other = await coordinator_of(session, person.id)
    assert other is not None
    assert other.scope.school_id == cast.id("S4")
    listed = told_at(runtime, receiver.address)
    narrowed = listed.narrowed(other.scope)
    made = await make_hook(narrowed, other, receiver.address, (), now=now)
    await hold(visit)
    assert len(await notices(runtime)) == 1

    assert await deliver_notices(listed) == 0
    assert (await notices(runtime), receiver.came) == ([], [])

    async with runtime.store.change(now=now, actor="test", stream=visit.activity_id) as session:
        (await session.get_one(Activity, visit.activity_id)).coordinator_id = other.person_id
    await steer.resume(visit.runtime, visit.activity_id, now=now, actor=cast.id("C1"))
    assert await deliver_notices(listed) == 1
    async with narrowed.store.read() as session:
        assert [one.state for one in await notices_of(session, made.id, other.person_id)] == [NoticeState.TAKEN]


@pytest.mark.both
async def test_a_change_of_a_narrowed_session_is_told_too(
    runtime: Runtime, visit: Visit, receiver: Receiver, cast: Cast
) -> None:
    listed = told_at(runtime, receiver.address)
    await hooked(listed.for_region(cast.region.id), cast, receiver.address)
    now = await runtime.clock.now()
    await steer.hold(runtime.for_region(cast.region.id), visit.activity_id, "Storing", now=now, actor=cast.id("C1"))
    assert [one.event for one in await notices(runtime)] == [Happening.STATUS_CHANGED]


async def test_hooks_over_the_api(jolanda: Program, app: object, visit: Visit, receiver: Receiver) -> None:
    app.state.runtime = told_at(visit.runtime, receiver.address)  # type: ignore[attr-defined]
    refused = await jolanda.post("/hooks", {"url": "https://evil.example/"}, expects=422, accept_language="en")
    assert "not listed" in refused["detail"]
    made = await jolanda.post("/hooks", {"url": receiver.address, "events": ["call.opened"]}, expects=201)
    assert made["secret"].startswith("whsec_")
    seen = await jolanda.get("/hooks")
    assert seen["addresses"] == [receiver.address]
    assert [(one["id"], one["events"]) for one in seen["items"]] == [(made["id"], ["call.opened"])]
    assert made["secret"] not in str(seen)
    await hold(visit)
    assert await jolanda.get(f"/hooks/{made['id']}/notices") == []
    assert (await jolanda.ask("DELETE", f"/hooks/{made['id']}")).status_code == 200
    assert (await jolanda.get("/hooks"))["items"] == []
    assert (await jolanda.ask("DELETE", f"/hooks/{'0' * 24}")).status_code == 404


async def notices(runtime: Runtime) -> list[Notice]:
    """Return everything that is or was to be told, in its order."""
    async with runtime.store.read() as session:
        return list(await session.scalars(select(Notice).order_by(Notice.queued_at, Notice.id)))


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("localhost", 0))
        return int(one.getsockname()[1])
