"""The look: colours that can be read in light and dark, and figures that never speak by colour alone."""

import re

import pytest

from sandwich.settings import read_settings
from sandwich.web.pages import STATIC, Pages
from tests.web.reading import read

CSS = (STATIC / "sandwich.css").read_text(encoding="utf-8")
PAGES = Pages(read_settings({}, environment="development"))

TEXT = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "sunken"),
    ("ink", "press-soft"),
    ("ink", "leaf-soft"),
    ("ink", "busy-soft"),
    ("ink", "late-soft"),
    ("ink-soft", "paper"),
    ("ink-soft", "card"),
    ("ink-soft", "sunken"),
    ("ink-soft", "press-soft"),
    ("press", "paper"),
    ("press", "card"),
    ("press-strong", "press-soft"),
    ("on-press", "press"),
    ("on-press", "press-strong"),
    ("leaf-ink", "leaf-soft"),
    ("busy-ink", "busy-soft"),
    ("busy-ink", "sunken"),
    ("late", "paper"),
    ("late", "card"),
    ("late", "late-soft"),
]
SHAPES = [
    ("edge", "card"),
    ("edge", "paper"),
    ("focus", "paper"),
    ("focus", "card"),
    ("outline", "crust-empty"),
    ("outline", "paper"),
    ("outline", "card"),
]


def colours(scheme: str) -> dict[str, str]:
    """Return the colours of ``light`` or ``dark`` by name."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))
    return found | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", dark)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[start : start + 2], 16)) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 counts it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_shapes_stand_out(scheme: str) -> None:
    found = colours(scheme)
    for pairs, least in ((TEXT, 4.5), (SHAPES, 3.0)):
        for one, other in pairs:
            assert contrast(found[one], found[other]) >= least, (one, other, contrast(found[one], found[other]))


def test_a_printed_card_leaves_out_what_is_for_the_screen_and_keeps_its_photos_small() -> None:
    printed = CSS.split("@media print {", 1)[1].split("\n}", 1)[0]
    assert ".screen-only" in printed
    assert "break-inside: avoid" in printed
    assert ".impression__photos img { height: 5.5cm; }" in printed
    assert "@page { size: A4 portrait" in CSS


def test_contrast_is_counted_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def drawn(source: str, language: str = "nl") -> str:
    return PAGES.environment.from_string(source).render(language=language, formal=False)


def test_the_sandwich_says_how_far_it_is() -> None:
    source = (
        '{% from "macros/figure.html" import figure with context %}'
        "{{ figure({'before': 62, 'during': 0, 'after': 100}) }}"
    )
    assert "<title>voor 62 %, tijdens 0 %, na 100 %</title>" in drawn(source)
    assert "<title>before 62%, during 0%, after 100%</title>" in drawn(source, "en")
    assert 'role="img"' in drawn(source)


def test_the_dots_have_a_word_a_state_and_a_shape_each() -> None:
    source = (
        '{% from "macros/dots.html" import dots with context %}'
        "{{ dots({'goals': 'done', 'task_division': 'busy', 'share': 'open', 'feedback': 'open'}) }}"
    )
    page = read(drawn(source))
    assert page.content == "doelen : klaar ✓ taken : bezig … gedeeld : nog niet terug : nog niet"
    shapes = re.findall(r' d="([^"]+)"', page.text)
    assert len(shapes) == 4
    assert len(set(shapes)) == 4


def test_parts_escape_and_label() -> None:
    source = (
        '{% from "macros/parts.html" import field, area, choice, error_summary, notice, table, button with context %}'
        '{{ error_summary([("f-a", "Vul <b>in</b>")]) }}'
        '<form>{{ field("a", "Naam", value=\'"><script>\', problem="Vul in", help="Voluit") }}'
        '{{ area("b", "Tekst", value="<i>") }}{{ choice("c", "Kies", [("x", "<u>")], ["x"]) }}{{ button("Ja") }}</form>'
        '{% call notice("late") %}{{ "<s>" }}{% endcall %}{{ table("Lijst", ["wie", "wat"], [["a", "<em>"]]) }}'
    )
    page = read(drawn(source))
    assert page.unlabelled == []
    assert page.unclosed == []
    assert set(page.described_by) <= set(page.ids)
    assert page.form.fields == {"a": ['"><script>'], "b": ["<i>"], "c": ["x"]}
    for tag in ("<b>", "<script>", "<i>", "<u>", "<s>", "<em>"):
        assert tag not in page.text
