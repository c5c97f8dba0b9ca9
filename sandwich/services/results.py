"""What may be told to whom: goals, results, released words, hours. Everything here only reads.

A figure over the group is given for three people or more. Words are given only where the person who wrote them
released them, or where the form said beforehand who reads them. Whoever objected to use in reports is left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form, Question, QuestionType, Visibility
from models.roles import OUTSIDE
from models.tables.activities import Participation
from models.tables.network import Person
from models.tables.results import Hours, HoursKind
from models.text import Text
from sandwich.rules.answer_values import scale_of
from sandwich.rules.cofinancing import COMPANY_HOURS
from sandwich.rules.figures.shape import FEWEST
from sandwich.services.answers_of import Answered
from sandwich.services.result_views import (
    Adoption,
    CompanyHours,
    Evaluated,
    GoalGroup,
    GoalsSummary,
    Growth,
    Impact,
    OwnResult,
    Scale,
)
from sandwich.services.told import Said, Told, counted, option, plain, plain_lines, read_told, released

GOALS = "goals"
NOTE = "field-note"
EVALUATION = "teacher-evaluation"
HOST_EVALUATION = "host-evaluation"
IMPACT = "impact-check"

MEASURED_TWICE = (("know_now", "know_after"), ("conf_lesson", "conf_lesson"), ("conf_career", "conf_career"))
"""What is asked in the goals form and again in the evaluation."""


async def goals_for_host(session: AsyncSession, activity_id: str) -> GoalsSummary:
    """Return the goals by purpose and the questions to the host, a name only where its owner agreed."""
    told = await read_told(session, activity_id)
    groups: dict[str, tuple[Text, list[str]]] = {}
    asked: list[list[Said]] = []
    people = 0
    for item in told.of(GOALS, active=True):
        form = told.form(item)
        goals = [text for key in ("goal_1", "goal_2", "goal_3") if (text := plain(item.answers.get(key)))]
        people += bool(goals)
        purpose = next(iter(item.answers.get("purpose") or []), "")
        label = option(form.question("purpose"), str(purpose))
        groups.setdefault(str(purpose), (label, []))[1].extend(goals)
        name = told.name(item) if item.answers.get("name_ok") is True else None
        asked.append([Said(line, name) for line in plain_lines(item.answers.get("questions_host"))])
    ordered = sorted((group for group in groups.values() if group[1]), key=lambda group: -len(group[1]))
    return GoalsSummary(
        people=people,
        groups=tuple(GoalGroup(label, tuple(dict.fromkeys(goals))) for label, goals in ordered),
        questions=tuple(_in_turns(asked)),
    )


async def evaluated(session: AsyncSession, activity_id: str) -> Evaluated:
    """Return what the group said afterwards: figures, growth, released words and plans."""
    told = await read_told(session, activity_id)
    answers = told.of(EVALUATION)
    return Evaluated(
        asked=told.asked(EVALUATION),
        answered=len(answers),
        scales=_scales(told, answers),
        growth=_growth(told, answers),
        goals_reached=_goals_reached(told, answers),
        quotes=released(told, answers),
        plans=counted(told, answers, "plan_what"),
    )


async def host_words(session: AsyncSession, activity_id: str) -> tuple[Said, ...]:
    """Return the words that the host released for everybody who took part."""
    told = await read_told(session, activity_id)
    return released(told, told.of(HOST_EVALUATION))


async def open_questions(session: AsyncSession, activity_id: str) -> tuple[str, ...]:
    """Return the questions that stayed open on the day, for the host; nobody's name with them."""
    told = await read_told(session, activity_id)
    found = (plain(item.answers.get("question_open")) for item in told.of(NOTE))
    return tuple(dict.fromkeys(text for text in found if text))


async def own_result(session: AsyncSession, participation_id: str) -> OwnResult:
    """Return one participant's own goals and plans; for nobody else's eyes."""
    participation = await session.get_one(Participation, participation_id)
    told = await read_told(session, participation.activity_id, everybody=True)
    own = [item for item in told.answers.answered if item.participation.person_id == participation.person_id]
    goals = next((item for item in own if item.invitation.form == GOALS), None)
    evaluation = next((item for item in own if item.invitation.form == EVALUATION), None)
    written = goals.answers if goals else {}
    results = {
        str(row.get("row")): row.get("result")
        for row in (evaluation.answers.get("goal_result") if evaluation else None) or []
    }
    rows = [
        (text, _step(told.form(evaluation), results.get(key)) if evaluation else None)
        for key in ("goal_1", "goal_2", "goal_3")
        if (text := plain(written.get(key)))
    ]
    plans = evaluation.answers.get("plan_what") or [] if evaluation else []
    question = told.form(evaluation).question("plan_what") if evaluation else None
    plan_on = evaluation.answers.get("plan_when") if evaluation else None
    hours = await session.scalars(
        select(Hours).where(Hours.activity_id == participation.activity_id, Hours.person_id == participation.person_id)
    )
    return OwnResult(
        goals=tuple(rows),
        plans=tuple(option(question, str(key)) for key in plans if key != "unknown") if question else (),
        plan_on=date.fromisoformat(plan_on) if isinstance(plan_on, str) and plan_on else None,
        hours=sum(row.hours for row in hours if row.kind not in COMPANY_HOURS),
    )


