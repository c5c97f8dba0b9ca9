"""The columns of an import and export: what each is called in both languages, how its cells are read and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from models.choices import Option
from models.question_types import QuestionType
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.services.companies import PROFILE_FORM
from sandwich.services.importing import cells
from sandwich.services.importing.cells import Reader, Shower, show_text, show_yes
from sandwich.sheets.sheet import SheetUnreadable

COMPANY, PROFILE, OFFER, PERSON = "company", "profile", "offer", "person"
"""The part of a column's key before its dot: what it is of."""


@dataclass(frozen=True, eq=False)
class Field:
    """One column. ``key`` is what it is of and its name there; one that ``can_clear`` is emptied by ``-``."""

    key: str
    name: Text
    read: Reader
    show: Shower = show_text
    can_clear: bool = False
    also: tuple[str, ...] = ()

    @property
    def of(self) -> str:
        """What it is of: a company, its profile, its menu card, a person."""
        return self.key.partition(".")[0]

    @property
    def attribute(self) -> str:
        """Its name there; of the menu card the offer and the column, with a dot."""
        return self.key.partition(".")[2]


LONGEST_NOTE = 2000
"""Characters of what coordinators write down about a company for each other."""

_MENU: Mapping[str, tuple[str, str, Reader, Shower]] = {
    "offered": ("", "", cells.read_yes, show_yes),
    "per_year": (": per jaar", ": per year", cells.whole_reader(0, 365), show_text),
    "months": (": maanden", ": months", cells.text_reader(80), show_text),
    "max_people": (": mensen", ": people", cells.whole_reader(1, 1000), show_text),
}

_OF_COMPANY = (
    Field("company.code", Text(nl="bedrijfscode", en="company code"), cells.read_code),
    Field(
        "company.name", Text(nl="bedrijf", en="company"), cells.text_reader(200), also=("bedrijfsnaam", "company name")
    ),
    Field("company.address", Text(nl="adres", en="address"), cells.text_reader(300), can_clear=True),
    Field("company.tags", Text(nl="trefwoorden", en="tags"), cells.read_tags, can_clear=True),
    Field("company.owner_id", Text(nl="relatiebeheerder", en="relation owner"), cells.text_reader(254), can_clear=True),
    Field("company.asks_no_more", Text(nl="niet meer vragen", en="do not ask"), cells.read_yes, show_yes),
    Field("company.ask_again_on", Text(nl="weer vragen vanaf", en="ask again from"), cells.read_date, can_clear=True),
    Field("company.note", Text(nl="notitie", en="note"), cells.text_reader(LONGEST_NOTE), can_clear=True),
)
_OF_PERSON = (
    Field("person.code", Text(nl="persoonscode", en="person code"), cells.read_code),
    Field("person.school_id", Text(nl="school", en="school"), cells.text_reader(200)),
    Field("person.given_name", Text(nl="voornaam", en="given name"), cells.text_reader(80), also=("first name",)),
    Field("person.infix", Text(nl="tussenvoegsel", en="infix"), cells.text_reader(40), can_clear=True),
    Field("person.family_name", Text(nl="achternaam", en="family name"), cells.text_reader(80), also=("last name",)),
    Field("person.job_title", Text(nl="functie", en="job"), cells.text_reader(120), can_clear=True),
    Field(
        "person.mail",
        Text(nl="mailadres", en="mail address"),
        cells.read_mail,
        also=("e-mail", "email", "mail", "e-mailadres"),
    ),
    Field("person.is_shared", Text(nl="gedeelde mailbox", en="shared mailbox"), cells.read_yes, show_yes),
    Field("person.phone", Text(nl="telefoon", en="phone"), cells.read_phone, also=("telefoonnummer", "phone number")),
    Field("person.channel", Text(nl="liever", en="prefers"), cells.read_channel, cells.show_channel),
    Field("person.best_time", Text(nl="beste tijd", en="best time"), cells.text_reader(80), can_clear=True),
    Field("person.language", Text(nl="taal", en="language"), cells.read_language, cells.show_language),
    Field("person.no_mail", Text(nl="geen mail", en="no mail"), cells.read_yes, show_yes),
    Field("person.is_school_leader", Text(nl="schoolleider", en="school leader"), cells.read_yes, show_yes),
    Field("person.is_timetabler", Text(nl="roostermaker", en="timetabler"), cells.read_yes, show_yes),
)
_PROFILE_NAMES: Mapping[str, Text] = {
    "size": Text(nl="medewerkers", en="employees"),
    "recognised": Text(nl="erkend leerbedrijf", en="recognised training company"),
    "sto_signed": Text(nl="STO getekend", en="STO signed"),
    "limits": Text(nl="kan niet", en="not possible"),
}
"""Questions of the company profile that have a column."""

