"""The advice beside the question what an activity is for."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from models.playbook import Playbook
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.web.board.advice import advise
from tests.support.browser import Browser

Kinds = Callable[..., Library]


@pytest.fixture
def kinds(library: Library) -> Kinds:
    """Make a library with the company visit and others like it."""
    visit = library.playbook("company-visit")

    def make(*others: Playbook) -> Library:
        return replace(library, playbooks={book.key: book for book in (visit, *others)})

    return make


def told(library: Library) -> dict[str, str | None]:
    """Return what is said beside each purpose."""
    return {purpose.key: purpose.advice.nl if purpose.advice else None for purpose in advise(library)}


def test_one_kind_fits_best_or_fits_or_fits_not(kinds: Kinds) -> None:
    """The column of the visit in the table of the field, as it stands there."""
    assert told(kinds()) == {
        "trends": "past het best",
        "placement": "past het best",
        "knowledge": "past",
        "relation": "past",
        "occupations": "past",
        "material-input": None,
        "other-school": None,
        "make-material": None,
    }


def test_several_kinds_are_named(kinds: Kinds) -> None:
    (visit,) = kinds().playbooks.values()
    stage = visit.model_copy(
        update={
            "key": "stage",
            "title": Text(nl="Docentstage", en="Internship"),
            "purposes": ("knowledge", "make-material"),
            "best_for": ("knowledge",),
        }
    )
    said = told(kinds(stage))
    assert said["knowledge"] == "past het best bij: Docentstage; past bij: Bedrijfsbezoek"
    assert said["trends"] == "past het best bij: Bedrijfsbezoek"
    assert said["make-material"] == "past bij: Docentstage"
    assert said["other-school"] is None


MATRIX = {
    "knowledge": "company-visit masterclass** teacher-internship** job-twinning teacher-design-team",
    "trends": "company-visit** masterclass teacher-internship speeddates school-visit",
    "relation": "company-visit masterclass teacher-internship job-twinning** speeddates**",
    "material-input": "masterclass teacher-internship job-twinning** speeddates teacher-design-team**",
    "placement": "company-visit** teacher-internship speeddates",
    "occupations": "company-visit masterclass teacher-internship** job-twinning speeddates**",
    "other-school": "teacher-internship school-visit** teacher-design-team**",
    "make-material": "teacher-internship job-twinning teacher-design-team**",
}
"""Which of the seven kinds fit a purpose, and with two stars best: the field's table, written down by hand."""

SEVEN = "company-visit masterclass teacher-internship job-twinning speeddates school-visit teacher-design-team"


def test_the_seven_kinds_fit_the_purposes_of_the_field(library: Library) -> None:
    books = [library.playbook(key) for key in SEVEN.split()]
    for purpose, kinds in MATRIX.items():
        assert [
            f"{book.key}{'**' if purpose in book.best_for else ''}" for book in books if purpose in book.purposes
        ] == kinds.split(), purpose


@pytest.mark.asyncio
async def test_the_start_page_names_the_kinds_beside_each_purpose(jolanda: Browser) -> None:
    page = await jolanda.open("/board/start?whole")
    said = " ".join(page.text.split())
    assert "Trends en nieuwe technieken zien past het best bij: Bedrijfsbezoek; past bij: " in said
    assert "past nog geen draaiboek" not in said
