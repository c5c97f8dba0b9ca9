"""The outbox: mails that wait, and mails that need a person."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.text import Text
from sandwich.cli.saying import said, say
from sandwich.cli.state import with_store

if TYPE_CHECKING:
    from sandwich.runtime import Runtime

_COUNT = Text(nl="{label}: {count}", en="{label}: {count}")
_NOTHING = Text(nl="Er wacht geen mail, en geen mail heeft je nodig.", en="No mail waits, and no mail needs you.")
_LINE = Text(nl="{id}  {state}  {at}  {mail} aan {to}{why}", en="{id}  {state}  {at}  {mail} to {to}{why}")


def outbox(
    everything: Annotated[bool, typer.Option("--all", help="Also what was sent, the newest first.")] = False,
    limit: Annotated[int, typer.Option(help="How many mails at most.", min=1, max=10_000)] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for a script to read.")] = False,
) -> None:
    """Show which mails wait to be sent, and which need a person: refused, held, or with an outcome nobody knows."""
    from sandwich.cli.showing import moment_in_words
    from sandwich.labels import MAIL, MESSAGE
    from sandwich.services.outbox_view import look_at_outbox
    from sandwich.services.overview import to_json

    async def work(runtime: "Runtime") -> Any:
        async with runtime.store.read() as session:
            return await look_at_outbox(session, everything=everything, limit=limit)

    seen = with_store(work)
    if as_json:
        json.dump(to_json(seen), sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    for state, count in seen.counts.items():
        say(_COUNT, label=said(MESSAGE[state]), count=count)
    if not seen.mails and not everything:
        say(_NOTHING)
    for mail in seen.mails:
        say(
            _LINE,
            id=mail.id[:8],
            state=said(MESSAGE[mail.state]),
            at=moment_in_words(mail.sent_at or mail.due_at),
            mail=said(MAIL.get(mail.mail, Text(nl=mail.mail, en=mail.mail))),
            to=mail.to,
            why=f" ({mail.reason})" if mail.reason else "",
        )


def add_to(program: typer.Typer) -> None:
    """Add the command of this module."""
    program.command()(outbox)
