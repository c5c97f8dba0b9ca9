"""Write the register of processing and the beginning of a DPIA anew: ``make privacy-papers``."""

from pathlib import Path

from sandwich.privacy.papers import write_papers
from sandwich.runtime import open_library
from sandwich.settings import read_settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> None:
    """Write both."""
    write_papers(DOCS, open_library(read_settings({}, environment="development")))


if __name__ == "__main__":
    main()
