"""What it gave, from what people answered: satisfaction, learning, use, the school, pupils, relations.

Every figure about answers is told from three on, and the answers of people who objected are in none (field rules 17 and
18). Of a school the answers of its own teachers count; those of hosts count for every school that they received.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from models.roles import HOST_ROLES
from sandwich.rules.figures.rows import Answer, Year
from sandwich.rules.figures.shape import (
    Bar,
    Chart,
    Figure,
    Group,
    Sample,
    Unit,
    count,
    mean,
    share,
    total,
)

GOALS, EVALUATION, HOST, IMPACT = "goals", "teacher-evaluation", "host-evaluation", "impact-check"
IMPRESSIONS, REACTION, TRIAL = "impressions", "colleague-reaction", "trial-lesson"
READ = (GOALS, EVALUATION, HOST, IMPACT, IMPRESSIONS, TRIAL, "approval")
"""The forms whose answers are looked into; colleagues' reactions come apart."""

AGREE = 4
"""From here on a scale of five says yes: *agree* and *fully agree*, *largely* and *fully reached*."""

GROWTH = (
    ("know", "know_now", "know_after"),
    ("conf_lesson", *["conf_lesson"] * 2),
    ("conf_career", *["conf_career"] * 2),
)
"""What is asked before, in the evaluation and again weeks later: its name, and its questions before and after."""

MOST_WISHES = 3
_NOT_A_WISH = frozenset({"nothing", "unknown"})


def reaction(year: Year) -> Group:
    """Return how satisfied teachers and hosts are, and whether it was a good use of time."""
    of_teachers, of_hosts = year.answers(EVALUATION), year.answers(HOST)
    scales = ("overall", "good_use", "prep_ok", "exec_ok", "host_ok", "tasks_ok", "insp")
    return Group(
        "reaction",
        (
            mean("satisfaction", _own(year, of_teachers, "overall")),
            mean("satisfaction_host", _hosts(year, ((one, one.said.get("overall")) for one in of_hosts))),
            share("good_use", _own(year, of_teachers, "good_use"), AGREE),
        ),
        (Chart("scales", Unit.SCORE, _means(scales, lambda key: _own(year, of_teachers, key))),),
    )


def learning(year: Year) -> Group:
    """Return how many goals were reached, and what changed from before to after to later."""
    after = year.answers(EVALUATION)
    goals = _sample(year, ((one, row.get("result")) for one in after for row in _rows(one, "goal_result")))
    people = _sample(year, ((one, 1) for one in after if _rows(one, "goal_result")))
    enough = Sample(people.values, people.others).is_told
    reached = (
        share("goals_reached", goals, AGREE)
        if enough
        else Figure("goals_reached", Unit.PERCENT, of=len(goals.values), is_hidden=bool(goals.values))
    )
    rose = _rose(year, "conf_career", "conf_career")
    return Group(
        "learning",
        (reached, share("more_confident", rose, 1)),
        (Chart("growth", Unit.SCORE, tuple(bar for one in GROWTH if (bar := _growth(year, *one)) is not None)),),
    )


def use(year: Year) -> Group:
    """Return what changed in lessons: plans and what came of them, material made, tried and used."""
    later = year.answers(IMPACT)
    planned, done = _plans(year), _done(year)
    rows = _sample(
        year, ((one, row.get("result") in {"done", "partly"}) for one in later for row in _rows(one, "done"))
    )
    people = _sample(year, ((one, 1) for one in later if _rows(one, "done")))
    carried = (
        share("plans_done", rows, 1)
        if people.is_told
        else Figure("plans_done", Unit.PERCENT, of=len(rows.values), is_hidden=bool(rows.values))
    )
    keys = sorted({*planned, *done}, key=lambda key: (-planned.get(key, 0), key))
    return Group(
        "use",
        (
            share("changed_lesson", _own(year, later, "change_lesson"), AGREE),
            carried,
            count("materials", sum(year.rows.materials.get(key, 0) for key in year.held)),
            count("tried", sum(year.is_own(one.person.school_id) for one in year.answers(TRIAL))),
            total("used", _own(year, later, "use_count")),
        ),
        (
            Chart(
                "plans",
                Unit.COUNT,
                tuple(Bar(key, (float(planned.get(key, 0)), float(done[key]) if done else None)) for key in keys),
            ),
        ),
    )


def school(year: Year) -> Group:
    """Return what reached colleagues who took no part."""
    reactions = [one for one in year.rows.reactions if year.holds(one.at)] if year.school_id is None else []
    useful = Sample(tuple(_numbers(one.said.get("useful") for one in reactions)))
    lesson = Sample(tuple(float(one.said.get("use") == "lesson") for one in reactions if one.said.get("use")))
    told = [one for one in year.answers(IMPRESSIONS) if year.is_own(one.person.school_id)]
    shared = [
        count("shared", sum(one.is_shared for one in year.held.values())),
        count("meetings", sum(one.said.get("meeting") == "on-date" for one in told)),
        total("colleagues", _own(year, year.answers(IMPACT), "colleagues")),
    ]
    if year.school_id is None:
        shared += [count("reactions", len(reactions)), share("useful", useful, AGREE), share("in_lesson", lesson, 1)]
    return Group("school", tuple(shared))


