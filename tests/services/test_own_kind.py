"""A school writes playbooks and forms of its own, for kinds that no programmer ever heard of, and they are played."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.tables.activities import ActivityStatus, Standing, StepState
from models.tables.pairing import PairState
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rules.dots import DotState, four_dots
from sandwich.runtime import Runtime
from sandwich.services.asking import asked_form
from sandwich.services.round_plans import read_plans, talks_of
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]

LUNCH = """\
# An alumni lunch: former pupils who now have a trade come back to their school, eat with its teachers in short rounds,
# and tell how it goes. T is the start of the lunch, E its end.
key: alumni-lunch
version: 1
borrows: company-visit
title: {nl: "Alumnilunch", en: "Alumni lunch"}
about:
  nl: Oud-leerlingen vertellen tijdens een lunch over hun vak.
  en: Former pupils tell about their trade at lunch.
purposes: [relation, occupations]
best_for: [occupations]
leads_to:
  - kind: guest-lesson
    offer: {nl: "Vraag een oud-leerling voor een gastles.", en: "Ask a former pupil for a guest lesson."}
parameters:
  lead_weeks: 5
  hours: 1.5
  host: nobody
  group: {minimum: 2, maximum: 12}
  professionals: {minimum: 2, maximum: 12}
  rounds: {minutes: 15, change: 5, together: 1, at_most: 80, rounds: 1}
  evaluation_window: E+10d

facts:
  - key: tables_agreed
    lacks: {nl: "een oud-leerling heeft de afspraken niet gelezen", en: "a former pupil has not read the agreements"}
    step: agreements
    question: agree
    answers: [agreed]
    enough: most

gates:
  before:
    code: G1
    title: {nl: "De tafels zijn gedekt", en: "The tables are laid"}
    hard: [date_fixed, professionals_enough, rounds_fit, group_goal, task_division_settled, tables_agreed]
  during:
    code: G2
    title: {nl: "De lunch is geweest", en: "The lunch has been"}
    hard: [last_moment_over]
  after:
    code: G3
    title: {nl: "Rond", en: "Complete"}
    hard: [evaluation_closed, shared, fed_back]

steps:
  - key: alumni
    stage: before
    title: {nl: "Oud-leerlingen uitnodigen", en: "Invite former pupils"}
    at: T-5w
    does: fix-date
    asks:
      - to: professional
        mail: ask
        form: registration
        remind: hosts
        deadline: T-4w
        say:
          subject: {nl: "komt u lunchen op uw oude school?", en: "will you come for lunch at your old school?"}
          text: {nl: "Op {day} eten wij met oud-leerlingen.", en: "On {day} we have lunch with former pupils."}
  - key: teachers
    stage: before
    title: {nl: "Naast wie wil je zitten, en waarom?", en: "Beside whom do you want to sit, and why?"}
    demand: goals
    at: T-4w
    asks:
      - to: teacher
        mail: ask
        form: lunch-wishes
        remind: teachers
        deadline: T-3w
        say:
          subject: {nl: "naast wie wil je zitten?", en: "beside whom do you want to sit?"}
          text: {nl: "Op {day} eten wij met oud-leerlingen.", en: "On {day} we have lunch with former pupils."}
  - key: agreements
    stage: before
    title: {nl: "Afspraken", en: "Agreements"}
    demand: task_division
    at: T-2w
    asks:
      - to: professional
        among: registered
        mail: ask
        form: plan-consent
        remind: tight
        deadline: T-1w
        say:
          subject: {nl: "zo gaat de lunch", en: "how the lunch goes"}
          text: {nl: "Eén tafel, één gesprek.", en: "One table, one talk."}
  - key: tables
    stage: before
    title: {nl: "Wie eet met wie", en: "Who eats with whom"}
    at: T-1wd
    rhythm: routine
    needs: [gate_before]
    does: make-rounds
    tells:
      - {to: [teacher, professional], mail: rounds}
