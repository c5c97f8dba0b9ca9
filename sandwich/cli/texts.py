"""What a school or region says in its mails itself: list, set, preview, reset."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.own_text import Piece, Readers
from models.text import Language, Text
from sandwich.cli.saying import said, say
from sandwich.cli.state import ACTOR, with_runtime, with_store
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from models.tables.texts import OwnText
    from sandwich.mail.own_texts import Owner, Place, Preview
    from sandwich.runtime import Runtime

_NONE = Text(nl="{name} verwoordt niets zelf.", en="{name} words nothing itself.")
_LINE = Text(nl="{mail}  {language}  {readers}  {piece}: {words}", en="{mail}  {language}  {readers}  {piece}: {words}")
_MAY = Text(
    nl="{mail}: {readers}; {names}",
    en="{mail}: {readers}; {names}",
)
_SET = Text(
    nl="Vanaf nu zegt {name} dit zo in de mail {mail} ({readers}). Zo ziet hij eruit: `sandwich texts preview {mail}`.",
    en="From now on {name} says this so in the mail {mail} ({readers}). To see it: `sandwich texts preview {mail}`.",
)
_RESET = Text(nl="De mail {mail} zegt weer wat wij zeggen.", en="The mail {mail} says again what we say.")
_OF = Text(nl="Met de gegevens van: {title}", en="With the data of: {title}")
_EXAMPLE = Text(
    nl="Er ging nog geen mail zoals deze weg. Met een voorbeeld:", en="No mail like this has left yet. With an example:"
)
_LONG = Text(nl="Met de langste namen:", en="With the longest names:")
_SUBJECT = Text(nl="Onderwerp: {subject}", en="Subject: {subject}")

Mail = Annotated[str, typer.Argument(metavar="MAIL", help="Which mail, for instance goals; docs/own-texts.md has all.")]
Of = Annotated[
    str | None,
    typer.Option("--of", help="Code of the school or region. Without: the only region.", show_default=False),
]
In = Annotated[Language, typer.Option("--in", help="Language of the text.")]
To = Annotated[
    Readers | None,
    typer.Option(
        "--to", help="For people of schools (je) or hosts (u), where the mail goes to both.", show_default=False
    ),
]

texts = typer.Typer(help="What a school or region says in its mails itself.", no_args_is_help=True)


@texts.command(name="list")
def list_texts(
    of: Of = None,
    possible: Annotated[
        bool, typer.Option("--possible", help="List the mails, their readers and their placeholders instead.")
    ] = False,
) -> None:
    """List the pieces that a school or region words itself, or all that can be."""
    from sandwich.mail.own_texts import find_owner, texts_of
    from sandwich.mail.own_words import mails, names_of, readers_of

    if possible:
        for mail in mails():
            names = " ".join(f"{{{name}}}" for name in names_of(mail))
            say(_MAY, mail=mail, readers=", ".join(readers_of(mail)), names=names)
        return

    async def work(runtime: "Runtime") -> "tuple[Owner, list[OwnText]]":
        async with runtime.store.read() as session:
            owner = await find_owner(session, of)
            return owner, await texts_of(session, owner.id)

    owner, rows = with_store(work)
    if not rows:
        say(_NONE, name=owner.name)
    for row in rows:
        words = " / ".join(line for line in row.words.splitlines() if line)
        say(_LINE, mail=row.mail, language=row.language, readers=row.readers, piece=row.piece, words=words)


@texts.command(name="set")
def set_text(
    mail: Mail,
    piece: Annotated[Piece, typer.Argument(help="What: ask (in the subject), opening or closing.")],
    words: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="The words, with {placeholders}.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Read the words from this file, in UTF-8.", show_default=False)
    ] = None,
    of: Of = None,
    in_: In = Language.DUTCH,
    to: To = None,
) -> None:
    """Say one piece of a mail in own words from now on."""
    from sandwich.mail.own_texts import find_owner, set_texts
    from sandwich.mail.own_words import TextEmpty

    text = _read(file) if file is not None else words or ""
    if not text.strip():
        raise TextEmpty
    place = _place(mail, in_, to)

    async def work(runtime: "Runtime") -> "Owner":
        async with runtime.store.read() as session:
            owner = await find_owner(session, of)
        await set_texts(runtime, owner, place, {piece: text}, now=await runtime.clock.now(), actor=ACTOR)
        return owner

    say(_SET, name=with_runtime(work).name, mail=mail, readers=place.readers)


@texts.command()
def reset(
    mail: Mail,
    piece: Annotated[
        Piece | None, typer.Argument(help="What: ask, opening or closing. Without: all of them.", show_default=False)
    ] = None,
    of: Of = None,
    in_: In = Language.DUTCH,
    to: To = None,
) -> None:
    """Go back to the text that we ship."""
    from sandwich.mail.own_texts import find_owner, set_texts

    place = _place(mail, in_, to)
    pieces = list(Piece) if piece is None else [piece]

    async def work(runtime: "Runtime") -> None:
        async with runtime.store.read() as session:
            owner = await find_owner(session, of)
        await set_texts(runtime, owner, place, dict.fromkeys(pieces, ""), now=await runtime.clock.now(), actor=ACTOR)

    with_runtime(work)
    say(_RESET, mail=mail)


@texts.command()
def preview(
    mail: Mail,
    of: Of = None,
    in_: In = Language.DUTCH,
    to: To = None,
    activity: Annotated[
        str | None, typer.Option("--activity", help="With the data of this activity.", show_default=False)
    ] = None,
) -> None:
    """Show a mail in words with the data of an activity, and with the longest names; nothing is sent."""
    from sandwich.cli.finding import the_activity
    from sandwich.mail.own_texts import find_owner
    from sandwich.mail.own_texts import preview as word

    place = _place(mail, in_, to)

    async def work(runtime: "Runtime") -> "Preview":
        async with runtime.store.read() as session:
            owner = await find_owner(session, of)
            found = (await the_activity(session, activity)).id if activity else None
        return await word(runtime, owner, place, now=await runtime.clock.now(), activity_id=found)

    seen = with_runtime(work)
    for heading, mail_in_words in (
        (said(_OF, title=seen.activity) if seen.activity else said(_EXAMPLE), seen.real),
        (said(_LONG), seen.longest),
    ):
        print(f"== {heading}\n")
        say(_SUBJECT, subject=mail_in_words.subject)
        print(f"\n{mail_in_words.text}")


def _read(file: Path) -> str:
    from sandwich.sheets.reading import content_of

    try:
        return content_of(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(
            f"{file.name} is not in UTF-8. Save it as plain text in UTF-8.",
            f"{file.name} is niet in UTF-8. Bewaar het als platte tekst in UTF-8.",
        ) from None


def _place(mail: str, language: Language, to: Readers | None) -> "Place":
    from sandwich.mail.own_texts import Place
    from sandwich.mail.own_words import readers_of

    return Place(mail, language, to or readers_of(mail)[0])


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(texts, name="texts")
