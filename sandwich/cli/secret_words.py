"""No command takes a secret as an argument: whoever lists the machine's processes reads it, and the shell keeps it.

Looked at before any command runs, over all that was typed, so that a new command is covered by itself.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr

from sandwich.errors import SandwichError
from sandwich.settings import PREFIX, Settings

LEAST = 6
"""A secret of fewer characters is no secret, and may be a word that anybody types."""

_SHAPES = (
    re.compile(r"^--?[a-z-]*(passw|secret|token|wachtwoord|geheim)[a-z-]*(=|$)", re.IGNORECASE),
    re.compile(rf"{PREFIX}[A-Z_]*(PASSWORD|SECRET|SECRET_KEY|DKIM_KEY)\s*="),
    re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(r"/(?:f|login)/[A-Za-z0-9_.-]{20,}"),
    re.compile(r"\b(swt_[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/=]{20,})"),
)
"""An option or a setting of such a name, an address with a password, a private key, a personal link, the token of a
program or the key of a hook.
"""


class SecretInCommand(SandwichError):
    """A password, key or personal link never belongs in a command: others on this machine can read it there. Nothing
    was done. Change that secret, write the new one into a file that only you can read, and name the file in the setting
    that ends with _FILE (docs/settings.md).
    """

    dutch = (
        "Een wachtwoord, sleutel of persoonlijke link hoort nooit in een opdracht: anderen op deze computer kunnen hem "
        "daar lezen. Er is niets gedaan. Verander dat geheim, zet het nieuwe in een bestand dat alleen jij kunt lezen, "
        "en noem het bestand in de instelling die eindigt op _FILE (docs/settings.md)."
    )


def refuse_secrets(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Raise ``SecretInCommand`` where something typed is a secret, by its shape or because it is one of ours."""
    ours = [secret for secret in _of_ours(environ) if len(secret) >= LEAST]
    for word in arguments:
        if any(shape.search(word) for shape in _SHAPES) or any(secret in word for secret in ours):
            raise SecretInCommand


def _of_ours(environ: Mapping[str, str]) -> Iterator[str]:
    for field, described in Settings.model_fields.items():
        if described.annotation is SecretStr:
            name = f"{PREFIX}{field.upper()}"
            yield environ.get(name, "").strip()
            if file := environ.get(f"{name}_FILE"):
                # Where it cannot be read, the command itself says so.
                with contextlib.suppress(OSError, UnicodeDecodeError):
                    yield Path(file).read_text(encoding="utf-8").strip()
