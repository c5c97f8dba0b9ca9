"""Playbooks: what is wrong is told with file, line and remedy; the company visit has every row of the design."""

from pathlib import Path

import pytest

from models.playbook import Playbook
from models.roles import Demand, Stage
from sandwich.definitions.library import Library
from sandwich.definitions.mistakes import DefinitionError
from sandwich.definitions.playbooks import PLAYBOOKS, load_playbook, load_playbooks, shared_reminders
from tests.support.mistakes import told_in_both

GOOD = """\
key: walk
version: 1
title: {nl: Wandeling, en: Walk}
about: {nl: Samen lopen., en: Walk together.}
purposes: [trends]
parameters:
  lead_weeks: 2
  hours: 2
  group: {minimum: 2, maximum: 8}
  evaluation_window: E+7d
gates:
  before: {code: G1, title: {nl: Klaar, en: Ready}, hard: [date_fixed]}
  during: {code: G2, title: {nl: Geweest, en: Been}, hard: [last_moment_over]}
  after: {code: G3, title: {nl: Rond, en: Complete}, hard: [shared]}
steps:
  - key: goals
    stage: before
    title: {nl: Doelen, en: Goals}
    demand: goals
    at: T-2w
    needs: [date_fixed]
    asks:
      - {to: teacher, mail: goals, form: goals, remind: teachers, deadline: T-1w}
    watches:
      - {key: no-goal, at: T-1w, unless: group_goal, call: no-goal, title: {nl: Geen doel, en: No goal}}
  - key: division
    stage: before
    title: {nl: Taken, en: Tasks}
    demand: task_division
    at: T-2w
    does: propose-tasks
    proposal: {reception: host}
    asks:
      - {to: host_contact, mail: task-division, form: task-division, remind: hosts}
  - key: evaluation
    stage: after
    title: {nl: Terugkijken, en: Looking back}
    demand: evaluation
    at: E+2wd
    asks:
      - {to: teacher, mail: evaluation, form: teacher-evaluation, remind: afterwards}
  - key: share
    stage: after
    title: {nl: Delen, en: Share}
    demand: share
    at: E+1w
    does: publish-card
    tells:
      - {to: [colleagues], mail: new-card}
  - key: feedback
    stage: after
    title: {nl: Terugkoppeling, en: Feedback}
    demand: feedback
    at: share+1w
    tells:
      - {to: [host_contact], mail: feedback-host}
"""


@pytest.fixture(scope="module")
def library() -> Library:
    """The forms that come with Sandwich."""
    return Library.load(())


