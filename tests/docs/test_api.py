"""What ``docs/api.md`` tells those who write programs is so."""

import json
import re
from datetime import timedelta
from pathlib import Path

from models.happenings import Happening
from models.scopes import ApiScope
from sandwich.hooks.deliver import LATER, SECONDS
from sandwich.web.api.access import REQUESTS_PER_TOKEN
from sandwich.web.api.bodies import Draft
from sandwich.web.api.described import description
from sandwich.web.limits import FORM_BYTES

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_scope_and_event_stands_there_once() -> None:
    rows = [word for row in re.findall(r"^\| (`.+?`) \|", PAGE, re.MULTILINE) for word in re.findall(r"`([^`]+)`", row)]
    assert rows == [*(scope.value for scope in ApiScope), *(one.value for one in Happening)]


def test_its_draft_is_one() -> None:
    [draft] = re.findall(r"<<'EOF'\n(.+?)EOF", PAGE, re.DOTALL)
    assert Draft.model_validate_json(json.dumps(json.loads(draft))).dry_run


def test_its_addresses_are_there() -> None:
    known = [re.sub(r"\{\w+\}", "[^/]+", path.removeprefix("/api/v1")) for path in description()["paths"]]
    asked = [*re.findall(r'^ *api "?(/[^\s"?]+)', PAGE, re.MULTILINE), *re.findall(r"`(/hooks/ID/\w+)`", PAGE)]
    assert len(asked) > 8
    assert [path for path in asked if not any(re.fullmatch(one, path) for one in known)] == []


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"{REQUESTS_PER_TOKEN} requests a minute for a token, {FORM_BYTES // 1024} kB for a request" in PAGE
    assert f"within {SECONDS:.0f} seconds" in PAGE
    minutes = [int(one / timedelta(minutes=1)) for one in LATER]
    said = ", ".join(map(str, minutes[:4])) + f" and {minutes[4]} minutes, "
    said += ", ".join(str(one // 60) for one in minutes[5:-1]) + f" and {minutes[-1] // 60} hours"
    assert said in " ".join(PAGE.split())
