"""Secrets that are made outside production: once, readable by their owner alone, the same for every process."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sandwich.errors import SettingsInvalid
from sandwich.running.own_secrets import settings_with_secrets


def test_missing_secrets_are_made_and_stay(tmp_path: Path) -> None:
    environ = {"SANDWICH_ENVIRONMENT": "development", "SANDWICH_DATA": str(tmp_path)}
    first = settings_with_secrets(environ)
    key = first.secret_key.get_secret_value()
    assert len(key) >= 32
    assert key != first.prefect_secret.get_secret_value()
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    again = settings_with_secrets({"SANDWICH_ENVIRONMENT": "development", "SANDWICH_DATA": str(tmp_path)})
    assert again.secret_key == first.secret_key
    assert key not in "".join(environ.values()), "children get the way to the file, not the secret"


def test_secrets_that_are_given_are_kept(tmp_path: Path) -> None:
    given = {
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(tmp_path),
        "SANDWICH_SECRET_KEY": "given",
        "SANDWICH_PREFECT_SECRET": "given too",
    }
    assert settings_with_secrets(given).secret_key.get_secret_value() == "given"
    assert list(tmp_path.iterdir()) == []


def test_production_must_give_its_own(tmp_path: Path) -> None:
    environ = {"SANDWICH_BASE_URL": "https://sandwich.example", "SANDWICH_DATA": str(tmp_path)}
    with pytest.raises(SettingsInvalid, match="SANDWICH_SECRET_KEY"):
        settings_with_secrets(environ)
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    code = (
        "import os; from sandwich.running.own_secrets import settings_with_secrets as s;"
        f"e = {{'SANDWICH_ENVIRONMENT': 'development', 'SANDWICH_DATA': {str(tmp_path)!r}}};"
        "print(s(e).secret_key.get_secret_value())"
    )
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate(timeout=500)[0] for process in started}
    assert len(said) == 1
    assert not list(tmp_path.glob("secret-key.*"))
