"""A playbook that waits for what never comes, or writes to nobody, is refused with place and remedy."""

from pathlib import Path

import pytest

from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from tests.definitions.test_playbooks import GOOD, line_of, told, write

READY = "hard: [date_fixed]"
GOALS = "- {to: teacher, mail: goals, form: goals, remind: teachers, deadline: T-1w}"


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("number_known", "nobody is asked the question max_group"),
        ("release_settled", "nobody is asked the form approval"),
        ("attendance_known", "nobody is asked the form attendance or session-log"),
        ("pairs_made", "no step does offer-pairs or make-matches"),
        ("card_publishable", "no step does preview-card"),
    ],
)
def test_a_gate_that_waits_for_what_nothing_brings_about(
    tmp_path: Path, library: Library, fact: str, said: str
) -> None:
    text = GOOD.replace("form: task-division, ", "form: plan-consent, ").replace(
        "does: propose-tasks", "does: fix-date"
    )
    text = text.replace("    proposal: {reception: host}\n", "").replace(READY, f"hard: [date_fixed, {fact}]")
    [mistake] = told(write(tmp_path, text), library)
    assert mistake.startswith(f"{line_of(text, fact)}: ")
    assert f'gate G1 waits for "{fact}", and {said}.' in mistake
    assert f'remove "{fact}" here' in mistake


def test_a_question_that_only_another_variant_has_does_not_count(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace(READY, "hard: [date_fixed, number_known]")
    write(tmp_path, text)
    assert load_playbooks(library, [tmp_path])["walk"]
    other = text.replace("form: task-division, ", "form: task-division, variant: event, ").replace("reception", "room")
    [mistake] = told(write(tmp_path, other), library)
    assert "nobody is asked the question max_group" in mistake


def test_a_step_that_waits_for_what_nothing_brings_about(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace("    needs: [date_fixed]\n", "    needs: [date_fixed, one_impression]\n")
    [mistake] = told(write(tmp_path, text), library)
    assert 'step "goals" waits for "one_impression", and nobody is asked the form impressions.' in mistake


def test_a_mail_to_somebody_whom_the_kind_does_not_have(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace("- {to: [host_contact], mail: feedback-host}", "- {to: [coach], mail: feedback-participant}")
    [mistake] = told(write(tmp_path, text), library)
    assert mistake.startswith(f"{line_of(text, '{to: [coach]')}: ")
    assert 'step "feedback" writes to coach, and nobody has that role in this kind.' in mistake
    write(tmp_path, text.replace("[coach]", "[coach, teacher]"))
    assert load_playbooks(library, [tmp_path])["walk"]


def test_a_mail_to_a_role_that_does_not_exist(tmp_path: Path, library: Library) -> None:
    [mistake] = told(write(tmp_path, GOOD.replace("to: teacher, mail: goals", "to: janitor, mail: goals")), library)
    assert "janitor" in mistake
    assert "Did you mean" in mistake


def test_a_host_where_nobody_receives(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace("  lead_weeks: 2\n", "  lead_weeks: 2\n  host: nobody\n").replace(
        "- {to: host_contact, mail: task-division", "- {to: teacher, mail: task-division"
    )
    [mistake] = told(write(tmp_path, text), library)
    assert 'step "feedback" writes to host_contact, and nobody has that role in this kind.' in mistake


def test_partners_that_nobody_is_given(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace(GOALS, GOALS.replace("form: goals,", "form: goals, among: offered,"))
    [mistake] = told(write(tmp_path, text), library)
    assert 'step "goals" asks only who is offered, and no step does offer-pairs.' in mistake


def test_talks_that_nobody_has(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace(GOALS, GOALS.replace("form: goals,", "form: goals, each_talk: true,"))
    [mistake] = told(write(tmp_path, text), library)
    assert 'step "goals" asks something after each talk, and no step does make-rounds.' in mistake


def test_two_steps_that_count_from_each_other(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace("    at: E+1w\n    does: publish-card", "    at: feedback+1d\n    does: publish-card")
    first, second = told(write(tmp_path, text), library)
    assert 'step "share" counts from "feedback", which counts from this step: neither ever comes.' in first
    assert 'step "feedback" counts from "share"' in second
    assert "from T or E" in first


def test_a_question_to_who_takes_material_where_nothing_is_shared(tmp_path: Path, library: Library) -> None:
    ask = "      - {to: adopter, mail: impact-check, form: impact-check, variant: design-team, remind: teachers}\n"
    text = GOOD.replace("    asks:\n", f"    asks:\n{ask}", 1)
    write(tmp_path, text)
    assert load_playbooks(library, [tmp_path])["walk"]
    alone = text.replace("does: publish-card", "does: give-feedback").replace("hard: [shared]", "hard: [date_fixed]")
    mistakes = told(write(tmp_path, alone), library)
    [mistake] = [one for one in mistakes if "adopter" in one]
    assert "writes to adopter, and nobody has that role in this kind." in mistake
    assert "Add a step that shares the card" in mistake
