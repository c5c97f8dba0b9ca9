"""What follows from the answers before the day: date, registration, release, goals, practical information."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.tables.activities import ActivityStatus, Approval, Standing
from models.tables.asking import InvitationState, Via
from models.tables.mail import CallState
from models.tables.network import Channel, Company, Contact, Person
from models.tables.results import Consent
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services import steer
from sandwich.services.asking import asked_form
from tests.support.cast import Cast
from tests.support.driver import Play, told

pytestmark = pytest.mark.asyncio


@pytest.fixture
def cannot() -> dict[str, str]:
    """No date suits."""
    return {"dates__date_1__answer": "impossible", "dates__date_2__answer": "impossible"}


@pytest.mark.chapter("turn")
async def test_the_first_date_that_suits_is_fixed_and_the_plan_follows(play: Play) -> None:
    await play.answer("P3", "date-poll", dates__date_1__answer="if-needed", dates__date_2__answer="suits")
    loaded = await play.loaded()
    assert told(loaded.starts_at) == "Thu 12 Nov 13:30"
    assert told(loaded.steps["goals"].due_at or loaded.starts_at) == "Thu 15 Oct 10:00"
    assert loaded.activity.status is ActivityStatus.BEFORE
    assert [step for _, step in play.steps] == ["request", "date"]


@pytest.mark.parametrize(
    ("more", "call"),
    [
        ({}, "choose-date"),
        ({"dates__date_1__answer": "if-needed"}, "choose-date"),
        ({"other": "2026-12-01"}, "other-date"),
        ({"not_possible": "busy"}, "host-declined"),
    ],
)
@pytest.mark.chapter("turn")
async def test_without_a_date_that_suits_the_coordinator_is_called(
    play: Play, cannot: dict[str, str], more: dict[str, str], call: str
) -> None:
    await play.answer("P3", "date-poll", **(cannot | more))  # type: ignore[arg-type]
    assert await play.open_calls() == [call]
    assert play.sent("call") == [("Thu 24 Sep 10:00", "C1")]
    assert not (await play.facts()).date_fixed


@pytest.mark.chapter("turn")
async def test_a_host_who_says_no_need_not_go_through_the_dates(play: Play) -> None:
    await play.answer("P3", "date-poll", not_possible="no-interest", dates__date_1__answer="impossible")
    asked = await asked_form(play.runtime, (await play.invitation("P3", "date-poll")).id, await play.now())
    assert asked.answered is not None
    assert [row["row"] for row in asked.answered["dates"]] == ["date-1"]
    assert await play.open_calls() == ["host-declined"]


@pytest.mark.chapter("turn")
async def test_another_person_at_the_company_is_a_call_and_the_date_still_counts(play: Play) -> None:
    await play.answer(
        "P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="suits", other_person="Mevrouw Berk"
    )
    assert await play.open_calls() == ["other-person"]
    assert (await play.facts()).date_fixed


@pytest.mark.chapter("turn")
async def test_a_date_that_has_passed_meanwhile_is_not_fixed(play: Play) -> None:
    await play.sleep_to("2026-11-06 10:00")
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="suits")
    assert told((await play.loaded()).starts_at) == "Thu 12 Nov 13:30"


@pytest.mark.chapter("with_date")
async def test_a_host_who_changes_the_answer_does_not_move_the_date(play: Play) -> None:
    await play.answer("P3", "date-poll", dates__date_1__answer="impossible", dates__date_2__answer="suits")
    assert told((await play.loaded()).starts_at) == "Thu 05 Nov 13:30"
    assert await play.open_calls() == ["change-other-date"]


@pytest.mark.chapter("turn")
async def test_a_date_fixed_by_phone_ends_the_asking(play: Play, runtime: Runtime, cannot: dict[str, str]) -> None:
    await play.answer("P3", "date-poll", **cannot)  # type: ignore[arg-type]
    await steer.fix_date(runtime, play.activity_id, 1, now=await play.now(), actor=play.coordinator)
    assert await play.open_calls() == []
    done = await play.calls(CallState.DONE)
    assert [(call.what, call.done_by_id) for call in done] == [("choose-date", play.coordinator)]
    with pytest.raises(BadInput, match="Move the activity to change it"):
        await steer.fix_date(runtime, play.activity_id, 0, now=await play.now(), actor=play.coordinator)


@pytest.mark.chapter("turn")
async def test_a_date_fixed_before_the_host_answered_stops_the_reminders(play: Play, runtime: Runtime) -> None:
    await steer.fix_date(runtime, play.activity_id, 0, now=await play.now(), actor=play.coordinator)
    invitation = await play.invitation("P3", "date-poll")
    assert (invitation.state, invitation.next_at) == (InvitationState.CLOSED, None)
    # The host answers all the same, and it fits.
    await play.answer("P3", "date-poll", dates__date_1__answer="suits", dates__date_2__answer="suits")
    assert await play.open_calls() == []


@pytest.mark.parametrize("number", [-1, 2])
@pytest.mark.chapter("turn")
async def test_a_date_that_was_not_proposed_cannot_be_fixed(play: Play, runtime: Runtime, number: int) -> None:
    with pytest.raises(BadInput, match="there are 2"):
        await steer.fix_date(runtime, play.activity_id, number, now=await play.now(), actor=play.coordinator)
    assert not (await play.facts()).date_fixed


@pytest.mark.chapter("asked")
async def test_who_says_no_is_asked_nothing_more(play: Play) -> None:
    await play.answer("T4", "registration", attend="no")
    assert (await play.participation("T4")).standing is Standing.DECLINED
    states = {item.form: item.state for item in await play.invitations("T4")}
    assert states == {"registration": InvitationState.ANSWERED, "goals": InvitationState.WITHDRAWN}
    await play.to("2026-10-29 12:00")
    assert all(at == "Thu 08 Oct 10:00" for at, _ in play.to_person("T4"))


@pytest.mark.chapter("asked")
async def test_who_says_yes_after_no_is_asked_what_was_missed(play: Play) -> None:
    await play.answer("T4", "registration", attend="no")
    await play.answer("T4", "registration", attend="yes")
    assert (await play.participation("T4")).standing is Standing.REGISTERED
    goals = await play.invitation("T4", "goals")
    assert (goals.occurrence, goals.state) == (2, InvitationState.SENT)
    await play.answer("T4", "goals")
    assert (await play.facts()).group_goal


@pytest.mark.chapter("asked")
async def test_a_trip_leader_who_leaves_gives_up_the_lead_and_the_coordinator_knows(play: Play, cast: Cast) -> None:
    await play.answer("T2", "registration", attend="no")
    loaded = await play.loaded()
    mine = [item.standing for item in loaded.participations if item.person_id == cast.id("T2")]
    assert mine == [Standing.DECLINED, Standing.DECLINED]
    assert await play.open_calls() == ["no-trip-leader"]


@pytest.mark.chapter("asked")
async def test_when_nobody_of_a_school_is_left_its_leader_is_asked_no_more(play: Play) -> None:
    await play.answer_all(("T6", "T8"), "registration", attend="no")
    assert (await play.invitation("L3", "approval")).state is InvitationState.WITHDRAWN
    assert (await play.invitation("L2", "approval")).state is InvitationState.SENT


@pytest.mark.chapter("asked")
async def test_release_is_per_person(play: Play) -> None:
    await play.answer_all(("L1", "L3"), "approval")
    assert not (await play.facts()).release_settled
    await play.answer(
        "L2", "approval", decision__T4__decision="declined", decision__T5__decision="approved", why_no="Toetsweek"
    )
    people = {code: await play.participation(code) for code in ("T3", "T4", "T5", "T10")}
    assert people["T4"].standing is Standing.WITHDRAWN
    assert {code: item.approval for code, item in people.items()} == {
        "T3": Approval.APPROVED,
        "T4": Approval.REFUSED,
        "T5": Approval.APPROVED,
        "T10": Approval.APPROVED,
    }
    assert await play.open_calls() == ["release-refused"]
    assert (await play.facts()).release_settled


@pytest.mark.chapter("asked")
async def test_release_for_another_date_holds_the_gate_until_somebody_acts(play: Play, runtime: Runtime) -> None:
    await play.answer_all(("L1", "L3"), "approval")
    await play.answer("L2", "approval", decision__T4__decision="other-date", why_no="Die dag niet")
    member = await play.participation("T4")
    assert (member.standing, member.approval) == (Standing.INVITED, Approval.REFUSED)
    assert not (await play.facts()).release_settled
    await steer.withdraw(runtime, member.id, now=await play.now(), actor=play.coordinator)
    assert (await play.facts()).release_settled


@pytest.mark.chapter("asked")
async def test_goals_keep_each_consent_apart_and_a_second_answer_beside_the_first(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    said = {f"photo_self__{channel}__allowed": "no" for channel in ("website", "social")}
    await play.answer("T6", "goals", photo_self__internal__allowed="yes", **said)  # type: ignore[arg-type]
    await play.answer("T6", "goals", photo_self__internal__allowed="no", **said)  # type: ignore[arg-type]
    async with runtime.store.read() as session:
        rows = list(await session.scalars(select(Consent).order_by(Consent.said_at, Consent.channel)))
    assert [(row.channel.value, row.is_given) for row in rows] == [
        ("internal", True),
        ("social", False),
        ("website", False),
        ("internal", False),
        ("social", False),
        ("website", False),
    ]
    assert {row.person_id for row in rows} == {cast.id("T6")}


@pytest.mark.chapter("asked")
async def test_the_goal_of_somebody_who_left_is_no_goal_of_the_group(play: Play, runtime: Runtime) -> None:
    await play.answer("T4", "goals")
    assert (await play.facts()).group_goal
    member = await play.participation("T4")
    await steer.withdraw(runtime, member.id, now=await play.now(), actor=play.coordinator)
    assert not (await play.facts()).group_goal


@pytest.mark.chapter("asked")
async def test_practical_information_gives_the_place_and_asks_for_help(play: Play) -> None:
    await play.answer("T2", "goals")
    await play.sleep_to("2026-10-16 10:00")
    assert not (await play.facts()).place_known
    await play.answer("P3", "practical-information", address="Spantlaan 12, poort B", ready="no")
    facts = await play.facts()
    assert (facts.place_known, facts.practical_info_confirmed, facts.day_phone_known) == (True, False, True)
    assert (await play.activity()).place == "Spantlaan 12, poort B"
    assert "not-arranged" in await play.open_calls()
    await play.answer("P3", "practical-information", ready="yes")
    assert (await play.facts()).practical_info_confirmed


@pytest.mark.chapter("asked")
async def test_other_times_than_were_agreed_are_for_the_coordinator(play: Play) -> None:
    await play.answer("T2", "goals")
    await play.sleep_to("2026-10-22 10:00")
    await play.answer("P3", "practical-information", arrive="2026-11-05T13:15")
    assert "other-times" not in await play.open_calls(), "to come in early is welcome"
    await play.answer("P3", "practical-information", end="2026-11-05T17:00")
    assert "other-times" in await play.open_calls()
    await play.answer("P3", "practical-information")
    assert "other-times" not in await play.open_calls(), "the host put it right"
    await play.answer("P3", "practical-information", arrive="2026-11-05T14:00")
    assert "other-times" in await play.open_calls()


async def test_a_company_that_describes_itself_keeps_its_known_techniques(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        company = await session.get_one(Company, cast.id("B3"))
        company.tags = []
    play = await Play.begin(runtime, cast)
    await play.turn()
    await play.answer("P3", "company-profile")
    async with runtime.store.read() as session:
        company = await session.get_one(Company, cast.id("B3"))
    assert company.profile is not None
    assert "contacts" not in company.profile
    assert not (await play.facts()).company_new


@pytest.mark.parametrize(
    ("days_ago", "may_ask", "asked"), [(400, True, True), (300, True, False), (400, False, False), (None, True, False)]
)
async def test_a_company_is_asked_anew_about_itself_after_a_year_where_it_agreed_to_that(
    runtime: Runtime, cast: Cast, days_ago: int | None, may_ask: bool, asked: bool
) -> None:
    now = await runtime.clock.now()
    async with runtime.store.change(now=now, actor="test") as session:
        company = await session.get_one(Company, cast.id("B3"))
        company.profile = {"name": "Bouwbedrijf Korteweg", "update_ok": may_ask, "limits": "Niet op vrijdag"}
        company.profile_at = now - timedelta(days=days_ago) if days_ago else None
    play = await Play.begin(runtime, cast)
    await play.turn()
    assert ("company-profile" in {item.form for item in await play.invitations("P3")}) is asked
    if asked:
        form = await asked_form(runtime, (await play.invitation("P3", "company-profile")).id, now)
        assert form.prefilled["limits"] == "Niet op vrijdag", "what it said stands there already"
        await play.answer("P3", "company-profile")
        async with runtime.store.read() as session:
            assert ((await session.get_one(Company, cast.id("B3"))).profile_at or now) > now
        assert not (await play.facts()).company_new


@pytest.mark.chapter("asked")
async def test_what_was_told_by_phone_counts_and_says_who_typed_it(play: Play) -> None:
    await play.answer("T5", "goals", via=Via.PHONE, entered_by=play.coordinator)
    assert (await play.invitation("T5", "goals")).state is InvitationState.PHONED
    assert (await play.facts()).group_goal


async def company(play: Play, code: str = "B3") -> Company:
    """Return a company as it is."""
    async with play.runtime.store.read() as session:
        return await session.get_one(Company, play.cast.id(code))


@pytest.mark.chapter("turn")
async def test_until_when_a_company_wants_no_question_is_kept_with_it(play: Play) -> None:
    await play.answer("P3", "date-poll", not_possible="busy", ask_again="2027-03-01")
    assert (await company(play)).ask_again_on == date(2027, 3, 1)
    await play.answer("P3", "date-poll", not_possible=None, ask_again=None)
    assert (await company(play)).ask_again_on is None


async def test_a_profile_brings_its_people_and_says_whether_others_read_along(runtime: Runtime, cast: Cast) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Company, cast.id("B3"))).tags = []
    play = await Play.begin(runtime, cast)
    await play.turn()
    known = f"contacts__{cast.id('P3')}"
    said = {
        "limits": "Niet in december",
        "mail_shared": "yes",
        f"{known}__phone": "06-00000078",
        "contacts__new_1__name": "Nel de Wit",
        "contacts__new_1__function": "werkvoorbereider",
        "contacts__new_1__email": "nel@korteweg.example",
        "contacts__new_1__channel": "phone",
    }
    for _ in range(2):  # said twice, written once
        await play.answer("P3", "company-profile", **said)
    found = await company(play)
    assert (found.profile or {})["limits"] == "Niet in december"
    async with runtime.store.read() as session:
        people = list(await session.scalars(select(Person).where(Person.company_id == found.id)))
        [nel] = [person for person in people if person.given_name == "Nel"]
        rows = await session.scalars(select(Contact).order_by(Contact.kind, Contact.position))
        contacts = [(row.person_id, row.address, row.is_shared) for row in rows]
    assert (nel.family_name, nel.job_title, nel.channel) == ("de Wit", "werkvoorbereider", Channel.PHONE)
    assert [one[1:] for one in contacts if one[0] == nel.id] == [("nel@korteweg.example", False)]
    assert [one[1:] for one in contacts if one[0] == cast.id("P3")] == [
        (cast.mail("P3"), True),
        (cast.phone("P3"), False),
        ("06-00000078", False),
    ], "what is known stands first, so that nobody's mail is led away"


@pytest.mark.chapter("asked")
async def test_what_a_release_takes_reaches_the_coordinator(play: Play) -> None:
    await play.answer("L1", "approval", cover="arrange", travel="no")
    assert {"cover-needed", "travel-refused"} <= set(await play.open_calls())
