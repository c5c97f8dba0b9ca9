"""A mail's bytes, put together from values that were looked at before: a hundredth of what a library takes for it.

Everything on the wire is ASCII: texts as quoted-printable, calendars as base64, words of a header that need more as
encoded words. A boundary holds ``=_``, which neither of the two encodings can, so that no text ends a part.
"""

import binascii
import re
from base64 import b64encode, encodebytes
from collections.abc import Sequence

from sandwich.mail.ics import Invite
from sandwich.mail.render import Rendered

_END = "\r\n"
_LONGEST_LINE = 200
"""Wide enough for a subject on one line: folded right behind its name, some programs show it with a space before it."""

_WORDS_LINE = 76
"""Characters of a line with an encoded word in it (RFC 2047, 2)."""

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_Q = {
    code: chr(code) if chr(code).isalnum() or chr(code) in "!*+-/" else "_" if code == 32 else f"={code:02X}"
    for code in range(256)
}
_Q |= {code: f"={code:02X}" for code in range(128, 256)}


def text_line(name: str, value: str) -> str:
    """Return the line of a header, folded where it must be; ``value`` was let through by the header guard."""
    if value.isascii():
        line = f"{name}: {value}"
        if len(line) <= _LONGEST_LINE:
            return line + _END
        if all(len(word) < _LONGEST_LINE for word in value.split(" ")):
            return _folded(line)
    first, *others = _encoded(value, _WORDS_LINE - len(name) - 2)
    return f"{name}: " + f"{_END} ".join([first, *others]) + _END


def address_line(name: str, shown: str, address: str) -> str:
    """Return the line of a header with one person in it: a name, which may be empty, and a checked address."""
    if not shown:
        return f"{name}: {address}{_END}"
    if shown.isascii():
        phrase = shown if _ATOMS.fullmatch(shown) else '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'
        lines = [f"{name}: {phrase}"]
    else:
        first, *others = _encoded(shown, _WORDS_LINE - len(name) - 2)
        lines = [f"{name}: {first}", *others]
    last = f"{lines[-1]} <{address}>"
    if len(last) < _WORDS_LINE:
        lines[-1] = last
    else:
        lines.append(f"<{address}>")
    return f"{_END} ".join(lines) + _END


def body(words: Rendered, invites: Sequence[Invite], boundary: str) -> tuple[str, bytes]:
    """Return the value of a mail's Content-Type, and all that stands below its headers: text first, then HTML, then
    the calendar, which is also attached as a file. ``boundary``: letters and digits of this mail alone.
    """
    parts = [_text_part("plain", words.text), _text_part("html", words.html)]
    files = [encodebytes(one.data).replace(b"\n", b"\r\n") for one in invites]
    if len(invites) == 1:
        kind = f'text/calendar; charset="utf-8"; method="{invites[0].method.value}"'
        parts.append(_part(kind, "base64", files[0]))
    kind, inner = _several("alternative", parts, f"=_{boundary}_a")
    if not invites:
        return kind, inner
    attached = []
    for number, data in enumerate(files, start=1):
        file = "invite.ics" if len(files) == 1 else f"invite-{number}.ics"
        attached.append(_part("application/ics", "base64", data, f'attachment; filename="{file}"'))
    return _several("mixed", [f"Content-Type: {kind}\r\n\r\n".encode("ascii") + inner, *attached], f"=_{boundary}_m")


def _several(kind: str, parts: Sequence[bytes], boundary: str) -> tuple[str, bytes]:
    mark = f"\r\n--{boundary}".encode("ascii")
    inside = b"".join([mark + b"\r\n" + part for part in parts])[2:] + mark + b"--\r\n"
    return f'multipart/{kind};\r\n boundary="{boundary}"', inside


def _part(kind: str, encoding: str, data: bytes, disposition: str | None = None) -> bytes:
    lines = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}"]
    if disposition:
        lines.append(f"Content-Disposition: {disposition}")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + data


def _text_part(kind: str, text: str) -> bytes:
    plain = _LINE_ENDS.sub("\n", text) if "\r" in text else text
    data = binascii.b2a_qp(plain.encode("utf-8"), istext=True, header=False)
    return _part(f'text/{kind}; charset="utf-8"', "quoted-printable", data.replace(b"\n", b"\r\n"))


def _folded(line: str) -> str:
    """Break a plain line at its spaces, each kept at the beginning of the next line."""
    lines, now = [], ""
    for word in re.split(r"(?<=[^ ])(?= +[^ ])", line):
        if now and len(now) + len(word) > _WORDS_LINE and now.rstrip() != line.partition(" ")[0]:
            lines.append(now)
            now = ""
        now += word
    return _END.join([*lines, now]) + _END


def _encoded(value: str, room: int) -> list[str]:
    """Return encoded words, the first in ``room`` characters, the others in a line each; no letter is cut in two."""
    is_plain = sum(letter.isascii() for letter in value) * 4 > len(value) * 3  # else base64 is the shorter
    words: list[str] = []
    held, size, most = b"", 0, room - 12 if is_plain else (room - 12) // 4 * 3
    for letter in value:
        raw = letter.encode("utf-8")
        more = sum([len(_Q[code]) for code in raw]) if is_plain else len(raw)
        if held and size + more > most:
            words.append(_word(held, is_plain=is_plain))
            held, size, most = b"", 0, 63 if is_plain else 45
        held += raw
        size += more
    return [*words, _word(held, is_plain=is_plain)]


def _word(raw: bytes, *, is_plain: bool) -> str:
    if is_plain:
        return f"=?utf-8?q?{''.join([_Q[code] for code in raw])}?="
    return f"=?utf-8?b?{b64encode(raw).decode('ascii')}?="
