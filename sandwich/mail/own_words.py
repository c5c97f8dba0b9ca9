"""Own texts: which pieces of which mails a school may word itself, and with which placeholders.

No template language: ``{date}`` is replaced by what a mail has for it, once; anything else stays the text that it is.
"""

import re
from collections.abc import Mapping

from models.own_text import Piece, Readers
from models.text import Language, Text
from sandwich.errors import SandwichError
from sandwich.mail import clean
from sandwich.mail.contexts.parts import ActivityContext, AskContext, MailContext
from sandwich.mail.mails import MAILS
from sandwich.mail.render import Own
from sandwich.mail.words import Words

LONGEST = {Piece.ASK: 120, Piece.OPENING: 2000, Piece.CLOSING: 2000}
"""How many characters a piece may have."""

MEANING = {
    "activity": Text(nl="de titel van de activiteit", en="the title of the activity"),
    "reader": Text(
        nl="wie het leest: een voornaam, bij *u* de hele naam", en="who reads it: a first name, or all of it"
    ),
    "company": Text(nl="het bedrijf of de school die ontvangt", en="the company or school that receives"),
    "coordinator": Text(nl="de naam van de coördinator", en="the coordinator's name"),
    "phone": Text(nl="het telefoonnummer van de coördinator", en="the coordinator's phone number"),
    "kind": Text(nl="de soort activiteit", en="the kind of activity"),
    "date": Text(nl="de eerste dag: donderdag 5 november", en="the first day: Thursday 5 November"),
    "time": Text(nl="wanneer het dan begint: 13:30 uur", en="when it begins then: 13:30"),
    "place": Text(nl="waar het is", en="where it is"),
    "teachers": Text(nl="hoeveel docenten er komen: drie docenten", en="how many teachers come: three teachers"),
    "minutes": Text(nl="hoe lang het antwoord duurt: 4 minuten", en="how long an answer takes: 4 minutes"),
    "deadline": Text(nl="vóór welke dag: donderdag 22 oktober", en="before which day: Thursday 22 October"),
}
"""All placeholders, and what each becomes."""

_OF_EVERY = ("activity", "reader", "company", "coordinator", "phone")
_OF_ACTIVITY = ("kind", "date", "time", "place", "teachers")
_OF_ASK = ("minutes", "deadline")

_BEFORE = {Language.DUTCH: "Graag vóór {day}.", Language.ENGLISH: "Before {day}, please."}

# Braces that stand double are no placeholder: they are what somebody wrote.
_PLACEHOLDER = re.compile(r"(?<!\{)\{\s*(\w+)\s*\}(?!\})")

OURS_ALONE = frozenset({"login-code", "privacy-code", "week", "new-cards"})
"""Mails that nobody words otherwise: those with a code must look the same for ever, the others are all data."""

TO_HOSTS = frozenset(
    {
        "request",
        "task-division",
        "goals-to-host",
        "thank-you",
        "host-evaluation",
        "host-preview",
        "feedback-host",
        "result-to-host",
        "profile",
    }
)
"""Mails that say *u* alone."""

TO_BOTH = frozenset(
    {
        "ask",
        "tell",
        "release",
        "new-version",
        "agreed",
        "refused",
        "duty",
        "practical-info",
        "day-reminder",
        "pair-proposal",
        "matches",
        "rounds",
        "reminder",
        "moved",
        "online",
        "fewer",
        "cancelled",
        "meeting-off",
        "left",
        "resumed",
        "on-hold",
        "own-link",
        "privacy-received",
    }
)
"""Mails that say *je* to some readers and *u* to others."""


class MailHasNoOwnText(SandwichError):
    """There is no mail {mail} that can be worded otherwise. There are: {known}."""

    dutch = "Er is geen mail {mail} die je zelf kunt verwoorden. Er zijn: {known}."


class NotTheirMail(SandwichError):
    """The mail {mail} does not go to these readers. It goes to: {readers}."""

    dutch = "De mail {mail} gaat niet naar deze lezers. Hij gaat naar: {readers}."


class PlaceholderUnknown(SandwichError):
    """{unknown}: nothing in the mail {mail} has this name. There are: {known}. Nothing was changed."""

    dutch = "{unknown}: zo heet niets in de mail {mail}. Er zijn: {known}. Er is niets veranderd."


class TextTooLong(SandwichError):
    """This text has {count} characters, and {most} is the most. Nothing was changed."""

    dutch = "Deze tekst heeft {count} tekens, en {most} is het meeste. Er is niets veranderd."


