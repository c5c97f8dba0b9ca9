"""Where the mails of a rehearsal go: they are kept, and some boxes do not exist."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandwich.clock import Clock
from sandwich.errors import BadInput
from sandwich.mail.compose import Composed
from sandwich.mail.relay import Delivery, Line, Result


@dataclass(frozen=True)
class Letter:
    """A mail that arrived: when, and as it was sent."""

    at: datetime
    mail: Composed


@dataclass
class Letters:
    """A mail server that accepts everything but mail to ``dead`` addresses."""

    clock: Clock
    dead: Collection[str] = ()
    arrived: list[Letter] = field(default_factory=list)

    async def send(self, mail: Composed) -> Delivery:
        """Keep a mail, or refuse its box."""
        if mail.recipient in self.dead:
            return Delivery(Result.REFUSED, 550, "5.1.1 no such box", is_box_dead=True)
        self.arrived.append(Letter(await self.clock.now(), mail))
        return Delivery(Result.ACCEPTED, 250, "kept", recipient=mail.recipient)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Open a line to this server."""
        yield self


def check_folder(folder: Path) -> None:
    """Refuse a folder for the mails in which something stands already; raises ``BadInput``."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(
            f"{folder} is there already and is not empty. Name a new folder for the mails.",
            f"{folder} bestaat al en is niet leeg. Noem een nieuwe map voor de mails.",
        )


def write_letters(
    letters: Collection[Letter], folder: Path, names: Mapping[str, str], codes: Mapping[str, str], zone: ZoneInfo
) -> int:
    """Write every mail as a file into ``folder`` and return how many; ``names`` of mails by Message-ID, ``codes`` of
    people by address.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, letter in enumerate(letters, start=1):
        at = letter.at.astimezone(zone)
        who, what = codes.get(letter.mail.recipient, "-"), names.get(letter.mail.message_id, "mail")
        path = folder / f"{number:04}-{at:%Y-%m-%d-%H%M}-{who}-{what}.eml"
        path.write_bytes(letter.mail.data)
    return len(letters)
