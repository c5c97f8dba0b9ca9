"""The practical things of the day, from what the host answered and what both sides agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.form import Form
from models.text import Text
from sandwich.mail.case import Case
from sandwich.mail.contexts.parts import Row, Slot
from sandwich.mail.words import Words
from sandwich.rules.answer_values import options_of
from sandwich.rules.answers import describe
from sandwich.services.agreements import accepted_terms
from sandwich.services.answers_of import Answered
from sandwich.services.told import plain, read_told

FORM = "practical-information"
TERMS = "task-division"
_NOTHING = {"niets bijzonders", "nothing in particular"}

_ADDRESS = Text(nl="Melden bij", en="Report at")
_LINK = Text(nl="Online via", en="Online at")
_TIMES = Text(nl="Welkom – klaar", en="Welcome – end")
_BOTH = Text(nl="Op de dag zelf", en="On the day")
_LABELS = {
    "parking": Text(nl="Route, parkeren", en="Route, parking"),
    "id_needed": Text(nl="Legitimatie", en="Identification"),
    "clothing": Text(nl="Kleding, meenemen", en="Wear, bring"),
    "lunch": Text(nl="Eten en drinken", en="Food and drink"),
}
_SAFETY = Text(nl="Veiligheid", en="Safety")
_PHOTOS = Text(nl="Foto's", en="Photos")
_PRIVATE = Text(nl="Niet delen", en="Not to be shared")
_ROUTE_UNSAID = Text(
    nl="reis naar het adres hierboven; over parkeren is niets gezegd",
    en="travel to the address above; nothing was said about parking",
)
_TRANSPORT = Text(nl="Vervoer", en="Transport")
_ARRANGED = Text(nl="geregeld door: {who}", en="arranged by: {who}")
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
    agreed = told.of(TERMS)
    terms = await accepted_terms(case.session, activity.id)
    said = _words(case, told.form(agreed[-1]) if agreed else None, terms)
    address = "; ".join(words.get("address", ())) or activity.meets_at
    phone = plain(answers.get("phone_day")) or plain(terms.get("contact_day_phone")) or None
    clothing = plain(answers.get("clothing"))
    rows = [Row(label=case.words(_ADDRESS), value=address)] if address else []
    if activity.is_online and (link := plain(answers.get("online_link"))):
        rows.append(Row(label=case.words(_LINK), value=link))
    times = _times(case, given[-1]) if given else ""
    if times:
        rows.append(Row(label=case.words(_TIMES), value=times))
    for key, label in _LABELS.items():
        value = _value(case, key, answers, words)
        if value:
            rows.append(Row(label=case.words(label), value=value))
    rows += _transport(case, told.form(agreed[-1]) if agreed else None, terms)
    rows += _agreed_rows(case, terms, said)
    contacts = _contacts(case, terms, phone)
    if contacts:
        numbers = (phone, plain(terms.get("contact_day_school_phone")))
        rows.append(Row(label=case.words(_BOTH), value=contacts, phones=tuple(one for one in numbers if one)))
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
    said = "; ".join(words.get(key, ()))
    return said or (case.words(_ROUTE_UNSAID) if key == "parking" and answers else "")


def _times(case: Case, given: Answered) -> str:
    """Return when the host says that people are welcome and done; nothing while that is asked anew for another date."""
    if given.invitation.reconfirm:
        return ""
    zone = ZoneInfo(case.settings.timezone)
    said = [plain(given.answers.get(key)) for key in ("arrive", "end")]
    if not all(said):
        return ""
    start, end = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in said)
    return Words(case.language, case.settings.timezone).span((start, end))


def _transport(case: Case, form: Form | None, terms: Mapping[str, Any]) -> list[Row]:
    row = next((one for one in terms.get("tasks") or [] if one.get("row") == "transport"), None)
    if form is None or row is None or row.get("who") in {None, "na"}:
        return []
    column = next(one for one in form.question("tasks").columns if one.key == "who")
    who = next((one.label for one in options_of(column) if one.key == row["who"]), None)
    if who is None:
        return []
    value = case.words(_ARRANGED).format(who=case.words(who))
    return [Row(label=case.words(_TRANSPORT), value=value)]


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
