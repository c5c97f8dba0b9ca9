"""Many due mails share a transaction, and each of them is as safe as one that goes by itself."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from models.tables.activities import Participation, Standing
from models.tables.mail import AttemptOutcome, MessageState
from models.tables.running import Lease
from sandwich import failpoints
from sandwich.clock import real_now
from sandwich.mail import deliver
from sandwich.mail.claim import Holder, claim_some
from sandwich.mail.deliver import deliver_due, most_together
from sandwich.mail.relay import Relay
from sandwich.mail.turns import due
from sandwich.runtime import Runtime
from sandwich.services.outbox import NeededIf
from sandwich.store import Store
from sandwich.store.replay import verify
from tests.mail.conftest import mailing
from tests.mail.peers import HANG, Box, Script, a_script
from tests.mail.queueing import attempts, look_again, message, put, state
from tests.mail.telling import TEACHERS, Telling

pytestmark = [pytest.mark.asyncio, pytest.mark.both]

HOLDER = Holder("a process that dies", timedelta(seconds=60))


@pytest.fixture(autouse=True)
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take five mails at a time, however few wait."""
    monkeypatch.setattr(deliver, "most_together", lambda _waiting: 5)


async def _for_all(telling: Telling, mail: str = "day-reminder") -> list[str]:
    """Put a mail for each of five people into the outbox."""
    return [await put(telling, code, mail, needed_if=NeededIf.ACTIVE) for code in (*TEACHERS, "P3")]


async def _states(telling: Telling, ids: Sequence[str]) -> list[tuple[str, str | None]]:
    return [await state(telling, key) for key in ids]


async def _commits_of(telling: Telling) -> int:
    """Deliver what is due and return in how many transactions."""
    commits = 0

    def count(_connection: object) -> None:
        nonlocal commits
        commits += 1

    engine = telling.runtime.store.engine.sync_engine
    event.listen(engine, "commit", count)
    assert await deliver_due(telling.runtime) == len(TEACHERS) + 1
    event.remove(engine, "commit", count)
    return commits


async def test_few_mails_go_one_by_one_and_many_together() -> None:
    assert [most_together(number) for number in (1, 5, 6, 9, 16, 4500)] == [1, 1, 3, 4, 8, 8]


