"""Settings out of a file, and files that everybody can read."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandwich.errors import SettingsInvalid
from sandwich.settings import read_settings
from sandwich.settings_file import open_to_all, take_in
from tests.cli.conftest import Run


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every account gets through, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_line_of_the_file_is_a_setting_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "sandwich.conf"
    file.write_text('# ours\n\nSANDWICH_ENVIRONMENT=development\nSANDWICH_PORT=8001\nSANDWICH_MAIL_FROM_NAME="A # B"\n')
    environ = {"SANDWICH_SETTINGS": str(file), "SANDWICH_PORT": "8002"}
    take_in(environ)
    settings = read_settings(environ)
    assert (settings.environment, settings.port, settings.mail_from_name) == ("development", 8002, "A # B")


@pytest.mark.parametrize(
    ("text", "says"),
    [("SANDWICH_PORT 8001", ", line 1:"), ("\nPORT=8001", ", line 2:"), ("export SANDWICH_PORT=8001", ", line 1:")],
)
def test_a_line_that_is_no_setting_is_named(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "sandwich.conf"
    file.write_text(text)
    with pytest.raises(SettingsInvalid, match=says):
        take_in({"SANDWICH_SETTINGS": str(file)})
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        take_in({"SANDWICH_SETTINGS": str(tmp_path / "gone")})


def test_a_file_that_everybody_can_read_is_found_and_one_behind_a_closed_folder_is_not(folder: Path) -> None:
    inside = folder / "closed"
    inside.mkdir(mode=0o700)
    files = {name: folder / name for name in ("settings", "key", "closed/password", "closed/sandwich.db")}
    for file in files.values():
        file.write_text("x" * 40)
        file.chmod(0o644)
    environ = {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_SETTINGS": str(files["settings"]),
        "SANDWICH_SECRET_KEY_FILE": str(files["key"]),
        "SANDWICH_SMTP_PASSWORD_FILE": str(files["closed/password"]),
        "SANDWICH_DATA": str(inside),
    }
    settings = read_settings(environ)
    assert open_to_all(environ, settings) == sorted([files["settings"], files["key"]])
    inside.chmod(0o755)
    assert open_to_all(environ, settings) == sorted(files.values())
    for file in files.values():
        file.chmod(0o640)
    assert open_to_all(environ, settings) == []


def test_a_part_warns_of_it_when_it_starts(here: Run, folder: Path) -> None:
    file = folder / "settings"
    file.write_text("")
    file.chmod(0o644)
    environ = {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(folder / "data"),
        "SANDWICH_SETTINGS": str(file),
        "SANDWICH_LOG_FORMAT": "json",
    }
    warned = f'"file": "{file}"'
    assert warned in here(environ, "deliver").out, "it ends by itself: there is no database yet"
    file.chmod(0o600)
    assert warned not in here(environ, "deliver").out
