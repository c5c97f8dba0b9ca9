"""The mail server of a world: a process of its own, which can be killed, and what its log tells us of links.

``python -m tests.faults.postbox PORT FILE`` serves until it is killed.
"""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.journal import Journal, a_sink, own_link, parsed


@dataclass
class Postbox:
    """Follows the mail server's log: the newest link of everybody for every activity, and every link there was."""

    path: Path
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    mails: int = 0
    _read: int = 0

    def link(self, address: str, title: str) -> str | None:
        """Return the newest link in a mail to ``address`` about the activity with this title."""
        self.follow()
        return self.links.get((address, title))

    def follow(self) -> None:
        """Read what came since."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    return  # it is being written
                self._read += len(line)
                self._note(json.loads(line))

    def _note(self, entry: dict[str, str]) -> None:
        self.mails += 1
        mail = parsed(entry)
        title = " ".join(str(mail["Subject"]).split()).partition(":")[0]
        if link := own_link(mail):
            self.links[entry["to"], title] = link


async def _serve(port: int, path: Path) -> None:
    async with a_sink(Journal(path), port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
