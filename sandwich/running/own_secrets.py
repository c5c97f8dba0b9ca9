"""Secrets of an installation that is no production: made at the first start and kept in its data folder.

A production installation gives them itself (``SANDWICH_SECRET_KEY``, ``SANDWICH_PREFECT_SECRET``) and is refused
without.
"""

import os
import secrets
from collections.abc import MutableMapping
from pathlib import Path

from sandwich.settings import PREFIX, Environment, Settings, read_settings

PREFECT_FILE = "prefect-secret"
"""The file in the data folder with what Prefect is opened with."""

_MADE = {"secret_key": "secret-key", "prefect_secret": PREFECT_FILE}


def settings_with_secrets(environ: MutableMapping[str, str] | None = None) -> Settings:
    """Read the settings, and add the secrets that are missing, also to ``environ``, for processes started from here."""
    environ = os.environ if environ is None else environ
    settings = read_settings(environ)
    if settings.environment is Environment.PRODUCTION:
        return settings
    for field, name in _MADE.items():
        if not getattr(settings, field).get_secret_value():
            environ[f"{PREFIX}{field.upper()}_FILE"] = str(_kept(settings.data.resolve() / name))
    return read_settings(environ)


def _kept(path: Path) -> Path:
    """Return ``path`` with a secret in it; one that is there already stays."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    # Readable by us alone from its first moment, and complete before anybody can see it.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()
    return path
