"""What the doctor says of our domain, by what a real name server on this machine answers."""

import socket
from collections.abc import Mapping, Sequence

import pytest

from sandwich.mail.dkim import published, read_key
from sandwich.running.findings import Finding
from sandwich.running.mail_domain import look_at_domain
from sandwich.settings import Settings, read_settings
from tests.mail.test_dkim import pem
from tests.running.name_server import a_name_server

pytestmark = pytest.mark.asyncio

SPF, DMARC = "v=spf1 include:mail.example -all", "v=DMARC1; p=quarantine"
KEY = published(read_key(pem("rsa")))
RIGHT = {
    "mail.grienden.example": [SPF, "something else"],
    "s1._domainkey.mail.grienden.example": [KEY],
    "_dmarc.grienden.example": [DMARC],
}


def settings(server: str, **more: object) -> Settings:
    """Return settings of an installation that mails from its own domain."""
    given = {"dkim_key": pem("rsa"), "dkim_selector": "s1", **more}
    return read_settings({}, environment="demo", mail_from="s@mail.grienden.example", dns_server=server, **given)


async def looked(texts: Mapping[str, Sequence[str]], **more: object) -> list[Finding]:
    """Return what is found in a DNS with these texts."""
    async with a_name_server(texts) as server:
        return [found async for found in look_at_domain(settings(server, **more))]


async def test_all_is_well_where_all_three_are_there() -> None:
    found = await looked(RIGHT)

    assert [one.is_well for one in found] == [True, True, True]
    assert [one.words.en.split(":")[0] for one in found] == ["SPF", "DKIM", "DMARC"]
    assert "p=quarantine" in found[2].words.nl


async def test_control_24_an_empty_domain_is_told_all_that_it_lacks_in_both_languages() -> None:
    spf, dkim, dmarc = await looked({"grienden.example": []})

    assert not (spf.is_well)
    assert not (dkim.is_well)
    assert not (dmarc.is_well)
    for said in (spf.words.nl, spf.words.en):
        assert '"v=spf1 include:' in said
    for said in (dkim.words.nl, dkim.words.en):
        assert "s1._domainkey.mail.grienden.example" in said
        assert f'"{KEY}"' in said
    for said in (dmarc.words.nl, dmarc.words.en):
        assert "_dmarc.mail.grienden.example" in said
        assert '"v=DMARC1; p=none; rua=mailto:postmaster@mail.grienden.example"' in said


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ([SPF, "v=spf1 -all"], "2 records"),
        (["v=spf1 include:mail.example +all"], "+all"),
        (["v=spf1 include:mail.example ?all"], "?all"),
        (["v=spf1 include:mail.example"], "Put -all behind it"),
    ],
)
async def test_an_spf_record_that_helps_nobody(texts: list[str], says: str) -> None:
    spf, *_ = await looked({**RIGHT, "mail.grienden.example": texts})

    assert not spf.is_well
    assert says in spf.words.en


async def test_a_record_that_sends_elsewhere_is_an_end_too() -> None:
    spf, *_ = await looked({**RIGHT, "mail.grienden.example": ["v=spf1 redirect=_spf.mail.example"]})

    assert spf.is_well


@pytest.mark.parametrize("there", [KEY.replace("p=M", "p=N"), "v=DKIM1; p=", "something else"])
async def test_another_key_than_ours_is_none(there: str) -> None:
    _, dkim, dmarc = await looked({**RIGHT, "s1._domainkey.mail.grienden.example": [there]})

    assert not dkim.is_well
    assert f'"{KEY}"' in dkim.words.en
    assert dmarc.is_well, "SPF of the same domain is enough"


async def test_where_the_mail_server_signs_its_key_is_looked_at_once_it_is_named() -> None:
    _, unnamed, _ = await looked(RIGHT, dkim_key="", dkim_selector="")
    _, named, _ = await looked(RIGHT, dkim_key="")
    _, missing, _ = await looked(RIGHT, dkim_key="", dkim_selector="s2")

    assert [unnamed.is_well, named.is_well, missing.is_well] == [False, True, False]
    assert "SANDWICH_DKIM_SELECTOR" in unnamed.words.nl
    assert "s2._domainkey.mail.grienden.example" in missing.words.nl


async def test_a_strict_policy_without_anything_to_go_by_is_spoken_of() -> None:
    *_, dmarc = await looked({"_dmarc.grienden.example": ["v=DMARC1; p=reject"]})

    assert not dmarc.is_well
    assert "p=reject" in dmarc.words.en


async def test_a_name_server_that_does_not_answer_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandwich.running.mail_domain.PATIENCE", 0.5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{silent.getsockname()[1]}"
        [found] = [found async for found in look_at_domain(settings(server))]

    assert not found.is_well
    assert "cannot be looked up" in found.words.en
    assert "niet op te zoeken" in found.words.nl


async def test_an_installation_that_mails_nobody_looks_nothing_up() -> None:
    assert [found async for found in look_at_domain(settings(""))] == []
