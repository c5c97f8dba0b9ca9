"""Take a reply to one of our mails: what it answers with certainty is an answer, everything else a call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.form import Form
from models.tables.activities import Activity, ActivityStatus
from models.tables.asking import Draft, Invitation, Submission, Via
from models.tables.mail import Call, Message
from models.tables.replies import ReplyText
from models.text import Language
from sandwich.errors import BadInput, NotFound
from sandwich.failpoints import failpoint
from sandwich.mail.replies.layout import Item, items_of
from sandwich.mail.replies.plain import tidy
from sandwich.mail.replies.read import Certainty, ReadBack, read_back
from sandwich.mail.replies.wishes import Wish, wish_in
from sandwich.rules.answers import read_answers
from sandwich.rules.form_fields import Rows
from sandwich.runtime import Runtime
from sandwich.services.asking import TAKES_NO_ANSWER, has_shared_mailbox
from sandwich.services.calls import forget_words, open_call
from sandwich.services.collect import report_change, save_draft, submit
from sandwich.services.links import is_formal
from sandwich.services.loaded import load
from sandwich.services.outbox import asked_in
from sandwich.services.repeats import was_sent
from sandwich.services.reply_forms import forms_to_reply_to
from sandwich.services.settle import settle
from sandwich.services.sources import fill
from sandwich.services.versions import forms_of

DOUBT, AFTER, WORDS = "reply", "reply-after", "reply-words"
_WISHES = {Wish.LATER: "reply-later", Wish.NOT_ME: "reply-not-me", Wish.STOP: "reply-stop"}
MOST_WORDS = 4000
"""Characters of a reply that stand on the board."""


@dataclass(frozen=True)
class Taken:
    """What became of a reply: invitations that it answered, those of which a part is kept as a draft, and the call."""

    answered: tuple[str, ...] = ()
    drafted: tuple[str, ...] = ()
    call_id: str | None = None
    what: str | None = None


@dataclass(frozen=True)
class _Question:
    """One form that the mail asked, as it stands now, with what the reply says to it."""

    invitation: Invitation
    form: Form
    rows: Rows
    last: Submission | None
    draft: Mapping[str, Any] | None
    posted: dict[str, list[str]]
    is_doubtful: bool


@dataclass(frozen=True)
class _Letter:
    """A reply with everything that it is about."""

    activity: Activity
    person_id: str
    participation_id: str | None
    language: Language
    formal: bool
    is_theirs: bool
    items: tuple[Item, ...]
    read: ReadBack
    text: str
    step: str | None
    questions: tuple[_Question, ...] = field(default=())

    def words(self) -> str:
        """Return what a coordinator reads of it: free words first, then each answer below its question."""
        labels = {item.code: item.label for item in self.items}
        parts = [self.read.free, *(f"{labels[code]}\n{found.said}" for code, found in self.read.found.items())]
        said = "\n\n".join(part for part in parts if part.strip())
        return (said or tidy(self.text).strip())[:MOST_WORDS]


async def take_reply(
    runtime: Runtime,
    *,
    message_id: str,
    text: str,
    key: str,
    now: datetime,
    is_theirs: bool = True,
    is_whole: bool = True,
) -> Taken:
    """Take what a person wrote back to our message ``message_id``; ``text`` with all that it quotes.

    Each step is a transaction of its own, and the same ``key`` again changes nothing: whoever has a mail in hand when a
    process dies gives it once more. ``is_theirs`` is false where it came from another address than it was asked at;
    ``is_whole`` where there is something beside the text that nobody read, such as an encrypted part. Raises
    ``NotFound``.
    """
    letter = await _open(runtime, message_id, text, now, is_theirs)
    if letter is None or (letter.read.is_empty and is_whole):
        return Taken()
    wish = wish_in(letter.read.free) if not letter.read.found else None
    if wish is Wish.NO_MAIL and letter.is_theirs and letter.participation_id is not None:
        outcome = await report_change(
            runtime, letter.participation_id, "privacy-request", _NO_MAIL, now=now, key=f"mail-{key}", via=Via.MAIL
        )
        if outcome.accepted:
            return Taken(what="no-mail")
    answered, drafted, about = await _take(runtime, letter, key, now)
    what, invitation = about or (None, None)
    if wish is not None:
        what = _WISHES.get(wish, DOUBT)
        invitation = letter.questions[0].invitation if letter.questions else None
    elif what is None and (letter.read.is_strange or not is_whole):
        what, invitation = DOUBT, letter.questions[0].invitation if letter.questions else None
    elif what is None and letter.read.free:
        what = WORDS
    call_id = await _call(runtime, letter, what, invitation, key, now) if what is not None else None
    await failpoint("reply-taken")
    return Taken(tuple(answered), tuple(drafted), call_id, what)


_NO_MAIL: dict[str, list[str]] = {"kind": ["no-mail"], "about": ["everything"], "reply": ["mail"]}


async def _open(runtime: Runtime, message_id: str, text: str, now: datetime, is_theirs: bool) -> _Letter | None:
    """Read the reply beside everything that its mail asked; ``None`` for a mail about no activity."""
    async with runtime.store.read() as session:
        message = await session.get(Message, message_id)
        if message is None:
            raise NotFound(what="message", name=message_id)
        if message.activity_id is None:
            return None
        loaded = await load(session, runtime.settings.timezone, message.activity_id)
        person = loaded.persons.get(message.person_id)
        own = next((one for one in loaded.participations if one.id == message.participation_id), None)
        invitations = await _asked(session, message)
        forms = await forms_of(session, {one.form_digest for one in invitations})
        language = Language(person.language) if person is not None else runtime.settings.language
        formal = own is not None and is_formal(own.role)
        pairs = [(one, forms[one.form_digest]) for one in invitations]
        items = items_of(
            forms_to_reply_to(loaded.activity, loaded.zone, loaded.playbook, pairs), language, formal=formal
        )
        read = read_back(text, items, language)
        questions = []
        for invitation, form in pairs:
            found = [(item, read.found[item.code]) for item in items if item.code in read.found]
            mine = [one for item, one in found if item.invitation_id == invitation.id]
            if not mine:
                continue
            seat = loaded.participation(invitation.participation_id)
            rows, _ = await fill(session, runtime.library, loaded, seat, form, invitation.step)
            draft = await session.get(Draft, invitation.id)
            questions.append(
                _Question(
                    invitation,
                    form,
                    rows,
                    await _last(session, invitation.id),
                    draft.typed if draft else None,
                    {name: values for one in mine for name, values in one.posted.items()},
                    any(one.certainty is Certainty.DOUBTFUL for one in mine),
                )
            )
        return _Letter(
            activity=loaded.activity,
            person_id=message.person_id,
            participation_id=message.participation_id,
            language=language,
            formal=formal,
            is_theirs=is_theirs and not await has_shared_mailbox(session, message.person_id),
            items=items,
            read=read,
            text=text,
            step=invitations[0].step if invitations else None,
            questions=tuple(questions),
        )


async def _asked(session: AsyncSession, message: Message) -> list[Invitation]:
    """Return what a mail asked, that of the messages that went along in it too."""
    carried = await session.scalars(select(Message).where(Message.carrier_id == message.id).order_by(Message.id))
    ids = list(dict.fromkeys(key for one in (message, *carried) for key in asked_in(one)))
    rows = {row.id: row for row in await session.scalars(select(Invitation).where(Invitation.id.in_(ids)))}
    return [rows[key] for key in ids if key in rows]


async def _last(session: AsyncSession, invitation_id: str) -> Submission | None:
    found: Submission | None = await session.scalar(
        select(Submission).where(Submission.invitation_id == invitation_id).order_by(Submission.number.desc()).limit(1)
    )
    return found


async def _take(
    runtime: Runtime, letter: _Letter, key: str, now: datetime
) -> tuple[list[str], list[str], tuple[str, Invitation] | None]:
    """Store what is certain; return what was answered, what was begun, and the first thing that is not certain."""
    answered: list[str] = []
    drafted: list[str] = []
    about: tuple[str, Invitation] | None = None
    for one in letter.questions:
        became = await _take_one(runtime, letter, one, key, now)
        if became.answered:
            answered.append(one.invitation.id)
        if became.drafted:
            drafted.append(one.invitation.id)
        if became.what is not None:
            about = about or (became.what, one.invitation)
    return answered, drafted, about


@dataclass(frozen=True)
class _Became:
    answered: bool = False
    drafted: bool = False
    what: str | None = None


async def _take_one(runtime: Runtime, letter: _Letter, one: _Question, key: str, now: datetime) -> _Became:
    invitation_id, page = one.invitation.id, f"mail-{key}"
    if await was_sent(runtime, invitation_id, page):
        return _Became(answered=True)
    if not letter.is_theirs or one.invitation.state in TAKES_NO_ANSWER:
        return _Became(what=DOUBT)
    if letter.activity.status is ActivityStatus.CANCELLED:
        return _Became(what=DOUBT)
    reading = read_answers(one.form, one.posted, one.rows, letter.language, letter.formal, draft=True)
    if one.last is not None:
        stands = one.last.answers or {}
        is_same = not one.is_doubtful and all(stands.get(name) == value for name, value in reading.answers.items())
        return _Became() if is_same else _Became(what=AFTER)
    if one.draft is not None and one.draft != one.posted:
        return _Became(what=DOUBT)
    hidden = {name.partition(".")[0] for name in one.posted} - {name.partition(".")[0] for name in reading.answers}
    if not one.is_doubtful and not hidden:
        try:
            outcome = await submit(runtime, invitation_id, one.posted, now=now, key=page, via=Via.MAIL)
        except BadInput:
            return _Became(what=DOUBT)
        if outcome.accepted:
            return _Became(answered=True)
        is_missing_only = not {name.partition(".")[0] for name in outcome.problems}.intersection(
            name.partition(".")[0] for name in one.posted
        )
        kept = await save_draft(runtime, invitation_id, one.posted, now=now)
        return _Became(drafted=kept, what=None if kept and is_missing_only else DOUBT)
    kept = bool(one.posted) and await save_draft(runtime, invitation_id, one.posted, now=now)
    return _Became(drafted=kept, what=DOUBT)


async def _call(
    runtime: Runtime, letter: _Letter, what: str, invitation: Invitation | None, key: str, now: datetime
) -> str | None:
    """Let the coordinator read the reply, beside the form where it is about one; once for each reply."""
    activity_id = letter.activity.id
    async with runtime.store.change(now=now, actor=letter.person_id, stream=activity_id) as session:
        activity = await session.get_one(Activity, activity_id)
        call = await open_call(
            session,
            activity,
            what,
            key=f"reply:{key}",
            now=now,
            step=invitation.step if invitation else letter.step,
            invitation_id=invitation.id if invitation else None,
            person_id=letter.person_id,
        )
        if call is None:
            found: str | None = await session.scalar(select(Call.id).where(Call.key == f"reply:{key}"))
            return found
        await forget_words(session)
        session.add(ReplyText(call_id=call.id, person_id=letter.person_id, words=letter.words(), received_at=now))
        if activity.status is not ActivityStatus.CANCELLED:
            await settle(session, await load(session, runtime.settings.timezone, activity_id), now)
        return call.id
