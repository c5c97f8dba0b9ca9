"""What a steering would do, as a person would tell it: on the page and on the command line."""

from zoneinfo import ZoneInfo

from models.text import Text
from sandwich.labels import MAIL
from sandwich.services.cascade_words import asked_in_words, step_in_words
from sandwich.services.effects import Effects

_NOBODY = Text(nl="Niemand krijgt er nu een mail over.", en="Nobody is mailed about it now.")

_COUNTED = {
    "taken": (
        Text(nl="1 afspraak gaat uit een agenda.", en="1 appointment is taken out of a calendar."),
        Text(nl="{count} afspraken gaan uit agenda's.", en="{count} appointments are taken out of calendars."),
    ),
    "renewed": (
        Text(nl="1 afspraak in een agenda verandert mee.", en="1 appointment in a calendar changes along."),
        Text(nl="{count} afspraken in agenda's veranderen mee.", en="{count} appointments in calendars change along."),
    ),
    "withdrawn": (
        Text(nl="Open vragen die vervallen: 1.", en="Open questions that fall away: 1."),
        Text(nl="Open vragen die vervallen: {count}.", en="Open questions that fall away: {count}."),
    ),
    "rest": (
        Text(
            nl="1 open vraag blijft staan; zolang wordt er niet herinnerd.",
            en="1 open question stays; nobody is reminded meanwhile.",
        ),
        Text(
            nl="{count} open vragen blijven staan; zolang wordt er niet herinnerd.",
            en="{count} open questions stay; nobody is reminded meanwhile.",
        ),
    ),
    "unsent": (
        Text(nl="1 mail die klaarstond gaat niet meer weg.", en="1 mail that waited leaves no more."),
        Text(nl="{count} mails die klaarstonden gaan niet meer weg.", en="{count} mails that waited leave no more."),
    ),
    "calls": (
        Text(nl="Jij krijgt er 1 ding bij om te doen.", en="You get 1 more thing to do."),
        Text(nl="Jij krijgt er {count} dingen bij om te doen.", en="You get {count} more things to do."),
    ),
}
"""How one and how many of each are said, in the order in which they are told."""

_ONE_MAIL = Text(nl="1 persoon krijgt een mail: {mail}.", en="1 person gets a mail: {mail}.")
_MAILS = Text(nl="{count} mensen krijgen een mail: {mail}.", en="{count} people get a mail: {mail}.")


def in_words(effects: Effects, zone: ZoneInfo) -> tuple[Text, ...]:
    """Return what a steering does: who hears of it, what becomes of calendars and questions, and what moves."""
    mails = [
        (_ONE_MAIL if count == 1 else _MAILS).filled(count=count, mail=MAIL.get(mail, Text(nl=mail, en=mail)))
        for mail, count in effects.mails.items()
    ]
    if not mails and not any(step.is_at_once and step.mails for step in effects.steps):
        mails = [_NOBODY]
    counts = {name: getattr(effects, name) for name in _COUNTED}
    counted = [_COUNTED[name][count > 1].filled(count=count) for name, count in counts.items() if count]
    asked = [asked_in_words(item) for item in effects.asked]
    return (*mails, *counted, *asked, *(step_in_words(step, zone) for step in effects.steps))
