"""What people put right about themselves: their name and number at once; an address only by who knows them.

Mail to somebody is how they prove who they are: whoever came by a link that was passed on must not have it sent to
themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.tables.asking import Via
from models.tables.network import Contact, ContactKind, Person
from models.text import Misfit, Text
from sandwich.errors import SandwichError
from sandwich.runtime import Runtime
from sandwich.services.collect import report_change
from sandwich.services.importing.cells import read_mail, read_phone
from sandwich.services.links import OpenedLink
from sandwich.services.told import PRIVACY

LONGEST = 80
FIELDS = ("given_name", "infix", "family_name", "phone", "mail")


class NotCorrected(SandwichError):
    """Something cannot be kept like this."""

    dutch = "Er is iets dat zo niet bewaard kan worden."

    def __init__(self, problems: Mapping[str, Text]) -> None:
        """Take what is wrong, by field."""
        super().__init__()
        self.problems = dict(problems)


@dataclass(frozen=True)
class Known:
    """What somebody can put right, as it stands."""

    given_name: str
    infix: str
    family_name: str
    phone: str
    mail: str


async def known_of(session: AsyncSession, person_id: str) -> Known:
    """Return what somebody can put right about themselves."""
    person = await session.get_one(Person, person_id)
    return Known(
        person.given_name or "",
        person.infix or "",
        person.family_name or "",
        await _address(session, person_id, ContactKind.PHONE),
        await _address(session, person_id, ContactKind.MAIL),
    )


async def correct(
    runtime: Runtime, link: OpenedLink, typed: Mapping[str, str], *, now: datetime, key: str
) -> tuple[bool, bool]:
    """Write down what somebody put right; returns whether anything changed at once, and whether a coordinator is asked.

    Raises ``NotCorrected``; then nothing was changed.
    """
    said = {name: " ".join(typed.get(name, "").split()) for name in FIELDS}
    async with runtime.store.read() as session:
        before = await known_of(session, link.person_id)
    problems = _problems(said, before)
    if problems:
        raise NotCorrected(problems)
    changed = [name for name in FIELDS if name != "mail" and said[name] != getattr(before, name)]
    if changed:
        async with runtime.store.change(now=now, actor=link.person_id) as session:
            person = await session.get_one(Person, link.person_id)
            for name in changed:
                if name == "phone":
                    await _put_phone(session, link.person_id, said["phone"])
                else:
                    setattr(person, name, said[name] or None)
    asks = said["mail"].casefold() != before.mail.casefold() and bool(said["mail"])
    if asks:
        words = Text(nl="Nieuw mailadres: {mail}", en="New mail address: {mail}").filled(mail=said["mail"])
        posted = {
            "kind": ["correct"],
            "about": ["everything"],
            "text": [words.to(link.language)],
            "reply": ["mail"],
        }
        await report_change(runtime, link.participation_id, PRIVACY, posted, now=now, key=key, via=Via.WEB)
    return bool(changed), asks


def _problems(said: Mapping[str, str], before: Known) -> dict[str, Text]:
    problems: dict[str, Text] = {}
    if not said["given_name"] and not said["family_name"]:
        problems["given_name"] = Text(nl="Een naam hebben we nodig.", en="We need a name.")
    for name in ("given_name", "infix", "family_name"):
        if len(said[name]) > LONGEST:
            problems[name] = Text(
                nl=f"Dit is langer dan {LONGEST} tekens.", en=f"This is longer than {LONGEST} characters."
            )
    for name, read in (("phone", read_phone), ("mail", read_mail)):
        if said[name] and said[name] != getattr(before, name):
            try:
                read(said[name])
            except Misfit as misfit:
                problems[name] = misfit.text
    return problems


async def _address(session: AsyncSession, person_id: str, kind: ContactKind) -> str:
    found = await session.scalar(
        select(Contact.address)
        .where(Contact.person_id == person_id, Contact.kind == kind, Contact.is_valid)
        .order_by(Contact.position)
        .limit(1)
    )
    return found or ""


async def _put_phone(session: AsyncSession, person_id: str, number: str) -> None:
    rows = list(
        await session.scalars(
            select(Contact)
            .where(Contact.person_id == person_id, Contact.kind == ContactKind.PHONE)
            .order_by(Contact.position)
        )
    )
    known = next((row for row in rows if row.is_valid), None)
    if known is None and number:
        position = max((row.position for row in rows), default=-1) + 1
        session.add(Contact(person_id=person_id, kind=ContactKind.PHONE, address=number, position=position))
    elif known is not None and number:
        known.address = number
    elif known is not None:
        known.is_valid = False
