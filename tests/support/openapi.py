"""Write the description of what programs can do anew, in ``docs/openapi.json``: ``python -m tests.support.openapi``."""

import json
from pathlib import Path

from sandwich.web.api.described import description

KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"


def written() -> str:
    """Return the description as it is kept: what changes for programs is seen in a diff."""
    return json.dumps(description(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write it."""
    KEPT.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
