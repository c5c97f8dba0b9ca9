"""What was put in and how it went: activities, people, hours, companies, answers on time."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from statistics import median

from models.roles import DOTS, HOST_ROLES, Demand
from models.tables.activities import ACTIVE, ActivityStatus
from sandwich.rules.cofinancing import COMPANY_HOURS, Contribution, Given, Share, given
from sandwich.rules.figures.rows import Asked, Year, distinct
from sandwich.rules.figures.shape import (
    Bar,
    Chart,
    Figure,
    Group,
    Sample,
    Unit,
    count,
    percent,
    ratio,
    spread,
    total,
)
from sandwich.rules.school_years import Period, share_made_in, years_before

DIVISION, APPROVAL = "task-division", "approval"
TWO_WEEKS, HOURS_EDGES = 14, (0, 4, 8, 16, 40, 83)
COMPLETE = frozenset(DOTS)
MOST_BARS = 12


@dataclass(frozen=True)
class Network:
    """What is known of a region or school besides what went on.

    ``team`` are the teachers in the register, ``companies`` the companies; ``share`` is how far the companies are
    towards their part of the costs, where that is known. ``tags`` are the techniques of each company, by their keys.
    """

    team: int = 0
    companies: int = 0
    share: Share | None = None
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    norm: float = 83


@dataclass(frozen=True)
class Gifts:
    """What companies gave: ``pieces`` in all years, of which a school has its own share."""

    pieces: Sequence[Contribution[Period]] = ()

    def of(self, year: Year) -> dict[str, list[Contribution[Period]]]:
        """Return what was given in a period, by company, as far as it is the school's."""
        found: dict[str, list[Contribution[Period]]] = defaultdict(list)
        for one in self.pieces:
            if one.year != year.period or one.activity_id not in year.mine:
                continue
            own = year.own_share(one.activity_id)
            if own:
                piece = replace(one.piece, hours=one.piece.hours * own, material=one.piece.material * own)
                found[one.company_id].append(replace(one, piece=piece))
        return found


def teacher_hours(year: Year) -> dict[str, float]:
    """Return the hours that each teacher made in the period, of those who did not object."""
    found: dict[str, float] = defaultdict(float)
    spans = {key: one.spans for key, one in year.mine.items()}
    for row in year.rows.hours:
        is_counted = (
            row.activity_id in spans and row.kind not in COMPANY_HOURS and row.person_id not in year.rows.silent
        )
        if is_counted and year.is_own(row.school_id):
            made = row.hours * share_made_in(year.period, row.kind, spans[row.activity_id], year.rows.calendar)
            if made:
                found[row.person_id] += made
    return found


def teachers(year: Year) -> set[str]:
    """Return the teachers who were there, of those who did not object."""
    there = [one for key in year.held for one in year.there(key) if year.is_own(one.school_id)]
    return distinct(there) - year.rows.silent


def left_out(year: Year) -> set[str]:
    """Return the teachers who were there and objected: they are in no other figure."""
    there = [one for key in year.held for one in year.there(key) if year.is_own(one.school_id)]
    return distinct(there) & year.rows.silent


def goes_on(year: Year) -> int:
    """Return how many had begun by the end of the period and ended, or will end, after it."""
    ended = (ActivityStatus.CANCELLED, ActivityStatus.CONCEPT)
    day_of, after = year.rows.calendar.day_of, year.period.next_begins_on
    return sum(
        one.status not in ended and day_of(one.started_at) < after <= day_of(one.ends_at) for one in year.mine.values()
    )


def cancelled(year: Year) -> int:
    """Return how many were called off in the period."""
    return sum(one.status is ActivityStatus.CANCELLED and year.holds(one.finished_at) for one in year.mine.values())


def complete(year: Year) -> int:
    """Return of how many of what was held all four demands are met: the figure that counts most."""
    return sum(one.met >= COMPLETE for one in year.held.values())


