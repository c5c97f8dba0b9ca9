"""The few words of an answer that a call is about: what the coordinator must read to decide."""

from collections.abc import Mapping
from typing import Any

from models.form import Form
from models.text import Language, Text
from sandwich.rules.answer_lines import describe

LONGEST = 280
"""Characters of one quoted answer; the whole of it stands on the answer's own page."""

REMARK = "remark"

_CHANGE = ("why", "replacement", "replacement_email", "help")
_QUESTIONS = {
    "choose-date": ("dates", "other"),
    "other-date": ("other", "dates"),
    "host-declined": ("not_possible", "ask_again"),
    "other-person": ("other_person", "valid_note_name"),
    "release-refused": ("decision", "why_no", "team_slot_date"),
    "cover-needed": ("cover",),
    "travel-refused": ("travel",),
    "refused": ("counter",),
    "counter-proposal": ("counter",),
    "talk-together": ("counter",),
    "other-times": ("arrive", "end"),
    "not-arranged": ("ready", "plan_b"),
    "incident": ("incident",),
    "extra-people": ("extra",),
    "replaced-on-the-day": ("present",),
    "low-score": ("overall", "better"),
    "card-objected": ("confidential",),
    "contact-wanted": ("contact",),
    "follow-up": ("together",),
    "off-schedule": ("on_track",),
    "change-other-date": _CHANGE,
}


def words_for(what: str) -> tuple[str, ...]:
    """Return the questions whose answers decide about a call; the remark always does."""
    found = _QUESTIONS.get(what, ())
    if what.startswith("change-"):
        found = _CHANGE
    elif what.startswith("privacy-"):
        found = ("about", "text", "reply")
    return (*found, REMARK)


def same_words(what: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two answers say the same as far as a call is about it."""
    return all((one.get(key) or None) == (other.get(key) or None) for key in words_for(what))


def quoted(what: str, form: Form, answers: Mapping[str, Any], formal: bool) -> tuple[tuple[Text, Text], ...]:
    """Return the deciding words of an answer to a resolved form: what was asked (``formal``: with *u*), and what
    was answered.
    """
    found = []
    lines = {language: {line.key: line for line in describe(form, answers, language, formal)} for language in Language}
    for key in words_for(what):
        if key in lines[Language.DUTCH]:
            nl, en = (lines[language][key] for language in (Language.DUTCH, Language.ENGLISH))
            said = Text(nl=_short(nl.lines), en=_short(en.lines))
            found.append((Text(nl=nl.question_label, en=en.question_label), said))
    return tuple(found)


def _short(lines: tuple[str, ...]) -> str:
    said = "; ".join(line for line in lines if line.strip()).strip() or "–"
    return said if len(said) <= LONGEST else f"{said[:LONGEST].rstrip()}…"
