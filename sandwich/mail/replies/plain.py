"""The words of a reply as lines of plain text, whatever program wrote them. Nothing can make this fail."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

MOST = 200_000
"""Characters of a reply that are looked at; an answer to a small form has a few thousand."""

MOST_DEPTH = 50
"""Quotes within quotes that are told apart."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_SPACES = re.compile("[\t\v\f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_MARKS = re.compile(r"\s{0,3}(?:[>|](?: ?[>|])*)")


@dataclass(frozen=True)
class Line:
    """One line without the marks of quoting before it; ``depth`` is how many there were."""

    depth: int
    text: str


def tidy(text: str) -> str:
    """Return ``text`` with plain line ends and spaces, without characters that nobody sees or that turn text round."""
    text = _BREAKS.sub("\n", text[:MOST])
    return _INVISIBLE.sub("", _SPACES.sub(" ", text))


def lines_of(text: str) -> list[Line]:
    """Return the lines of a tidy text."""
    found = []
    for line in text.split("\n"):
        marks = _MARKS.match(line)
        depth = min(sum(mark in ">|" for mark in marks.group()), MOST_DEPTH) if marks else 0
        found.append(Line(depth, (line[marks.end() :] if marks else line).strip()))
    return found


def from_html(html: str) -> str:
    """Return the words of a mail that has HTML only: quoted parts with ``>`` before them, signatures below ``--``.

    Scripts, styles and what stands in attributes are left out; what is not closed does no harm.
    """
    reader = _Reader()
    reader.feed(html[: MOST * 5])
    reader.close()
    return tidy(reader.text())


_BLOCKS = frozenset(
    {"address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section"}
    | {"table", "tr", "ul"}
)
_SILENT = frozenset({"head", "noscript", "object", "script", "style", "svg", "template", "textarea", "title"})
_SIGNATURES = re.compile("gmail_signature|moz-signature|applemailsignature|ms-outlook-mobile-signature|^signature$")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._depth = 0
        self._silent: list[str] = []
        self._as_is = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or tag in _SILENT:
            self._silent += [tag] if tag in _SILENT else []
            return
        if tag == "br":
            self._end_line()
        if tag in _BLOCKS:
            self._end_block()
            if tag == "p":
                self._gap()
        if tag == "blockquote":
            self._depth += 1
        elif tag == "li":
            self._line = "- "
        elif tag in {"td", "th"} and self._line:
            self._line += " "
        elif tag == "pre":
            self._as_is += 1
        known = dict(attrs)
        if any(_SIGNATURES.search((known.get(name) or "").lower()) for name in ("class", "id")):
            self._end_block()
            self._lines.append(self._marks() + "-- ")

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag in _BLOCKS:
            self._end_block()
            if tag == "p":
                self._gap()
        if tag == "blockquote":
            self._depth = max(0, self._depth - 1)
        elif tag == "pre":
            self._as_is = max(0, self._as_is - 1)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._as_is:
            first, *others = data.split("\n")
            self._line += first
            for other in others:
                self._end_line()
                self._line = other
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._line += words.lstrip(" ") if not self._line or self._line.endswith(" ") else words

    def text(self) -> str:
        """Return what was read."""
        self._end_block()
        return "\n".join(self._lines)

    def _marks(self) -> str:
        return "> " * min(self._depth, MOST_DEPTH)

    def _end_line(self) -> None:
        self._lines.append(self._marks() + self._line.rstrip())
        self._line = ""

    def _end_block(self) -> None:
        if self._line.strip():
            self._end_line()
        self._line = ""

    def _gap(self) -> None:
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._marks().rstrip())
