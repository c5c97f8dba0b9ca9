"""A school's own calendar, read from a table."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tables.calendar import BlockKind
from models.tables.network import HolidayRegion
from sandwich.definitions.mistakes import DefinitionError
from sandwich.definitions.own_calendar import OF_SCHOOLS, read_own_calendar
from sandwich.rules.calendar import Block, calendar_of
from tests.rules.school_year import AMSTERDAM, YEAR, day
from tests.support.mistakes import told_in_both

HEAD = "naam;soort;van;tot en met\n"
KINDS = {name: kind for kind, text in OF_SCHOOLS.items() for name in (text.nl, text.en)}


def read(text: str) -> tuple[Block, ...]:
    return read_own_calendar(text.encode(), "kalender.csv", "S3")


def mistakes(content: bytes | str) -> list[str]:
    """What the coordinator is told, without the name of the file."""
    with pytest.raises(DefinitionError) as caught:
        read_own_calendar(content.encode() if isinstance(content, str) else content, "kalender.csv", "S3")
    return [told_in_both(mistake) for mistake in caught.value.mistakes]


def own(kind: BlockKind, name: str, first: str, last: str) -> Block:
    return Block(kind, day(first), day(last), school="S3", name=name)


CARNIVAL = own(BlockKind.HOLIDAY, "Carnaval", "2027-02-08", "2027-02-12")
STUDY = own(BlockKind.STUDY_DAY, "Studiedag", "2026-12-11", "2026-12-11")
OPEN = own(BlockKind.OPEN, "Voorjaarsvakantie", "2027-02-15", "2027-02-19")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "Carnaval;vakantie;08-02-2027;12-02-2027\nStudiedag;studiedag;11-12-2026;\n"
        "Voorjaarsvakantie;wel les;15-02-2027;19-02-2027\n",
        "\ufeff" + HEAD + "Carnaval;Vakantie;8-2-2027;12/2/2027\n\n Studiedag ;STUDIEDAG;11-12-2026\n;;;\n"
        "Voorjaarsvakantie;wel  les;2027-02-15;2027-02-19;;",
        "name,kind,first,last\r\nCarnaval,holiday,2027-02-08,2027-02-12\r\nStudiedag,study day,2026-12-11,\r\n"
        'Voorjaarsvakantie,open,"2027-02-15",2027-02-19',
        "van\ttot en met\tnaam\tsoort\topmerking\n2027-02-08\t2027-02-12\tCarnaval\tvakantie\t\n"
        "2026-12-11\t\tStudiedag\tstudiedag\n2027-02-15\t2027-02-19\tVoorjaarsvakantie\twel les",
    ],
)
def test_a_table_as_spreadsheets_save_it(text: str) -> None:
    assert read(text) == (CARNIVAL, STUDY, OPEN)


def test_what_was_read_goes_before_the_region() -> None:
    blocks = read(HEAD + "Voorjaarsvakantie;vakantie;08-02-2027;12-02-2027\nStudiedag;studiedag;11-12-2026;\n")
    calendar = calendar_of((*YEAR, *blocks), AMSTERDAM, [("S3", HolidayRegion.SOUTH)])
    assert not calendar.is_working(day("2027-02-08"))
    assert calendar.is_working(day("2027-02-15"))
    assert not calendar.is_working(day("2026-12-11"))
    others = calendar_of((*YEAR, *blocks), AMSTERDAM, [("S1", HolidayRegion.SOUTH)])
    assert others.is_working(day("2027-02-08"))


@pytest.mark.parametrize("kind", ["gesloten", "Closed"])
def test_a_company_is_closed(kind: str) -> None:
    text = HEAD + f"Bouwvak;{kind};26-07-2027;13-08-2027\nBrugdag;{kind};07-05-2027;\n"
    assert read_own_calendar(text.encode(), "kalender.csv", company="B3") == (
        Block(BlockKind.CLOSED, day("2027-07-26"), day("2027-08-13"), name="Bouwvak", company="B3"),
        Block(BlockKind.CLOSED, day("2027-05-07"), day("2027-05-07"), name="Brugdag", company="B3"),
    )


def test_a_school_is_not_closed_and_a_company_has_no_holidays() -> None:
    text = HEAD + "Bouwvak;gesloten;26-07-2027;13-08-2027\nVrij;studiedag;07-05-2027;\nLes;Wel les;10-05-2027;\n"
    with pytest.raises(DefinitionError) as at_company:
        read_own_calendar(text.encode(), "kalender.csv", company="B3")
    assert [told_in_both(one) for one in at_company.value.mistakes] == [
        '3: "studiedag" is for a school only. Write "closed" for a company.',
        '4: "Wel les" is for a school only. Write "closed" for a company.',
    ]
    assert mistakes(text) == [
        '2: "gesloten" is for a company only. Choose from: holiday, study day, open.',
    ]
    with pytest.raises(DefinitionError, match='Did you mean "gesloten"'):
        read_own_calendar((HEAD + "Dicht;geslten;07-05-2027;").encode(), "kalender.csv", company="B3")


GOOD = "Carnaval;vakantie;08-02-2027;12-02-2027\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", ["1: there are no free days in it."]),
        (HEAD, ["1: there are no free days in it. Begin with a line: name;kind;first;last."]),
        (GOOD, ["1: the first line does not say what the columns are. Begin with a line"]),
        ("naam;van;tot en met\n", ['1: the column "kind" is missing.']),
        ("naam;soort;van\n", ['1: the column "last" is missing.']),
        ("naam;naam;soort;van;tot en met\n", ['1: the column "name" stands twice.']),
        (
            (HEAD + "Carnaval;vakantie;8-2-2027;\nMidfasten é;").encode("latin-1"),
            ["3: the file is not saved as UTF-8."],
        ),
        (b"PK\x03\x04\0\0", ["1: this is no table in text, or it is much too large."]),
        (HEAD + "x" * 100_001, ["1: this is no table in text, or it is much too large."]),
        (HEAD + "Vrij;studiedag;11-12-2026;\n" * 401, ["402: there are more than 400 lines in it; nobody"]),
        (HEAD + GOOD + "Vrij, vandaag;studiedag;11-12-2026;;x;y", ["3: the line has more cells than columns."]),
        (HEAD + ";studiedag;11-12-2026;", ["2: the name is missing."]),
        (HEAD + "Vrij;studidag;11-12-2026;", ['2: "studidag" is no kind of free days. Did you mean "studiedag"?']),
        (
            HEAD + "Vrij;feest;11-12-2026;",
            ['2: "feest" is no kind of free days. Choose from: holiday, study day, open.'],
        ),
        (HEAD + "Vrij;studiedag;31-11-2026;", ['2: "31-11-2026" is no date that exists. Write a date like']),
        (HEAD + "Vrij;studiedag;11-12-26;", ['2: "11-12-26" is no date']),
        (HEAD + "Vrij;studiedag;;", ['2: "" is no date']),
        (HEAD + "Vrij;studiedag;11 december 2026;", ['2: "11 december 2026" is no date']),
        (
            HEAD + "Vrij;vakantie;12-02-2027;08-02-2027",
            ["2: Vrij ends before it begins. See whether the dates are swapped."],
        ),
        (HEAD + "Vrij;vakantie;12-02-2027;12-02-2028", ["2: Vrij lasts 366 days. See whether the year is right."]),
        (HEAD + "=2+5;vakantie;12-02-2027;", ["2: a cell holds a formula: =2+5 Put the result there."]),
        (
            HEAD + GOOD + "Vastenavond;vakantie;12-02-2027;13-02-2027",
            ["3: Vastenavond falls together with Carnaval on line 2. Leave every day on one line."],
        ),
        (
            HEAD + "A;b;c;d\n;studiedag;11-12-2026;",
            ['2: "b" is no kind', '2: "c" is no date', '2: "d" is no date', "3: the name"],
        ),
    ],
)
def test_every_mistake_is_told_with_its_line_and_what_to_do(content: bytes | str, told: list[str]) -> None:
    found = mistakes(content)
    assert [one[: len(begin)] for one, begin in zip(found, told, strict=True)] == told


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEAD + text).encode("utf-8", "replace")))
def test_whatever_comes_in_is_read_or_told(content: bytes) -> None:
    with suppress(DefinitionError):
        assert read_own_calendar(content, "kalender.csv", "S3")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(KINDS)),
            st.dates(date(2026, 8, 1), date(2027, 7, 31)),
            st.integers(0, 44),
            st.sampled_from(["{:%d-%m-%Y}", "{:%Y-%m-%d}", "{:%d/%m/%Y}"]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(";,\t"),
)
def test_what_is_written_is_what_is_read(rows: list[tuple[str, date, int, str]], mark: str) -> None:
    seen: dict[tuple[BlockKind, date], int] = {}
    lines, blocks = [mark.join(["naam", "soort", "van", "tot en met"])], []
    for number, (kind, first, days, shape) in enumerate(rows):
        block = Block(KINDS[kind], first, first + timedelta(days=days), school="S3", name=f"Vrij {number}")
        if any((block.kind, free) in seen for free in block.days()):
            continue
        seen |= {(block.kind, free): number for free in block.days()}
        blocks.append(block)
        lines.append(mark.join([block.name, kind, shape.format(first), shape.format(block.last) if days else ""]))
    assert read("\n".join(lines)) == tuple(blocks)
