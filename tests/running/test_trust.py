"""What the doctor says of the list of erasures, of webhooks, and of a school that has sent what it may."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.tables.hooks import Hook, Notice, NoticeState
from models.tables.privacy import Erasure
from sandwich.privacy.backups import note_backup
from sandwich.privacy.ledger import BESIDE, LedgerBroken, digest_of_person, spread, write_ledger
from sandwich.running.erasures import look_at_erasures
from sandwich.running.examine import look_at_outgoing
from sandwich.running.findings import Finding
from sandwich.running.webhooks import look_at_webhooks
from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.support.full_hour import fill_an_hour

pytestmark = pytest.mark.asyncio

PLACE = "https://rooster.school.example/sandwich"


def given(runtime: Runtime, **settings: object) -> Runtime:
    """Return the installation with other settings."""
    return replace(runtime, settings=runtime.settings.model_copy(update=settings))


def ill(found: Finding, *words: str) -> bool:
    """Whether something is wrong, and both languages say these words of it."""
    return not found.is_well and all(word in said for word in words for said in (found.words.nl, found.words.en))


async def erased(runtime: Runtime, person_id: str, now: datetime) -> None:
    """Put somebody on the database's list of erasures alone."""
    async with runtime.store.maintain() as session:
        session.add(Erasure(digest=digest_of_person(person_id), erased_at=now))


async def test_the_list_of_erasures_is_whole_or_the_doctor_says_what_lacks(
    runtime: Runtime, now: datetime, tmp_path: Path
) -> None:
    runtime = given(runtime, erasures=str(tmp_path / "kept" / "list.jsonl"))
    assert (await look_at_erasures(runtime)).is_well, "nobody was erased yet"
    await erased(runtime, "somebody", now)
    assert ill(await look_at_erasures(runtime), "1 ", str(runtime.settings.ledger), "`sandwich backup`")
    await spread(runtime)
    assert (await look_at_erasures(runtime)).is_well

    backups = tmp_path / "backups"
    backups.mkdir()
    (backups / "one.zip").write_bytes(b"-")
    await note_backup(runtime, backups / "one.zip", now)
    assert (await look_at_erasures(runtime)).is_well, "the list stands beside the backup as well"
    (backups / BESIDE).unlink()
    assert ill(await look_at_erasures(runtime), str(backups), BESIDE)
    (backups / "one.zip").unlink()
    assert (await look_at_erasures(runtime)).is_well, "a backup that is gone brings nobody back"

    runtime.settings.ledger.write_text("{", encoding="utf-8")
    with pytest.raises(LedgerBroken):
        await look_at_erasures(runtime)


async def test_a_list_of_erasures_that_cannot_be_written_is_told(
    runtime: Runtime, now: datetime, tmp_path: Path
) -> None:
    """A file stands where its folder should be: whoever is root may write anywhere else."""
    (tmp_path / "folder").write_text("", encoding="utf-8")
    runtime = given(runtime, erasures=str(tmp_path / "folder" / "list.jsonl"))
    assert not write_ledger(runtime.settings.ledger, {"a": now})
    assert ill(await look_at_erasures(runtime), str(runtime.settings.ledger), "SANDWICH_ERASURES")


async def hook(runtime: Runtime, cast: Cast, now: datetime, url: str = PLACE) -> str:
    """Let a program want to be told."""
    made = Hook(person_id=cast.id("C1"), region_id=cast.region.id, url=url, events=[], made_at=now)
    async with runtime.store.change(now=now, actor="test") as session:
        session.add(made)
        await session.flush()
        return made.id


async def notice(runtime: Runtime, hook_id: str, state: NoticeState, queued: datetime, **more: object) -> None:
    """Put a notice there as it stands after some tries."""
    async with runtime.store.maintain() as session:
        session.add(
            Notice(
                hook_id=hook_id,
                event="activity.started",
                body={},
                queued_at=queued,
                due_at=queued,
                state=state,
                attempts=3,
                **more,
            )
        )


async def test_webhooks_that_lead_nowhere_are_told(runtime: Runtime, cast: Cast, now: datetime) -> None:
    listed = given(runtime, webhook_addresses=PLACE)
    assert (await look_at_webhooks(runtime)).is_well
    assert (await look_at_webhooks(listed)).is_well
    hook_id = await hook(runtime, cast, now)
    assert ill(await look_at_webhooks(runtime), "1 ", "SANDWICH_WEBHOOK_ADDRESSES")
    assert ill(await look_at_webhooks(given(runtime, webhook_addresses="http://127.0.0.1:9000/x")), "http://127.0.0.1")
    other = given(runtime, webhook_addresses="https://other.example/")
    assert ill(await look_at_webhooks(other), PLACE, "SANDWICH_WEBHOOK_ADDRESSES")
    assert (await look_at_webhooks(listed)).is_well

    await notice(runtime, hook_id, NoticeState.WAITING, now - timedelta(hours=23))
    assert (await look_at_webhooks(listed)).is_well, "not yet for a day"
    await notice(runtime, hook_id, NoticeState.WAITING, now - timedelta(hours=25))
    assert ill(await look_at_webhooks(listed), PLACE)
    await notice(runtime, hook_id, NoticeState.TAKEN, now, ended_at=now - timedelta(minutes=1))
    assert ill(await look_at_webhooks(listed), PLACE), "it waits still"


async def test_an_address_that_takes_again_what_it_is_told_is_well(runtime: Runtime, cast: Cast, now: datetime) -> None:
    listed = given(runtime, webhook_addresses=PLACE)
    hook_id = await hook(runtime, cast, now)
    lost = {"ended_at": now - timedelta(hours=2), "why": "unreachable"}
    await notice(runtime, hook_id, NoticeState.GIVEN_UP, now - timedelta(hours=26), **lost)
    assert ill(await look_at_webhooks(listed), PLACE)
    await notice(runtime, hook_id, NoticeState.TAKEN, now, ended_at=now - timedelta(hours=1))
    assert (await look_at_webhooks(listed)).is_well


async def test_control_18_the_doctor_says_that_a_school_has_sent_what_it_may(
    runtime: Runtime, cast: Cast, now: datetime
) -> None:
    assert (await look_at_outgoing(runtime)).is_well
    await fill_an_hour(runtime, cast, now, 2)
    found = await look_at_outgoing(runtime)
    assert ill(found, "2 ", cast.schools["S2"].name, "600", "SANDWICH_MAILS_PER_HOUR", "`sandwich hold`")
