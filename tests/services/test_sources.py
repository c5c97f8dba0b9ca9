"""Forms are opened with what is known already: rows, options and answers that stand in them."""

from typing import Any

import pytest

from models.form import Audience
from models.roles import Role
from models.tables.activities import Participation
from models.tables.asking import Invitation, Via
from sandwich.definitions.library import Library
from sandwich.rules.conditions import is_filled
from sandwich.rules.form_fields import opened as opened_form
from sandwich.services.asking import AskedForm, asked_form
from sandwich.services.invite import keep_form
from tests.support.driver import Play

pytestmark = pytest.mark.asyncio


async def join(play: Play, code: str, role: Role) -> None:
    """Let somebody take part in one more role."""
    now, activity = await play.now(), await play.activity()
    async with play.runtime.store.change(now=now, actor=play.coordinator, stream=activity.id) as session:
        session.add(Participation(activity_id=activity.id, person_id=play.cast.id(code), role=role, added_at=now))


STEPS = {
    "task-division": "task-division",  # an agreement is that of its step
    "pair-plan": "impressions",  # any step that comes after the one that asks for goals
}
"""The steps that ask for a form; the other forms are asked by none of the playbook's."""


async def ask(play: Play, code: str, form: str, variant: str | None = None, occurrence: int = 1) -> Invitation:
    """Ask somebody a form that no step of this playbook asks."""
    now, activity = await play.now(), await play.activity()
    person = await play.participation(code)
    async with play.runtime.store.change(now=now, actor=play.coordinator, stream=activity.id) as session:
        invitation = Invitation(
            activity_id=activity.id,
            step=STEPS.get(form, "trial"),
            form=form,
            variant=variant,
            form_digest=await keep_form(session, play.runtime.library, form, variant),
            participation_id=person.id,
            occurrence=occurrence,
            mail="goals",
            asked_at=now,
            profile="none",
        )
        session.add(invitation)
    return invitation


async def opened(play: Play, code: str, form: str, variant: str | None = None, occurrence: int = 1) -> AskedForm:
    invitation = await ask(play, code, form, variant, occurrence)
    return await asked_form(play.runtime, invitation.id, await play.now())


def words(asked: AskedForm, question: str) -> dict[str, str]:
    return {row.key: row.label.nl for row in asked.rows.get(question, ())}


async def answer(
    play: Play, code: str, form: str, variant: str | None = None, occurrence: int = 1, **changes: Any
) -> None:
    await ask(play, code, form, variant, occurrence)
    await play.answer(code, form, occurrence=occurrence, **changes)


@pytest.mark.chapter("asked")
async def test_own_goals_come_from_whatever_form_they_were_written_in_last(play: Play) -> None:
    asked = await opened(play, "T3", "day-log")
    assert (words(asked, "goal_today"), asked.form.question("goal_today").options_from) == ({}, "own_goals")
    await answer(play, "T3", "twinning-intake", goal="Robots leren kennen")
    assert words(await opened(play, "T3", "teacher-evaluation", "twin"), "goal_result") == {
        "goal": "Robots leren kennen"
    }
    await play.answer("T3", "goals", goal_1="Prefab begrijpen", goal_2="Een les maken")
    assert words(await opened(play, "T3", "teacher-evaluation", occurrence=2), "goal_result") == {
        "goal_1": "Prefab begrijpen",
        "goal_2": "Een les maken",
    }
    await answer(play, "T3", "pair-plan", goal_teacher="Samen een opdracht maken", agreements=["none"])
    asked = await opened(play, "T3", "day-log", occurrence=2)
    assert words(asked, "goal_today") == {"goal_teacher": "Samen een opdracht maken"}
    assert words(await opened(play, "T5", "day-log"), "goal_today") == {}


@pytest.mark.chapter("asked")
async def test_the_professionals_are_told_apart_by_job_and_company(play: Play) -> None:
    await join(play, "P7", Role.PROFESSIONAL)
    await join(play, "P6", Role.PROFESSIONAL)
    asked = await opened(play, "T3", "speeddate-preferences")
    assert words(asked, "prefs") == words(asked, "avoid")
    names = sorted(words(asked, "prefs").values())
    assert [name.split(", ")[0] for name in names] == ["Bas Lindhout", "Yvonne Poelgeest"]
    assert [name.rsplit(", ", 1)[1] for name in names] == ["Hoflogistiek", "Tuinderij Nieuwe Grond"]
    first = next(iter(words(asked, "prefs")))
    await play.answer("T3", "speeddate-preferences", attend="coming", **{f"prefs__{first}__rank": "first"})


@pytest.mark.chapter("asked")
async def test_members_are_those_of_the_school_and_those_from_outside_once(play: Play) -> None:
    await join(play, "P7", Role.PROFESSIONAL)
    await join(play, "P7", Role.MENTOR)
    names = list(words(await opened(play, "T3", "session-log"), "present").values())
    assert play.cast.name("T3") in names
    assert names.count("Yvonne Poelgeest") == 1
    assert play.cast.name("P3") not in names


