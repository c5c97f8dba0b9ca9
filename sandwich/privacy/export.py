"""Everything that is kept of one person, to be given to them: for people to read, for a spreadsheet, for a program."""

import csv
import html
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import Activity, Participation
from models.tables.asking import Draft, Invitation, Submission, Upload, UploadContent
from models.tables.incoming import Incoming, IncomingContent
from models.tables.network import Contact, Person
from models.tables.replies import ReplyText
from models.text import Language, Text
from sandwich.privacy.kinds import KEPT
from sandwich.rules.names import full_name
from sandwich.services.answer_views import AnswerView, answer_view
from sandwich.services.own_data import own_data
from sandwich.settings import Settings
from sandwich.sheets.guard import guarded

_NAME = Text(nl="Alles wat {of} over {name} bewaart", en="Everything that {of} keeps of {name}")
_MADE = Text(nl="Gemaakt op {day}.", en="Made on {day}.")
_ANSWERS = Text(nl="Wat je antwoordde", en="What you answered")
_FILES = Text(nl="Bestanden", en="Files")
_TABLES = Text(nl="Alle gegevens, zoals ze zijn opgeslagen", en="All data, as they are stored")
_TERMS = Text(nl="Waarvoor, en hoe lang", en="What for, and for how long")
_RIGHTS = Text(
    nl="Klopt er iets niet, of wil je dat iets weggaat? Dat kan op je eigen pagina, of vraag het de coördinator.",
    en="Is something wrong, or do you want something to go? Your own page does it, or ask the coordinator.",
)


@dataclass(frozen=True)
class Exported:
    """Rows by table, answers in words, and files by name. ``activities`` are the titles of those that rows name."""

    name: str
    at: datetime
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    activities: Mapping[str, str]
    answers: Sequence[AnswerView] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


async def export_person(
    session: AsyncSession, person_id: str, language: Language, now: datetime, *, activity_id: str | None = None
) -> Exported:
    """Return everything that is kept of a person; with ``activity_id`` only what belongs to that one activity.

    What they typed and did not send, wrote by mail and sent as a file is among it. What others wrote is not: that is
    theirs. Raises ``NotFound``.
    """
    rows = await own_data(session, person_id)
    rows |= {
        name: found
        for name, found in (
            (Draft.__tablename__, await _drafts(session, person_id)),
            (Incoming.__tablename__, await _letters(session, person_id)),
            (ReplyText.__tablename__, await _replies(session, person_id)),
        )
        if found
    }
    if activity_id is not None:
        own = {Person.__tablename__, Contact.__tablename__}
        rows = {
            name: kept
            for name, found in rows.items()
            if (kept := [row for row in found if name in own or row.get("activity_id") == activity_id])
        }
    ids = {str(row["activity_id"]) for found in rows.values() for row in found if row.get("activity_id")}
    titles = dict((await session.execute(select(Activity.id, Activity.title).where(Activity.id.in_(ids)))).all())
    person = await session.get_one(Person, person_id)
    return Exported(
        full_name(person) or person.id,
        now,
        rows,
        titles,
        await _answers(session, person_id, language, activity_id),
        await _files(session, person_id, activity_id),
    )


def without_addresses(exported: Exported) -> Exported:
    """Return the same without addresses and numbers: others read the mailbox to which its link came."""
    rows = {name: found for name, found in exported.rows.items() if name != Contact.__tablename__}
    return Exported(exported.name, exported.at, rows, exported.activities, exported.answers, exported.files)


def as_json(exported: Exported) -> str:
    """Write it for a program."""
    said = {
        "name": exported.name,
        "written_at": exported.at.isoformat(),
        "activities": dict(exported.activities),
        **exported.rows,
    }
    return json.dumps(said, ensure_ascii=False, indent=2)


