"""Addresses: exactly one, letter for letter what the mail server is told."""

import pytest

from sandwich.mail.address import AddressRefused, address_spec, is_address

FINDING_8 = [
    "b@x.nl>\r\nRCPT TO:<z@x",
    "b@x.nl, c@y.nl",
    '"a@evil.nl" <b@x.nl>',
    "b@x.nl BODY=8BITMIME",
]

REFUSED = [
    *FINDING_8,
    "",
    "b",
    "b@",
    "@x.nl",
    "b@x",
    "b@x..nl",
    "b@-x.nl",
    "b@x.nl.",
    "b@x.123",
    ".b@x.nl",
    "b.@x.nl",
    "b..c@x.nl",
    "b@c@x.nl",
    "<b@x.nl>",
    "Bas <b@x.nl>",
    "b@x.nl;c@y.nl",
    "b@x.nl\n",
    "\tb@x.nl",
    "b @x.nl",
    "b@x.nl\x00",
    "b@[127.0.0.1]",
    "b@x.nl(comment)",
    "group:b@x.nl;",
    '"b c"@x.nl',
    "b\\c@x.nl",
    "béb@x.nl",
    "=?utf-8?q?b?=@x.nl",
    "b@x\u202e.nl",
    "b\u200b@x.nl",
    "b" * 65 + "@x.nl",
    "b@" + "x." * 130 + "nl",
]


@pytest.mark.parametrize("text", REFUSED)
def test_control_07_anything_but_one_plain_address_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        address_spec(text)

    assert not is_address(text)
    for language in ("nl", "en"):
        sentence = caught.value.to(language)
        assert "school.example" in sentence
        assert len(text) < 4 or text not in sentence


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("erik.laan@kompas.example", "erik.laan@kompas.example"),
        ("Erik.Laan@Kompas.Example", "Erik.Laan@kompas.example"),
        ("o'brien+les@x.nl", "o'brien+les@x.nl"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("b" * 64 + "@x.nl", "b" * 64 + "@x.nl"),
    ],
)
def test_one_plain_address_comes_back_as_it_goes_on_the_wire(text: str, spec: str) -> None:
    assert address_spec(text) == spec
