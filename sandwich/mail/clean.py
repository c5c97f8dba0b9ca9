"""What people typed, made fit for a mail: it stays readable and can become neither structure nor header."""

import re

_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # controls
    "\u2028\u2029"  # line ends
    "\ud800-\udfff\ufffe\uffff"  # halves of pairs, and what is no character: no feed may hold it
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # what turns text around
)
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NO_NAME = re.compile(r"[<>@,;:\"\\()\[\]]")
SUBJECT_TITLE = 120
"""How many characters of an activity's title a subject shows."""


def has_forbidden(text: str) -> bool:
    """Return whether there is a character that may stand in no header: a control, line end, half of a pair, or one
    that turns text around.
    """
    return _FORBIDDEN.search(text) is not None


def one_line(text: str) -> str:
    """Return ``text`` on one line, without controls and without characters that turn other text around."""
    if text.isprintable():  # most is: then there is nothing of what follows
        return text.strip()
    text = _BREAKS.sub(" ", text).replace("\t", " ")
    return _FORBIDDEN.sub("", text).strip()


def lines(text: str) -> list[str]:
    """Return the lines of a longer text, each made fit by :func:`one_line`, empty ones left out."""
    return [line for line in (one_line(part) for part in _BREAKS.split(text)) if line]


def header_text(text: str) -> str:
    """Return ``text`` fit for a subject: one line in which nothing can be read as an encoded word."""
    text = " ".join(one_line(text).split())
    while "=?" in text:
        text = text.replace("=?", "= ?")
    return text


def display_name(text: str) -> str:
    """Return ``text`` fit to stand before an address: without the characters that delimit addresses."""
    return header_text(_NO_NAME.sub(" ", text))[:SUBJECT_TITLE].strip()


def shortened(text: str, length: int) -> str:
    """Return ``text`` with at most ``length`` characters, cut at a word where one ends nearby."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    head, space, tail = cut.rpartition(" ")
    return f"{(head if space and len(tail) < length // 3 else cut).rstrip()}…"
