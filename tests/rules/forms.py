"""Small forms for tests of the rules about answers."""

from collections.abc import Mapping, Sequence

from models.choices import Option
from models.form import Form
from models.text import Language, Text
from sandwich.rules.answers import Reading, read_answers

NL, EN = Language.DUTCH, Language.ENGLISH
LABEL = {"nl": "Vraag", "en": "Question"}
OPTIONS = [{"key": key, "label": {"nl": key, "en": key}} for key in ("a", "b", "other")]


def form(*questions: dict[str, object]) -> Form:
    """Return a form with these questions, keyed q1, q2, … unless they say otherwise."""
    filled = [{"key": f"q{number}", "label": LABEL, **question} for number, question in enumerate(questions, 1)]
    return Form.model_validate(
        {
            "key": "trial",
            "code": "X01",
            "version": 1,
            "audience": "teacher",
            "minutes": 1,
            "title": LABEL,
            "questions": filled,
        }
    )


def rows(*keys: str) -> list[Option]:
    """Return rows with these keys."""
    return [Option(key=key, label=Text(nl=f"nl {key}", en=f"en {key}")) for key in keys]


def read(
    what: Form,
    posted: dict[str, list[str]],
    *,
    known: Mapping[str, Sequence[Option]] | None = None,
    language: Language = NL,
    formal: bool = False,
    draft: bool = False,
) -> Reading:
    """Read ``posted`` as a teacher's answers in Dutch, unless it is said otherwise."""
    return read_answers(what, posted, known or {}, language, formal, draft)


def answer(question: dict[str, object], *values: str, language: Language = NL) -> object:
    """Return what is read from one question, or the sentence that refuses it."""
    reading = read(form(question), {"q1": list(values)}, language=language)
    return reading.problems.get("q1") or reading.answers.get("q1")


def scale() -> dict[str, object]:
    """Return a scale as it stands in a file."""
    return {"key": "agree", "code": "S-AGREE", "labels": [{"nl": f"nl{n}", "en": f"en{n}"} for n in range(1, 6)]}


GRID = {
    "type": "grid",
    "columns": [
        {"key": "who", "label": LABEL, "type": "single", "options": OPTIONS, "required": True},
        {"key": "hours", "label": LABEL, "type": "number"},
    ],
}

HIDING = form(
    {"type": "yesno"},
    {"type": "date", "required": True, "shown_when": {"question": "q1", "any_of": [True]}},
)
"""A form whose second question only appears after a yes."""
