"""Find in what people typed what had better not be kept or shared: a pupil's name, something about somebody's health.

Words are all it has to go by, so a doubt is never sure and never refused: a person looks at it (field rule 37).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.form import Form, Question, QuestionType
from models.text import Text
from sandwich.rules.redact import REDACTED


class DoubtAbout(StrEnum):
    """What somebody's words may be about."""

    PUPIL = "pupil"
    HEALTH = "health"


@dataclass(frozen=True)
class Doubt:
    """Words in the answer to one question, as they stand there."""

    question: str
    about: DoubtAbout
    words: str


SAID = {
    DoubtAbout.PUPIL: Text(
        nl="Staat hier de naam van een leerling: ‘{words}’?", en="Is this the name of a pupil: ‘{words}’?"
    ),
    DoubtAbout.HEALTH: Text(
        nl="Gaat dit over iemands gezondheid: ‘{words}’?", en="Is this about somebody's health: ‘{words}’?"
    ),
}
"""What is asked about a doubt, with its ``{words}``."""

_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’-]+"
_NAME = rf"(?P<name>{_CAPITALISED}(?:(?:\s+(?:van|de|der|den|el|al|ten|ter))*\s+{_CAPITALISED})?)"
_PUPIL = r"(?i:leerlinge?|scholier|brugklasser|stagiaire?|mentorleerling|jongen|meisje|pupil|student|boy|girl)"
_PARENT = r"(?i:moeder|vader|ouders|broer|zus|mother|father|parents|brother|sister)\s+(?i:van|of)"
_CALLED = r"(?i:genaamd|heet|heette|named|called)"
_CLASS = r"(?:(?i:klas|class)\s*[1-6]\s?[A-Za-z]{0,3}\d?|[1-6][A-CE-WYZ][A-Za-z]{0,2}\d?)(?!\w)"

_PUPILS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_PUPIL},?\s+(?:{_CALLED}\s+)?{_NAME}",
        rf"\b{_PARENT}\s+{_NAME}",
        rf"\b{_NAME},?\s+(?:(?i:uit|from)\s+|\(){_CLASS}",
    )
)
_NO_NAME = re.compile(
    r"bouw|techniek|groen|zorg|economie|nederlands|engels|duits|frans|wiskunde|vmbo|mbo|havo|metaal|installatie|"
    r"mobiliteit|transport|the|het|een|deze|dit|er|leerlingen|iedereen|niemand|docenten|kinderen|mensen|alle|pupils|"
    r"students|everybody",
    re.IGNORECASE,
)
"""What begins with a capital beside *leerling* or a class, and is no name."""

_HEALTH = re.compile(
    r"(?<!\w)(?:ziekte|ziek|zieke|depressi\w*|autis\w*|adhd|dyslexi\w*|dyslect\w*|epilep\w*|diabet\w*|kanker|"
    r"burn-?out|overspannen|zwanger\w*|medicijn\w*|medicatie|psychiat\w*|psycholoog|therapeut\w*|astma\w*|"
    r"rugklachten|hartklachten|zelfmoord\w*|verslaafd|verslaving|rolstoel|blessure|"
    r"ill|illness|depressed|depression|dyslexic|epileptic|pregnan\w*|medication|asthma\w*|cancer|wheelchair|suicid\w*)"
    r"(?!\w)",
    re.IGNORECASE,
)


def doubts_in(form: Form, answers: Mapping[str, Any]) -> tuple[Doubt, ...]:
    """Return the doubts in the answers to a form, each once; not in what is for the day itself, such as diets."""
    return tuple(
        dict.fromkeys(
            Doubt(question.key, about, words)
            for question in form.questions
            if _is_free_text(question)
            for text in [answers.get(question.key)]
            if isinstance(text, str)
            for about, words in _found(text)
        )
    )


def masked(answers: Mapping[str, Any], words: str) -> dict[str, Any]:
    """Return answers without ``words``, in every text of them; what is longer than a whole word stays."""
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    return {key: _masked(pattern, value) for key, value in answers.items()}


def _masked(pattern: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return pattern.sub(REDACTED, value)
    if isinstance(value, list):
        return [_masked(pattern, item) for item in value]
    if isinstance(value, dict):
        return {key: _masked(pattern, item) for key, item in value.items()}
    return value


def _is_free_text(question: Question) -> bool:
    return question.type in {QuestionType.SHORT, QuestionType.LONG} and not (question.format or question.keep_days)


def _found(text: str) -> Iterator[tuple[DoubtAbout, str]]:
    for pattern in _PUPILS:
        for match in pattern.finditer(text):
            if not _NO_NAME.fullmatch(match["name"].split()[0]):
                yield DoubtAbout.PUPIL, match["name"]
    for match in _HEALTH.finditer(text):
        yield DoubtAbout.HEALTH, match[0]
