"""The region on Sunday 22 November 2026: all seven activities stand as their stories say, and go on from there."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from models.channels import ConsentChannel
from models.draft import ActivityDraft
from models.roles import Demand, Role
from models.tables.activities import Activity, ActivityStatus, Participation, PlanStep, Standing, StepState
from models.tables.agreements import AgreementState
from models.tables.asking import ANSWERED, Draft, Invitation, InvitationState, Submission
from models.tables.mail import Attempt, AttemptOutcome, Call, CallState, Message, MessageState
from models.tables.network import Company, Contact, ContactKind, Person, School
from sandwich.demo.building import STANDS_AT, Progress
from sandwich.demo.letter import read_letter
from sandwich.demo.mailbox import Mailbox
from sandwich.demo.play import Demo, OtherStory
from sandwich.demo.telling import read_stories
from sandwich.errors import BadInput
from sandwich.rules.dots import DotState, four_dots
from sandwich.rules.school_years import SchoolYear, years_before
from sandwich.runtime import Runtime, open_runtime
from sandwich.services.agreements import AgreementView, view_of
from sandwich.services.call_lines import call_lines
from sandwich.services.cool_down import cooling
from sandwich.services.facts import gather, gather_many
from sandwich.services.loaded import Loaded, load, load_many
from sandwich.services.photo_consent import standing_consents
from sandwich.services.results import evaluated
from sandwich.services.settled import look
from sandwich.services.start import start
from sandwich.services.year_rows import read_rows
from sandwich.services.years import year_figures
from sandwich.settings import Settings
from sandwich.web.app import make_app
from tests.support.browser import Browser
from tests.support.databases import apart

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(900)]

ZONE = ZoneInfo("Europe/Amsterdam")
TODAY = date(2026, 11, 22)


def told(moment: datetime | None) -> str:
    """Write a moment as a table does: ``Thu 05 Nov 13:30``."""
    return f"{moment.astimezone(ZONE):%a %d %b %H:%M}" if moment else "–"


@dataclass(frozen=True)
class Built:
    """A region that was built once, and how far it was said to be."""

    demo: Demo
    settings: Settings
    progress: list[tuple[int, int]]


@dataclass(frozen=True)
class Seen:
    """One activity as it stands, everything by the codes of its people."""

    region: "Region"
    loaded: Loaded

    @property
    def id(self) -> str:
        """Its id."""
        return self.loaded.activity.id

    @property
    def status(self) -> ActivityStatus:
        """Where it is."""
        return self.loaded.activity.status

    @property
    def days(self) -> list[str]:
        """Its contact moments."""
        return [told(moment.starts_at) for moment in self.loaded.moments]

    def taking_part(self, role: Role = Role.TEACHER) -> set[str]:
        """Return who takes part in a role."""
        return {self.region.code(item.person_id) for item in self.loaded.in_role(role)}

    async def dots(self) -> dict[Demand, DotState]:
        """Return its four dots."""
        async with self.region.runtime.store.read() as session:
            return four_dots(await gather(session, self.loaded, await self.region.runtime.clock.now()))

    async def invitations(self, form: str) -> dict[str, Invitation]:
        """Return who was asked a form; of several times the last."""
        async with self.region.runtime.store.read() as session:
            rows = await session.execute(
                select(Invitation, Participation.person_id)
                .join(Participation, Participation.id == Invitation.participation_id)
                .where(Invitation.activity_id == self.id, Invitation.form == form)
                .order_by(Invitation.asked_at, Invitation.step)
            )
            return {self.region.code(person): one for one, person in rows}

    async def calls(self, *states: CallState) -> dict[str, str]:
        """Return what the calls in these states are about, and whom they name."""
        async with self.region.runtime.store.read() as session:
            rows = await session.scalars(
                select(Call).where(Call.activity_id == self.id, Call.state.in_(states or [CallState.OPEN]))
            )
            return {call.what: self.region.code(call.person_id) for call in rows}

    async def sent(self, mail: str) -> dict[str, list[str]]:
        """Return when a mail left, by whom it went to."""
        async with self.region.runtime.store.read() as session:
            rows = await session.scalars(
                select(Message)
                .where(Message.activity_id == self.id, Message.mail == mail)
                .where(Message.state.in_((MessageState.SENT, MessageState.BUNDLED)))
                .order_by(Message.sent_at)
            )
            found: dict[str, list[str]] = {}
            for row in rows:
                found.setdefault(self.region.code(row.person_id), []).append(told(row.sent_at))
            return found

    async def due(self, step: str) -> str:
        """Return when a step that is still to come is due."""
        async with self.region.runtime.store.read() as session:
            row = (
                await session.scalars(select(PlanStep).where(PlanStep.activity_id == self.id, PlanStep.step == step))
            ).one()
        assert row.state is StepState.PLANNED
        return told(row.due_at)

    async def agreed(self, subject: str = "task-division") -> AgreementView:
        """Return one of its agreements."""
        async with self.region.runtime.store.read() as session:
            view = await view_of(session, self.id, subject)
        assert view is not None
        return view


@dataclass(frozen=True)
class Region:
    """The whole region as it stands; ``ids`` of people by code."""

    runtime: Runtime
    ids: dict[str, str]

    def code(self, person_id: str | None) -> str:
        """Return the code of a person, ``–`` for nobody."""
        return next((code for code, key in self.ids.items() if key == person_id), "–")

    async def see(self, story: str) -> Seen:
        """Return the activity of a story; ``A5-pair`` is that of the pair in A5."""
        key = story.removesuffix("-pair")
        title = next(one.draft.title for one in read_stories() if one.key == key)
        async with self.runtime.store.read() as session:
            found = (await session.scalars(select(Activity.id).where(Activity.title == title))).one()
            if story.endswith("-pair"):
                found = (await session.scalars(select(Activity.id).where(Activity.part_of_id == found))).one()
            return Seen(self, await load(session, self.runtime.settings.timezone, found))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The region, built once on SQLite as the command builds it."""
    demo = Demo(tmp_path_factory.mktemp("region") / ".sandwich-demo")
    settings = demo.prepare({}, 8000, 2525, 4200)
    progress: list[tuple[int, int]] = []

    def watching() -> AbstractContextManager[Progress]:
        return nullcontext(lambda done, of: progress.append((done, of)))

    apart(demo.set_up(settings, region=True, watching=watching))
    return Built(demo, settings, progress)


