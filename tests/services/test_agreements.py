"""Agreements of two and of three parties, in forms that a playbook names: one version for everybody, term by term."""

import pytest
from sqlalchemy import select

from models.roles import Role
from models.tables.agreements import AgreementState
from models.tables.asking import InvitationState, Via
from models.tables.mail import Message, MessageState
from models.text import Language
from sandwich.errors import BadInput
from sandwich.mail.case import open_case
from sandwich.mail.duty_entries import cancelled_duties, duty_entries
from sandwich.rules.differences import Change
from sandwich.services import agree, agreement_papers, steer
from sandwich.services.accepting import accept_all, can_accept_all
from sandwich.services.agreement_papers import paper_of
from sandwich.services.agreements import accepted_terms, agreement_of_step
from sandwich.services.asking import AskedForm, asked_form
from sandwich.services.collect import submit
from sandwich.services.personal import personal_page
from tests.support.driver import Play
from tests.support.negotiating import (
    DRAFT,
    INTERNSHIP_ASKED,
    PAIR_ASKED,
    PARTIES,
    PLAN,
    asked_of,
    leader,
    on_own_playbooks,
    stands,
    state,
    view,
    yeses,
)
from tests.support.stages import Stage
from tests.support.worded import in_one_line, worded

pytestmark = pytest.mark.asyncio


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Stage:
    """The agreement that a test is about, of which the plan has been asked."""
    return PAIR_ASKED if "pair" in request.fixturenames else INTERNSHIP_ASKED


@pytest.fixture
def internship(play: Play) -> Play:
    """An internship of T3 with P7 as mentor."""
    return on_own_playbooks(play)


@pytest.fixture
def pair(play: Play) -> Play:
    """A pair of T3 and P7."""
    return on_own_playbooks(play)


async def page(play: Play, code: str, subject: str = PLAN) -> AskedForm:
    """Return what somebody sees."""
    invitation = await play.invitation(code, subject)
    return await asked_form(play.runtime, invitation.id, await play.now())


async def yes(play: Play, code: str, subject: str = PLAN, via: Via = Via.WEB) -> None:
    """Let somebody say yes to everything as it stands."""
    asked = await page(play, code, subject)
    outcome = await accept_all(
        play.runtime,
        asked,
        {},
        shown=asked.shown or "",
        now=await play.now(),
        key=f"yes-{code}-{asked.invitation_id}",
        via=via,
        entered_by=play.coordinator if via is Via.PHONE else None,
    )
    assert outcome.accepted, outcome
    await play.turn()


async def test_each_party_is_asked_when_it_is_its_turn(internship: Play) -> None:
    play = internship
    assert await asked_of(play) == {"T3": [InvitationState.SENT]}
    assert (await play.facts()).task_division_accepted is False
    await play.answer("T3", PLAN, **DRAFT)
    assert await asked_of(play) == {"T3": [InvitationState.ANSWERED], "P7": [InvitationState.SENT]}
    await play.answer("P7", PLAN, agree="agreed", guidance="Yvonne", guidance_hours="3")
    lead = await leader(play)
    assert (await asked_of(play))[lead] == [InvitationState.SENT]
    assert await state(play) == (AgreementState.PROPOSED, None, 0)
    assert can_accept_all(await page(play, lead))
    await yes(play, lead)
    newest = (await view(play, PLAN)).version
    assert await state(play) == (AgreementState.ACCEPTED, newest.number, 0)
    assert {(party, number, digest) for party, number, digest, _ in await yeses(play, PLAN)} >= {
        (party, newest.number, newest.digest) for party in PARTIES
    }, "everybody said yes to the very same version"
    assert (await play.facts()).task_division_accepted
    assert await play.open_calls() == []


async def test_what_the_mentor_fills_in_needs_no_other_word_of_the_teacher(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="agreed", guidance="Yvonne", guidance_hours="3")
    assert (Role.TEACHER, 2, (await view(play, PLAN)).version.digest, True) in await yeses(play, PLAN)
    terms = (await view(play, PLAN)).terms
    assert (terms["guidance"], terms["work"][0]["what"]) == ("Yvonne", "Meekijken bij het lassen")


