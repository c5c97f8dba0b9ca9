"""What must not have become of a hostile text: markup, a header, a property, a formula, a link, a line of its own.

Each function returns what is wrong with what it is given, in words without the text itself; nothing where all is well.
"""

import csv
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from xml.etree import ElementTree

from icalendar import Calendar
from openpyxl import load_workbook

from tests.hostile.shapes import LINK, MARK, PRODUCT

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?%?")
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "poster", "background", "data", "xlink:href"})
_SCHEMES = ("http://", "https://", "mailto:", "tel:", "/", "#", "?", "data:image/", "webcal:", "cid:")
_TEMPLATED = frozenset({"script", "iframe", "object", "embed", "base", "link", "meta", "svg", "math", "form"})

MAIL_HEADERS = frozenset(
    """
    from to subject date message-id mime-version content-type content-transfer-encoding auto-submitted reply-to
    in-reply-to references list-id precedence x-auto-response-suppress dkim-signature content-language sender
    feedback-id content-disposition content-id return-path
    """.split()  # noqa: SIM905 - a list of words is read more easily
)
"""What a mail of ours may say of itself."""

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "MIME-Version")

PROPERTIES = frozenset(
    """
    BEGIN END VERSION PRODID CALSCALE METHOD NAME X-WR-CALNAME X-WR-TIMEZONE X-PUBLISHED-TTL REFRESH-INTERVAL UID
    DTSTAMP DTSTART DTEND SUMMARY DESCRIPTION LOCATION ORGANIZER ATTENDEE SEQUENCE STATUS URL TZID TZNAME
    TZOFFSETFROM TZOFFSETTO RRULE TRANSP CLASS CREATED LAST-MODIFIED X-LIC-LOCATION COMMENT RDATE X-MICROSOFT-CDO-
    BUSYSTATUS
    """.split()  # noqa: SIM905 - a list of words is read more easily
)
COMPONENTS = frozenset({"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"})

_ACTIONS = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/AA", b"/SubmitForm", b"/GoToR")


class _Markup(HTMLParser):
    """Reads a page for what an injection would leave in it."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        if MARK in tag:
            self.wrong.append("an element of a person's")
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if MARK in name or name.startswith("on") or name == "srcdoc":
                self.wrong.append(f"an attribute {name[:20]} of a person's")
            bare = "".join(value.split()).lower()
            if name in _ADDRESSES and bare and not bare.startswith(_SCHEMES) and re.match(r"[a-z0-9+.\-]*:", bare):
                self.wrong.append(f"an address that acts, in {tag} {name}")
            if name in _ADDRESSES and value.startswith("//"):
                self.wrong.append("an address elsewhere, in two strokes")
            if name == "style" and MARK in value:
                self.wrong.append("a style of a person's")
        if tag in _TEMPLATED and MARK in " ".join(given.values()) and tag != "form":
            self.wrong.append(f"an element {tag} with a person's words")
        if tag == "script" and "src" not in given:
            self.wrong.append("a script in the page")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element that ends at once."""
        self.handle_starttag(tag, attrs)

    def handle_decl(self, decl: str) -> None:
        """Look at a declaration."""
        if MARK in decl:
            self.wrong.append("a declaration of a person's")


def _computed(text: str) -> Iterator[str]:
    if str(PRODUCT) in text.replace(".", "").replace(",", ""):
        yield "a template language computed something"


def html(text: str) -> list[str]:
    """Judge a page, a part of a mail or of a feed."""
    reader = _Markup()
    reader.feed(text)
    reader.close()
    return [*dict.fromkeys(reader.wrong), *_computed(text)]


def answer_headers(headers: Mapping[str, str], base: str) -> list[str]:
    """Judge the headers of an answer."""
    wrong = []
    for name, value in headers.items():
        if MARK in name.lower():
            wrong.append("a header of a person's")
        if any(ord(one) < 32 and one != "\t" for one in value):
            wrong.append(f"a line end in {name}")
        if name.lower() == "location" and not (
            re.match(r"/(?![/\\])", value) or value.startswith(f"{base}/") or value == base
        ):
            wrong.append("a redirect elsewhere")
    return wrong


def ics(raw: bytes) -> list[str]:
    """Judge a calendar."""
    wrong = []
    try:
        calendar = Calendar.from_ical(raw)
    except ValueError as error:
        return [f"no calendar: {type(error).__name__}"]
    for part in calendar.walk():
        if part.name not in COMPONENTS:
            wrong.append(f"a component {part.name}")
        for name, value in part.items():
            if name.upper() not in PROPERTIES:
                wrong.append("a property of a person's" if MARK in name.lower() else f"a property {name}")
            if name.upper() in {"ATTENDEE", "ORGANIZER", "URL"} and "evil.example" in str(value):
                wrong.append(f"a person's address in {name}")
    text = raw.decode("utf-8", "replace").replace("\r\n ", "").replace("\r\n\t", "")
    for line in re.split("\r\n|\r|\n", text):
        name = re.split("[:;]", line, maxsplit=1)[0].upper()
        if line and name not in PROPERTIES:
            wrong.append("a line of a person's")
    return [*dict.fromkeys(wrong), *_computed(text)]


