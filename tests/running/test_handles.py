"""A part that may open hardly any file says so, and does not begin."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.prefect import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("part", ["web", "deliver", "worker"])
def test_with_few_file_handles_a_part_ends_with_a_sentence(part: str, tmp_path: Path) -> None:
    environ = {
        "PATH": "",
        "SANDWICH_ENVIRONMENT": "development",
        "SANDWICH_DATA": str(tmp_path),
        "SANDWICH_SECRET_KEY": "a key for tests only, 32+ long",
        "SANDWICH_PREFECT_SECRET": "a secret for tests only",
        "SANDWICH_PORT": str(free_port()),
        "SANDWICH_LANGUAGE": "en",
        "LANG": "en_GB.UTF-8",
    }
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24)); import sys;"
        "from sandwich.cli import main; sys.argv = ['sandwich', sys.argv[1]]; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, part], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "ulimit -n 1024" in done.stderr
