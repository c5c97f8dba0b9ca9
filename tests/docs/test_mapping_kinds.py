"""``docs/mapping-kinds.md`` names every row of the field's timelines, and the steps of the playbooks that do it."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from models.playbook import Playbook
from models.steps import Step
from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks

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


class Row(NamedTuple):
    when: str
    codes: str
    steps: list[str]
    moments: list[str]


def _section(kind: str) -> str:
    return next(part for part in PAGE.split("\n## ") if f"`playbooks/{kind}.yaml`." in part)


def rows_of(kind: str) -> list[Row]:
    lines = [line for line in _section(kind).splitlines() if line.startswith("| ")][1:]
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


@pytest.mark.parametrize("kind", KINDS)
def test_watches_and_facts_named_below_exist(kind: str) -> None:
    for watch, key in re.findall(r"watch `([a-z-]+)` of `([a-z-]+)`", _section(kind)):
        assert watch in {one.key for one in PLAYBOOKS[kind].step(key).watches}
