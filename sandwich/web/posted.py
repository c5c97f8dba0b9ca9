"""Read what a form posted: fields by name with all their values, and files."""

from dataclasses import dataclass, field

from fastapi import Request

from sandwich.rules.answer_values import cleaned
from sandwich.web.limits import FORM_BYTES, MOST_FIELDS, allow

KEY = "_key"
"""The hidden field with the page's signed key."""

ACTION = "_action"
"""The name of the buttons."""

SHOWN = "_shown"
"""The hidden field with the fingerprint of what the page shows beside its questions."""

MOST_FILES = 12
"""How many files one form may bring."""


@dataclass(frozen=True)
class SentFile:
    """A file as it came in; its name and what it says of its kind are not to be believed."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Posted:
    """What came in. Names that begin with an underscore belong to the page and not to the form."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[SentFile]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return the last value of a field, or an empty text."""
        values = self.fields.get(name)
        return values[-1] if values else ""

    @property
    def answers(self) -> dict[str, list[str]]:
        """The fields of the form itself."""
        return {name: values for name, values in self.fields.items() if not name.startswith("_")}


async def read_form(request: Request, *, file_bytes: int = 0) -> Posted:
    """Read the form of a request, without characters that no text has; ``file_bytes`` is for its files together.

    Raises ``BodyTooLarge``, and an HTTP 400 for what no browser sends.
    """
    allow(request.scope, FORM_BYTES + file_bytes)
    posted = Posted()
    limits = {"max_fields": MOST_FIELDS, "max_files": MOST_FILES if file_bytes else 0, "max_part_size": FORM_BYTES}
    async with request.form(**limits) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                posted.fields.setdefault(name, []).append(cleaned(value))
            elif value.filename:
                posted.files.setdefault(name, []).append(SentFile(value.filename, await value.read()))
    return posted