@pytest_asyncio.fixture
async def region(built: Built) -> AsyncIterator[Region]:
    """What was built, to look at."""
    runtime = open_runtime(built.settings)
    async with runtime.store.read() as session:
        rows = await session.execute(select(Person.code, Person.id).where(Person.code.is_not(None)))
        ids = {str(code): key for code, key in rows}
    try:
        yield Region(runtime, ids)
    finally:
        await runtime.close()


# the whole


async def test_it_says_how_far_it_is_to_the_end(built: Built) -> None:
    assert built.progress[-1][0] == built.progress[-1][1] > 100
    assert built.progress == sorted(built.progress)
    assert not built.demo.is_half_made


async def test_its_clock_stands_on_that_sunday_and_nothing_of_the_moment_is_left(region: Region, built: Built) -> None:
    now = await region.runtime.clock.now()
    assert timedelta(0) <= now - STANDS_AT < timedelta(hours=1)
    async with region.runtime.store.read() as session:
        seen = await look(session, now)
    assert seen.is_settled
    assert seen.next_at is not None
    assert abs(built.demo.moment() - STANDS_AT) < timedelta(minutes=1)


async def test_every_activity_that_goes_on_is_carried_by_a_run_that_the_repair_replaces(region: Region) -> None:
    async with region.runtime.store.read() as session:
        rows = list(await session.scalars(select(Activity).where(Activity.wake_at.is_not(None))))
    carried = [UUID(row.run_id) for row in rows if row.run_id]
    assert len(rows) >= 8
    assert len(set(carried)) == len(carried), "no two are carried by one run"


async def test_nobody_wrote_filler(region: Region) -> None:
    async with region.runtime.store.read() as session:
        written = [str(one.answers) for one in await session.scalars(select(Submission))]
    assert len(written) > 100
    assert not [one for one in written if "Tekst bij" in one or "Regel " in one]


async def test_the_mailbox_has_what_was_mailed_at_its_moment(region: Region, built: Built) -> None:
    mails = Mailbox.of(built.settings).mails()
    async with region.runtime.store.read() as session:
        sent = await session.scalar(select(func.count()).where(Message.state == MessageState.SENT))
    assert len(mails) == sent
    assert [mail.received_at for mail in mails] == sorted(mail.received_at for mail in mails)
    assert mails[-1].received_at < STANDS_AT
    feedback = [mail for mail in mails if mail.recipients == ("koen@korteweg.example",)][-1]
    assert feedback.received_at.astimezone(ZONE).date() == date(2026, 11, 20)
    assert read_letter(feedback).subject.startswith("Prefab bouwen bij Korteweg")