def activities(year: Year, network: Network) -> Group:
    """Return what began, was held, moved, called off, and goes on."""
    return Group(
        "activities",
        (
            count("started", sum(year.holds(one.started_at) for one in year.mine.values())),
            count("held", len(year.held)),
            count("moved", sum(one.moved > 0 for one in year.held.values())),
            count("cancelled", cancelled(year)),
            count("goes_on", goes_on(year)),
            count("follow_ups", sum(one.follows for one in year.held.values())),
        ),
        (
            _counted("kinds", Counter(one.kind for one in year.held.values())),
            _counted(
                "techniques",
                Counter(tag for one in year.held.values() for tag in network.tags.get(one.company_id or "", ())),
            ),
        ),
    )


def _counted(key: str, found: Counter[str]) -> Chart:
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return Chart(key, Unit.COUNT, tuple(Bar(label, (float(number),)) for label, number in ordered[:MOST_BARS]))


def sandwich(year: Year) -> Group:
    """Return how many sandwiches are whole, and how often each of the four demands was met."""
    held = list(year.held.values())

    def of_demand(demand: Demand) -> Bar:
        met = sum(demand in one.met for one in held)
        return Bar(demand.value, (percent(met, len(held)),), of=len(held))

    chart = Chart("demands", Unit.PERCENT, tuple(of_demand(demand) for demand in DOTS) if held else ())
    return Group("sandwich", (ratio("complete", complete(year), len(held)),), (chart,))


def companies(year: Year, gifts: Gifts, network: Network) -> Group:
    """Return the companies and what they gave: confirmed hours always beside estimated ones (field rule 45)."""
    now = gifts.of(year)
    by_company = {key: given(one.piece for one in found) for key, found in now.items()}
    active = {key for key, one in by_company.items() if not one.is_nothing}
    everything = given(piece.piece for found in now.values() for piece in found)
    figures = [
        Figure("hours_confirmed", Unit.HOURS, round(everything.confirmed, 1)),
        Figure("hours_estimated", Unit.HOURS, round(everything.estimated, 1)),
        Figure("value", Unit.EUROS, everything.value),
        *_target(network.share),
        count("companies_active", len(active)),
        *(_register(year, gifts, network, active) if year.school_id is None else []),
        _top_three(by_company),
    ]
    return Group("companies", tuple(figures), (_hours_by_kind(year, now),))


def _register(year: Year, gifts: Gifts, network: Network, active: Set[str]) -> list[Figure]:
    """Return how the companies of a region come and go; a school sees a part of them alone."""
    earlier = {one.company_id for one in gifts.pieces if one.year.first < year.period.first}
    last = {one.company_id for one in gifts.pieces if one.year == years_before(year.period, 1)}
    return [
        count("companies", network.companies),
        count("companies_new", len(active - earlier)),
        count("companies_lost", len(last - active)),
    ]


def _target(share: Share | None) -> list[Figure]:
    if share is None:
        return []
    return [Figure("target", Unit.PERCENT, share.percent, part=round(share.reached), of=round(share.target))]


def _top_three(by_company: Mapping[str, Given]) -> Figure:
    hours = sorted((one.confirmed + one.estimated for one in by_company.values()), reverse=True)
    return Figure("top_three", Unit.PERCENT, percent(round(sum(hours[:3])), round(sum(hours))))


def _hours_by_kind(year: Year, now: Mapping[str, Sequence[Contribution[Period]]]) -> Chart:
    found: dict[str, list[Contribution[Period]]] = defaultdict(list)
    for pieces in now.values():
        for one in pieces:
            found[year.mine[one.activity_id].kind].append(one)
    sums = {kind: given(one.piece for one in pieces) for kind, pieces in found.items()}
    ordered = sorted(sums.items(), key=lambda item: (-item[1].confirmed - item[1].estimated, item[0]))
    bars = (Bar(kind, (round(one.confirmed, 1), round(one.estimated, 1))) for kind, one in ordered)
    return Chart("company_hours", Unit.HOURS, tuple(bar for bar in bars if any(bar.values)))


