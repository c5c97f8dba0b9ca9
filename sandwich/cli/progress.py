"""How far a long command is, and how long it still takes: a bar on the terminal, nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from models.text import Text
from sandwich.cli.saying import said


@contextmanager
def progress(label: Text) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs; it is told how much is done, and of how much."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    with typer.progressbar(length=1, label=said(label), file=sys.stderr, show_percent=True, show_eta=True) as bar:

        def tell(done: int, of: int) -> None:
            bar.length = max(of, 1)
            bar.update(done - bar.pos)

        yield tell
