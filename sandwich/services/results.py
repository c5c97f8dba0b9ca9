"""What may be told to whom: goals, results, released words, hours. Everything here only reads.

A figure over the group is given for three people or more. Words are given only where the person who wrote them
released them, or where the form said beforehand who reads them. Whoever objected to use in reports is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form, Question, QuestionType, Visibility
from models.tables.activities import ACTIVE, Participation
from models.tables.asking import FormVersion, Submission
from models.tables.network import Person
from models.tables.results import Hours, HoursKind
from models.text import Text
from sandwich.rules.answer_values import options_of, scale_of
from sandwich.rules.names import full_name
from sandwich.services.answers_of import Answered, Answers, read_answers_of

FEWEST = 3
"""From how many answers on a figure over the group is told (docs/field.md)."""

GOALS = "goals"
NOTE = "field-note"
EVALUATION = "teacher-evaluation"
HOST_EVALUATION = "host-evaluation"
IMPACT = "impact-check"
PRIVACY = "privacy-request"

MEASURED_TWICE = (("know_now", "know_after"), ("conf_lesson", "conf_lesson"), ("conf_career", "conf_career"))
"""What is asked in the goals form and again in the evaluation."""


@dataclass(frozen=True)
class GoalGroup:
    """Goals under the purpose that their writers came for."""

    label: Text
    goals: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """Words of somebody; ``name`` only where that was released too."""

    text: str
    name: str | None = None


@dataclass(frozen=True)
class GoalsSummary:
    """What the group wants to learn, as the host reads it."""

    people: int
    groups: tuple[GoalGroup, ...]
    questions: tuple[Said, ...]


@dataclass(frozen=True)
class Scale:
    """How a group answered one question; ``mean`` and ``words`` are hidden where too few answered."""

    key: str
    label: Text
    count: int
    mean: float | None
    words: Text | None


@dataclass(frozen=True)
class Growth:
    """A question asked before and after, over the same people; hidden where they are too few."""

    key: str
    label: Text
    count: int
    before: Text | None
    after: Text | None
    rose: bool


@dataclass(frozen=True)
class Evaluated:
    """What the group said afterwards."""

    asked: int
    answered: int
    scales: tuple[Scale, ...]
    growth: tuple[Growth, ...]
    goals_reached: Scale | None
    quotes: tuple[Said, ...]
    plans: tuple[tuple[Text, int], ...]


@dataclass(frozen=True)
class OwnResult:
    """What one participant set out to do and found: goals with how far they came, and plans."""

    goals: tuple[tuple[str, Text | None], ...]
    plans: tuple[Text, ...]
    plan_on: date | None
    hours: float


@dataclass(frozen=True)
class CompanyHours:
    """Hours that the company gave; *estimated* until all of them are confirmed."""

    before: float
    during: float
    after: float
    confirmed: bool

    @property
    def total(self) -> float:
        """All of them together."""
        return self.before + self.during + self.after


@dataclass(frozen=True)
class Impact:
    """What came of it weeks later. The numbers are hidden where too few answered."""

    asked: int
    answered: int
    examples: tuple[Said, ...]
    plans: int
    carried_out: int | None
    pupils: int | None
    colleagues: int | None


async def goals_for_host(session: AsyncSession, activity_id: str) -> GoalsSummary:
    """Return the goals by purpose and the questions to the host, a name only where its owner agreed."""
    told = await _told(session, activity_id)
    groups: dict[str, tuple[Text, list[str]]] = {}
    asked: list[list[Said]] = []
    people = 0
    for item in told.of(GOALS, active=True):
        form = told.form(item)
        goals = [text for key in ("goal_1", "goal_2", "goal_3") if (text := _text(item.answers.get(key)))]
        people += bool(goals)
        purpose = next(iter(item.answers.get("purpose") or []), "")
        label = _option(form.question("purpose"), str(purpose))
        groups.setdefault(str(purpose), (label, []))[1].extend(goals)
        name = told.name(item) if item.answers.get("name_ok") is True else None
        asked.append([Said(line, name) for line in _lines(item.answers.get("questions_host"))])
    ordered = sorted((group for group in groups.values() if group[1]), key=lambda group: -len(group[1]))
    return GoalsSummary(
        people=people,
        groups=tuple(GoalGroup(label, tuple(goals)) for label, goals in ordered),
        questions=tuple(_in_turns(asked)),
    )


async def evaluated(session: AsyncSession, activity_id: str) -> Evaluated:
    """Return what the group said afterwards: figures, growth, released words and plans."""
    told = await _told(session, activity_id)
    answers = told.of(EVALUATION)
    return Evaluated(
        asked=len(told.answers.asked(EVALUATION)),
        answered=len(answers),
        scales=_scales(told, answers),
        growth=_growth(told, answers),
        goals_reached=_goals_reached(told, answers),
        quotes=_released(told, answers),
        plans=_counted(told, answers, "plan_what"),
    )


async def host_words(session: AsyncSession, activity_id: str) -> tuple[Said, ...]:
    """Return the words that the host released for everybody who took part."""
    told = await _told(session, activity_id)
    return _released(told, told.of(HOST_EVALUATION))


async def open_questions(session: AsyncSession, activity_id: str) -> tuple[str, ...]:
    """Return the questions that stayed open on the day, for the host; nobody's name with them."""
    told = await _told(session, activity_id)
    found = (_text(item.answers.get("question_open")) for item in told.of(NOTE))
    return tuple(dict.fromkeys(text for text in found if text))


