"""Copies of an installation that was told once."""

import shutil
from pathlib import Path

from sandwich.settings import Settings


def copy_of(settings: Settings, folder: Path, **other: object) -> Settings:
    """Copy an installation on SQLite that nobody works on into ``folder``; return its settings, with ``other`` ones."""
    shutil.copytree(settings.data, folder)
    url = f"sqlite+aiosqlite:///{folder}/sandwich.db"
    return settings.model_copy(update={"data": folder, "database_url": url, **other})