async def company_hours(session: AsyncSession, activity_id: str, reader: Person) -> CompanyHours:
    """Return the hours that the company of a reader gave; of who belongs to none, their own."""
    own = Person.company_id == reader.company_id if reader.company_id else Person.id == reader.id
    rows = list(
        await session.scalars(
            select(Hours)
            .join(Person, Person.id == Hours.person_id)
            .where(Hours.activity_id == activity_id, Hours.kind.in_(COMPANY_HOURS), own)
        )
    )
    total: dict[HoursKind, float] = defaultdict(float)
    for row in rows:
        total[row.kind] += row.hours
    return CompanyHours(
        before=total[HoursKind.COMPANY_BEFORE],
        during=total[HoursKind.COMPANY_DURING],
        after=total[HoursKind.COMPANY_AFTER],
        confirmed=bool(rows) and all(row.is_confirmed for row in rows),
    )


async def impact(session: AsyncSession, activity_id: str) -> Impact:
    """Return what came of it: examples that were released, and figures over the group."""
    told = await read_told(session, activity_id)
    answers = told.of(IMPACT)
    rows = [row for item in answers for row in item.answers.get("done") or []]
    done = sum(row.get("result") in {"done", "partly"} for row in rows)
    enough = len(answers) >= FEWEST
    return Impact(
        asked=told.asked(IMPACT),
        answered=len(answers),
        examples=released(told, answers),
        plans=len(rows),
        carried_out=done if enough else None,
        pupils=_sum(answers, "pupils") if enough else None,
        colleagues=_sum(answers, "colleagues") if enough else None,
    )


async def adoption(session: AsyncSession, activity_id: str) -> Adoption:
    """Return what became of the material with those who took no part; what the team answers is not in it."""
    taken = await session.scalar(
        select(func.count())
        .select_from(Participation)
        .where(
            Participation.activity_id == activity_id,
            Participation.role.in_(OUTSIDE),
            Participation.left_at.is_(None),
        )
    )
    told = await read_told(session, activity_id, outside=True)
    answers = told.of(IMPACT)
    enough = len(answers) >= FEWEST
    return Adoption(
        taken=taken or 0,
        asked=told.asked(IMPACT),
        answered=len(answers),
        times=_sum(answers, "use_count") if enough else None,
        users=counted(told, answers, "used_by") if enough else (),
        adapted=counted(told, answers, "adapted") if enough else (),
    )


def _scales(told: Told, answers: Sequence[Answered]) -> tuple[Scale, ...]:
    found: dict[str, tuple[Question, list[int]]] = {}
    for item in answers:
        for question in told.form(item).questions:
            if question.type is QuestionType.SCALE5 and question.visibility is Visibility.GROUP:
                value = item.answers.get(question.key)
                values = found.setdefault(question.key, (question, []))[1]
                if isinstance(value, int):
                    values.append(value)
    return tuple(_scale(key, question.label, question, values) for key, (question, values) in found.items())


def _scale(key: str, label: Text, question: Any, values: Sequence[int]) -> Scale:
    if len(values) < FEWEST:
        return Scale(key, label, len(values), None, None)
    mean = sum(values) / len(values)
    return Scale(key, label, len(values), round(mean, 1), scale_of(question).labels[round(mean) - 1])


def _growth(told: Told, answers: Sequence[Answered]) -> tuple[Growth, ...]:
    earlier = {item.participation.person_id: item for item in told.of(GOALS)}
    found = []
    for before, after in MEASURED_TWICE:
        pairs: list[tuple[int, int]] = []
        for item in answers:
            first = earlier.get(item.participation.person_id)
            old_value, new_value = first.answers.get(before) if first else None, item.answers.get(after)
            if isinstance(old_value, int) and isinstance(new_value, int):
                pairs.append((old_value, new_value))
        if not pairs:
            continue
        question = told.form(answers[0]).question(after)
        old, new = (_scale(after, question.label, question, [pair[side] for pair in pairs]) for side in (0, 1))
        rose = old.mean is not None and new.mean is not None and new.mean > old.mean
        found.append(Growth(after, question.label, len(pairs), old.words, new.words, rose))
    return tuple(found)


def _goals_reached(told: Told, answers: Sequence[Answered]) -> Scale | None:
    """Return how far the group came with its goals, counted per person."""
    means = []
    for item in answers:
        results = [row["result"] for row in item.answers.get("goal_result") or [] if isinstance(row.get("result"), int)]
        if results:
            means.append(sum(results) / len(results))
    if not means:
        return None
    question = told.form(answers[0]).question("goal_result")
    if len(means) < FEWEST:
        return Scale("goal_result", question.label, len(means), None, None)
    mean = sum(means) / len(means)
    words = scale_of(question.columns[0]).labels[round(mean) - 1]
    return Scale("goal_result", question.label, len(means), round(mean, 1), words)


def _step(form: Form, value: Any) -> Text | None:
    column = form.question("goal_result").columns[0]
    return scale_of(column).labels[value - 1] if isinstance(value, int) and 1 <= value <= 5 else None


def _sum(answers: Sequence[Answered], key: str) -> int:
    return round(sum(value for item in answers if isinstance(value := item.answers.get(key), int | float)))


def _in_turns(lists: Sequence[Sequence[Said]]) -> list[Said]:
    """Take one of each in turn, so that the first three questions are of three people."""
    longest = max((len(one) for one in lists), default=0)
    turns = [one[place] for place in range(longest) for one in lists if place < len(one)]
    # The same question of two people stands once, with a name where one of them gave it.
    named = {said.text: said for said in sorted(turns, key=lambda said: said.name is not None)}
    return [named[text] for text in dict.fromkeys(said.text for said in turns)]
