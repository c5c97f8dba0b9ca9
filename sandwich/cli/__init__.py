"""The command line. What a command needs is imported when it runs, so that the others start fast."""

import sys


def main() -> None:
    """Run the command ``sandwich`` with the arguments of this process."""
    from sandwich.cli.program import run

    sys.exit(run(sys.argv[1:]))
