"""A canary in everything that somebody can leave behind: erased, it is nowhere, not even after a backup is put back."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.own_text import Piece, Readers
from models.tables.incoming import Came, Incoming, IncomingContent
from models.tables.mail import Attempt, AttemptOutcome, Call, Message, MessageState
from models.tables.network import Company, Contact, ContactKind, Person, Region
from models.tables.texts import OwnText
from models.text import Language
from sandwich.clock import Clock
from sandwich.incoming.handle import handle_new
from sandwich.incoming.keep import keep
from sandwich.mail.deliver import deliver_due
from sandwich.mail.tags import Tag, Use
from sandwich.privacy.again import keep_erasures
from sandwich.privacy.backups import list_backups, throw_away_late
from sandwich.privacy.ledger import BESIDE, LedgerBroken, digest_of_person, read_ledger
from sandwich.services import collect
from sandwich.services.asking import asked_form
from sandwich.services.backup import back_up, restore
from sandwich.services.erase import erase_person
from sandwich.services.uploads import keep as keep_files
from sandwich.services.uploads import look_at
from sandwich.store import Store
from sandwich.store.replay import differences, replay, tables, verify
from tests.mail.conftest import mailing
from tests.mail.peers import a_script
from tests.support.databases import Databases
from tests.support.driver import Play, local
from tests.support.dumped import bytes_of
from tests.web.story import IMPRESSIONS

pytestmark = pytest.mark.asyncio

GIVEN, FAMILY = "Kanaria", "Kwinkeleer"
MAIL, PHONE = "kanaria.kwinkeleer@vogels.example", "06-77712345"
CANARIES = [word.encode() for word in (GIVEN, FAMILY, GIVEN.lower(), FAMILY.lower(), MAIL, PHONE, "0677712345")]


def found_in(content: bytes) -> set[str]:
    """Return which canaries stand there."""
    return {word.decode() for word in CANARIES if word in content}


async def named(play: Play, code: str) -> str:
    """Give somebody the canary's name, addresses and number."""
    person_id = play.cast.id(code)
    async with play.runtime.store.change(now=await play.now(), actor="test") as session:
        person = await session.get_one(Person, person_id)
        person.given_name, person.infix, person.family_name, person.job_title = GIVEN, None, FAMILY, f"baas {FAMILY}"
        person.code = FAMILY.lower()  # as a school's own tables call people
        for contact in await session.scalars(select(Contact).where(Contact.person_id == person_id)):
            is_mail = contact.kind is ContactKind.MAIL
            contact.address = MAIL if is_mail else PHONE
            contact.lookup = MAIL if is_mail else None
    return person_id


def a_picture() -> bytes:
    """Return a photo in which a camera wrote who took it."""
    import io

    from PIL import Image

    picture = Image.new("RGB", (60, 40), "sienna")
    notes = Image.Exif()
    notes[0x013B], notes[0x010E] = f"{GIVEN} {FAMILY}", MAIL
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=notes)
    return out.getvalue()


