"""Commands about what is shared: words that had better not be, a card in the group's name, a card taken back."""

from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.arguments import DryRun, Id
from sandwich.cli.saying import said, say, say_with
from sandwich.cli.state import ACTOR, with_runtime
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.services.doubts import DoubtLine

_NO_WORDS = Text(
    nl="Er staat niets waarover twijfel is. Lees de kaart wel zelf.",
    en="There is no doubt about any words. Do read the card yourself.",
)
_LINE = Text(nl="{number}. {sentence} {where}", en="{number}. {sentence} {where}")
_WHERE = Text(nl="({who}, {form}: {question})", en="({who}, {form}: {question})")
_ON_CARD = Text(nl="({who}, {form}: {question}; komt op de kaart)", en="({who}, {form}: {question}; comes on the card)")
_SOMEBODY = Text(nl="iemand", en="somebody")
_MASKED = Text(
    nl="Gemaskeerd in {count} antwoorden; ook uit het logboek.", en="Masked in {count} answers, and in the log."
)
_SEEN = Text(nl="Bekeken: de woorden blijven staan.", en="Looked at: the words stay.")
_NO_NUMBER = Text(
    nl="Er is geen regel {number}; het zijn er {count}.", en="There is no line {number}; there are {count}."
)
_WOULD_SHARE = Text(
    nl="Namens de groep zou er op de kaart staan (er is nog niets gebeurd):",
    en="In the name of the group the card would say (nothing has happened yet):",
)
_SHARED = Text(
    nl="Gedeeld namens de groep. Wie ontving ziet de kaart eerst.",
    en="Shared in the name of the group. Whoever received sees the card first.",
)
_WITHDRAWN = Text(
    nl="De kaart is van de deelmuur. De deelnemers krijgen bericht.",
    en="The card is off the wall. The participants are told.",
)

card = typer.Typer(help="The impression card.", no_args_is_help=True)


def words(
    id_: Id,
    mask: Annotated[
        list[int] | None, typer.Option("--mask", metavar="NUMBER", help="Take these words out.", show_default=False)
    ] = None,
    seen: Annotated[bool, typer.Option("--seen", help="You have looked: the others may stay.")] = False,
) -> None:
    """List words that may be a pupil's name or about somebody's health, before the card is shared; mask them."""
    from sandwich.cli.finding import the_activity
    from sandwich.services import doubts

    async def work(runtime: "Runtime") -> "tuple[tuple[DoubtLine, ...], int]":
        async with runtime.store.read() as session:
            activity_id = (await the_activity(session, id_)).id
            lines = await doubts.checklist(session, activity_id)
        chosen = mask or []
        wrong = next((number for number in chosen if not 1 <= number <= len(lines)), None)
        if wrong is not None:
            sentence = _NO_NUMBER.filled(number=wrong, count=len(lines))
            raise BadInput(sentence.en, sentence.nl)
        if not chosen and not seen:
            return lines, 0
        keys = [lines[number - 1].key for number in chosen]
        return lines, await doubts.mask(runtime, activity_id, keys, now=await runtime.clock.now(), actor=ACTOR)

    lines, count = with_runtime(work)
    if mask:
        say(_MASKED, count=count)
    elif seen:
        say(_SEEN)
    elif not lines:
        say(_NO_WORDS)
    else:
        for number, line in enumerate(lines, start=1):
            where = said(
                _ON_CARD if line.is_on_card else _WHERE,
                who=line.who or said(_SOMEBODY),
                form=said(line.form),
                question=said(line.question),
            )
            say(_LINE, number=number, sentence=said(line.sentence), where=where)


@card.command("for-group")
def for_group(id_: Id, dry_run: DryRun = False) -> None:
    """Nobody shared: publish what the participants released, in the name of the group."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.for_group import draft_card, nothing_to_publish, publish_for_group

    async def work(runtime: "Runtime") -> tuple[Text, ...]:
        async with runtime.store.read() as session:
            activity_id = (await the_activity(session, id_)).id
        draft = await draft_card(runtime, activity_id)
        if draft is None and dry_run:
            raise nothing_to_publish()
        if not dry_run:
            await publish_for_group(runtime, activity_id, now=await runtime.clock.now(), actor=ACTOR)
        lines = draft.lines if draft else ()
        return tuple(Text(nl=f"{one.label.nl}: {one.text}", en=f"{one.label.en}: {one.text}") for one in lines)

    lines = with_runtime(work)
    if dry_run:
        say_with(_WOULD_SHARE, {}, lines)
    else:
        say(_SHARED)


@card.command()
def withdraw(
    id_: Id,
    by_host: Annotated[bool, typer.Option("--by-host", help="It is the company that took it back.")] = False,
) -> None:
    """Take a published card off the wall, and tell its participants."""
    from sandwich.cli.finding import the_activity
    from sandwich.services.share import withdraw_card

    async def work(runtime: "Runtime") -> None:
        async with runtime.store.read() as session:
            activity_id = (await the_activity(session, id_)).id
        await withdraw_card(runtime, activity_id, now=await runtime.clock.now(), actor=ACTOR, by_host=by_host)

    with_runtime(work)
    say(_WITHDRAWN)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.command()(words)
    program.add_typer(card, name="card")
