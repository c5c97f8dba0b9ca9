"""Refuse a secret in a command: everybody on the machine can read commands, and the shell keeps them."""

import os
import re
from collections.abc import Sequence

from models.text import Text
from sandwich.cli.saying import said

SECRETS = frozenset({"secret_key", "prefect_secret", "smtp_password", "incoming_imap_password", "dkim_key"})
"""Settings that are secret; a test compares them with the settings themselves."""

_SHORTEST = 12
"""Letters of a secret in the environment that are looked for among the arguments; fewer may stand there by chance."""

_TOKEN = re.compile(r"\b(swt_[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/=]{20,})")
_WITH_PASSWORD = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_OPTION = re.compile(r"(?:--|SANDWICH_)([A-Za-z_-]+)")

_REFUSED = Text(
    nl="Er staat een geheim in deze opdracht, en dat hoort niet in een opdracht: iedereen op deze computer kan het "
    "lezen, en de shell bewaart het. Er is niets gedaan. Zet het in een bestand dat alleen Sandwich leest "
    "(SANDWICH_…_FILE, zie docs/settings.md), en vervang dit geheim als het echt is.",
    en="There is a secret in this command, where it does not belong: everybody on this machine can read it, and the "
    "shell keeps it. Nothing was done. Put it in a file that only Sandwich reads (SANDWICH_…_FILE, see "
    "docs/settings.md), and replace this secret if it is a real one.",
)


def secret_in(arguments: Sequence[str]) -> str | None:
    """Return why a command is refused that holds a secret; ``None`` for any other."""
    known = [value for name in SECRETS if len(value := os.environ.get(f"SANDWICH_{name.upper()}", "")) >= _SHORTEST]
    return said(_REFUSED) if any(_is_secret(argument, known) for argument in arguments) else None


def _is_secret(argument: str, known: Sequence[str]) -> bool:
    option = _OPTION.match(argument)
    if option is not None and option[1].lower().replace("-", "_") in SECRETS:
        return True
    return bool(_TOKEN.search(argument) or _WITH_PASSWORD.search(argument) or any(value in argument for value in known))