async def test_its_first_page_says_what_there_is_to_see(region: Region) -> None:
    async with Browser.on(make_app(region.runtime)) as browser:
        page = await browser.open("/")
    assert "Zeven activiteiten op één zondagochtend" in page.text
    for story in read_stories():
        seen = await region.see(story.key)
        assert (f"/board/{seen.id}", story.draft.title) in page.links
        assert story.shows.nl in page.text


async def test_set_up_again_it_stays_and_a_visit_is_not_overwritten(built: Built, tmp_path: Path) -> None:
    await built.demo.set_up(built.settings, region=True)
    runtime = open_runtime(built.settings)
    try:
        async with runtime.store.read() as session:
            assert await session.scalar(select(func.count()).select_from(Activity)) == len(read_stories()) + 1
    finally:
        await runtime.close()

    visit = Demo(tmp_path / ".sandwich-demo")
    settings = visit.prepare({}, 8000, 2525, 4200)
    await visit.set_up(settings)
    with pytest.raises(OtherStory):
        await visit.set_up(settings, region=True)
    assert not visit.is_half_made


async def test_interrupted_it_is_known_as_half_made(tmp_path: Path) -> None:
    demo = Demo(tmp_path / ".sandwich-demo")
    settings = demo.prepare({}, 8000, 2525, 4200)

    def interrupt(done: int, _of: int) -> None:
        if done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await demo.set_up(settings, region=True, watching=lambda: nullcontext(interrupt))
    assert demo.is_half_made
    demo.remove()
    assert not demo.is_half_made


# A1


async def test_a1_is_over_since_seventeen_days(region: Region) -> None:
    a1 = await region.see("A1")
    assert (a1.status, a1.days) == (ActivityStatus.AFTER, ["Thu 05 Nov 13:30"])
    assert (TODAY - a1.loaded.ends_at.astimezone(ZONE).date()).days == 17
    assert a1.taking_part() == {"T2", "T3", "T5", "T6", "T7", "T8", "T9", "T10"}


async def test_a1_t4_withdrew_nine_days_before_and_t9_came_in_her_place(region: Region) -> None:
    a1 = await region.see("A1")
    seats = {region.code(item.person_id): item for item in a1.loaded.participations if item.role is Role.TEACHER}
    assert seats["T4"].standing is Standing.REPLACED
    assert seats["T4"].replaced_by_id == seats["T9"].id
    left = seats["T4"].left_at
    assert left is not None
    assert (date(2026, 11, 5) - left.astimezone(ZONE).date()).days == 9
    assert (await a1.calls(CallState.DONE))["change-cannot"] == "T4"


async def test_a1_the_counter_proposal_of_p3_was_accepted_on_friday_16_october(region: Region) -> None:
    agreed = await (await region.see("A1")).agreed()
    assert agreed.agreement.state is AgreementState.ACCEPTED
    assert [version.terms["max_group"] for version in agreed.versions] == [12, 8]
    assert [version.role for version in agreed.versions] == [Role.COORDINATOR, Role.HOST_CONTACT]
    assert told(agreed.agreement.accepted_at) == "Fri 16 Oct 10:15"
    assert "hal 2" in agreed.terms["confidential"]


async def test_a1_the_host_is_thanked_and_six_of_eight_looked_back(region: Region) -> None:
    a1 = await region.see("A1")
    assert await a1.sent("thank-you") == {"P3": ["Fri 06 Nov 08:00"]}
    asked = await a1.invitations("teacher-evaluation")
    assert {code for code, one in asked.items() if one.state not in ANSWERED} == {"T3", "T10"}
    assert len(asked) == 8


async def test_a1_the_card_waits_for_the_host_since_18_november(region: Region) -> None:
    a1 = await region.see("A1")
    assert (await a1.invitations("card-release"))["P3"].state is InvitationState.SENT
    assert await a1.sent("host-preview") == {"P3": ["Wed 18 Nov 11:05"]}
    assert await a1.dots() == {
        Demand.GOALS: DotState.DONE,
        Demand.TASK_DIVISION: DotState.DONE,
        Demand.SHARE: DotState.BUSY,
        Demand.FEEDBACK: DotState.BUSY,  # host and a school leader had two mails this week: theirs comes on Tuesday
    }


async def test_a1_the_impact_check_comes_after_the_christmas_holiday(region: Region) -> None:
    assert await (await region.see("A1")).due("impact-check") == "Tue 05 Jan 10:00"


