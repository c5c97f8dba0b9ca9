"""A report as it is read: every figure with its words, in one language, for the page, the PDF and the spreadsheet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from models.text import Language, Text
from sandwich import labels
from sandwich.definitions.library import Library
from sandwich.rules.figures.chart_wording import (
    BENCHMARKS,
    CHARTS,
    GROUPS,
    GROWTH,
    SCALES,
    TOO_FEW,
    UNKNOWN,
)
from sandwich.rules.figures.shape import Chart, Figure, Group, Unit
from sandwich.rules.figures.wording import FIGURES
from sandwich.services.figures import Report

_MOST_OF_SCORE = 5.0


@dataclass(frozen=True)
class Line:
    """A figure: what it is called, how it is written, its number, and what it rests on."""

    key: str
    label: str
    shown: str
    number: float | None
    rests_on: str
    meaning: str
    benchmark: str = ""
    mark: float | None = None


@dataclass(frozen=True)
class Row:
    """One line of a chart: per series how it is written, and how long its bar is, in percent of the longest."""

    label: str
    shown: tuple[str, ...]
    numbers: tuple[float | None, ...]
    lengths: tuple[float, ...]
    mark: float | None = None


@dataclass(frozen=True)
class Drawn:
    """A chart with its words; ``drawn`` is how many of its series are bars, the others stand in the table alone."""

    key: str
    title: str
    what: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    drawn: int

    @property
    def says(self) -> str:
        """What is drawn, in words, for whoever does not see it."""
        names = self.series[: self.drawn] if self.drawn > 1 else ("",)
        lines = (
            f"{row.label}: "
            + ", ".join(f"{name} {shown}".strip() for name, shown in zip(names, row.shown, strict=False))
            for row in self.rows
        )
        return "; ".join(lines)


@dataclass(frozen=True)
class Section:
    """A group of figures."""

    key: str
    title: str
    lines: tuple[Line, ...]
    charts: tuple[Drawn, ...]


@dataclass(frozen=True)
class Wished:
    """What participants want next, and how many do."""

    label: str
    count: int


@dataclass(frozen=True)
class Worded:
    """A report in one language; ``trend`` has the names of the years, and a line of values for each figure."""

    of: str
    period: str
    sections: tuple[Section, ...]
    years: tuple[str, ...]
    trend: tuple[tuple[str, tuple[Line, ...]], ...]
    wishes: tuple[Wished, ...]

    def line(self, key: str) -> Line:
        """Return one figure; raises ``KeyError`` for one that there is not."""
        return {line.key: line for section in self.sections for line in section.lines}[key]


def worded(report: Report, library: Library, language: Language) -> Worded:
    """Return the report in a language."""
    figures = report.figures
    names = _names(library, language)
    sections = [_section(group, names, language) for group in figures.groups]
    if not figures.schools.is_empty:
        place = next(place for place, section in enumerate(sections) if section.key == "reach")
        one, drawn = sections[place], _drawn(figures.schools, names, language)
        sections[place] = Section(one.key, one.title, one.lines, (*one.charts, drawn))
    return Worded(
        of=report.of,
        period=str(figures.period),
        sections=tuple(sections),
        years=tuple(str(period) for period in figures.trend.periods),
        trend=tuple(
            (FIGURES[line[0].key].label.to(language), tuple(_line(figure, language) for figure in line))
            for line in figures.trend.lines
        ),
        wishes=tuple(Wished(names["wishes"](key), number) for key, number in figures.wishes),
    )


def _section(group: Group, names: Mapping[str, Callable[[str], str]], language: Language) -> Section:
    lines = tuple(_line(figure, language) for figure in group.figures)
    charts = [_drawn(chart, names, language) for chart in group.charts if not chart.is_empty]
    beside = [line for line in lines if line.mark is not None and line.number is not None]
    if beside:
        charts.insert(0, _beside(group.key, beside, language))
    return Section(group.key, GROUPS[group.key].to(language), lines, tuple(charts))


def _beside(group: str, lines: Sequence[Line], language: Language) -> Drawn:
    """Return the figures of which others have the same, with a mark where theirs is."""
    words = CHARTS["benchmarks"]
    rows = tuple(
        Row(
            label=line.label,
            shown=(line.shown, f"{line.mark:g} %"),
            numbers=(line.number, line.mark),
            lengths=(line.number or 0,),
            mark=line.mark,
        )
        for line in lines
    )
    series = tuple(one.to(language) for one in words.series)
    return Drawn(f"benchmarks-{group}", words.title.to(language), words.what.to(language), series, rows, 1)


def _line(figure: Figure, language: Language) -> Line:
    words, benchmark = FIGURES[figure.key], BENCHMARKS.get(figure.key)
    return Line(
        key=figure.key,
        label=words.label.to(language),
        shown=_shown(figure, language),
        number=figure.value,
        rests_on=_rests_on(figure, language),
        meaning=words.meaning.to(language),
        benchmark=f"{benchmark.percent} % {benchmark.of.to(language)}" if benchmark else "",
        mark=float(benchmark.percent) if benchmark else None,
    )


def _shown(figure: Figure, language: Language) -> str:
    if figure.value is None:
        return (TOO_FEW if figure.is_hidden else UNKNOWN).to(language)
    return number(figure.value, figure.unit, language)


def _rests_on(figure: Figure, language: Language) -> str:
    if figure.value is None or figure.of is None:
        return ""
    if figure.part is not None:
        of = Text(nl="{part} van {of}", en="{part} of {of}")
        unit = Unit.EUROS if figure.key == "target" else Unit.COUNT
        return of.filled(part=number(figure.part, unit, language), of=number(figure.of, unit, language)).to(language)
    of_people = Text(nl="{of} docenten", en="{of} teachers")
    of_answers = Text(nl="{of} antwoorden", en="{of} answers")
    return (of_people if figure.unit is Unit.HOURS else of_answers).filled(of=figure.of).to(language)


def number(value: float, unit: Unit, language: Language) -> str:
    """Return a number as people of a language write it, with its unit."""
    written = f"{value:,.1f}" if unit in (Unit.SCORE, Unit.HOURS, Unit.DAYS) else f"{value:,.0f}"
    if unit is not Unit.SCORE:
        written = written.removesuffix(".0")
    if language is Language.DUTCH:
        written = written.replace(",", " ").replace(".", ",").replace(" ", ".")
    return {Unit.PERCENT: f"{written} %", Unit.EUROS: f"€ {written}"}.get(unit, written)


def _drawn(chart: Chart, names: Mapping[str, Callable[[str], str]], language: Language) -> Drawn:
    words, name = CHARTS[chart.key], names.get(chart.key, str)
    drawn = 1 if chart.key == "responses" else len(words.series)
    values = [value for bar in chart.bars for value in bar.values[:drawn] if value is not None]
    longest = {Unit.PERCENT: 100.0, Unit.SCORE: _MOST_OF_SCORE}.get(chart.unit, max([*values, 1.0]))
    rows = tuple(
        Row(
            label=name(bar.label),
            shown=tuple(
                _cell(value, chart.unit if place < drawn else Unit.DAYS, bar.is_hidden, language)
                for place, value in enumerate(bar.values)
            ),
            numbers=bar.values,
            lengths=tuple(round(100 * (value or 0) / longest, 1) for value in bar.values[:drawn]),
        )
        for bar in chart.bars
    )
    series = tuple(one.to(language) for one in words.series)
    return Drawn(chart.key, words.title.to(language), words.what.to(language), series, rows, drawn)


def _cell(value: float | None, unit: Unit, is_hidden: bool, language: Language) -> str:
    if value is None:
        return TOO_FEW.to(language) if is_hidden else "–"
    return number(value, unit, language)


def _names(library: Library, language: Language) -> dict[str, Callable[[str], str]]:
    """Return how the lines of each chart are called."""

    def to(texts: Mapping[str, Text], key: str) -> str:
        return texts[key].to(language) if key in texts else key

    demands = {demand.value: text for demand, text in labels.DEMAND.items()}
    kinds = {key: playbook.title for key, playbook in library.playbooks.items()}
    forms = {key: form.title for key, form in library.forms.items()}
    lists = {key: {option.key: option.label for option in found.options} for key, found in library.lists.items()}
    wishes = {
        option.key: option.label
        for key in ("teacher-evaluation",)
        if key in library.forms
        for question in library.forms[key].questions
        if question.key == "next_wish"
        for option in library.options(question)
    }
    by_kind = partial(to, kinds)
    return {
        "demands": lambda key: to(demands, key).capitalize(),
        "kinds": by_kind,
        "company_hours": by_kind,
        "techniques": lambda key: library.tags.shown(key).to(language),
        "responses": partial(to, forms),
        "scales": partial(to, SCALES),
        "growth": partial(to, GROWTH),
        "plans": partial(to, lists.get("plans", {})),
        "wishes": partial(to, wishes),
    }
