"""The best pairs of a table, tried against every choice there is."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from sandwich.rules.assignment import best_pairs, cheapest

Table = list[list[int | None]]


def tables() -> st.SearchStrategy[Table]:
    """Small tables with few different values, so that much is equally good."""
    cells = st.none() | st.integers(0, 3) | st.integers(0, 100)
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5)
    )


def every_choice(table: Table, row: int = 0, taken: frozenset[int] = frozenset()) -> Iterator[list[tuple[int, int]]]:
    """All ways to pair rows with columns, also with fewer pairs than could be."""
    if row == len(table):
        yield []
        return
    yield from every_choice(table, row + 1, taken)
    for column, value in enumerate(table[row]):
        if value is not None and column not in taken:
            for rest in every_choice(table, row + 1, taken | {column}):
                yield [(row, column), *rest]


def rank(table: Table, pairs: list[tuple[int, int]]) -> tuple[object, ...]:
    """What is best comes first: most pairs, highest sum, then the rows in order, each with its best column."""
    values = [table[row][column] or 0 for row, column in pairs]
    partner = dict(pairs)
    rows = [
        (0, -(table[row][partner[row]] or 0), partner[row]) if row in partner else (1, 0, 0)
        for row in range(len(table))
    ]
    return (-len(pairs), -sum(values), rows)


@settings(max_examples=150)
@given(tables())
def test_nothing_is_better_than_the_best_pairs_and_of_what_is_equal_one_comes_out(table: Table) -> None:
    assert best_pairs(table) == min(every_choice(table), key=lambda pairs: rank(table, pairs))


def test_one_pair_more_goes_before_any_score() -> None:
    assert best_pairs([[100, 1], [0, None]]) == [(0, 1), (1, 0)]


def test_a_table_of_nothing_has_no_pairs() -> None:
    assert best_pairs([]) == []
    assert best_pairs([[], []]) == []
    assert best_pairs([[None, None], [None, None]]) == []


def test_the_cheapest_gives_every_row_its_own_column() -> None:
    assert cheapest([[1, 2], [1, 5]]) == [1, 0]
