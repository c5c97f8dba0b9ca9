"""Every kind from the first question to the last, as its playbook says, with everybody answering in time."""

from typing import Any

import pytest

from models.roles import Demand
from models.tables.activities import ActivityStatus, StepState
from models.tables.network import Person
from models.tables.pairing import PairState
from sandwich.rules.dots import DotState, four_dots
from sandwich.runtime import Runtime
from sandwich.store.replay import differences, replay, tables, verify
from tests.support.cast import Cast
from tests.support.counted import Counted, assert_counted
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

ONE_DAY = [{"start": "2026-12-03 13:30", "end": "2026-12-03 16:30"}]
SCHOOL_VISIT: dict[str, Any] = {
    "kind": "school-visit",
    "title": "Op bezoek bij de Groene Horst",
    "purpose": "other-school",
    "company": None,
    "hosts": ["L3"],
    "teachers": ["T1", "T2", "T3"],
    "others": {"chair": ["T3"]},
    "dates": [{"start": "2026-12-03 09:00", "end": "2026-12-03 15:30"}],
}
ALL_DOTS = dict.fromkeys((Demand.GOALS, Demand.TASK_DIVISION, Demand.SHARE, Demand.FEEDBACK), DotState.DONE)


async def play_out(runtime: Runtime, cast: Cast, until: str, says: dict[str, Any] | None = None, **draft: Any) -> Play:
    """Play an activity to its end and look whether it is whole."""
    play = await Counted.begin(runtime, cast, **{"hosts": [], "deputy": None, "trip_leader": None, **draft}, words=True)
    there = [(await play.participation(code)).id for code in draft["teachers"]]
    living = Living(play, {"session-log": {"present": there}, **(says or {})})
    await living.to(until)
    facts, activity = await play.facts(), await play.activity()
    gates = (await play.loaded()).playbook.gates
    lacks = [fact for gate in (gates.before, gates.during, gates.after) for fact in gate.hard if not facts.holds(fact)]
    assert (activity.status, lacks) == (ActivityStatus.FINISHED, []), play.steps
    assert four_dots(facts) == ALL_DOTS
    loaded = await play.loaded()
    states = {step.key: loaded.steps[step.key].state for step in loaded.playbook.steps}
    # What only comes where something is missing does not come.
    wanted = {step.key: StepState.SKIPPED if step.unless else StepState.DONE for step in loaded.playbook.steps}
    assert states == wanted
    assert await play.watched() == [], "nor is anything missed"
    assert activity.wake_at is None
    await assert_counted(play)
    async with runtime.store.read() as session:
        assert (await verify(session)).ok
        assert differences(await replay(session), await tables(session)) == []
    return play


async def test_a_guest_lesson(runtime: Runtime, cast: Cast) -> None:
    """The teacher writes the aim, the guest agrees, both look back; the guest's hours come from its own answer."""
    play = await play_out(
        runtime,
        cast,
        "2027-02-01 12:00",
        kind="guest-lesson",
        title="Een storing zoeken",
        purpose="occupations",
        hosts=["P3"],
        teachers=["T2"],
        dates=ONE_DAY,
    )
    assert play.sent("thank-you") == [("Fri 04 Dec 08:00", "P3")]
    assert (await play.facts()).hours_stated


async def test_a_hybrid_teacher_intake(runtime: Runtime, cast: Cast) -> None:
    """Nobody receives: the professional tells what is possible, there is a talk, and a next step is agreed."""
    play = await play_out(
        runtime,
        cast,
        "2027-03-15 12:00",
        kind="hybrid-intake",
        title="Lesgeven naast het werk",
        purpose="relation",
        company=None,
        teachers=["T1"],
        others={"professional": ["P1"]},
        dates=ONE_DAY,
    )
    assert [mail for _, mail in play.to_person("P1")][:2] == ["ask", "practical-info"]
    assert any("teaching" not in text and "lesgeven" in text for mail, to, text in play.letters if to == "P1")


async def test_a_masterclass_in_two_parts(runtime: Runtime, cast: Cast) -> None:
    """Attendance, notes and a pulse for each half-day; what the pulse says reaches the expert before the next."""
    play = await play_out(
        runtime,
        cast,
        "2027-03-15 12:00",
        {"field-note pulse": {"question_next": "Hoe stel je de laser in?"}, "follow-up": {"next": ["nothing"]}},
        kind="masterclass",
        title="Lasersnijden bij Verhoeven",
        purpose="knowledge",
        company="B1",
        hosts=["P1"],
        teachers=["T1", "T2", "T4", "T7"],
        trip_leader="T1",
        place="Walsweg 4",
        dates=ONE_DAY,
        meetings=[{"start": "2026-12-10 13:30", "end": "2026-12-10 16:30"}],
    )
    assert [at for at, _ in play.sent("attendance")] == ["Thu 03 Dec 08:00", "Thu 10 Dec 08:00"]
    [pulse] = [text for mail, to, text in play.letters if to == "P1" and "Hoe stel je de laser in?" in text]
    assert "Bensalem" not in pulse


@pytest.mark.parametrize("variant", ["inspiration", "visitation"])
async def test_a_school_visit(runtime: Runtime, cast: Cast, variant: str) -> None:
    """The school asks its question, the chair writes the feedback from what the visitors noted."""
    play = await play_out(
        runtime,
        cast,
        "2027-03-15 12:00",
        {
            "visit-question": {"question_1": "Hoe houden wij leerlingen aan het werk?"},
            "viewing-framework": {"my_question": "question_1", "see": "Iedereen was na vijf minuten bezig."},
        },
        **SCHOOL_VISIT,
        variant=variant,
    )
    [written] = [
        text for mail, to, text in play.letters if to == "L3" and "Iedereen was na vijf minuten bezig." in text
    ]
    assert "Dit schreven de bezoekers voor u." in written


