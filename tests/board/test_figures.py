"""The figures on the board, the year report, and what can be saved of it."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from fastapi import FastAPI
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from models.tables.network import Person
from models.text import Language
from sandwich.rules.school_years import SchoolYear
from sandwich.runtime import Runtime
from sandwich.services.figures import report_of
from sandwich.services.report_files import csv_file, pdf_file, said, xlsx_file
from sandwich.services.report_words import Worded, worded
from sandwich.services.stories import Stories, Story
from tests.board.conftest import signed_in
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.made_year import GOOD, MadeYear

pytestmark = pytest.mark.asyncio

ON = datetime(2026, 8, 25, 12, 30, tzinfo=UTC)
FORMULA = '=HYPERLINK("https://evil.example")'


@pytest_asyncio.fixture
async def held(runtime: Runtime, cast: Cast) -> Cast:
    """Three visits of two schools that were held before the clock's day; a title and a story look like formulas."""
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        made = MadeYear(session, runtime.library, cast.region.id, cast.id("C1"))
        people = [await made.person(school=cast.schools["S1"]) for _ in range(3)]
        people += [await made.person(school=cast.schools["S2"]) for _ in range(3)]
        says = {**GOOD, "impact-check": {**GOOD["impact-check"], "evidence": FORMULA}}
        for number in range(3):
            on, title = ON - timedelta(days=number), "+Prefab" if number else "Bezoek"
            await made.held(on, people, cast.person("P3"), says=says, title=title, complete=number > 0)
    return cast


async def test_the_figures_are_one_press_from_the_board(jolanda: Browser, held: Cast) -> None:
    assert ("/board/figures", "Cijfers") in (await jolanda.open("/board")).links
    page = await jolanda.open("/board/figures")
    assert jolanda.status == 200
    for words in (
        "STO-regio De Grienden, 2026–2027",
        "Complete sandwiches 67 % 2 van 3",
        "Uren bevestigd 18",
        "Uren geschat 0",
        "Goed bestede tijd 100 % 18 van 18 93 % van de Engelse docenten vond het dat",
        "University of Derby",
        "Een cijfer over antwoorden staat er vanaf drie antwoorden",
    ):
        assert words in " ".join(page.text.split()), words


async def test_every_chart_has_a_name_words_and_a_table(jolanda: Browser, held: Cast) -> None:
    for address in ("/board/figures", "/board/figures/report"):
        html = (await jolanda.open(address)).html
        charts = re.findall(r'<svg class="chart__svg".*?</figure>', html, re.DOTALL)
        assert len(charts) >= 8
        for chart in charts:
            [title] = re.findall(r"<title id=[^>]*>([^<]+)</title>", chart)
            [words] = re.findall(r"<desc id=[^>]*>([^<]+)</desc>", chart)
            assert title in html
            rows = re.findall(r'<tr><th scope="row">([^<]+)</th>', chart)
            assert rows
            assert all(row in words for row in rows)
        assert "style=" not in html, "our own policy would leave it out"
        ids = re.findall(r' id="([^"]+)"', html)
        assert len(ids) == len(set(ids))


async def test_bars_are_told_apart_by_pattern(jolanda: Browser, held: Cast) -> None:
    html = (await jolanda.open("/board/figures")).html
    for name in re.findall(r'fill="url\(#([^)]+)\)"', html):
        assert f'<pattern id="{name}"' in html
    assert 'fill="url(#chart-company_hours-1)"' in html, "estimated beside confirmed"


async def test_a_school_and_another_year_can_be_chosen(jolanda: Browser, held: Cast) -> None:
    school = held.schools["S1"]
    page = await jolanda.open(f"/board/figures?of={school.id}&year=calendar-2026")
    assert f"{school.name}, 2026" in page.text
    assert "Docenten 3" in " ".join(page.text.split())
    empty = await jolanda.open("/board/figures?year=school-2019")
    assert "Over deze periode is niets bekend" in empty.text
    assert 'class="tile"' not in empty.html


@pytest.mark.parametrize(
    "query", ["year=school-20x6", "year=2026", "of=nobody", "year=%3Cscript%3E", "of=S1&year=school-2026"]
)
async def test_what_there_is_not_is_said_and_never_printed(jolanda: Browser, held: Cast, query: str) -> None:
    page = await jolanda.open(f"/board/figures?{query}")
    assert jolanda.status == 200
    assert "Dit jaar of deze school is er niet bij" in page.text
    for ending in ("", ".pdf", ".xlsx", ".csv"):
        await jolanda.open(f"/board/figures/report{ending}?{query}")
        assert jolanda.status == 404


async def test_the_report_has_everything_and_nothing_that_was_not_released(jolanda: Browser, held: Cast) -> None:
    page = await jolanda.open("/board/figures/report")
    text = " ".join(page.text.split())
    assert "Jaarverslag 2026–2027 STO-regio De Grienden Gemaakt op donderdag 24 september 2026." in text
    for heading in (
        "De hele sandwich",
        "Van jaar tot jaar",
        "Wat ervan kwam, in eigen woorden",
        "Wat docenten hierna willen",
    ):
        assert heading in text
    assert "Een docentstage: 18" in text
    assert FORMULA in page.text, "words are words"


