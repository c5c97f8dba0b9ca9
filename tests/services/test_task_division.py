"""The task division as a negotiation: accepted, countered, refused, amended, and one version for both."""

import pytest
from sqlalchemy import select

from models.roles import Role, Stage
from models.tables.agreements import Agreement, AgreementState, AgreementVersion, Party, PartyWord
from models.tables.asking import InvitationState, Via
from models.tables.mail import CallState
from models.tables.results import Hours, HoursKind
from sandwich.errors import BadInput
from sandwich.rules.gates import look
from sandwich.runtime import Runtime
from sandwich.services import agree, steer
from sandwich.services.agreements import accepted_terms, view_of
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.worded import in_one_line, worded

pytestmark = pytest.mark.asyncio


async def agreement(play: Play) -> Agreement:
    """Return the agreement of an activity."""
    async with play.runtime.store.read() as session:
        return (await session.scalars(select(Agreement))).one()


async def versions(play: Play) -> list[AgreementVersion]:
    """Return all versions, in order."""
    async with play.runtime.store.read() as session:
        return list(await session.scalars(select(AgreementVersion).order_by(AgreementVersion.number)))


async def words(play: Play) -> list[PartyWord]:
    """Return every yes, in order."""
    async with play.runtime.store.read() as session:
        return list(await session.scalars(select(PartyWord).order_by(PartyWord.said_at, PartyWord.is_implied)))


async def decide(play: Play, decision: str, **terms: object) -> None:
    """Answer a counter-proposal for the school."""
    await agree.decide(
        play.runtime, play.activity_id, decision, dict(terms), now=await play.now(), actor=play.coordinator
    )
    await play.turn()


async def counter(play: Play, group: str, occurrence: int | None = None) -> None:
    """Let the host counter with another group size."""
    await play.answer(
        "P3", "task-division", occurrence=occurrence, agree="changes", max_group=group, counter="Minder mensen"
    )


@pytest.mark.chapter("asked")
async def test_the_school_proposes_first(play: Play) -> None:
    first = (await versions(play))[0]
    assert (first.number, first.proposed_by, first.author_id) == (1, Party.SCHOOL, play.coordinator)
    assert {row["row"]: row["who"] for row in first.terms["tasks"]}["transport"] == "school"
    assert first.terms["max_group"] == 12
    facts = await play.facts()
    assert (facts.task_division_asked, facts.task_division_accepted) == (True, False)


@pytest.mark.chapter("asked")
async def test_accepted_as_proposed_with_the_open_terms_filled_in(play: Play, runtime: Runtime) -> None:
    await play.answer("P3", "task-division", agree="agreed", tasks__tour__name="Willem", hours_plan="10")
    accepted = (await versions(play))[1]
    state = await agreement(play)
    assert (state.state, state.accepted_version) == (AgreementState.ACCEPTED, 2)
    # The host says yes by itself; the school had left open what was filled in.
    assert [(one.party, one.digest, one.person_id, one.is_implied) for one in await words(play)] == [
        (Role.HOST_CONTACT, accepted.digest, play.cast.id("P3"), False),
        (Role.COORDINATOR, accepted.digest, None, True),
    ]
    assert (await play.facts()).task_division_accepted
    assert await play.open_calls() == []
    async with runtime.store.read() as session:
        hours = (await session.scalars(select(Hours))).one()
    assert (hours.kind, hours.hours, hours.is_confirmed) == (HoursKind.COMPANY_BEFORE, 10, False)
    assert (await play.facts()).hours_stated


@pytest.mark.chapter("asked")
async def test_agreed_with_another_figure_is_a_counter_proposal_all_the_same(play: Play) -> None:
    await play.answer("P3", "task-division", agree="agreed", max_group="8")
    assert (await agreement(play)).state is AgreementState.COUNTERED
    assert await play.open_calls() == ["counter-proposal"]


@pytest.mark.chapter("asked")
async def test_work_added_for_the_school_is_a_counter_proposal(play: Play) -> None:
    await play.answer(
        "P3", "task-division", agree="agreed", tasks__new_1__label="Lunch betalen", tasks__new_1__who="school"
    )
    assert (await agreement(play)).state is AgreementState.COUNTERED