async def test_a1_t7_objected_and_is_in_no_total(region: Region) -> None:
    a1 = await region.see("A1")
    assert (await a1.calls())["privacy-object-reports"] == "T7"
    async with region.runtime.store.read() as session:
        found = await evaluated(session, a1.id)
        figures = await year_figures(session, a1.loaded.activity.region_id, SchoolYear(2026), zone="Europe/Amsterdam")
    assert (found.answered, found.asked) == (5, 7), "six of eight, without him"
    assert figures.left_out == 1
    assert "T7" in (await region.see("A2")).taking_part()


async def test_the_dots_of_all_activities_at_once_are_those_of_each(region: Region) -> None:
    async with region.runtime.store.read() as session:
        a1 = await region.see("A1")
        year, at = SchoolYear(2026), ZONE
        rows = await read_rows(session, a1.loaded.activity.region_id, at, years_before(year, 1), year)
        every = await load_many(session, at.key, [one.id for one in rows.activities])
        facts = await gather_many(session, every, STANDS_AT)
    found = {one.id: one.met for one in rows.activities}
    assert found == {
        key: {dot for dot, state in four_dots(one).items() if state is DotState.DONE} for key, one in facts.items()
    }
    assert len(found) > 10
    assert {Demand.GOALS, Demand.TASK_DIVISION} in found.values()


# A2


async def test_a2_is_in_eighteen_days_with_two_afternoons_of_eight_hours(region: Region) -> None:
    a2 = await region.see("A2")
    assert (a2.status, a2.days) == (ActivityStatus.BEFORE, ["Thu 10 Dec 13:30", "Thu 17 Dec 13:30"])
    assert (a2.loaded.starts_at.astimezone(ZONE).date() - TODAY).days == 18
    assert a2.taking_part() == {"T1", "T3", "T4", "T5", "T7", "T9", "T10", "M1"}
    hours = sum((moment.ends_at - moment.starts_at for moment in a2.loaded.moments), timedelta())
    assert hours == timedelta(hours=8)


async def test_a2_the_final_word_on_stations_and_safety_is_due(region: Region) -> None:
    a2 = await region.see("A2")
    agreed = await a2.agreed()
    assert agreed.agreement.state is AgreementState.COUNTERED
    assert {row["max_people"] for row in agreed.terms["stations"]} == {2, 4}
    assert "Schoenmaat" in agreed.terms["protective_sizes"]
    assert set(await a2.calls()) == {"counter-proposal", "no-stations", "no-answer"}
    async with region.runtime.store.read() as session:
        facts = await gather(session, a2.loaded, STANDS_AT)
    assert not facts.holds("task_division_settled")


async def test_a2_t3_began_and_did_not_send_and_is_in_three_more(region: Region) -> None:
    a2 = await region.see("A2")
    goals = (await a2.invitations("goals"))["T3"]
    assert goals.state is InvitationState.DRAFT
    assert (await a2.calls())["no-answer"] == "T3"
    async with region.runtime.store.read() as session:
        assert (await session.get_one(Draft, goals.id)).typed["goal_1"] == ["Ik wil zelf een naad laten lassen"]
    for other in ("A1", "A3", "A4"):
        assert "T3" in (await region.see(other)).taking_part(), other


# A3


async def test_a3_begins_tomorrow_ten_weeks_before_and_comes_before_the_christmas_holiday(region: Region) -> None:
    a3 = await region.see("A3")
    assert [a3.days[0], a3.days[-1]] == ["Mon 01 Feb 08:30", "Fri 05 Feb 08:30"]
    assert len(a3.days) == 5
    assert not await a3.invitations("goals")
    assert a3.loaded.starts_at.astimezone(ZONE).date() - timedelta(weeks=10) == TODAY + timedelta(days=1)
    assert await a3.due("application") == "Tue 24 Nov 10:00", "no mail to teachers on a Monday"
    assert await a3.due("plan") == "Fri 18 Dec 10:00", "five weeks before is 28 December"
    assert await a3.due("impact-check") == "Fri 02 Apr 10:00"
    assert (a3.taking_part(), a3.taking_part(Role.MENTOR)) == ({"T3"}, {"P4"})


async def test_a3_its_company_rested_and_was_asked_for_a_reason(region: Region) -> None:
    asked = (await region.see("A3")).loaded.activity.asked_anyway
    assert asked is not None
    assert "Rik" in asked["reason"]


# A4


