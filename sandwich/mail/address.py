"""One mail address, strictly: what is checked here is what the mail server is told, letter for letter.

Libraries on the way to the wire repair odd recipients silently, so that a log says one thing and the envelope
another. An address that needs repair is refused instead.
"""

import re
from encodings import idna

from sandwich.errors import SandwichError

LONGEST = 254
_LONGEST_LOCAL = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class AddressRefused(SandwichError):
    """This is not one mail address: {problem}. Write one address such as name@school.example, and nothing else."""

    dutch = (
        "Dit is niet één mailadres: {probleem}. Schrijf één adres, zoals naam@school.example, en verder niets erbij."
    )

    def __init__(self, problem: str, probleem: str) -> None:
        """Say what is wrong; the address itself is personal and stays out of the message."""
        super().__init__(problem=problem, probleem=probleem)


def address_spec(text: str) -> str:
    """Return the address as it goes on the wire (a Unicode domain in its ASCII form).

    Raises :class:`AddressRefused` for anything but exactly one plain address: names, lists, comments, quotes, spaces,
    line breaks, options behind it, and local parts that a mail server in between may not carry.
    """
    if not text:
        raise AddressRefused("nothing stands there", "er staat niets")
    if not text.isprintable() or any(letter.isspace() for letter in text):
        raise AddressRefused("it has a space or a line break", "er staat een spatie of een nieuwe regel in")
    if any(letter in text for letter in '<>"(),:;\\[]'):
        raise AddressRefused(
            "it has a bracket, quote, comma, colon or backslash",
            "er staat een haakje, aanhalingsteken, komma, dubbele punt of schuine streep in",
        )
    if text.count("@") != 1:
        raise AddressRefused("it needs one @", "er hoort één @ in")
    local, _, domain = text.partition("@")
    if len(local) > _LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        raise AddressRefused("the part before the @ is not right", "het deel voor de @ klopt niet")
    if "=?" in local:
        raise AddressRefused("it has =? in it", "er staat =? in")
    spec = f"{local}@{_domain(domain)}"
    if len(spec) > LONGEST:
        raise AddressRefused("it is too long", "het is te lang")
    return spec


def is_address(text: str) -> bool:
    """Return whether :func:`address_spec` accepts ``text``."""
    try:
        address_spec(text)
    except AddressRefused:
        return False
    return True


def domain_of(address: str) -> str:
    """Return what stands behind the @ of a checked address."""
    return address.rpartition("@")[2]


def _domain(domain: str) -> str:
    labels = domain.split(".")
    if len(labels) < 2:
        raise AddressRefused("the part behind the @ has no dot", "in het deel achter de @ staat geen punt")
    try:
        plain = [label if label.isascii() else idna.ToASCII(label).decode("ascii") for label in labels]
    except UnicodeError:
        plain = [""]
    if not all(_LABEL.fullmatch(label) for label in plain) or plain[-1].isdigit():
        raise AddressRefused("the part behind the @ is not right", "het deel achter de @ klopt niet")
    return ".".join(plain).lower()