_NEAR = Text(nl="Bedoelde je ‘{near}’?", en="Did you mean ‘{near}’?")
_REMOVE = Text(nl="Haal hem weg.", en="Remove it.")

OFFERS = "offers"


@dataclass(frozen=True)
class Columns:
    """All columns there are, in the order of an export."""

    fields: tuple[Field, ...]

    @classmethod
    def of(cls, library: Library) -> "Columns":
        """Return the columns of an installation: a list of offers or a form of its own changes them."""
        return cls((*_OF_COMPANY, *_of_profile(library), *_of_menu(library), *_OF_PERSON))

    @cached_property
    def names(self) -> Mapping[str, Field]:
        """Every name of every column, as it is compared."""
        return {
            folded_name(name): field
            for field in self.fields
            for name in (field.name.nl, field.name.en, field.key, *field.also)
        }

    def read_header(self, header: Sequence[str]) -> tuple[Field, ...]:
        """Return the column of each name; raises ``SheetUnreadable`` for one unknown, twice there, or missing."""
        found: list[Field] = []
        for place, name in enumerate(header, start=1):
            field = self.names.get(folded_name(name))
            if field is None:
                close = get_close_matches(folded_name(name), self.names, n=1)
                hint = _NEAR.filled(near=close[0]) if close else _REMOVE
                what = f"‘{name}’" if name else f"{place}"
                raise SheetUnreadable(
                    f"There is no column {what}. {hint.en} docs/network.md lists them all.",
                    f"Er is geen kolom {what}. {hint.nl} docs/network.md noemt ze allemaal.",
                )
            if field in found:
                raise SheetUnreadable(
                    f"The column ‘{name}’ is there twice. Remove one of the two.",
                    f"De kolom ‘{name}’ staat er twee keer. Haal een van de twee weg.",
                )
            found.append(field)
        _check_complete({field.key for field in found})
        return tuple(found)

    def header(self, language: Language) -> list[str]:
        """Return the names of all columns."""
        return [field.name.to(language) for field in self.fields]


def folded_name(name: str) -> str:
    """Return the name of a column as it is compared."""
    return " ".join(name.casefold().replace("_", " ").split())


def _of_profile(library: Library) -> list[Field]:
    questions = library.forms[PROFILE_FORM].questions if PROFILE_FORM in library.forms else ()
    found = []
    for question in questions:
        name = _PROFILE_NAMES.get(question.key)
        if name is None:
            continue
        options: tuple[Option, ...] = library.options(question)
        read: Reader = cells.text_reader(question.max_length or 1000)
        show: Shower = show_text
        if options:
            read, show = cells.option_reader(options), cells.option_shower(options)
        elif question.type is QuestionType.YESNO:
            read, show = cells.read_yes, show_yes
        found.append(Field(f"{PROFILE}.{question.key}", name, read, show, can_clear=True))
    return found


def _of_menu(library: Library) -> list[Field]:
    options: tuple[Option, ...] = library.lists[OFFERS].options if OFFERS in library.lists else ()
    return [
        Field(
            f"{OFFER}.{option.key}.{column}",
            Text(nl=f"aanbod {option.label.nl}{nl}", en=f"offer {option.label.en}{en}"),
            read,
            show,
            can_clear=True,
        )
        for option in options
        for column, (nl, en, read, show) in _MENU.items()
    ]


def _check_complete(keys: set[str]) -> None:
    """Refuse a header with which nobody could be told from anybody else."""
    wanted: list[tuple[bool, Text]] = [
        (
            bool(keys & {"company.code", "company.name", "person.school_id"}),
            Text(
                nl="‘bedrijf’ (of ‘school’, voor mensen van een school)", en="‘company’ (or ‘school’, for its people)"
            ),
        )
    ]
    if any(key.startswith(f"{PERSON}.") for key in keys - {"person.code", "person.school_id"}):
        known = "person.code" in keys
        wanted += [
            (known or "person.given_name" in keys, Text(nl="‘voornaam’", en="‘given name’")),
            (known or "person.family_name" in keys, Text(nl="‘achternaam’", en="‘family name’")),
        ]
    missing = [name for there, name in wanted if not there]
    if missing:
        raise SheetUnreadable(
            f"The column {missing[0].en} is missing. Add it to the header; docs/network.md shows an example.",
            f"De kolom {missing[0].nl} ontbreekt. Zet hem in de kop; docs/network.md heeft een voorbeeld.",
        )
