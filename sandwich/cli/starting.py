"""The command that starts an activity, or shows beforehand what would happen."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Language, Text
from sandwich.cli.arguments import AsJson, OwnerAgrees
from sandwich.cli.saying import asking_anyway, confirming, say, say_with, warn
from sandwich.cli.state import ACTOR, with_runtime
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from models.draft import ActivityDraft
    from sandwich.runtime import Runtime

_STARTED = Text(nl="Gestart: {title} ({id}). Eerste mail: {first}.", en="Started: {title} ({id}). First mail: {first}.")
_WOULD_START = Text(
    nl="{title} zou beginnen. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{title} would begin. Nothing has changed yet. This would happen:",
)
_STEP = Text(nl="{title}: {at}", en="{title}: {at}")
_AT_ONCE, _LEFT_OUT, _LATER = (
    Text(nl="meteen", en="at once"),
    Text(nl="vervalt", en="left out"),
    Text(nl="als het zover is", en="when it is time"),
)
_UNREADY = Text(
    nl="Minder dan vijf werkdagen: bevestig met --short-notice dat je dit zelf rondmaakt: {what}.",
    en="Fewer than five working days: confirm with --short-notice that you will arrange this: {what}.",
)


def start(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file; docs/starting.md shows one.")],
    as_json: AsJson = False,
    again: Annotated[bool, typer.Option("--again", help="Start it although the same one was started before.")] = False,
    short_notice: Annotated[
        bool, typer.Option("--short-notice", help="Start it although fewer than five working days are left.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan, and what a short lead does.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why a company is asked although it rests; it is kept with the activity.")
    ] = "",
    owner_agrees: OwnerAgrees = False,
) -> None:
    """Start an activity from a file."""
    from models.draft import ActivityDraft
    from sandwich.cli.showing import moment_in_words
    from sandwich.definitions.load import load_file
    from sandwich.services import start as starting
    from sandwich.services.cool_down import Asking
    from sandwich.services.double_bookings import double_bookings_in
    from sandwich.services.overview import one

    draft = load_file(file, ActivityDraft)
    if dry_run:
        _show_plan(draft)
        return

    async def work(runtime: "Runtime") -> tuple[str, datetime | None, tuple[Text, ...]]:
        now = await runtime.clock.now()
        try:
            with confirming("--short-notice"), asking_anyway("--reason"):
                activity_id = await starting.start(
                    runtime,
                    draft,
                    now=now,
                    actor=ACTOR,
                    once=not again,
                    short_notice=short_notice,
                    asking=Asking(None, reason, owner_agrees),
                )
        except starting.StartedAlready as error:
            raise BadInput(
                f"{error.to(Language.ENGLISH)} If you mean it, add --again.",
                f"{error.to(Language.DUTCH)} Bedoel je dat, zet er dan --again bij.",
            ) from None
        async with runtime.store.read() as session:
            known = await one(session, runtime.settings, activity_id, now)
            busy = await double_bookings_in(session, known.loaded, now)
            warnings = tuple(booking.sentence(known.loaded.zone) for booking in busy)
            return activity_id, known.loaded.activity.wake_at, warnings

    activity_id, first, warnings = with_runtime(work)
    warn(warnings)
    if as_json:
        print(json.dumps({"id": activity_id, "title": draft.title}, ensure_ascii=False))
    else:
        say(_STARTED, title=draft.title, id=activity_id, first=moment_in_words(first) if first else "?")


def _show_plan(draft: "ActivityDraft") -> None:
    """Print what would happen: the plan, what a short lead does to it, and how much of it is holiday."""
    from sandwich.cli.showing import moment_in_words
    from sandwich.services.cool_down import CoolDown, cooling_of_draft
    from sandwich.services.preview import Preview, preview

    async def work(runtime: "Runtime") -> tuple[Preview, tuple[CoolDown, ...]]:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            resting = await cooling_of_draft(session, runtime.settings, draft, now)
        return await preview(runtime, draft, now), resting

    seen, resting = with_runtime(work)
    lines = [*(one.sentence for one in resting), *seen.warnings]
    if seen.unready:
        nl, en = ("; ".join(text.to(one) for text in seen.unready) for one in ("nl", "en"))
        lines.append(_UNREADY.filled(what=Text(nl=nl, en=en)))
    for one in seen.lines:
        at: Text | str = _LEFT_OUT if one.is_left_out else _AT_ONCE if one.is_overdue else _LATER
        if at is _LATER and one.at is not None:
            at = moment_in_words(one.at)
        lines.append(_STEP.filled(title=one.title, at=at))
    say_with(_WOULD_START, {"title": draft.title}, lines)


def add_to(program: typer.Typer) -> None:
    """Add the command of this module."""
    program.command()(start)