async def test_a4_seven_of_eight_professionals_said_yes_and_p5_is_to_be_phoned(region: Region) -> None:
    a4 = await region.see("A4")
    assert (a4.status, a4.days) == (ActivityStatus.BEFORE, ["Thu 21 Jan 16:00"])
    asked = await a4.invitations("registration")
    states = {code: one.state for code, one in asked.items()}
    web = dict.fromkeys(("P1", "P3", "P4", "P6", "P7", "M1"), InvitationState.ANSWERED)
    assert states == {**web, "P2": InvitationState.PHONED, "P5": InvitationState.SENT}
    assert (await a4.sent("reminder"))["P5"] == ["Thu 12 Nov 08:30", "Wed 18 Nov 08:30"]
    assert (await a4.calls())["no-answer"] == "P5"
    assert len(a4.taking_part()) == 10


async def test_a4_p4_answers_in_the_evening_only(region: Region) -> None:
    registered = (await (await region.see("A4")).invitations("registration"))["P4"].answered_at
    assert registered is not None
    assert registered.astimezone(ZONE).hour >= 20


async def test_t6_may_be_seen_inside_the_school_alone(region: Region) -> None:
    a1 = await region.see("A1")
    async with region.runtime.store.read() as session:
        consents = await standing_consents(session, a1.id)
    hers = {channel: given for (person, channel), given in consents.items() if region.code(person) == "T6"}
    assert hers == {channel: channel is ConsentChannel.INTERNAL for channel in ConsentChannel}


# A5


async def test_a5_the_second_meeting_moved_out_of_the_autumn_holiday(region: Region) -> None:
    assert (await region.see("A5")).status is ActivityStatus.DURING
    pair = await region.see("A5-pair")
    assert pair.status is ActivityStatus.DURING
    assert pair.days == [
        "Thu 08 Oct 15:00",
        "Thu 29 Oct 15:00",
        "Thu 19 Nov 15:00",
        "Thu 14 Jan 15:00",
        "Thu 11 Mar 15:00",
    ]
    assert [move["reason"] for move in pair.loaded.activity.moves][-1] == "Op 22 oktober is het herfstvakantie"
    assert (await pair.agreed("pair-plan")).agreement.state is AgreementState.ACCEPTED


async def test_a5_of_the_last_meeting_one_partner_wrote_no_log(region: Region) -> None:
    pair = await region.see("A5-pair")
    last = await pair.invitations("meeting-log")
    async with region.runtime.store.read() as session:
        rows = await session.execute(
            select(Submission.person_id, Invitation.step)
            .join(Invitation, Invitation.id == Submission.invitation_id)
            .where(Submission.activity_id == pair.id, Submission.form == "meeting-log")
        )
        logs = {(region.code(person), step) for person, step in rows}
    assert logs == {("T6", "log-2"), ("P7", "log-3")}
    assert last["T6"].step == "halfway"


# A6


async def test_a6_is_in_four_days_and_ready_to_go(region: Region) -> None:
    a6 = await region.see("A6")
    assert (a6.status, a6.days) == (ActivityStatus.BEFORE, ["Thu 26 Nov 09:00"])
    assert a6.taking_part() == {"T8", "T6", "L3", "T10"}
    assert a6.taking_part(Role.CHAIR) == {"T8"}
    async with region.runtime.store.read() as session:
        facts = await gather(session, a6.loaded, STANDS_AT)
        question = await session.scalar(
            select(Submission).where(Submission.activity_id == a6.id, Submission.form == "visit-question")
        )
    assert facts.holds("observed_agree")
    assert facts.holds("gate_before")
    assert question is not None
    assert question.answers["question_1"] == "Hoe zichtbaar is de verbinding met het beroep in de praktijkruimte?"
    assert set(await a6.sent("practical-info")) >= {"T6", "T10", "L1"}
    assert await a6.due("attendance-1") == "Thu 26 Nov 08:00"


async def test_a6_a_return_visit_and_a5_a_guest_lesson_follow(region: Region) -> None:
    for story, follows, day in (("A6r", "A6", "Thu 18 Mar 09:00"), ("GL", "A5", "Wed 14 Apr 10:00")):
        linked = await region.see(story)
        assert linked.loaded.activity.follows_id == (await region.see(follows)).id
        assert linked.days == [day]


# A7


