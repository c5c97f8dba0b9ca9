"""The page about figures has every figure with its meaning, and no other."""

import re
from pathlib import Path

from sandwich.rules.figures.chart_wording import BENCHMARKS, GROUPS
from sandwich.rules.figures.wording import FIGURES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")


def test_every_figure_stands_there_with_what_it_means() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    told = [(label, meaning) for label, meaning, _ in rows if label != "Figure"]
    expected = set()
    for key, words in FIGURES.items():
        beside = BENCHMARKS.get(key)
        also = f" Beside it: {beside.percent} % {beside.of.en}." if beside else ""
        expected.add((words.label.en, words.meaning.en + also))
    assert set(told) == expected
    assert len(told) == len(FIGURES)


def test_every_group_is_a_heading() -> None:
    assert set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) == {group.en for group in GROUPS.values()}