def as_zip(exported: Exported, settings: Settings, language: Language) -> bytes:
    """Write it for people: a page to read, a table for each kind, the files, and the same for a program."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", _page(exported, settings, language))
        archive.writestr("data.json", as_json(exported))
        for name, rows in exported.rows.items():
            archive.writestr(f"csv/{name}.csv", _table(rows))
        for name, content in exported.files.items():
            archive.writestr(f"files/{name}", content)
    return packed.getvalue()


async def _drafts(session: AsyncSession, person_id: str) -> list[dict[str, Any]]:
    rows = await session.execute(
        select(Draft, Invitation.activity_id, Invitation.form)
        .join(Invitation, Invitation.id == Draft.invitation_id)
        .join(Participation, Participation.id == Invitation.participation_id)
        .where(Participation.person_id == person_id)
        .order_by(Draft.saved_at)
    )
    return [
        {"activity_id": activity, "form": form, "typed": draft.typed, "saved_at": draft.saved_at.isoformat()}
        for draft, activity, form in rows
    ]


async def _letters(session: AsyncSession, person_id: str) -> list[dict[str, Any]]:
    rows = await session.execute(
        select(Incoming, IncomingContent)
        .outerjoin(IncomingContent, IncomingContent.incoming_id == Incoming.id)
        .where(Incoming.person_id == person_id)
        .order_by(Incoming.received_at)
    )
    return [
        {
            "activity_id": row.activity_id,
            "kind": row.kind.value,
            "received_at": row.received_at.isoformat(),
            "sender": content.sender if content else None,
            "content": content.content.decode("utf-8", "replace") if content else None,
        }
        for row, content in rows
    ]


async def _replies(session: AsyncSession, person_id: str) -> list[dict[str, Any]]:
    rows = await session.scalars(
        select(ReplyText).where(ReplyText.person_id == person_id).order_by(ReplyText.received_at)
    )
    return [{"words": row.words, "received_at": row.received_at.isoformat()} for row in rows]


async def _answers(
    session: AsyncSession, person_id: str, language: Language, activity_id: str | None
) -> tuple[AnswerView, ...]:
    query = select(Submission.activity_id, Submission.id).where(Submission.person_id == person_id)
    if activity_id is not None:
        query = query.where(Submission.activity_id == activity_id)
    rows = (await session.execute(query.order_by(Submission.submitted_at, Submission.number))).all()
    nobody = frozenset[str]()
    return tuple([await answer_view(session, activity, key, language, formal_people=nobody) for activity, key in rows])


async def _files(session: AsyncSession, person_id: str, activity_id: str | None) -> dict[str, bytes]:
    query = select(Upload, UploadContent.content).join(UploadContent, UploadContent.upload_id == Upload.id)
    query = query.where(Upload.person_id == person_id)
    if activity_id is not None:
        query = query.where(Upload.activity_id == activity_id)
    rows = await session.execute(query.order_by(Upload.uploaded_at, Upload.id))
    return {f"{number:02}-{_plain(upload.name)}": content for number, (upload, content) in enumerate(rows, start=1)}


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)[-80:]


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(_cell(row.get(key))) for key in columns])
    return f"\ufeff{text.getvalue()}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _page(exported: Exported, settings: Settings, language: Language) -> str:
    """Write the page. It is opened without us, so everything stands in it, and nothing is fetched."""

    def say(text: Text, **values: object) -> str:
        return html.escape(text.filled(**values).to(language) if values else text.to(language))

    parts = [
        f'<!doctype html><html lang="{language.locale.replace("_", "-")}"><head><meta charset="utf-8">',
        f"<title>{say(_NAME, of=settings.mail_from_name, name=exported.name)}</title>",
        "<style>body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{border:1px solid #767676;padding:.25rem .5rem;text-align:left;"
        "vertical-align:top;overflow-wrap:anywhere}</style></head><body>",
        f"<h1>{say(_NAME, of=settings.mail_from_name, name=exported.name)}</h1>",
        f"<p>{say(_MADE, day=exported.at.date().isoformat())} {say(_RIGHTS)}</p>",
        f"<h2>{say(_ANSWERS)}</h2>",
    ]
    for answer in exported.answers:
        parts.append(f"<h3>{html.escape(answer.title)}</h3><dl>")
        for line in answer.lines:
            words = "<br>".join(html.escape(one) for one in line.lines)
            parts.append(f"<dt><strong>{html.escape(line.question_label)}</strong></dt><dd>{words}</dd>")
        parts.append("</dl>")
    if exported.files:
        parts.append(f"<h2>{say(_FILES)}</h2><ul>")
        parts += [f'<li><a href="files/{name}">{html.escape(name)}</a></li>' for name in exported.files]
        parts.append("</ul>")
    parts.append(f"<h2>{say(_TABLES)}</h2>")
    for name, rows in exported.rows.items():
        parts.append(f"<h3>{html.escape(name)}</h3>")
        for row in rows:
            parts.append("<table>")
            parts += [
                f'<tr><th scope="row">{html.escape(key)}</th><td>{html.escape(_named(value, exported))}</td></tr>'
                for key, value in row.items()
                if value not in (None, "", [], {})
            ]
            parts.append("</table><br>")
    parts.append(f"<h2>{say(_TERMS)}</h2><dl>")
    for kept in KEPT:
        parts.append(f"<dt><strong>{say(kept.title)}</strong></dt>")
        parts.append(f"<dd>{say(kept.purpose)}; {say(kept.basis)}; {say(kept.term_of(settings))}.</dd>")
    parts.append("</dl></body></html>")
    return "\n".join(parts)


def _named(value: Any, exported: Exported) -> str:
    return exported.activities.get(value, value) if isinstance(value, str) else _cell(value)