async def test_a7_three_of_six_meetings_have_been_and_t10_missed_two(region: Region) -> None:
    a7 = await region.see("A7")
    assert a7.status is ActivityStatus.DURING
    assert a7.days == [f"Thu {day} 15:30" for day in ("17 Sep", "15 Oct", "12 Nov", "10 Dec", "14 Jan", "11 Feb")]
    assert a7.taking_part() == {"T2", "T8", "T10", "M1"}
    assert a7.taking_part(Role.COACH) == {"D1"}
    seats = {item.id: region.code(item.person_id) for item in a7.loaded.participations}
    absent = [[seats[one] for one in moment.absent or ()] for moment in a7.loaded.moments]
    assert absent == [[], ["T10"], ["T10"], [], [], []]
    async with region.runtime.store.read() as session:
        lines = await call_lines(session, region.runtime.settings, a7.loaded, [], STANDS_AT)
    [missing] = [line for line in lines if line.what == "absent-twice"]
    assert [one.name for one in missing.people] == ["Lotte Schipper", "Wouter Slagboom, coach"]
    assert (missing.phone, missing.people[1].phone) == (None, "06-00000023")


async def test_a7_the_company_is_reached_by_phone_alone(region: Region) -> None:
    a7 = await region.see("A7")
    assert (await a7.invitations("task-division"))["P2"].state is InvitationState.PHONED
    assert (await a7.calls())["by-phone"] == "P2"
    async with region.runtime.store.read() as session:
        sent = await session.scalar(
            select(func.count()).where(
                Message.person_id == region.ids["P2"], Message.state.in_((MessageState.SENT, MessageState.BUNDLED))
            )
        )
    assert sent == 0


async def test_t8_bounced_once_and_is_reached_again(region: Region) -> None:
    async with region.runtime.store.read() as session:
        refused = await session.execute(
            select(Message.person_id)
            .join(Attempt, Attempt.message_id == Message.id)
            .where(Attempt.outcome == AttemptOutcome.REFUSED)
        )
        assert [region.code(person) for (person,) in refused] == ["T8"]
        rows = await session.scalars(
            select(Contact).where(Contact.person_id == region.ids["T8"], Contact.kind == ContactKind.MAIL)
        )
        assert [(one.address, one.is_valid) for one in rows] == [
            ("i.verkade@groenehorst.example", False),
            ("ilse.verkade@groenehorst.example", True),
        ]
    assert "T8" in await (await region.see("A1")).sent("goals")


# the register


async def test_b5_has_nobody_to_ask(region: Region) -> None:
    draft = ActivityDraft.model_validate(
        {
            "kind": "company-visit",
            "title": "Zonneparken",
            "purpose": "trends",
            "company": "B5",
            "coordinator": "C1",
            "teachers": ["T1", "T2", "T3"],
            "dates": [{"start": "2027-02-04 13:30", "end": "2027-02-04 16:30"}],
        }
    )
    now = await region.runtime.clock.now()
    with pytest.raises(BadInput, match="no contact person yet"):
        await start(region.runtime, draft, now=now, actor=region.ids["C1"])
    async with region.runtime.store.read() as session:
        b5 = (await session.scalars(select(Company).where(Company.code == "B5"))).one()
    assert "8" in str((b5.profile or {})["limits"])


async def test_b1_was_asked_three_times_and_rests(region: Region) -> None:
    async with region.runtime.store.read() as session:
        b1 = (await session.scalars(select(Company).where(Company.code == "B1"))).one()
        [resting] = await cooling(session, region.runtime.settings, [b1.id], STANDS_AT)
    assert "is dit schooljaar al 3 keer gevraagd" in resting.sentence.nl
    assert resting.free_on == date(2027, 8, 1)
    assert resting.owner is not None
    assert resting.owner.name == "Sander Tol"


async def test_b4_cancelled_an_internship_last_school_year(region: Region) -> None:
    earlier = await region.see("H2")
    assert earlier.status is ActivityStatus.CANCELLED
    assert earlier.loaded.starts_at.date() not in SchoolYear(2026)
    assert "De Sluis" in (earlier.loaded.activity.closing_reason or "")


# what came before


async def test_last_school_years_visit_is_complete_and_stands_on_the_walls(region: Region) -> None:
    visit = await region.see("H3")
    assert visit.status is ActivityStatus.FINISHED
    assert set((await visit.dots()).values()) == {DotState.DONE}
    async with region.runtime.store.read() as session:
        walls = dict((await session.execute(select(School.code, School.wall_key))).all())
    async with Browser.on(make_app(region.runtime)) as browser:
        for code in ("S1", "S2", "S3"):
            page = await browser.open(f"/wall/{walls[code]}")
            assert "De robot haalt de kast, de mens denkt na" in page.text, code
            assert "<img" not in page.html.partition("wall__card")[2], "Hoflogistiek wants no photos"
