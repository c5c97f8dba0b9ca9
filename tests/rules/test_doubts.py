"""Words that had better not be kept or shared: what is asked about, what is not, and what masking leaves."""

import pytest

from models.form import Form
from sandwich.rules.doubts import Doubt, DoubtAbout, doubts_in, masked
from sandwich.rules.redact import REDACTED

FORM = Form.model_validate(
    {
        "key": "notes",
        "code": "X01",
        "version": 1,
        "audience": "teacher",
        "minutes": 1,
        "title": {"nl": "Notities", "en": "Notes"},
        "questions": [
            {"key": "text", "label": {"nl": "Wat zag je?", "en": "What did you see?"}, "type": "long"},
            {"key": "needs", "label": {"nl": "Dieet?", "en": "Diet?"}, "type": "short", "keep_days": 30},
            {"key": "mail", "label": {"nl": "Mail?", "en": "Mail?"}, "type": "short", "format": "email"},
            {
                "key": "shared",
                "label": {"nl": "Wat deel je?", "en": "What do you share?"},
                "type": "long",
                "visibility": "school",
            },
            {
                "key": "tasks",
                "label": {"nl": "Wie doet wat?", "en": "Who does what?"},
                "type": "grid",
                "rows": [{"key": "a", "label": {"nl": "Taak", "en": "Task"}}],
                "columns": [
                    {"key": "who", "label": {"nl": "Wie", "en": "Who"}, "type": "short"},
                    {"key": "note", "label": {"nl": "Wat", "en": "What"}, "type": "long"},
                ],
            },
            {"key": "many", "label": {"nl": "Hoeveel?", "en": "How many?"}, "type": "number"},
        ],
    }
)
PUPIL, HEALTH, NUMBER, ADDRESS = DoubtAbout


@pytest.mark.parametrize(
    ("text", "about", "words"),
    [
        ("Mijn leerling Kevin vond het mooi.", PUPIL, "Kevin"),
        ("Leerling Fatima el Idrissi wil lasser worden.", PUPIL, "Fatima el Idrissi"),
        ("De moeder van Sam werkt daar.", PUPIL, "Sam"),
        ("Een meisje genaamd Noa vroeg het.", PUPIL, "Noa"),
        ("Daan Bos uit 3B deed het voor.", PUPIL, "Daan Bos"),
        ("Vraag het aan Lotte (klas 2).", PUPIL, "Lotte"),
        ("My pupil Mia asked why.", PUPIL, "Mia"),
        ("The father of Liam works there.", PUPIL, "Liam"),
        ("Eén leerling heeft autisme en wil rust.", HEALTH, "autisme"),
        ("Zij was ziek.", HEALTH, "ziek"),
        ("Hij slikt medicijnen.", HEALTH, "medicijnen"),
        ("She was pregnant at the time.", HEALTH, "pregnant"),
        ("Kevin vond het mooi.", PUPIL, "Kevin"),
        ("Het was leuk voor Fatima, die vroeg door.", PUPIL, "Fatima"),
        ("Op de lijst staat 111222333.", NUMBER, "111222333"),
        ("Zijn nummer: 1234.56.782", NUMBER, "1234.56.782"),
    ],
)
def test_it_is_asked_about(text: str, about: DoubtAbout, words: str) -> None:
    assert doubts_in(FORM, {"text": text}) == (Doubt("text", about, words),)


@pytest.mark.parametrize(
    "text",
    [
        "Een leerling die vraagt waarom, krijgt hier antwoord.",
        "Leerlingen uit klas 3 kunnen hier terecht.",
        "Iedereen uit klas 2 mag mee.",
        "Voor de leerling Techniek is dit goud waard.",
        "Koen Korteweg liet ons de zaag zien.",
        "Techniek in de klas, daar gaat het om.",
        "Wij zagen Robots uit 2019 en een plaat van 3 mm.",
        "Het ziekenhuis bestelt hier bedden.",
        "I'll use it in class.",
        "Collega Lotte en juf Noor keken mee.",
        "Lotte de Vries van het bedrijf liet het zien.",
        "Bestelnummer 123456789 van 2026.",
        "Bel mij op 06-12345678 of mail a.b@school.example.",
        "",
    ],
)
def test_it_is_not_asked_about(text: str) -> None:
    assert doubts_in(FORM, {"text": text}) == ()


def test_what_is_for_the_day_itself_and_what_is_no_text_is_passed_over() -> None:
    answers = {"needs": "medicijnen mee", "mail": "ziek@school.example", "many": 3, "text": None, "gone": "ziek"}
    assert doubts_in(FORM, answers) == ()


def test_a_number_or_address_is_asked_about_where_everybody_would_see_it() -> None:
    said = doubts_in(FORM, {"shared": "Bel 06-12345678 of mail a.b@school.example, klas 3, op 05-11-2026 om 10:00."})
    assert said == (Doubt("shared", ADDRESS, "06-12345678"), Doubt("shared", ADDRESS, "a.b@school.example"))


def test_a_name_alone_is_that_of_somebody_who_takes_part_where_they_are_called_so() -> None:
    assert doubts_in(FORM, {"text": "Lotte was er ook."}, known={"Lotte"}) == ()
    assert doubts_in(FORM, {"text": "Leerling Lotte was er ook."}, known={"Lotte"}) == (Doubt("text", PUPIL, "Lotte"),)


def test_what_stands_in_a_grid_is_looked_at_but_for_who_does_what() -> None:
    row = {"row": "a", "label": "", "who": "Lotte", "note": "Leerling Kevin is ziek"}
    assert doubts_in(FORM, {"tasks": [row]}) == (Doubt("tasks", PUPIL, "Kevin"), Doubt("tasks", HEALTH, "ziek"))


def test_the_same_words_are_asked_about_once() -> None:
    assert len(doubts_in(FORM, {"text": "Leerling Sam en leerling Sam."})) == 1


def test_masking_takes_whole_words_out_of_every_text_and_nothing_else() -> None:
    answers = {"text": "Sam, Samen en SAM", "rows": [{"row": "a", "name": "Sam Bos"}], "number": 3, "none": None}
    assert masked(answers, "Sam") == {
        "text": f"{REDACTED}, Samen en SAM",
        "rows": [{"row": "a", "name": f"{REDACTED} Bos"}],
        "number": 3,
        "none": None,
    }
    assert masked({"text": "a+b (c)"}, "a+b") == {"text": f"{REDACTED} (c)"}
