"""A school writes a playbook of its own, for a kind that no programmer ever heard of, and it is played to its end."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.tables.activities import ActivityStatus, StepState
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rules.dots import DotState, four_dots
from sandwich.runtime import Runtime
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story, pytest.mark.timeout(300)]

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
  rounds: {minutes: 15, change: 5, together: 1, at_most: 80, rounds: 4}
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
    title: {nl: "Docenten uitnodigen", en: "Invite teachers"}
    at: T-4w
    asks:
      - {to: teacher, mail: invitation, form: registration, remind: teachers, deadline: T-3w}
  - key: goals
    stage: before
    title: {nl: "Wat willen we horen?", en: "What do we want to hear?"}
    demand: goals
    at: T-3w
    asks:
      - {to: teacher, mail: goals, form: goals, remind: teachers, deadline: T-1w}
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
          text: {nl: "Vier tafels, vier gesprekken.", en: "Four tables, four talks."}
  - key: tables
    stage: before
    title: {nl: "Wie eet met wie", en: "Who eats with whom"}
    at: T-1wd
    rhythm: routine
    needs: [gate_before]
    does: make-rounds
    tells:
      - {to: [teacher, professional], mail: rounds}
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


async def test_an_alumni_lunch_needs_a_file_and_no_code(runtime: Runtime, cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "alumni-lunch.yaml").write_text(LUNCH, encoding="utf-8")
    library = Library.load()
    own = replace(runtime, library=replace(library, playbooks=load_playbooks(library, [tmp_path])))
    play = await Play.begin(
        own,
        cast,
        words=True,
        kind="alumni-lunch",
        title="Lunch met oud-leerlingen",
        purpose="occupations",
        company=None,
        hosts=[],
        deputy=None,
        teachers=["T1", "T2", "T7"],
        trip_leader=None,
        others={"professional": ["P1", "P3", "P6"]},
        dates=[{"start": "2026-12-03 12:00", "end": "2026-12-03 13:30"}],
    )
    await Living(play, {"follow-up": {"next": ["guest-lesson"]}}).to("2027-03-01 12:00")

    activity, facts = await play.activity(), await play.facts()
    assert (activity.kind, activity.status) == ("alumni-lunch", ActivityStatus.FINISHED)
    assert set(four_dots(facts).values()) == {DotState.DONE}
    assert {step.state for step in (await play.loaded()).steps.values()} == {StepState.DONE}
    assert sum(to in {"T1", "T2", "T7"} for _, to in play.sent("rounds")) == 3
    assert any("Vier tafels, vier gesprekken." in text for mail, to, text in play.letters if to == "P3")
    assert [call.what for call in await play.calls() if call.what == "follow-up"] == ["follow-up"] * 3
