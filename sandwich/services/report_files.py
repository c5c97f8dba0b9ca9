"""A report as files: a PDF to hand out, a workbook and a table to count with."""

import csv
import io
from datetime import date
from typing import Any

from babel.dates import format_date

from models.tables.network import School
from models.text import Language, Text
from sandwich.paper import Paper, print_paper
from sandwich.rules.figures.chart_wording import SMALL_NUMBERS, SOURCE
from sandwich.rules.school_years import Period
from sandwich.services.report_words import Drawn, Line, Worded
from sandwich.services.stories import Stories, Story
from sandwich.sheets.guard import guarded

TEMPLATE = "year-report.typ"
Rows = list[list[str | float | None]]

HEADINGS = {
    "report": Text(nl="Jaarverslag", en="Year report"),
    "figures": Text(nl="Cijfers", en="Figures"),
    "charts": Text(nl="Grafieken", en="Charts"),
    "years": Text(nl="Jaren", en="Years"),
    "words": Text(nl="Verhalen", en="Stories"),
    "stories": Text(nl="Wat ervan kwam, in eigen woorden", en="What came of it, in their own words"),
    "lessons": Text(nl="Wat collega's moeten weten", en="What colleagues must know"),
    "wishes": Text(nl="Wat docenten hierna willen", en="What teachers want next"),
    "trend": Text(nl="Van jaar tot jaar", en="From year to year"),
    "meanings": Text(nl="Wat de cijfers betekenen", en="What the figures mean"),
    "none": Text(nl="Nog niets dat verteld mag worden.", en="Nothing yet that may be told."),
}
"""The headings of the report, on the page and in files."""

_COLUMNS = (
    Text(nl="Onderwerp", en="Topic"),
    Text(nl="Cijfer", en="Figure"),
    Text(nl="Waarde", en="Value"),
    Text(nl="Zoals geschreven", en="As written"),
    Text(nl="Gebaseerd op", en="Rests on"),
    Text(nl="Ter vergelijking", en="For comparison"),
    Text(nl="Betekenis", en="Meaning"),
)
_NAME = Text(nl="jaarverslag-{period}", en="year-report-{period}")
_MADE = Text(nl="Gemaakt op {day}.", en="Made on {day}.")


def name_of(period: Period, school: School | None, language: Language) -> str:
    """Return what the file of a report is called, without its ending: ``jaarverslag-2026-2027-s1``."""
    about = f"-{school.code}" if school else ""
    plain = "".join(letter for letter in about.lower() if letter.isalnum() or letter == "-")
    return _NAME.filled(period=str(period).replace("–", "-")).to(language) + plain


def figure_rows(report: Worded, language: Language) -> Rows:
    """Return the figures as a table, the header first."""
    rows: Rows = [[column.to(language) for column in _COLUMNS]]
    for section in report.sections:
        for line in section.lines:
            rows.append(
                [section.title, line.label, line.number, line.shown, line.rests_on, line.benchmark, line.meaning]
            )
    return rows


def csv_file(report: Worded, language: Language) -> bytes:
    """Return the figures as CSV that a Dutch Excel opens rightly; no cell is a formula."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";")
    for row in figure_rows(report, language):
        writer.writerow([_plain(cell, language) for cell in row])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def xlsx_file(report: Worded, stories: Stories, language: Language) -> bytes:
    """Return the report as a workbook: figures, charts, years and released words, each on a sheet of its own."""
    from sandwich.sheets.xlsx import xlsx_book  # loaded where it is needed: it takes a tenth of a second

    charts: Rows = [[Text(nl="Grafiek", en="Chart").to(language), "", *["" for _ in range(3)]]]
    for section in report.sections:
        for chart in section.charts:
            charts.append([chart.title, chart.what, *chart.series])
            charts += [["", row.label, *row.numbers] for row in chart.rows]
    years: Rows = [["", *report.years]]
    years += [[label, *(line.number for line in lines)] for label, lines in report.trend]
    words: Rows = [[HEADINGS["words"].to(language), "", ""]]
    for key, told in (("stories", stories.stories), ("lessons", stories.lessons)):
        words += [[HEADINGS[key].to(language), story.text, _by(story)] for story in told]
    words += [[HEADINGS["wishes"].to(language), wish.label, wish.count] for wish in report.wishes]
    named = (("figures", figure_rows(report, language)), ("charts", charts), ("years", years), ("words", words))
    return xlsx_book({HEADINGS[key].to(language): rows for key, rows in named})


async def pdf_file(report: Worded, stories: Stories, name: str, made: date, language: Language) -> Paper:
    """Return the report as a PDF to print or send, by its file's ``name``; ``made`` is the local day that it says."""
    return await print_paper(TEMPLATE, name, said(report, stories, made, language))


def said(report: Worded, stories: Stories, made: date, language: Language) -> dict[str, Any]:
    """Return what stands in the PDF."""
    headings = {key: text.to(language) for key, text in HEADINGS.items()}
    day = format_date(made, "d MMMM y", locale=language.locale)
    return {
        "lang": language.value,
        "heading": headings["report"],
        "of": report.of,
        "period": report.period,
        "made": _MADE.filled(day=day).to(language),
        "headings": headings,
        "sections": [
            {
                "title": section.title,
                "lines": [_line(line) for line in section.lines],
                "charts": [_chart(chart) for chart in section.charts],
            }
            for section in report.sections
        ],
        "years": list(report.years),
        "trend": [[label, *(line.shown for line in lines)] for label, lines in report.trend],
        "stories": [{"text": story.text, "by": _by(story)} for story in stories.stories],
        "lessons": [{"text": story.text, "by": _by(story)} for story in stories.lessons],
        "wishes": [{"label": wish.label, "count": wish.count} for wish in report.wishes],
        "meanings": [[line.label, line.meaning] for section in report.sections for line in section.lines],
        "small": SMALL_NUMBERS.to(language),
        "source": SOURCE.to(language),
    }


def _line(line: Line) -> dict[str, str]:
    return {"label": line.label, "shown": line.shown, "rests_on": line.rests_on, "benchmark": line.benchmark}


def _chart(chart: Drawn) -> dict[str, Any]:
    rows = [
        {"label": row.label, "shown": list(row.shown), "lengths": list(row.lengths), "mark": row.mark}
        for row in chart.rows
    ]
    return {"title": chart.title, "series": list(chart.series), "rows": rows}


def _by(story: Story) -> str:
    return f"{story.name}, {story.title}" if story.name else story.title


def _plain(cell: str | float | None, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    written = f"{cell:g}" if abs(cell) < 1_000_000 else f"{cell:.0f}"
    return written.replace(".", ",") if language is Language.DUTCH else written
