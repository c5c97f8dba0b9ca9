"""Tokens on the command line."""

import json

from sandwich.services.api_tokens import SHAPE
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