async def own_result(session: AsyncSession, participation_id: str) -> OwnResult:
    """Return one participant's own goals and plans; for nobody else's eyes."""
    participation = await session.get_one(Participation, participation_id)
    told = await _told(session, participation.activity_id, everybody=True)
    own = [item for item in told.answers.answered if item.participation.person_id == participation.person_id]
    goals = next((item for item in own if item.invitation.form == GOALS), None)
    evaluation = next((item for item in own if item.invitation.form == EVALUATION), None)
    written = goals.answers if goals else {}
    results = {
        str(row.get("row")): row.get("result")
        for row in (evaluation.answers.get("goal_result") if evaluation else None) or []
    }
    rows = []
    for key in ("goal_1", "goal_2", "goal_3"):
        if text := _text(written.get(key)):
            rows.append((text, _step(told.form(evaluation), results.get(key)) if evaluation else None))
    plans = evaluation.answers.get("plan_what") or [] if evaluation else []
    question = told.form(evaluation).question("plan_what") if evaluation else None
    plan_on = evaluation.answers.get("plan_when") if evaluation else None
    hours = await session.scalars(
        select(Hours).where(Hours.activity_id == participation.activity_id, Hours.person_id == participation.person_id)
    )
    return OwnResult(
        goals=tuple(rows),
        plans=tuple(_option(question, str(key)) for key in plans if key != "unknown") if question else (),
        plan_on=date.fromisoformat(plan_on) if isinstance(plan_on, str) and plan_on else None,
        hours=sum(row.hours for row in hours if row.kind not in _COMPANY),
    )


async def company_hours(session: AsyncSession, activity_id: str) -> CompanyHours:
    """Return the hours that the company gave."""
    rows = list(await session.scalars(select(Hours).where(Hours.activity_id == activity_id, Hours.kind.in_(_COMPANY))))
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
    told = await _told(session, activity_id)
    answers = told.of(IMPACT)
    rows = [row for item in answers for row in item.answers.get("done") or []]
    done = sum(row.get("result") in {"done", "partly"} for row in rows)
    enough = len(answers) >= FEWEST
    return Impact(
        asked=len(told.answers.asked(IMPACT)),
        answered=len(answers),
        examples=_released(told, answers),
        plans=len(rows),
        carried_out=done if enough else None,
        pupils=_sum(answers, "pupils") if enough else None,
        colleagues=_sum(answers, "colleagues") if enough else None,
    )


_COMPANY = frozenset({HoursKind.COMPANY_BEFORE, HoursKind.COMPANY_DURING, HoursKind.COMPANY_AFTER})


