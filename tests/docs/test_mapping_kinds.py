"""``docs/mapping-kinds.md`` names every row of the field's timelines, and the steps of the playbooks that do it."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from models.playbook import Playbook
from models.steps import Step
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.services.call_words import WORDS

PAGE = (Path(__file__).parents[2] / "docs" / "mapping-kinds.md").read_text(encoding="utf-8")
LIBRARY = Library.load()
PLAYBOOKS = load_playbooks(LIBRARY)

# The field's timelines as they were specified, written down by hand: when, and the mails and forms.
FIELD = {
    "masterclass": [
        ("-8w", "M01 F25"),
        ("-7w", "F02"),
        ("-5w", "F01"),
        ("-3w", "F02"),
        ("-2w", ""),
        ("T", "F04"),
        ("between half-days", ""),
        ("E+2wd", "F05"),
        ("E+5d", "F07"),
        ("E+3w", ""),
        ("as a visit", ""),
    ],
    "teacher-internship": [
        ("-10w", "F01"),
        ("-10w", "M03 F24"),
        ("-9w", "M01 F28"),
        ("-7w", "F22"),
        ("-5w", "F22 F02"),
        ("-3w", ""),
        ("-1w", "M08 F03"),
        ("T", "F23"),
        ("halfway", "F23"),
        ("E", ""),
        ("E+1wd", "M11"),
        ("E+3d", "F05 F06 F26"),
        ("E+10d", "F07"),
        ("E+21d", "F19"),
        ("E+24d", "M17"),
        ("E+8w", "F08"),
        ("E+10w", "M19"),
    ],
    "job-twinning": [
        ("-8w", "M02 M01"),
        ("-6w", "F09"),
        ("-4w", ""),
        ("-3w", ""),
        ("-3w", "F24"),
        ("T", "F10"),
        ("Tk", "F11"),
        ("halfway", "F11"),
        ("E", "F05 F06"),
        ("E+7d", "F07"),
        ("E+14d", "M17"),
        ("E+8w", "F08"),
    ],
    "speeddates": [
        ("-11w", "M01"),
        ("-6w", "F13"),
        ("-4w", "M20"),
        ("-4w", "F12"),
        ("-3w", ""),
        ("-2w", "F02"),
        ("-1w", "M08"),
        ("-1wd", "M09"),
        ("T", "F14"),
        ("T end", "F14"),
        ("E+2wd", "F05 F06 F26"),
        ("E+5d", "F07"),
        ("E+10d", "M17"),
        ("E+6w", "F08"),
    ],
    "school-visit": [
        ("-6w", "M01 F25"),
        ("-5w", "F15"),
        ("-4w", "F01"),
        ("-4w", "F24"),
        ("-3w", "F02"),
        ("-2w", "F16"),
        ("-1w", "M08"),
        ("T", "F16"),
        ("T end", ""),
        ("E+5d", "F17"),
        ("E+3d", "F05 F06"),
        ("E+8d", "F07"),
        ("E+15d", "M17"),
        ("E+7w", "F08"),
    ],
    "teacher-design-team": [
        ("-8w", "M02"),
        ("-6w", "F24"),
        ("-4w", "F01"),
        ("-2w", "F02"),
        ("T1", "F18"),
        ("T2 … T5", "F33"),
        ("T3", "F19"),
        ("T4–T5", "F20"),
        ("T6", "F32"),
        ("E+3d", "F05 F06 F26"),
        ("E+7d", "F07"),
        ("E+21d", "M17"),
        ("E+12w", "F08"),
    ],
    "guest-lesson": [
        ("-4w", "M01"),
        ("-3w", "F29"),
        ("-1w", "M08"),
        ("E+1wd", "M11"),
        ("E+3d", "F29"),
        ("after", "M17"),
    ],
    "hybrid-intake": [
        ("start", "F31"),
        ("after the talk", ""),
    ],
}
COUNTS = {
    "masterclass": 10 + 1,  # and all that goes as in a visit
    "teacher-internship": 17,
    "job-twinning": 12,
    "speeddates": 14,
    "school-visit": 14,
    "teacher-design-team": 13,
    "guest-lesson": 6,
    "hybrid-intake": 2,
}
"""How many rows the field has for each kind; the last two are told in prose there."""

ELSEWHERE = {("teacher-internship", "F02")}
"""A form that a row of the field names and that another form of the row does here."""


CONDITIONS = {
    "masterclass": [
        "-7w: content talk; result typed in",
        "-3w: safety instruction and people per machine agreed, G1 hard",
        "-2w: preparation may be dropped",
        "between half-days: goes to the host before the next",
        "E+2wd: certificate only if present at four in five",
    ],
    "teacher-internship": [
        "-10w: no company at -8w → coordinator searches by tags",
        "-10w: no approval, no request to the company, hard",
        "-9w: refusal → next company on the list",
        "-5w: two rounds of counter-proposal, then a call with three",
        "-3w: cover arranged or not needed, G1 hard",
        "T: no log two days → friendly nudge only",
        "halfway: only from three days",
        "halfway: any no → coordinator the same day",
        "E+10d: no plan at E+14d → school leader informed",
        "E+24d: G3",
    ],
    "job-twinning": [
        "-4w: leftovers wait, or one trio",
        "-3w: one declines → rematch; two declines → coordinator phones",
        "T: both goals and the first two dates, G1 hard",
        "Tk: no meeting logged for four weeks → mail to the pair",
        "Tk: six weeks → coordinator phones",
        "halfway: rather stop → coordinator, no-fault ending",
        "E+14d: G3",
    ],
    "speeddates": [
        "-11w: invitations two and a half months before",
        "-6w: at -5w fewer than planned → widen the search",
        "-3w: rounds and size of groups fit, hard",
        "-1wd: no-show on the day → remaining rounds anew",
        "T: paper fallback",
        "T end: next day 10:00 once",
        "E+10d: G3",
        "E+6w: a match without follow-up → twinning or visit",
    ],
    "school-visit": [
        "-5w: question, G1 hard in mode visitation",
        "-1w: observed teachers agree, G1 hard",
        "E+5d: chair late at E+10d → coordinator",
        "E+8d: receiving school releases names and photos",
        "E+15d: G3; mutual visit = linked activity",
        "E+7w: go on together? → start a DOT",
    ],
    "teacher-design-team": [
        "-6w: hours agreed, hard",
        "-2w: soft if no company",
        "T1: plan accepted by all members, G1 hard",
        "T2 … T5: two absences in a row → coach phones",
        "T2 … T5: on schedule at most 2 → coach",
        "T4–T5: no trial at T5 → extend, or mark as not tested",
        "T6: product uploaded, G2",
        "E+21d: G3",
    ],
    "guest-lesson": [
        "-3w: preparation talk at least three weeks before",
    ],
    "hybrid-intake": [
        "start small: trial is a guest lesson",
    ],
}
"""What the field says in its column of conditions and escalations, in its order, with the row that it stands in."""


class Row(NamedTuple):
    when: str
    codes: str
    steps: list[str]
    moments: list[str]


def _section(kind: str) -> str:
    return next(part for part in PAGE.split("\n## ") if f"`playbooks/{kind}.yaml`." in part)


_BELOW = "\n### Conditions and escalations\n"


def rows_of(kind: str) -> list[Row]:
    lines = [line for line in _section(kind).split(_BELOW)[0].splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [
        Row(
            when,
            " ".join(re.findall(r"[MF]\d\d", codes)),
            re.findall(r"`([^`]+)`", steps),
            re.findall(r"`([^`]+)`", moments),
        )
        for when, _, codes, steps, moments in cells
    ]


def found(kind: str, name: str) -> tuple[Playbook, Step]:
    """Return a step of a kind, or of the kind that stands before it."""
    other, _, key = name.rpartition(":")
    playbook = PLAYBOOKS[other or kind]
    return playbook, playbook.step(key)


KINDS = sorted(FIELD)


def test_every_kind_has_its_section() -> None:
    assert {*FIELD, "company-visit", "twin-pair"} == set(PLAYBOOKS)
    assert {kind: len(rows) for kind, rows in FIELD.items()} == COUNTS


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_of_the_field_is_there_in_its_order(kind: str) -> None:
    assert [(row.when, row.codes) for row in rows_of(kind)] == FIELD[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_says_when_its_steps_come(kind: str) -> None:
    for row in rows_of(kind):
        assert row.steps
        assert row.moments == [str(found(kind, name)[1].at) for name in row.steps], row


@pytest.mark.parametrize("kind", KINDS)
def test_the_forms_of_a_row_are_asked_by_its_steps(kind: str) -> None:
    for row in rows_of(kind):
        asks = [ask for name in row.steps for ask in found(kind, name)[1].asks]
        asked = {LIBRARY.form(form).code for ask in asks for form in (ask.form, *ask.with_forms)}
        wanted = {code for code in row.codes.split() if code.startswith("F") and (kind, code) not in ELSEWHERE}
        assert wanted <= asked, row


def test_every_step_of_every_playbook_has_its_row() -> None:
    named: dict[str, set[str]] = {}
    for kind in KINDS:
        for row in rows_of(kind):
            for name in row.steps:
                playbook, step = found(kind, name)
                named.setdefault(playbook.key, set()).add(step.key)
    steps = {key: {step.key for step in book.steps} for key, book in PLAYBOOKS.items() if key != "company-visit"}
    assert named == steps


def conditions_of(kind: str) -> list[tuple[str, str]]:
    lines = [line for line in _section(kind).split(_BELOW)[1].splitlines() if line.startswith("| ")][1:]
    return [(field.strip(), here.strip()) for field, here in (line.strip("|").split("|") for line in lines)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_condition_of_the_field_is_there_in_its_order(kind: str) -> None:
    assert [field for field, _ in conditions_of(kind)] == CONDITIONS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_a_condition_is_there(kind: str) -> None:
    """Each names at least one thing that can be looked up: a step, a watch, a call, a fact of a gate, a kind."""
    for field, here in conditions_of(kind):
        looked_up = 0
        for part in here.split("; "):
            names = re.findall(r"`([^`]+)`", part)
            if part.startswith(("hard in", "soft in")):
                looked_up += _look_at_gate(kind, part, names)
            elif part.startswith("watch "):
                _, step = found(kind, names[1])
                assert names[0] in {one.key for one in step.watches}, part
                assert len(names) == 2 or names[2] == next(str(one.at) for one in step.watches if one.key == names[0])
                looked_up += 1
            elif part.startswith("step "):
                _, step = found(kind, names[0])
                assert {*names[1:]} <= {*step.needs, step.unless}, part
                assert "droppable" not in part or step.droppable
                looked_up += 1
            elif "call `" in part:
                assert {*names} <= WORDS.keys(), part
                looked_up += 1
            elif part.startswith("leads to "):
                assert {*names} <= {one.kind for one in PLAYBOOKS[kind].leads_to}, part
            elif part.startswith("the ask of "):
                assert names[1] in {ask.when for ask in found(kind, names[0])[1].asks}
                looked_up += 1
            elif part.startswith("the parameter "):
                assert getattr(PLAYBOOKS[kind].parameters, names[0]) is not None
            elif part.startswith("the ladder "):
                assert names[0] in {ask.remind for step in PLAYBOOKS[kind].steps for ask in step.asks}
                looked_up += 1
            elif names and names[0].startswith("sandwich "):
                looked_up += 1
        assert looked_up, field


def _look_at_gate(kind: str, part: str, names: list[str]) -> int:
    """Look for facts in a gate of the kind, or of its part; or among what a variant adds to the first gate."""
    first, *rest = names
    variant = next((one for one in PLAYBOOKS[kind].variants if one.key == first), None)
    if variant is not None:
        assert set(rest) <= {*variant.hard}
        return 1
    is_of_part = first.endswith(":")
    gates = PLAYBOOKS[first.removesuffix(":") if is_of_part else kind].gates
    facts, code = rest if is_of_part else names, re.findall(r"G\d", part)[0]
    gate = next(one for one in (gates.before, gates.during, gates.after) if one.code == code)
    assert facts
    assert {*facts} <= {*getattr(gate, part[:4])}, part
    return 1


def test_every_watch_of_a_kind_follows_from_a_condition() -> None:
    as_in_a_visit = {watch.key for step in PLAYBOOKS["company-visit"].steps for watch in step.watches}
    named = {
        (book.key, watch)
        for kind in KINDS
        for watch, name in re.findall(r"watch `([a-z-]+)` of `([a-z:-]+)`", _section(kind))
        for book in (found(kind, name)[0],)
    }
    there = {
        (key, watch.key)
        for key, book in PLAYBOOKS.items()
        for step in book.steps
        for watch in step.watches
        if watch.key not in as_in_a_visit
    }
    assert {one for one in named if one[1] not in as_in_a_visit} == there