async def test_in_english_for_who_reads_english(app: FastAPI, runtime: Runtime, held: Cast) -> None:
    async with runtime.store.change(now=await runtime.clock.now(), actor="test") as session:
        (await session.get_one(Person, held.id("C2"))).language = Language.ENGLISH
    async with signed_in(app, runtime, held.id("C2")) as browser:
        for address in ("/board/figures", "/board/figures/report"):
            text = " ".join((await browser.open(address)).text.split())
            assert "Complete sandwiches 67 % 2 of 3" in text
            assert "Hours confirmed 18" in text
            for dutch in ("Uren", "docenten", "Geannuleerd", "Tevreden", "antwoorden"):
                assert dutch not in text, dutch


async def test_another_region_sees_nothing_of_it(app: FastAPI, runtime: Runtime, held: Cast, stranger: Browser) -> None:
    page = await stranger.open("/board/figures")
    assert "Over deze periode is niets bekend" in page.text
    for ending in ("", ".pdf", ".xlsx", ".csv"):
        await stranger.open(f"/board/figures/report{ending}?of={held.schools['S1'].id}")
        assert stranger.status == 404


async def test_nobody_who_is_not_signed_in_sees_a_figure(browser: Browser, held: Cast) -> None:
    for ending in ("", "/report", "/report.pdf", "/report.xlsx", "/report.csv"):
        await browser.open(f"/board/figures{ending}")
        assert browser.path == "/login"


# files


async def test_the_workbook_has_numbers_to_count_with_and_no_formula(jolanda: Browser, held: Cast) -> None:
    await jolanda.open("/board/figures/report.xlsx")
    assert jolanda.answer is not None
    assert jolanda.answer.headers["content-disposition"] == 'attachment; filename="jaarverslag-2026-2027.xlsx"'
    book = load_workbook(io.BytesIO(jolanda.answer.content))
    assert book.sheetnames == ["Cijfers", "Grafieken", "Jaren", "Verhalen"]
    figures = {row[1]: row for row in cells(book["Cijfers"])[1:]}
    assert figures["Complete sandwiches"][2:5] == (67, "67 %", "2 van 3")
    assert figures["Uren bevestigd"][2] == 18
    assert figures["Goed bestede tijd"][5] == "93 % van de Engelse docenten vond het dat"
    assert ("Gehouden", 0, 0, 3) in cells(book["Jaren"])
    assert FORMULA in {row[1] for row in cells(book["Verhalen"])}
    assert [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


async def test_the_table_guards_what_a_spreadsheet_would_carry_out(
    jolanda: Browser, held: Cast, runtime: Runtime
) -> None:
    await jolanda.open("/board/figures/report.csv")
    assert jolanda.answer is not None
    rows = list(csv.reader(io.StringIO(jolanda.answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Onderwerp", "Cijfer", "Waarde"]
    assert next(row for row in rows if row[1] == "Docenten tevreden")[2:4] == ["5", "5,0"]
    report = await report_in(runtime, held)
    sections = tuple(type(one)(one.key, FORMULA, one.lines, one.charts) for one in report.sections)
    bad = Worded(report.of, report.period, sections, report.years, report.trend, report.wishes)
    assert f"'{FORMULA}".encode() in csv_file(bad, Language.DUTCH).replace(b'""', b'"')


async def test_the_pdf_says_the_same(jolanda: Browser, held: Cast, runtime: Runtime) -> None:
    await jolanda.open("/board/figures/report.pdf")
    assert jolanda.answer is not None
    assert jolanda.answer.content.startswith(b"%PDF-")
    assert jolanda.answer.headers["content-disposition"] == 'inline; filename="jaarverslag-2026-2027.pdf"'
    told = said(await report_in(runtime, held), Stories(), date(2026, 9, 24), Language.DUTCH)
    assert told["sections"][0]["lines"] == [
        {"label": "Complete sandwiches", "shown": "67 %", "rests_on": "2 van 3", "benchmark": ""}
    ]
    assert told["made"] == "Gemaakt op 24 september 2026."


@pytest.mark.parametrize("language", list(Language))
async def test_control_14_whatever_people_typed_stays_text_in_a_file(
    runtime: Runtime, held: Cast, language: Language
) -> None:
    typed = "#panic() *vet* $x$ \\ " + FORMULA + " \U0001f96a \u202e"
    stories = Stories((Story(typed, typed, typed),), (Story(typed, "@titel"),))
    report = await report_in(runtime, held, language)
    paper = await pdf_file(report, stories, "x.pdf", date(2026, 9, 24), language)
    assert paper.content.startswith(b"%PDF-")
    book = load_workbook(io.BytesIO(xlsx_file(report, stories, language)))
    assert typed in {row[1] for sheet in book for row in cells(sheet) if len(row) > 1}


async def report_in(runtime: Runtime, cast: Cast, language: Language = Language.DUTCH) -> Worded:
    """Return the report of the region in words."""
    async with runtime.store.read() as session:
        found = await report_of(session, runtime, cast.region, None, SchoolYear(2026))
    return worded(found, runtime.library, language)


def cells(sheet: Worksheet) -> list[tuple[object, ...]]:
    """Return the values of a sheet."""
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]
