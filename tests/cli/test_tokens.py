"""Tokens on the command line, and secrets that do not belong there."""

import json

import pytest
from pydantic import SecretStr

from sandwich.cli.secrets import SECRETS
from sandwich.services.api_tokens import SHAPE
from sandwich.settings import Settings
from tests.cli.conftest import Run


def test_a_token_is_made_listed_and_revoked(small_installation: dict[str, str], here: Run) -> None:
    made = here(small_installation, "token", "make", "C1", "--name", "rooster", "--scope", "write", "--days", "5")
    assert (made.code, bool(SHAPE.fullmatch(made.out.strip()))) == (0, True)
    assert "Wie hem heeft, kan wat Jolanda Meerdink mag." in made.err
    listed = here(small_installation, "token", "list")
    assert "rooster  van Jolanda Meerdink: lezen, en doen wat jij kunt, tot" in listed.out
    assert made.out.strip() not in listed.out
    [line] = json.loads(here(small_installation, "token", "list", "--json").out)
    assert here(small_installation, "token", "revoke", line["id"]).out == "De sleutel opent niets meer.\n"
    assert "(werkt niet meer)" in here(small_installation, "token", "list").out
    assert here(small_installation, "token", "revoke", "nowhere").code == 1
    refused = here(small_installation, "token", "make", "T1", "--name", "x")
    assert (refused.code, refused.err) == (1, "Alleen coördinatoren hebben sleutels.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("up", "--secret-key", "abc"),
        ("up", "--smtp-password=abc"),
        ("up", "SANDWICH_PREFECT_SECRET=abc"),
        ("token", "revoke", "swt_" + "x" * 43),
        ("status", "--database-url=postgresql://school:geheim@db/sandwich"),
        ("status", "a key that stands in the environment"),
    ],
)
def test_a_secret_in_a_command_is_refused(here: Run, arguments: tuple[str, ...]) -> None:
    environ = {"SANDWICH_SECRET_KEY": "a key that stands in the environment"}
    said = here(environ, *arguments)
    assert (said.code, said.out) == (2, "")
    assert "hoort niet in een opdracht" in said.err
    assert arguments[-1] not in said.err


def test_what_is_no_secret_is_not_refused(here: Run) -> None:
    for arguments in (("restore", "--new-key"), ("status", "https://www.school.example/pad"), ("token", "list")):
        assert "hoort niet in een opdracht" not in here({}, *arguments).err


def test_every_secret_setting_is_known() -> None:
    assert {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr} == SECRETS
