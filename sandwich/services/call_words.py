"""What a call says to the coordinator: who to phone or what to look at, why, and what can be done about it."""

from dataclasses import dataclass
from enum import StrEnum

from models.text import Text


class CallAction(StrEnum):
    """What the button of a call leads to."""

    PHONE_IN = "phone_in"  # phone somebody and fill in the form meanwhile
    DECIDE = "decide"  # look at a counter-proposal and answer it
    FIX_DATE = "fix_date"
    PEOPLE = "people"  # add or replace people
    LOOK = "look"  # look at the activity


@dataclass(frozen=True)
class CallWords:
    """Heading and reason with ``{who}``, ``{step}`` and ``{since}`` to fill in."""

    heading: Text
    reason: Text
    action: CallAction

    def heading_for(self, **values: str) -> Text:
        """Return the heading with the names in it."""
        return _fill(self.heading, **values)

    def reason_for(self, step: Text, since: Text, **values: str) -> Text:
        """Return the reason with the step and the day in each language."""
        return Text(
            nl=self.reason.nl.format(step=step.nl, since=since.nl, **values),
            en=self.reason.en.format(step=step.en, since=since.en, **values),
        )


def _fill(text: Text, **values: str) -> Text:
    return Text(nl=text.nl.format(**values), en=text.en.format(**values))


def _words(action: CallAction, heading: tuple[str, str], reason: tuple[str, str]) -> CallWords:
    return CallWords(Text(nl=heading[0], en=heading[1]), Text(nl=reason[0], en=reason[1]), action)


_PHONE = ("Bel {who}", "Phone {who}")

WORDS = {
    "no-answer": _words(
        CallAction.PHONE_IN,
        _PHONE,
        ("{step}: nog geen antwoord. Gevraagd op {since}.", "{step}: no answer yet. Asked on {since}."),
    ),
    "phone": _words(
        CallAction.PHONE_IN,
        _PHONE,
        (
            "{step}: {who} antwoordt liever aan de telefoon. Gevraagd op {since}.",
            "{step}: {who} rather answers by phone. Asked on {since}.",
        ),
    ),
    "no-address": _words(
        CallAction.PHONE_IN,
        _PHONE,
        ("{step}: er is geen mailadres dat werkt.", "{step}: there is no mail address that works."),
    ),
    "bounced": _words(
        CallAction.PHONE_IN,
        _PHONE,
        (
            "{step}: de mail kwam niet aan. Vraag het goede adres.",
            "{step}: the mail did not arrive. Ask for the right address.",
        ),
    ),
    "refused": _words(
        CallAction.LOOK,
        _PHONE,
        ("{step}: {who} zei nee, op {since}.", "{step}: {who} said no, on {since}."),
    ),
    "other-date": _words(
        CallAction.FIX_DATE,
        ("{who} vraagt een andere datum", "{who} asks for another date"),
        ("Geen van de voorgestelde dagen past.", "None of the proposed days suits."),
    ),
    "counter-proposal": _words(
        CallAction.DECIDE,
        ("Tegenvoorstel van {who}", "Counter-proposal by {who}"),
        ("{step}: bekijk het verschil en geef antwoord.", "{step}: look at the difference and answer."),
    ),
    "talk-together": _words(
        CallAction.DECIDE,
        ("Samen bellen: {who}", "Talk it through: {who}"),
        (
            "{step}: na twee rondes is er nog geen akkoord.",
            "{step}: after two rounds there is no agreement yet.",
        ),
    ),
    "card-objected": _words(
        CallAction.LOOK,
        _PHONE,
        ("{who} wil de kaart nog niet delen.", "{who} does not want to share the card yet."),
    ),
    "wrong-person": _words(
        CallAction.PEOPLE,
        ("{who} is niet de juiste persoon", "{who} is not the right person"),
        ("{step}: zoek iemand anders.", "{step}: find somebody else."),
    ),
    "withdrawn": _words(
        CallAction.PEOPLE,
        ("{who} doet niet meer mee", "{who} takes part no more"),
        ("Zoek iemand anders, of ga verder zonder.", "Find somebody else, or go on without."),
    ),
    "low-score": _words(
        CallAction.LOOK,
        _PHONE,
        ("{step}: {who} gaf de laagste score.", "{step}: {who} gave the lowest score."),
    ),
    "no-date": _words(
        CallAction.FIX_DATE,
        ("Er is nog geen datum", "There is no date yet"),
        ("Bel het bedrijf en prik samen een dag.", "Phone the company and pick a day together."),
    ),
    "below-minimum": _words(
        CallAction.PEOPLE,
        ("Te weinig aanmeldingen", "Too few registrations"),
        (
            "Nodig meer mensen uit, voeg groepen samen, of gelast het af.",
            "Invite more people, merge groups, or call it off.",
        ),
    ),
    "no-goal": _words(
        CallAction.LOOK,
        ("Nog niemand schreef een leerdoel op", "Nobody has written down a goal yet"),
        ("Zonder leerdoel gaat het bezoek niet door.", "Without a goal the visit cannot begin."),
    ),
    "not-ready": _words(
        CallAction.LOOK,
        ("Nog niet klaar om te gaan", "Not ready to go yet"),
        (
            "Kijk wat er ontbreekt, en regel het of ga toch.",
            "Look at what is missing; arrange it, or go all the same.",
        ),
    ),
    "no-impressions": _words(
        CallAction.LOOK,
        ("Nog niemand deelde indrukken", "Nobody has shared impressions yet"),
        ("Vraag er iemand om, of schrijf ze namens de groep.", "Ask somebody, or write them for the group."),
    ),
}
"""The words of every call that the code makes; a playbook's own calls take the title of their watch."""


def words_of(what: str, has_person: bool, title: Text | None) -> CallWords:
    """Return the words of a call; one that has none here takes ``title`` or its own name."""
    if what in WORDS:
        return WORDS[what]
    plain = what.replace("-", " ")
    heading = title or Text(nl=plain.capitalize(), en=plain.capitalize())
    if has_person:
        return CallWords(
            Text(nl="{who}: " + _braced(heading.nl), en="{who}: " + _braced(heading.en)),
            Text(nl="{step}, sinds {since}.", en="{step}, since {since}."),
            CallAction.LOOK,
        )
    return CallWords(
        Text(nl=_braced(heading.nl), en=_braced(heading.en)),
        Text(nl="{step}, sinds {since}.", en="{step}, since {since}."),
        CallAction.LOOK,
    )


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
