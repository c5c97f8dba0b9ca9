"""Papers to print: a template in ``templates/papers`` and what it says, as a PDF."""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAPERS = Path(__file__).resolve().parents[1] / "templates" / "papers"


@dataclass(frozen=True)
class Paper:
    """A PDF, and the name of its file."""

    name: str
    content: bytes


async def print_paper(
    template: str, name: str, said: dict[str, Any], files: Mapping[str, bytes] | None = None
) -> Paper:
    """Set the template with what it says. Texts are data to it: whatever people typed stays text.

    ``files`` are pictures that it puts on the page, by the names under which it finds them.
    """
    return Paper(name, await asyncio.to_thread(_set, template, said, files or {}))


def _set(template: str, said: dict[str, Any], files: Mapping[str, bytes]) -> bytes:
    import typst  # only who prints pays for it: half a second and sixty megabytes

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in {template: (PAPERS / template).read_bytes(), **files}.items():
            (root / name).write_bytes(content)
        pdf = typst.compile(
            root / template, root=root, sys_inputs={"paper": json.dumps(said)}, ignore_system_fonts=True
        )
    assert isinstance(pdf, bytes)  # one page or many, a PDF is one file
    return pdf
