"""Mail that came in: what it was, what followed from it, and its words as long as they are kept."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.text import Text
from sandwich.cli.saying import said, say
from sandwich.cli.state import with_store

if TYPE_CHECKING:
    from sandwich.incoming.views import LetterView
    from sandwich.runtime import Runtime

_NOTHING = Text(nl="Er is geen mail binnengekomen.", en="No mail came in.")
_LINE = Text(nl="{id}  {at}  {what}{who}", en="{id}  {at}  {what}{who}")
_FROM = Text(nl="Van: {sender}", en="From: {sender}")
_SUBJECT = Text(nl="Onderwerp: {subject}", en="Subject: {subject}")
_GONE = Text(nl="De mail zelf is verwijderd.", en="The mail itself was deleted.")

incoming = typer.Typer(
    help="Mail that came in: bounces, automatic answers, replies.", invoke_without_command=True, no_args_is_help=False
)


@incoming.callback()
def show(
    context: typer.Context,
    activity: Annotated[str | None, typer.Option(help="Of one activity, by its id.")] = None,
    limit: Annotated[int, typer.Option(help="How many mails at most.", min=1, max=10_000)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for a script to read.")] = False,
) -> None:
    """Show what came in, the newest first, and what followed from it."""
    if context.invoked_subcommand is not None:
        return
    from sandwich.cli.showing import moment_in_words
    from sandwich.incoming.views import letters_of
    from sandwich.services.overview import to_json

    async def work(runtime: "Runtime") -> Any:
        async with runtime.store.read() as session:
            return await letters_of(session, activity, limit=limit)

    lines = with_store(work)
    if as_json:
        json.dump(to_json(lines), sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    if not lines:
        say(_NOTHING)
    for line in lines:
        who = ", ".join(part for part in (line.person, line.activity_title) if part)
        at = moment_in_words(line.received_at)
        say(_LINE, id=line.id[:8], at=at, what=said(line.what), who=f" ({who})" if who else "")


@incoming.command(name="show")
def show_one(
    letter: Annotated[str, typer.Argument(metavar="MAIL", help="Its id, or the first eight characters of it.")],
    raw: Annotated[bool, typer.Option("--raw", help="Write the mail as it came, to save as an .eml file.")] = False,
) -> None:
    """Show the words of one mail that came in."""
    from sandwich.incoming.views import letter_view

    async def work(runtime: "Runtime") -> "LetterView":
        async with runtime.store.read() as session:
            return await letter_view(session, runtime.settings, letter)

    seen = with_store(work)
    if raw:
        sys.stdout.buffer.write(seen.raw)
        return
    print(said(seen.line.what))
    if not seen.is_there:
        say(_GONE)
        return
    say(_FROM, sender=seen.sender)
    say(_SUBJECT, subject=seen.subject)
    print()
    print(seen.text)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(incoming, name="incoming")
