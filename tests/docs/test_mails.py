"""The table of mails says what is so: folders, codes, asks, readers and moments."""

import re
from pathlib import Path

import pytest

from models.text import Language
from sandwich.definitions.library import Library
from sandwich.mail.example import sample
from sandwich.mail.mails import BUNDLE, MAILS
from sandwich.mail.render import TEMPLATES, renderer
from sandwich.services.outbox import NeededIf

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mails.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| ([A-Z]\d\d|login|link|code|–) \|", line)
]
NAMES = [row[1].strip("`") for row in ROWS]


def test_every_mail_stands_there_once_with_its_code() -> None:
    assert sorted(NAMES) == sorted([*MAILS, BUNDLE])
    assert sorted(NAMES) == sorted(path.name for path in TEMPLATES.iterdir() if path.name != "_base")
    for row, name in zip(ROWS, NAMES, strict=True):
        assert row[0] == (MAILS[name].code if name in MAILS else "–")


def test_all_mails_of_the_field_are_there_and_each_has_a_picture() -> None:
    assert {f"M{number:02}" for number in range(1, 26)} <= {mail.code for mail in MAILS.values()}
    assert {path.stem for path in (TEMPLATES.parents[1] / "docs" / "mails").glob("*.png")} == {*MAILS, BUNDLE}


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_asks_are_those_of_the_subject_files(row: list[str]) -> None:
    name = row[1].strip("`")
    context = sample(name, "…", bare=name == "reminder")
    words = renderer("Europe/Amsterdam")

    assert row[2] == words.ask(name, Language.DUTCH, context)
    assert row[3] == words.ask(name, Language.ENGLISH, context)


def test_readers_and_moments_are_those_of_the_playbook(library: Library) -> None:
    told: dict[str, tuple[set[str], str]] = {}
    for step in library.playbook("company-visit").steps:
        when = f"step `{step.key}`, `{step.at}`"
        for ask in step.asks:
            told[ask.mail] = ({ask.to.value}, when)
        for tell in step.tells:
            told[tell.mail] = ({role.value for role in tell.to}, when)
    for row, name in zip(ROWS, NAMES, strict=True):
        if name in told:
            assert set(re.findall(r"`(\w+)`", row[4])) == told[name][0], name
            assert row[5] == told[name][1], name
    assert set(told) <= set(NAMES)


def test_every_condition_and_every_reason_is_explained() -> None:
    for condition in NeededIf:
        assert f"`{condition.value}`" in PAGE
    reasons = set()
    for path in (Path(__file__).resolve().parents[2] / "sandwich" / "mail").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        reasons |= set(re.findall(r'Verdict\(False, "([a-z-]+)"', source))
        reasons |= set(re.findall(r'postpone\(session, messages, "([a-z-]+)"', source))
    assert reasons >= {"answered", "left", "erased", "not-worded"}
    for reason in reasons:
        assert f"`{reason}`" in PAGE, reason