"""

AFTER = """\
  - key: evaluation
    stage: after
    title: {nl: "Terugkijken", en: "Looking back"}
    demand: evaluation
    at: E+2wd
    asks:
      - {to: teacher, mail: evaluation, form: teacher-evaluation, variant: short, remind: afterwards, deadline: E+10d}
  - like: impressions
    asks:
      - {to: teacher, mail: impressions, form: impressions, variant: short, remind: afterwards, deadline: E+9d}
    watches: []
  - like: host-preview
    at: E+6d
    asks:
      - {to: professional, mail: host-preview, form: card-release, remind: none, deadline: host-preview+3wd}
  - like: publish
    at: host-preview+3wd
  - like: feedback
    at: E+15d
    tells:
      - {to: [professional], mail: feedback-host}
      - {to: [teacher], mail: feedback-participant}
"""

FOLLOW_UP = """\
  - key: follow-up
    stage: after
    title: {nl: "Meer?", en: "More?"}
    at: E+3w
    asks:
      - to: teacher
        mail: ask
        form: follow-up
        remind: none
        say:
          subject: {nl: "wil je meer?", en: "do you want more?"}
          text: {nl: "Het was gezellig. En nu?", en: "It was nice. What now?"}
"""

WISHES = """\
key: lunch-wishes
code: E01
version: 1
audience: teacher
minutes: 2
title: {nl: "Aan welke tafel?", en: "At which table?"}
intro: {nl: "Twee vragen over de lunch.", en: "Two questions about the lunch."}
questions:
  - key: attend
    label: {nl: "Eet je mee?", en: "Will you join us?"}
    type: single
    options:
      - {key: coming, label: {nl: "Ja", en: "Yes"}}
      - {key: absent, label: {nl: "Nee", en: "No"}}
      - {key: later, label: {nl: "Weet ik nog niet", en: "I do not know yet"}}
    required: true
    missing: {nl: "Kies of je mee-eet.", en: "Choose whether you join."}
    visibility: activity
  - key: goal_1
    label: {nl: "Wat wil je horen?", en: "What do you want to hear?"}
    type: short
    shown_when: {question: attend, none_of: [absent]}
    required: true
    missing: {nl: "Schrijf één ding op.", en: "Write down one thing."}
    visibility: host
  - key: prefs
    label: {nl: "Naast wie?", en: "Beside whom?"}
    type: grid
    rows_from: professionals
    columns:
      - key: rank
        label: {nl: "Plek", en: "Place"}
        type: single
        options:
          - {key: first, label: {nl: "Liefst", en: "Most"}}
          - {key: second, label: {nl: "Ook goed", en: "Good too"}}
        distinct: true
    shown_when: {question: attend, none_of: [absent]}
    visibility: private
"""

BUDDIES = """\
# Buddies: a teacher and a professional who go together to one fair, after both said yes to each other.
key: buddies
version: 1
borrows: company-visit
title: {nl: "Maatjes", en: "Buddies"}
about: {nl: "Met een vakman naar de beurs.", en: "To the fair with somebody of the trade."}
purposes: [relation]
leads_to: []
parameters:
  lead_weeks: 5
  hours: 3
  host: nobody
  group: {minimum: 1, maximum: 12}
  evaluation_window: E+10d
  matching: {topics: 100, goals: 0, travel: 0, days: 0, minutes: 30}
facts: []
gates:
  before:
    code: G1
    title: {nl: "De maatjes zijn er", en: "The buddies are there"}
    hard: [date_fixed, pairs_made]
  during:
    code: G2
    title: {nl: "De beurs is geweest", en: "The fair has been"}
    hard: [last_moment_over]
  after:
    code: G3
    title: {nl: "Rond", en: "Complete"}
    hard: [evaluation_closed, shared, fed_back]
