"""The program itself: its commands, and how it tells that something went wrong."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from sandwich.cli import activities, audit, backups, checking, outbox, people, running
from sandwich.cli.saying import explain, tell_error
from sandwich.cli.state import State

program = typer.Typer(
    name="sandwich",
    help="Learning outside the school: before, during and after, for every activity.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for module in (running, activities, checking, outbox, people, audit, backups):
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
    """Settings are environment variables that begin with SANDWICH_; docs/settings.md lists them."""
    State.debug = debug
    if demo:
        State.use_demo()


def run(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name and return the exit code: 0, 1 for an error, 2 for a wrong command."""
    State.debug = "--debug" in arguments
    try:
        program(list(arguments), prog_name="sandwich")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if State.debug:
            raise
        tell_error(explain(error))
        return 1
    return 0
