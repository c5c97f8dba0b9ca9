"""What docs/running.md says is to be typed, and whoever stands outside an installation that was set up by it."""

import argparse
import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.mail.peers import Box, a_mailbox
from tests.running.name_server import a_name_server

BOOK = Path(__file__).resolve().parents[2] / "docs" / "running.md"
PASSWORD = "Zilveruitje-9-Zomer"
"""That of the account at the school's mail server."""

RECORDS = {
    "school.example": ["v=spf1 a -all"],
    "mail._domainkey.school.example": ["v=DKIM1; k=rsa; p=MIIB"],
    "_dmarc.school.example": ["v=DMARC1; p=quarantine"],
}
"""What the DNS says of a school whose mail arrives."""


def blocks(heading: str) -> list[str]:
    """Return what is to be typed under a heading of the book, block by block."""
    text = BOOK.read_text(encoding="utf-8")
    part = text[text.index(f"\n## {heading}\n") :][1:]
    part = part[: part.find("\n## ", 3)] if "\n## " in part[3:] else part
    return re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL)


@asynccontextmanager
async def a_school(
    certificate: Path, key: Path, *, mail: tuple[str, int] = ("127.0.0.1", 0), names: tuple[str, int] = ("127.0.0.1", 0)
) -> AsyncIterator[tuple[Box, str]]:
    """Run what a school has already: a mail server with TLS and an account, and a name server; gives the box and the
    address of the name server.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with (
        a_mailbox(tls, account=("sandwich", PASSWORD), address=mail) as box,
        a_name_server(RECORDS, names) as dns,
    ):
        yield box, dns


async def _stand_outside(said: argparse.Namespace) -> None:
    async with a_school(
        said.certificate, said.key, mail=(said.address, said.mail), names=(said.address, said.names)
    ) as (box, _):
        kept = 0
        while True:
            await asyncio.sleep(0.2)
            for mail in box.mails[kept:]:
                kept += 1
                (said.folder / f"{kept}.part").write_bytes(mail.recipients[0].encode() + b"\n" + mail.data)
                (said.folder / f"{kept}.part").rename(said.folder / f"{kept}.mail")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a school's mail server and name server, until killed; a mail is a file in ``folder``,
    with its recipient on the first line.
    """
    parser = argparse.ArgumentParser()
    for name in ("certificate", "key", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--mail", type=int, default=587)
    parser.add_argument("--names", type=int, default=53)
    asyncio.run(_stand_outside(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
