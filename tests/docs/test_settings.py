"""``docs/settings.md`` has every setting, in the order of the code, with what holds without it."""

import re
from pathlib import Path

from pydantic import SecretStr

from sandwich.settings import PREFIX, Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def _rows() -> dict[str, tuple[str, str]]:
    return {name: (default, what) for name, default, what in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def test_every_setting_is_there_and_nothing_else() -> None:
    assert list(_rows()) == [PREFIX + name.upper() for name in Settings.model_fields]


def test_what_holds_without_it_is_what_the_code_has() -> None:
    for name, field in Settings.model_fields.items():
        shown = _rows()[PREFIX + name.upper()][0]
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        if default in ("", None):
            assert "`" not in shown, f"{name} has no default, so none may be quoted"
        else:
            assert shown == f"`{default}`", name


def test_limits_that_the_code_keeps_are_told() -> None:
    concurrency = Settings.model_fields["concurrency"].metadata
    least, most = (next(getattr(item, side) for item in concurrency if hasattr(item, side)) for side in ("ge", "le"))
    assert f"{least} to {most}" in _rows()["SANDWICH_CONCURRENCY"][1]
