"""How a person's name is written out."""

from models.tables.network import Person


def full_name(person: Person) -> str:
    """Return given name, infix and family name (*Rob van Wijk*), or the name of a distribution list."""
    parts = (person.given_name, person.infix, person.family_name)
    return " ".join(part for part in parts if part) or person.group_name or ""