steps:
  - key: hobby
    stage: before
    title: {nl: "Wat kun je en wat wil je?", en: "What can you do and what do you want?"}
    demand: goals
    also: task_division
    at: T-5w
    does: fix-date
    asks:
      - &ask
        to: teacher
        mail: ask
        form: buddy-intake
        remind: teachers
        deadline: T-4w
        say:
          subject: {nl: "zoek je een maatje?", en: "are you looking for a buddy?"}
          text: {nl: "Zeg wat je kunt.", en: "Say what you can do."}
      - {<<: *ask, to: professional, remind: hosts}
  - key: match
    stage: before
    title: {nl: "Maatjes zoeken", en: "Find buddies"}
    at: T-3w
    rhythm: routine
    does: propose-pairs
  - key: offer
    stage: before
    title: {nl: "Ja of nee", en: "Yes or no"}
    at: T-2w
    needs: [pairs_proposed]
    does: offer-pairs
    asks:
      - {to: teacher, among: offered, mail: pair-proposal, form: pair-proposal, remind: tight, deadline: offer+4wd}
      - {to: professional, among: offered, mail: pair-proposal, form: pair-proposal, remind: tight, deadline: offer+4wd}
"""

INTAKE = """\
key: buddy-intake
code: E02
version: 1
audience: anyone
minutes: 2
title: {nl: "Jij als maatje", en: "You as a buddy"}
intro: {nl: "Twee vragen.", en: "Two questions."}
questions:
  - key: topics_give
    label: {nl: "Wat kun je laten zien?", en: "What can you show?"}
    type: multi
    options: &topics
      - {key: honey, label: {nl: "Honing slingeren", en: "Spinning honey"}}
      - {key: bells, label: {nl: "Klokken gieten", en: "Casting bells"}}
    required: true
    missing: {nl: "Kies er een.", en: "Choose one."}
    visibility: released
    released_by: share_profile
  - key: topics_get
    label: {nl: "Wat wil je zien?", en: "What do you want to see?"}
    type: multi
    options: *topics
    required: true
    missing: {nl: "Kies er een.", en: "Choose one."}
    visibility: released
    released_by: share_profile
  - key: days
    label: {nl: "Wanneer kun je?", en: "When can you?"}
    type: grid
    rows:
      - {key: saturday, label: {nl: "Zaterdag", en: "Saturday"}}
    columns:
      - key: half_days
        label: {nl: "Dagdelen", en: "Half-days"}
        type: multi
        options:
          - {key: morning, label: {nl: "ochtend", en: "morning"}}
    required: true
    missing: {nl: "Kies er een.", en: "Choose one."}
    visibility: private
  - key: share_profile
    label: {nl: "Mag je maatje dit lezen?", en: "May your buddy read this?"}
    type: yesno
    required: true
    missing: {nl: "Kies ja of nee.", en: "Choose yes or no."}
    visibility: private
