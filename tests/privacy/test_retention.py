"""Terms at work on a visit of long ago: nothing goes unseen, what goes is gone, what was counted counts the same."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.data_kinds import DataKind
from models.tables.activities import ActivityStatus, Participation
from models.tables.asking import Draft, Submission, Upload, UploadContent
from models.tables.mail import ON_ITS_WAY, Attempt, Message
from models.tables.network import Person, Region
from models.tables.privacy import Retention
from models.tables.results import CardState, Consent, Hours, ImpressionCard
from models.tables.truth import AuditEntry
from sandwich.errors import BadInput
from sandwich.privacy import retention
from sandwich.privacy.due import At
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services import collect
from sandwich.services.overview import to_json
from sandwich.services.years import figures_of
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.driver import Play, local
from tests.support.dumped import bytes_of
from tests.web.story import a_photo_of

pytestmark = [pytest.mark.asyncio, pytest.mark.chapter("afterwards")]

CANARY = "Kanariezin over de prefabwand"
TYPED = "Kanariezin die niet verstuurd is"
SIGNED = "Kanaria van der Kwinkel"


async def region(runtime: Runtime) -> Region:
    """Return the only region."""
    async with runtime.store.read() as session:
        return (await session.scalars(select(Region))).one()


async def looked(play: Play) -> dict[DataKind, retention.Due]:
    """Return what is over its term now."""
    async with play.runtime.store.read() as session:
        found = await retention.look(session, play.runtime, await region(play.runtime), await play.now())
    return {one.kept.kind: one for one in found}


async def holds(play: Play) -> None:
    """See that the log holds and explains every table."""
    async with play.runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []


async def figures(play: Play) -> Any:
    """Return what is counted of the school year."""
    async with play.runtime.store.read() as session:
        return to_json(await figures_of(session, SchoolYear(2026), zone="Europe/Amsterdam"))


async def told(play: Play) -> None:
    """Let people answer in words, sign, leave something typed, and share a card with a photo; then let it end."""
    await play.answer("T2", "teacher-evaluation", worth=CANARY, turn=False)
    await play.answer("T4", "goals", goal_1=CANARY, turn=False)
    invitation = await play.invitation("T5", "goals")
    await collect.save_draft(
        play.runtime, invitation.id, await play.fields(invitation.id, goal_1=TYPED), now=await play.now()
    )
    photo = await a_photo_of(play, "T3", "impressions", "photo")  # type: ignore[arg-type]
    await play.answer("T3", "impressions", headline="Kop van Erik", photo=[photo], photo_consent="yes", turn=False)
    await play.answer("P3", "host-hours", on_behalf="yes", confirm="correct", name_function=SIGNED)
    await play.sleep_to("2026-11-18 10:00")
    await play.answer("P3", "card-release", release="released", photos="yes")
    await play.sleep_to("2026-12-01 10:00")
    await play.sleep_to("2027-03-20 10:00")
    assert (await play.activity()).status is ActivityStatus.FINISHED


async def test_control_17_terms_of_a_visit_one_after_the_other(play: Play) -> None:
    runtime, where = play.runtime, (await region(play.runtime)).id
    await told(play)
    counted = await figures(play)
    before = await play.snapshot()

    # Nothing is over its term yet but what was typed and not sent; a run shows it and removes nothing.
    ran = await retention.run(runtime, await play.now())
    due = await looked(play)
    assert ran.removed == 0
    assert due[DataKind.DRAFTS].waits
    assert due[DataKind.DRAFTS].shown_at is not None
    assert [kind for kind, one in due.items() if one.count] == [DataKind.DRAFTS]
    with pytest.raises(BadInput, match="nothing to see"):
        await retention.approve(runtime, where, DataKind.ANSWERS, now=await play.now(), actor=play.coordinator)
    with pytest.raises(BadInput, match="goes by itself"):
        await retention.approve(runtime, where, DataKind.TRAIL, now=await play.now(), actor=play.coordinator)
    assert {**await play.snapshot(), "retention": {}} == {**before, "retention": {}}

    # With a yes it goes the next night; the audit log has who said it and that it went.
    assert await retention.approve(runtime, where, DataKind.DRAFTS, now=await play.now(), actor=play.coordinator) == 1
    assert (await looked(play))[DataKind.DRAFTS].goes == 1
    assert (await retention.run(runtime, await play.now())).removed == 1
    async with runtime.store.read() as session:
        assert list(await session.scalars(select(Draft))) == []
        log = await session.scalars(select(AuditEntry).where(AuditEntry.table == "retention"))
        assert [entry.actor for entry in log] == [retention.ACTOR, play.coordinator, retention.ACTOR]
    assert TYPED.encode() not in await bytes_of(runtime.store)
    await holds(play)

    # Half a year after the last mail it is shown that mail was kept long enough; taken back, nothing goes.
    await runtime.clock.set(local("2027-10-20 10:00"))
    await retention.run(runtime, await play.now())
    await retention.approve(runtime, where, DataKind.MAIL, now=await play.now(), actor=play.coordinator)
    await retention.stop(runtime, where, DataKind.MAIL, now=await play.now(), actor=play.coordinator)
    await retention.run(runtime, await play.now())
    async with runtime.store.read() as session:
        assert len(list(await session.scalars(select(Message.id)))) > 20
    await retention.approve(runtime, where, DataKind.MAIL, now=await play.now(), actor=play.coordinator)
    assert (await retention.run(runtime, await play.now())).removed == 1
    async with runtime.store.read() as session:
        left = await session.scalars(select(Message.state).where(Message.activity_id == play.activity_id))
        assert set(left) <= set(ON_ITS_WAY)
        assert list(await session.scalars(select(Attempt.id))) == []
    await holds(play)
    assert await figures(play) == counted

    # The last night of the second school year after it, and the first of the third.
    await runtime.clock.set(local("2029-07-31 23:00"))
    assert (await looked(play))[DataKind.ANSWERS].count == 0
    await runtime.clock.set(local("2029-08-01 03:00"))
    assert (await looked(play))[DataKind.ANSWERS].count == 1
    await retention.approve(runtime, where, DataKind.ANSWERS, now=await play.now(), actor=play.coordinator)
    assert (await retention.run(runtime, await play.now())).removed == 1
    await anonymous(play)
    assert await figures(play) == counted, "what was counted can be counted again"
    assert (await looked(play))[DataKind.ANSWERS].count == 0

    # The card went on for five years, with its words and photo; then nothing of it is left.
    async with runtime.store.read() as session:
        assert [one.question for one in await session.scalars(select(Upload))] == ["photo"]
    await runtime.clock.set(local("2031-12-02 03:00"))
    await retention.approve(runtime, where, DataKind.CARDS, now=await play.now(), actor=play.coordinator)
    await retention.run(runtime, await play.now())
    async with runtime.store.read() as session:
        card = (await session.scalars(select(ImpressionCard))).one()
        assert card.state is CardState.WITHDRAWN
        assert list(await session.scalars(select(UploadContent.upload_id))) == []
    assert b"Kop van Erik" not in await bytes_of(runtime.store)
    await holds(play)

    # A year after the last photo the consents go, and after ten the name under the hours.
    await runtime.clock.set(local("2032-12-04 03:00"))
    await retention.approve(runtime, where, DataKind.CONSENTS, now=await play.now(), actor=play.coordinator)
    assert SIGNED.encode() in await bytes_of(runtime.store)
    await retention.run(runtime, await play.now())
    await runtime.clock.set(local("2037-01-01 03:00"))
    await retention.approve(runtime, where, DataKind.HOURS, now=await play.now(), actor=play.coordinator)
    await retention.run(runtime, await play.now())
    async with runtime.store.read() as session:
        assert list(await session.scalars(select(Consent.id))) == []
        assert sum(await session.scalars(select(Hours.hours))) > 10
    assert SIGNED.encode() not in await bytes_of(runtime.store)
    await holds(play)


async def anonymous(play: Play) -> None:
    """See that the people of the visit have no name there any more, and nothing that they wrote is left."""
    await holds(play)
    everything = await bytes_of(play.runtime.store)
    assert CANARY.encode() not in everything
    assert b"Erik" in everything, "the people themselves are still known"
    me = play.cast.id("T2")
    async with play.runtime.store.read() as session:
        seats = list(await session.scalars(select(Participation).where(Participation.person_id == me)))
        assert seats == []
        said = {row.form: row for row in await session.scalars(select(Submission).where(Submission.person_id == me))}
        assert said == {}
        people = [await session.get_one(Person, one) for one in await session.scalars(select(Participation.person_id))]
        nobody = [one for one in people if one.erased_on is not None]
        assert len(nobody) >= 9
        assert {(one.given_name, one.family_name) for one in nobody} == {(None, None)}
        evaluation = await session.scalar(select(Submission).where(Submission.form == "teacher-evaluation"))
        assert evaluation is not None
        assert evaluation.answers["overall"]


async def test_whoever_took_part_in_nothing_for_a_year_goes_after_a_look_at_each(play: Play) -> None:
    runtime, where = play.runtime, await region(play.runtime)
    await play.sleep_to("2027-03-20 10:00")
    now = local("2027-10-10 03:00")  # the region was written down a year ago, the visit is less than a year ago
    await runtime.clock.set(now)
    async with runtime.store.read() as session:
        listed = await retention.items(session, DataKind.CONTACTS, At(where.id, runtime.settings, now))
    names = {one.name for one in listed}
    assert {"Erik Laan", "Koen Korteweg", "Jolanda Meerdink"} & names == set(), "took part, or coordinates"
    assert len(listed) > 5
    kept, *others = [one.id for one in listed]
    going = await retention.approve(runtime, where.id, DataKind.CONTACTS, now=now, actor=play.coordinator, stays=[kept])
    assert going == len(others)
    # Erik and the others of the visit come onto the list next month. Nobody said yes to that.
    await runtime.clock.set(now + timedelta(days=40))
    await retention.run(runtime, await play.now())
    async with runtime.store.read() as session:
        people = {one.id: one for one in await session.scalars(select(Person))}
        waits = (await looked(play))[DataKind.CONTACTS]
        row = await session.get(Retention, (where.id, DataKind.CONTACTS.value))
    assert all(people[one].erased_on is not None for one in others)
    assert people[kept].erased_on is None
    assert people[play.cast.id("T3")].erased_on is None
    assert waits.waits
    assert waits.goes == 0
    assert row is not None
    assert row.removed == len(others)
    await holds(play)
