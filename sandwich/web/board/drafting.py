"""Read what was typed to start an activity: piece by piece, with everything that is wrong gathered."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from models.draft import ActivityDraft, NewPerson, PersonRef, Span
from models.roles import Host
from models.text import Language, Text
from sandwich.services.candidates import Candidates
from sandwich.web.board.members import OTHERS, read_candidates, read_new_person
from sandwich.web.board.small import Unclear, read_spans, text_of
from sandwich.web.posted import Posted
from sandwich.web.session import Visitor

PROPOSALS = (1, 2, 3)
"""The rows for proposed dates."""

VARIANT = "/"
"""Between the name of a kind and that of its variant."""


@dataclass
class _Reading:
    """What was typed, read piece by piece; everything that is wrong is gathered."""

    posted: Posted
    language: Language
    known: set[str]
    problems: dict[str, str]

    def text(self, name: str, missing: Text | None = None) -> str:
        said = text_of(self.posted, name, 200)
        if not said and missing:
            self.problems[name] = missing.to(self.language)
        return said

    def person(self, name: str) -> str | None:
        chosen = self.posted.one(name)
        if chosen and chosen not in self.known:
            self.problems[name] = _FROM_LIST.to(self.language)
        return chosen or None

    def people(self, name: str) -> list[str]:
        chosen = list(dict.fromkeys(value for value in self.posted.fields.get(name, []) if value))
        if any(value not in self.known for value in chosen):
            self.problems[name] = _FROM_LIST.to(self.language)
        return chosen


async def read_draft(visitor: Visitor, posted: Posted) -> ActivityDraft:
    """Return the draft that was typed; raises ``Unclear`` with what is wrong, by field."""
    found, runtime, language = await read_candidates(visitor), visitor.runtime, visitor.who.language
    reading = _Reading(posted, language, found.ids(), {})
    kind, _, variant = reading.text("kind", _KIND).partition(VARIANT)
    playbook = runtime.library.kinds.get(kind)
    if kind and (playbook is None or (variant or None) not in playbook.variant_keys):
        reading.problems["kind"] = _KIND.to(language)
    receives = playbook.parameters.host if playbook else Host.COMPANY
    purpose = reading.text("purpose", _PURPOSE)
    title = reading.text("title", _TITLE)
    host, company = _host(reading, found, receives)
    spans, wrong = read_spans(posted, PROPOSALS, language, ZoneInfo(runtime.settings.timezone))
    reading.problems |= wrong
    if not spans and not wrong:
        reading.problems["date-1"] = _DATE.to(language)
    teachers = reading.people("teachers")
    if not teachers:
        reading.problems.setdefault("teachers", _TEACHERS.to(language))
    size = _size(reading)
    leader, deputy = reading.person("trip_leader"), reading.person("deputy")
    coordinator = reading.person("coordinator") or visitor.who.person_id
    others = {role: tuple(reading.people(f"others-{role}")) for role in OTHERS}
    if reading.problems:
        raise Unclear(reading.problems)
    try:
        return ActivityDraft(
            kind=kind,
            variant=variant or None,
            title=title,
            purpose=purpose,
            company=company,
            coordinator=coordinator,
            deputy=deputy,
            hosts=(host,) if host else (),
            teachers=tuple(teachers),
            trip_leader=leader,
            dates=tuple(Span(start=one.replace(tzinfo=None), end=two.replace(tzinfo=None)) for one, two in spans),
            group_size=size,
            place=reading.text("place") or None,
            follows=reading.text("follows") or None,
            others={role: people for role, people in others.items() if people},
        )
    except ValidationError as error:
        raise Unclear(_explained(error, language)) from None


def _host(reading: _Reading, found: Candidates, receives: Host) -> tuple[PersonRef | None, str | None]:
    """Return the contact person and the company: chosen together, or a new person at a chosen company.

    Where a school receives it is somebody of a school; where nobody does, there need be none, and may be anybody.
    """
    chosen = reading.person("host")
    if chosen:
        company = next((one.id for one in found.companies if chosen in {person.id for person in one.people}), None)
        at_school = chosen in {person.id for one in found.staff for person in one.people}
        if receives is not Host.NOBODY and not (at_school if receives is Host.SCHOOL else company):
            reading.problems["host"] = (_SCHOOL if receives is Host.SCHOOL else _HOST).to(reading.language)
        return chosen, company
    if receives is Host.NOBODY:
        return None, None
    if receives is Host.SCHOOL:
        reading.problems["host"] = _SCHOOL.to(reading.language)
        return None, None
    new: NewPerson | None = None
    try:
        new = read_new_person(reading.posted, reading.language)
    except Unclear as error:
        reading.problems |= error.problems
    if new is None:
        reading.problems.setdefault("host", _HOST.to(reading.language))
        return None, None
    if new.company not in {one.id for one in found.companies}:
        reading.problems["new-company"] = _COMPANY.to(reading.language)
        return None, None
    return new, new.company


def _size(reading: _Reading) -> int | None:
    typed = reading.text("group_size")
    if not typed:
        return None
    if not typed.isdecimal() or not 1 <= int(typed) <= 500:
        reading.problems["group_size"] = _SIZE.to(reading.language)
        return None
    return int(typed)


def _explained(error: ValidationError, language: Language) -> dict[str, str]:
    if error.title == Span.__name__ or any("dates" in mistake["loc"] for mistake in error.errors()):
        return {"date-1": _ENDS_LATER.to(language)}
    return {"page": _UNCLEAR.to(language)}


_FROM_LIST = Text(nl="Kies uit de lijst.", en="Choose from the list.")
_KIND = Text(nl="Kies wat voor activiteit het wordt.", en="Choose what kind of activity it will be.")
_PURPOSE = Text(nl="Kies waar het om gaat.", en="Choose what it is for.")
_TITLE = Text(nl="Geef de activiteit een naam.", en="Give the activity a name.")
_HOST = Text(
    nl="Kies de contactpersoon van het bedrijf, of vul een nieuwe in.",
    en="Choose the company's contact person, or fill in a new one.",
)
_SCHOOL = Text(
    nl="Kies de contactpersoon van de school die ontvangt.", en="Choose the contact person of the school that receives."
)
_COMPANY = Text(nl="Kies het bedrijf.", en="Choose the company.")
_DATE = Text(nl="Stel ten minste één dag voor.", en="Propose at least one day.")
_TEACHERS = Text(nl="Kies wie je uitnodigt.", en="Choose whom you invite.")
_SIZE = Text(nl="Vul een aantal in, zoals 12.", en="Fill in a number, such as 12.")
_ENDS_LATER = Text(nl="Het einde moet later zijn dan het begin.", en="The end must be later than the start.")
_UNCLEAR = Text(nl="Er klopt iets niet. Kijk alles nog eens na.", en="Something is not right. Look at it once more.")
