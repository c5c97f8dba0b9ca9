"""What the ten test vectors are played with: the internship A3, and an evening of short talks A4."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from models.roles import Role
from sandwich.definitions.playbooks import load_playbooks
from sandwich.rules.evening import Round
from sandwich.runtime import Runtime
from sandwich.services.round_plans import read_plans, rounds_of
from tests.support.cast import Cast
from tests.support.driver import Play, local
from tests.support.living import Living

A3: dict[str, Any] = {
    "kind": "teacher-internship",
    "variant": "exploratory",
    "title": "Meelopen bij Autoservice De Sluis",
    "purpose": "knowledge",
    "company": "B4",
    "hosts": ["P4"],
    "teachers": ["T3"],
    "trip_leader": None,
    "others": {"mentor": ["P4"]},
    "place": "Sluiskade 7",
    "dates": [{"start": "2027-02-01 08:30", "end": "2027-02-01 16:30"}],
    "meetings": [{"start": f"2027-02-0{day} 08:30", "end": f"2027-02-0{day} 16:30"} for day in (2, 3, 4, 5)],
}

SIX_WEEKS_BEFORE = """
key: weeks-before
version: 1
title: {nl: "Meelopen", en: "Walking along"}
about: {nl: "Eén docent loopt mee.", en: "One teacher walks along."}
borrows: company-visit
purposes: [knowledge]
parameters:
  lead_weeks: 10
  hours: 8
  group: {minimum: 1, maximum: 2}
  evaluation_window: E+21d
gates:
  before:
    code: G1
    title: {nl: "Klaar", en: "Ready"}
    hard: [date_fixed, task_division_settled]
  during:
    code: G2
    title: {nl: "Geweest", en: "Has been"}
    hard: [last_moment_over]
  after:
    code: G3
    title: {nl: "Rond", en: "Complete"}
    hard: [evaluation_closed, shared, fed_back]
steps:
  - like: request
    at: T-10w
  - like: date
    at: T-9w
    watches: []
  - like: goals
    at: T-6w
    watches: []
  - key: read-up
    stage: before
    title: {nl: "Inlezen", en: "Read up"}
    at: T-5w
    needs: [date_fixed]
    tells:
      - to: [teacher]
        mail: tell
        say: &say
          subject: {nl: "lees je in", en: "read up"}
          text: {nl: "Lees je in.", en: "Read up."}
  - key: talk
    stage: before
    title: {nl: "Gesprek", en: "Talk"}
    at: T-4w
    needs: [date_fixed]
    tells:
      - {to: [teacher], mail: tell, say: *say}
  - like: task-division
    at: T-3w
  - like: evaluation
  - like: impressions
  - like: host-preview
  - like: publish
  - like: feedback
"""
"""A kind with something for the teacher six, five and four weeks before, as A3 has in the design's demo."""

EVENING: dict[str, Any] = {
    "kind": "speeddates",
    "title": "Techniek-avond De Grienden",
    "purpose": "relation",
    "company": None,
    "hosts": ["L1"],
    "deputy": None,
    "teachers": [f"T{number}" for number in range(1, 11)],
    "trip_leader": "T1",
    "place": "Aula",
    "dates": [{"start": "2027-01-21 16:00", "end": "2027-01-21 18:30"}],
}
SEVEN = ["P1", "P2", "P3", "P4", "P5", "P6", "P7"]


def with_weeks_before(runtime: Runtime, folder: Path) -> Runtime:
    """Return an installation that has the kind with steps six, five and four weeks before too."""
    (folder / "weeks-before.yaml").write_text(SIX_WEEKS_BEFORE, encoding="utf-8")
    library = replace(runtime.library, playbooks=load_playbooks(runtime.library, [folder]))
    return Runtime(runtime.settings, runtime.store, runtime.clock, library)


async def evening(
    runtime: Runtime, cast: Cast, professionals: list[Any], wants: dict[str, list[int]] | None = None
) -> Play:
    """Play an evening up to its afternoon; ``wants`` are the first three choices of teachers, as places in the list."""
    await runtime.clock.set(local("2026-11-04 12:00"))
    play = await Play.begin(runtime, cast, **{**EVENING, "others": {"professional": professionals}})
    living = Living(play, silent=("round-card", *(("speeddate-preferences",) if wants else ())))
    await living.to("2026-12-24 12:00")
    if wants:
        people = [item.id for item in (await play.loaded()).in_role(Role.PROFESSIONAL)]
        for code, places in wants.items():
            ranks = zip(places, ("first", "second", "third"), strict=True)
            said = {f"prefs__{people[place]}__rank": rank for place, rank in ranks}
            said["attend"] = "coming"
            await play.answer(code, "speeddate-preferences", turn=False, **said)  # type: ignore[arg-type]
    living.silent = ("round-card",)
    await living.to("2027-01-21 15:30")
    return play


async def rounds(play: Play) -> tuple[Round, ...]:
    """Return the rounds as they are planned now."""
    async with play.runtime.store.read() as session:
        plan = (await read_plans(session, [play.activity_id]))[play.activity_id]
    return tuple(rounds_of(plan))


def tables(one: Round) -> list[int]:
    """Return how many teachers sit at each table of a round, the fullest first."""
    return sorted((len(talk.teachers) for talk in one.talks), reverse=True)