async def test_five_mails_take_one_transaction_to_claim_and_one_to_record(
    telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await _for_all(telling)
    together = await _commits_of(telling)
    assert await _states(telling, ids) == [("sent", None)] * 5
    assert [len(await attempts(telling, key)) for key in ids] == [1] * 5
    assert len(telling.new()) == 5
    async with telling.runtime.store.read() as session:
        await verify(session)

    monkeypatch.setattr(deliver, "most_together", lambda _waiting: 1)
    for code in (*TEACHERS, "P3"):
        await put(telling, code, key=f"{telling.activity_id}:again:{code}")
    singly = await _commits_of(telling)

    assert singly - together == 2 * 5 - 2


async def test_one_that_cannot_be_worded_holds_up_no_other(telling: Telling) -> None:
    ids = await _for_all(telling)
    poison = await put(telling, "C1", "no-such-mail")

    assert await deliver_due(telling.runtime) == 5

    assert await _states(telling, ids) == [("sent", None)] * 5
    assert await state(telling, poison) == ("queued", "not-worded")
    assert [len(await attempts(telling, key)) for key in (*ids, poison)] == [1, 1, 1, 1, 1, 0]
    assert len(telling.new()) == 5
    async with telling.runtime.store.read() as session:
        assert list(await session.scalars(select(Lease))) == []


async def test_one_that_is_not_needed_any_more_stays_behind(telling: Telling) -> None:
    ids = await _for_all(telling)
    now = await telling.runtime.clock.now()
    found = await due(telling.runtime, now, 200)
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        left = await message(telling, ids[2])
        participation = await session.get_one(Participation, left.participation_id)
        participation.standing = Standing.DECLINED

    claimed, looked_at = await claim_some(telling.runtime, HOLDER, found, 5, now)

    assert {one.carrier_id for one in claimed} == {key for key in ids if key != ids[2]}
    assert looked_at == set(ids)
    assert await state(telling, ids[2]) == ("skipped", "left")
    assert await attempts(telling, ids[2]) == []


async def test_after_a_sudden_death_all_that_were_claimed_are_unknown_and_none_is_sent_again(telling: Telling) -> None:
    ids = await _for_all(telling)
    await look_again(telling, await telling.runtime.clock.now() + timedelta(days=1))
    settings = telling.runtime.settings
    work = (
        "import asyncio; from sandwich.mail import deliver; from sandwich.runtime import open_runtime;"
        "from sandwich.settings import read_settings; deliver.most_together = lambda _: 5;"
        "asyncio.run(deliver.deliver_due(open_runtime(read_settings())))"
    )
    given = {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(settings.data),
        "SANDWICH_DATABASE_URL": settings.store_url,
        "SANDWICH_SECRET_KEY": settings.secret_key.get_secret_value(),
        "SANDWICH_SMTP_PORT": str(settings.smtp_port),
        "SANDWICH_SMTP_ENCRYPTION": "none",
        "SANDWICH_MAIL_FROM": settings.mail_from,
        failpoints.VARIABLE: "dot-answered=kill@3",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", work, env={**os.environ, **given})
    assert await process.wait() == -9
    sent = [mail.recipients for mail in telling.new()]
    assert len(sent) == 3
    assert await deliver_due(telling.runtime) == 0
    assert await _states(telling, ids) == [("sending", None)] * 5, "its lease still runs"
    async with telling.runtime.store.maintain() as session:
        for lease in await session.scalars(select(Lease)):
            lease.until = real_now() - timedelta(seconds=1)

    await deliver_due(telling.runtime)

    assert await _states(telling, ids) == [("unknown", "unknown")] * 5
    assert [one.outcome for key in ids for one in await attempts(telling, key)] == [AttemptOutcome.UNKNOWN] * 5
    assert [call.what for call in await telling.calls()] == ["mail-unknown"] * 5
    assert {mail.recipients for mail in telling.new()} == {(telling.cast.mail("C1"),)}


async def test_when_the_mail_server_goes_down_the_others_were_never_tried(telling: Telling) -> None:
    ids = await _for_all(telling)
    async with a_script(connect="421 busy") as peer:
        assert await deliver_due(_towards(telling, peer)) == 0
        assert peer.connections == 1

    rows = [await message(telling, key) for key in ids]
    assert [row.state for row in rows] == [MessageState.QUEUED] * 5
    assert sorted(row.attempts for row in rows) == [0, 0, 0, 0, 1]
    assert sum([len(await attempts(telling, key)) for key in ids]) == 1
    assert await deliver_due(telling.runtime) == 4, "they need not wait as the one that was tried"


async def test_who_is_stopped_in_the_middle_leaves_only_the_mail_on_the_line_unknown(telling: Telling) -> None:
    ids = await _for_all(telling)
    async with a_script(dot=HANG) as peer:
        working = asyncio.create_task(deliver_due(mailing(telling.runtime, peer.port, smtp_timeout=60.0)))
        while not peer.mails:  # noqa: ASYNC110 - what arrives at a server has no event
            await asyncio.sleep(0.02)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    assert sorted(await _states(telling, ids)) == [("queued", None)] * 4 + [("sending", None)]
    assert await deliver_due(telling.runtime) == 4 + 1, "and the mail of the call about the one that is unknown"
    assert sorted(await _states(telling, ids)) == [("sent", None)] * 4 + [("unknown", "unknown")]


async def test_where_the_mail_server_is_slow_they_go_one_by_one(
    telling: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "LONGEST_TOGETHER", 0.0)
    ids = await _for_all(telling)

    assert await deliver_due(telling.runtime) == 1
    assert sorted(await _states(telling, ids)) == [("queued", None)] * 4 + [("sent", None)]
    while await deliver_due(telling.runtime):
        pass

    assert [len(await attempts(telling, key)) for key in ids] == [1] * 5
    assert len(telling.new()) == 5


async def test_two_mails_to_one_person_about_one_activity_go_one_after_the_other(telling: Telling) -> None:
    for number in range(2):
        await put(telling, "T3", key=f"{telling.activity_id}:thread:{number}")

    assert await deliver_due(telling.runtime) == 2

    first, second = (mail.message for mail in telling.to("T3"))
    assert second["In-Reply-To"] == first["Message-ID"]


async def test_a_process_takes_only_activities_that_no_other_has_in_hand(telling: Telling, box: Box) -> None:
    other = await Telling.start(telling.runtime, telling.cast, box)
    mine, theirs = await put(telling, "T3"), await put(other, "T3")
    now = await telling.runtime.clock.now()
    found = await due(telling.runtime, now, 200)
    if telling.runtime.store.is_sqlite:
        pytest.skip("SQLite has one writer")
    async with telling.runtime.store.change(now=now, actor="test", stream=other.activity_id):
        claimed, looked_at = await claim_some(telling.runtime, HOLDER, found, 5, now)

    assert [one.carrier_id for one in claimed] == [mine]
    assert looked_at == {mine}
    assert await state(other, theirs) == ("queued", None)


async def test_two_processes_with_many_activities_send_every_mail_once(telling: Telling, box: Box) -> None:
    tellings = [telling, *[await Telling.start(telling.runtime, telling.cast, box) for _ in range(11)]]
    ids = [await put(one, code) for one in tellings for code in ("T2", "P3")]
    store = Store(telling.runtime.settings.store_url)
    second = Runtime(telling.runtime.settings, store, telling.runtime.clock, telling.runtime.library)

    sent = 0
    while done := sum(
        await asyncio.gather(
            deliver_due(telling.runtime, holder=Holder("one", timedelta(seconds=60))),
            deliver_due(second, holder=Holder("two", timedelta(seconds=60))),
        )
    ):
        sent += done
    await store.close()

    assert sent == len(ids)
    assert await _states(telling, ids) == [("sent", None)] * len(ids)
    assert [len(await attempts(telling, key)) for key in ids] == [1] * len(ids)
    assert len({mail.message["Message-ID"] for mail in box.mails}) == len(box.mails) == len(ids)


async def test_where_very_many_wait_a_process_has_several_lines_open_and_sends_every_mail_once(
    telling: Telling, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    class Noted(Relay):
        """Notes that a line was opened."""

        async def __aenter__(self) -> Relay:
            opened.append(self)
            return await super().__aenter__()

    monkeypatch.setattr(deliver, "Relay", Noted)
    tellings = [telling, *[await Telling.start(telling.runtime, telling.cast, box) for _ in range(5)]]
    ids = [await put(one, code) for one in tellings for code in ("T2", "P3")]

    monkeypatch.setattr(deliver, "MANY", len(ids))
    assert await deliver_due(telling.runtime) == len(ids)
    assert len(opened) == (1 if telling.runtime.store.is_sqlite else deliver.LANES)
    assert await _states(telling, ids) == [("sent", None)] * len(ids)
    assert len({mail.message["Message-ID"] for mail in box.mails}) == len(box.mails) == len(ids)
    async with telling.runtime.store.read() as session:
        assert list(await session.scalars(select(Lease))) == []


async def test_mails_about_one_activity_stay_in_line_behind_each_other() -> None:
    waiting = [(f"{activity}{number}", activity) for number in range(4) for activity in "abcde"]
    lanes = deliver.lanes_of([*waiting, ("alone", None)], 3)
    assert sorted(one for lane in lanes for one in lane) == sorted([*waiting, ("alone", None)])
    for activity in "abcde":
        assert [[one for one in lane if one[1] == activity] for lane in lanes].count([]) == 2


def _towards(telling: Telling, peer: Script) -> Runtime:
    return mailing(telling.runtime, peer.port, smtp_timeout=1.0)
