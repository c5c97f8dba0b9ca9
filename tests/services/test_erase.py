"""Somebody asks to be forgotten: afterwards their name is nowhere, and everything else still holds."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.channels import ConsentChannel
from models.draft import ActivityDraft, Span
from models.tables.activities import Activity, ActivityStatus, Participation, Standing
from models.tables.agreements import Agreement, AgreementVersion, Party
from models.tables.asking import (
    OPEN,
    Draft,
    FormVersion,
    Invitation,
    InvitationState,
    Link,
    Submission,
    Upload,
    UploadContent,
)
from models.tables.mail import Attempt, Call, CallState, Message, MessageState
from models.tables.network import Company, Contact, Person
from models.tables.results import Consent, Hours, HoursKind, ImpressionCard
from models.tables.running import LoginCode, WebSession
from models.tables.truth import PersonalValue
from models.text import Language
from sandwich.errors import BadInput, NotFound
from sandwich.rules.redact import REDACTED
from sandwich.runtime import Runtime
from sandwich.services.erase import erase_person
from sandwich.services.start import start
from sandwich.store import Store
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.dumped import bytes_of
from tests.support.linked import link_for

pytestmark = pytest.mark.asyncio


async def _visit(runtime: Runtime, now: datetime) -> str:
    """Start activity A1."""
    draft = ActivityDraft(
        kind="company-visit",
        title="Prefab bouwen bij Korteweg",
        purpose="trends",
        company="B3",
        coordinator="C1",
        teachers=("T2", "T3", "T4", "T5"),
        dates=(Span.model_validate({"start": "2026-11-05T13:30", "end": "2026-11-05T16:30"}),),
    )
    return await start(runtime, draft, now=now, actor="test")


async def _fill(runtime: Runtime, cast: Cast, activity_id: str, code: str, now: datetime) -> None:
    """Let ``code`` do all that a person can do, and let the others write about them wherever one can write."""
    name, mail, phone, given = cast.name(code), cast.mail(code), cast.phone(code), cast.person(code).given_name
    about = f"{name} ({mail}, {phone}) was er ook; {given} vroeg goed door."
    async with runtime.store.change(now=now, actor="test", stream=activity_id) as session:
        parts = {
            part.person_id: part
            for part in await session.scalars(select(Participation).where(Participation.activity_id == activity_id))
        }
        form = "f" * 64
        session.add(FormVersion(digest=form, key="goals", version=1, definition={}))
        await session.flush()
        mine, other = parts[cast.id(code)], parts[cast.id("T2")]
        asked = []
        for number, part in enumerate((mine, other)):
            invitation = Invitation(
                activity_id=activity_id, step="goals", form="goals", form_digest=form, participation_id=part.id,
                occurrence=9, mail="goals", state=InvitationState.DRAFT, asked_at=now, profile="standard", next_at=now,
            )  # fmt: skip
            session.add(invitation)
            await session.flush()
            asked.append(invitation)
            session.add(Draft(invitation_id=invitation.id, typed={"goal_1": [about]}, saved_at=now))
            submission = Submission(
                key=f"k{number}", activity_id=activity_id, invitation_id=invitation.id, form="goals",
                form_digest=form, person_id=part.person_id, answered_by=name, answers={"goal_1": about, "x": [about]},
                submitted_at=now,
            )  # fmt: skip
            upload = Upload(
                activity_id=activity_id, invitation_id=invitation.id, person_id=part.person_id, question="photo",
                name=f"{name.replace(' ', '_')}.jpg", media_type="image/jpeg", size=3, digest="0" * 64, uploaded_at=now,
            )  # fmt: skip
            session.add_all([submission, upload])
            await session.flush()
            session.add(UploadContent(upload_id=upload.id, content=b"" if number else name.encode()))
        session.add(Consent(person_id=mine.person_id, activity_id=activity_id, channel=ConsentChannel.INTERNAL,
                            is_given=True, said_at=now))  # fmt: skip
        session.add(Hours(activity_id=activity_id, kind=HoursKind.TEACHER_DURING, person_id=mine.person_id, hours=3.0,
                          confirmed_by=name, stated_at=now))  # fmt: skip
        await link_for(session, runtime.settings, mine.id, asked[0].id, now)
        for number, state in enumerate((MessageState.QUEUED, MessageState.HELD, MessageState.SENT)):
            message = Message(
                key=f"m{number}", activity_id=activity_id, person_id=mine.person_id, participation_id=mine.id,
                mail="reminder", state=state, queued_at=now, due_at=now + timedelta(days=300),
            )  # fmt: skip
            session.add(message)
            await session.flush()
            session.add(Attempt(message_id=message.id, activity_id=activity_id, number=1, started_at=now,
                                remark=f"550 no mailbox {mail}", person_id=mine.person_id))  # fmt: skip
        session.add(Call(key="c1", activity_id=activity_id, what="phone", person_id=mine.person_id, due_at=now))
        session.add(Call(key="c2", activity_id=activity_id, what="phone", state=CallState.DONE, note=about,
                         done_by_id=cast.id("C1"), due_at=now))  # fmt: skip
        agreement = Agreement(activity_id=activity_id, subject="other")
        session.add(agreement)
        await session.flush()
        session.add(AgreementVersion(
            agreement_id=agreement.id, activity_id=activity_id, number=1, proposed_by=Party.HOST,
            author_id=mine.person_id, terms={"guides": about, "max_group": 8}, digest="0" * 64, note=about,
            proposed_at=now,
        ))  # fmt: skip
        session.add(ImpressionCard(activity_id=activity_id, confidential=[about]))
        activity = await session.get_one(Activity, activity_id)
        activity.place, activity.overrides = f"Bij {name}", {"release": {"reason": about}}
        activity.closing_reason = about
        activity.moves = [{"reason": f"{given} kon niet"}]
    async with runtime.store.change(now=now, actor="test") as session:
        company = await session.get_one(Company, cast.id("B5"))
        company.profile, company.address = {"contacts": [about]}, f"t.a.v. {name}"
    async with runtime.store.maintain() as session:
        session.add(LoginCode(person_id=cast.id(code), link_hash="l", code_hash="c", asked_at=now, expires_at=now))
        session.add(WebSession(person_id=cast.id(code), token_hash="t", started_at=now, used_at=now))


def _spellings(words: Iterable[str | None]) -> list[bytes]:
    return [spelled.encode() for word in words if word for spelled in (word, json.dumps(word)[1:-1])]


async def _assert_gone(store: Store, cast: Cast, code: str, *, given: bool = True) -> None:
    person = cast.person(code)
    words = [
        cast.name(code),
        person.family_name,
        cast.mail(code),
        cast.phone(code),
        person.given_name if given else None,
    ]
    everything = await bytes_of(store)
    assert [word for word in _spellings(words) if word in everything] == []


async def _assert_holds(store: Store) -> None:
    async with store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


async def test_control_17_the_name_is_nowhere(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """In no table, no log, no journal, no unused corner of the file; and the log still explains every table."""
    activity_id = await _visit(runtime, now)
    await _fill(runtime, cast, activity_id, "T4", now)
    everything = await bytes_of(runtime.store)
    assert all(word in everything for word in (b"Sanne", b"Hofstra", b"s.hofstra@", b"06-00000009"))
    done = await erase_person(runtime, cast.id("T4"), now=now, actor=cast.id("C1"))
    await _assert_gone(runtime.store, cast, "T4")
    await _assert_holds(runtime.store)
    assert done.activities == (activity_id,)
    assert done.is_scrubbed
    assert done.values > 20
    assert done.texts == 13


async def test_what_becomes_of_everything(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """Asked, queued and open things end; what others wrote stays but for the name; counts stay."""
    activity_id = await _visit(runtime, now)
    await _fill(runtime, cast, activity_id, "T4", now)
    await erase_person(runtime, cast.id("T4"), now=now, actor="privacy-officer")
    me = cast.id("T4")
    about = f"{REDACTED} ({REDACTED}, {REDACTED}) was er ook; {REDACTED} vroeg goed door."
    async with runtime.store.read() as session:
        person = await session.get_one(Person, me)
        assert (person.given_name, person.infix, person.family_name, person.job_title) == (
            "erased",
            None,
            "erased",
            "erased",
        )
        assert (person.code, person.erased_on, person.no_mail) == (None, now.date(), True)
        for contact in await session.scalars(select(Contact).where(Contact.person_id == me)):
            assert (contact.address, contact.lookup, contact.is_valid) == ("erased", None, False)
        part = await session.scalar(select(Participation).where(Participation.person_id == me))
        assert part is not None
        assert (part.standing, part.left_at) == (Standing.WITHDRAWN, now)
        assert not list(
            await session.scalars(
                select(Invitation).where(Invitation.participation_id == part.id, Invitation.state.in_(OPEN))
            )
        )
        assert not list(
            await session.scalars(select(Link).where(Link.participation_id == part.id, Link.revoked_at.is_(None)))
        )
        mails = await session.scalars(
            select(Message).where(Message.person_id == me, Message.key.in_(["m0", "m1", "m2"]))
        )
        assert {mail.key: (mail.state, mail.reason) for mail in mails} == {
            "m0": (MessageState.DISCARDED, "erased"),
            "m1": (MessageState.DISCARDED, "erased"),
            "m2": (MessageState.SENT, None),
        }
        answers = {row.person_id: row for row in await session.scalars(select(Submission))}
        assert (answers[me].answers, answers[me].answered_by) == ({}, "erased")
        assert answers[cast.id("T2")].answers == {"goal_1": about, "x": [about]}
        assert answers[cast.id("T2")].answered_by == REDACTED
        assert [draft.typed for draft in await session.scalars(select(Draft))] == [{"goal_1": [about]}]
        uploads = {row.person_id: row for row in await session.scalars(select(Upload))}
        assert (uploads[me].name, uploads[cast.id("T2")].name) == ("erased", f"{REDACTED}.jpg")
        calls = {call.key: call for call in await session.scalars(select(Call).where(Call.key.in_(["c1", "c2"])))}
        assert (calls["c1"].state, calls["c2"].note) == (CallState.DROPPED, about)
        version = await session.scalar(select(AgreementVersion))
        assert version is not None
        assert (version.terms, version.note) == ({"guides": about, "max_group": 8}, "erased")
        activity = await session.get_one(Activity, activity_id)
        assert activity.title == "Prefab bouwen bij Korteweg"
        assert activity.place == f"Bij {REDACTED}"
        assert activity.moves == [{"reason": f"{REDACTED} kon niet"}]
        company = await session.get_one(Company, cast.id("B5"))
        assert (company.profile, company.address) == ({"contacts": [about]}, f"t.a.v. {REDACTED}")
        assert list(await session.scalars(select(LoginCode))) == []
        assert list(await session.scalars(select(WebSession))) == []
        hours = await session.scalar(select(Hours))
        consent = await session.scalar(select(Consent))
        assert hours is not None
        assert consent is not None
        assert (hours.hours, hours.confirmed_by, consent.is_given) == (3.0, "erased", True)
        kept = list(await session.scalars(select(PersonalValue).where(PersonalValue.person_id == me)))
        assert {(row.value, row.salt, row.erased_at) for row in kept} == {(None, None, now)}


async def test_others_keep_their_names(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """Somebody else who is called the same, or reads the same mailbox, is not touched."""
    async with runtime.store.change(now=now, actor="test") as session:
        twin = Person(given_name="Sanne", family_name="Hofstra", school_id=cast.id("S1"))
        session.add(twin)
        await session.flush()
        session.add(Contact(person_id=twin.id, kind="mail", address=cast.mail("T4"), lookup=cast.mail("T4")))
    await erase_person(runtime, cast.id("T4"), now=now, actor="test")
    async with runtime.store.read() as session:
        again = await session.get_one(Person, twin.id)
        assert (again.given_name, again.family_name, again.erased_on) == ("Sanne", "Hofstra", None)
        contact = await session.scalar(select(Contact).where(Contact.person_id == twin.id))
        assert contact is not None
        assert (contact.address, contact.is_valid) == (cast.mail("T4"), True)
    await _assert_holds(runtime.store)


async def test_a_host_whose_firm_has_the_name(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """Koen Korteweg goes; the title and the firm keep *Korteweg*, which is theirs."""
    activity_id = await _visit(runtime, now)
    await _fill(runtime, cast, activity_id, "P3", now)
    await erase_person(runtime, cast.id("P3"), now=now, actor="test")
    everything = await bytes_of(runtime.store)
    for word in ("Koen", "koen", "koen@korteweg.example", "06-00000018"):
        assert word.encode() not in everything
    assert b"Bouwbedrijf Korteweg" in everything
    async with runtime.store.read() as session:
        assert (await session.get_one(Activity, activity_id)).title == "Prefab bouwen bij Korteweg"
    await _assert_holds(runtime.store)


async def test_somebody_of_a_visit_long_ago(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """In what has ended, that eight people took part stays true."""
    activity_id = await _visit(runtime, now)
    async with runtime.store.change(now=now, actor="test") as session:
        (await session.get_one(Activity, activity_id)).status = ActivityStatus.FINISHED
    await erase_person(runtime, cast.id("T4"), now=now, actor="test")
    async with runtime.store.read() as session:
        part = await session.scalar(select(Participation).where(Participation.person_id == cast.id("T4")))
        assert part is not None
        assert part.standing is Standing.INVITED
    await _assert_gone(runtime.store, cast, "T4")


async def test_everybody_can_go_one_after_the_other(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """After the last erasure nobody of the visit is in the database, and the log holds."""
    activity_id = await _visit(runtime, now)
    await _fill(runtime, cast, activity_id, "T5", now)
    async with runtime.store.change(now=now, actor="test") as session:
        (await session.get_one(Activity, activity_id)).status = ActivityStatus.CANCELLED
    gone = ["T2", "T3", "T5", "L1", "T4", "C1", "P2"]
    for code in gone:
        await erase_person(runtime, cast.id(code), now=now + timedelta(hours=1), actor="test")
    for code in gone:
        if code != "P2":  # his firm is called Van Rijs
            await _assert_gone(runtime.store, cast, code)
    await _assert_holds(runtime.store)


async def test_a_second_time_finds_nothing(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """Erasing is repeatable, for instance after a backup was put back."""
    await _visit(runtime, now)
    first = await erase_person(runtime, cast.id("T4"), now=now, actor="test")
    again = await erase_person(runtime, cast.id("T4"), now=now + timedelta(days=9), actor="test")
    assert first.values >= 6
    assert (again.values, again.texts) == (0, 0)
    async with runtime.store.read() as session:
        assert (await session.get_one(Person, cast.id("T4"))).erased_on == now.date()


async def test_whoever_still_coordinates_stays(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """Participants would answer to nobody; nothing is changed and the sentence says what to do."""
    await _visit(runtime, now)
    with pytest.raises(BadInput) as caught:
        await erase_person(runtime, cast.id("C1"), now=now, actor="test")
    assert "Give it to somebody else" in caught.value.to(Language.ENGLISH)
    assert "Draag die eerst over" in caught.value.to(Language.DUTCH)
    async with runtime.store.read() as session:
        assert (await session.get_one(Person, cast.id("C1"))).given_name == "Jolanda"


async def test_nobody_of_that_number(runtime: Runtime, now: datetime) -> None:
    """A wrong number is a sentence."""
    with pytest.raises(NotFound):
        await erase_person(runtime, "nobody", now=now, actor="test")


async def test_accents_are_found_in_json_too(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """SQLite keeps JSON with \\u escapes; the name is found there as well."""
    activity_id = await _visit(runtime, now)
    async with runtime.store.change(now=now, actor="test") as session:
        person = Person(given_name="Zoë", infix="d'", family_name="Âge", school_id=cast.id("S1"))
        session.add(person)
        (await session.get_one(Activity, activity_id)).overrides = {"reason": "Zoë d’Âge vroeg het"}
    await erase_person(runtime, person.id, now=now, actor="test")
    everything = await bytes_of(runtime.store)
    for word in ("Zoë", "Âge", json.dumps("Zoë")[1:-1], json.dumps("Âge")[1:-1]):
        assert word.encode() not in everything
    await _assert_holds(runtime.store)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # only SQLite has a file to rewrite
async def test_a_reader_that_holds_the_file(runtime: Runtime, cast: Cast, now: datetime) -> None:
    """The erasure is done; that the file was not rewritten is said, and can be done later."""
    impatient = Runtime(
        runtime.settings, Store(runtime.settings.store_url, patience=0.3), runtime.clock, runtime.library
    )
    async with runtime.store.read() as session:
        await session.execute(select(Person))
        done = await erase_person(impatient, cast.id("T4"), now=now, actor="test")
        assert not done.is_scrubbed
    await impatient.store.scrub()
    await impatient.store.close()
    await _assert_gone(runtime.store, cast, "T4")
