"""Addresses that belong to one mail: ``local+tag@domain``, for replies, for what mail servers send back, for calendars.

A tag holds a letter for its use, an id that means nothing elsewhere, and a code that only this installation can make.
It survives mail servers that write everything in small letters.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from sandwich.mail.address import address_spec
from sandwich.settings import TAG_ROOM, Settings

_ID, _CODE, _BOX = 24, 16, 4
_TAG = re.compile(rf"([brc])([0-9a-z]{{{_ID}}})([a-z2-7]{{{_CODE}}})([a-z2-7]{{{_BOX}}})?")
assert 1 + 1 + _ID + _CODE + _BOX == TAG_ROOM


class Use(StrEnum):
    """What comes to an address, and whose id stands in it."""

    BOUNCE = "b"  # of a message: what mail servers send back
    REPLY = "r"  # of a message: what people write
    CALENDAR = "c"  # of an activity: what calendars answer; the same in every entry of it, as calendars want it


@dataclass(frozen=True)
class Tag:
    """A tag of ours. ``box`` tells of a bounce's tag to which address its mail went, without saying which."""

    use: Use
    id: str
    box: str = ""


def tagged(settings: Settings, use: Use, key: str, box: str = "") -> str:
    """Return the address for a use of the message or activity ``key``; ``box`` is where a mail goes that may bounce.

    Only where the settings have an address for it.
    """
    code = _code(settings, f"{use}{key}", _CODE)
    local, _, domain = address_spec(settings.reply_address).rpartition("@")
    return f"{local}+{use}{key}{code}{box_code(settings, key, box) if use is Use.BOUNCE else ''}@{domain}"


def box_code(settings: Settings, key: str, box: str) -> str:
    """Return what stands in a bounce's tag for the address that a message went to."""
    return _code(settings, f"box{key}{box.casefold()}", _BOX)


def read_tag(settings: Settings, address: str) -> Tag | None:
    """Return what an address is for; ``None`` for one that we did not make."""
    if not settings.reply_address:
        return None
    own, _, own_domain = address_spec(settings.reply_address).rpartition("@")
    local, _, domain = address.strip().lower().rpartition("@")
    prefix = f"{own.lower()}+"
    found = _TAG.fullmatch(local.removeprefix(prefix)) if local.startswith(prefix) else None
    if found is None or domain != own_domain:
        return None
    use, key, code, box = found.groups()
    if not hmac.compare_digest(code, _code(settings, f"{use}{key}", _CODE)) or (use == Use.BOUNCE) != bool(box):
        return None
    return Tag(Use(use), key, box or "")


def is_box(settings: Settings, tag: Tag, address: str) -> bool:
    """Whether the mail that a bounce's tag belongs to went to ``address``."""
    return hmac.compare_digest(tag.box, box_code(settings, tag.id, address))


def _code(settings: Settings, text: str, length: int) -> str:
    secret = settings.secret_key.get_secret_value().encode()
    digest = hmac.new(secret, f"mail-tag:{text}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:length]
