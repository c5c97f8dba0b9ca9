"""Commands about activities that go on: status, move, hold, resume, cancel."""

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from models.text import Text
from sandwich.cli.arguments import AsJson, DryRun, Id
from sandwich.cli.foreseeing import foreseen
from sandwich.cli.saying import confirming, say, say_with, warn
from sandwich.cli.state import ACTOR, with_runtime, with_store
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from sandwich.cli.reading import Span
    from sandwich.runtime import Runtime

_MOVED = Text(
    nl="Verplaatst: {title} is nu op {when}. Iedereen die al mail kreeg hoort het, met je reden.",
    en="Moved: {title} is now on {when}. Everybody who had mail hears of it, with your reason.",
)
_PROPOSED = Text(
    nl="Voorgesteld: {title} op {when}. Het bedrijf wordt ernaar gevraagd; --agreed zet een datum meteen vast.",
    en="Proposed: {title} on {when}. The company is asked about them; --agreed fixes a date at once.",
)
_WOULD_MOVE = Text(
    nl="{title} zou naar {when} gaan. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{title} would move to {when}. Nothing has changed yet. This would happen:",
)
_CANCELLED = Text(
    nl="Geannuleerd: {title}. Iedereen die al mail kreeg hoort het; er wordt niets meer gevraagd.",
    en="Cancelled: {title}. Everybody who had mail hears of it; nothing is asked any more.",
)
_WOULD_CANCEL = Text(
    nl="{title} zou geannuleerd worden. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{title} would be cancelled. Nothing has changed yet. This would happen:",
)
_WOULD_HOLD = Text(
    nl="{title} zou uitgesteld worden. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{title} would be put on hold. Nothing has changed yet. This would happen:",
)
_ON_HOLD = Text(
    nl="Uitgesteld: {title}. Er gaan geen mails weg tot `sandwich resume`; de docenten horen het nog.",
    en="On hold: {title}. No mails leave until `sandwich resume`; the teachers still hear of it.",
)
_GOES_ON = Text(nl="{title} gaat verder:", en="{title} goes on:")
_WOULD_GO_ON = Text(
    nl="{title} zou verdergaan. Er is nog niets veranderd. Dit zou er gebeuren:",
    en="{title} would go on. Nothing has changed yet. This would happen:",
)


def status(
    id_: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One activity, in full; without it, all that go on.")
    ] = None,
    as_json: AsJson = False,
    ended: Annotated[bool, typer.Option("--ended", help="The activities that have ended instead.")] = False,
) -> None:
    """Show how activities stand: slices, dots, what each waits for, and who has not answered."""
    from sandwich.cli.finding import regions, the_activity
    from sandwich.cli.showing import show_activities, show_activity
    from sandwich.services.detail import activity_detail
    from sandwich.services.overview import activities, to_json

    async def one_of(runtime: "Runtime") -> Any:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            found = await the_activity(session, id_ or "")
            return await activity_detail(session, runtime.settings, found.region_id, found.id, now)

    async def all_of(runtime: "Runtime") -> Any:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            known = await regions(session)
            found = [await activities(session, runtime.settings, region, now, ended=ended) for region in known]
        return [line for lines in found for line in lines]

    seen = with_store(one_of if id_ else all_of)
    if as_json:
        json.dump(to_json(seen), sys.stdout, ensure_ascii=False, indent=2)
        print()
    elif id_:
        show_activity(seen)
    else:
        show_activities(seen)


