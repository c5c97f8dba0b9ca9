"""A code to somebody's own mailbox, for what a link alone is not enough for: a link is passed on easily.

Ten minutes, one use, few tries, on real time. Only a keyed hash is stored; the digits follow from the row's id and the
installation's secret, so that the mail is worded when it leaves.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.base import new_id
from models.tables.network import Contact, ContactKind
from models.tables.privacy import Confirmation
from sandwich.errors import BadInput
from sandwich.runtime import Runtime
from sandwich.services.asking import has_shared_mailbox
from sandwich.services.links import OpenedLink
from sandwich.services.outbox import queue
from sandwich.settings import Settings

MAIL = "privacy-code"
"""The mail that brings the code."""

VALID = timedelta(minutes=10)
MOST_TRIES = 5
MOST_AN_HOUR = 5
"""How many codes somebody is mailed in an hour."""


class CodeOver(BadInput):
    """That code does not work any more. Ask for a new one."""

    def __init__(self) -> None:
        super().__init__(
            "That code does not work any more. Ask for a new one.", "Die code werkt niet meer. Vraag een nieuwe aan."
        )


async def has_own_mailbox(session: AsyncSession, person_id: str) -> bool:
    """Whether a mail reaches this person and nobody else."""
    if await has_shared_mailbox(session, person_id):
        return False
    found = select(Contact.id).where(Contact.person_id == person_id, Contact.kind == ContactKind.MAIL, Contact.is_valid)
    return await session.scalar(found.limit(1)) is not None


async def is_asked(session: AsyncSession, person_id: str, real: datetime) -> bool:
    """Whether a code is on its way or there to be typed."""
    return await _open(session, person_id, real) is not None


async def mail_code(runtime: Runtime, link: OpenedLink, *, now: datetime, real: datetime) -> None:
    """Mail a code to whoever a link belongs to. Raises ``BadInput`` where others read that mailbox, or too often."""
    async with runtime.store.change(now=now, actor=link.person_id, stream=link.activity_id) as session:
        if not await has_own_mailbox(session, link.person_id):
            raise BadInput(
                "There is no mailbox that only you read. Ask the coordinator, by the form for a privacy request.",
                "Er is geen postvak dat alleen van jou is. Vraag het de coördinator, met het formulier voor een "
                "privacyverzoek.",
            )
        asked = await session.scalar(
            select(func.count())
            .select_from(Confirmation)
            .where(Confirmation.person_id == link.person_id, Confirmation.asked_at > real - timedelta(hours=1))
        )
        if (asked or 0) >= MOST_AN_HOUR:
            raise BadInput(
                "You asked for a code several times. Look into your mailbox, or try again in an hour.",
                "Je vroeg al een paar keer om een code. Kijk in je postvak, of probeer het over een uur opnieuw.",
            )
        key = new_id()
        session.add(
            Confirmation(
                id=key,
                person_id=link.person_id,
                code_hash=_hash(runtime.settings, key, digits_of(runtime.settings, key)),
                asked_at=real,
                tries=0,
            )
        )
        await queue(
            session,
            key=f"{MAIL}:{key}",
            mail=MAIL,
            person_id=link.person_id,
            activity_id=link.activity_id,
            participation_id=link.participation_id,
            about={"confirmation": key},
            due_at=now,
            now=now,
        )


async def confirm(runtime: Runtime, person_id: str, code: str, *, real: datetime) -> None:
    """Return when the newest code of a person was typed; each wrong one counts. Raises ``BadInput``."""
    typed = "".join(code.split())
    async with runtime.store.maintain() as session:
        row = await _open(session, person_id, real)
        if row is None:
            raise CodeOver
        if hmac.compare_digest(row.code_hash, _hash(runtime.settings, row.id, typed)):
            row.used_at = real
            return
        row.tries += 1
        left = MOST_TRIES - row.tries
    if left <= 0:
        raise CodeOver
    raise BadInput(
        f"That code is not right. Type the six digits of the newest mail; you can try {left} more times.",
        f"Die code klopt niet. Typ de zes cijfers uit de nieuwste mail; je kunt het nog {left} keer proberen.",
    )


def digits_of(settings: Settings, key: str) -> str:
    """Return the six digits of a code, for the mail that brings it."""
    return f"{int.from_bytes(_derive(settings, f'digits:{key}')[:8]) % 1_000_000:06d}"


async def _open(session: AsyncSession, person_id: str, real: datetime) -> Confirmation | None:
    row = await session.scalar(
        select(Confirmation)
        .where(Confirmation.person_id == person_id)
        .order_by(Confirmation.asked_at.desc(), Confirmation.id)
        .limit(1)
    )
    if row is None or row.used_at is not None or row.tries >= MOST_TRIES:
        return None
    return row if row.asked_at <= real < row.asked_at + VALID else None


def _derive(settings: Settings, about: str) -> bytes:
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"confirm:{about}".encode(), hashlib.sha256).digest()


def _hash(settings: Settings, key: str, code: str) -> str:
    # Keyed: six digits could be guessed from a plain hash by whoever reads the database.
    return _derive(settings, f"{key}:{code}").hex()
