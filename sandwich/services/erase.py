"""Erase a person: their values go, what they did stays without a name, and the audit log still holds."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.activities import ANSWERABLE, Activity, ActivityStatus, Participation, Standing
from models.tables.api import ApiSecret, ApiToken
from models.tables.asking import Draft, Invitation, Upload, UploadContent
from models.tables.incoming import Incoming, IncomingContent
from models.tables.mail import Call, CallState, Message, MessageState
from models.tables.network import Company, Contact, Person, School
from models.tables.offices import HeldOffice
from models.tables.privacy import Confirmation
from models.tables.replies import ReplyText
from models.tables.running import LoginCode, WebSession
from sandwich.errors import BadInput, NotFound, StoreUnavailable
from sandwich.failpoints import failpoint
from sandwich.privacy.ledger import backups_there, note_erasure, spread
from sandwich.rules.redact import Known, Redaction
from sandwich.runtime import Runtime
from sandwich.services.card_index import index_card, index_those_naming
from sandwich.services.leave import leave
from sandwich.services.links import revoke_links
from sandwich.services.loaded import load
from sandwich.services.settle import settle
from sandwich.store.audit import lock_stream
from sandwich.store.chain import REGISTRY, erased_like, is_empty
from sandwich.store.personal import Redact, empty_own_columns, erase_values, redact_columns, redact_drafts

_ENDED = (ActivityStatus.FINISHED, ActivityStatus.CANCELLED)
_WAITING = (MessageState.QUEUED, MessageState.HELD)


@dataclass(frozen=True)
class Erasure:
    """What was done: how many kept values went, out of how many texts of others a name was taken.

    ``activities`` are those in which the person took part. ``is_scrubbed`` says that the database file was rewritten
    as well; otherwise somebody held it, and ``Store.scrub`` is still to be done. ``backups`` is how many that were made
    here and are still there hold the person.
    """

    values: int
    texts: int
    activities: tuple[str, ...]
    is_scrubbed: bool
    backups: int


async def erase_person(
    runtime: Runtime, person_id: str, *, now: datetime, actor: str, although_coordinates: bool = False
) -> Erasure:
    """Erase everything that says who this person is, in one transaction, and rewrite the database file.

    Counts, dates and what was agreed stay, under the person's number, which is put on the list of erasures. A mail that
    is just leaving is not called back, but nothing that comes of it is kept. A second time finds nothing more. Raises
    ``NotFound``, and ``BadInput`` for somebody who still coordinates an activity, for others depend on them, unless
    that was said to be so (``although_coordinates``).
    """
    async with runtime.store.change(now=now, actor=actor) as session:
        person = await _find(session, person_id, although_coordinates=although_coordinates)
        parts = list(await session.scalars(select(Participation).where(Participation.person_id == person_id)))
        activities = tuple(sorted({part.activity_id for part in parts}))
        for activity_id in activities:  # always in this order, so that no two wait for each other
            await (await session.connection()).run_sync(lock_stream, activity_id)
        redact = await _redaction(session, person, activities)
        names = await _names(session, person)
        await _discard_messages(session, person_id)
        await _leave_everywhere(session, runtime.settings.timezone, parts, now)
        await _clear_machinery(session, person_id, parts)
        for office in await session.scalars(
            select(HeldOffice).where(HeldOffice.person_id == person_id, HeldOffice.ended_at.is_(None))
        ):
            office.ended_at = now
        await _clear_person(session, person, now.astimezone(ZoneInfo(runtime.settings.timezone)))
        await empty_own_columns(session, person_id)
        texts = await redact_columns(session, redact) + await redact_drafts(session, redact)
        await _delete_letters_naming(session, redact)
        await session.flush()
        for activity_id in activities:
            await index_card(session, activity_id)
        await index_those_naming(session, names)
        values = await erase_values(session, person_id, redact, now)
        await note_erasure(session, person_id, now)
    await failpoint("erasure-committed")
    await spread(runtime)
    return Erasure(values, texts, activities, await _scrub(runtime), await backups_there(runtime))


async def _find(session: AsyncSession, person_id: str, *, although_coordinates: bool) -> Person:
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound(what="person", name=person_id)
    if although_coordinates:
        return person
    carries = select(Activity.id).where(Activity.coordinator_id == person_id, Activity.status.not_in(_ENDED))
    if await session.scalar(carries.limit(1)):
        raise BadInput(
            "This person still coordinates an activity. Give it to somebody else, or finish or cancel it first.",
            "Deze persoon coördineert nog een activiteit. Draag die eerst over, of rond haar af of annuleer haar.",
        )
    return person


async def _redaction(session: AsyncSession, person: Person, activities: tuple[str, ...]) -> Redact:
    addresses = await session.scalars(select(Contact.address).where(Contact.person_id == person.id))
    redaction = Redaction(
        Known(
            given=_known(person.given_name),
            infix=_known(person.infix),
            family=_known(person.family_name),
            addresses=tuple(address for address in addresses if not is_empty(address)),
            organisations=(*await session.scalars(select(Company.name)), *await session.scalars(select(School.name))),
        )
    )

    def redact(stream: str, table: str, column: str, value: Any) -> Any:
        is_organisation = (table, column) == (Company.__tablename__, "name")
        return redaction.of(value, close=stream in activities, strict=is_organisation)

    return redact


async def _names(session: AsyncSession, person: Person) -> list[str]:
    """Return the words that say who this is, also as the beginning of an address."""
    addresses = await session.scalars(select(Contact.address).where(Contact.person_id == person.id))
    said = [_known(person.given_name), _known(person.family_name), *(one.partition("@")[0] for one in addresses)]
    return [one for one in said if not is_empty(one)]


def _known(name: str | None) -> str:
    return "" if name is None or is_empty(name) else name


async def _discard_messages(session: AsyncSession, person_id: str) -> None:
    waiting = select(Message).where(Message.person_id == person_id, Message.state.in_(_WAITING))
    for message in await session.scalars(waiting):
        message.state, message.reason = MessageState.DISCARDED, "erased"


async def _leave_everywhere(session: AsyncSession, timezone: str, parts: list[Participation], now: datetime) -> None:
    """Withdraw from what still runs; in what has ended, that somebody took part is a fact without a name."""
    for part in sorted(parts, key=lambda part: part.activity_id):
        activity = await session.get_one(Activity, part.activity_id)
        if part.standing in ANSWERABLE and activity.status not in _ENDED:
            loaded = await load(session, timezone, activity.id)
            await leave(session, loaded, part, Standing.WITHDRAWN, now, why=None)
            await settle(session, loaded, now)
        await revoke_links(session, part.id, now)


async def _clear_machinery(session: AsyncSession, person_id: str, parts: list[Participation]) -> None:
    """Delete files, drafts and log-ins, and drop what others would still do about this person."""
    mine = select(Invitation.id).where(Invitation.participation_id.in_([part.id for part in parts]))
    uploads = await session.scalars(
        select(Upload).where((Upload.person_id == person_id) | Upload.invitation_id.in_(mine))
    )
    files = []
    for upload in uploads:
        upload.name = erased_like(upload.name)
        files.append(upload.id)
    await session.execute(delete(UploadContent).where(UploadContent.upload_id.in_(files)))
    letters = select(Incoming.id).where(Incoming.person_id == person_id)
    await session.execute(delete(IncomingContent).where(IncomingContent.incoming_id.in_(letters)))
    await session.execute(delete(Draft).where(Draft.invitation_id.in_(mine)))
    await session.execute(delete(ReplyText).where(ReplyText.person_id == person_id))
    await session.execute(delete(Confirmation).where(Confirmation.person_id == person_id))
    await session.execute(delete(LoginCode).where(LoginCode.person_id == person_id))
    await session.execute(delete(WebSession).where(WebSession.person_id == person_id))
    tokens = select(ApiToken.id).where(ApiToken.person_id == person_id)
    await session.execute(delete(ApiSecret).where(ApiSecret.token_id.in_(tokens)))
    calls = select(Call).where(Call.person_id == person_id, Call.state.in_([CallState.PLANNED, CallState.OPEN]))
    for call in await session.scalars(calls):
        call.state = CallState.DROPPED


async def _delete_letters_naming(session: AsyncSession, redact: Redact) -> None:
    """Delete mails as they came in, also those of others, in which the person stands; what they were is kept."""
    table = IncomingContent.__tablename__
    query = (
        select(IncomingContent, Incoming.activity_id)
        .join(Incoming, Incoming.id == IncomingContent.incoming_id)
        .execution_options(yield_per=20)
    )
    gone = [
        letter.incoming_id
        async for letter, activity_id in await session.stream(query)
        if (words := f"{letter.sender}\n{_words_of(letter.content)}")
        != redact(activity_id or REGISTRY, table, "content", words)
    ]
    await session.execute(delete(IncomingContent).where(IncomingContent.incoming_id.in_(gone)))


def _words_of(raw: bytes) -> str:
    """Return everything that a mail says, its headers too, however it is packed."""
    letter = message_from_bytes(raw, policy=compat32)
    said = [raw.decode("utf-8", "replace")]
    for part in letter.walk():
        for value in part.values():
            with suppress(LookupError, ValueError):  # a header that nobody can read stands as it came above
                said.append(str(make_header(decode_header(str(value)))))
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            try:
                said.append(content.decode(part.get_content_charset("utf-8"), "replace"))
            except (LookupError, ValueError):  # no such character set, or a name that can be none's
                said.append(content.decode("latin-1"))
    return "\n".join(said)


async def _clear_person(session: AsyncSession, person: Person, today: datetime) -> None:
    """Take the person out of use. Nothing can be looked up by an address of theirs any more."""
    person.erased_on = person.erased_on or today.date()
    person.no_mail = True
    person.code = None  # no two people can have the same, so not what stands elsewhere for what was erased
    person.away_from = person.away_until = None
    person.is_coordinator = person.is_school_leader = person.is_timetabler = False
    for contact in await session.scalars(select(Contact).where(Contact.person_id == person.id)):
        contact.is_valid = False
        contact.lookup = None


async def _scrub(runtime: Runtime) -> bool:
    try:
        await runtime.store.scrub()
    except StoreUnavailable:
        return False
    return True
