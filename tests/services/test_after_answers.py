"""What follows from the answers of the day and afterwards: attendance, scores, hours, the impression card."""

import pytest
from sqlalchemy import select

from models.tables.activities import ActivityStatus, Presence
from models.tables.asking import InvitationState
from models.tables.mail import CallState
from models.tables.network import Company
from models.tables.results import CardState, Hours, HoursKind, ImpressionCard, ShareScope
from sandwich.runtime import Runtime
from sandwich.services import share
from sandwich.services.asking import asked_form
from tests.support.cast import Cast
from tests.support.chapters import CHAPTERS, then
from tests.support.driver import TEACHERS, Play
from tests.support.stages import Stage

pytestmark = [pytest.mark.asyncio, pytest.mark.story]


async def card(play: Play) -> ImpressionCard:
    """Return the impression card."""
    async with play.runtime.store.read() as session:
        return (await session.scalars(select(ImpressionCard))).one()


async def hours(play: Play) -> dict[HoursKind, tuple[float, bool]]:
    """Return the hours by kind, and whether they were confirmed."""
    async with play.runtime.store.read() as session:
        return {row.kind: (row.hours, row.is_confirmed) for row in await session.scalars(select(Hours))}


@pytest.mark.chapter("ready")
async def test_everybody_is_there_with_one_tick_but_whom_the_list_says_otherwise(play: Play) -> None:
    await play.sleep_to("2026-11-05 13:40")
    await play.answer("T2", "attendance", everybody="all", present__T5__status="absent")
    found = {code: (await play.participation(code)).presence for code in ("T2", "T3", "T5", "T10")}
    assert found == {**dict.fromkeys(("T2", "T3", "T10"), Presence.PRESENT), "T5": Presence.ABSENT}
    assert (await play.loaded()).moments[0].attendance_at is not None


@pytest.mark.chapter("ready")
async def test_only_those_who_were_there_are_asked_afterwards(play: Play) -> None:
    await play.sleep_to("2026-11-05 13:40")
    await play.answer("T2", "attendance", present__T5__status="absent", present__T6__status="partly")
    assert (await play.participation("T5")).presence is Presence.ABSENT
    await play.sleep_to("2026-11-10 10:00")
    asked = {left.to for left in play.mails if "teacher-evaluation" in left.forms}
    assert asked == set(TEACHERS) - {"T5"}
    assert (await play.activity()).status is ActivityStatus.AFTER


@pytest.mark.chapter("ready")
async def test_a_corrected_attendance_corrects_who_is_asked(play: Play) -> None:
    await play.sleep_to("2026-11-05 16:30")
    await play.answer("T2", "attendance", present__T5__status="absent")
    await play.sleep_to("2026-11-10 10:00")
    await play.answer("T2", "attendance", present__T5__status="present", present__T7__status="absent")
    await play.turn()
    assert (await play.invitation("T5", "teacher-evaluation")).state is InvitationState.SENT
    assert (await play.invitation("T7", "teacher-evaluation")).state is InvitationState.WITHDRAWN
    await play.sleep_to("2026-11-13 09:00")
    assert ("T7", "reminder") not in {(left.to, left.mail) for left in play.mails if left.at.startswith("Fri 13")}


@pytest.mark.chapter("ready")
async def test_without_attendance_everybody_is_presumed_present_after_two_working_days(play: Play) -> None:
    await play.to("2026-11-09 07:59")
    assert (await play.activity()).status is ActivityStatus.DURING
    await play.to("2026-11-09 08:00")
    assert (await play.participation("T5")).presence is Presence.PRESUMED
    assert (await play.activity()).status is ActivityStatus.AFTER
    assert (await play.loaded()).moments[0].attendance_presumed
    # Thanks were due on Friday and had to wait for it.
    assert play.sent("thank-you") == [("Mon 09 Nov 08:00", "P3")]
    await play.answer("T2", "attendance", present__T5__status="absent")
    assert (await play.participation("T5")).presence is Presence.ABSENT
    assert not (await play.loaded()).moments[0].attendance_presumed


@pytest.mark.chapter("ready")
async def test_what_happened_on_the_day_reaches_the_coordinator(play: Play) -> None:
    await play.sleep_to("2026-11-05 14:00")
    await play.answer("T2", "attendance", present__T5__status="replaced", incident="Iemand struikelde")
    assert {"incident", "replaced-on-the-day"} <= set(await play.open_calls())


@pytest.mark.chapter("afterwards")
async def test_the_lowest_score_is_a_call_the_same_day(play: Play, cast: Cast) -> None:
    await play.answer("T3", "teacher-evaluation", overall="1")
    await play.answer("T5", "teacher-evaluation", overall="2")
    await play.answer("P3", "host-evaluation", overall="1", feedback_want="phone")
    new = await play.open_calls()
    assert new.count("low-score") == 2
    assert new.count("feedback-by-phone") == 1
    assert {call.person_id for call in await play.calls() if call.what == "low-score"} == {
        cast.id("T3"),
        cast.id("P3"),
    }


