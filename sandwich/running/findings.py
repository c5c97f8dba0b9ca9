"""What a look at one part of an installation found."""

from dataclasses import dataclass

from models.text import Text


@dataclass(frozen=True)
class Finding:
    """What one look found: ``words`` say what is well, or what is not and what to do."""

    is_well: bool
    words: Text


def well(nl: str, en: str) -> Finding:
    """Return a finding about something that is well."""
    return Finding(True, Text(nl=nl, en=en))


def ill(nl: str, en: str) -> Finding:
    """Return a finding about something that is not, with what to do."""
    return Finding(False, Text(nl=nl, en=en))
