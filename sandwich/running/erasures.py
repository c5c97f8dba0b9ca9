"""Whether the list of erasures would keep a backup that is put back from bringing anybody back."""

import os
from pathlib import Path

from sqlalchemy import select

from models.tables.privacy import BackupMade
from sandwich.privacy.ledger import BESIDE, known_erasures, read_ledger, still_there
from sandwich.running.findings import Finding, ill, well
from sandwich.runtime import Runtime


async def look_at_erasures(runtime: Runtime) -> Finding:
    """Look whether everybody who was erased stands on the list, and on its copy beside each backup that is there.

    Raises ``LedgerBroken``.
    """
    path = runtime.settings.ledger
    async with runtime.store.read() as session:
        erased = await known_erasures(session)
        places = list(await session.scalars(select(BackupMade.place).distinct()))
    if not _can_be_written(path):
        return ill(
            f"Lijst van wie gewist is: {path} is niet te beschrijven. Geef rechten, of kies een andere plek met "
            "SANDWICH_ERASURES.",
            f"List of erasures: nobody can be added to {path}. Give it rights, or choose another place with "
            "SANDWICH_ERASURES.",
        )
    if missing := len(erased.keys() - read_ledger(path).keys()):
        return ill(
            f"Lijst van wie gewist is: {missing} ontbreekt of ontbreken in {path}, en zou(den) terugkomen met een "
            "oude kopie. Geef de opdracht `sandwich backup`: die schrijft de lijst opnieuw.",
            f"List of erasures: {missing} not in {path}, who would come back with an old backup. Give the command "
            "`sandwich backup`: it writes the list anew.",
        )
    folders = sorted({Path(place).parent for place in places if still_there(place)})
    bare = [str(folder) for folder in folders if erased.keys() - read_ledger(folder / BESIDE).keys()]
    if bare:
        return ill(
            f"Lijst van wie gewist is: staat niet heel naast de reservekopieën in {', '.join(bare)}. Kopieer {path} "
            f"daarheen onder de naam {BESIDE}.",
            f"List of erasures: not whole beside the backups in {', '.join(bare)}. Copy {path} there under the name "
            f"{BESIDE}.",
        )
    return well(f"Lijst van wie gewist is: heel ({len(erased)})", f"List of erasures: whole ({len(erased)})")


def _can_be_written(path: Path) -> bool:
    """Whether the list can be replaced: it is written anew each time, beside where it stands."""
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK) and not path.is_dir()
