"""All ways in, and what share of the hostile texts each gets."""

from tests.hostile.listener import at_the_door
from tests.hostile.programs import programs
from tests.hostile.surfaces import (
    Surface,
    addresses,
    board,
    drafts,
    forms,
    free_forms,
    headers,
    letters,
    tables,
    uploads,
)

SURFACES: dict[str, tuple[Surface, int]] = {
    "forms": (forms, 2400),
    "free forms": (free_forms, 600),
    "board": (board, 1500),
    "programs": (programs, 2400),
    "addresses": (addresses, 2000),
    "headers": (headers, 1500),
    "file names": (uploads, 400),
    "imports": (tables, 900),
    "drafts": (drafts, 700),
    "incoming mail": (letters, 1200),
    "mail server": (at_the_door, 1200),
}
"""Each surface, and what share of all texts it gets: so many of about fifteen thousand."""