def mail(raw: bytes, recipient: str) -> list[str]:
    """Judge a mail as it goes out to ``recipient``."""
    parsed = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
    wrong = []
    unknown = [name.lower() for name, _ in parsed.items() if name.lower() not in MAIL_HEADERS]
    wrong += [f"a header {'of a person' if MARK in name else name}" for name in unknown if not name.startswith("list-")]
    often = {name: len(parsed.get_all(name, [])) for name in ONCE}
    wrong += [f"{name} stands there {number} times" for name, number in often.items() if number != 1]
    to = parsed["To"]
    if to is None or [one.addr_spec for one in to.addresses] != [recipient]:
        wrong.append("To is not the one reader")
    if parsed["From"] is None or len(parsed["From"].addresses) != 1:
        wrong.append("From is not one sender")
    head = raw.partition(b"\r\n\r\n")[0]
    if re.search(rb"(?<!\r)\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f]", head):
        wrong.append("a control character among the headers")
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        wrong.append("a line of more than 998 bytes")
    for part in parsed.walk():
        kind = part.get_content_type()
        wrong += [f"a defect: {type(one).__name__}" for one in part.defects]
        if kind == "text/html":
            wrong += html(part.get_content())
        elif kind in {"text/calendar", "application/ics"}:
            wrong += ics(part.get_payload(decode=True) or b"")
        elif kind == "text/plain":
            wrong += _computed(part.get_content())
        elif not kind.startswith(("multipart/", "image/", "application/pdf")):
            wrong.append(f"a part {kind}")
    return [*dict.fromkeys(wrong)]


def table(raw: bytes) -> list[str]:
    """Judge a table as CSV."""
    text = raw.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    risky = [cell for cell in cells if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)]
    return [*(["a cell that begins a formula"] if risky else []), *_computed(text)]


def workbook(raw: bytes) -> list[str]:
    """Judge a workbook."""
    book = load_workbook(io.BytesIO(raw))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    wrong = [f"a cell of kind {cell.data_type}" for cell in cells if cell.data_type not in {"s", "n", "d", "b"}]
    wrong += ["a link in a cell" for cell in cells if cell.hyperlink is not None]
    return [*dict.fromkeys(wrong), *_computed(" ".join(str(cell.value) for cell in cells))]


def pdf(raw: bytes) -> list[str]:
    """Judge a paper: what acts may stand in no object of it, however it is packed."""
    if not raw.startswith(b"%PDF-"):
        return ["no paper"]
    parts = [raw]
    for found in re.finditer(rb"stream\r?\n", raw):
        try:
            parts.append(zlib.decompressobj().decompress(raw[found.end() :]))
        except zlib.error:
            continue
    wrong = []
    for part in parts:
        wrong += [f"an action {name.decode()}" for name in _ACTIONS if re.search(re.escape(name) + rb"[^A-Za-z]", part)]
        if LINK.encode() in part and b"/URI" in part:
            wrong.append("a link of a person's")
    return [*dict.fromkeys(wrong)]


def feed(raw: bytes) -> list[str]:
    """Judge a feed: well-formed, with elements of its own, and what it holds of markup judged as a page."""
    try:
        tree = ElementTree.fromstring(raw)
    except ElementTree.ParseError:
        return ["no well-formed feed"]
    wrong = []
    for one in tree.iter():
        if MARK in one.tag or any(MARK in name for name in one.attrib):
            wrong.append("an element of a person's")
        if one.attrib.get("type") == "html":
            wrong += html(one.text or "")
        if one.attrib.get("href", "/").startswith((LINK, "javascript:", "data:")):
            wrong.append("a link of a person's")
    return [*dict.fromkeys(wrong)]


def told(raw: bytes) -> list[str]:
    """Judge JSON."""
    try:
        json.loads(raw)
    except ValueError:
        return ["no JSON"]
    return []


def lines(text: str) -> list[str]:
    """Judge a log: one JSON object on each line, and nothing that anybody typed."""
    wrong = []
    for line in text.splitlines():
        try:
            if not isinstance(json.loads(line), dict):
                wrong.append("a line that is no object")
        except ValueError:
            wrong.append("a line that is no JSON")
    if MARK in text.lower():
        wrong.append("what somebody typed stands in the log")
    return [*dict.fromkeys(wrong)]


def body(kind: str, raw: bytes) -> list[str]:
    """Judge what an answer holds, by what it says that it is."""
    kind = kind.partition(";")[0].strip()
    match kind:
        case "text/html":
            return html(raw.decode())
        case "text/calendar":
            return ics(raw)
        case "text/csv":
            return table(raw)
        case "application/pdf":
            return pdf(raw)
        case "application/json":
            return told(raw)
        case "application/atom+xml":
            return feed(raw)
        case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
            return workbook(raw)
    return []
