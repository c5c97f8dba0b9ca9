"""The practical things of the day, from what the host answered and what both sides agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.form import Form
from models.text import Text
from sandwich.mail.case import Case
from sandwich.mail.contexts.parts import Row, Slot
from sandwich.rules.answers import describe
from sandwich.services.agree import current
from sandwich.services.told import plain, read_told

FORM = "practical-information"
TERMS = "task-division"
_NOTHING = {"niets bijzonders", "nothing in particular"}

_ADDRESS = Text(nl="Melden bij", en="Report at")
_TIMES = Text(nl="Welkom – klaar", en="Welcome – end")
_BOTH = Text(nl="Op de dag zelf", en="On the day")
_LABELS = {
    "parking": Text(nl="Parkeren of ov", en="Parking, transport"),
    "id_needed": Text(nl="Legitimatie", en="Identification"),
    "clothing": Text(nl="Kleding, meenemen", en="Wear, bring"),
    "lunch": Text(nl="Eten en drinken", en="Food and drink"),
}
_SAFETY = Text(nl="Veiligheid", en="Safety")
_PHOTOS = Text(nl="Foto's", en="Photos")
_PRIVATE = Text(nl="Niet delen", en="Not to be shared")
_SCHOOL = Text(nl="school", en="school")
_ID = Text(nl="meenemen", en="please bring it")


@dataclass(frozen=True)
class Practical:
    """What is known of the day."""

    address: str | None
    phone: str | None
    clothing: str | None
    rows: tuple[Row, ...]
    programme: tuple[Slot, ...]


async def practical(case: Case) -> Practical:
    """Gather the practical things; what nobody said is left out."""
    activity = case.own_activity()
    told = await read_told(case.session, activity.id, everybody=True)
    given = told.of(FORM)
    answers = given[-1].answers if given else {}
    words = _words(case, told.form(given[-1]) if given else None, answers)
    view = await current(case.session, activity.id)
    agreed = told.of(TERMS)
    terms = (view.version.terms or {}) if view else {}
    said = _words(case, told.form(agreed[-1]) if agreed else None, terms)
    address = "; ".join(words.get("address", ())) or activity.place
    phone = plain(answers.get("phone_day")) or plain(terms.get("contact_day_phone")) or None
    clothing = plain(answers.get("clothing"))
    rows = [Row(label=case.words(_ADDRESS), value=address)] if address else []
    for key, label in _LABELS.items():
        value = _value(case, key, answers, words)
        if value:
            rows.append(Row(label=case.words(label), value=value))
    rows += _agreed_rows(case, terms, said)
    contacts = _contacts(case, terms, phone)
    if contacts:
        rows.append(Row(label=case.words(_BOTH), value=contacts))
    return Practical(
        address=address,
        phone=phone,
        clothing=clothing if clothing.casefold().rstrip(".") not in _NOTHING else None,
        rows=tuple(rows),
        programme=tuple(_slots(answers.get("programme"))),
    )


def _value(case: Case, key: str, answers: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> str:
    if key == "id_needed":
        if answers.get(key) is not True:
            return ""
        return plain(answers.get("id_needed_note")) or case.words(_ID)
    return "; ".join(words.get(key, ()))


def _agreed_rows(case: Case, terms: Mapping[str, Any], said: Mapping[str, Sequence[str]]) -> list[Row]:
    rows = []
    safety = [*said.get("safety", ()), plain(terms.get("safety_note"))]
    if any(safety):
        rows.append(Row(label=case.words(_SAFETY), value="; ".join(part for part in safety if part)))
    if said.get("photo_site"):
        rows.append(Row(label=case.words(_PHOTOS), value="; ".join(said["photo_site"])))
    private = plain(terms.get("confidential"))
    if private and private.casefold().rstrip(".") not in _NOTHING:
        rows.append(Row(label=case.words(_PRIVATE), value=private))
    return rows


def _contacts(case: Case, terms: Mapping[str, Any], phone: str | None) -> str:
    host = " ".join(part for part in (plain(terms.get("contact_day")), phone or "") if part)
    school = " ".join(
        part for part in (plain(terms.get("contact_day_school")), plain(terms.get("contact_day_school_phone"))) if part
    )
    return "; ".join(part for part in (host, f"{school} ({case.words(_SCHOOL)})" if school else "") if part)


def _words(case: Case, form: Form | None, answers: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    if form is None:
        return {}
    return {line.key: line.lines for line in describe(form, answers, case.language, case.formal)}


def _slots(value: Any) -> list[Slot]:
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    return [
        Slot(
            time=plain(row.get("time")),
            what=plain(row.get("what")),
            who=plain(row.get("who")) or None,
            where=plain(row.get("where")) or None,
        )
        for row in sorted(rows, key=lambda row: str(row.get("time") or ""))
        if plain(row.get("what"))
    ]