async def left_everywhere(play: Play, person_id: str) -> None:
    """Let the canary, and others about them, write wherever anybody can write."""
    runtime, now = play.runtime, await play.now()
    about = f"{GIVEN} {FAMILY} ({MAIL}, {PHONE}) was er ook."
    await play.answer("T3", "teacher-evaluation", remark=about, turn=False)
    await play.answer("T4", "teacher-evaluation", remark=f"Vraag het {GIVEN}, {about}", turn=False)
    invitation = await play.invitation("T5", "teacher-evaluation")
    fields = await play.fields(invitation.id, remark=about)
    assert await collect.save_draft(runtime, invitation.id, fields, now=now)
    mine = await play.invitation("T3", "impressions")
    asked = await asked_form(runtime, mine.id, now)
    file = await look_at(asked.form.question("photo"), f"{GIVEN} {FAMILY}.jpg", a_picture())
    assert found_in(file.content) == set(), "what a camera wrote is gone before anything is kept"
    [photo] = await keep_files(runtime, mine.id, [file], now=now)
    said = {**IMPRESSIONS, "headline": f"{FAMILY} leert zagen", "contact_share": "yes", "scope": "school"}
    words = {key: value for key, value in said.items() if isinstance(value, str)}
    await play.answer("T3", "impressions", **words, photo=[photo], photo_consent="yes")
    async with runtime.store.change(now=now, actor="test", stream=play.activity_id) as session:
        activity = await play.activity()
        held = await session.scalar(select(Company).where(Company.id == activity.company_id))
        assert held is not None
        held.note, held.profile = about, {"contact": about}
        region = (await session.scalars(select(Region))).one()
        session.add(
            OwnText(
                owner_id=region.id,
                mail="goals",
                language=Language.DUTCH,
                readers=Readers.SCHOOL,
                piece=Piece.OPENING,
                words=about,
            )
        )
        session.add(
            Message(
                key="canary-word",
                activity_id=play.activity_id,
                person_id=person_id,
                mail="reminder",
                state=MessageState.HELD,
                queued_at=now,
                due_at=now,
                word=about,
            )
        )
    for number, body in enumerate((about, "Re: van iemand anders, over " + about)):
        raw = f"From: {GIVEN} <{MAIL}>\r\nSubject: vraag\r\nMessage-ID: <{number}@x.example>\r\n\r\n{body}\r\n"
        assert await keep(runtime, Tag(Use.CALENDAR, play.activity_id), MAIL, raw.encode())
    await handle_new(runtime)
    await play.sleep_to("2026-11-18 10:00")
    await play.answer("P3", "card-release", release="released", photos="yes", confidential=about)
    await play.sleep_to("2026-11-24 10:00")


async def assert_holds(store: Store) -> None:
    """See that the log holds and explains every table."""
    async with store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


@pytest.mark.both
@pytest.mark.chapter("afterwards")
async def test_control_17_the_canary_is_nowhere_and_no_backup_brings_it_back(
    play: Play,
    databases: Databases,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)  # as it is when the parts run
    runtime = play.runtime
    await runtime.ensure_own()
    person_id = await named(play, "T3")
    await left_everywhere(play, person_id)
    assert found_in(await bytes_of(runtime.store)) >= {GIVEN, FAMILY, MAIL, PHONE}
    archive = tmp_path / "backups" / "before.sandwich"
    archive.parent.mkdir()
    await back_up(runtime, archive)

    done = await erase_person(runtime, person_id, now=await play.now(), actor=play.coordinator)
    assert (done.is_scrubbed, done.backups) == (True, 1)
    assert found_in(await bytes_of(runtime.store)) == set()
    await assert_holds(runtime.store)
    for path in (runtime.settings.ledger, archive.parent / BESIDE):
        assert set(read_ledger(path)) == {digest_of_person(person_id)}
        assert path.stat().st_mode & 0o077 == 0
        assert person_id.encode() not in path.read_bytes()
        assert found_in(path.read_bytes()) == set()
    written = b"".join(path.read_bytes() for path in runtime.settings.data.rglob("*") if path.is_file())
    written = written.replace(archive.read_bytes(), b"")
    assert found_in(written) == set(), "nor in any file beside the database"
    said = capsys.readouterr()
    assert found_in(f"{caplog.text} {said.out} {said.err}".encode()) == set()
    async with runtime.store.read() as session:
        [line] = await list_backups(session, runtime.settings, await play.now())
    assert (line.place, line.holds, line.is_late) == (archive.resolve(), (person_id,), False)
    assert line.gone_by == line.made_at + timedelta(days=30)

    # Elsewhere, with nothing but the folder of the backup: the list beside it is enough.
    url = databases.empty()
    settings = runtime.settings.model_copy(update={"database_url": url, "data": tmp_path / "elsewhere"})
    try:
        again = await restore(settings, archive)
        assert again.erased == 1
        store = Store(url)
        try:
            assert found_in(await bytes_of(store)) == set()
            await assert_holds(store)
            back = replace(runtime, settings=settings, store=store, clock=Clock(store))
            assert await keep_erasures(back, await play.now()) == 0
            assert set(read_ledger(settings.ledger)) == {digest_of_person(person_id)}
        finally:
            await store.close()
    finally:
        databases.forget(url)

    # Whoever comes back in any other way is found at night.
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        person = await session.get_one(Person, person_id)
        person.given_name, person.erased_on = GIVEN, None
    assert await keep_erasures(runtime, await play.now()) == 1
    assert found_in(await bytes_of(runtime.store)) == set()
    await runtime.clock.set(await play.now() + timedelta(days=31))
    assert await throw_away_late(runtime, await play.now()) == (archive.resolve(),)
    assert not archive.exists()


