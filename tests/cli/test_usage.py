"""A command that cannot be: told in the reader's language, with what may have been meant, and exit code 2."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

WRONG = [
    (("statsu",), "`sandwich` kent geen opdracht statsu. Bedoelde je status?"),
    (("zzzz",), "`sandwich` kent geen opdracht zzzz. `sandwich --help` noemt wat kan."),
    (("it's",), "`sandwich` kent geen opdracht it's. `sandwich --help` noemt wat kan."),
    (("audit", "verfy"), "`sandwich audit` kent geen opdracht verfy. Bedoelde je verify?"),
    (("status", "--jsn"), "`sandwich status` kent geen optie --jsn. Bedoelde je --json?"),
    (("status", "-q"), "`sandwich status` kent geen optie -q. `sandwich status --help` noemt wat kan."),
    (("--dmeo", "status"), "`sandwich` kent geen optie --dmeo. Bedoelde je --demo?"),
    (("start",), "`sandwich start` mist FILE. `sandwich start --help` noemt wat kan."),
    (("cancel", "abc"), "`sandwich cancel` mist --reason. `sandwich cancel --help` noemt wat kan."),
    (
        ("cancel", "abc", "--reason"),
        "De optie --reason is niet goed gebruikt. `sandwich cancel --help` noemt wat kan.",
    ),
    (("status", "a", "b", "c"), "Bij `sandwich status` is b c te veel. `sandwich status --help` noemt wat kan."),
    (("outbox", "--limit", "x"), "De waarde van --limit past niet. Geef een geheel getal."),
    (("outbox", "--limit", "0"), "De waarde van --limit past niet. Geef 1 of meer."),
    (("outbox", "--limit", "99999"), "De waarde van --limit past niet. Geef 10000 of minder."),
    (("demo", "--port", "x"), "De waarde van --port past niet. Geef een geheel getal."),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG)
def test_what_was_typed_wrong_is_told_in_a_sentence(here: Run, arguments: tuple[str, ...], told: str) -> None:
    said = here({}, *arguments)
    assert (said.code, said.out, said.err) == (2, "", f"{told}\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("statsu",), "`sandwich` has no command statsu. Did you mean status?"),
        (("status", "--jsn"), "`sandwich status` has no option --jsn. Did you mean --json?"),
        (("start",), "`sandwich start` lacks FILE. `sandwich start --help` lists what can be."),
        (("status", "a", "b"), "With `sandwich status`, b is too much. `sandwich status --help` lists what can be."),
    ],
)
def test_in_english_for_who_reads_english(here: Run, arguments: tuple[str, ...], told: str) -> None:
    said = here({"SANDWICH_LANGUAGE": "en"}, *arguments)
    assert (said.code, said.err) == (2, f"{told}\n")


def test_help_is_the_answer_where_nothing_was_asked(here: Run) -> None:
    for arguments in ((), ("audit",)):
        said = here({}, *arguments)
        assert said.code == 2
        assert "Usage: sandwich" in said.out + said.err
    assert here({}, "--help").code == 0
    assert here({}, "--version").code == 0


def test_who_is_asked_and_says_no_hears_that_nothing_was_done(
    small_installation: dict[str, str], sandwich: Run
) -> None:
    said = sandwich(small_installation, "person", "erase", "T3", typed="n\n")
    assert said.code == 1
    assert said.err.endswith("Er is niets gedaan.\n")


def test_help_waits_for_no_database_and_no_prefect(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom sandwich.cli.program import run\nrun(['--help'])\n"
        "print(sorted({'sqlalchemy', 'prefect', 'fastapi', 'jinja2'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[]"
