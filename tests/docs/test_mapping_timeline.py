"""``docs/mapping-timeline.md`` names every row of the field's timeline, and the step of the playbook that does it."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from models.playbook import Playbook
from sandwich.definitions.library import Library
from sandwich.mail.mails import MAILS
from sandwich.services.call_words import WORDS

PAGE = Path(__file__).parents[2] / "docs" / "mapping-timeline.md"

# The field's timeline of a company visit as it was specified, written down by hand: when, and the mails and forms.
FIELD = [
    ("-6w", ""),
    ("-6w", "M01 F25 F28"),
    ("-5w", ""),
    ("-5w", "M02"),
    ("-5w", "M03 F24"),
    ("-4w", "M04 F01"),
    ("-4w", "M05 F02 M06"),
    ("-2w", "M07 F03"),
    ("-1w", "M08"),
    ("-1wd", "M09"),
    ("T", "F32"),
    ("T", "F04 M10"),
    ("E+1wd", "M11"),
    ("E+2wd", "M12 F05 M13 F06 F26"),
    ("E+5d", "M14 F07"),
    ("E+8wd", "M15"),
    ("E+8wd", "M16 F21"),
    ("E+8wd", ""),
    ("E+15d", "M17"),
    ("E+7w", "M18 F08"),
    ("E+9w", "M19"),
]

ELSEWHERE = {"M06": "follows from the host's answer", "F21": "stands on the card's page"}
"""What the field names in a row and no step of the playbook sends or asks."""

ADDED = {"R01": "registration", "R02": "card-release"}
"""Forms of ours without a number in the field."""


class Row(NamedTuple):
    when: str
    what: str
    codes: list[str]
    step: str
    moment: str
    mails: list[str]
    forms: list[str]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _rows() -> list[Row]:
    lines = PAGE.read_text(encoding="utf-8").split("\n## ")[0].splitlines()
    table = [_cells(line) for line in lines if line.startswith("|")][2:]
    return [
        Row(
            when,
            what,
            re.findall(r"[MF]\d\d", codes),
            *(_names(step) or [""]),
            *(_names(moment) or [""]),
            *map(_names, rest),
        )
        for when, what, codes, step, moment, *rest in table
    ]


@pytest.fixture(scope="module")
def playbook(library: Library) -> Playbook:
    return library.playbook("company-visit")


def test_every_row_of_the_field_is_there_in_its_order() -> None:
    assert [(row.when, " ".join(row.codes)) for row in _rows()] == FIELD


def test_every_step_is_there_once_in_the_order_of_the_playbook(playbook: Playbook) -> None:
    steps = [row.step for row in _rows() if row.step]
    assert steps == [step.key for step in playbook.steps]
    assert not [name for name, times in Counter(steps).items() if times > 1]


def test_every_row_says_what_its_step_does(playbook: Playbook) -> None:
    for row in _rows():
        if not row.step:
            assert not row.mails
            continue
        step = playbook.step(row.step)
        asked = [form for ask in step.asks for form in (ask.form, *ask.with_forms)]
        sent = [ask.mail for ask in step.asks] + [tell.mail for tell in step.tells]
        assert (row.moment, row.mails, row.forms) == (str(step.at), sent, asked), row.step


def test_codes_of_the_field_are_those_of_mails_and_forms(library: Library) -> None:
    for row in _rows():
        here = {MAILS[mail].code for mail in row.mails} | {library.form(form).code for form in row.forms}
        ours = {code for code, form in ADDED.items() if form in row.forms}
        # The mail with which attendance is asked bears the number of its form: the field has no mail for it.
        assert here - ours == set(row.codes) - ELSEWHERE.keys(), row.what


def test_watches_named_below_exist(playbook: Playbook) -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Conditions")[1]
    named = re.findall(r"watch `([a-z-]+)` of `([a-z-]+)`", section)
    assert named
    there = {(watch.key, step.key) for step in playbook.steps for watch in step.watches}
    assert set(named) <= there
    assert there - set(named) == {("no-date", "date")}, "every other watch follows from a condition of the field"


def test_calls_named_below_have_words() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Conditions")[1]
    named = re.findall(r"call `([a-z-]+)`", section)
    assert named
    assert set(named) <= WORDS.keys()