class TextEmpty(SandwichError):
    """There are no words in this text. To go back to the text that we ship, reset it. Nothing was changed."""

    dutch = "In deze tekst staan geen woorden. Terug naar de gewone tekst kan met herstellen. Er is niets veranderd."


def mails() -> list[str]:
    """Return the mails that a school may word otherwise, in the order of the field."""
    return [name for name in MAILS if name not in OURS_ALONE]


def readers_of(mail: str) -> tuple[Readers, ...]:
    """Return whom a mail goes to; raises :class:`MailHasNoOwnText`."""
    if mail not in mails():
        raise MailHasNoOwnText(mail=mail, known=", ".join(mails()))
    if mail in TO_BOTH:
        return (Readers.SCHOOL, Readers.HOSTS)
    return (Readers.HOSTS,) if mail in TO_HOSTS else (Readers.SCHOOL,)


def names_of(mail: str) -> tuple[str, ...]:
    """Return the placeholders that a mail has; raises :class:`MailHasNoOwnText`."""
    readers_of(mail)
    context = MAILS[mail].context
    return (
        *_OF_EVERY,
        *(_OF_ACTIVITY if issubclass(context, ActivityContext) else ()),
        *(_OF_ASK if issubclass(context, AskContext) else ()),
    )


def check(mail: str, readers: Readers, piece: Piece, words: str) -> str:
    """Return ``words`` as they are kept; raises what is wrong with them, and nothing is kept then."""
    if readers not in readers_of(mail):
        raise NotTheirMail(mail=mail, readers=", ".join(readers_of(mail)))
    kept = "\n\n".join(_paragraphs(words)) if piece is not Piece.ASK else clean.header_text(words)
    if not kept:
        raise TextEmpty
    if len(kept) > LONGEST[piece]:
        raise TextTooLong(count=len(kept), most=LONGEST[piece])
    known = names_of(mail)
    unknown = [f"{{{name}}}" for name in dict.fromkeys(_PLACEHOLDER.findall(kept)) if name not in known]
    if unknown:
        raise PlaceholderUnknown(
            unknown=", ".join(unknown), mail=mail, known=", ".join(f"{{{name}}}" for name in known)
        )
    return kept


def own_of(pieces: Mapping[Piece, str], context: MailContext, words: Words) -> Own:
    """Return what stands in one mail instead of our words. A piece of which a placeholder has no value in this mail,
    such as the place of a visit that has none yet, is left to our own text.
    """
    values = _values(context, words)
    filled = {piece: said for piece, text in pieces.items() if (said := _filled(text, values)) is not None}
    closing = _paragraphs(filled.get(Piece.CLOSING, ""))
    named = {name for piece in filled for name in _PLACEHOLDER.findall(pieces[piece])}
    if closing and values.get("deadline") is not None and "deadline" not in named:
        closing.append(_BEFORE[words.language].format(day=values["deadline"]))  # our own text said it
    return Own(filled.get(Piece.ASK), tuple(_paragraphs(filled.get(Piece.OPENING, ""))), tuple(closing))


def _paragraphs(text: str) -> list[str]:
    """Return the lines of a text, each a paragraph."""
    return clean.lines(text)


def _filled(text: str, values: Mapping[str, str | None]) -> str | None:
    if any(values.get(name) is None for name in _PLACEHOLDER.findall(text)):
        return None
    # In one go: what comes out of one placeholder is never looked at again. A value is one line, whatever was typed.
    return _PLACEHOLDER.sub(lambda match: clean.one_line(values[match[1]] or ""), text)


def _values(context: MailContext, words: Words) -> dict[str, str | None]:
    coordinator = context.coordinator
    values: dict[str, str | None] = {
        "activity": context.title,
        "reader": context.reader.name if context.formal else context.reader.given,
        "company": context.company,
        "coordinator": coordinator.name if coordinator else None,
        "phone": coordinator.phone if coordinator else None,
    }
    if isinstance(context, ActivityContext):
        start = context.moments[0].starts_at
        values |= {
            "kind": _small(context.kind),
            "date": words.weekday(start),
            "time": words.clock(start),
            "place": context.place,
            "teachers": words.teachers(context.group_size) if context.group_size else None,
        }
    if isinstance(context, AskContext):
        deadline = context.deadline_at
        values |= {
            "minutes": words.minutes(context.minutes),
            "deadline": words.weekday(deadline) if deadline is not None else None,
        }
    return values


def _small(text: str) -> str:
    """Return a title as it stands inside a sentence."""
    return text[:1].lower() + text[1:]
