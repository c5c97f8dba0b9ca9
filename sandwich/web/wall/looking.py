"""What somebody looks for on a wall, in the address of its page: a plain form, and links that let one part go."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from models.text import Language, Text
from sandwich.rules.answer_values import cleaned
from sandwich.rules.search import WORDS
from sandwich.services.wall_search import Choices, Wanted

LONGEST = 200
"""Letters of a question that come back into the field; further ones are not looked for either."""

_LABELS = {
    "q": Text(nl="Zoek", en="Search"),
    "kind": Text(nl="Soort", en="Kind"),
    "profile": Text(nl="Profiel of vak", en="Profile or subject"),
    "technique": Text(nl="Techniek", en="Technique"),
    "company": Text(nl="Bedrijf", en="Company"),
}
_NOT_HERE = Text(nl="iets dat niet op deze muur staat", en="something that is not on this wall")
_CUT = Text(
    nl="Dat is een lange vraag. We zochten op deze woorden: {words}.",
    en="That is a long question. We looked for these words: {words}.",
)
_NO_WORDS = Text(
    nl="Daar staat geen woord in waarop we kunnen zoeken. Typ een woord, bijvoorbeeld ‘robot’.",
    en="There is no word in that to look for. Type a word, for example ‘robot’.",
)


@dataclass(frozen=True)
class Chooser:
    """One list to choose from."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True)
class Dropped:
    """One part of what is looked for, and the address without it."""

    words: str
    address: str


@dataclass(frozen=True)
class Looking:
    """What the page says about a search: ``typed`` stands in the field, ``notice`` says what was not looked for."""

    typed: str
    choosers: tuple[Chooser, ...]
    parts: tuple[Dropped, ...]
    notice: str
    older: str

    @property
    def is_on(self) -> bool:
        """Whether something is looked for."""
        return bool(self.parts or self.notice)


def wanted_in(asked: QueryParams) -> Wanted:
    """Return what an address asks for. What is no word is not looked for, and what is too long is cut."""
    said = {name: cleaned(asked.get(name, "")).strip() for name in _LABELS}
    return Wanted(**{**said, "q": said["q"][:LONGEST]})


def is_long(asked: QueryParams) -> bool:
    """Whether more was typed than is looked at."""
    return len(asked.get("q", "")) > LONGEST


def looking(wanted: Wanted, choices: Choices, language: Language, older: int | None, *, was_long: bool) -> Looking:
    """Return what the page shows of a search."""
    listed = {
        "kind": choices.kinds,
        "profile": choices.profiles,
        "technique": choices.techniques,
        "company": choices.companies,
    }
    found = wanted.sought
    parts = []
    if found.words:
        parts.append(Dropped("‘" + " ".join(found.typed) + "’", _address(replace(wanted, q=""))))
    choosers = []
    for name, pairs in listed.items():
        chosen = getattr(wanted, name)
        options = [(key, label.to(language)) for key, label in pairs]
        label = dict(options).get(chosen)
        if chosen:
            parts.append(Dropped(label or _NOT_HERE.to(language), _address(replace(wanted, **{name: ""}))))
        if options or chosen:
            strange = [(chosen, _NOT_HERE.to(language))] if chosen and label is None else []
            choosers.append(Chooser(name, _LABELS[name].to(language), (*strange, *options), chosen))
    return Looking(
        typed=wanted.q,
        choosers=tuple(choosers),
        parts=tuple(parts),
        notice=_notice(wanted, language, was_long=was_long),
        older=_address(wanted, after=older) if older else "",
    )


def _notice(wanted: Wanted, language: Language, *, was_long: bool) -> str:
    found = wanted.sought
    if wanted.q and not found.words:
        return _NO_WORDS.to(language)
    if found.is_cut or was_long:
        return _CUT.filled(words=", ".join(found.typed[:WORDS])).to(language)
    return ""


def _address(wanted: Wanted, **more: object) -> str:
    """Return the address of the wall's page, from the page itself, with what is looked for."""
    said: Iterable[tuple[str, object]] = (*wanted.given.items(), *more.items())
    return f"?{urlencode(list(said))}"
