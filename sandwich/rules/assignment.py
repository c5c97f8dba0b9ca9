"""Who goes with whom at the best total: a thin layer over scipy's solver of assignment problems.

scipy is loaded when something is solved, not before: it costs a second and most commands never need it.
"""

from collections.abc import Sequence


def cheapest(cost: Sequence[Sequence[float]]) -> list[int]:
    """Return the column of each row of a square table, every column once, at the lowest total cost.

    ``inf`` forbids. Raises ``ValueError`` where what is forbidden leaves nothing.
    """
    from scipy.optimize import linear_sum_assignment

    if not cost:
        return []
    _, columns = linear_sum_assignment(cost)
    return [int(column) for column in columns]


def best_pairs(values: Sequence[Sequence[int | None]]) -> list[tuple[int, int]]:
    """Return the pairs (row, column): as many as can be, and of those the highest sum of ``values``.

    Values are whole numbers, none below zero; ``None`` forbids a pair. Of what is equally good one comes out, whatever
    the version of the solver: the first row gets the pair with the highest value that it can get, of those the first
    column; then the second row, and so on.
    """
    rows, columns = list(range(len(values))), list(range(len(values[0]) if values else 0))
    highest = max((value for row in values for value in row if value is not None), default=0)
    # Worth more than all values together: so one pair more always wins.
    pair = highest * min(len(rows), len(columns)) + 1
    gain = [[0 if value is None else pair + value for value in row] for row in values]
    found = []
    best, partner = _best(gain, rows, columns)
    while rows:
        row = rows.pop(0)
        wanted = sorted((column for column in columns if gain[row][column]), key=lambda one: (-gain[row][one], one))
        for column in wanted:
            rest = [one for one in columns if one != column]
            left, others = (best - gain[row][column], partner)
            if partner.get(row) != column:
                left, others = _best(gain, rows, rest)
            if gain[row][column] + left == best:
                found.append((row, column))
                best, partner, columns = left, others, rest
                break
    return found


def _best(gain: list[list[int]], rows: list[int], columns: list[int]) -> tuple[int, dict[int, int]]:
    """Return the highest gain of these rows and columns, and who then goes with whom."""
    from scipy.optimize import linear_sum_assignment

    if not rows or not columns:
        return 0, {}
    chosen = linear_sum_assignment([[gain[row][column] for column in columns] for row in rows], maximize=True)
    partner = {rows[at]: columns[to] for at, to in zip(*chosen, strict=True) if gain[rows[at]][columns[to]]}
    return sum(gain[row][column] for row, column in partner.items()), partner
