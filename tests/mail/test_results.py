"""What is told to whom: figures from three on, released words alone, nothing of those who objected."""

from datetime import date
from typing import Any

import pytest

from models.roles import Role
from models.tables.activities import Participation, Standing
from models.tables.network import Person
from models.tables.results import Hours, HoursKind
from sandwich.services.results import (
    company_hours,
    evaluated,
    goals_for_host,
    host_words,
    impact,
    open_questions,
    own_result,
)
from tests.mail.answering import answered
from tests.mail.telling import Telling

pytestmark = pytest.mark.asyncio


def goals(goal: str, **more: Any) -> dict[str, Any]:
    return {"purpose": ["trends"], "goal_1": goal, "know_now": 2, "conf_lesson": 2, "conf_career": 3, **more}


def evaluation(overall: int, **more: Any) -> dict[str, Any]:
    rest = {
        "know_after": 4,
        "conf_lesson": 3,
        "conf_career": 3,
        "good_use": 4,
        "goal_result": [{"row": "goal_1", "result": 4}],
    }
    return {"overall": overall, **rest, **more}


async def test_goals_stand_under_their_purpose_and_names_only_where_their_owner_agreed(telling: Telling) -> None:
    await answered(telling, "T2", "goals", goals("Een wand", questions_host="Wie tekent?\n\nHoe snel?", name_ok=False))
    await answered(telling, "T3", "goals", goals("Een dak", questions_host="Wat mist u?", name_ok=True))
    await answered(telling, "T5", "goals", goals("Stage", purpose=["placement", "trends"], goal_2="Nog iets"))

    async with telling.runtime.store.read() as session:
        summary = await goals_for_host(session, telling.activity_id)

    assert summary.people == 3
    assert {group.label.nl: set(group.goals) for group in summary.groups} == {
        "Trends en nieuwe technieken zien": {"Een wand", "Een dak"},
        "Beoordelen of het een stageplek voor leerlingen is": {"Stage", "Nog iets"},
    }
    assert {(said.text, said.name) for said in summary.questions} == {
        ("Wie tekent?", None),
        ("Wat mist u?", telling.cast.name("T3")),
        ("Hoe snel?", None),
    }
    assert summary.questions[-1].text == "Hoe snel?", "first one question of everybody"


async def test_the_same_question_of_two_people_stands_once(telling: Telling) -> None:
    await answered(telling, "T2", "goals", goals("a", questions_host="Wat mist u?", name_ok=False))
    await answered(telling, "T3", "goals", goals("b", questions_host="Wat mist u?", name_ok=True))

    async with telling.runtime.store.read() as session:
        summary = await goals_for_host(session, telling.activity_id)

    assert [(said.text, said.name) for said in summary.questions] == [("Wat mist u?", telling.cast.name("T3"))]


async def test_who_left_or_answered_again_counts_as_it_is_now(telling: Telling) -> None:
    await answered(telling, "T2", "goals", goals("eerst"))
    await answered(telling, "T2", "goals", goals("later"), number=2)
    await answered(telling, "T3", "goals", goals("weg"))
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        left = (await telling.invitation("T3", "goals")).participation_id
        (await session.get_one(Participation, left)).standing = Standing.WITHDRAWN

    async with telling.runtime.store.read() as session:
        summary = await goals_for_host(session, telling.activity_id)

    assert [group.goals for group in summary.groups] == [("later",)]


async def test_figures_are_hidden_below_three(telling: Telling) -> None:
    for code in ("T2", "T3"):
        await answered(telling, code, "goals", goals("x"))
        await answered(telling, code, "teacher-evaluation", evaluation(5))
    async with telling.runtime.store.read() as session:
        two = await evaluated(session, telling.activity_id)
    await answered(telling, "T5", "goals", goals("x"))
    await answered(telling, "T5", "teacher-evaluation", evaluation(2))
    async with telling.runtime.store.read() as session:
        three = await evaluated(session, telling.activity_id)

    overall = {scale.key: scale for scale in two.scales}["overall"]
    assert (overall.count, overall.mean, overall.words) == (2, None, None)
    assert two.goals_reached is not None
    assert two.goals_reached.words is None
    assert all(one.after is None for one in two.growth)
    overall = {scale.key: scale for scale in three.scales}["overall"]
    assert (overall.count, overall.mean) == (3, 4.0)
    assert overall.words is not None
    assert overall.words.nl == "tevreden"
    assert three.goals_reached is not None
    assert three.goals_reached.mean == 4.0
    know = {one.key: one for one in three.growth}["know_after"]
    assert know.rose
    assert know.before is not None
    assert know.after is not None
    assert (three.asked, three.answered) == (3, 3)