async def test_a_teacher_design_team(runtime: Runtime, cast: Cast) -> None:
    """Six meetings: a plan that all agree with, minutes in turn, a trial lesson and a product to share."""
    play = await play_out(
        runtime,
        cast,
        "2027-12-15 12:00",
        {"impressions": {"scope": "region"}},
        kind="teacher-design-team",
        title="Lesmateriaal over warmtepompen",
        purpose="make-material",
        company="B2",
        hosts=["P3"],
        teachers=["T1", "T4", "T7"],
        others={"coach": ["D1"], "reviewer": ["T2"], "professional": ["P1"]},
        dates=ONE_DAY,
    )
    loaded = await play.loaded()
    assert len(loaded.moments) == 6
    minutes = [item for item in await play.invitations() if item.form == "session-log"]
    assert len({item.participation_id for item in minutes}) == 3


@pytest.mark.parametrize("variant", ["exploratory", "investigating", "deepening", "mbo-colleague"])
async def test_a_teacher_internship(runtime: Runtime, cast: Cast, variant: str) -> None:
    """No request before the school approves; a plan that teacher and mentor agree, a log every day, a product."""
    play = await play_out(
        runtime,
        cast,
        "2027-06-15 12:00",
        {"internship-plan": {"variant": variant}},
        kind="teacher-internship",
        variant=variant,
        title="Meelopen bij Korteweg",
        purpose="knowledge",
        teachers=["T2"],
        hosts=["P3"],
        place="Spantlaan 12",
        others={"mentor": ["P1"], "reviewer": ["T7"]},
        dates=[{"start": "2026-12-07 08:00", "end": "2026-12-07 16:30"}],
    )
    order = [key for _, key in play.steps]
    assert order.index("release") < order.index("request")
    days = len((await play.loaded()).moments)
    assert len([item for item in await play.invitations("T2") if item.step.startswith("day-log")]) == days


PEOPLE = {"professional": ["P1", "P3", "P5", "P6", "P7", "P4"]}
EVENING = [{"start": "2027-02-04 15:30", "end": "2027-02-04 17:30"}]
TEACHERS = ["T1", "T2", "T3", "T4", "T6", "T7"]


async def test_speeddates(runtime: Runtime, cast: Cast) -> None:
    """Everybody meets everybody, and who both want to go on talking get each other's addresses."""
    play = await play_out(
        runtime,
        cast,
        "2027-06-15 12:00",
        kind="speeddates",
        title="Speeddates techniek",
        purpose="relation",
        company=None,
        hosts=["L1"],
        teachers=TEACHERS,
        trip_leader="T1",
        others=PEOPLE,
        place="Aula",
        dates=EVENING,
    )
    cards = [item for item in await play.invitations("T1") if item.form == "round-card"]
    assert sorted(item.occurrence for item in cards) == [1, 2, 3, 4, 5, 6]
    assert len((await play.loaded()).pairs) == 36
    told = [to for mail, to, text in play.letters if mail == "matches"]
    assert {to: told.count(to) for to in {*TEACHERS, *PEOPLE["professional"]} - {"P4"}} == dict.fromkeys(
        {*TEACHERS, *PEOPLE["professional"]} - {"P4"}, 6
    )
    assert "P4" not in told  # who reads no mail is phoned


COHORT = {"professional": ["P1", "P3", "P6"], "employer": ["P5"]}


async def test_job_twinning(runtime: Runtime, cast: Cast) -> None:
    """A cohort is matched, every pair that says yes goes its own way, and the cohort ends when all have shared."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Person, cast.id("P5"))).company_id = cast.person("P1").company_id
    whole = await Counted.begin(
        runtime,
        cast,
        words=True,
        kind="job-twinning",
        title="Job Twinning 2027",
        purpose="relation",
        company=None,
        hosts=[],
        deputy=None,
        teachers=["T1", "T2", "T3"],
        trip_leader=None,
        others=COHORT,
        place="Aula",
        dates=[{"start": "2027-01-14 15:30", "end": "2027-01-14 17:30"}],
    )
    living = Living(whole, {"twinning-intake": {"days__monday__half_days": ["morning", "afternoon"]}})
    await living.to("2027-01-14 15:00")
    pairs = (await whole.loaded()).in_pairs(PairState.MADE)
    assert len(pairs) == 3
    assert all(pair.score is not None and len(pair.reasons) == 5 for pair in pairs)
    assert (await whole.facts()).gate_before
    await living.to("2027-01-14 18:00")
    [asked] = [text for mail, to, text in whole.letters if (mail, to) == ("release", "P5")]
    assert "wil uw medewerker" in asked
    named = {code for code, person in cast.people.items() if person.family_name and cast.name(code) in asked}
    assert named == {"P5", "P1", "C1"}, "the reader, the own employee, and whom to phone; no teacher"
    parts = await whole.parts()
    assert len(parts) == 3
    living.also = parts
    await living.to("2027-08-30 12:00")
    for part in parts:
        assert (await part.activity()).status is ActivityStatus.FINISHED, (part.steps, await part.facts())
        assert await part.watched() == []
        assert four_dots(await part.facts()) == ALL_DOTS
        await assert_counted(part)
    assert (await whole.activity()).status is ActivityStatus.FINISHED
    assert await whole.watched() == []
    assert four_dots(await whole.facts()) == ALL_DOTS
    assert (await whole.facts()).holds("parts_shared")
    await assert_counted(whole)
