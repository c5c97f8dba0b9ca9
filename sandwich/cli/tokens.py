"""Tokens of coordinators' own programs: make one, list them, revoke one."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from models.scopes import ApiScope
from models.text import Text
from sandwich.cli.arguments import AsJson, Who
from sandwich.cli.saying import said, say, tell_error
from sandwich.cli.state import ACTOR, with_runtime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandwich.runtime import Runtime
    from sandwich.services.api_tokens import Made, TokenLine

_MADE = Text(
    nl="Dit is de sleutel; hierna is hij nergens meer te lezen. Wie hem heeft, kan wat {name} mag.",
    en="This is the token; it cannot be read anywhere after this. Whoever has it can do what {name} may.",
)
_LINE = Text(
    nl="{id}  {name}  van {holder}: {scope}, tot {until}{state}",
    en="{id}  {name}  of {holder}: {scope}, until {until}{state}",
)
_CLOSED = Text(nl=" (werkt niet meer)", en=" (does not work any more)")
_NONE = Text(nl="Er zijn geen sleutels.", en="There are no tokens.")
_REVOKED = Text(nl="De sleutel opent niets meer.", en="The token opens nothing any more.")

token = typer.Typer(help="Tokens with which programs do what the board does.", no_args_is_help=True)


@token.callback()
def about_tokens() -> None:
    """Tokens with which programs do what the board does."""


@token.command()
def make(
    who: Who,
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    scope: Annotated[ApiScope, typer.Option("--scope", help="What it may do.")] = ApiScope.READ,
    days: Annotated[int, typer.Option("--days", help="For how many days.", min=1, max=366)] = 90,
) -> None:
    """Make a token for a coordinator and print it, this once; only the token itself goes to standard output."""
    from sandwich.clock import real_now
    from sandwich.rules.names import full_name
    from sandwich.services.api_tokens import make_token
    from sandwich.services.register import find_person

    async def work(runtime: "Runtime") -> "tuple[Made, str]":
        async with runtime.store.read() as session:
            person = await find_person(session, who)
        now = await runtime.clock.now()
        made = await make_token(runtime, person.id, name, scope, days, now=now, real=real_now(), actor=ACTOR)
        return made, full_name(person)

    made, holder = with_runtime(work)
    tell_error(said(_MADE, name=holder))
    print(made.token)


@token.command(name="list")
def list_tokens(as_json: AsJson = False) -> None:
    """List all tokens, the newest first; never the tokens themselves."""
    from sandwich.cli.showing import moment_in_words
    from sandwich.clock import real_now
    from sandwich.labels import API_SCOPE
    from sandwich.services.api_tokens import tokens_of
    from sandwich.services.overview import to_json

    async def work(runtime: "Runtime") -> "Sequence[TokenLine]":
        async with runtime.store.read() as session:
            return await tokens_of(session, real=real_now())

    lines = with_runtime(work)
    if as_json:
        json.dump(to_json(lines), sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    if not lines:
        say(_NONE)
    for one in lines:
        say(
            _LINE,
            id=one.id,
            name=one.name,
            holder=one.holder,
            scope=said(API_SCOPE[one.scope]),
            until=moment_in_words(one.expires_at),
            state="" if one.is_open else said(_CLOSED),
        )


@token.command()
def revoke(id_: Annotated[str, typer.Argument(metavar="ID", help="As `sandwich token list` shows it.")]) -> None:
    """Take a token back: from now on it opens nothing."""
    from sandwich.clock import real_now
    from sandwich.services.api_tokens import revoke_token

    async def work(runtime: "Runtime") -> None:
        await revoke_token(runtime, id_, now=await runtime.clock.now(), real=real_now(), actor=ACTOR)

    with_runtime(work)
    say(_REVOKED)


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    program.add_typer(token, name="token")
