"""Start an activity: what is written, and every bad input that writes nothing."""

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from models.draft import ActivityDraft
from models.roles import Role
from models.tables.activities import Activity, ActivityStatus, Participation, PlaybookVersion
from models.tables.network import Contact, ContactKind, Person
from models.tables.truth import AuditEntry
from models.text import Language
from sandwich.errors import BadInput, SandwichError
from sandwich.runtime import Runtime
from sandwich.services import start
from tests.support.cast import Cast
from tests.support.driver import A1, TEACHERS, Play, told

pytestmark = [pytest.mark.asyncio, pytest.mark.both]


async def entries(runtime: Runtime) -> int:
    """Count everything that was ever written."""
    async with runtime.store.read() as session:
        return await session.scalar(select(func.count()).select_from(AuditEntry)) or 0


async def begin(runtime: Runtime, cast: Cast, **changes: Any) -> str:
    """Start A1 with changes."""
    draft = ActivityDraft.model_validate({**A1, **changes})
    return await start.start(runtime, draft, now=await runtime.clock.now(), actor=cast.id("C1"))


async def test_a_started_activity_has_its_people_dates_plan_and_first_wake(play: Play, cast: Cast) -> None:
    loaded = await play.loaded()
    codes = {person.id: code for code, person in cast.people.items()}
    people = {role: {codes[item.person_id] for item in loaded.in_role(role)} for role in Role}
    assert {role: some for role, some in people.items() if some} == {
        Role.COORDINATOR: {"C1"},
        Role.DEPUTY: {"C2"},
        Role.HOST_CONTACT: {"P3"},
        Role.TEACHER: set(TEACHERS),
        Role.TRIP_LEADER: {"T2"},
        Role.SCHOOL_LEADER: {"L1", "L2", "L3"},
        Role.TIMETABLER: {"R1"},
    }
    assert loaded.activity.status is ActivityStatus.REQUESTED
    assert told(loaded.starts_at) == "Thu 05 Nov 13:30"
    assert loaded.activity.wake_at is not None
    assert loaded.activity.wake_at <= await play.now()
    assert told(loaded.steps["goals-to-host"].due_at or loaded.starts_at) == "Fri 16 Oct 10:00"
    await play.turn()
    assert play.mails[0].mail == "request"
    assert (await play.activity()).wake_at is None  # only the host's answer wakes it


async def test_people_are_found_by_code_mail_or_name_and_new_ones_are_written_down(
    runtime: Runtime, cast: Cast
) -> None:
    new = {
        "given_name": "Noor",
        "family_name": "Smit",
        "mail": "Noor.Smit@Hetkompas.example",
        "school": "Het Kompas vmbo",
        "language": "en",
    }
    await begin(runtime, cast, teachers=[cast.mail("T3"), new], trip_leader=cast.id("T3"))
    async with runtime.store.read() as session:
        noor = await session.scalar(select(Person).where(Person.family_name == "Smit"))
        assert noor is not None
        assert (noor.school_id, noor.language) == (cast.id("S2"), Language.ENGLISH)
        contact = await session.scalar(select(Contact).where(Contact.person_id == noor.id))
        assert contact is not None
        assert (contact.kind, contact.lookup) == (ContactKind.MAIL, "noor.smit@hetkompas.example")
    before = await entries(runtime)
    await begin(runtime, cast, teachers=["T3", new])
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).where(Person.family_name == "Smit")) == 1
    assert await entries(runtime) > before


