"""The practical things of the day, from what the host answered and what both sides agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.tables.activities import Activity
from models.text import Language, Text
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
class Day:
    """The day of an activity, and who reads about it: in a mail, or on the own page."""

    session: AsyncSession
    activity: Activity
    language: Language
    formal: bool
    timezone: str

    def words(self, text: Text) -> str:
        """Return a text for this reader."""
        return text.to(self.language, formal=self.formal)


def day_of(case: Case) -> Day:
    """Return the day that a mail is about."""
    return Day(case.session, case.own_activity(), case.language, case.formal, case.settings.timezone)


@dataclass(frozen=True)
class Practical:
    """What is known of the day."""

    address: str | None
    phone: str | None
    clothing: str | None
    rows: tuple[Row, ...]
    programme: tuple[Slot, ...]


async def practical(day: Day) -> Practical:
    """Gather the practical things; what nobody said is left out."""
    activity = day.activity
    told = await read_told(day.session, activity.id, everybody=True)
    given = told.of(FORM)
    answers = given[-1].answers if given else {}
    words = _words(day, told.form(given[-1]) if given else None, answers)
    agreed = told.of(TERMS)
    terms = await accepted_terms(day.session, activity.id)
    said = _words(day, told.form(agreed[-1]) if agreed else None, terms)
    address = "; ".join(words.get("address", ())) or activity.meets_at
    phone = plain(answers.get("phone_day")) or plain(terms.get("contact_day_phone")) or None
    clothing = plain(answers.get("clothing"))
    rows = [Row(label=day.words(_ADDRESS), value=address)] if address else []
    if activity.is_online and (link := plain(answers.get("online_link"))):
        rows.append(Row(label=day.words(_LINK), value=link))
    times = _times(day, given[-1]) if given else ""
    if times:
        rows.append(Row(label=day.words(_TIMES), value=times))
    for key, label in _LABELS.items():
        value = _value(day, key, answers, words)
        if value:
            rows.append(Row(label=day.words(label), value=value))
    rows += _transport(day, told.form(agreed[-1]) if agreed else None, terms)
    rows += _agreed_rows(day, terms, said)
    contacts = _contacts(day, terms, phone)
    if contacts:
        numbers = (phone, plain(terms.get("contact_day_school_phone")))
        rows.append(Row(label=day.words(_BOTH), value=contacts, phones=tuple(one for one in numbers if one)))
    return Practical(
        address=address,
        phone=phone,
        clothing=clothing if clothing.casefold().rstrip(".") not in _NOTHING else None,
        rows=tuple(rows),
        programme=tuple(_slots(answers.get("programme"))),
    )


def _value(day: Day, key: str, answers: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> str:
    if key == "id_needed":
        if answers.get(key) is not True:
            return ""
        return plain(answers.get("id_needed_note")) or day.words(_ID)
    said = "; ".join(words.get(key, ()))
    return said or (day.words(_ROUTE_UNSAID) if key == "parking" and answers else "")


def _times(day: Day, given: Answered) -> str:
    """Return when the host says that people are welcome and done; nothing while that is asked anew for another date."""
    if given.invitation.reconfirm:
        return ""
    zone = ZoneInfo(day.timezone)
    said = [plain(given.answers.get(key)) for key in ("arrive", "end")]
    if not all(said):
        return ""
    start, end = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in said)
    return Words(day.language, day.timezone).span((start, end))


def _transport(day: Day, form: Form | None, terms: Mapping[str, Any]) -> list[Row]:
    row = next((one for one in terms.get("tasks") or [] if one.get("row") == "transport"), None)
    if form is None or row is None or row.get("who") in {None, "na"}:
        return []
    column = next(one for one in form.question("tasks").columns if one.key == "who")
    who = next((one.label for one in options_of(column) if one.key == row["who"]), None)
    if who is None:
        return []
    value = day.words(_ARRANGED).format(who=day.words(who))
    return [Row(label=day.words(_TRANSPORT), value=value)]


def _agreed_rows(day: Day, terms: Mapping[str, Any], said: Mapping[str, Sequence[str]]) -> list[Row]:
    rows = []
    safety = [*said.get("safety", ()), plain(terms.get("safety_note"))]
    if any(safety):
        rows.append(Row(label=day.words(_SAFETY), value="; ".join(part for part in safety if part)))
    if said.get("photo_site"):
        rows.append(Row(label=day.words(_PHOTOS), value="; ".join(said["photo_site"])))
    private = plain(terms.get("confidential"))
    if private and private.casefold().rstrip(".") not in _NOTHING:
        rows.append(Row(label=day.words(_PRIVATE), value=private))
    return rows


def _contacts(day: Day, terms: Mapping[str, Any], phone: str | None) -> str:
    host = " ".join(part for part in (plain(terms.get("contact_day")), phone or "") if part)
    school = " ".join(
        part for part in (plain(terms.get("contact_day_school")), plain(terms.get("contact_day_school_phone"))) if part
    )
    return "; ".join(part for part in (host, f"{school} ({day.words(_SCHOOL)})" if school else "") if part)


def _words(day: Day, form: Form | None, answers: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    if form is None:
        return {}
    return {line.key: line.lines for line in describe(form, answers, day.language, day.formal)}


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
