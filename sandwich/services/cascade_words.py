"""A move's cascade as a person would tell it, line by line: on the page and on the command line."""

from zoneinfo import ZoneInfo

from models.text import Text
from sandwich.services.cascade import AskedAgain, Cascade, StepMoved
from sandwich.services.waits import short_day

_NOBODY = Text(
    nl="Niemand krijgt een mail: er is nog niemand geschreven.", en="Nobody is mailed: nobody was written to."
)
NO_STEPS = Text(nl="Geen enkele stap schuift.", en="No step moves.")
"""Said where a change leaves the plan as it is."""


def in_words(cascade: Cascade, zone: ZoneInfo) -> tuple[Text, ...]:
    """Return what a move does: free days and double bookings first, then who hears of it, what moves, who is asked."""
    steps = [step_in_words(step, zone) for step in cascade.steps] or [NO_STEPS]
    again = [asked_in_words(item) for item in cascade.again]
    return (*cascade.day_is_free, *cascade.busy, *_date(cascade), *steps, *cascade.steps_off_free_days, *again)


def _date(cascade: Cascade) -> tuple[Text, ...]:
    """Say what becomes of the date, and who hears of it."""
    if cascade.was_fixed:
        return (_told(len(cascade.told)),)
    if cascade.is_fixed:
        return (
            Text(
                nl="De datum staat daarna vast, zoals afgesproken. Het bedrijf wordt er niet meer naar gevraagd.",
                en="The date is fixed then, as agreed. The company is not asked about it any more.",
            ),
        )
    who = ", ".join(cascade.told)
    asked = Text(nl=f"{who} krijgt het verzoek opnieuw.", en=f"{who} gets the request once more.")
    if not who:
        asked = Text(
            nl="Het verzoek is nog niet verstuurd; het gaat weg met deze dagen.",
            en="The request has not been sent yet; it leaves with these days.",
        )
    return (
        Text(
            nl="De datum staat nog niet vast: deze dagen komen in plaats van wat je eerder voorstelde.",
            en="The date is not fixed yet: these days take the place of what you proposed before.",
        ),
        asked,
    )


def _told(count: int) -> Text:
    if count == 0:
        return _NOBODY
    who = Text(nl="1 persoon krijgt", en="1 person gets")
    if count > 1:
        who = Text(nl=f"{count} mensen krijgen", en=f"{count} people get")
    return Text(
        nl=f"{who.nl} een mail met de oude en de nieuwe datum.",
        en=f"{who.en} a mail with the old and the new date.",
    )


def asked_in_words(again: AskedAgain) -> Text:
    """Say which form is asked anew, and of whom."""
    return Text(
        nl=f"Opnieuw gevraagd: {again.title.nl} ({', '.join(again.people)}).",
        en=f"Asked again: {again.title.en} ({', '.join(again.people)}).",
    )


def step_in_words(step: StepMoved, zone: ZoneInfo) -> Text:
    """Say when a step comes now, and when it would have come."""
    if step.is_at_once:
        nl, en = "meteen", "at once"
    elif step.becomes is None:
        nl, en = "later", "later"
    else:
        day = short_day(step.becomes, zone)
        nl, en = day.nl, day.en
    if step.was is not None and step.was != step.becomes:
        day = short_day(step.was, zone)
        nl, en = f"was {day.nl}, wordt {nl}", f"was {day.en}, becomes {en}"
    if step.comes_again:
        nl, en = f"{nl}, komt opnieuw", f"{en}, comes again"
    if step.mails and step.is_at_once:
        nl, en = f"{nl}; de mail gaat weg", f"{en}; the mail leaves"
    return Text(nl=f"{step.title.nl}: {nl}.", en=f"{step.title.en}: {en}.")
