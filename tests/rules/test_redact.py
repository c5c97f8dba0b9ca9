"""One person's name and addresses are found however they are written, and nobody else's."""

import unicodedata

import pytest

from sandwich.rules.redact import REDACTED, Known, Redaction

LAAN = Redaction(
    Known("Erik", "", "Laan", ("e.laan@hetkompas.example", "06-00000008"), ("Bouwbedrijf Korteweg", "Het Kompas"))
)
RIJS = Redaction(Known("Gerrit", "van", "Rijs", ("info@vanrijs.example",), ("Van Rijs Installatietechniek",)))
AGE = Redaction(Known("Zoë", "d'", "Âge", (), ()))


@pytest.mark.parametrize(
    "text",
    [
        "Erik Laan", "erik laan", "ERIK LAAN", "Erik   Laan", "Erik\nLaan", "ErikLaan", "erik-laan", "erik_laan",
        "E. Laan", "E.Laan", "e laan", "Laan, Erik", "Laan, E.", "meneer Laan", "dhr. Laan", "LAAN", "Laan", "Laan's",
        "e.laan@hetkompas.example", "E.LAAN@HETKOMPAS.EXAMPLE", "06-00000008", "06 0000 0008", "0600000008",
        "+31 6 00000008", "0031 600000008",
    ],
)  # fmt: skip
def test_every_spelling_goes(text: str) -> None:
    """Alone, in a sentence, in a file's name."""
    assert LAAN.of(text) == REDACTED
    assert LAAN.of(f"Dank aan {text}, en tot ziens.") == f"Dank aan {REDACTED}, en tot ziens."
    if "@" not in text:  # there the letters before it may belong to another address
        assert LAAN.of(f"foto_{text}_1.jpg") == f"foto_{REDACTED}_1.jpg"


@pytest.mark.parametrize(
    "text",
    [
        "de laan in", "Spantlaan 12", "Laanstra", "Erikson", "mevrouw Verlaan", "elaan@hetkompas.example",
        "p.laan2@hetkompas.example", "106000000081", "06-00000009", "", "[…]",
    ],
)  # fmt: skip
def test_what_only_looks_alike_stays(text: str) -> None:
    """A street, another name, another number."""
    assert LAAN.of(text, close=True) == text


def test_the_given_name_alone_goes_only_close_by() -> None:
    """In the activities of this Erik it is he; elsewhere it may be any Erik."""
    assert LAAN.of("Erik vroeg door.") == "Erik vroeg door."
    assert LAAN.of({"a": "Erik vroeg door.", "b": "E. Laan"}) == {"a": f"{REDACTED} vroeg door.", "b": REDACTED}
    assert (
        LAAN.of("Erik vroeg door, en Eriks groep ook.", close=True)
        == f"{REDACTED} vroeg door, en {REDACTED} groep ook."
    )


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Van Rijs Installatietechniek", "Van Rijs Installatietechniek"),
        ("op bezoek bij van Rijs", "op bezoek bij van Rijs"),
        ("Gerrit van Rijs van Van Rijs Installatietechniek", f"{REDACTED} van Van Rijs Installatietechniek"),
        ("Rijs, Gerrit van", REDACTED),
        ("Gerrit Rijs", REDACTED),
        ("mevrouw Van Rijs", REDACTED),
        ("mail info@vanrijs.example", f"mail {REDACTED}"),
    ],
)
def test_a_name_that_a_firm_has_too(text: str, left: str) -> None:
    """The firm keeps its name; the person is recognised by a given name, an initial or a title."""
    assert RIJS.of(text, close=True) == left


def test_names_of_organisations_lose_only_whole_names() -> None:
    """A firm called after somebody altogether loses the name; one that shares a word does not."""
    assert LAAN.of("Timmerwerk Erik Laan", strict=True) == f"Timmerwerk {REDACTED}"
    assert LAAN.of("Hotel Laan van Spaten", strict=True) == "Hotel Laan van Spaten"


@pytest.mark.parametrize("text", ["Zoë d'Âge", "Zoë d’Âge", "Zoë d' Âge", "ZOË D'ÂGE", "Âge, Zoë d'"])
def test_accents_and_apostrophes(text: str) -> None:
    """In whichever way an accent is coded and an apostrophe is typed."""
    for form in ("NFC", "NFD"):
        assert AGE.of(unicodedata.normalize(form, f"Met {text}!")) == f"Met {REDACTED}!"


def test_structures_are_walked_through() -> None:
    """Answers are lists and mappings; what is no text stays as it is."""
    answers = {"a": "Erik Laan", "b": ["Laan", 3, None, {"c": "E. Laan zei: 1.5"}], "d": 1.5}
    assert LAAN.of(answers) == {"a": REDACTED, "b": [REDACTED, 3, None, {"c": f"{REDACTED} zei: 1.5"}], "d": 1.5}


def test_somebody_without_a_name_is_nowhere() -> None:
    """Empty parts match nothing; a single name is a whole one."""
    assert Redaction(Known("", "", "", (), ())).of("Een tekst, E. en zo", close=True) == "Een tekst, E. en zo"
    assert Redaction(Known("Jo", "", "", (), ())).of("jo en Joost") == f"{REDACTED} en Joost"
    assert Redaction(Known("", "", "Laan", (), ())).of("Laan en Erik", close=True) == f"{REDACTED} en Erik"
