"""Find the company and the person that a row of a table means, or make them where nobody knows them yet."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.tables.base import new_id
from models.tables.network import Channel, Company, ContactKind, Person
from models.text import Language, Text
from sandwich.rules.names import full_name, name_of
from sandwich.services.importing import wrong
from sandwich.services.importing.cells import CLEARED
from sandwich.services.importing.columns import COMPANY, OFFER, PERSON, PROFILE, Field
from sandwich.services.importing.known import Known, Place, folded

Values = Mapping[Field, Any]
"""What the cells of a row say, by column; blank cells are not in it."""


class Wrong(Exception):
    """A row cannot be taken."""

    def __init__(self, said: Text) -> None:
        super().__init__()
        self.said = said


@dataclass(frozen=True)
class Finder:
    """Finds in what is known; ``seen`` are the rows in which somebody or something was found before, by id."""

    known: Known
    seen: Mapping[str, int]

    def company(self, values: Values) -> Company | None:
        """Return the company that a row means, a new one where it is not known; ``None`` for a row about a school."""
        said = {field.attribute: value for field, value in values.items() if field.of == COMPANY}
        is_school = value_of(values, "person.school_id") is not None
        if not any(field.of in {COMPANY, PROFILE, OFFER} for field in values):
            if not is_school:
                raise Wrong(wrong.NO_PLACE)
            return None
        if is_school:
            raise Wrong(wrong.TWO_PLACES)
        code, name = said.get("code"), said.get("name")
        if code is None and name is None:
            raise Wrong(wrong.NO_PLACE)
        called = self.known.companies_called(name) if name else []
        found = self.known.company(code) if code else None
        if code and found is None:
            if name is None:
                raise Wrong(wrong.NO_COMPANY.filled(code=code))
            if called:
                raise Wrong(wrong.OTHER_CODE.filled(name=name, code=called[0].code))
            if code in self.known.company_codes:
                raise Wrong(wrong.CODE_TAKEN.filled(code=code))
        if found is not None and called and folded(found.name) != folded(str(name)):
            raise Wrong(wrong.NAME_TAKEN.filled(name=name, code=called[0].code))
        if code is None and len(called) > 1:
            raise Wrong(wrong.SEVERAL.filled(name=name, codes=", ".join(one.code for one in called)))
        if code is None and called:
            found = called[0]
        if found is None:
            found = Company(
                id=new_id(),
                region_id=self.known.region.id,
                code=code or self._new_code(str(name)),
                name=str(name),
                tags=[],
                asks_no_more=False,
            )
        return found

    def person(self, values: Values, company: Company | None) -> tuple[Person | None, Place]:
        """Return the person that a row means, a new one where it is not known, and where the row says they work."""
        said = {field.attribute: value for field, value in values.items() if field.of == PERSON}
        school = None
        if wanted := said.pop("school_id", None):
            school = self.known.school(wanted)
            if school is None:
                names = ", ".join(sorted(one.name for one in self.known.schools.values()))
                raise Wrong(wrong.NO_SCHOOL.filled(name=wanted, names=names))
        if not said:
            if company is None:
                raise Wrong(wrong.NOBODY)
            return None, (company.id if company else None, None)
        place: Place = (company.id if company else None, school.id if school else None)
        person = self._named(said, place)
        if person is None:
            for name, column in (("given_name", wrong.GIVEN_NAME), ("family_name", wrong.FAMILY_NAME)):
                if not said.get(name):
                    raise Wrong(wrong.MISSING.filled(column=column))
            person = _new_person(said.get("code"), place)
        if person.id in self.seen:
            raise Wrong(wrong.TWICE.filled(number=self.seen[person.id]))
        if said.get("mail"):
            self._check_mailbox(said, person)
        return person, place

    def _named(self, said: Mapping[str, Any], place: Place) -> Person | None:
        """Return whom a row means who is known; ``None`` for somebody new."""
        code = said.get("code")
        if code is not None:
            found = self.known.person(code)
            if found is not None and (found.erased_on is not None or found.group_name is not None):
                raise Wrong(wrong.ERASED.filled(code=code))
            if found is None and code in self.known.person_codes:
                raise Wrong(wrong.CODE_TAKEN.filled(code=code))
            return found
        name = name_of(said.get("given_name"), stated(said.get("infix")), said.get("family_name"))
        here = self.known.people_called(place, name) if name else []
        mailed = {key for key, known in self.known.by_mail.get(str(said.get("mail", "")).lower(), ())}
        both = [one for one in here if one.id in mailed]
        if len(both or here) > 1:
            raise Wrong(wrong.NAMESAKES.filled(name=name))
        if here:
            return (both or here)[0]
        elsewhere = [self.known.people[key] for key in mailed & self.known.people.keys()]
        same = next((one for one in elsewhere if name and folded(full_name(one)) == folded(name)), None)
        if same is not None:
            if same.id in self.seen:
                raise Wrong(wrong.TWICE.filled(number=self.seen[same.id]))
            raise Wrong(wrong.ELSEWHERE.filled(name=name, code=same.code or same.id))
        return None

    def _check_mailbox(self, said: Mapping[str, Any], person: Person) -> None:
        """Refuse an address that is somebody else's, unless it is said that others read it."""
        if said.get("is_shared"):
            return
        mine = self.known.contacts.get((person.id, ContactKind.MAIL), [])
        if any(one.address.casefold() == said["mail"].casefold() for one in mine):
            return
        for key, other in self.known.readers(said["mail"], person.id):
            if key in self.seen:
                raise Wrong(wrong.MAIL_OF_ROW.filled(number=self.seen[key]))
            raise Wrong(wrong.MAIL_TAKEN.filled(name=other))

    def _new_code(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        stem = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:50] or "bedrijf"
        code, number = stem, 1
        while code in self.known.company_codes:
            number += 1
            code = f"{stem}-{number}"
        return code


def value_of(values: Values, key: str) -> Any:
    """Return what a row says in a column; ``None`` where it says nothing."""
    return next((value for field, value in values.items() if field.key == key), None)


def stated(value: Any) -> Any:
    """Return a value, or ``None`` for one that is to be emptied."""
    return None if value == CLEARED else value


def _new_person(code: str | None, place: Place) -> Person:
    return Person(
        id=new_id(),
        code=code,
        company_id=place[0],
        school_id=place[1],
        language=Language.DUTCH,
        channel=Channel.MAIL,
        is_coordinator=False,
        is_school_leader=False,
        is_timetabler=False,
        no_mail=False,
    )
