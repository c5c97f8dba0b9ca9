"""The own free days of a school or company from a table (CSV), as a coordinator saves it from a spreadsheet."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from models.tables.calendar import BlockKind
from models.text import Text
from sandwich.definitions.mistakes import DefinitionError, Mistake
from sandwich.rules.calendar import Block

MOST_ROWS = 400
"""More free runs than anybody has in ten years."""
MOST_BYTES = 100_000
LONGEST = 75
"""Days; a summer holiday has 44."""

COLUMNS = {
    "name": ("naam", "name"),
    "kind": ("soort", "kind"),
    "first": ("van", "first"),
    "last": ("tot en met", "last"),
}
"""What the columns are called, in Dutch and English. ``last`` may stay empty where it is one day."""

OF_SCHOOLS = {
    BlockKind.HOLIDAY: Text(nl="vakantie", en="holiday"),
    BlockKind.STUDY_DAY: Text(nl="studiedag", en="study day"),
    BlockKind.OPEN: Text(nl="wel les", en="open"),
}
"""What stands in the column of the kind for a school. The third gives days of a holiday of the region back."""

OF_COMPANIES = {BlockKind.CLOSED: Text(nl="gesloten", en="closed")}
"""What stands there for a company."""

_NOT_UTF8 = Text(nl="het bestand is niet bewaard als UTF-8.", en="the file is not saved as UTF-8.")
_SAVE_AS = Text(nl='Bewaar het als "CSV UTF-8".', en='Save it as "CSV UTF-8".')
_NO_TABLE = Text(
    nl="dit is geen tabel in tekst, of hij is veel te groot.", en="this is no table in text, or it is much too large."
)
_EMPTY = Text(nl="er staan geen vrije dagen in.", en="there are no free days in it.")
_HEAD = Text(
    nl="Begin met een regel: naam;soort;van;tot en met. Daaronder elke vrije periode op een regel.",
    en="Begin with a line: name;kind;first;last. Below it every run of free days on a line.",
)
_NO_HEAD = Text(nl="de eerste regel noemt de kolommen niet.", en="the first line does not say what the columns are.")
_NO_COLUMN = Text(nl='de kolom "{nl}" ontbreekt.', en='the column "{en}" is missing.')
_TWO_COLUMNS = Text(nl='de kolom "{nl}" staat er twee keer.', en='the column "{en}" stands twice.')
_TOO_MANY = Text(
    nl="er staan meer dan {most} regels in; zo veel vrije dagen heeft niemand.",
    en="there are more than {most} lines in it; nobody has so many free days.",
)
_SPLIT = Text(nl="Knip het bestand in stukken.", en="Cut the file into pieces.")
_MORE_CELLS = Text(nl="de regel heeft meer vakjes dan kolommen.", en="the line has more cells than columns.")
_QUOTE = Text(
    nl="Zet een naam met {mark} erin tussen dubbele aanhalingstekens.", en="Put a name with {mark} in double quotes."
)
_NO_NAME = Text(nl="de naam ontbreekt.", en="the name is missing.")
_GIVE_NAME = Text(nl="Vul in hoe de vrije dagen heten.", en="Fill in what the free days are called.")
_FORMULA = Text(nl="in een vakje staat een formule: {cell}", en="a cell holds a formula: {cell}")
_PASTE = Text(nl="Zet er de uitkomst in.", en="Put the result there.")
_NO_KIND = Text(nl='"{cell}" is geen soort vrije dagen.', en='"{cell}" is no kind of free days.')
_CHOOSE = Text(nl='Kies uit: vakantie, studiedag, "wel les".', en="Choose from: holiday, study day, open.")
_ONLY_SCHOOLS = Text(nl='"{cell}" is er alleen voor een school.', en='"{cell}" is for a school only.')
_ONLY_COMPANIES = Text(nl='"{cell}" is er alleen voor een bedrijf.', en='"{cell}" is for a company only.')
_CLOSED = Text(nl='Schrijf bij een bedrijf "gesloten".', en='Write "closed" for a company.')
_MEANT = Text(nl='Bedoelde je "{near}"?', en='Did you mean "{near}"?')
_NO_DATE = Text(nl='"{cell}" is geen datum die bestaat.', en='"{cell}" is no date that exists.')
_WRITE_DATE = Text(nl="Schrijf een datum als 11-12-2026.", en="Write a date like 2026-12-11 or 11-12-2026.")
_BACKWARDS = Text(nl="{name} eindigt voor het begint.", en="{name} ends before it begins.")
_SWAP = Text(nl="Kijk of de datums omgewisseld zijn.", en="See whether the dates are swapped.")
_TOO_LONG = Text(nl="{name} duurt {days} dagen.", en="{name} lasts {days} days.")
_YEAR = Text(nl="Kijk of het jaar klopt.", en="See whether the year is right.")
_OVERLAP = Text(
    nl="{name} valt samen met {other} op regel {line}.", en="{name} falls together with {other} on line {line}."
)
_KEEP_ONE = Text(nl="Laat elke dag op één regel staan.", en="Leave every day on one line.")


@dataclass(frozen=True)
class _Row:
    line: int
    block: Block


@dataclass
class _Reader:
    file: str
    school: str | None
    company: str | None
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def kinds(self) -> Mapping[str, BlockKind]:
        """The kinds that the column may have, by their names."""
        return _by_name(OF_SCHOOLS if self.company is None else OF_COMPANIES)

    def refuse_kind(self, line: int, cell: str) -> None:
        """Say that this is no kind, or none of these."""
        of_school = self.company is None
        remedy = _CHOOSE if of_school else _CLOSED
        if cell.casefold() in _by_name(OF_COMPANIES if of_school else OF_SCHOOLS):
            self.wrong(line, (_ONLY_COMPANIES if of_school else _ONLY_SCHOOLS).filled(cell=cell), remedy)
            return
        near = get_close_matches(cell.casefold(), self.kinds, n=1)
        self.wrong(line, _NO_KIND.filled(cell=cell), _MEANT.filled(near=near[0]) if near else remedy)

    def wrong(self, line: int, what: Text, remedy: Text) -> None:
        self.mistakes.append(Mistake(self.file, line, what, remedy))


def _by_name(kinds: Mapping[BlockKind, Text]) -> dict[str, BlockKind]:
    return {name: kind for kind, text in kinds.items() for name in (text.nl, text.en)}


def read_own_calendar(
    content: bytes, file: str, school: str | None = None, *, company: str | None = None
) -> tuple[Block, ...]:
    """Return the free days of a ``school``, or else of a ``company``, in the order of the table.

    ``file`` is how it is called in messages.

    Cells are divided by semicolons, commas or tabs; columns and kinds have Dutch or English names. All or nothing:
    raises ``DefinitionError`` with every mistake, its line and what to do.
    """
    reader = _Reader(file, school, company)
    rows = [row for row in _rows(reader, content) if row is not None]
    if not reader.mistakes:
        for number, row in enumerate(rows):
            _refuse_overlap(reader, row, rows[:number])
    if not rows and not reader.mistakes:
        reader.wrong(1, _EMPTY, _HEAD)
    if reader.mistakes:
        raise DefinitionError(reader.mistakes)
    return tuple(row.block for row in rows)


def _refuse_overlap(reader: _Reader, row: _Row, above: Sequence[_Row]) -> None:
    block = row.block
    for other in above:
        both = other.block.kind is block.kind and other.block.first <= block.last and block.first <= other.block.last
        if both:
            told = _OVERLAP.filled(name=block.name, other=other.block.name, line=other.line)
            return reader.wrong(row.line, told, _KEEP_ONE)
    return None


def _rows(reader: _Reader, content: bytes) -> Iterator[_Row | None]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return reader.wrong(content.count(b"\n", 0, error.start) + 1, _NOT_UTF8, _SAVE_AS)
    if "\0" in text or len(content) > MOST_BYTES:
        return reader.wrong(1, _NO_TABLE, _SAVE_AS)
    lines = text.splitlines()
    head = lines[0] if lines else ""
    mark = max(";,\t", key=head.count)
    table = csv.reader(lines, delimiter=mark)
    places = _columns(reader, next(table, []))
    if places is None:
        return None
    for number, cells in enumerate(table):
        if number >= MOST_ROWS:
            return reader.wrong(table.line_num, _TOO_MANY.filled(most=MOST_ROWS), _SPLIT)
        if any(cell.strip() for cell in cells):
            yield _row(reader, table.line_num, cells, places, mark)
    return None


def _columns(reader: _Reader, head: list[str]) -> Mapping[str, int] | None:
    """Return where each column stands; ``None`` where that is not clear."""
    cells = [" ".join(cell.split()).casefold() for cell in head]
    places: dict[str, int] = {}
    if not any(cell in names for cell in cells for names in COLUMNS.values()):
        reader.wrong(1, _NO_HEAD if any(cells) else _EMPTY, _HEAD)
        return None
    for column, names in COLUMNS.items():
        found = [place for place, cell in enumerate(cells) if cell in names]
        nl, en = names
        if len(found) > 1:
            reader.wrong(1, _TWO_COLUMNS.filled(nl=nl, en=en), _HEAD)
        elif found:
            places[column] = found[0]
        else:
            reader.wrong(1, _NO_COLUMN.filled(nl=nl, en=en), _HEAD)
    return None if reader.mistakes else places


def _row(reader: _Reader, line: int, cells: list[str], places: Mapping[str, int], mark: str) -> _Row | None:
    before = len(reader.mistakes)
    if any(cell.strip() for cell in cells[max(places.values()) + 1 :]):
        reader.wrong(line, _MORE_CELLS, _QUOTE.filled(mark=mark))
    name, kind, first, last = (
        " ".join(cells[place].split()) if place < len(cells) else "" for place in (places[one] for one in COLUMNS)
    )
    if formulas := [cell for cell in (name, kind, first, last) if cell.startswith(("=", "+", "@"))]:
        reader.wrong(line, _FORMULA.filled(cell=formulas[0]), _PASTE)
        return None
    if not name:
        reader.wrong(line, _NO_NAME, _GIVE_NAME)
    if kind.casefold() not in reader.kinds:
        reader.refuse_kind(line, kind)
    begin = _date(reader, line, first)
    end = _date(reader, line, last) if last else begin
    if begin and end and (wrong := refused_run(name, begin, end)):
        reader.wrong(line, *wrong)
    if len(reader.mistakes) > before or begin is None or end is None:
        return None
    kept = reader.kinds[kind.casefold()]
    return _Row(line, Block(kept, begin, end, school=reader.school, name=name, company=reader.company))


def refused_run(name: str, first: date, last: date) -> tuple[Text, Text] | None:
    """Return why a run of free days cannot be, and what to do; ``None`` where it can."""
    if last < first:
        return _BACKWARDS.filled(name=name), _SWAP
    days = (last - first).days + 1
    return (_TOO_LONG.filled(name=name, days=days), _YEAR) if days > LONGEST else None


def _date(reader: _Reader, line: int, cell: str) -> date | None:
    """Read 2026-12-11, 11-12-2026 and 11/12/2026: the day before the month, as Dutch spreadsheets write it."""
    parts = cell.replace("/", "-").split("-")
    try:
        numbers = [int(part) for part in parts if part.isascii() and part.isdigit()]
        year_first = len(parts[0]) == 4
        if len(numbers) == 3 == len(parts) and len(parts[0 if year_first else 2]) == 4:
            return date(*(numbers if year_first else numbers[::-1]))
    except ValueError:
        pass  # the thirty-first of a month that has thirty
    reader.wrong(line, _NO_DATE.filled(cell=cell), _WRITE_DATE)
    return None