def write(folder: Path, text: str, name: str = "walk") -> Path:
    """Write a playbook."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def told(path: Path, library: Library) -> list[str]:
    """Return what the author of a playbook is told, without the folder."""
    with pytest.raises(DefinitionError) as caught:
        load_playbook(path, library)
    for mistake in caught.value.mistakes:
        assert mistake.file.endswith(path.name)
    return [told_in_both(mistake) for mistake in caught.value.mistakes]


def line_of(text: str, part: str) -> int:
    """Return the line on which something stands."""
    return text[: text.index(part)].count("\n") + 1


def test_a_good_playbook_is_loaded_with_the_shared_ladders(tmp_path: Path, library: Library) -> None:
    playbook = load_playbook(write(tmp_path, GOOD), library)
    assert [step.key for step in playbook.steps] == ["goals", "division", "evaluation", "share", "feedback"]
    assert [profile.key for profile in playbook.reminders] == [profile.key for profile in shared_reminders()]
    assert playbook.profile("teachers").reminders == (4, 8)


def test_a_ladder_of_ones_own_stands_instead_of_the_shared_one(tmp_path: Path, library: Library) -> None:
    own = "reminders:\n  - {key: teachers, code: R-own, unit: d, reminders: [2]}\n"
    playbook = load_playbook(write(tmp_path, GOOD + own), library)
    assert playbook.profile("teachers").reminders == (2,)
    assert playbook.profile("hosts").reminders == (5, 9)


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        (Demand.GOALS, "no step asks what the participants want to learn"),
        (Demand.TASK_DIVISION, "no step agrees who does what"),
        (Demand.EVALUATION, "no step evaluates"),
        (Demand.SHARE, "no step shares the impressions with the school"),
        (Demand.FEEDBACK, "no step gives feedback to those involved"),
    ],
)
def test_without_one_of_the_five_necessary_steps_it_is_no_sandwich(
    tmp_path: Path, library: Library, demand: Demand, words: str
) -> None:
    text = GOOD.replace(f"    demand: {demand}\n", "")
    (sentence,) = told(write(tmp_path, text), library)
    assert words in sentence
    assert f"Give one step `demand: {demand}`" in sentence
    assert int(sentence.partition(":")[0]) >= 1


OWN = """\
facts:
  - {key: read, lacks: {nl: niemand las het, en: nobody read it}, step: goals, question: goal_1}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("key: read", "key: shared", 'fact "shared" exists already for every kind. Rename one.', id="key"),
        pytest.param(
            "step: goals, q",
            "step: goal, q",
            'fact "read" names the asking step "goal", which does not exist. Did you mean "goals"?',
            id="step",
        ),
        pytest.param(
            "question: goal_1",
            "question: gaol_1",
            'fact "read" names the question "gaol_1", which does not exist. Did you mean "goal_1"?',
            id="question",
        ),
        pytest.param(
            "question: goal_1",
            "question: name_ok, answers: [maybe]",
            'fact "read" names the answer "maybe", which does not exist.',
            id="answer",
        ),
        pytest.param(
            "    at: T-2w\n    needs: [date_fixed]",
            "    at: M-2w\n    needs: [date_fixed]",
            "step 'goals' counts from 'M', which needs each",
            id="moment of its own",
        ),
        pytest.param(
            "    at: T-2w\n    needs: [date_fixed]",
            "    at: N-2w\n    each: every\n    needs: [date_fixed]",
            "step 'goals' counts from N, but none comes after the last contact moment",
            id="next moment",
        ),
        pytest.param(
            "step: goals",
            "step: goals, in_parts: shared",
            "needs exactly one of step and in_parts",
            id="of a step and of parts",
        ),
    ],
)
def test_what_a_playbook_adds_is_checked(tmp_path: Path, library: Library, old: str, new: str, words: str) -> None:
    text = GOOD.replace("hard: [date_fixed]", "hard: [date_fixed, read]") + OWN
    load_playbook(write(tmp_path, text, "walk"), library)
    assert old in text
    sentences = told(write(tmp_path, text.replace(old, new)), library)
    assert any(words in sentence for sentence in sentences), sentences


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(
            "needs: [date_fixed]",
            "needs: [date_fixt]",
            'step "goals" names the fact "date_fixt", which does not exist. Did you mean "date_fixed"?',
            id="fact of a step",
        ),
        pytest.param(
            "hard: [shared]",
            "hard: [shard]",
            'gate G3 names the fact "shard", which does not exist. Did you mean "shared"?',
            id="fact of a gate",
        ),
        pytest.param(
            "unless: group_goal",
            "unless: group_goals",
            'step "goals" names the fact "group_goals", which does not exist.',
            id="fact of a watch",
        ),
        pytest.param(
            "form: goals",
            "form: gaols",
            'step "goals" names the form "gaols", which does not exist. Did you mean "goals"?',
            id="form",
        ),
        pytest.param(
            "mail: new-card",
            "mail: new-cart",
            'step "share" names the mail "new-cart", which does not exist. Did you mean "new-card"?',
            id="mail",
        ),
        pytest.param(
            "purposes: [trends]",
            "on_menu: guest-lesse\npurposes: [trends]",
            'the playbook names the line of a menu card "guest-lesse", which does not exist. Did you mean "guest-',
            id="line of a menu card",
        ),
        pytest.param(
            "remind: hosts",
            "remind: host",
            'step "division" names the ladder of reminders "host", which does not exist. Did you mean "hosts"?',
            id="ladder",
        ),
        pytest.param(
            "at: share+1w",
            "at: shares+1w",
            "step 'feedback' counts from 'shares', which is neither T, E nor a step",
            id="anchor",
        ),
        pytest.param(
            "deadline: T-1w",
            "deadline: begin+1w",
            "step 'goals' counts from 'begin', which is neither T, E nor a step",
            id="anchor of a deadline",
        ),
        pytest.param(
            "evaluation_window: E+7d",
            "evaluation_window: Ende+7d",
            "is no moment; write for instance T-6w, E+2wd, E 16:30 or host-preview+5wd",
            id="moment of a parameter",
        ),
        pytest.param(
            "at: E+2wd",
            "at: two days later",
            "is no moment; write for instance T-6w, E+2wd, E 16:30 or host-preview+5wd",
            id="moment",
        ),
        pytest.param(
            "does: publish-card",
            "does: publish-cards",
            "publish-cards",
            id="capability",
        ),
        pytest.param(
            "proposal: {reception: host}",
            "proposal: {receptoin: host}",
            'step "division" names the task "receptoin", which does not exist.',
            id="task of a proposal",
        ),
        pytest.param(
            "proposal: {reception: host}",
            "proposal: {reception: company}",
            'step "division" names the side "company", which does not exist.',
            id="side of a proposal",
        ),
        pytest.param("key: share\n", "key: goals\n", "step 'goals' stands twice", id="key twice"),
        pytest.param(
            "key: walk", "key: stroll", 'the key "stroll" is not the name of the file.', id="name of the file"
        ),
    ],
)
def test_a_mistake_is_told_with_line_and_remedy(
    tmp_path: Path, library: Library, old: str, new: str, words: str
) -> None:
    assert GOOD.count(old) >= 1
    text = GOOD.replace(old, new, 1)
    sentences = told(write(tmp_path, text), library)
    assert any(words in sentence for sentence in sentences), sentences
    if new.count(":") == 1 and "stands twice" not in words and "counts from" not in words:
        line = line_of(text, new)
        assert any(sentence.startswith(f"{line}: ") for sentence in sentences), sentences