@pytest.mark.chapter("asked")
async def test_a_counter_proposal_reaches_the_coordinator_with_its_differences(play: Play, runtime: Runtime) -> None:
    await counter(play, "8")
    assert play.sent("counter-proposal") == [("Thu 08 Oct 10:00", "C1")]
    assert play.sent("call") == []
    async with runtime.store.read() as session:
        view = await view_of(session, play.activity_id, "task-division")
    assert view is not None
    changed = [each for each in view.differences if each.question == "max_group"]
    assert [(each.before, each.after) for each in changed] == [(12, 8)]
    assert (await play.invitation("P3", "task-division")).state is InvitationState.COUNTERED


@pytest.mark.chapter("asked")
async def test_the_coordinator_accepts_and_both_have_the_same_version(play: Play, runtime: Runtime) -> None:
    await counter(play, "8")
    await decide(play, "accept")
    state, newest = await agreement(play), (await versions(play))[-1]
    assert (state.state, state.accepted_version) == (AgreementState.ACCEPTED, newest.number)
    # Its author wants it without a word; the school says yes to exactly that version.
    assert (newest.role, newest.author_id) == (Role.HOST_CONTACT, play.cast.id("P3"))
    said = [(one.party, one.number, one.digest, one.person_id) for one in await words(play)]
    assert said == [(Role.COORDINATOR, newest.number, newest.digest, play.coordinator)]
    async with runtime.store.read() as session:
        assert (await accepted_terms(session, play.activity_id))["max_group"] == 8
    assert play.sent("agreed") == [("Thu 08 Oct 10:00", "P3")]
    mail = await worded(play, "agreed", "P3")
    assert f"(versie {newest.number})" in in_one_line(mail.text)
    assert "Hoeveel mensen kunt u ontvangen: 8" in in_one_line(mail.text)
    assert "Minder mensen" not in mail.text
    done = await play.calls(CallState.DONE)
    assert [(call.what, call.done_by_id) for call in done] == [("counter-proposal", play.coordinator)]
    with pytest.raises(BadInput, match="no counter-proposal to answer"):
        await decide(play, "accept")


@pytest.mark.chapter("asked")
async def test_the_coordinator_amends_and_the_host_accepts_that_version(play: Play) -> None:
    await counter(play, "8")
    await decide(play, "amend", max_group=10)
    assert [version.proposed_by for version in await versions(play)] == [Party.SCHOOL, Party.HOST, Party.SCHOOL]
    assert len(play.sent("task-division")) == 2
    await play.answer("P3", "task-division", agree="agreed")
    state, all_versions = await agreement(play), await versions(play)
    assert (state.state, state.accepted_version) == (AgreementState.ACCEPTED, 3), "the very version of the school"
    assert all_versions[2].terms["max_group"] == 10


@pytest.mark.chapter("asked")
async def test_a_host_cannot_agree_with_its_own_counter_proposal(play: Play) -> None:
    await counter(play, "8")
    # The form now shows the host's own version; sending it back as agreed accepts nothing for the school.
    await play.answer("P3", "task-division", agree="agreed")
    state = await agreement(play)
    assert (state.state, state.accepted_version, state.rounds) == (AgreementState.COUNTERED, None, 1)
    assert await play.open_calls() == ["counter-proposal"]


@pytest.mark.chapter("asked")
async def test_the_host_takes_a_counter_proposal_back(play: Play) -> None:
    await counter(play, "8")
    await play.answer("P3", "task-division", agree="agreed", max_group="12")
    assert (await agreement(play)).state is AgreementState.ACCEPTED
    assert await play.open_calls() == []


@pytest.mark.chapter("asked")
async def test_vector_9_after_two_rounds_they_talk(play: Play) -> None:
    await counter(play, "8")
    await decide(play, "amend", max_group=11)
    await counter(play, "9")
    assert (await agreement(play)).rounds == 2
    assert await play.open_calls() == ["talk-together"]
    assert len(play.sent("counter-proposal")) == 1
    assert play.sent("call") == [("Thu 08 Oct 10:00", "C1")]
    # What they agree on the phone is typed in, and taken over for the school.
    await play.answer(
        "P3", "task-division", via=Via.PHONE, entered_by=play.coordinator, agree="changes", max_group="10", counter="10"
    )
    await decide(play, "accept")
    assert (await agreement(play)).state is AgreementState.ACCEPTED