async def test_only_released_words_are_quoted_and_only_released_names_stand_with_them(telling: Telling) -> None:
    await answered(telling, "T2", "teacher-evaluation", evaluation(4, best="De zaag", quote_ok="with-name"))
    await answered(telling, "T3", "teacher-evaluation", evaluation(4, best="De kraan", quote_ok="without-name"))
    await answered(
        telling, "T5", "teacher-evaluation", evaluation(4, best="Geheim", quote_ok="refused", better="Ook geheim")
    )
    await answered(
        telling, "P3", "host-evaluation", {"gain": "Frisse blik", "quote_ok": "without-name"}, role=Role.HOST_CONTACT
    )

    async with telling.runtime.store.read() as session:
        found = await evaluated(session, telling.activity_id)
        host = await host_words(session, telling.activity_id)

    assert [(said.text, said.name) for said in found.quotes] == [
        ("De zaag", telling.cast.name("T2")),
        ("De kraan", None),
    ]
    assert [(said.text, said.name) for said in host] == [("Frisse blik", None)]


async def test_who_objected_is_in_no_figure_and_no_quote_but_reads_the_own_result(telling: Telling) -> None:
    for code, mark in (("T2", 5), ("T3", 5), ("T5", 5), ("T6", 1)):
        await answered(telling, code, "goals", goals(f"doel {code}"))
        await answered(
            telling, code, "teacher-evaluation", evaluation(mark, best=f"woord {code}", quote_ok="with-name")
        )
    await answered(telling, "T6", "privacy-request", {"kind": "object-reports", "reply": "mail"})

    async with telling.runtime.store.read() as session:
        found = await evaluated(session, telling.activity_id)
        summary = await goals_for_host(session, telling.activity_id)
        own = await own_result(session, (await telling.invitation("T6", "goals")).participation_id)

    assert {scale.key: scale.mean for scale in found.scales}["overall"] == 5.0
    assert "woord T6" not in [said.text for said in found.quotes]
    assert "doel T6" not in [goal for group in summary.groups for goal in group.goals]
    assert [goal for goal, _ in own.goals] == ["doel T6"]


async def test_an_own_result_shows_own_goals_plans_and_hours(telling: Telling) -> None:
    await answered(telling, "T2", "goals", goals("Een wand", goal_2="Een dak"))
    await answered(
        telling,
        "T2",
        "teacher-evaluation",
        evaluation(4, plan_what=["adapt", "unknown"], plan_when="2026-12-01"),
    )
    await _hours(telling, "T2", HoursKind.TEACHER_DURING, 3)
    await _hours(telling, "T3", HoursKind.TEACHER_DURING, 5)

    async with telling.runtime.store.read() as session:
        own = await own_result(session, (await telling.invitation("T2", "goals")).participation_id)

    assert [(text, result.nl if result else None) for text, result in own.goals] == [
        ("Een wand", "grotendeels"),
        ("Een dak", None),
    ]
    assert [plan.nl for plan in own.plans] == ["Een les of opdracht aanpassen"]
    assert own.plan_on == date(2026, 12, 1)
    assert own.hours == 3


async def test_open_questions_go_without_names_and_once(telling: Telling) -> None:
    for code, text in (("T2", "Hoe vaak ijken?"), ("T3", " Hoe  vaak ijken? "), ("T5", "")):
        await answered(telling, code, "field-note", {"saw": "x", "question_open": text})

    async with telling.runtime.store.read() as session:
        assert await open_questions(session, telling.activity_id) == ("Hoe vaak ijken?",)


async def test_company_hours_are_confirmed_only_when_all_are(telling: Telling) -> None:
    await _hours(telling, "P3", HoursKind.COMPANY_BEFORE, 2, confirmed=True)
    await _hours(telling, "P3", HoursKind.COMPANY_DURING, 4)
    await _hours(telling, "T2", HoursKind.TEACHER_DURING, 100)

    async with telling.runtime.store.read() as session:
        reader = await session.get_one(Person, telling.cast.id("P3"))
        hours = await company_hours(session, telling.activity_id, reader)

    assert (hours.total, hours.confirmed) == (6, False)


async def test_impact_tells_released_examples_and_numbers_of_three(telling: Telling) -> None:
    done = [{"row": "adapt", "result": "done"}, {"row": "inform-colleagues", "result": "not-yet"}]
    for code in ("T2", "T3"):
        await answered(
            telling, code, "impact-check", {"done": done, "evidence": f"les {code}", "story": "refused", "pupils": 20}
        )
    async with telling.runtime.store.read() as session:
        two = await impact(session, telling.activity_id)
    await answered(
        telling, "T5", "impact-check", {"done": done, "evidence": "Een zaaglijst", "story": "with-name", "pupils": 5}
    )
    async with telling.runtime.store.read() as session:
        three = await impact(session, telling.activity_id)

    assert (two.carried_out, two.pupils, two.examples) == (None, None, ())
    assert (three.plans, three.carried_out, three.pupils) == (6, 3, 45)
    assert [(said.text, said.name) for said in three.examples] == [("Een zaaglijst", telling.cast.name("T5"))]


async def _hours(telling: Telling, code: str, kind: HoursKind, hours: float, *, confirmed: bool = False) -> None:
    now = await telling.runtime.clock.now()
    async with telling.runtime.store.change(now=now, actor="test", stream=telling.activity_id) as session:
        session.add(
            Hours(
                activity_id=telling.activity_id,
                kind=kind,
                person_id=telling.cast.id(code),
                hours=hours,
                is_confirmed=confirmed,
                stated_at=now,
            )
        )