async def test_without_hosts_the_known_one_is_asked_and_without_a_leader_the_first_teacher_leads(
    runtime: Runtime, cast: Cast
) -> None:
    activity_id = await begin(runtime, cast, hosts=[], trip_leader=None, teachers=["T5", "T3"])
    async with runtime.store.read() as session:
        rows = await session.scalars(select(Participation).where(Participation.activity_id == activity_id))
        people = {(item.role, item.person_id) for item in rows}
    assert (Role.HOST_CONTACT, cast.id("P3")) in people
    assert (Role.TRIP_LEADER, cast.id("T5")) in people


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "company-visits"}, "There is no kind company-visits. Choose one of: company-visit, guest-lesson, "),
        ({"kind": "twin-pair"}, "Pair is a part of another kind and begins by itself. Start that one."),
        ({"purpose": "fun"}, "The purpose fun does not fit this kind. Choose one of: trends, placement"),
        ({"company": "B99"}, "There is no company B99. Use its code or its full name."),
        ({"teachers": ["T99"]}, "Nobody is known as T99. Use a code, a mail address, or give name and address."),
        ({"hosts": ["nobody@korteweg.example"]}, "Nobody is known as nobody@korteweg.example."),
        (
            {"company": "B5", "hosts": []},
            "Griendstroom Energie has no contact person yet. Add one first, for instance with the company profile.",
        ),
        (
            {"dates": [{"start": "2026-09-23 13:30", "end": "2026-09-23 16:30"}]},
            "The date 23-09-2026 has passed. Choose a day that is still to come.",
        ),
        (
            {
                "dates": [
                    {"start": "2026-11-05 13:30", "end": "2026-11-05 16:30"},
                    {"start": "2026-11-05 14:00", "end": "2026-11-05 15:00"},
                ]
            },
            "Two dates overlap. Check the times.",
        ),
        (
            {"coordinator": {"given_name": "Anne", "family_name": "Zonder"}},
            "Anne Zonder has no mail address, so nobody can reply to the mails. Add one first.",
        ),
        (
            {"hosts": [{"given_name": "Bram", "family_name": "Stil", "company": "B3"}]},
            "Bram Stil of Bouwbedrijf Korteweg has no mail address and no phone number.",
        ),
        (
            {"teachers": [{"given_name": "A", "family_name": "B", "school": "S99"}]},
            "There is no school S99.",
        ),
        (
            {"teachers": [{"given_name": "A", "family_name": "B", "school": "S1", "mail": "a\n@b.example"}]},
            "This is not one mail address: it has a space or a line break.",
        ),
    ],
)
async def test_bad_input_is_told_in_a_sentence_and_writes_nothing(
    runtime: Runtime, cast: Cast, changes: dict[str, Any], sentence: str
) -> None:
    before = await entries(runtime)
    with pytest.raises(SandwichError) as refused:
        await begin(runtime, cast, **changes)
    assert str(refused.value).startswith(sentence)
    assert refused.value.to(Language.DUTCH) != str(refused.value)
    assert await entries(runtime) == before
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Activity)) == 0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"dates": []}, "dates"),
        ({"dates": [{"start": "2026-11-05 16:30", "end": "2026-11-05 13:30"}]}, "end must be later"),
        ({"dates": [{"start": "2026-11-05T13:30+01:00", "end": "2026-11-05 16:30"}]}, "without a time zone"),
        ({"title": "  "}, "title"),
        ({"group_size": 0}, "group_size"),
        ({"colour": "red"}, "colour"),
        (
            {"teachers": [{"given_name": "A", "family_name": "B", "school": "S1", "company": "B1"}]},
            "not to both",
        ),
    ],
)
async def test_a_draft_that_cannot_be_is_refused_before_anything_is_read(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        ActivityDraft.model_validate({**A1, **changes})


async def test_two_activities_can_start_at_once_with_the_same_new_person(runtime: Runtime, cast: Cast) -> None:
    """Neither the playbook, stored for the first time, nor the new person is written twice."""
    new = {"given_name": "Noor", "family_name": "Smit", "mail": "noor@hetkompas.example", "school": "S2"}
    await asyncio.gather(*(begin(runtime, cast, teachers=["T3", new]) for _ in range(4)))
    async with runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(PlaybookVersion)) == 1
        assert await session.scalar(select(func.count()).where(Person.family_name == "Smit")) == 1
        assert await session.scalar(select(func.count()).select_from(Activity)) == 4


async def test_a_concept_mails_nobody_until_it_begins_with_a_host(runtime: Runtime, cast: Cast) -> None:
    day = (await runtime.clock.now()).date().replace(month=11, day=5)
    activity_id = await start.make_concept(
        runtime, "company-visit", cast.id("S1"), cast.id("B3"), cast.id("C1"), [day], "trends", 8
    )
    play = Play(runtime, cast=cast, activity_id=activity_id)
    await play.turn()
    assert ((await play.activity()).status, play.mails) == (ActivityStatus.CONCEPT, [])
    with pytest.raises(BadInput, match="Add a contact person first"):
        await start.begin(runtime, activity_id, now=await play.now(), actor=cast.id("C1"))


async def test_a_concept_without_dates_is_refused(runtime: Runtime, cast: Cast) -> None:
    with pytest.raises(BadInput, match="Give at least one date"):
        await start.make_concept(runtime, "company-visit", cast.id("S1"), None, cast.id("C1"), [], "trends", None)
