"""The header guard: before a mail is built every header value is looked at, afterwards the bytes are read back.

Python versions in use build a real ``Bcc:`` out of an encoded line break in a subject or display name. So a value
with a control character or ``=?`` is refused whatever Python makes of it, and the finished bytes must parse to
exactly the headers and addresses that were asked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.headerregistry import AddressHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import compat32, default

from sandwich.errors import SandwichError
from sandwich.mail.clean import has_forbidden


class _Registry(HeaderRegistry):
    """Reads headers as the library does, which makes a class for each one that it reads; here one for each name."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        found = self._classes.get(name)
        if found is None:
            found = self._classes[name] = super().__getitem__(name)
        return found


POLICY = default.clone(header_factory=_Registry())
"""How a header is read."""

_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")
_IDENTIFIERS = frozenset({"message-id", "in-reply-to", "references", "list-id"})


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
    """The headers that a mail must have: plain values in order, and the bare addresses of address headers."""

    values: Mapping[str, str]
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)


def guard(name: str, value: str) -> str:
    """Return ``value`` if it may stand in a header; raises :class:`HeaderRefused`."""
    if not _NAME.fullmatch(name):
        raise HeaderRefused("?", "a name that is none", "een naam die geen naam is")
    if has_forbidden(value):
        raise HeaderRefused(name, "a control character", "een stuurteken")
    if "=?" in value:
        raise HeaderRefused(name, "the beginning of an encoded word (=?)", "het begin van een gecodeerd woord (=?)")
    return value


def verify(message: EmailMessage, data: bytes, asked: Asked) -> None:
    """Read the finished mail back and compare it with what was asked; raises :class:`HeadersDiffer`.

    Names and count of the headers, the text of each, the addresses of each, and the shape of the parts.
    """
    head = data.partition(b"\r\n\r\n")[0]
    back = message_from_bytes(data, policy=compat32)  # it leaves headers unread, which takes most of the time
    raw = [(name.lower(), value) for name, value in back.raw_items()]
    names = [name for name, _ in raw]
    expected = [name.lower() for name in (*asked.addresses, *asked.values)]
    read = {name: POLICY.header_fetch_parse(name, value) for name, value in raw if name in expected}
    built = [name for name in names if name not in {"mime-version", "content-type", "content-transfer-encoding"}]
    if sorted(built) != sorted(expected) or len(set(names)) != len(names):
        raise HeadersDiffer(what="names")
    if _raw_names(head) != names:
        raise HeadersDiffer(what="lines")
    for name, wanted in asked.values.items():
        if " ".join(str(read[name.lower()]).split()) != " ".join(wanted.split()):
            raise HeadersDiffer(what=name)
    for name, addresses in asked.addresses.items():
        header = read[name.lower()]
        if not isinstance(header, AddressHeader) or [one.addr_spec for one in header.addresses] != list(addresses):
            raise HeadersDiffer(what=name)
    if b"=?" in b"".join(_raw(head, name) for name in _IDENTIFIERS):
        raise HeadersDiffer(what="identifiers")
    shape = [part.get_content_type() for part in message.walk()]
    if [part.get_content_type() for part in back.walk()] != shape or back.defects:
        raise HeadersDiffer(what="parts")


def _raw_names(head: bytes) -> list[str]:
    starts = [line for line in head.split(b"\r\n") if line[:1] not in {b" ", b"\t"}]
    return [line.partition(b":")[0].decode("ascii", "replace").lower() for line in starts]


def _raw(head: bytes, name: str) -> bytes:
    """Return the lines of one header as they stand, without looking into any other."""
    found: list[bytes] = []
    inside = False
    for line in head.split(b"\r\n"):
        if line[:1] not in {b" ", b"\t"}:
            inside = line.lower().startswith(name.encode() + b":")
        if inside:
            found.append(line)
    return b"\r\n".join(found)