@dataclass(frozen=True)
class Told:
    """The answers of an activity with what is needed to judge who may read them."""

    answers: Answers
    forms: Mapping[str, Form]
    people: Mapping[str, Person]
    silent: frozenset[str]

    def of(self, form: str, *, active: bool = False) -> list[Answered]:
        """Return the answers to a form, without those of people who objected to reports."""
        return [
            item
            for item in self.answers.of_form(form)
            if item.participation.person_id not in self.silent and (not active or item.participation.standing in ACTIVE)
        ]

    def form(self, item: Answered) -> Form:
        """Return the form as it was asked."""
        return self.forms[item.submission.form_digest]

    def name(self, item: Answered) -> str | None:
        """Return the whole name of the person who answered; ``None`` where it was erased."""
        person = self.people.get(item.participation.person_id)
        return (full_name(person) or None) if person is not None and person.erased_on is None else None


async def told(session: AsyncSession, activity_id: str) -> Told:
    """Read the answers of an activity that may be used in what is told to others."""
    return await _told(session, activity_id)


async def _told(session: AsyncSession, activity_id: str, *, everybody: bool = False) -> Told:
    answers = await read_answers_of(session, activity_id)
    digests = {item.submission.form_digest for item in answers.answered}
    ids = {item.participation.person_id for item in answers.answered}
    stored = await session.scalars(select(FormVersion).where(FormVersion.digest.in_(digests)))
    people = await session.scalars(select(Person).where(Person.id.in_(ids)))
    return Told(
        answers=answers,
        forms={row.digest: Form.model_validate(row.definition) for row in stored},
        people={row.id: row for row in people},
        silent=frozenset() if everybody else await _silent(session, ids),
    )


async def _silent(session: AsyncSession, people: Iterable[str]) -> frozenset[str]:
    """Return who objected to the use of their results in reports."""
    rows = await session.scalars(
        select(Submission).where(Submission.form == PRIVACY, Submission.person_id.in_(set(people)))
    )
    return frozenset(
        row.person_id for row in rows if row.person_id and (row.answers or {}).get("kind") == "object-reports"
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
        pairs = []
        for item in answers:
            first = earlier.get(item.participation.person_id)
            values = (first.answers.get(before) if first else None, item.answers.get(after))
            if isinstance(values[0], int) and isinstance(values[1], int):
                pairs.append((values[0], values[1], told.form(item).question(after)))
        if not pairs:
            continue
        question = pairs[0][2]
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


def _released(told: Told, answers: Sequence[Answered]) -> tuple[Said, ...]:
    found = []
    for item in answers:
        for question in told.form(item).questions:
            text = _text(item.answers.get(question.key))
            if question.visibility is not Visibility.RELEASED or question.released_by is None or not text:
                continue
            word = item.answers.get(question.released_by)
            if word in {"with-name", "without-name", True}:
                found.append(Said(text, told.name(item) if word == "with-name" else None))
    return tuple(found)


def _counted(told: Told, answers: Sequence[Answered], key: str) -> tuple[tuple[Text, int], ...]:
    """Return what was chosen and how often, most often first; "I do not know yet" does not count."""
    found: dict[str, tuple[Text, int]] = {}
    for item in answers:
        for choice in item.answers.get(key) or []:
            label, count = found.get(choice, (_option(told.form(item).question(key), choice), 0))
            found[choice] = (label, count + 1)
    found.pop("unknown", None)
    return tuple(sorted(found.values(), key=lambda pair: -pair[1]))


def _step(form: Form, value: Any) -> Text | None:
    column = form.question("goal_result").columns[0]
    return scale_of(column).labels[value - 1] if isinstance(value, int) and 1 <= value <= 5 else None


def _option(question: Question, key: str) -> Text:
    return next(
        (option.label for option in options_of(question) if option.key == key), Text(nl=key or "–", en=key or "–")
    )


def _sum(answers: Sequence[Answered], key: str) -> int:
    return round(sum(value for item in answers if isinstance(value := item.answers.get(key), int | float)))


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _lines(value: Any) -> list[str]:
    return [text for line in (value.splitlines() if isinstance(value, str) else []) if (text := _text(line))]


def _in_turns(lists: Sequence[Sequence[Said]]) -> list[Said]:
    """Take one of each in turn, so that the first three questions are of three people."""
    longest = max((len(one) for one in lists), default=0)
    return [one[place] for place in range(longest) for one in lists if place < len(one)]
