"""Commands that run something until they are stopped."""

import asyncio
import os
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.text import Text
from sandwich.cli.progress import progress
from sandwich.cli.saying import say
from sandwich.cli.state import settings
from sandwich.errors import BadInput

if TYPE_CHECKING:
    from sandwich.settings import Settings

_DEMO_READY = Text(
    nl="De demo is klaar: {address} (alles is verzonnen en blijft op deze machine; stoppen met Ctrl-C)",
    en="The demo is ready: {address} (everything is made up and stays on this machine; Ctrl-C stops it)",
)
_TELLING = Text(
    nl="De regio speelt negen maanden na, van februari tot 22 november 2026. Dat duurt ongeveer een minuut.",
    en="The region plays nine months again, from February to 22 November 2026. That takes about a minute.",
)
_PLAYED = Text(nl="Nagespeeld", en="Played")
_UP_READY = Text(
    nl="Sandwich draait: {address} (stoppen met Ctrl-C)", en="Sandwich is running: {address} (Ctrl-C stops it)"
)


def up() -> None:
    """Run everything that one school needs on this machine."""
    from sandwich.running.installation import run_installation

    chosen = _begun("up")
    asyncio.run(run_installation(chosen, lambda: say(_UP_READY, address=chosen.base_url)))


def demo(
    port: Annotated[int | None, typer.Option(help="Port of the pages; SANDWICH_PORT or 8000 without it.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin the story again; what was there is removed.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Make people and companies alone, without the visit.")] = False,
    region: Annotated[
        bool, typer.Option("--region", help="Make everything that goes on in the region, seven activities on one day.")
    ] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Play a visit, or a whole made-up region, from start to end, with a mailbox and a clock that can be moved."""
    from sandwich.demo.play import FOLDER, HOST, Demo, run_demo
    from sandwich.running.logs import silent
    from sandwich.running.ports import need_free
    from sandwich.settings import read_settings

    if region and empty:
        raise BadInput("Choose --region or --empty.", "Kies --region of --empty.")
    wished = {name: value for name, value in os.environ.items() if name == "SANDWICH_PORT"}
    chosen = port or read_settings(wished, environment="demo").port
    need_free(HOST, chosen, "--port")
    address = f"http://{HOST}:{chosen}"

    def ready() -> None:
        say(_DEMO_READY, address=address)
        if not no_browser and _has_screen():
            webbrowser.open(address)

    silent()
    played = Demo(Path(FOLDER))
    with played.alone():
        if fresh or played.is_half_made:
            played.remove()
        asyncio.run(run_demo(played, os.environ, chosen, ready, empty=empty, region=region, watching=_telling))


@contextmanager
def _telling() -> Iterator[Callable[[int, int], None]]:
    """Say that it takes a while, and show how far it is."""
    say(_TELLING)
    with progress(_PLAYED) as told:
        yield told


def web() -> None:
    """Serve the web pages, and nothing else."""
    from sandwich.running.parts import serve_pages

    chosen = _begun("web")
    serve_pages(chosen)


def deliver() -> None:
    """Handle reminders and calls as they become due, and deliver mail; as many as you like at once."""
    from sandwich.running.parts import deliver as deliver_mail

    chosen = _begun("deliver")
    deliver_mail(chosen)


def receive() -> None:
    """Take mail that comes in, from a mail server or out of a mailbox, and let follow what follows from it."""
    from sandwich.running.parts import receive as receive_mail

    chosen = _begun("receive")
    receive_mail(chosen)


def worker() -> None:
    """Register the playbooks with Prefect and carry activities; as many as you like at once."""
    from sandwich.running.parts import carry_activities

    chosen = _begun("worker")
    carry_activities(chosen)


def prefect() -> None:
    """Run Prefect's server on this machine, with its own database and our secret."""
    from sandwich.running.parts import become_prefect

    become_prefect(settings())


def add_to(program: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (up, demo, web, deliver, receive, worker, prefect):
        program.command()(command)


def _begun(part: str) -> "Settings":
    """Begin the log of a part, and warn in it of files that everybody on this machine can read."""
    import structlog

    from sandwich.running.logs import set_up_logs
    from sandwich.settings_file import open_to_all

    chosen = settings()
    set_up_logs(chosen.log_format, part)
    for path in open_to_all(os.environ, chosen):
        structlog.get_logger(__name__).warning("everybody on this machine can read a file", file=str(path))
    return chosen


def _has_screen() -> bool:
    if not sys.stdout.isatty():
        return False
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
