"""``docs/glossary.md`` maps every Dutch key of the field once, and every word of the code that people store."""

import re
from collections import Counter
from pathlib import Path

import pytest

from models.roles import Role
from models.tables.activities import ActivityStatus
from models.tables.asking import InvitationState
from sandwich.definitions.library import Library
from sandwich.labels import INVITATION, ROLE, STATUS

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"

# The keys of the field, written down by hand.
KINDS = "bezoek masterclass docentstage twinning speeddate schoolbezoek dot"
ACTIVITY = "concept aangevraagd voor tijdens na afgerond uitgesteld geannuleerd"
INVITED = (
    "gepland verstuurd geopend concept ingevuld herinnerd_1 herinnerd_2 geescaleerd telefonisch_ingevuld geweigerd "
    "tegenvoorstel vervallen kwijtgescholden vervangen teruggetrokken"
)
WORDS = (
    "activity kind playbook stage step gate participant host coordinator invitation form question answer submission "
    "agreement counter-proposal message outbox reminder call impression card board wall share page"
)


def _section(heading: str) -> str:
    return PAGE.read_text(encoding="utf-8").split(f"### {heading}\n")[1].split("\n##")[0]


def _rows(heading: str) -> list[list[str]]:
    lines = [line for line in _section(heading).splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(
    ("heading", "keys"), [("Kinds", KINDS), ("Status of an activity", ACTIVITY), ("State of an invitation", INVITED)]
)
def test_every_key_of_the_field_stands_once(heading: str, keys: str) -> None:
    counted = Counter(word for row in _rows(heading) for word in re.findall(r"`([^`]+)`", row[0]))
    assert {key: counted[key] for key in keys.split()} == dict.fromkeys(keys.split(), 1)


@pytest.mark.parametrize(
    ("heading", "states"),
    [("Status of an activity", ActivityStatus), ("State of an invitation", InvitationState), ("Roles", Role)],
)
def test_every_state_and_role_of_the_code_stands_once(heading: str, states: type) -> None:
    counted = Counter(word for row in _rows(heading) for word in re.findall(r"`([^`]+)`", row[1]))
    values = [str(state) for state in states]  # type: ignore[attr-defined]
    assert dict(counted) == dict.fromkeys(values, 1)


def test_kinds_that_have_a_playbook_bear_its_name(library: Library) -> None:
    rows = {re.findall(r"`([^`]+)`", row[1])[0]: row[2] for row in _rows("Kinds")}
    assert library.playbooks.keys() <= rows.keys()
    assert {kind for kind, remark in rows.items() if "no playbook" not in remark} == set(library.playbooks)


def test_every_form_and_every_variant_stands_once(library: Library) -> None:
    rows = {re.findall(r"`([^`]+)`", row[1])[0]: row[2] for row in _rows("Forms")}
    assert len(rows) == len(_rows("Forms"))
    assert rows == {form.key: form.code for form in library.forms.values()}
    counted = Counter(word for row in _rows("Variants of forms") for word in re.findall(r"`([^`]+)`", row[1]))
    variants = {variant for form in library.forms.values() for variant in form.variants}
    assert dict(counted) == dict.fromkeys(variants, 1)


def test_labels_that_people_see_are_the_words_of_the_field() -> None:
    status = {
        re.findall(r"`([^`]+)`", row[1])[0]: re.findall(r"`([^`]+)`", row[0])[0]
        for row in _rows("Status of an activity")
    }
    assert {state.value: label.nl for state, label in STATUS.items()} == status
    roles = {re.findall(r"`([^`]+)`", row[1])[0]: row[0] for row in _rows("Roles") if "`" in row[1]}
    for role, label in ROLE.items():
        assert label.nl in roles[role.value].split(", ") or label.nl == roles[role.value], role
    assert INVITATION.keys() == set(InvitationState)


def test_every_word_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8").split("## Dutch keys")[0]
    explained = " ".join(re.findall(r"^\| ([a-z ,-]+) \|", text, re.MULTILINE)).replace(",", "").split()
    assert set(WORDS.split()) <= set(explained), set(WORDS.split()) - set(explained)
