"""Take the rows of a table one by one: find whom each means, and change what it says, so far in memory only."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as fresh
from datetime import date
from typing import Any

from models.tables.base import new_id
from models.tables.network import Company, Contact, ContactKind, Person
from models.text import Language, Misfit, Text
from sandwich.rules.menu_card import said_of_offer, with_offer
from sandwich.rules.names import full_name, name_of
from sandwich.rules.tags import TagBook
from sandwich.services.importing import wrong
from sandwich.services.importing.cells import CLEARED
from sandwich.services.importing.columns import COMPANY, PERSON, PROFILE, Field
from sandwich.services.importing.finding import Finder, Values, Wrong, stated, value_of
from sandwich.services.importing.known import Known, Place
from sandwich.services.importing.outcome import Change, Outcome, RowResult
from sandwich.sheets.sheet import Row

_NOT_OF_PERSON = frozenset({"code", "school_id", "mail", "phone", "is_shared"})
"""Columns about a person that stand elsewhere than with the person."""


@dataclass
class Taking:
    """One import. ``companies``, ``people`` and ``contacts`` are those that are new, in the order of the rows."""

    known: Known
    tags: TagBook
    language: Language
    companies: list[Company] = fresh(default_factory=list)
    people: list[Person] = fresh(default_factory=list)
    contacts: list[Contact] = fresh(default_factory=list)
    _seen: dict[str, int] = fresh(default_factory=dict)
    _said: dict[tuple[str, str], tuple[int, Any]] = fresh(default_factory=dict)

    def take(self, row: Row, fields: Sequence[Field]) -> RowResult:
        """Take one row; what cannot be taken changes nothing."""
        values, problems = _read(row, fields)
        about = _about(values)
        if problems:
            return RowResult(row.number, Outcome.REFUSED, about, problems=tuple(problems))
        try:
            finder = Finder(self.known, self._seen)
            company = finder.company(values)
            person, place = finder.person(values, company)
            self._check(row.number, values, company, person)
        except Wrong as error:
            return RowResult(row.number, Outcome.REFUSED, about, problems=(error.said,))
        is_new = any(self._is_new(one) for one in (company, person))
        changes: list[Change] = []
        if company is not None:
            self._seen.setdefault(company.id, row.number)
            self._change_company(row.number, company, values, changes)
        if person is not None:
            self._seen[person.id] = row.number
            self._change_person(person, place, values, changes)
        outcome = Outcome.NEW if is_new else Outcome.CHANGED if changes else Outcome.UNCHANGED
        names = [company.name if company else "", full_name(person) if person else ""]
        return RowResult(row.number, outcome, ", ".join(name for name in names if name) or about, tuple(changes))

    def _is_new(self, one: Company | Person | None) -> bool:
        return one is not None and one.id not in self.known.companies and one.id not in self.known.people

    def _check(self, number: int, values: Values, company: Company | None, person: Person | None) -> None:
        """Refuse what two rows say differently of one company, and a relation owner whom nobody knows."""
        for field, value in values.items():
            if company is None or field.of == PERSON:
                continue
            row, said = self._said.get((company.id, field.key), (number, value))
            if said != value:
                raise Wrong(wrong.SAID_BEFORE.filled(column=field.name, number=row))
            if field.key == "company.owner_id" and value != CLEARED and self.known.coordinator(value) is None:
                raise Wrong(wrong.NO_OWNER.filled(who=value))

    def _change_company(self, number: int, company: Company, values: Values, changes: list[Change]) -> None:
        if company.id not in self.known.companies:
            self.companies.append(company)
            self.known.add_company(company)
        for field, value in values.items():
            if field.of == PERSON or field.attribute == "code":
                continue
            self._said.setdefault((company.id, field.key), (number, value))
            value = stated(value)
            if field.of == COMPANY:
                self._set_of_company(company, field, value, changes)
                continue
            before = company.profile or {}
            if field.of == PROFILE:
                old = before.get(field.attribute)
                after = {key: said for key, said in {**before, field.attribute: value}.items() if said is not None}
            else:
                offer, _, column = field.attribute.rpartition(".")
                line = said_of_offer(before, offer)
                old = line.get(column)
                implied = {"offered": True} if value is not None and line.get("offered") is None else {}
                after = with_offer(before, offer, **{**implied, column: value})
            if not self._is_same(field, old, value):
                company.profile = after
                self._note(changes, field, old, value)

    def _set_of_company(self, company: Company, field: Field, value: Any, changes: list[Change]) -> None:
        if field.attribute == "tags":
            value = self.tags.kept(value or ())
            old, company.tags = list(company.tags), value
            if old != value:
                shown = [", ".join(self.tags.shown(tag).to(self.language) for tag in tags) for tags in (old, value)]
                changes.append(Change(field.name, *shown))
            return
        if field.attribute == "owner_id":
            owner = self.known.coordinator(value) if value else None
            people = [self.known.coordinators.get(company.owner_id or ""), owner]
            if company.owner_id != (owner.id if owner else None):
                company.owner_id = owner.id if owner else None
                changes.append(Change(field.name, *(full_name(one) if one else "" for one in people)))
            return
        if field.attribute == "ask_again_on" and value is not None:
            value = date.fromisoformat(value)
        self._set(company, field, value, changes)

    def _change_person(self, person: Person, place: Place, values: Values, changes: list[Change]) -> None:
        said = {field.attribute: (field, value) for field, value in values.items() if field.of == PERSON}
        if person.id not in self.known.people:
            self.people.append(person)
        else:
            self._move(person, place, changes)
            person.adopted_at = None
        for attribute, (field, value) in said.items():
            if attribute not in _NOT_OF_PERSON:
                self._set(person, field, stated(value), changes)
        for attribute, kind in (("mail", ContactKind.MAIL), ("phone", ContactKind.PHONE)):
            if attribute in said:
                self._set_contact(person, kind, *said[attribute], changes)
        if "is_shared" in said:
            field, value = said["is_shared"]
            for contact in self.known.contacts.get((person.id, ContactKind.MAIL), [])[:1]:
                self._set(contact, field, value, changes)
        if person.id not in self.known.people:
            self.known.add_person(person)

    def _move(self, person: Person, place: Place, changes: list[Change]) -> None:
        """Let somebody who is known by code work elsewhere from now on."""
        if (person.company_id, person.school_id) == place:
            return
        names = [self.known.name_of_place(one) for one in ((person.company_id, person.school_id), place)]
        changes.append(Change(wrong.WORKS_AT, *names))
        person.company_id, person.school_id = place

    def _set_contact(self, person: Person, kind: ContactKind, field: Field, value: str, changes: list[Change]) -> None:
        known = self.known.contacts[person.id, kind]
        lookup = value.lower() if kind is ContactKind.MAIL else None
        if any(one.address.casefold() == value.casefold() for one in known):
            return
        first = next((one for one in known if one.is_valid), None)
        changes.append(Change(field.name, first.address if first else "", value))
        if first is not None:
            first.address, first.lookup = value, lookup
        else:
            position = max((one.position for one in known), default=-1) + 1
            first = Contact(
                id=new_id(),
                person_id=person.id,
                kind=kind,
                position=position,
                address=value,
                lookup=lookup,
                is_shared=False,
                is_valid=True,
            )
            self.contacts.append(first)
            known.append(first)
        if lookup:
            self.known.by_mail[lookup].append((person.id, full_name(person)))

    def _set(self, row: Company | Person | Contact, field: Field, value: Any, changes: list[Change]) -> None:
        old = getattr(row, field.attribute)
        if not self._is_same(field, old, value):
            setattr(row, field.attribute, value)
            self._note(changes, field, old, value)

    def _is_same(self, field: Field, old: Any, value: Any) -> bool:
        """Whether two values look alike in a cell: what was exported comes back unchanged."""
        before, after = (" ".join(field.show(one, self.language).split()) for one in (old, value))
        return before == after

    def _note(self, changes: list[Change], field: Field, old: Any, value: Any) -> None:
        changes.append(Change(field.name, field.show(old, self.language), field.show(value, self.language)))


def _read(row: Row, fields: Sequence[Field]) -> tuple[dict[Field, Any], list[Text]]:
    """Return the values of the cells that say something, and what is wrong with the others."""
    values: dict[Field, Any] = {}
    problems = []
    for field, cell in zip(fields, row.cells, strict=True):
        if isinstance(cell, Text):
            problems.append(wrong.CELL.filled(column=field.name, said=cell))
        elif cell == CLEARED and field.can_clear:
            values[field] = CLEARED
        elif cell:
            try:
                values[field] = field.read(cell)
            except Misfit as error:
                problems.append(wrong.CELL.filled(column=field.name, said=error.text))
    return values, problems


def _about(values: Values) -> str:
    person = name_of(*(stated(value_of(values, f"person.{part}")) for part in ("given_name", "infix", "family_name")))
    return ", ".join(part for part in (value_of(values, "company.name"), person) if part)
