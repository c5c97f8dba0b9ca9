"""The answer that a link in a mail named: it is shown on the page, and stored only when somebody chooses it there."""

import re
from collections.abc import Mapping

from starlette.datastructures import QueryParams

from sandwich.mail.case import MEANT

_SHAPE = re.compile(r"([A-Za-z0-9_.-]{1,120}):([A-Za-z0-9_-]{1,64})")


def read_meant(query: QueryParams) -> dict[str, str]:
    """Return what a link named, by field; nothing where it names nothing that could be in a form."""
    found = _SHAPE.fullmatch(query.get(MEANT) or "")
    return {found[1]: found[2]} if found else {}


def query_of(meant: Mapping[str, str]) -> str:
    """Return the end of an address that names the same, and opens the page at its question."""
    return "".join(f"?{MEANT}={name}:{value}#q-{name}" for name, value in meant.items())
