"""Personal links: the same every time, only their hash stored, and each opens its own person's page alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models.roles import Role
from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import Link
from models.text import Language
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.links import LinkExpired, LinkRevoked, LinkUnknown, open_link, opened
from tests.support.cast import Cast
from tests.support.driver import Play, local
from tests.support.linked import link_for

pytestmark = pytest.mark.asyncio


async def token_of(play: Play, code: str, form: str | None = None) -> str:
    """Return somebody's link to a form, or to the personal page."""
    member = await play.participation(code)
    invitation = await play.invitation(code, form) if form else None
    now = await play.now()
    async with play.runtime.store.change(now=now, actor="delivery", stream=play.activity_id) as session:
        return await link_for(session, play.runtime.settings, member.id, invitation.id if invitation else None, now)


@pytest.mark.chapter("asked")
async def test_the_link_is_the_same_every_time_and_another_for_each_form_and_person(play: Play) -> None:
    first = await token_of(play, "T3", "goals")
    assert await token_of(play, "T3", "goals") == first
    others = {
        await token_of(play, "T3"),
        await token_of(play, "T3", "registration"),
        await token_of(play, "T5", "goals"),
    }
    assert len(others | {first}) == 4
    assert len(first) == 43


@pytest.mark.chapter("asked")
async def test_control_03_a_link_opens_what_it_was_made_for(play: Play, runtime: Runtime, cast: Cast) -> None:
    teacher = await open_link(runtime, await token_of(play, "T3", "goals"), await play.now())
    assert (teacher.person_id, teacher.activity_id) == (cast.id("T3"), play.activity_id)
    assert (teacher.language, teacher.formal) == (Language.DUTCH, False)
    assert teacher.invitation_id == (await play.invitation("T3", "goals")).id
    assert await opened(runtime, teacher.link_id, await play.now()) == teacher
    host = await open_link(runtime, await token_of(play, "P3"), await play.now())
    assert (host.formal, host.invitation_id) == (True, None)


@pytest.mark.chapter("asked")
async def test_control_03_only_the_hash_of_a_link_is_stored(play: Play, runtime: Runtime) -> None:
    token = await token_of(play, "T3", "goals")
    async with runtime.store.read() as session:
        rows = [dict(row) for row in (await session.execute(text("SELECT * FROM link"))).mappings()]
        log = [str(row) for row in (await session.execute(text("SELECT changes FROM audit_entry"))).scalars()]
    assert all(token not in str(row) for row in rows)
    assert not any(token in line for line in log)


@pytest.mark.chapter("asked")
async def test_another_installation_makes_other_links_of_the_same_database(play: Play, runtime: Runtime) -> None:
    token = await token_of(play, "T3", "goals")
    member, goals = await play.participation("T3"), await play.invitation("T3", "goals")
    other = runtime.settings.model_copy(update={"secret_key": type(runtime.settings.secret_key)("x" * 40)})
    async with runtime.store.change(now=await play.now(), actor="thief", stream=play.activity_id) as session:
        made = await link_for(session, other, member.id, goals.id, await play.now())
    assert made != token
    with pytest.raises(LinkUnknown):
        await open_link(runtime, made, await play.now())


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-1], lambda token: token + "A", lambda _: "", lambda _: "\x00é"]
)
@pytest.mark.chapter("asked")
async def test_a_link_that_was_copied_in_part_is_unknown(play: Play, runtime: Runtime, spoil: object) -> None:
    token = await token_of(play, "T3", "goals")
    with pytest.raises(LinkUnknown, match="copied only in part") as refused:
        await open_link(runtime, spoil(token), await play.now())  # type: ignore[operator]
    assert "maar voor een deel gekopieerd" in refused.value.to(Language.DUTCH)
    with pytest.raises(LinkUnknown):
        await opened(runtime, "no-link", await play.now())


@pytest.mark.chapter("asked")
async def test_control_03_a_replaced_persons_links_are_revoked_and_a_returning_person_gets_new_ones(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    token = await token_of(play, "T4")
    member = await play.participation("T4")
    await steer.replace(runtime, member.id, "T9", now=await play.now(), actor=play.coordinator)
    with pytest.raises(LinkRevoked, match="somebody else took over"):
        await open_link(runtime, token, await play.now())
    await steer.add_person(runtime, play.activity_id, "T4", Role.TEACHER, now=await play.now(), actor=play.coordinator)
    with pytest.raises(LinkRevoked):
        await open_link(runtime, token, await play.now())
    fresh = await token_of(play, "T4")
    assert (await open_link(runtime, fresh, await play.now())).person_id == cast.id("T4")


@pytest.mark.chapter("asked")
async def test_somebody_who_left_can_still_open_the_link_to_read_what_happened(play: Play, runtime: Runtime) -> None:
    token = await token_of(play, "T4")
    member = await play.participation("T4")
    await steer.withdraw(runtime, member.id, now=await play.now(), actor=play.coordinator)
    assert (await open_link(runtime, token, await play.now())).participation_id == member.id


@pytest.mark.chapter("asked")
async def test_control_03_a_link_expires_thirty_days_after_the_last_thing(play: Play, runtime: Runtime) -> None:
    token = await token_of(play, "T3", "goals")
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        activity = await session.get_one(Activity, play.activity_id)
        activity.status, activity.finished_at = ActivityStatus.FINISHED, local("2026-11-20 10:00")
    # The impact check is still to come, on 5 January.
    assert await open_link(runtime, token, local("2027-02-04 09:59"))
    with pytest.raises(LinkExpired, match="closed more than 30 days ago"):
        await open_link(runtime, token, local("2027-02-04 10:01"))


@pytest.mark.chapter("asked")
async def test_links_of_a_cancelled_activity_expire_thirty_days_after_that(play: Play, runtime: Runtime) -> None:
    token = await token_of(play, "T3", "goals")
    await steer.cancel(runtime, play.activity_id, "Storm", now=await play.now(), actor=play.coordinator)
    at = await play.now()
    assert await open_link(runtime, token, at + timedelta(days=29))
    with pytest.raises(LinkExpired):
        await open_link(runtime, token, at + timedelta(days=31))


@pytest.mark.chapter("asked")
async def test_control_03_a_link_can_expire_by_itself(play: Play, runtime: Runtime) -> None:
    token = await token_of(play, "T3", "goals")
    async with runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        for link in await session.scalars(select(Link)):
            link.expires_at = local("2026-10-10 00:00")
    with pytest.raises(LinkExpired):
        await open_link(runtime, token, local("2026-10-10 00:00"))