def move(
    id_: Id,
    dates: Annotated[
        list[str],
        typer.Argument(
            metavar="DATE...", help="2026-11-12, or with other times '2026-11-12 13:30-16:30'; one for each meeting."
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it in the mail.")] = "",
    dry_run: DryRun = False,
    in_holiday: Annotated[bool, typer.Option("--in-holiday", help="The new date may be a free day.")] = False,
    agreed: Annotated[bool, typer.Option("--agreed", help="The host said yes: fix a date not yet chosen.")] = False,
    meeting: Annotated[int | None, typer.Option("--meeting", help="Move this meeting of several alone.")] = None,
) -> None:
    """Move an activity; everybody hears of it, and what hangs on the date is asked again."""
    from sandwich.cli.finding import the_activity
    from sandwich.cli.reading import read_spans
    from sandwich.cli.showing import spans_in_words
    from sandwich.services import steer
    from sandwich.services.cascade import foresee
    from sandwich.services.cascade_words import in_words
    from sandwich.services.double_bookings import double_bookings_in
    from sandwich.services.overview import one

    if not dry_run:
        reason = _why(reason)

    async def work(runtime: "Runtime") -> tuple[str, str, tuple[Text, ...], bool, tuple[Text, ...]]:
        now = await runtime.clock.now()
        zone = ZoneInfo(runtime.settings.timezone)
        async with runtime.store.read() as session:
            activity_id = (await the_activity(session, id_)).id
            moments = (await one(session, runtime.settings, activity_id, now)).line.moments
        spans = read_spans(dates, moments, zone) if meeting is None else _one_moved(moments, meeting, dates, zone)
        changes: tuple[Text, ...] = ()
        if dry_run:
            changes = in_words(await foresee(runtime, activity_id, spans, now=now, agreed=agreed), zone)
        else:
            with confirming("--in-holiday"):
                await steer.move(
                    runtime,
                    activity_id,
                    spans,
                    reason,
                    now=now,
                    actor=ACTOR,
                    in_holiday=in_holiday,
                    agreed=agreed,
                )
        async with runtime.store.read() as session:
            known = await one(session, runtime.settings, activity_id, now)
            line = known.line
            busy = () if dry_run else await double_bookings_in(session, known.loaded, now)
            shown = line.moments if line.is_date_fixed and not dry_run else spans
            warnings = tuple(booking.sentence(zone) for booking in busy)
            return line.title, spans_in_words(shown, zone), changes, line.is_date_fixed, warnings

    title, when, changes, is_fixed, busy = with_runtime(work)
    if dry_run:
        say_with(_WOULD_MOVE, {"title": title, "when": when}, changes)
    else:
        say(_MOVED if is_fixed else _PROPOSED, title=title, when=when)
        warn(busy)


def hold(
    id_: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the activity.")],
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="A call to go on comes on this day.")
    ] = None,
    tell_host: Annotated[bool, typer.Option("--tell-host", help="Tell the host and the school leaders too.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Put an activity on hold: no mail leaves and nobody is reminded, until it goes on."""
    from sandwich.services import steer
    from sandwich.services.foreseen import foresee_hold

    why, day = _why(reason), until.date() if until else None
    if dry_run:
        title, lines = foreseen(
            id_, lambda runtime, key, now: foresee_hold(runtime, key, now=now, until=day, tells_host=tell_host)
        )
        say_with(_WOULD_HOLD, {"title": title}, lines)
        return
    title = _steer(
        id_,
        lambda runtime, key, now: steer.hold(runtime, key, why, now=now, actor=ACTOR, until=day, tells_host=tell_host),
    )
    say(_ON_HOLD, title=title)


def resume(id_: Id, dry_run: DryRun = False) -> None:
    """Let an activity that is on hold go on; where its day has passed, move it first."""
    from sandwich.cli.finding import the_activity
    from sandwich.services import steer
    from sandwich.services.resuming import foresee_resumption

    async def work(runtime: "Runtime") -> tuple[str, tuple[Text, ...]]:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            activity = await the_activity(session, id_)
        lines = await foresee_resumption(runtime, activity.id, now=now)
        if not dry_run:
            await steer.resume(runtime, activity.id, now=now, actor=ACTOR)
        return activity.title, lines

    title, lines = with_runtime(work)
    say_with(_WOULD_GO_ON if dry_run else _GOES_ON, {"title": title}, lines)


def cancel(
    id_: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it in the mail.")],
    dry_run: DryRun = False,
) -> None:
    """Cancel an activity; everybody hears of it, and nothing is asked any more."""
    from sandwich.services import steer
    from sandwich.services.foreseen import foresee_cancelling

    why = _why(reason)
    if dry_run:
        title, lines = foreseen(id_, lambda runtime, key, now: foresee_cancelling(runtime, key, now=now))
        say_with(_WOULD_CANCEL, {"title": title}, lines)
        return
    title = _steer(id_, lambda runtime, key, now: steer.cancel(runtime, key, why, now=now, actor=ACTOR))
    say(_CANCELLED, title=title)


def _steer(id_: str, change: "Callable[[Runtime, str, datetime], Awaitable[None]]") -> str:
    """Change one activity, and return its title."""
    from sandwich.cli.finding import the_activity

    async def work(runtime: "Runtime") -> str:
        async with runtime.store.read() as session:
            found = await the_activity(session, id_)
        await change(runtime, found.id, await runtime.clock.now())
        return found.title

    return with_runtime(work)


def _one_moved(moments: "Sequence[Span]", meeting: int, dates: "Sequence[str]", zone: ZoneInfo) -> "list[Span]":
    """Return all meetings with this one at its new date."""
    from sandwich.cli.reading import read_spans

    if not 1 <= meeting <= len(moments) or len(dates) != 1:
        raise BadInput(
            f"Give the number of one meeting, 1 to {len(moments)}, and its date.",
            f"Geef het nummer van één ontmoeting, 1 tot en met {len(moments)}, en haar datum.",
        )
    number = meeting - 1
    return [*moments[:number], *read_spans(dates, moments[number:], zone), *moments[meeting:]]


def _why(reason: str) -> str:
    if not reason.strip():
        raise BadInput(
            "Say why with --reason; everybody reads it in the mail.",
            "Zeg waarom met --reason; iedereen leest het in de mail.",
        )
    return reason.strip()


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (status, move, hold, resume, cancel):
        program.command()(command)