async def test_a_counter_proposal_goes_between_the_parties_row_by_row(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer(
        "P7", PLAN, agree="changes", counter="Liever meedoen",
        work__new_1__how="join", work__new_2__what="Een frame zetten", work__new_2__how="join",
        period__new_1__date=None, period__new_1__begins=None, period__new_1__ends=None,
        period__new_2__date="2026-11-06", period__new_2__begins="09:00", period__new_2__ends="12:00",
    )  # fmt: skip
    assert await state(play) == (AgreementState.COUNTERED, None, 1)
    assert await play.open_calls() == [], "in the first round they find out among themselves"
    assert [to for _, to in play.sent("new-version")] == ["T3"]
    shown = await page(play, "T3")
    assert shown.agreement is not None
    became = {row.term: row.change for row in shown.agreement.rows}
    assert became["work/new-1"] is Change.CHANGED
    assert became["work/new-2"] is Change.ADDED
    assert (became["period/new-1"], became["period/new-2"]) == (Change.STRUCK, Change.ADDED)
    assert became["talk/begin"] is Change.KEPT
    mail = in_one_line((await worded(play, "new-version", "T3")).text)
    assert "was Meekijken bij het lassen" in mail
    assert "Liever meedoen" in mail
    await yes(play, "T3")
    lead = await leader(play)
    await yes(play, lead)
    assert (await state(play))[:2] == (AgreementState.ACCEPTED, (await view(play, PLAN)).version.number)


async def test_a_yes_can_be_given_row_by_row(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="changes", counter="x", work__new_1__how="join", talk__end__date="2026-11-13")
    invitation, now = await play.invitation("T3", PLAN), await play.now()
    digest = (await view(play, PLAN)).version.digest
    waiting = set((await stands(play, PLAN)).open_for(Role.TEACHER))
    assert waiting >= {"work/new-1", "talk/end"}
    assert "talk/begin" not in waiting
    await agree.accept_terms(play.runtime, invitation.id, ["work/new-1"], shown=digest, now=now)
    assert set((await stands(play, PLAN)).open_for(Role.TEACHER)) == waiting - {"work/new-1"}
    assert await state(play) == (AgreementState.COUNTERED, None, 1)
    with pytest.raises(BadInput, match="Choose what you agree to"):
        await agree.accept_terms(play.runtime, invitation.id, ["work/new-1"], shown=digest, now=now)
    with pytest.raises(BadInput, match="Choose what you agree to"):
        await agree.accept_terms(play.runtime, invitation.id, [], shown=digest, now=now)
    rest = sorted(waiting - {"work/new-1"})
    await agree.accept_terms(play.runtime, invitation.id, rest, shown=digest, now=now)
    await play.turn()
    assert (await play.invitation("T3", PLAN)).state is InvitationState.ANSWERED
    assert (await asked_of(play))[await leader(play)] == [InvitationState.SENT]


async def test_an_outdated_version_is_not_accepted_and_what_changed_is_said(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    old = await page(play, "P7")
    await play.answer("T3", PLAN, **{**DRAFT, "work__new_1__what": "Zelf lassen"})
    before = await play.snapshot()
    fields = await play.fields(old.invitation_id, agree="agreed", guidance="Yvonne", guidance_hours="3")
    outcome = await submit(play.runtime, old.invitation_id, fields, now=await play.now(), key="late", shown=old.shown)
    assert not outcome.accepted
    assert "het is nu versie 2" in outcome.problems["agree"]
    assert "Welk werk, op welke dag, met wie?" in outcome.problems["agree"]
    with pytest.raises(BadInput, match=r"it is version 2 now\. This differs: Which work"):
        await agree.accept_terms(
            play.runtime, old.invitation_id, ["work/new-1"], shown=old.shown or "", now=await play.now()
        )
    assert await play.snapshot() == before
    beside = await asked_form(play.runtime, old.invitation_id, await play.now(), seen=old.shown)
    assert beside.agreement is not None
    assert [row.term for row in beside.agreement.changed] == ["work/new-1"]


async def test_after_two_rounds_the_coordinator_calls_and_can_do_it_all_by_phone(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="changes", counter="Een", work__new_1__how="join")
    await play.answer("T3", PLAN, agree="changes", counter="Nee, kijken", work__new_1__how="watch")
    assert [to for _, to in play.sent("new-version")] == ["T3", "P7"]
    await play.answer("P7", PLAN, agree="changes", counter="Toch meedoen", work__new_1__how="join")
    assert (await state(play))[2] == 2
    assert await play.open_calls() == ["talk-together"]
    assert [to for _, to in play.sent("new-version")] == ["T3", "P7"], "now they talk; no third mail"
    # What the three agree on the phone is typed in for each of them.
    phone = {"via": Via.PHONE, "entered_by": play.coordinator}
    await play.answer("T3", PLAN, agree="changes", counter="Half om half", work__new_1__day="om de dag", **phone)  # type: ignore[arg-type]
    assert await play.open_calls() == []
    await yes(play, "P7", via=Via.PHONE)
    await yes(play, await leader(play), via=Via.PHONE)
    newest = (await view(play, PLAN)).version
    assert (await state(play))[:2] == (AgreementState.ACCEPTED, newest.number)
    paper = await paper_of(play.runtime, play.activity_id, PLAN, Language.DUTCH)
    assert paper.content.startswith(b"%PDF-")


async def test_a_later_change_opens_again_only_what_it_touches(internship: Play) -> None:
    play = internship
    await agreed_by_all(play)
    held = (await view(play, PLAN)).version
    await play.answer("P7", PLAN, agree="changes", counter="Een dag later", talk__end__date="2026-11-13")
    assert await state(play) == (AgreementState.COUNTERED, held.number, 1)
    assert (await stands(play, PLAN)).open_terms == {"talk/end", "counter"}
    assert (await play.facts()).task_division_accepted is False
    async with play.runtime.store.read() as session:
        terms = await accepted_terms(session, play.activity_id)
    assert {row["row"]: row["date"] for row in terms["talk"]}["end"] == "2026-11-12", "the old one holds until then"
    await yes(play, "T3")
    await yes(play, await leader(play))
    assert (await state(play))[:2] == (AgreementState.ACCEPTED, held.number + 1)


async def agreed_by_all(play: Play, guidance: str = "Yvonne") -> None:
    """Let all three say yes."""
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="agreed", guidance=guidance, guidance_hours="3")
    await yes(play, await leader(play))


async def test_a_no_reaches_everybody_concerned(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="agreed", guidance="Yvonne", guidance_hours="3")
    lead = await leader(play)
    await play.answer(lead, PLAN, agree="refused", counter="Geen vervanging")
    assert (await state(play))[0] is AgreementState.REFUSED
    assert sorted(to for _, to in play.sent("refused")) == ["P7", "T3"]
    assert await play.open_calls() == ["refused"]
    mail = in_one_line((await worded(play, "refused", "T3")).text)
    assert f"{play.cast.name(lead)} gaat niet akkoord" in mail
    assert "Geen vervanging" in mail
    assert await play.invitation("T3", PLAN)  # nobody is asked any more
    assert not [one for one in await play.invitations() if one.form == PLAN and one.state is InvitationState.SENT]
    # Who changes their mind can still say yes.
    await play.answer(lead, PLAN, agree="agreed")
    assert (await state(play))[0] is AgreementState.ACCEPTED
    assert await play.open_calls() == []


async def test_a_wish_in_words_alone_is_a_counter_proposal_too(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    await play.answer("P7", PLAN, agree="agreed", guidance="Yvonne", guidance_hours="3")
    lead = await leader(play)
    await play.answer(lead, PLAN, agree="changes", counter="Niet op donderdag")
    assert (await state(play))[0] is AgreementState.COUNTERED
    assert (await stands(play, PLAN)).open_terms == {"counter"}
    assert sorted(to for _, to in play.sent("new-version")) == ["P7", "T3"]


async def test_two_agreements_of_one_activity_do_not_mix(internship: Play) -> None:
    play = internship
    await play.answer("P3", "task-division", agree="changes", counter="Minder", max_group="2")
    assert await play.open_calls() == ["counter-proposal"]
    await play.answer("T3", PLAN, **DRAFT)
    assert await play.open_calls() == ["counter-proposal"], "the plan says nothing of the other agreement"
    await play.answer("P7", PLAN, agree="agreed", guidance="Yvonne", guidance_hours="3")
    await yes(play, await leader(play))
    assert (await state(play))[0] is AgreementState.ACCEPTED
    assert (await state(play, "task-division"))[0] is AgreementState.COUNTERED
    assert (await play.facts()).task_division_accepted, "only the plan is what this kind divides its tasks in"
    await agree.decide(
        play.runtime, play.activity_id, "accept", now=await play.now(), actor=play.coordinator, subject="task-division"
    )
    async with play.runtime.store.read() as session:
        terms = await accepted_terms(session, play.activity_id)
    assert (terms["max_group"], terms["guidance"]) == (2, "Yvonne")


async def test_a_pair_agrees_with_each_their_own_goal(pair: Play) -> None:
    play = pair
    meetings = {
        f"meetings__new_{number}__{name}": value
        for number, day in ((1, "2026-11-05"), (2, "2026-11-19"))
        for name, value in (("date", day), ("place", "Kas 2"))
    }
    await play.answer("T3", "pair-plan", agree="agreed", goal_teacher="Sensoren", agreements=["none"], **meetings)
    shown = await page(play, "P7", "pair-plan")
    assert not can_accept_all(shown), "the own goal must be filled in"
    await play.answer("P7", "pair-plan", agree="agreed", goal_prof="Lesgeven")
    assert (await state(play, "pair-plan"))[0] is AgreementState.ACCEPTED
    terms = (await view(play, "pair-plan")).terms
    assert (terms["goal_teacher"], terms["goal_prof"]) == ("Sensoren", "Lesgeven")
    assert (await play.facts()).task_division_accepted


async def test_what_was_agreed_becomes_reminders_and_calendar_entries_of_who_took_it(pair: Play) -> None:
    play = pair
    meetings = {
        "meetings__new_1__date": "2026-11-05", "meetings__new_1__place": "Kas 2",
        "meetings__new_2__date": "2026-11-19", "meetings__new_2__place": "School",
    }  # fmt: skip
    await play.answer("T3", "pair-plan", agree="agreed", goal_teacher="Sensoren", agreements=["none"], **meetings)
    await play.answer("P7", "pair-plan", agree="agreed", goal_prof="Lesgeven", tasks__room__who="professional")
    # The professional asked for other work than the teacher proposed; the teacher says yes to that.
    if (await state(play, "pair-plan"))[0] is not AgreementState.ACCEPTED:
        await yes(play, "T3", "pair-plan")
    assert sorted(to for _, to in play.sent("agreed")) == ["P7", "T3"]
    entries = await entries_of(play, "P7")
    assert [(entry.method.value, "20261105" in entry.data.decode()) for entry in entries] == [
        ("REQUEST", True),
        ("REQUEST", False),
    ]
    assert "DTSTART;VALUE=DATE:20261105" in entries[0].data.decode()
    person = await play.participation("P7")
    page_of = await personal_page(play.runtime, person.id, await play.now())
    assert "Ruimte regelen" in [task.what for task in page_of.tasks]
    await play.to("2026-11-04 12:00")
    assert [at for at, to in play.sent("duty") if to == "P7"] == ["Wed 04 Nov 08:00"]
    mail = in_one_line((await worded(play, "duty", "P7")).text)
    assert "Wanneer spreken jullie af Wanneer: donderdag" in mail
    # The second meeting is put off: the old reminder is not sent, the entry in the calendar is changed.
    await play.answer("P7", "pair-plan", agree="changes", counter="Later", meetings__new_2__date="2026-11-26")
    await yes(play, "T3", "pair-plan")
    changed = await entries_of(play, "T3")
    assert [entry.method.value for entry in changed] == ["REQUEST"]
    assert "20261126" in changed[0].data.decode()
    assert uid_of(changed[0].data) in {uid_of(entry.data) for entry in await entries_of(play, "T3", nth=0)}
    await play.to("2026-11-25 12:00")
    assert [at for at, to in play.sent("duty") if to == "P7"] == ["Wed 04 Nov 08:00", "Wed 25 Nov 08:00"]
    async with play.runtime.store.read() as session:
        skipped = list(
            await session.scalars(select(Message).where(Message.mail == "duty", Message.reason == "changed"))
        )
    assert {one.state for one in skipped} == {MessageState.SKIPPED}


async def entries_of(play: Play, code: str, nth: int = -1):  # type: ignore[no-untyped-def]
    """Return the calendar files with the mail that told somebody of an agreement."""
    async with play.runtime.store.change(now=await play.now(), actor="test", stream=play.activity_id) as session:
        rows = await session.scalars(
            select(Message).where(Message.mail == "agreed", Message.person_id == play.cast.id(code))
        )
        told = sorted(rows, key=lambda message: (message.about or {})["agreement_version"])
        case = await open_case(session, play.runtime.settings, told[nth], await play.now())
        return await duty_entries(case)


def uid_of(data: bytes) -> str:
    """Return the identifier in a calendar file."""
    return next(line for line in data.decode().splitlines() if line.startswith("UID:"))


async def test_a_cancelled_activity_takes_what_was_taken_on_out_of_the_calendar(pair: Play) -> None:
    play = pair
    await agreed_by_the_pair(play)
    now = await play.now()
    await steer.cancel(play.runtime, play.activity_id, "Het gaat niet door", now=now, actor=play.coordinator)
    async with play.runtime.store.change(now=now, actor="test", stream=play.activity_id) as session:
        told = await session.scalars(
            select(Message).where(Message.mail == "cancelled", Message.person_id == play.cast.id("P7"))
        )
        message = told.first()
        assert message is not None
        files = await cancelled_duties(await open_case(session, play.runtime.settings, message, now))
    assert [file.method.value for file in files] == ["CANCEL", "CANCEL"]
    assert {uid_of(file.data) for file in files} == {uid_of(entry.data) for entry in await entries_of(play, "P7")}
    await play.to("2026-11-06 12:00")
    assert play.sent("duty") == []


async def test_whoever_takes_anothers_place_is_reminded_of_what_was_taken_on(pair: Play) -> None:
    play = pair
    await agreed_by_the_pair(play)
    seat = await play.participation("P7")
    await steer.replace(play.runtime, seat.id, "P6", now=await play.now(), actor=play.coordinator)
    await play.to("2026-11-04 12:00")
    assert sorted(to for _, to in play.sent("duty")) == ["P6", "T3"]


async def agreed_by_the_pair(play: Play) -> None:
    """Let both say yes to two meetings."""
    meetings = {
        f"meetings__new_{number}__{name}": value
        for number, day in ((1, "2026-11-05"), (2, "2026-11-19"))
        for name, value in (("date", day), ("place", "Kas 2"))
    }
    await play.answer("T3", "pair-plan", agree="agreed", goal_teacher="Sensoren", agreements=["none"], **meetings)
    await play.answer("P7", "pair-plan", agree="agreed", goal_prof="Lesgeven")


async def test_what_is_struck_leaves_the_calendar(pair: Play) -> None:
    play = pair
    meetings = {
        f"meetings__new_{number}__{name}": value
        for number, day in ((1, "2026-11-05"), (2, "2026-11-19"), (3, "2026-11-26"))
        for name, value in (("date", day), ("place", "Kas 2"))
    }
    await play.answer("T3", "pair-plan", agree="agreed", goal_teacher="Sensoren", agreements=["none"], **meetings)
    await play.answer("P7", "pair-plan", agree="agreed", goal_prof="Lesgeven")
    await play.answer(
        "P7", "pair-plan", agree="changes", counter="Twee is genoeg", meetings__new_3__date=None,
        meetings__new_3__place=None,
    )  # fmt: skip
    assert (await stands(play, "pair-plan")).open_terms == {"meetings/new-3", "counter"}
    await yes(play, "T3", "pair-plan")
    assert [entry.method.value for entry in await entries_of(play, "P7")] == ["CANCEL"]


async def test_whoever_comes_later_is_asked_only_when_it_is_their_turn(internship: Play) -> None:
    play = internship
    await steer.add_person(
        play.runtime, play.activity_id, "P6", Role.MENTOR, now=await play.now(), actor=play.coordinator
    )
    await play.turn()
    assert [one.form for one in await play.invitations("P6")] == []
    await play.answer("T3", PLAN, **DRAFT)
    assert [one.form for one in await play.invitations("P6")] == [PLAN]


async def test_the_coordinator_amends_what_was_agreed_and_only_that_is_open_again(internship: Play) -> None:
    play = internship
    await play.answer("P3", "task-division", agree="agreed")
    assert (await state(play, "task-division"))[:2] == (AgreementState.ACCEPTED, 2)
    decide = {"now": await play.now(), "actor": play.coordinator, "subject": "task-division"}
    with pytest.raises(BadInput, match="Nothing was changed"):
        await agree.decide(play.runtime, play.activity_id, "amend", {}, **decide)  # type: ignore[arg-type]
    old = (await view(play, "task-division")).version.digest
    await agree.decide(play.runtime, play.activity_id, "amend", {"max_group": 5}, shown=old, **decide)  # type: ignore[arg-type]
    await play.turn()
    assert (await stands(play, "task-division")).open_terms == {"max_group"}
    assert (await state(play, "task-division"))[:2] == (AgreementState.PROPOSED, 2)
    with pytest.raises(BadInput, match="it is version 3 now"):
        await agree.decide(play.runtime, play.activity_id, "amend", {"max_group": 6}, shown=old, **decide)  # type: ignore[arg-type]
    assert can_accept_all(await page(play, "P3", "task-division"))
    await yes_of_host(play)
    assert (await state(play, "task-division"))[:2] == (AgreementState.ACCEPTED, 3)


async def yes_of_host(play: Play) -> None:
    """Let the host say yes, with the name that its form asks for."""
    asked = await page(play, "P3", "task-division")
    said = {"valid_note": ["yes"], "valid_note_name": ["Koen Korteweg"]}
    outcome = await accept_all(
        play.runtime, asked, said, shown=asked.shown or "", now=await play.now(), key="host-says-yes"
    )
    assert outcome.accepted, outcome
    await play.turn()


async def test_doing_without_somebodys_word_settles_it_and_asks_nobody_any_more(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    asked = await play.invitation("P7", PLAN)
    await steer.waive(play.runtime, asked.id, "Is gebeld", now=await play.now(), actor=play.coordinator)
    facts = await play.facts()
    assert (facts.task_division_settled, facts.task_division_accepted) == (True, False)
    await play.answer("T3", PLAN, agree="agreed")
    assert (await asked_of(play))["P7"] == [InvitationState.WAIVED]
    assert (await play.facts()).task_division_settled
    with pytest.raises(BadInput, match="nothing to agree to"):
        await agree.accept_terms(play.runtime, asked.id, ["work/new-1"], shown="", now=await play.now())


async def test_what_is_over_is_not_agreed_to_any_more(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    asked, digest = await play.invitation("P7", PLAN), (await view(play, PLAN)).version.digest
    now = await play.now()
    await steer.cancel(play.runtime, play.activity_id, "Het gaat niet door", now=now, actor=play.coordinator)
    with pytest.raises(BadInput, match="was cancelled"):
        await agree.accept_terms(play.runtime, asked.id, ["work/new-1"], shown=digest, now=now)


async def test_a_page_from_before_there_was_a_version_agrees_to_none(internship: Play) -> None:
    play = internship
    await play.answer("T3", PLAN, **DRAFT)
    asked = await play.invitation("T3", PLAN)
    fields = await play.fields(asked.id, **{**DRAFT, "work__new_1__what": "Iets anders"})
    outcome = await submit(play.runtime, asked.id, fields, now=await play.now(), key="old-page", shown="")
    assert not outcome.accepted
    assert "het is nu versie 1" in outcome.problems["agree"]


async def test_the_paper_says_who_said_yes_to_which_version(internship: Play) -> None:
    play = internship
    await agreed_by_all(play, guidance='Yvonne #panic("x") *y* $z')
    assert (await paper_of(play.runtime, play.activity_id, PLAN, Language.ENGLISH)).content.startswith(b"%PDF-")
    found = agreement_of_step((await play.loaded()).playbook, "plan")
    assert found is not None
    async with play.runtime.store.read() as session:
        said = await agreement_papers._said(session, await play.loaded(), *found, Language.DUTCH)
    newest = (await view(play, PLAN)).version
    assert newest.digest in str(said["foot"])
    assert [one["label"] for one in said["yes"]] == ["Docent", "Werkbegeleider", "Schoolleider"]  # type: ignore[union-attr]
    texts = str(said["groups"])
    assert "Meekijken bij het lassen" in texts
    assert "Yvonne" in texts
