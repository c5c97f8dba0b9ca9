"""The header guard: before a mail is built every header value is looked at, afterwards the bytes are read back.

Python versions in use build a real ``Bcc:`` out of an encoded line break in a subject or display name. So a value
with a control character or ``=?`` is refused whatever builds the mail, and the finished bytes must read as exactly the
headers and addresses that were asked for: by a reader of our own, which knows nothing but what we write.
"""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandwich.errors import SandwichError
from sandwich.mail.clean import has_forbidden

_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")
_LINE = re.compile(rb"[ -~]+")
_WORD = re.compile(r"=\?utf-8\?([bq])\?([!->@-~]+)\?=(?:[ ]+(?==\?utf-8\?))?", re.IGNORECASE)
_PERSON = re.compile(r'(?:(?:"(?P<quoted>(?:[^"\\]|\\["\\])*)"|(?P<words>[^"<>@,;:()\[\]\\]+?)) )?<(?P<spec>[^<>]+)>')
_PLAIN = frozenset({"message-id", "in-reply-to", "references", "list-id", "date", "auto-submitted", "content-language"})
_MIME = frozenset({"mime-version", "content-type", "content-transfer-encoding"})


class HeaderRefused(SandwichError):
    """The mail header {name} holds {what}, which no header may hold. The mail was not sent."""

    dutch = "In de mailkop {name} staat {wat}, en dat mag in geen enkele kop. De mail is niet verstuurd."

    def __init__(self, name: str, what: str, wat: str) -> None:
        """Name the header; its value stays out of the message."""
        super().__init__(name=name, what=what, wat=wat)


class HeadersDiffer(SandwichError):
    """The finished mail does not have the headers that were asked for ({what}). It was not sent."""

    dutch = "De mail kreeg niet de koppen die gevraagd waren ({what}). Hij is niet verstuurd."


@dataclass(frozen=True)
class Asked:
    """The headers that a mail must have: plain values, and the one bare address of each address header."""

    values: Mapping[str, str]
    addresses: Mapping[str, str] = field(default_factory=dict)


def guard(name: str, value: str) -> str:
    """Return ``value`` if it may stand in a header; raises :class:`HeaderRefused`."""
    if not _NAME.fullmatch(name):
        raise HeaderRefused("?", "a name that is none", "een naam die geen naam is")
    if has_forbidden(value):
        raise HeaderRefused(name, "a control character", "een stuurteken")
    if "=?" in value:
        raise HeaderRefused(name, "the beginning of an encoded word (=?)", "het begin van een gecodeerd woord (=?)")
    return value


def verify(data: bytes, asked: Asked) -> None:
    """Read the head of a finished mail back and compare it with what was asked; raises :class:`HeadersDiffer`.

    Names and count of the headers, the text of each, and the one address of each address header.
    """
    found = _read(data.partition(b"\r\n\r\n")[0])
    names = [name for name, _ in found]
    expected = sorted(name.lower() for name in (*asked.addresses, *asked.values))
    if sorted(name for name in names if name not in _MIME) != expected or len(set(names)) != len(names):
        raise HeadersDiffer(what="names")
    read = dict(found)
    for name, wanted in asked.values.items():
        value = read[name.lower()]
        said = value if name.lower() in _PLAIN else _decoded(value)
        if " ".join(said.split()) != " ".join(wanted.split()):
            raise HeadersDiffer(what=name)
    for name, address in asked.addresses.items():
        value = read[name.lower()]
        person = _PERSON.fullmatch(value)
        if (person.group("spec") if person else value) != address:
            raise HeadersDiffer(what=name)
        if has_forbidden(_decoded(value)):
            raise HeadersDiffer(what=name)


def _read(head: bytes) -> list[tuple[str, str]]:
    """Return names, in small letters, and values of all headers, each on one line."""
    found: list[tuple[str, str]] = []
    for line in head.split(b"\r\n"):
        if not _LINE.fullmatch(line):
            raise HeadersDiffer(what="lines")
        text = line.decode("ascii")
        name, colon, value = text.partition(":")
        if text[0] == " " and found and text.strip():
            found[-1] = found[-1][0], found[-1][1] + text
        elif colon and _NAME.fullmatch(name):
            found.append((name.lower(), value.removeprefix(" ")))
        else:
            raise HeadersDiffer(what="lines")
    return found


def _decoded(value: str) -> str:
    """Return what a value with encoded words says."""

    def said(word: re.Match[str]) -> str:
        encoding, text = word.groups()
        try:
            raw = binascii.a2b_base64(text) if encoding in "bB" else binascii.a2b_qp(text, header=True)
            return raw.decode("utf-8")
        except ValueError as error:
            raise HeadersDiffer(what="encoded words") from error

    return _WORD.sub(said, value) if "=?" in value else value
