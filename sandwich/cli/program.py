"""The program itself: its commands, and how it tells that something went wrong."""

import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from models.text import Text
from sandwich.cli import (
    activities,
    audit,
    backups,
    calendars,
    card,
    changing,
    checking,
    figures,
    incoming,
    meeting,
    network,
    outbox,
    people,
    privacy,
    rehearsing,
    running,
    starting,
    texts,
    tokens,
)
from sandwich.cli.saying import explain, said, tell_error
from sandwich.cli.secret_words import refuse_secrets
from sandwich.cli.state import State
from sandwich.cli.usage import UsageError, tell_usage
from sandwich.settings_file import take_in

_NOT_DONE = Text(nl="Er is niets gedaan.", en="Nothing was done.")

program = typer.Typer(
    name="sandwich",
    help="Learning outside the school: before, during and after, for every activity.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for module in (
    running,
    starting,
    activities,
    changing,
    checking,
    rehearsing,
    incoming,
    outbox,
    people,
    meeting,
    network,
    calendars,
    card,
    texts,
    figures,
    audit,
    backups,
    tokens,
    privacy,
):
    module.add_to(program)


def tell_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        print(version("sandwich"))
        raise typer.Exit


@program.callback()
def every_command(
    demo: Annotated[bool, typer.Option("--demo", help="Work on the demo of this folder.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback when something goes wrong.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=tell_version)
    ] = False,
) -> None:
    """Settings are environment variables that begin with SANDWICH_, or lines of the file that SANDWICH_SETTINGS names;
    docs/settings.md lists them.
    """
    State.debug = debug
    if demo:
        State.use_demo()


def run(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name and return the exit code: 0, 1 for an error, 2 for a wrong command."""
    State.debug = "--debug" in arguments
    try:
        take_in(os.environ)
        refuse_secrets(arguments, os.environ)
        ended = program(list(arguments), prog_name="sandwich", standalone_mode=False)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except typer.Abort:
        tell_error(said(_NOT_DONE))
        return 1
    except UsageError as error:
        sentence = tell_usage(error, arguments)
        if sentence is not None:
            tell_error(sentence)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if State.debug:
            raise
        tell_error(explain(error))
        return 1
    return ended if isinstance(ended, int) else 0
