"""Papers to print: a template in ``templates/papers`` and what it says, as a PDF."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAPERS = Path(__file__).resolve().parents[1] / "templates" / "papers"


@dataclass(frozen=True)
class Paper:
    """A PDF, and the name of its file."""

    name: str
    content: bytes


async def print_paper(template: str, name: str, said: dict[str, Any]) -> Paper:
    """Set the template with what it says. Texts are data to it: whatever people typed stays text."""
    return Paper(name, await asyncio.to_thread(_set, template, said))


def _set(template: str, said: dict[str, Any]) -> bytes:
    import typst  # only who prints pays for it: half a second and sixty megabytes

    content = typst.compile(
        PAPERS / template, root=PAPERS, sys_inputs={"paper": json.dumps(said)}, ignore_system_fonts=True
    )
    assert isinstance(content, bytes)  # one page or many, a PDF is one file
    return content