async def test_a_list_that_cannot_be_read_stops_a_restore(play: Play, tmp_path: Path) -> None:
    archive = tmp_path / "copy.sandwich"
    await play.runtime.ensure_own()
    await back_up(play.runtime, archive)
    (tmp_path / BESIDE).write_text('{"person": "x"}\n', encoding="utf-8")
    with pytest.raises(LedgerBroken, match="line 1"):
        await restore(play.runtime.settings, archive, overwrite=True)
    assert (await play.activity()).title


SAYS = {
    "250 kept for {mail}": (MessageState.SENT, AttemptOutcome.ACCEPTED),
    "450 {mail} is busy, try again": (MessageState.DISCARDED, AttemptOutcome.RETRY),
    "550 5.1.1 {mail} is not known here": (MessageState.DISCARDED, AttemptOutcome.REFUSED),
    "drop": (MessageState.UNKNOWN, AttemptOutcome.UNKNOWN),
}


@pytest.mark.parametrize("answer", SAYS)
async def test_control_17_somebody_is_erased_while_a_mail_to_them_leaves(play: Play, answer: str) -> None:
    """The mail server holds the line after the final dot; meanwhile they are erased; then it says what it says."""
    await play.with_date()
    await play.runtime.clock.set(local("2026-10-08 10:00"))
    person_id = await named(play, "T3")
    await play.carry()
    async with play.runtime.store.change(now=await play.now(), actor="test") as session:
        for message in await session.scalars(select(Message).where(Message.state == MessageState.QUEUED)):
            if message.person_id != person_id:
                message.state = MessageState.DISCARDED
            else:
                message.due_at = await play.now()
    asked = asyncio.Event()
    async with a_script(dot="hold") as script:
        say = script._say

        async def holding(writer: asyncio.StreamWriter, stage: str, ordinary: str) -> bool:
            if stage == "dot":
                asked.set()
                await erased.wait()
                script.once["dot"] = answer.format(mail=MAIL)
            return await say(writer, stage, ordinary)

        erased = asyncio.Event()
        script._say = holding  # type: ignore[method-assign]
        runtime = mailing(play.runtime, script.port)
        delivering = asyncio.create_task(deliver_due(runtime))
        await asyncio.wait_for(asked.wait(), 20)
        await erase_person(play.runtime, person_id, now=await play.now(), actor=play.coordinator)
        erased.set()
        await asyncio.wait_for(delivering, 30)
    assert script.mails, "it had left"
    await play.runtime.store.scrub()
    assert found_in(await bytes_of(play.runtime.store)) == set()
    await assert_holds(play.runtime.store)
    state, outcome = SAYS[answer]
    async with play.runtime.store.read() as session:
        [attempt] = await session.scalars(select(Attempt).where(Attempt.person_id == person_id))
        message = await session.get_one(Message, attempt.message_id)
        assert (message.state, attempt.outcome, attempt.remark) == (state, outcome, None)
        waits = select(Message).where(Message.person_id == person_id, Message.state == MessageState.QUEUED)
        assert list(await session.scalars(waits)) == []
        calls = select(Call.what).where(Call.person_id == person_id, Call.state == "open")
        assert list(await session.scalars(calls)) == []
    # What comes back later would bring the address along: only that it came is kept.
    raw = f"From: <>\r\nSubject: Undelivered\r\nMessage-ID: <b@x.example>\r\n\r\n{MAIL}: no such box\r\n".encode()
    letter = await keep(play.runtime, Tag(Use.BOUNCE, message.id), "", raw)
    async with play.runtime.store.read() as session:
        row = await session.get_one(Incoming, letter)
        assert (row.kind, row.about) == (Came.JUNK, "erased")
        assert await session.get(IncomingContent, letter) is None
    await handle_new(play.runtime)
    assert found_in(await bytes_of(play.runtime.store)) == set()