def reach(year: Year, network: Network) -> Group:
    """Return who took part, and how many hours they learned; never the hours of somebody."""
    there, hours = teachers(year), teacher_hours(year)
    people = [one for key in year.held for one in year.people[key]]
    schools = {one.school_id for key in year.held for one in year.there(key) if one.school_id}
    outside = [one for one in people if one.role in HOST_ROLES and one.standing in ACTIVE]
    sample = Sample(tuple(hours.values()))
    steps = spread(sample, _edges(network.norm))
    enough = len(sample.values) if sample.is_told else 0
    return Group(
        "reach",
        (
            count("teachers", len(there)),
            ratio("team", min(len(there), network.team), network.team),
            count("schools", len(schools)),
            count("professionals", len(distinct(outside) - year.rows.silent)),
            total("teacher_hours", sample, Unit.HOURS),
            Figure("teacher_hours_median", Unit.HOURS, round(median(hours.values()), 1) if enough else None),
            count("cover", _cover(year)),
        ),
        (
            Chart(
                "learning_hours",
                Unit.COUNT,
                tuple(Bar(_between(low, high), (float(number),), of=enough) for low, high, number in steps),
            ),
        ),
    )


def _edges(norm: float) -> list[float]:
    return sorted({*(edge for edge in HOURS_EDGES[:-1] if edge < norm), norm})


def _between(low: float, high: float | None) -> str:
    return f"{low:g}–{high:g}" if high is not None else f"{low:g}+"


def _cover(year: Year) -> int:
    """Return for how many activities a school leader had lessons taken over."""
    answers = [one for one in year.answers(APPROVAL) if year.is_own(one.person.school_id)]
    return len({one.activity_id for one in answers if one.said.get("cover") == "arrange"})


def process(year: Year) -> Group:
    """Return how well people answered, and how early the host was involved."""
    asked = year.asked()
    by_form: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_form[one.form].append(one)
    answered = [one for one in asked if one.is_answered]
    division = [one for one in by_form.get(DIVISION, ()) if one.person.role in HOST_ROLES]
    on_time = [one for one in division if _is_on_time(one)]
    before = {one.activity_id for one in division if _weeks_before(year, one)}
    involved = {one.activity_id for one in division}
    lead = [(one.begins_at - one.started_at).days for one in year.held.values()]
    bars = [
        Bar(form, (percent(sum(one.is_answered for one in rows), len(rows)), _days(rows)), of=len(rows))
        for form, rows in sorted(by_form.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return Group(
        "process",
        (
            ratio("response", len(answered), len(asked)),
            ratio("unreminded", sum(one.rung == 0 for one in answered), len(answered)),
            ratio("phoned", sum(one.state == "phoned" for one in answered), len(answered)),
            ratio("division_on_time", len(on_time), len(division)),
            ratio("host_before", len(before), len(involved)),
            Figure("lead_time", Unit.DAYS, median(lead) if lead else None),
        ),
        (Chart("responses", Unit.PERCENT, tuple(bars)),),
    )


def _is_on_time(one: Asked) -> bool:
    return one.is_answered and (one.deadline_at is None or (one.answered_at or one.deadline_at) <= one.deadline_at)


def _weeks_before(year: Year, one: Asked) -> bool:
    if not one.is_answered or one.answered_at is None:
        return False
    return (year.held[one.activity_id].begins_at - one.answered_at).days >= TWO_WEEKS


def _days(rows: Sequence[Asked]) -> float | None:
    took = [(one.answered_at - one.asked_at).total_seconds() / 86_400 for one in rows if one.answered_at]
    return round(max(median(took), 0), 1) if took else None


def responses(year: Year) -> dict[str, tuple[int, int]]:
    """Return for each form how many answered, and how many were asked."""
    found: dict[str, tuple[int, int]] = {}
    for one in year.asked():
        answered, asked = found.get(one.form, (0, 0))
        found[one.form] = (answered + one.is_answered, asked + 1)
    return dict(sorted(found.items()))


def by_school(year: Year, names: Mapping[str, str]) -> Chart:
    """Return for each school of a region how much of it took place with its teachers, and how many those are."""
    bars = []
    for key, name in names.items():
        there = {activity: [one for one in year.there(activity) if one.school_id == key] for activity in year.held}
        people = distinct([one for found in there.values() for one in found]) - year.rows.silent
        held = sum(bool(found) for found in there.values())
        if held:
            bars.append(Bar(name, (float(held), float(len(people)))))
    return Chart("by_school", Unit.COUNT, tuple(bars))
