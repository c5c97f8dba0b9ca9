"""Mail that came in, as a person looks at it."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity
from models.tables.incoming import Came, Incoming, IncomingContent
from models.tables.network import Person
from models.text import Text
from sandwich.errors import NotFound
from sandwich.incoming.letter import read_letter
from sandwich.rules.names import full_name
from sandwich.settings import Settings

_WHAT = {
    Came.NEW: Text(nl="nog niet bekeken", en="not looked at yet"),
    Came.BOUNCE: Text(nl="mail kwam terug", en="mail came back"),
    Came.DELAYED: Text(nl="mail heeft vertraging", en="mail is delayed"),
    Came.AUTOMATIC: Text(nl="automatisch antwoord", en="automatic answer"),
    Came.AWAY: Text(nl="automatisch antwoord: afwezig", en="automatic answer: away"),
    Came.CALENDAR: Text(nl="antwoord uit de agenda", en="answer of a calendar"),
    Came.REPLY: Text(nl="antwoord van een mens", en="answer of a person"),
    Came.JUNK: Text(nl="ongewenste mail", en="junk"),
    Came.TOO_LARGE: Text(nl="te grote mail, niet bewaard", en="mail too large, not kept"),
    Came.UNREADABLE: Text(nl="niet te verwerken", en="cannot be handled"),
}
_ABOUT = {
    "bounced": Text(nl="adres werkt niet meer", en="the address does not work any more"),
    "not-taken": Text(nl="niet aangenomen", en="not taken"),
    "not-by-its-address": Text(nl="niet geloofd", en="not believed"),
    "no-such-mail": Text(nl="niet geloofd", en="not believed"),
    "expired": Text(nl="te laat", en="too late"),
    "address-changed": Text(nl="over een adres dat al veranderd is", en="about an address that has changed since"),
    "counted-before": Text(nl="was al bekend", en="was known"),
    "not-their-own-box": Text(nl="niet uit de eigen mailbox", en="not from the own mailbox"),
    "from-elsewhere": Text(nl="vanaf een ander adres", en="from another address"),
    "encrypted": Text(nl="versleuteld", en="encrypted"),
    "answered": Text(nl="als antwoord ingevuld", en="filled in as an answer"),
    "nothing-said": Text(nl="er stond niets in", en="it said nothing"),
    "no-mail": Text(nl="wil geen mail meer", en="wants no more mail"),
    "own": Text(nl="van de coördinator zelf", en="by the coordinator"),
    "proposed": Text(nl="voorstel voor een andere datum", en="proposal for another date"),
    "unclear": Text(nl="niet duidelijk", en="not clear"),
    "accepted": Text(nl="ja", en="yes"),
    "declined": Text(nl="nee", en="no"),
    "tentative": Text(nl="misschien", en="perhaps"),
    "outdated": Text(nl="over een eerdere datum", en="about an earlier date"),
    "other-entry": Text(nl="ja, op een taak", en="yes, to a task"),
}


@dataclass(frozen=True)
class LetterLine:
    """One mail that came in: what it is, about whose mail, and whether its words are still there."""

    id: str
    what: Text
    kind: Came
    about: str | None
    person: str | None
    activity_id: str | None
    activity_title: str | None
    received_at: datetime
    is_there: bool


@dataclass(frozen=True)
class LetterView:
    """A mail as it came, and when it is deleted."""

    line: LetterLine
    is_there: bool
    sender: str
    subject: str
    text: str
    raw: bytes
    goes_at: datetime


async def letters_of(session: AsyncSession, activity_id: str | None = None, *, limit: int = 100) -> list[LetterLine]:
    """Return what came in about an activity, or at all; the newest first."""
    query = (
        select(Incoming, Person, Activity.title, IncomingContent.incoming_id)
        .outerjoin(Person, Person.id == Incoming.person_id)
        .outerjoin(Activity, Activity.id == Incoming.activity_id)
        .outerjoin(IncomingContent, IncomingContent.incoming_id == Incoming.id)
        .order_by(Incoming.received_at.desc(), Incoming.id)
        .limit(limit)
    )
    if activity_id is not None:
        query = query.where(Incoming.activity_id == activity_id)
    return [_line(*row) for row in await session.execute(query)]


async def letter_view(
    session: AsyncSession, settings: Settings, letter_id: str, activity_id: str | None = None
) -> LetterView:
    """Return one mail, found by its id or the beginning of it; raises ``NotFound``, also for another activity's."""
    rows = list(
        await session.scalars(select(Incoming).where(Incoming.id.startswith(letter_id, autoescape=True)).limit(2))
    )
    if len(rows) != 1 or len(letter_id) < 6 or (activity_id is not None and rows[0].activity_id != activity_id):
        raise NotFound(what="mail", name=letter_id)
    [row] = rows
    content = await session.get(IncomingContent, row.id)
    person = await session.get(Person, row.person_id) if row.person_id else None
    activity = await session.get(Activity, row.activity_id) if row.activity_id else None
    raw = content.content if content else b""
    letter = read_letter(raw, content.sender if content else "")
    return LetterView(
        line=_line(row, person, activity.title if activity else None, content.incoming_id if content else None),
        is_there=content is not None,
        sender=letter.header("From") or letter.sender,
        subject=letter.subject,
        text=_seen(letter.text),
        raw=raw,
        goes_at=row.received_at + timedelta(days=settings.incoming_keep_days),
    )


def _line(row: Incoming, person: Person | None, title: str | None, content: str | None) -> LetterLine:
    name = full_name(person) if person is not None else None
    return LetterLine(
        row.id, _what(row), row.kind, row.about, name, row.activity_id, title, row.received_at, content is not None
    )


def _what(row: Incoming) -> Text:
    """Return in words what a mail is, and what came of it."""
    said, (first, _, rest) = _WHAT[row.kind], (row.about or "").partition(" ")
    if first == "away-until":
        until = date.fromisoformat(rest)
        more = Text(nl=f"tot en met {until:%d-%m-%Y}", en=f"until {until:%d-%m-%Y} inclusive")
    elif first in _ABOUT:
        more = _ABOUT[first]
    else:
        return said
    return Text(nl=f"{said.nl}, {more.nl}", en=f"{said.en}, {more.en}")


def _seen(text: str) -> str:
    """Return words with nothing that turns them around or cannot be seen."""
    return re.sub(r"[^\S\n]+", " ", "".join(one for one in text if one == "\n" or one.isprintable())).strip()
