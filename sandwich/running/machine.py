"""What the machine itself must have: room on its disk, and the programs by which PostgreSQL is backed up."""

import shutil

from sandwich.running.findings import Finding, ill, well
from sandwich.settings import Settings

LEAST_FREE = 1_000_000_000
"""Fewer bytes free than this, and a backup or a busy week fills the disk."""

TOOLS = ("pg_dump", "pg_restore", "psql")


def look_at_disk(settings: Settings) -> Finding:
    """Look whether there is room where the data is."""
    free = shutil.disk_usage(settings.data.resolve()).free
    size = f"{free / 1e9:.1f} GB"
    if free < LEAST_FREE:
        return ill(
            f"Schijf: nog maar {size} vrij bij {settings.data.resolve()}. Ruim op of vergroot hem: op een volle schijf "
            "wordt niets meer bewaard.",
            f"Disk: only {size} free at {settings.data.resolve()}. Clear it or make it larger: on a full disk nothing "
            "is kept any more.",
        )
    return well(f"Schijf: {size} vrij", f"Disk: {size} free")


def look_at_tools(settings: Settings) -> Finding:
    """Look whether a backup can be made here."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)] if settings.store_url.startswith("postgresql") else []
    if missing:
        names = ", ".join(missing)
        return ill(
            f"Reservekopie: {names} is hier niet. Geef de opdracht: apt-get install postgresql-client",
            f"Backup: {names} is not here. Give the command: apt-get install postgresql-client",
        )
    return well("Reservekopie: kan hier gemaakt worden", "Backup: can be made here")
