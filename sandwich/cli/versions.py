"""Let running activities go on with the newest version of their playbook."""

import json
import sys
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from models.text import Language, Text
from sandwich.cli.saying import confirming, said, say
from sandwich.cli.state import ACTOR, settings, with_runtime
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.services.take_over import TakeOver

_WOULD = Text(
    nl="{title} ({id}) zou van versie {old} naar versie {new} gaan:",
    en="{title} ({id}) would go from version {old} to version {new}:",
)
_DONE = Text(
    nl="{title} ({id}) gaat verder met versie {new} (was {old}).",
    en="{title} ({id}) goes on with version {new} (was {old}).",
)
_REFUSED = Text(nl="{title} ({id}) blijft op versie {old}. {why}", en="{title} ({id}) stays at version {old}. {why}")
_NONE = Text(
    nl="Geen lopende activiteit van {kind} heeft een oudere versie.",
    en="No running activity of {kind} has an older version.",
)
_NOTHING_YET = Text(nl="Er is nog niets veranderd.", en="Nothing has changed yet.")


def take_over(
    what: Annotated[
        str, typer.Argument(metavar="KIND|ID", help="A kind, for all its activities; or one activity's id.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    at_once: Annotated[bool, typer.Option("--at-once", help="A step that was to come later may mail at once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for a script to read.")] = False,
) -> None:
    """Let running activities go on with the newest version of their playbook; what was answered stays.

    Ends with 1 when an activity was refused.
    """
    from sandwich.services.overview import to_json

    found = with_runtime(lambda runtime: _each(runtime, what, dry_run=dry_run, at_once=at_once))
    if as_json:
        json.dump(to_json(found), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        _show(found, what, dry_run=dry_run)
    if any(item.refused for item in found):
        raise typer.Exit(1)


async def _each(runtime: "Runtime", what: str, *, dry_run: bool, at_once: bool) -> "list[TakeOver]":
    from sandwich.cli.finding import the_activity
    from sandwich.services import take_over as versions

    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        if what in runtime.library.playbooks:
            ids = [row.id for row in await versions.behind(session, runtime.library, kind=what)]
        else:
            ids = [(await the_activity(session, what)).id]
    found = []
    for activity_id in ids:
        seen = await versions.foresee(runtime, activity_id, now=now)
        if not dry_run and seen.refused is None:
            try:
                with confirming("--at-once"):
                    seen = await versions.take_over(runtime, activity_id, now=now, actor=ACTOR, at_once=at_once)
            except BadInput as error:
                why = Text(nl=error.to(Language.DUTCH), en=error.to(Language.ENGLISH))
                seen = versions.refusal(seen, why)
        found.append(seen)
    return found


def _show(found: "list[TakeOver]", what: str, *, dry_run: bool) -> None:
    from sandwich.services.take_over_words import in_words

    zone = ZoneInfo(settings().timezone)
    if not found:
        say(_NONE, kind=what)
        return
    for item in found:
        values = {"title": item.title, "id": item.activity_id[:8], "old": item.old, "new": item.new}
        if item.changes is None:
            say(_REFUSED, **values, why=said(item.refused or ""))
            continue
        say(_WOULD if dry_run else _DONE, **values)
        for line in in_words(item.changes, zone):
            say(f"- {said(line)}")
    if dry_run:
        say(_NOTHING_YET)


def add_to(playbooks: typer.Typer) -> None:
    """Add the command to those about playbooks."""
    playbooks.command("take-over")(take_over)