@pytest.mark.chapter("asked")
async def test_visitors_follow_the_questions_of_the_school_and_their_own_goals(play: Play) -> None:
    await play.answer("T3", "goals", goal_1="Zien hoe leerlingen meten")
    await answer(play, "P3", "visit-question", question_1="Hoe zichtbaar is het beroep?", question_2="En de taal?")
    asked = await opened(play, "T3", "viewing-framework")
    assert list(words(asked, "my_question").values()) == [
        "Hoe zichtbaar is het beroep?", "En de taal?", "Zien hoe leerlingen meten",
    ]  # fmt: skip
    assert list(words(asked, "special").values()) == ["Hoe zichtbaar is het beroep?", "En de taal?"]
    assert list(words(await opened(play, "T2", "visit-feedback"), "answer")) == ["question_1", "question_2"]
    await answer(play, "T2", "viewing-framework", "setup", items__new_1__item="Er hangt werk van een bedrijf")
    asked = await opened(play, "T5", "viewing-framework")
    assert list(words(asked, "special").values()) == ["Er hangt werk van een bedrijf"]


@pytest.mark.chapter("asked")
async def test_what_was_written_before_stands_in_the_plan_of_the_internship(play: Play) -> None:
    await play.answer("T3", "goals", goal_1="Diagnose leren")
    await answer(play, "T3", "internship-plan", "intake", internship_kind="deepening", background="Docent M&T")
    asked = await opened(play, "T3", "internship-plan", occurrence=2)
    known = {key: asked.prefilled.get(key) for key in ("internship_kind", "background", "goal_1", "goal_2")}
    assert known == {
        "internship_kind": "deepening", "background": "Docent M&T", "goal_1": "Diagnose leren", "goal_2": None,
    }  # fmt: skip


@pytest.mark.chapter("asked")
async def test_ideas_of_the_day_log_come_back_where_no_note_was_written(play: Play) -> None:
    await answer(play, "T3", "day-log", lesson="Zelf laten meten", learned="Een tester lezen")
    await answer(play, "T3", "day-log", occurrence=2, lesson="Een storing zoeken")
    asked = await opened(play, "T3", "impressions")
    assert asked.prefilled["use_lesson"] == "Zelf laten meten\nEen storing zoeken"
    assert asked.prefilled["insight_1"] == "Een tester lezen"
    await answer(play, "T3", "field-note", saw="Een wand in tien minuten", lesson_link="Werktekening lezen")
    asked = await opened(play, "T3", "impressions", occurrence=2)
    assert asked.prefilled["use_lesson"] == "Werktekening lezen"


@pytest.mark.chapter("asked")
async def test_stations_are_those_of_the_task_division(play: Play) -> None:
    assert words(await opened(play, "T3", "field-note", "station"), "station") == {}
    fields = {
        "stations__new_1__label": "Lasrobot",
        "stations__new_1__what": "Een naad maken",
        "stations__new_1__max_people": "3",
        "stations__new_2__label": "Plaatwerk",
        "stations__new_2__what": "Zetten",
        "stations__new_2__max_people": "4",
    }
    await answer(play, "P3", "task-division", "hands-on", occurrence=2, **fields)
    asked = await opened(play, "T3", "field-note", "station", occurrence=2)
    assert words(asked, "station") == {"new-1": "Lasrobot", "new-2": "Plaatwerk"}
    await play.answer("T3", "field-note", occurrence=2, station="new-2")


READERS = {
    Audience.TEACHER: ("T3",),
    Audience.HOST: ("P3",),
    Audience.SCHOOL_LEADER: ("L1",),
    Audience.ANYONE: ("T3", "P3"),
}
NEEDS_A_FILE = ("impressions", "design-team")
UNASKED = {"registration", "change", "privacy-request", "colleague-reaction", "card-release", "attendance"}
"""What people send by themselves, and what has a moment of its own in the story of this visit."""


PARTS = 5
"""So that no single test takes long: every fifth form, five times."""


@pytest.mark.chapter("asked")
@pytest.mark.parametrize("part", range(PARTS))
async def test_every_form_can_be_asked_filled_in_and_read_again(play: Play, library: Library, part: int) -> None:
    await answer(play, "P3", "visit-question", turn=False)
    count = 1
    for form in list(library.forms.values())[part::PARTS]:
        for variant in (None, *form.variants) if form.key not in UNASKED else ():
            asked = library.resolved(form, variant)
            # On the phone, for what stood in the form already may be sent as it is.
            for code in READERS[asked.audience] if (form.key, variant) != NEEDS_A_FILE else ():
                count += 1
                await answer(play, code, form.key, variant, occurrence=count, turn=False, via=Via.PHONE)
                invitation = await play.invitation(code, form.key, count)
                again = await asked_form(play.runtime, invitation.id, await play.now())
                assert again.form == asked
                assert again.answered is not None
                assert is_filled(opened_form(again.form, again.rows), again.answered, again.rows), (form.key, variant)
    assert count > 5
