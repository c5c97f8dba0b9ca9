"""Mail that a mail server sent back: what it says happened, by the standard (RFC 3464) and in the common odd shapes.

Whose mail it was stands in the address that it came to, not in what it says: anybody can write anything there.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

from sandwich.incoming.letter import Letter, inside_of

logging.getLogger("flufl.bounce").disabled = True  # it would write the mail's own words into our log


class Fate(StrEnum):
    """What became of a mail of ours."""

    DEAD = "box-dead"  # there is no such box
    FAILED = "not-taken"  # it was not taken, and that says nothing about the address
    DELAYED = "delayed"  # it is still being tried


_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])(4\d\d|5\d\d)[ -]")
_NO_SUCH = re.compile(
    r"user\s+unknown|unknown\s+(?:user|recipient|local)|no\s+such\s+(?:user|mailbox|recipient|person|address)|"
    r"does(?:n't|\s+not)\s+(?:exist|have\s+an?\s+\S*\s*account)|not\s+found\s+by\s+smtp|recipient\s+(?:address\s+)?"
    r"(?:rejected:\s*user|not\s+found|unknown)|mailbox\s+(?:not\s+found|unavailable|is\s+disabled)|address\s+(?:couldn[’']t\s+be\s+found|"
    r"not\s+found|rejected)|wasn[’']t\s+found\s+at|account\s+(?:is\s+|has\s+been\s+)?(?:disabled|closed|deleted)|"
    r"invalid\s+(?:recipient|mailbox)|onbekende\s+(?:gebruiker|ontvanger)|bestaat\s+niet|kan\s+niet\s+worden\s+gevonden|"
    r"host\s+(?:or\s+domain\s+name\s+)?not\s+found|unrouteable\s+(?:mail\s+)?address",
    re.IGNORECASE,
)
_NOT_THE_BOX = re.compile(
    r"quota|mailbox\s+(?:is\s+)?full|over\s*quota|storage|too\s+(?:large|big)|spam|blocked|policy|reputation|dmarc|"
    r"content\s+rejected|message\s+expired|retry\s+timeout|time[d]?\s*out|postvak\s+(?:is\s+)?vol",
    re.IGNORECASE,
)
_WAITS = re.compile(
    r"warning:\s|delay(?:ed)?\b|not\s+yet\s+been\s+delivered|has\s+not\s+been\s+(?:received|delivered)\s+yet|vertraagd|"
    r"will\s+(?:be\s+re|keep\s+)tr(?:ied|ying)|still\s+(?:being\s+)?(?:tried|trying)|no\s+action\s+is\s+required",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"undeliver|mail\s+delivery\s+(?:failed|failure|status)|delivery\s+(?:status\s+notification|failure|has\s+failed|delayed)|"
    r"returned\s+(?:mail|to\s+sender)|failure\s+notice|could\s+not\s+be\s+delivered|warning:\s+(?:message|could)|"
    r"niet\s+(?:worden\s+)?(?:af)?bezorgd|onbestelbaar|kan\s+niet\s+worden\s+bezorgd|delivery\s+report|mail\s+system\s+error",
    re.IGNORECASE,
)
_SERVERS = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-?daemon|microsoftexchange[0-9a-z]*|mdaemon|mailerdaemon)@", re.IGNORECASE
)


def fate_of(letter: Letter) -> Fate | None:
    """Return what a mail says became of ours; ``None`` where it is no such message."""
    reports = list(_reports(letter))
    if reports:
        return _reported(reports)
    is_report = letter.message.get_content_type() == "multipart/report" and _report_type(letter) in {
        "",
        "delivery-status",
    }
    from_server = (
        not letter.sender or _SERVERS.match(letter.sender) is not None or _SERVERS.match(letter.author) is not None
    )
    if not (
        is_report or (from_server and (_RETURNED.search(letter.subject) or letter.message.get("X-Failed-Recipients")))
    ):
        return _odd(letter) if from_server else None
    said = f"{letter.subject}\n{letter.text}"
    if _WAITS.search(letter.subject) or (_WAITS.search(letter.text[:3000]) and not _NO_SUCH.search(said)):
        return Fate.DELAYED
    return _from_words(said)


def _odd(letter: Letter) -> Fate | None:
    """Look for the shapes of single programs, which have no subject or report that tells."""
    temporary: frozenset[bytes] = frozenset()
    permanent: frozenset[bytes] = frozenset()
    with suppress(Exception):  # it reads what anybody may write, and was not made for that
        temporary, permanent = all_failures(letter.message)
    if permanent:
        return _from_words(f"{letter.subject}\n{letter.text}")
    return Fate.DELAYED if temporary else None


def _reported(reports: list[Message]) -> Fate | None:
    """Return what reports by the standard say; what is worst counts, for a mail of ours has one reader."""
    fates = []
    for report in reports:
        action = str(report.get("Action", "")).strip().lower()
        status = _STATUS.search(str(report.get("Status", "")))
        said = str(report.get("Diagnostic-Code", ""))
        if action.startswith("failed"):
            fates.append(_failed(status, said))
        elif action.startswith("delayed"):
            fates.append(Fate.DELAYED)
    return next((fate for fate in Fate if fate in fates), None)


def _failed(status: re.Match[str] | None, said: str) -> Fate:
    """Judge as the line to the mail server does when it refuses at once (``sandwich/mail/relay.py``)."""
    inner = _STATUS.search(said)
    if inner and inner.group(1) == "5":  # what the far server said is nearer to the box than the sum of the near one
        status = inner
    if status is None or status.group(2) in {"0", "5"}:  # these say nothing about a box
        return _from_words(said)
    subject, detail = int(status.group(2)), int(status.group(3))
    is_dead = status.group(1) == "5" and (subject == 1 or (subject, detail) in {(2, 1), (4, 4)})
    return Fate.DEAD if is_dead and detail != 8 else Fate.FAILED


def _from_words(said: str) -> Fate:
    """Judge by words, where no status says it: a box is dead only where that is what they say."""
    for status in _STATUS.finditer(said):
        if status.group(1) == "5" and status.group(2) not in {"0", "5"}:
            return _failed(status, "")
    if _NO_SUCH.search(said) and not _NOT_THE_BOX.search(said):
        return Fate.DEAD
    code = _CODE.search(said)
    if code and code.group(1) in {"550", "551", "553"} and not _NOT_THE_BOX.search(said):
        return Fate.DEAD
    return Fate.FAILED


def _reports(letter: Letter) -> Iterator[Message]:
    """Go through what is said of each recipient in reports by the standard."""
    for part in letter.parts():
        if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}:
            for block in inside_of(part):
                if "Action" in block or "Final-Recipient" in block:
                    yield block


def _report_type(letter: Letter) -> str:
    found = letter.message.get_param("report-type", "")
    return found.lower() if isinstance(found, str) else ""
