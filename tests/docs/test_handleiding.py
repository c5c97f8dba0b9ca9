"""The guide for coordinators says what stands on the pages, and shows pictures that a command takes."""

import re
from pathlib import Path

from sandwich import labels

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "handleiding.md").read_text(encoding="utf-8")
MOST_WORDS = 25
"""Words in a sentence, above which it is not at B1 level."""


def test_every_button_that_it_names_stands_on_a_page() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "templates" / "pages").rglob("*.html"))
    said = pages + "\n" + "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "sandwich").rglob("*.py"))
    stages = {text.nl.capitalize() for text in labels.STAGE.values()}
    for name in set(re.findall(r"\*\*(.+?)\*\*", GUIDE)):
        shown = " ".join(name.split())
        assert shown in stages or re.search(rf"[\"'>]\s*{re.escape(shown)}", said) or shown in said, name


def test_every_picture_is_one_that_is_taken_by_the_command() -> None:
    taken = "".join((ROOT / "tests" / "support" / name).read_text() for name in ("pictures.py", "faces.py"))
    pictures = re.findall(r"!\[(.+?)\]\(pictures/(.+?)\.png\)", GUIDE)
    assert len(pictures) >= 6
    for described, name in pictures:
        assert f'"{name}' in taken, name
        assert len(described) > 15
        assert (ROOT / "docs" / "pictures" / f"{name}.png").stat().st_size < 300_000


def test_its_sentences_are_short() -> None:
    prose = re.sub(r"!\[.*?\]\(.*?\)|[*`|#]", " ", GUIDE)
    for sentence in re.split(r"(?<=[.!?:;])\s+|\n\n|\n-|\n ", prose):
        assert len(sentence.split()) <= MOST_WORDS, sentence
