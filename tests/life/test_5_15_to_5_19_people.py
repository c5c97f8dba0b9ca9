"""Real life with people: busy in several activities, of several schools, asking what is kept of them, unreachable."""

import json

import pytest
from sqlalchemy import select

from models.draft import NewPerson
from models.roles import Role
from models.tables.activities import Approval
from models.tables.agreements import AgreementState
from models.tables.asking import InvitationState, Submission, Via
from models.tables.network import Contact
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services import agree, collect, steer
from sandwich.services.agreements import view_of
from sandwich.services.asking import asked_form
from sandwich.services.call_lines import call_lines
from sandwich.services.elsewhere import Elsewhere
from sandwich.services.erase import erase_person
from sandwich.services.lost_contact import Loss, lose_contact
from sandwich.services.own_data import object_to_reports, own_data
from sandwich.services.personal import personal_page
from sandwich.services.register import find_person
from sandwich.services.results import evaluated
from sandwich.services.wall import school_wall
from sandwich.services.years import figures_of
from tests.life.beside import PREFAB, begin_beside, leap
from tests.support.cast import Cast
from tests.support.driver import TEACHERS, Play, told
from tests.support.schools import school_in_the_north

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

MEASURED = ("know_now", "conf_lesson", "conf_career")


@pytest.mark.chapter("asked")
async def test_case_5_15_the_same_is_not_measured_twice_within_fourteen_days(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    first = play
    second = await begin_beside(runtime, cast)
    await leap("2026-10-13 10:00", first, second)
    await first.answer("T3", "goals", know_now="2", conf_lesson="3", conf_career="5")

    asked = await asked_form(runtime, (await second.invitation("T3", "goals")).id, await second.now())
    assert {key: asked.prefilled.get(key) for key in MEASURED} == {"know_now": 2, "conf_lesson": 3, "conf_career": 5}
    assert asked.reused is not None
    assert (asked.reused.title, told(asked.reused.at)) == (PREFAB, "Tue 13 Oct 10:00")
    await second.answer("T3", "goals", conf_lesson="4")
    async with runtime.store.read() as session:
        own = select(Submission).where(Submission.activity_id == second.activity_id, Submission.form == "goals")
        answers = (await session.scalars(own)).one().answers
    assert {key: answers[key] for key in MEASURED} == {"know_now": 2, "conf_lesson": 4, "conf_career": 5}

    other = await asked_form(runtime, (await second.invitation("T5", "goals")).id, await second.now())
    assert (other.reused, [key for key in MEASURED if key in other.prefilled]) == (None, [])


@pytest.mark.chapter("asked")
async def test_case_5_15_after_fourteen_days_it_is_asked_anew(play: Play, runtime: Runtime, cast: Cast) -> None:
    first = play
    await first.answer("T3", "goals", know_now="2")
    await leap("2026-10-29 10:00", first)
    later = {"dates": [{"start": f"2026-12-0{day} 13:30", "end": f"2026-12-0{day} 16:30"} for day in (3, 8)]}
    second = await begin_beside(runtime, cast, **later)
    await leap("2026-11-05 10:00", second)
    asked = await asked_form(runtime, (await second.invitation("T3", "goals")).id, await second.now())
    assert (told((await second.invitation("T3", "goals")).asked_at), asked.reused) == ("Thu 05 Nov 10:00", None)
    assert not set(MEASURED) & set(asked.prefilled)


@pytest.mark.chapter("asked")
async def test_case_5_15_one_page_says_what_is_asked_everywhere(play: Play, runtime: Runtime, cast: Cast) -> None:
    first = play
    second = await begin_beside(runtime, cast)
    await leap("2026-10-13 10:00", first, second)
    own = await first.participation("T3")
    page = await personal_page(runtime, own.id, await first.now())
    assert page.elsewhere == (Elsewhere("Lasersnijden bij Verhoeven", 2),)
    await second.answer("T3", "registration", attend="yes")
    page = await personal_page(runtime, own.id, await first.now())
    assert page.elsewhere == (Elsewhere("Lasersnijden bij Verhoeven", 1),)
    await steer.hold(runtime, second.activity_id, "Brand", now=await second.now(), actor=second.coordinator)
    assert (await personal_page(runtime, own.id, await first.now())).elsewhere == ()


# 5.16


@pytest.mark.chapter("asked")
async def test_case_5_16_a_counter_proposal_stands_beside_ours_and_both_see_what_was_accepted(
    play: Play, runtime: Runtime
) -> None:
    await play.answer("P3", "task-division", agree="changes", max_group="8", counter="Acht mensen")
    async with runtime.store.read() as session:
        view = await view_of(session, play.activity_id, "task-division")
    assert view is not None
    assert view.agreement.state is AgreementState.COUNTERED
    assert [(one.before, one.after) for one in view.differences if one.question == "max_group"] == [(12, 8)]
    await agree.decide(runtime, play.activity_id, "accept", now=await play.now(), actor=play.coordinator)
    await play.turn()
    async with runtime.store.read() as session:
        view = await view_of(session, play.activity_id, "task-division")
    assert view is not None
    assert (view.agreement.state, view.agreement.accepted_version) == (AgreementState.ACCEPTED, 2)
    assert play.sent("agreed") == [("Thu 08 Oct 10:00", "P3")]
    asked = await asked_form(runtime, (await play.invitation("P3", "task-division")).id, await play.now())
    assert asked.agreement is not None
    assert (asked.agreement.number, asked.terms["max_group"]) == (2, 8)


@pytest.mark.chapter("asked")
async def test_case_5_16_a_hard_no_reaches_the_coordinator_at_once_and_the_activity_can_rest(
    play: Play, runtime: Runtime
) -> None:
    await play.answer("P3", "task-division", agree="refused", counter="Zo lukt het niet")
    assert (await play.invitation("P3", "task-division")).state is InvitationState.REFUSED
    assert await play.open_calls() == ["refused"]
    await steer.hold(runtime, play.activity_id, "Bedrijf kan niet", now=await play.now(), actor=play.coordinator)
    mails = len(play.mails)
    await play.sleep_to("2026-10-16 10:00")
    assert "reminder" not in {left.mail for left in play.mails[mails:]}


# 5.17


@pytest.mark.usefixtures("cast")
async def test_case_5_17_every_school_has_its_own_leader_holidays_card_and_hours(runtime: Runtime) -> None:
    """S1, S2 and a school of region north: the union of their holidays, one leader each, hours each."""
    cast = await school_in_the_north(runtime)
    teachers = ["T2", "T3", "N1"]
    play = await Play.begin(runtime, cast, teachers=teachers, trip_leader="T2")
    leaders = {code for code in ("L1", "L2", "L3", "N3") if await _takes_part(play, code)}
    assert leaders == {"L1", "L2", "N3"}
    calendar = (await play.loaded()).calendars.schools
    assert {f"{day:%d-%m}" for day in calendar.holidays if f"{day:%Y-%m}" == "2026-10"} == {
        f"{day:02d}-10" for day in range(10, 26)
    }, "north has 10 to 18 October, middle 17 to 25"

    await play.asked()
    await play.answer_all(teachers, "registration", attend="yes")
    await play.answer("L2", "approval")
    approvals = {code: (await play.participation(code)).approval for code in teachers}
    assert approvals == {"T2": Approval.OPEN, "T3": Approval.APPROVED, "N1": Approval.OPEN}
    await play.answer_all(("L1", "N3"), "approval")
    await play.answer("T2", "goals")
    await play.answer("P3", "task-division", agree="agreed", hours_plan="10")
    await play.sleep_to("2026-10-29 10:00")
    await play.answer("P3", "practical-information")
    await play.sleep_to("2026-11-05 16:30")
    await play.answer("T2", "attendance")
    await play.sleep_to("2026-11-10 10:00")
    for code, hours in (("T2", "3"), ("T3", "4"), ("N1", "5")):
        await play.answer(
            code,
            "teacher-evaluation",
            hours_teacher__before__hours="0",
            hours_teacher__during__hours=hours,
            hours_teacher__after__hours="0",
        )
    await play.answer("P3", "host-hours", confirm="adjusted", on_behalf="yes", hours_prep="6", hours_day="3")
    await play.answer("T2", "impressions", scope="school", headline="Een huis in een dag")
    await play.sleep_to("2026-11-17 10:00")
    await play.answer("P3", "card-release", release="released")
    walls = {school: (await school_wall(runtime, cast.schools[school].wall_key)).cards for school in ("S1", "S2")}
    assert [len(walls[school]) for school in ("S1", "S2")] == [1, 0], "my school is the author's own"

    async with runtime.store.read() as session:
        year = SchoolYear(2026)
        found = {
            school: (await figures_of(session, year, zone="Europe/Amsterdam", school=school))[0][1]
            for school in ("S1", "S2", "S3", "S7")
        }
    assert {school: one.teacher_hours for school, one in found.items()} == {"S1": 3, "S2": 4, "S3": 0, "S7": 5}
    assert {school: one.teachers for school, one in found.items()} == {"S1": 1, "S2": 1, "S3": 0, "S7": 1}
    assert {school: one.company_hours_confirmed for school, one in found.items()} == {
        "S1": 3,
        "S2": 3,
        "S3": 0,
        "S7": 3,
    }, "nine hours of the company for three teachers"


async def _takes_part(play: Play, code: str) -> bool:
    return any(item.person_id == play.cast.id(code) for item in (await play.loaded()).in_role(Role.SCHOOL_LEADER))


# 5.18


async def shared(runtime: Runtime, cast: Cast) -> Play:
    """A1 with two evaluations more than a figure needs, and a card of two authors on the wall."""
    play = await (await Play.begin(runtime, cast)).afterwards()
    await play.answer_all(("T2", "T3", "T5", "T7"), "teacher-evaluation", best="De zaag", quote_ok="with-name")
    await play.answer("T2", "impressions", headline="Een huis in een dag", contact_share="yes", scope="region")
    lijm = {"headline": "Lijmen met lucht", "insight_1": "Lucht is lijm", "contact_share": "no"}
    await play.answer("T5", "impressions", scope="region", **lijm)  # type: ignore[arg-type]
    await play.sleep_to("2026-11-17 10:00")
    await play.answer("P3", "card-release", release="released")
    return play


async def test_case_5_18_who_objects_takes_part_and_is_in_no_figure(runtime: Runtime, cast: Cast) -> None:
    play = await shared(runtime, cast)
    async with runtime.store.read() as session:
        assert (await evaluated(session, play.activity_id)).answered == 4
    t7 = await play.participation("T7")
    posted = {"kind": ["object-reports"], "reply": ["phone"]}
    await collect.report_change(
        runtime,
        t7.id,
        "privacy-request",
        posted,
        now=await play.now(),
        key="phone",
        via=Via.PHONE,
        entered_by=play.coordinator,
    )
    await play.turn()
    async with runtime.store.read() as session:
        found = await evaluated(session, play.activity_id)
    assert (found.answered, found.asked) == (3, len(TEACHERS) - 1)
    assert "Mo Ravensbergen" not in {quote.name for quote in found.quotes}
    assert (await play.participation("T7")).standing is t7.standing
    assert "privacy-object-reports" in await play.open_calls()
    await play.sleep_to("2026-11-20 10:00")
    assert "T7" in {to for _, to in play.sent("feedback-participant")}, "still hears what became of it"


async def test_case_5_18_an_objection_from_the_command_line_is_the_same(runtime: Runtime, cast: Cast) -> None:
    play = await shared(runtime, cast)
    for _ in range(2):
        await object_to_reports(runtime, cast.id("T7"), now=await play.now(), actor="command-line")
    async with runtime.store.read() as session:
        assert (await evaluated(session, play.activity_id)).answered == 3
        requests = list(await session.scalars(select(Submission).where(Submission.form == "privacy-request")))
    assert [(row.person_id, row.via) for row in requests] == [(cast.id("T7"), Via.PHONE)], "said twice, noted once"


async def test_case_5_18_erased_at_once_and_the_card_stays_without_them(runtime: Runtime, cast: Cast) -> None:
    play = await shared(runtime, cast)
    before = await play.facts()
    await erase_person(runtime, cast.id("T2"), now=await play.now(), actor=play.coordinator)
    await play.turn()
    [wall] = (await school_wall(runtime, cast.schools["S2"].wall_key)).cards
    assert (wall.card.headline, wall.card.insights) == ("Lijmen met lucht", ("Lucht is lijm",))
    assert wall.card.contacts == ()
    assert wall.present == len(TEACHERS), "that somebody was there is a count"
    assert (await play.facts()).shared is before.shared is True
    mails = len(play.to_person("T2"))
    await play.sleep_to("2027-01-12 10:00")
    assert len(play.to_person("T2")) == mails
    async with runtime.store.read() as session:
        told_of = (await evaluated(session, play.activity_id)).quotes
    assert "Nadia Bensalem" not in {quote.name for quote in told_of}


async def test_case_5_18_somebody_sees_what_is_kept_of_them_and_of_nobody_else(runtime: Runtime, cast: Cast) -> None:
    play = await shared(runtime, cast)
    async with runtime.store.read() as session:
        data = await own_data(session, cast.id("T5"))
    assert {"person", "contact", "participation", "submission", "message"} <= set(data)
    [person] = data["person"]
    assert (person["given_name"], person["family_name"]) == ("Jeroen", "Aldewereld")
    assert {row["address"] for row in data["contact"]} == {cast.mail("T5"), cast.phone("T5")}
    said = {row["form"]: row["answers"] for row in data["submission"]}
    assert said["impressions"]["headline"] == "Lijmen met lucht"
    whole = json.dumps(data)
    for other in ("Bensalem", "Een huis in een dag", cast.mail("T2")):
        assert other not in whole
    assert play.activity_id in whole


# 5.19


@pytest.mark.chapter("asked")
async def test_case_5_19_mail_that_comes_back_marks_the_address_and_names_a_colleague(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    async with runtime.store.change(now=await play.now(), actor="test") as session:
        els = NewPerson(given_name="Els", family_name="Bouw", phone="06-00000099", company="B3")
        await find_person(session, els)
    assert await lose_contact(runtime, cast.id("P3"), Loss.BOUNCED, now=await play.now(), actor=play.coordinator) == 1
    await play.turn()
    async with runtime.store.read() as session:
        contacts = await session.scalars(select(Contact).where(Contact.person_id == cast.id("P3")))
        assert {contact.kind.value: contact.is_valid for contact in contacts} == {"mail": False, "phone": True}
        loaded = await play.loaded()
        found = await call_lines(session, runtime.settings, loaded, [], await play.now())
    [line] = [one for one in found if one.what == "bounced"]
    assert ([one.line for one in line.instead], line.phone) == (["Els Bouw (06-00000099)"], cast.phone("P3"))


@pytest.mark.chapter("asked")
async def test_case_5_19_who_left_the_company_is_replaced_and_the_answers_stay(
    play: Play, runtime: Runtime, cast: Cast
) -> None:
    await play.answer("P3", "task-division", agree="agreed", hours_plan="10")
    await lose_contact(runtime, cast.id("P3"), Loss.LEFT, now=await play.now(), actor=play.coordinator)
    await play.turn()
    assert "contact-left" in await play.open_calls()
    old = await play.participation("P3")
    new = NewPerson(given_name="Els", family_name="Bouw", mail="els@korteweg.example", company="B3")
    await steer.replace(runtime, old.id, new, now=await play.now(), actor=play.coordinator)
    await play.turn()
    async with runtime.store.read() as session:
        kept = list(
            await session.scalars(
                select(Submission.form).where(Submission.person_id == cast.id("P3")).order_by(Submission.submitted_at)
            )
        )
    assert kept == ["date-poll", "task-division"]
    assert (await play.facts()).task_division_accepted, "what was agreed holds for who comes instead"
    mails = len(play.to_person("P3"))
    await play.sleep_to("2026-10-29 10:00")
    assert len(play.to_person("P3")) == mails