@pytest.mark.chapter("afterwards")
async def test_company_hours_are_estimated_until_they_are_confirmed(play: Play) -> None:
    assert await hours(play) == {HoursKind.COMPANY_BEFORE: (10, False)}
    figures = {"hours_prep": "6", "hours_day": "9", "hours_after": "1"}
    await play.answer("P3", "host-hours", confirm="unknown", on_behalf="no", **figures)  # type: ignore[arg-type]
    assert await hours(play) == {
        HoursKind.COMPANY_BEFORE: (6, False),
        HoursKind.COMPANY_DURING: (9, False),
        HoursKind.COMPANY_AFTER: (1, False),
    }
    await play.answer(
        "P3", "host-hours", confirm="adjusted", on_behalf="yes", hours_prep="7", hours_day="9", hours_after="1"
    )
    assert await hours(play) == {
        HoursKind.COMPANY_BEFORE: (7, True),
        HoursKind.COMPANY_DURING: (9, True),
        HoursKind.COMPANY_AFTER: (1, True),
    }


@pytest.mark.chapter("afterwards")
async def test_a_teachers_hours_are_kept_per_slice(play: Play) -> None:
    await play.answer(
        "T3",
        "teacher-evaluation",
        hours_teacher__before__hours="1,5",
        hours_teacher__during__hours="3",
        hours_teacher__after__hours="2",
    )
    found = await hours(play)
    assert [
        found[kind][0] for kind in (HoursKind.TEACHER_BEFORE, HoursKind.TEACHER_DURING, HoursKind.TEACHER_AFTER)
    ] == [
        1.5,
        3,
        2,
    ]


def shared(scope: str) -> Stage:
    """Return the day on which the host is asked about the card."""

    async def tell(play: Play) -> None:
        await play.answer_all(("T2", "T5"), "impressions", scope=scope)
        await play.sleep_to("2026-11-17 10:00")

    return then(CHAPTERS["afterwards"], f"shared with the {scope}", tell)


SHARED = shared("region")


@pytest.mark.chapter(SHARED)
async def test_the_host_releases_all_and_the_card_is_published_at_once(play: Play) -> None:
    assert (await card(play)).state is CardState.PREVIEWED
    await play.answer("P3", "card-release", release="released", photos="yes")
    row = await card(play)
    assert (row.state, row.is_restricted, row.share_scope) == (CardState.PUBLISHED, False, ShareScope.REGION)
    assert {to for _, to in play.sent("new-card")} == {"S1-colleagues", "S2-colleagues"}, "the third waits for more"
    facts = await play.facts()
    assert (facts.shared, facts.card_released) == (True, True)


@pytest.mark.chapter(SHARED)
async def test_the_host_keeps_parts_back(play: Play) -> None:
    invitation = await play.invitation("P3", "card-release")
    asked = await asked_form(play.runtime, invitation.id, await play.now())
    rows = [row.key for row in asked.rows["parts"] if row.key.endswith("-insight_1")]
    assert len(rows) == 1, "what two wrote in the same words is one row"
    left_out = {f"parts__{rows[0]}__share": "leave-out"}
    await play.answer("P3", "card-release", release="without-parts", confidential="Prijs", **left_out)  # type: ignore[arg-type]
    row = await card(play)
    assert (row.state, row.host_remark) == (CardState.PUBLISHED, "Prijs")
    assert rows[0] in row.confidential
    assert [key.partition("-")[2] for key in row.confidential] == ["insight_1", "insight_1"], "of both authors"


@pytest.mark.chapter(SHARED)
async def test_the_host_says_no_and_nothing_is_published_until_it_says_yes(play: Play) -> None:
    await play.answer("P3", "card-release", release="refused")
    assert (await card(play)).state is CardState.OBJECTED
    assert "card-objected" in await play.open_calls()
    await play.sleep_to("2026-12-01 10:00")
    assert not (await play.facts()).shared
    await play.answer("P3", "card-release", release="released")
    assert (await card(play)).state is CardState.PUBLISHED


@pytest.mark.chapter(SHARED)
async def test_silence_of_five_working_days_publishes_inside_the_schools_and_restricted(play: Play) -> None:
    await play.to("2026-11-24 09:00")
    assert (await card(play)).state is CardState.PREVIEWED
    await play.to("2026-11-24 10:00")
    row = await card(play)
    assert (row.state, row.is_restricted, row.share_scope) == (CardState.PUBLISHED, True, ShareScope.SCHOOL)
    assert row.released_at is None