"""


def installed(runtime: Runtime, folder: Path) -> Runtime:
    """Return the installation of a school that keeps playbooks and forms of its own in a folder."""
    forms = folder / "forms"
    forms.mkdir()
    for name, text in {"lunch-wishes": WISHES, "buddy-intake": INTAKE}.items():
        (forms / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, text in {"alumni-lunch": LUNCH + AFTER + FOLLOW_UP, "buddies": BUDDIES + AFTER}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    library = Library.load([forms])
    return replace(runtime, library=replace(library, playbooks=load_playbooks(library, [folder])))


async def begun(own: Runtime, cast: Cast, **changes: Any) -> Play:
    """Begin an activity that no company receives, of teachers and professionals alone."""
    nobody: dict[str, Any] = {"company": None, "hosts": [], "deputy": None, "trip_leader": None}
    return await Play.begin(own, cast, words=True, **nobody, **changes)


async def test_an_alumni_lunch_needs_a_file_and_no_code(runtime: Runtime, cast: Cast, tmp_path: Path) -> None:
    """Its own form asks who comes and beside whom; the only round then is what the teachers want most."""
    own = installed(runtime, tmp_path)
    play = await begun(
        own,
        cast,
        kind="alumni-lunch",
        title="Lunch met oud-leerlingen",
        purpose="occupations",
        teachers=["T1", "T2", "T4", "T7"],
        others={"professional": ["P1", "P3", "P6"]},
        dates=[{"start": "2026-12-03 12:00", "end": "2026-12-03 13:30"}],
    )
    living = Living(play, {"follow-up": {"next": ["guest-lesson"]}}, silent=["lunch-wishes"])
    await living.to("2026-11-05 12:00")
    wishes = {"T1": "P6", "T2": "P1", "T7": "P3"}
    for teacher, professional in wishes.items():
        first = {f"prefs__{professional}__rank": "first"}
        await play.answer(teacher, "lunch-wishes", attend="coming", goal_1=f"Doel van {teacher}", **first)
    await play.answer("T4", "lunch-wishes", attend="absent")
    assert (await play.participation("T4")).standing is Standing.DECLINED
    await living.to("2027-03-01 12:00")

    async with runtime.store.read() as session:
        plan = (await read_plans(session, [play.activity_id]))[play.activity_id]
    for teacher, professional in wishes.items():
        own_talks = talks_of(plan, (await play.participation(teacher)).id)
        assert [talk.others for talk in own_talks] == [((await play.participation(professional)).id,)]
    evaluation = await play.invitation("T2", "teacher-evaluation")
    rows = (await asked_form(own, evaluation.id, await play.now())).rows["goal_result"]
    assert [row.label.nl for row in rows] == ["Doel van T2"]

    activity, facts = await play.activity(), await play.facts()
    assert (activity.kind, activity.status) == ("alumni-lunch", ActivityStatus.FINISHED)
    assert set(four_dots(facts).values()) == {DotState.DONE}
    assert {step.state for step in (await play.loaded()).steps.values()} == {StepState.DONE}
    assert sum(to in {"T1", "T2", "T7"} for _, to in play.sent("rounds")) == 3
    assert any("Eén tafel, één gesprek." in text for mail, to, text in play.letters if to == "P3")
    assert [call.what for call in await play.calls() if call.what == "follow-up"] == ["follow-up"] * 3


async def test_a_kind_of_its_own_pairs_people_by_its_own_intake(runtime: Runtime, cast: Cast, tmp_path: Path) -> None:
    """Its own form asks what people give and want, with topics of its own; the best pairs are those that agree."""
    own = installed(runtime, tmp_path)
    play = await begun(
        own,
        cast,
        kind="buddies",
        title="Samen naar de beurs",
        purpose="relation",
        teachers=["T1", "T2"],
        others={"professional": ["P1", "P3"]},
        dates=[{"start": "2026-12-03 12:00", "end": "2026-12-03 15:00"}],
    )
    living = Living(play, silent=["buddy-intake"])
    await living.to("2026-10-30 12:00")
    honey, bells = (
        {"topics_give": ["honey"], "topics_get": ["bells"]},
        {"topics_give": ["bells"], "topics_get": ["honey"]},
    )
    for code, said in {"T1": honey, "T2": bells, "P1": honey, "P3": bells}.items():
        await play.answer(code, "buddy-intake", share_profile="yes", days__saturday__half_days=["morning"], **said)  # type: ignore[arg-type]
    await living.to("2026-11-20 12:00")

    codes = {item.id: item.person_id for item in (await play.loaded()).participations}
    pairs = (await play.loaded()).in_pairs(PairState.MADE)
    assert {(codes[pair.teacher_id], codes[pair.professional_id]) for pair in pairs} == {
        (cast.id("T1"), cast.id("P3")),
        (cast.id("T2"), cast.id("P1")),
    }
    [shown] = [text for mail, to, text in play.letters if (mail, to) == ("pair-proposal", "T1")]
    assert "Klokken gieten" in shown
    await living.to("2027-03-01 12:00")
    assert (await play.activity()).status is ActivityStatus.FINISHED