def test_several_mistakes_are_told_at_once(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace("form: goals", "form: gaols").replace("mail: new-card", "mail: new-cart")
    assert len(told(write(tmp_path, text), library)) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("remind: hosts}", "remind: hosts, colour: red}"),
        ("to: host_contact, mail: task-division", "to: landlord, mail: task-division"),
        ("stage: after", "stage: afterwards"),
        ("group: {minimum: 2, maximum: 8}", "group: {minimum: none, maximum: 8}"),
        ("version: 1", "version: 0"),
        ("    does: propose-tasks\n", "    rhythm: weekly\n"),
    ],
)
def test_words_that_a_playbook_does_not_know_are_refused(tmp_path: Path, library: Library, old: str, new: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    assert told(write(tmp_path, text), library)


def test_a_kind_is_best_only_for_what_it_fits(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace("purposes: [trends]", "purposes: [trends]\nbest_for: [trends, knowledge]")
    assert told(write(tmp_path, text), library) == ["1: best_for names 'knowledge', which is not in purposes."]


def test_a_step_that_does_nothing_is_refused(tmp_path: Path, library: Library) -> None:
    text = GOOD.replace("    does: publish-card\n    tells:\n      - {to: [colleagues], mail: new-card}\n", "")
    assert any("this one would do nothing" in sentence for sentence in told(write(tmp_path, text), library))


def test_a_watch_that_does_nothing_or_two_things_is_refused(tmp_path: Path, library: Library) -> None:
    for call in ("", "call: no-goal, does: presume-present,"):
        text = GOOD.replace("call: no-goal,", call)
        assert any("exactly one of call and does" in sentence for sentence in told(write(tmp_path, text), library))


def test_a_folder_of_ones_own_adds_playbooks_and_takes_none_away(tmp_path: Path, library: Library) -> None:
    write(tmp_path, GOOD)
    assert set(load_playbooks(library, [tmp_path])) == {*load_playbooks(library), "walk"}
    write(tmp_path, GOOD.replace("key: walk", "key: company-visit"), "company-visit")
    with pytest.raises(DefinitionError, match='there is already a playbook "company-visit"'):
        load_playbooks(library, [tmp_path])


@pytest.mark.parametrize(
    "ladder",
    [
        "{key: odd, code: X, unit: d, reminders: [4, 2]}",
        "{key: odd, code: X, unit: d, reminders: [2, 2]}",
        "{key: odd, code: X, unit: d, reminders: [1, 2, 3]}",
        "{key: odd, code: X, unit: d, reminders: [0]}",
        "{key: odd, code: X, unit: d, reminders: [2], ends: 1, ending: call}",
        "{key: odd, code: X, unit: d, reminders: [2], ending: call}",
        "{key: odd, code: X, unit: d, reminders: [2], ends: 4}",
        "{key: odd, code: X, unit: month, reminders: [2]}",
    ],
)
def test_a_ladder_that_nobody_can_climb_is_refused(tmp_path: Path, library: Library, ladder: str) -> None:
    assert told(write(tmp_path, GOOD + f"reminders:\n  - {ladder}\n"), library)


VISIT = {
    # before
    "request": ("before", "T-6w", "host_contact date-poll company-profile"),
    "date": ("before", "T-5w", ""),
    "invitation": ("before", "T-5w", "teacher registration"),
    "release": ("before", "T-5w", "school_leader approval"),
    "goals": ("before", "T-4w", "teacher goals"),
    "task-division": ("before", "T-4w", "host_contact task-division"),
    "goals-to-host": ("before", "T-2w", "host_contact practical-information"),
    "practical-info": ("before", "T-1w", ""),
    "day-reminder": ("before", "T-1wd 09:00", ""),
    # during
    "attendance": ("during", "T 08:00", "trip_leader attendance"),
    "field-note": ("during", "E 16:30", "teacher field-note"),
    # after
    "thank-you": ("after", "E+1wd", ""),
    "evaluation": ("after", "E+2wd", "teacher teacher-evaluation host_contact host-evaluation host-hours"),
    "impressions": ("after", "E+5d", "teacher impressions"),
    "host-preview": ("after", "E+8wd", "host_contact card-release"),
    "publish": ("after", "host-preview+5wd", ""),
    "feedback": ("after", "E+15d", ""),
    "impact-check": ("after", "E+7w", "teacher impact-check"),
    "result-to-host": ("after", "impact-check+14d", ""),
}
"""Every row of the design's table of the company visit: slice, moment, who is asked what."""

TOLD = {
    "release": {"release-information": "timetabler"},
    "practical-info": {"practical-info": "teacher host_contact"},
    "day-reminder": {"day-reminder": "teacher host_contact"},
    "thank-you": {"thank-you": "host_contact mentor professional"},
    "publish": {"new-card": "colleagues"},
    "feedback": {
        "feedback-host": "host_contact",
        "feedback-participant": "teacher",
        "feedback-school-leader": "school_leader",
    },
    "result-to-host": {"result-to-host": "host_contact"},
}
"""Every mail that asks nothing, with who gets it."""

LADDERS = {
    "date-poll": "hosts",
    "registration": "teachers",
    "approval": "approval",
    "goals": "teachers",
    "task-division": "hosts",
    "practical-information": "tight",
    "attendance": "none",
    "field-note": "next-morning",
    "teacher-evaluation": "afterwards",
    "host-evaluation": "hosts",
    "impressions": "afterwards",
    "card-release": "none",
    "impact-check": "afterwards",
}


@pytest.fixture(scope="module")
def visit(library: Library) -> Playbook:
    """The playbook of a company visit."""
    return load_playbook(PLAYBOOKS / "company-visit.yaml", library)


def test_the_company_visit_has_every_row_of_the_design(visit: Playbook) -> None:
    found = {
        step.key: (
            step.stage.value,
            str(step.at),
            " ".join(word for ask in step.asks for word in (ask.to, ask.form, *ask.with_forms)),
        )
        for step in visit.steps
    }
    assert found == VISIT
    assert list(found) == list(VISIT)


def test_the_company_visit_tells_everybody_of_the_design(visit: Playbook) -> None:
    found = {step.key: {tell.mail: " ".join(tell.to) for tell in step.tells} for step in visit.steps if step.tells}
    assert found == TOLD


def test_the_company_visit_reminds_as_the_design_says(visit: Playbook) -> None:
    assert {ask.form: ask.remind for step in visit.steps for ask in step.asks} == LADDERS


def test_the_gates_and_demands_of_the_company_visit(visit: Playbook) -> None:
    gates = visit.gates
    assert set(gates.before.hard) == {
        "date_fixed",
        "place_known",
        "host_known",
        "task_division_settled",
        "number_known",
        "safety_known",
        "group_goal",
        "release_settled",
    }
    assert set(gates.during.hard) == {"last_moment_over", "attendance_known"}
    assert set(gates.after.hard) == {"evaluation_closed", "shared", "fed_back", "thanked", "hours_stated"}
    assert {step.demand: step.key for step in visit.steps if step.demand} == {
        Demand.GOALS: "goals",
        Demand.TASK_DIVISION: "task-division",
        Demand.EVALUATION: "evaluation",
        Demand.SHARE: "publish",
        Demand.FEEDBACK: "feedback",
    }
    assert [gates.behind(stage).code for stage in Stage] == ["G1", "G2", "G3"]


def test_the_watches_of_the_company_visit(visit: Playbook) -> None:
    watches = {
        watch.key: (str(watch.at), watch.unless, watch.call or watch.does)
        for step in visit.steps
        for watch in step.watches
    }
    assert watches == {
        "no-date": ("T-5w", "date_fixed", "no-date"),
        "too-few": ("T-3w", "minimum_group", "below-minimum"),
        "no-goal": ("T-2w", "group_goal", "no-goal"),
        "not-ready": ("T-5wd", "gate_before", "not-ready"),
        "presume": ("E+2wd", "attendance_known", "presume-present"),
        "no-impressions": ("E+12d", "one_impression", "no-impressions"),
    }


def test_the_shared_ladders_are_those_of_the_field() -> None:
    found = {
        profile.code: (profile.unit.value, profile.reminders, profile.ends, profile.ending.value)
        for profile in shared_reminders()
    }
    assert found == {
        "R-std": ("d", (4, 8), 11, "call"),
        "R-host": ("wd", (5, 9), 11, "call"),
        "R-tight": ("wd", (1, 2), 3, "call"),
        "R-after": ("d", (3, 8), 14, "close"),
        "R-approve": ("wd", (3, 6), 8, "call"),
        "R-next": ("wd", (1,), None, "nothing"),
        "R-none": ("d", (), None, "nothing"),
    }


def test_a_playbook_comes_back_from_the_store_as_it_was(visit: Playbook) -> None:
    assert Playbook.model_validate(visit.model_dump(mode="json", exclude_defaults=True)) == visit
    with pytest.raises(KeyError):
        visit.step("picnic")
    with pytest.raises(KeyError):
        visit.profile("daily")


NEGOTIATED = """\
    does: negotiate
    negotiates: {form: internship-plan, drafts: teacher, answers: mentor, agrees: [school_leader]}
    asks:
      - {to: teacher, mail: goals, form: internship-plan, remind: teachers}
      - {to: mentor, mail: goals, form: internship-plan, variant: mentor, remind: hosts}
      - {to: school_leader, mail: goals, form: internship-plan, variant: school-leader, remind: approval}
"""
PROPOSED_STEP = """\
    does: propose-tasks
    proposal: {reception: host}
    asks:
      - {to: host_contact, mail: task-division, form: task-division, remind: hosts}
"""


def test_a_step_says_between_whom_an_agreement_is_made(tmp_path: Path, library: Library) -> None:
    book = load_playbook(write(tmp_path, GOOD.replace(PROPOSED_STEP, NEGOTIATED)), library)
    step = book.step("division")
    assert step.agreement is not None
    assert (step.agreement.about, [role.value for role in step.agreement.parties]) == (
        "internship-plan",
        ["teacher", "mentor", "school_leader"],
    )
    assert [ask.to.value for ask in step.asks_at_once] == ["teacher"], "the others when it is their turn"
    proposed = load_playbook(write(tmp_path, GOOD), library).step("division")
    assert proposed.agreement is not None
    assert [role.value for role in proposed.agreement.parties] == ["coordinator", "host_contact"]
    assert [ask.to.value for ask in proposed.asks_at_once] == ["host_contact"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("answers: mentor", "answers: teacher", "negotiates names a role twice"),
        ("answers: mentor", "answers: reviewer", "negotiates names the role reviewer, which is not asked"),
        ("    does: negotiate\n", "", "does: negotiate and negotiates go together"),
        ("drafts: teacher", "drafts: school_leader", "negotiates names a role twice"),
        ("agrees: [school_leader]", "agrees: [coordinator]", "the coordinator can only be who drafts"),
        ("variant: mentor", "variant: intake-mentor", 'nobody can agree in the form "internship-plan"'),
        ("    does: negotiate\n", "    does: negotiate\n    each: every\n", "does not come again for each"),
    ],
)
def test_an_agreement_that_cannot_be_made_is_told(
    tmp_path: Path, library: Library, old: str, new: str, words: str
) -> None:
    text = GOOD.replace(PROPOSED_STEP, NEGOTIATED)
    assert old in text
    sentences = told(write(tmp_path, text.replace(old, new, 1)), library)
    assert any(words in sentence for sentence in sentences), sentences