@pytest.mark.chapter(SHARED)
async def test_a_card_taken_back_was_shared_all_the_same(play: Play) -> None:
    await play.answer("P3", "card-release", release="released")
    await share.withdraw_card(play.runtime, play.activity_id, now=await play.now(), actor=play.coordinator)
    assert (await card(play)).state is CardState.WITHDRAWN
    facts = await play.facts()
    assert (facts.shared, facts.card_released) == (True, False)


@pytest.mark.chapter("ready")
async def test_only_schools_of_those_who_were_there_get_the_card(play: Play) -> None:
    await play.sleep_to("2026-11-05 16:30")
    await play.answer("T2", "attendance", present__T6__status="absent", present__T8__status="absent")
    await play.sleep_to("2026-11-10 10:00")
    await play.answer("T2", "impressions", scope="region")
    await play.sleep_to("2026-11-17 10:00")
    await play.answer("P3", "card-release", release="released")
    assert {to for _, to in play.sent("new-card")} == {"S1-colleagues", "S2-colleagues"}


@pytest.mark.chapter(shared("school"))
async def test_colleagues_who_may_read_nothing_get_no_mail(play: Play) -> None:
    await play.answer("P3", "card-release", release="released")
    assert {to for _, to in play.sent("new-card")} == {"S1-colleagues", "S2-colleagues"}


@pytest.mark.chapter("afterwards")
async def test_nobody_shares_and_the_coordinator_is_called(play: Play) -> None:
    await play.sleep_to("2026-11-17 08:00")
    assert "no-impressions" in await play.open_calls()
    await play.answer("T3", "impressions")
    await play.sleep_to("2026-11-18 08:00")
    # Late, but the host is asked all the same.
    assert (await card(play)).state is CardState.PREVIEWED
    assert "no-impressions" in {call.what for call in await play.calls(CallState.DROPPED)}


@pytest.mark.chapter("afterwards")
async def test_evaluations_close_softly_and_a_late_one_still_counts(play: Play) -> None:
    await play.to("2026-11-24 09:00")
    late = await play.invitation("T3", "teacher-evaluation")
    assert (late.state, late.next_at) == (InvitationState.CLOSED, None)
    outcome = await play.answer("T3", "teacher-evaluation")
    assert outcome.is_late
    late = await play.invitation("T3", "teacher-evaluation")
    assert (late.state, late.is_late) == (InvitationState.ANSWERED, True)


@pytest.mark.chapter("ready")
async def test_an_unexpected_guest_is_a_call_and_the_real_end_gives_the_hours(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.sleep_to("2026-11-05 17:30")
    await play.answer(
        "T2", "attendance", extra="Iemand van S1", end_time="2026-11-05T17:30", present__T5__status="absent"
    )
    assert "extra-people" in await play.open_calls()
    async with runtime.store.read() as session:
        rows = await session.scalars(select(Hours).where(Hours.kind == HoursKind.TEACHER_DURING))
        there = {row.person_id: row.hours for row in rows}
    assert there == {cast.id(code): 4 for code in TEACHERS if code != "T5"}


@pytest.mark.chapter("held")
async def test_what_was_seen_becomes_a_tag_of_the_company(play: Play, runtime: Runtime, cast: Cast) -> None:
    for code in ("T3", "T5"):
        await play.answer(code, "field-note", technique=["robots", "cnc"])
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B3"))
    assert company.tags == [*cast.companies["B3"].tags, "cnc", "robots"]


@pytest.mark.chapter("afterwards")
async def test_a_company_that_wants_no_more_is_remembered_and_gets_no_feedback_it_did_not_want(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.answer("P3", "host-evaluation", again="never", feedback_want="none")
    async with runtime.store.read() as session:
        assert (await session.get_one(Company, cast.id("B3"))).asks_no_more
    await play.sleep_to("2026-11-20 10:00")
    await play.turn()
    assert play.sent("feedback-host") == []
    assert play.sent("feedback-participant")
    assert (await play.facts()).fed_back, "who wants none has what they want"
    await play.answer("P3", "host-evaluation", again="perhaps")
    async with runtime.store.read() as session:
        assert not (await session.get_one(Company, cast.id("B3"))).asks_no_more


@pytest.mark.chapter("afterwards")
async def test_a_wish_for_contact_is_a_call_and_no_plan_is_no_row(play: Play, runtime: Runtime) -> None:
    await play.answer("T3", "teacher-evaluation", plan_what=["adapt", "unknown"])
    await play.sleep_to("2027-01-05 10:00")
    asked = await asked_form(runtime, (await play.invitation("T3", "impact-check")).id, await play.now())
    assert [row.key for row in asked.rows["done"]] == ["adapt"]
    await play.answer("T3", "impact-check", contact="wanted")
    assert "contact-wanted" in await play.open_calls()
