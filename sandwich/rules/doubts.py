"""Find in what people typed what had better not be kept or shared: a pupil's name, somebody's health or number.

Words are all it has to go by, so a doubt is never sure and never refused: a person looks at it (field rule 37).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.form import Form, Question, QuestionType
from models.question_types import Visibility
from models.text import Text
from sandwich.rules.redact import REDACTED


class DoubtAbout(StrEnum):
    """What somebody's words may be about."""

    PUPIL = "pupil"
    HEALTH = "health"
    NUMBER = "number"
    ADDRESS = "address"


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
    DoubtAbout.NUMBER: Text(
        nl="Is dit iemands burgerservicenummer: ‘{words}’?", en="Is this somebody's citizen service number: ‘{words}’?"
    ),
    DoubtAbout.ADDRESS: Text(
        nl="Mag iedereen dit nummer of adres zien: ‘{words}’?",
        en="May everybody see this number or address: ‘{words}’?",
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

_YOUNG = re.compile(
    r"(?<![\w.@-])(?P<name>Daan|Sem|Levi|Luuk|Finn|Jayden|Mees|Thijs|Stijn|Jesse|Julian|Dylan|Kevin|Damian|Jens|Tygo|"
    r"Mats|Ties|Boaz|Mohammed|Mohamed|Ayoub|Bilal|Hamza|Youssef|Ibrahim|Emre|Yusuf|Lieke|Lotte|Fleur|Noor|Saar|Maud|"
    r"Fenna|Anouk|Tess|Isa|Evi|Sofie|Mila|Yara|Roos|Amber|Britt|Femke|Noa|Demi|Jasmijn|Fatima|Aisha|Amira|Samira|"
    r"Yasmin|Zeynep|Elif|Esra|Shanaya|Chayenne)(?![\w@]|\s+(?:van|de|der|den|el|al|ten|ter)?\s*[A-ZÀ-ÖØ-Þ])"
)
"""Given names that hardly anybody has who is not of school age: a name alone, for grown-ups are named in full."""

_TITLED = re.compile(
    r"(?:collega|docent\w*|juf|meester|meneer|mevrouw|dhr\.?|mevr\.?|mw\.?|colleague|teacher|mr\.?|ms\.?)\s+$",
    re.IGNORECASE,
)

_NINE = re.compile(r"(?<![\d+-])\d{3}[ .]?\d{3}[ .]?\d{3}(?![\d-])|(?<![\d+-])\d{4}[.]\d{2}[.]\d{3}(?![\d-])")
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)

_ADDRESSES = re.compile(
    r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\d+])(?:\+31|0031|0)[ -]?(?:\d[ -]?){8}\d(?!\d)"
)
_SHOWN = frozenset({Visibility.SCHOOL, Visibility.RELEASED})
"""Who may read an answer in which no number or address had better stand by chance."""

_HEALTH = re.compile(
    r"(?<!\w)(?:ziekte|ziek|zieke|depressi\w*|autis\w*|adhd|dyslexi\w*|dyslect\w*|epilep\w*|diabet\w*|kanker|"
    r"burn-?out|overspannen|zwanger\w*|medicijn\w*|medicatie|psychiat\w*|psycholoog|therapeut\w*|astma\w*|"
    r"rugklachten|hartklachten|zelfmoord\w*|verslaafd|verslaving|rolstoel|blessure|"
    r"ill|illness|depressed|depression|dyslexic|epileptic|pregnan\w*|medication|asthma\w*|cancer|wheelchair|suicid\w*)"
    r"(?!\w)",
    re.IGNORECASE,
)


def doubts_in(form: Form, answers: Mapping[str, Any], *, known: Collection[str] = ()) -> tuple[Doubt, ...]:
    """Return the doubts in the answers to a form, each once; not in what is for the day itself, such as diets.

    ``known`` are given names of people who take part: where one stands alone, it is theirs.
    """
    return tuple(
        dict.fromkeys(
            Doubt(question.key, about, words)
            for question in form.questions
            for text, is_prose in _texts(question, answers.get(question.key))
            for about, words in _found(text, is_shown=question.visibility in _SHOWN, known=known if is_prose else None)
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


_FREE = frozenset({QuestionType.SHORT, QuestionType.LONG})


def _is_free_text(question: Question) -> bool:
    return question.type in _FREE and not (question.format or question.keep_days)


def _texts(question: Question, value: Any) -> Iterator[tuple[str, bool]]:
    """Yield what somebody typed in answer to a question, and whether it is a text of several lines: on one line, or in
    a cell of a grid, a name alone is whoever does something.
    """
    if _is_free_text(question) and isinstance(value, str):
        yield value, question.type is QuestionType.LONG
    if question.type is QuestionType.GRID and not question.keep_days and isinstance(value, list):
        typed = [one.key for one in question.columns if one.type in _FREE and not one.format]
        cells = (row.get(key) for row in value if isinstance(row, dict) for key in typed)
        yield from ((cell, False) for cell in cells if isinstance(cell, str))


def _found(text: str, *, is_shown: bool, known: Collection[str] | None) -> Iterator[tuple[DoubtAbout, str]]:
    for pattern in _PUPILS:
        for match in pattern.finditer(text):
            if not _NO_NAME.fullmatch(match["name"].split()[0]):
                yield DoubtAbout.PUPIL, match["name"]
    for match in () if known is None else _YOUNG.finditer(text):
        if known is not None and match["name"] not in known and not _TITLED.search(text[: match.start()]):
            yield DoubtAbout.PUPIL, match["name"]
    for match in _HEALTH.finditer(text):
        yield DoubtAbout.HEALTH, match[0]
    for match in _NINE.finditer(text):
        if _is_citizen_number(match[0]):
            yield DoubtAbout.NUMBER, match[0]
    for match in _ADDRESSES.finditer(text) if is_shown else ():
        yield DoubtAbout.ADDRESS, match[0].strip()


def _is_citizen_number(words: str) -> bool:
    """Whether nine digits are a number as citizens have it: their weighted sum can be divided by eleven."""
    digits = [int(letter) for letter in words if letter.isdecimal()]
    total = sum(digit * weight for digit, weight in zip(digits, _BSN_WEIGHTS, strict=True))
    return any(digits) and total % 11 == 0
