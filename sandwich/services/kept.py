"""What is kept of somebody, as they see it behind their own link: how they are reached, and one activity. Reads only.

A link opens one activity (decision 52): what somebody said in another one is read behind the link of that one, and all
of it together is given out by a person who knows whom they give it to (``own_data``).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.channels import ConsentChannel
from models.tables.activities import Activity, Participation, Standing
from models.tables.asking import Submission, Upload
from models.tables.incoming import Incoming
from models.tables.mail import Message, MessageState
from models.tables.network import Channel, Company, Contact, ContactKind, School
from models.text import Language, Text
from sandwich import labels
from sandwich.rules.names import full_name
from sandwich.runtime import Runtime
from sandwich.services.answer_views import AnswerView, answer_view
from sandwich.services.asking import Frame, frame_of
from sandwich.services.links import OpenedLink
from sandwich.services.loaded import load
from sandwich.services.photo_consent import standing_consents

_ARRIVED = (MessageState.SENT, MessageState.UNKNOWN)


@dataclass(frozen=True)
class KeptContact:
    """One address or number; one that is not in use any more is kept until somebody removes it."""

    kind: ContactKind
    address: str
    is_valid: bool


@dataclass(frozen=True)
class KeptPart:
    """What somebody is, or was, in the activity."""

    role: Text
    standing: Standing
    since: datetime


@dataclass(frozen=True)
class KeptFile:
    """A file that somebody sent; ``id`` is where it can be read."""

    id: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Kept:
    """What is kept of one person: how they are reached, and everything of one activity.

    ``contacts`` is ``None`` where others read the mailbox that the link came to. ``mails`` counts what they were
    sent, ``letters`` what they wrote back; ``others`` are the other activities that know them.
    """

    name: str
    works_at: str | None
    job_title: str | None
    language: Language
    channel: Channel
    best_time: str | None
    no_mail: bool
    contacts: tuple[KeptContact, ...] | None
    parts: tuple[KeptPart, ...]
    answers: tuple[AnswerView, ...]
    consents: tuple[tuple[ConsentChannel, bool], ...]
    files: tuple[KeptFile, ...]
    mails: int
    last_mail_at: datetime | None
    letters: int
    others: tuple[str, ...]


async def kept_of(runtime: Runtime, link: OpenedLink) -> tuple[Kept, Frame]:
    """Return what is kept of the person whom a link belongs to, and what stands around the page that shows it."""
    async with runtime.store.read() as session:
        loaded = await load(session, runtime.settings.timezone, link.activity_id)
        frame = await frame_of(session, loaded, loaded.participation(link.participation_id))
        person = loaded.persons[link.person_id]
        mine = [item for item in loaded.participations if item.person_id == person.id]
        consents = await standing_consents(session, link.activity_id)
        mails, last_mail_at = await _mails(session, link)
        found = Kept(
            name=full_name(person),
            works_at=await _works_at(session, person.school_id, person.company_id),
            job_title=person.job_title,
            language=person.language,
            channel=person.channel,
            best_time=person.best_time,
            no_mail=person.no_mail,
            contacts=None if frame.shares_mailbox else await _contacts(session, person.id),
            parts=tuple(KeptPart(labels.ROLE[item.role], item.standing, item.added_at) for item in mine),
            answers=await _answers(session, link),
            consents=tuple((one, consents[person.id, one]) for one in ConsentChannel if (person.id, one) in consents),
            files=await _files(session, link),
            mails=mails,
            last_mail_at=last_mail_at,
            letters=await _letters(session, link),
            others=await _others(session, link),
        )
    return found, frame


async def _works_at(session: AsyncSession, school_id: str | None, company_id: str | None) -> str | None:
    school = await session.get(School, school_id) if school_id else None
    company = await session.get(Company, company_id) if company_id else None
    return school.name if school else company.name if company else None


async def _contacts(session: AsyncSession, person_id: str) -> tuple[KeptContact, ...]:
    rows = await session.scalars(
        select(Contact).where(Contact.person_id == person_id).order_by(Contact.kind, Contact.position)
    )
    return tuple(KeptContact(row.kind, row.address, row.is_valid) for row in rows)


async def _answers(session: AsyncSession, link: OpenedLink) -> tuple[AnswerView, ...]:
    """Return what somebody sent, the newest version of each answer, in the order of when it came."""
    rows = await session.scalars(
        select(Submission)
        .where(Submission.activity_id == link.activity_id, Submission.person_id == link.person_id)
        .order_by(Submission.submitted_at, Submission.number)
    )
    newest = {row.invitation_id or row.id: row.id for row in rows}
    formal = frozenset({link.person_id}) if link.formal else frozenset()
    return tuple(
        [
            await answer_view(session, link.activity_id, key, link.language, formal_people=formal)
            for key in newest.values()
        ]
    )


async def _files(session: AsyncSession, link: OpenedLink) -> tuple[KeptFile, ...]:
    rows = await session.scalars(
        select(Upload)
        .where(Upload.activity_id == link.activity_id, Upload.person_id == link.person_id)
        .order_by(Upload.uploaded_at, Upload.id)
    )
    return tuple(KeptFile(row.id, row.name or "", row.uploaded_at) for row in rows)


async def _mails(session: AsyncSession, link: OpenedLink) -> tuple[int, datetime | None]:
    rows = await session.execute(
        select(func.count(), func.max(Message.sent_at)).where(
            Message.activity_id == link.activity_id,
            Message.person_id == link.person_id,
            Message.state.in_(_ARRIVED),
        )
    )
    count, last = rows.one()
    return count, last


async def _letters(session: AsyncSession, link: OpenedLink) -> int:
    found = await session.scalar(
        select(func.count())
        .select_from(Incoming)
        .where(Incoming.activity_id == link.activity_id, Incoming.person_id == link.person_id)
    )
    return found or 0


async def _others(session: AsyncSession, link: OpenedLink) -> tuple[str, ...]:
    rows = await session.scalars(
        select(Activity.title)
        .join(Participation, Participation.activity_id == Activity.id)
        .where(Participation.person_id == link.person_id, Activity.id != link.activity_id)
        .distinct()
        .order_by(Activity.title)
    )
    return tuple(rows)