def pupils(year: Year) -> Group:
    """Return what reached pupils, as teachers estimate it, and what was arranged for them."""
    done = _done(year)
    return Group(
        "pupils",
        (
            total("pupils", _own(year, year.answers(IMPACT), "pupils")),
            *(
                Figure(key, Unit.COUNT, done[choice] if done else None)
                for key, choice in (("guest_lessons", "guest-lesson"), ("placements", "pupil-placement"))
            ),
        ),
    )


def relations(year: Year) -> Group:
    """Return whether hosts want to go on, and whether pairs still meet."""
    hosts = year.answers(HOST)
    again = _hosts(
        year, ((one, one.said["again"] in {"again", "other-form"}) for one in hosts if one.said.get("again"))
    )
    alive = _sample(
        year,
        ((one, one.said["pair_alive"] != "ended") for one in year.answers(IMPACT) if one.said.get("pair_alive")),
    )
    return Group(
        "relations",
        (
            share("host_again", again, 1),
            share("host_explained", _hosts(year, ((one, one.said.get("explain")) for one in hosts)), AGREE),
            share("pairs_alive", alive, 1),
        ),
    )


def wishes(year: Year) -> tuple[tuple[str, int], ...]:
    """Return what participants want next, most often first; nothing of fewer than three people."""
    said = [one for one in year.answers(EVALUATION) if year.is_own(one.person.school_id)]
    answers = [list(one.said.get("next_wish") or ()) for one in said]
    wished = [[key for key in keys if key not in _NOT_A_WISH] for keys in answers if keys]
    if not _sample(year, ((one, 1) for one in year.answers(EVALUATION) if one.said.get("next_wish"))).is_told:
        return ()
    found = Counter(key for keys in wished for key in keys)
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_WISHES])


def _plans(year: Year) -> Counter[str]:
    """Return how many plan what; empty where fewer than three said so."""
    answers = year.answers(EVALUATION)
    if not _sample(year, ((one, 1) for one in answers if one.said.get("plan_what"))).is_told:
        return Counter()
    own = (one for one in answers if year.is_own(one.person.school_id))
    return Counter(key for one in own for key in one.said.get("plan_what") or () if key not in _NOT_A_WISH)


def _done(year: Year) -> Counter[str]:
    """Return how many carried out which plan, at least in part; empty where fewer than three said so."""
    answers = year.answers(IMPACT)
    if not _sample(year, ((one, 1) for one in answers if _rows(one, "done"))).is_told:
        return Counter()
    own = (one for one in answers if year.is_own(one.person.school_id))
    return Counter(
        str(row.get("row")) for one in own for row in _rows(one, "done") if row.get("result") in {"done", "partly"}
    )


def _rose(year: Year, before: str, after: str) -> Sample:
    """Return for everybody who was asked twice about one activity whether the second mark is higher."""
    first = _by_person(year.answers(GOALS), before)
    pairs = ((one, _number(one.said.get(after)), first.get(_key(one))) for one in year.answers(EVALUATION))
    return _sample(year, ((one, new > old) for one, new, old in pairs if new is not None and old is not None))


def _growth(year: Year, key: str, before: str, after: str) -> Bar | None:
    """Return the means before, after and later, over the same people; later over those who answered all three."""
    first, third = _by_person(year.answers(GOALS), before), _by_person(year.answers(IMPACT), after)
    both = [one for one in year.answers(EVALUATION) if _key(one) in first and _number(one.said.get(after)) is not None]
    old = mean(key, _sample(year, ((one, first[_key(one)]) for one in both)))
    new = mean(key, _own(year, both, after))
    later = mean(key, _sample(year, ((one, third[_key(one)]) for one in both if _key(one) in third)))
    return Bar(key, (old.value, new.value, later.value), of=old.of, is_hidden=old.is_hidden) if old.of else None


def _by_person(answers: Iterable[Answer], question: str) -> dict[tuple[str, str], float]:
    found = ((_key(one), _number(one.said.get(question))) for one in answers)
    return {key: value for key, value in found if value is not None}


def _key(one: Answer) -> tuple[str, str]:
    return one.activity_id, one.person.person_id


def _means(keys: Sequence[str], of: Callable[[str], Sample]) -> tuple[Bar, ...]:
    found = [mean(key, of(key)) for key in keys]
    return tuple(Bar(one.key, (one.value,), of=one.of, is_hidden=one.is_hidden) for one in found if one.of)


def _own(year: Year, answers: Iterable[Answer], question: str) -> Sample:
    return _sample(year, ((one, one.said.get(question)) for one in answers))


def _sample(year: Year, pairs: Iterable[tuple[Answer, Any]]) -> Sample:
    """Return the numbers of the school's own people, with how many others the region has; hosts are asked apart."""
    own: list[float] = []
    others = 0
    for one, value in pairs:
        number = _number(value)
        if number is None or one.person.role in HOST_ROLES:
            continue
        if year.is_own(one.person.school_id):
            own.append(number)
        else:
            others += 1
    return Sample(tuple(own), others)


def _hosts(year: Year, values: Iterable[tuple[Answer, Any]]) -> Sample:
    """Return the numbers of the hosts of what was held, with how many others the region has."""
    found = [(one.activity_id in year.held, number) for one, value in values if (number := _number(value)) is not None]
    return Sample(tuple(number for is_own, number in found if is_own), sum(not is_own for is_own, _ in found))


def _numbers(values: Iterable[Any]) -> Iterable[float]:
    return (number for value in values if (number := _number(value)) is not None)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _rows(one: Answer, question: str) -> list[dict[str, Any]]:
    found = one.said.get(question)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
