"""The outbox: mails that wait, and mails that need a person."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from models.text import Text
from sandwich.cli.saying import said, say
from sandwich.cli.state import ACTOR, with_runtime, with_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sandwich.runtime import Runtime
    from sandwich.services.hold import HoldView, Released

_COUNT = Text(nl="{label}: {count}", en="{label}: {count}")
_NOTHING = Text(nl="Er wacht geen mail, en geen mail heeft je nodig.", en="No mail waits, and no mail needs you.")
_HELD = Text(
    nl="Hersteld op {restored} uit een kopie van {backed_up}. Er gaat geen mail weg tot je de outbox vrijgeeft: "
    "`sandwich outbox release`.",
    en="Restored on {restored} from a backup of {backed_up}. No mail leaves until you release the outbox: "
    "`sandwich outbox release`.",
)
_HELD_COUNTS = Text(
    nl="Wachtten al bij de kopie: {waited}. Sindsdien aan de beurt gekomen: {since} (misschien al verstuurd).",
    en="Waited when the backup was made: {waited}. Have become due since: {since} (perhaps sent already).",
)
_BEHIND = Text(
    nl="Nog te bekijken van wat toen aan de beurt was: {count}. Laat Sandwich even draaien.",
    en="Still to be looked at of what was due then: {count}. Let Sandwich run for a while.",
)
_SURE = Text(nl="De outbox vrijgeven?", en="Release the outbox?")
_RELEASED = Text(
    nl="De outbox is vrij. Weggegooid: {discarded}. Gaan nu weg: {going}.",
    en="The outbox is released. Thrown away: {discarded}. Leave now: {going}.",
)
_DONE = Text(nl="{what}: {count} van {all}.", en="{what}: {count} of {all}.")
_HELD_BACK = Text(nl="Vastgehouden", en="Held")
_LEAVING = Text(nl="Gaan weg zodra het mag", en="Leave as soon as they may")
_THROWN_AWAY = Text(nl="Weggegooid", en="Thrown away")
_WORDED = Text(nl="Het woord staat boven de mail.", en="The word stands at the top of the mail.")
_LINE = Text(nl="{id}  {state}  {at}  {mail} aan {to}{why}", en="{id}  {state}  {at}  {mail} to {to}{why}")


outbox = typer.Typer(
    help="Mail that waits, and mail that needs a person.", invoke_without_command=True, no_args_is_help=False
)


@outbox.callback()
def show(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also what was sent, the newest first.")] = False,
    limit: Annotated[int, typer.Option(help="How many mails at most.", min=1, max=10_000)] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for a script to read.")] = False,
) -> None:
    """Show which mails wait to be sent, and which need a person: refused, held, or with an outcome nobody knows."""
    if context.invoked_subcommand is not None:
        return
    from sandwich.cli.showing import moment_in_words
    from sandwich.labels import MAIL, MESSAGE
    from sandwich.services.outbox_view import look_at_outbox
    from sandwich.services.overview import to_json

    async def work(runtime: "Runtime") -> Any:
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            return await look_at_outbox(session, now, everything=everything, limit=limit)

    seen = with_store(work)
    if as_json:
        json.dump(to_json(seen), sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    if seen.held is not None:
        show_hold(seen.held)
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
            why=f" ({_why(mail.reason)})" if mail.reason else "",
        )


def _why(reason: str) -> str:
    from sandwich.labels import REASON

    return said(REASON[reason]) if reason in REASON else reason


Mails = Annotated[
    list[str], typer.Argument(help="Mails, by the beginning of their ids as `sandwich outbox` shows them.")
]


@outbox.command(name="hold")
def hold_mails(mails: Mails) -> None:
    """Hold mails back until you let them leave."""
    from sandwich.services.by_hand import hold_back

    _by_hand(hold_back, mails, _HELD_BACK)


@outbox.command(name="send")
def send_mails(mails: Mails) -> None:
    """Let mails leave as soon as they may, also once more those that failed or may have arrived."""
    from sandwich.services.by_hand import send_now

    _by_hand(send_now, mails, _LEAVING)


@outbox.command(name="discard")
def discard_mails(mails: Mails) -> None:
    """Throw mails away; what they ask counts as asked."""
    from sandwich.services.by_hand import throw_away

    _by_hand(throw_away, mails, _THROWN_AWAY)


@outbox.command(name="edit")
def edit_mail(
    mail: Annotated[str, typer.Argument(help="The mail, by the beginning of its id.")],
    word: Annotated[
        typer.FileText,
        typer.Option("--word", help="A file with what is put at the top of the mail; - reads what you type."),
    ],
) -> None:
    """Put a word of your own at the top of one mail; an empty file takes it away."""
    from sandwich.services.by_hand import add_word

    typed = word.read()

    async def work(runtime: "Runtime") -> None:
        [found] = await _find(runtime, [mail])
        await add_word(runtime, found, typed, now=await runtime.clock.now(), actor=ACTOR)

    with_runtime(work)
    say(_WORDED)


def _by_hand(work: "Callable[..., Awaitable[int]]", mails: "Sequence[str]", what: Text) -> None:
    async def all_of_them(runtime: "Runtime") -> tuple[int, int]:
        found = await _find(runtime, mails)
        return await work(runtime, found, now=await runtime.clock.now(), actor=ACTOR), len(found)

    done, asked = with_runtime(all_of_them)
    say(_DONE, what=said(what), count=done, all=asked)
    if not done:
        raise typer.Exit(1)


async def _find(runtime: "Runtime", mails: "Sequence[str]") -> list[str]:
    from sandwich.services.outbox_view import find_mails

    async with runtime.store.read() as session:
        return await find_mails(session, mails)


@outbox.command(name="release")
def release_outbox(
    mails: Annotated[
        list[str] | None, typer.Argument(help="Mails that were held; without any, all mail after a restore.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--discard-until",
            metavar="MOMENT",
            help="Throw away what was due up to then, for it was sent before: now, or '2026-11-12 13:30'.",
        ),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also while not everything that was due has been looked at.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """Let mails leave that were held, or all mail after a backup was put back."""
    if mails:
        from sandwich.services.by_hand import let_leave

        _by_hand(let_leave, mails, _LEAVING)
        return
    from sandwich.cli.reading import read_moment
    from sandwich.services.hold import NotHeld, look_at_hold, release

    async def look(runtime: "Runtime") -> "HoldView":
        now = await runtime.clock.now()
        async with runtime.store.read() as session:
            found = await look_at_hold(session, now)
        if found is None:
            raise NotHeld
        return found

    async def work(runtime: "Runtime") -> "Released":
        now = await runtime.clock.now()
        moment = read_moment(until, ZoneInfo(runtime.settings.timezone), now) if until else None
        return await release(runtime, now=now, actor=ACTOR, discard_until=moment, anyway=anyway)

    if not yes:
        show_hold(with_runtime(look))
        typer.confirm(said(_SURE), abort=True)
    done = with_runtime(work)
    say(_RELEASED, discarded=done.discarded, going=done.going)


def show_hold(seen: "HoldView") -> None:
    """Print why no mail leaves, and what waits for a person."""
    from sandwich.cli.showing import moment_in_words
    from sandwich.labels import MAIL

    say(_HELD, restored=moment_in_words(seen.hold.restored_at), backed_up=moment_in_words(seen.hold.backed_up_at))
    say(_HELD_COUNTS, waited=seen.waited, since=seen.since)
    for mail, count in seen.kinds.items():
        print(f"  {count:>5}  {said(MAIL.get(mail, Text(nl=mail, en=mail)))}")
    if seen.behind:
        say(_BEHIND, count=seen.behind)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(outbox, name="outbox")
