"""How a person's name is written out, and how a name that was typed in one piece is taken apart."""

from models.tables.network import Person


def full_name(person: Person) -> str:
    """Return given name, infix and family name (*Rob van Wijk*), or the name of a distribution list."""
    return name_of(person.given_name, person.infix, person.family_name) or person.group_name or ""


def name_of(*parts: str | None) -> str:
    """Return given name, infix and family name as one; a part that is missing is left out."""
    return " ".join(part for part in parts if part)


_INFIXES = frozenset({"van", "de", "der", "den", "het", "'t", "’t", "ten", "ter", "te", "in", "op", "bij", "von", "el"})
_TITLES = frozenset({"mevrouw", "mevr.", "mw.", "meneer", "dhr.", "heer", "drs.", "ir.", "dr."})


def split_name(name: str) -> tuple[str, str, str]:
    """Take a whole name apart into given name, infix and family name; what is not in it stays empty.

    How somebody is addressed (*mevrouw*, *de heer*) is no part of a name.
    """
    words = name.split()
    if [word.lower() for word in words[:2]] == ["de", "heer"]:
        words = words[1:]
    while words and words[0].lower() in _TITLES:
        words = words[1:]
    has_given = len(words) > 1 and words[0].lower() not in _INFIXES
    rest = words[has_given:]
    first = next((place for place, word in enumerate(rest) if word.lower() not in _INFIXES), 0)
    return words[0] if has_given else "", " ".join(rest[:first]), " ".join(rest[first:])
