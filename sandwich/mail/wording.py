"""From the messages that travel together to one finished mail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.own_text import Piece, Readers
from models.tables.mail import Message
from sandwich.mail import ics
from sandwich.mail.answerable import answerable
from sandwich.mail.case import Case, no_mail_page
from sandwich.mail.compose import Composed, Correspondent, Envelope, compose, own_domain
from sandwich.mail.contexts import steering
from sandwich.mail.contexts.parts import MailContext, Paper
from sandwich.mail.duty_entries import cancelled_duties
from sandwich.mail.entry_details import details_of
from sandwich.mail.ics import Invite, Meeting, Method
from sandwich.mail.mails import BUNDLE, MAILS, Mail, Travels, mail_of
from sandwich.mail.needed import NO_ADDRESS
from sandwich.mail.own_words import own_of
from sandwich.mail.render import OURS, Own, Rendered, Renderer, renderer
from sandwich.mail.tags import Use, tagged
from sandwich.services.appointments import LEFT, appointment_of, dated, sequence_for

CANCELLED = "cancelled"


@dataclass(frozen=True)
class Worded:
    """A finished mail, and the name of the template that it was made from."""

    mail: str
    composed: Composed


def kind_of(message: Message) -> Mail:
    """Return what is known of a message's mail."""
    return mail_of(message.mail, asks=message.invitation_id is not None)


async def worded(cases: Sequence[Case]) -> Worded:
    """Word one mail for messages to the same person; the first carries the others."""
    case = cases[0]
    name, rendered = await in_words(cases)
    composed = compose(case.settings, _envelope(case), rendered, await _invites(case))
    return Worded(name, composed)


async def in_words(cases: Sequence[Case]) -> tuple[str, Rendered]:
    """Return the words of one mail for messages to the same person, and the name of its template."""
    case = cases[0]
    words = renderer(case.settings.timezone)
    name, context = await _context(cases, words)
    context = answerable(cases, context)
    return name, words.render(name, case.language, context, own_for(case, name, context, words))


async def _context(cases: Sequence[Case], words: Renderer) -> tuple[str, MailContext]:
    case = cases[0]
    travels = {kind_of(each.message).travels for each in cases}
    if travels == {Travels.REMINDS}:
        reminder = await steering.reminders(cases)
        return case.message.mail, reminder.model_copy(update={"ask": await _asked_before(case, words)})
    if travels == {Travels.CALLS}:
        return case.message.mail, await steering.calls(cases)
    if len(cases) == 1:
        return case.message.mail, await kind_of(case.message).load(case)
    asking = [each for each in cases if kind_of(each.message).travels is not Travels.TELLS]
    telling = [each for each in cases if kind_of(each.message).travels is Travels.TELLS]
    lines = {line.ask: line for each in asking for line in steering.lines_of(each)}
    papers = [await _paper(each, words) for each in telling]
    return BUNDLE, await steering.bundle(case, list(lines.values()), papers)


async def _asked_before(case: Case, words: Renderer) -> str:
    """Return what the mail asked that a reminder follows, without the minutes, which the reminder says itself."""
    invitation = case.invitations()[0]
    context = await mail_of(invitation.mail, asks=True).load(case)
    ask = words.ask(invitation.mail, case.language, context, own_for(case, invitation.mail, context, words))
    return re.sub(r" \([^()]*\)$", "", ask)


async def _paper(case: Case, words: Renderer) -> Paper:
    name = case.message.mail
    context = await kind_of(case.message).load(case)
    own = own_for(case, name, context, words)
    section = words.section(name, case.language, context, own)
    heading = words.ask(name, case.language, context, own)
    return Paper(heading=heading[:1].upper() + heading[1:], as_text=section.text, as_html=str(section.html))


def own_for(case: Case, mail: str, context: MailContext, words: Renderer) -> Own:
    """Return what the school of the reader says in a mail instead of our words; who belongs to no school reads what
    that of the coordinator says. Where a school has nothing of its own, its region has.
    """
    word = _word_of(case) if mail == case.message.mail else ()
    if not case.reading.texts or mail not in MAILS:
        return replace(OURS, word=word) if word else OURS
    coordinator = case.reading.persons.get(case.activity.coordinator_id or "") if case.activity else None
    owners = [case.person.school_id or (coordinator.school_id if coordinator else None)]
    owners.append(case.activity.region_id if case.activity else None)
    readers = Readers.HOSTS if context.formal else Readers.SCHOOL
    pieces: dict[Piece, str] = {}
    for owner in owners:
        for row in case.reading.texts:
            if (row.owner_id, row.mail, row.language, row.readers) == (owner, mail, case.language, readers):
                pieces.setdefault(row.piece, row.words)
    own = own_of(pieces, context, words.words(case.language)) if pieces else OURS
    return replace(own, word=word) if word else own


def _word_of(case: Case) -> tuple[str, ...]:
    """Return the paragraphs that a coordinator put before this one mail."""
    return tuple(part for part in re.split(r"\n\s*\n", case.message.word or "") if part.strip())


def _envelope(case: Case) -> Envelope:
    box = case.mailbox()
    if box is None:
        raise case.lacks(NO_ADDRESS)
    coordinator = case.coordinator()
    reply_to = None
    if coordinator is not None and coordinator.mail is not None:
        reply_to = Correspondent(coordinator.name, _replies_to(case, coordinator.mail))
    settings, key = case.settings, case.message.id
    return Envelope(
        key=case.message.key,
        recipient=Correspondent(case.person.group_name or _name(case), box.address),
        reply_to=reply_to,
        language=case.language,
        now=case.now,
        thread=case.activity.id if case.activity else None,
        earlier=case.earlier(),
        returns_to=tagged(settings, Use.BOUNCE, key, box.address) if settings.reply_address else None,
        no_mail=no_mail_page(case),
    )


def _replies_to(case: Case, coordinator: str) -> str:
    """Return where a reply goes: past us, so that it is kept with its activity, or straight to the coordinator.

    What a coordinator is told about needs no answer that we would read.
    """
    if not case.settings.reply_address or case.activity is None or case.activity.coordinator_id == case.person.id:
        return coordinator
    return tagged(case.settings, Use.REPLY, case.message.id)


def _name(case: Case) -> str:
    found = case.reading.reachable(case.person.id)
    return found.name if found else ""


async def _invites(case: Case) -> tuple[Invite, ...]:
    """Return the calendar files of a mail; a cancellation only for what stands in a calendar and is still to come."""
    kind, activity = kind_of(case.message), case.activity
    if kind.entries is not None:
        return await kind.entries(case)
    duties = await cancelled_duties(case) if case.message.mail == CANCELLED else ()
    if kind.calendar is None or activity is None:
        return duties
    method, moments = kind.calendar, await dated(case.session, activity)
    if method is Method.CANCEL:
        found = await appointment_of(case.session, activity.id, case.person.id, but=case.message.id)
        moments = [row for row in moments if row.starts_at > case.now] if found.may_stand else []
    sequence = await sequence_for(case.session, activity, case.person.id, leaves=case.message.mail == LEFT)
    details = details_of(case, activity.title, activity.meets_at, sequence)
    meetings = [Meeting(activity.id, row.number, case.person.id, row.starts_at, row.ends_at) for row in moments]
    own = ics.invites(
        method,
        meetings,
        details,
        domain=own_domain(case.settings),
        timezone=case.settings.timezone,
        now=case.now,
    )
    return own + duties
