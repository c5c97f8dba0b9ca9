"""The command line. What a command needs is imported when it runs, so that the others start fast."""

import os
import sys


def main() -> None:
    """Run the command ``sandwich`` with the arguments of this process."""
    from sandwich.cli.program import run

    os.umask(os.umask(0o077) | 0o007)  # what is written is about people: nothing for other accounts
    sys.exit(run(sys.argv[1:]))
