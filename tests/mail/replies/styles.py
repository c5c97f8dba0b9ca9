"""How mail programs send back a mail that was answered between its lines."""

import html
import textwrap
from collections.abc import Callable

HEAD_NL = "Op do 5 nov 2026 om 13:30 schreef Sandwich <sandwich@grienden.example>:"
BLOCK_NL = (
    "Van: Sandwich <sandwich@grienden.example>\nVerzonden: donderdag 5 november 2026 13:30\n"
    "Aan: Tess Bos <tess@s1.example>\nOnderwerp: Prefab: ga je mee?"
)


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def as_it_is(text: str) -> str:
    """Give back the mail, filled in, and nothing around it."""
    return text


def gmail(text: str) -> str:
    """Below a head, every line with a mark."""
    return f"\n{HEAD_NL}\n\n{_marked(text)}\n"


def twice(text: str) -> str:
    """As the answer to an answer: two marks."""
    return f"\n{HEAD_NL}\n> {HEAD_NL}\n>\n{_marked(_marked(text))}\n"


def bars(text: str) -> str:
    """With bars, as old programs do."""
    return f"{HEAD_NL}\n" + "\n".join(f"| {line}" for line in text.split("\n"))


def outlook(text: str) -> str:
    """Below a block of headers, without marks."""
    return f"\n\n{BLOCK_NL}\n\n{text}\n"


def outlook_signed(text: str) -> str:
    """The same with a signature above it."""
    return (
        f"\nMet vriendelijke groet,\n\nTess Bos\nDocent PIE\n\n________________________________\n{BLOCK_NL}\n\n{text}"
    )


def wrapped(text: str) -> str:
    """With marks, and lines broken anew at 60 characters, the rest of each with a mark too."""
    lines = [part for line in text.split("\n") for part in (textwrap.wrap(line, 60, break_long_words=False) or [""])]
    return f"{HEAD_NL}\n" + _marked("\n".join(lines))


def spaced(text: str) -> str:
    """With an empty line between all lines, windows line ends, and spaces that do not break."""
    return "\r\n\r\n".join(line.replace("] ", "]\u00a0") for line in text.split("\n"))


def in_html(text: str) -> str:
    """HTML as Outlook makes it: one paragraph for each line."""
    lines = "".join(f"<p class=MsoNormal>{html.escape(line) or '&nbsp;'}<o:p></o:p></p>" for line in text.split("\n"))
    head = "".join(f"<b>{name}:</b> {html.escape(value)}<br>" for name, _, value in map(_split, BLOCK_NL.split("\n")))
    return (
        f"<html><body><style>p{{margin:0}}</style><p>&nbsp;</p><div><p>{head}</p></div><div>{lines}</div></body></html>"
    )


def in_html_quote(text: str) -> str:
    """HTML as Gmail makes it: a quote with a break behind each line."""
    lines = "<br>".join(html.escape(line) for line in text.split("\n"))
    return (
        f'<div dir="ltr"><br></div><div class="gmail_quote"><div class="gmail_attr">{html.escape(HEAD_NL)}<br></div>'
        f'<blockquote class="gmail_quote"><div>{lines}</div></blockquote></div>'
    )


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(": ")


PLAIN: dict[str, Callable[[str], str]] = {
    style.__name__: style for style in (as_it_is, gmail, twice, bars, outlook, outlook_signed, wrapped, spaced)
}
HTML: dict[str, Callable[[str], str]] = {style.__name__: style for style in (in_html, in_html_quote)}
