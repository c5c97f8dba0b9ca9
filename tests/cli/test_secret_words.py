"""A secret in a command is refused by every command, before anything is done; what only looks a bit like one is not."""

from pathlib import Path

import pytest

from tests.cli.conftest import SECRET, Run

REFUSED = "hoort nooit in een opdracht"


@pytest.mark.parametrize(
    "words",
    [
        ("up", "--secret-key", "Zomer2026!"),
        ("web", "--smtp-password=Zomer2026!"),
        ("token", "make", "C1", "--token", "abc"),
        ("token", "revoke", "swt_" + "Zomer" * 9),
        ("SANDWICH_SECRET_KEY=Zomer2026!Zomer2026!", "up"),
        ("import", "postgresql+asyncpg://sandwich:Zomer2026!@10.77.0.1/sandwich"),
        ("hold", "a1", "--reason", f"de sleutel is {SECRET}"),
        ("hold", "a1", "--reason", "https://sandwich.school.example/f/Zm9vYmFyYmF6cXV4cXV1eGNvcmdl"),
        ("--debug", "texts", "set", "goals", "intro", "-----BEGIN PRIVATE KEY----- MIIE"),
    ],
)
def test_control_23_a_secret_in_a_command_is_refused_and_not_repeated(
    here: Run, small_installation: dict[str, str], words: tuple[str, ...], tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text(f"{SECRET}\n")
    environ = {name: value for name, value in small_installation.items() if name != "SANDWICH_SECRET_KEY"}
    said = here(environ | {"SANDWICH_SECRET_KEY_FILE": str(key)}, *(word for word in words if word != "--debug"))
    assert (said.code, said.out) == (1, "")
    assert REFUSED in said.err
    assert "_FILE" in said.err
    for secret in ("Zomer", SECRET, "Zm9v", "MIIE"):
        assert secret not in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("hold", "a1", "--reason", "het wachtwoord van de wifi is nog niet bekend"),
        ("hold", "a1", "--reason", "zie https://school.example/f/2026 en secretariaat@school.example"),
        ("restore", "nowhere.zip", "--new-key"),
        ("token", "revoke", "nowhere"),
    ],
)
def test_words_that_are_no_secret_are_not_refused(
    here: Run, small_installation: dict[str, str], words: tuple[str, ...]
) -> None:
    said = here(small_installation, *words)
    assert said.code == 1, "there is no such activity and no such file"
    assert REFUSED not in said.err