@pytest.mark.chapter("asked")
async def test_a_refusal_is_a_call_at_once(play: Play) -> None:
    await play.answer("P3", "task-division", agree="refused", counter="Zo lukt het niet")
    assert (await agreement(play)).state is AgreementState.REFUSED
    assert (await play.invitation("P3", "task-division")).state is InvitationState.REFUSED
    assert await play.open_calls() == ["refused"]
    await play.answer("P3", "task-division", agree="agreed")
    assert ((await agreement(play)).state, await play.open_calls()) == (AgreementState.ACCEPTED, [])


@pytest.mark.chapter("asked")
async def test_who_may_not_agree_for_the_company_accepts_nothing(play: Play) -> None:
    await play.answer("P3", "task-division", agree="agreed", valid_note="no")
    assert (await agreement(play)).state is AgreementState.PROPOSED
    assert len(await versions(play)) == 1
    assert await play.open_calls() == ["other-person"]


async def test_when_one_host_accepts_the_other_is_not_asked_any_more(runtime: Runtime, cast: Cast) -> None:
    second = {"given_name": "Els", "family_name": "Bouw", "mail": "els@korteweg.example", "company": "B3"}
    play = await Play.begin(runtime, cast, hosts=["P3", second])
    await play.with_date()
    await play.sleep_to("2026-10-08 10:00")
    await play.answer("P3", "task-division", agree="agreed")
    states = sorted(item.state for item in await play.invitations() if item.form == "task-division")
    assert states == [InvitationState.ANSWERED, InvitationState.CLOSED]
    polls = sorted(item.state for item in await play.invitations() if item.form == "date-poll")
    assert polls == [InvitationState.ANSWERED, InvitationState.CLOSED]


@pytest.mark.chapter("asked")
async def test_waiving_settles_it_and_leaves_the_dot_undone(play: Play, runtime: Runtime) -> None:
    invitation = await play.invitation("P3", "task-division")
    with pytest.raises(BadInput, match="Give a reason"):
        await steer.waive(runtime, invitation.id, " ", now=await play.now(), actor=play.coordinator)
    await steer.waive(runtime, invitation.id, "Is gebeld", now=await play.now(), actor=play.coordinator)
    facts = await play.facts()
    assert (facts.task_division_settled, facts.task_division_accepted) == (True, False)
    with pytest.raises(BadInput, match="not yours to answer any more"):
        await play.answer("P3", "task-division", agree="agreed")


async def test_without_number_and_safety_rules_nobody_goes_unless_the_coordinator_says_so(
    runtime: Runtime, cast: Cast
) -> None:
    play = await (await Play.begin(runtime, cast, place="Hal 2")).asked()
    await play.answer_all(("T2", "T3"), "registration", attend="yes")
    await play.answer_all(("L1", "L2", "L3"), "approval")
    await play.answer("T2", "goals")
    asked = await play.invitation("P3", "task-division")
    await steer.waive(runtime, asked.id, "Is gebeld", now=await play.now(), actor=play.coordinator)
    gates = (await play.loaded()).playbook.gates
    view = look(Stage.BEFORE, gates.before, await play.facts(), {})
    assert (view.is_open, view.blocked_by) == (False, ("number_known", "safety_known"))
    await steer.override_gate(
        runtime,
        play.activity_id,
        Stage.BEFORE,
        "Twaalf mensen, geen regels",
        now=await play.now(),
        actor=play.coordinator,
    )
    assert (await play.facts()).gate_before


@pytest.mark.chapter("asked")
async def test_the_host_says_number_and_safety_rules_with_the_task_division(play: Play) -> None:
    facts = await play.facts()
    assert (facts.number_known, facts.safety_known) == (False, False), "the school's own proposal is no answer"
    await play.answer("P3", "task-division", agree="agreed")
    facts = await play.facts()
    assert (facts.number_known, facts.safety_known) == (True, True)


@pytest.mark.chapter("asked")
async def test_only_accept_and_amend_are_answers(play: Play) -> None:
    with pytest.raises(BadInput, match="no counter-proposal"):
        await decide(play, "accept")
    await counter(play, "8")
    before = await play.snapshot()
    with pytest.raises(BadInput, match="Choose accept or amend"):
        await decide(play, "shrug")
    assert await play.snapshot() == before
