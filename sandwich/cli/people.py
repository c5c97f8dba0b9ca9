"""Commands about people."""

from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.saying import said, say
from sandwich.cli.state import ACTOR, with_runtime

if TYPE_CHECKING:
    from sandwich.runtime import Runtime
    from sandwich.services.erase import Erasure

_SURE = Text(
    nl="Alles wat zegt wie {name} is verdwijnt, voorgoed. Doorgaan?",
    en="Everything that says who {name} is will be gone for good. Go on?",
)
_ERASED = Text(
    nl="Gewist: {values} waarden, en {texts} teksten van anderen waarin de naam stond. Wat gedaan is blijft, zonder "
    "naam.",
    en="Erased: {values} values, and {texts} texts of others that had the name. What was done stays, without a name.",
)
_NOT_SCRUBBED = Text(
    nl="Het databasebestand is nog niet herschreven, want een ander programma houdt het bezet. Geef de opdracht nog "
    "eens.",
    en="The database file was not rewritten yet, because another program holds it. Give the command once more.",
)

person = typer.Typer(help="People.", no_args_is_help=True)


@person.callback()
def about_people() -> None:
    """People."""


@person.command()
def erase(
    who: Annotated[str, typer.Argument(metavar="PERSON", help="Code, mail address or id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """Erase a person: name, addresses and words go, counts and dates stay."""
    from sandwich.rules.names import full_name
    from sandwich.services.erase import erase_person
    from sandwich.services.register import find_person

    async def look(runtime: "Runtime") -> tuple[str, str]:
        async with runtime.store.read() as session:
            found = await find_person(session, who)
            return found.id, full_name(found)

    async def work(runtime: "Runtime") -> "Erasure":
        return await erase_person(runtime, person_id, now=await runtime.clock.now(), actor=ACTOR)

    person_id, name = with_runtime(look)
    if not yes:
        typer.confirm(said(_SURE, name=name), abort=True)
    done = with_runtime(work)
    say(_ERASED, values=done.values, texts=done.texts)
    if not done.is_scrubbed:
        say(_NOT_SCRUBBED)
        raise typer.Exit(1)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(person, name="person")
