"""What is said when people cannot be brought together: as pairs, or in rounds of talks."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Self

from sandwich.errors import SandwichError


class CannotPair(SandwichError):
    """These people cannot be brought together."""

    dutch: ClassVar[str] = "Deze mensen zijn niet bij elkaar te brengen."

    def __init__(self, who: Iterable[str] = (), **values: object) -> None:
        """Take the ids of the people concerned, and what else the message tells."""
        self.who = tuple(who)
        super().__init__(who=", ".join(self.who), **values)

    def named(self, names: Mapping[str, str]) -> Self:
        """Return the same error with names instead of ids, for a person to read; never for a log."""
        others = {key: value for key, value in self.values.items() if key != "who"}
        return type(self)([names.get(one, one) for one in self.who], **others)


class NobodyOnASide(CannotPair):
    """There are no {side} yet. Invite them first."""

    dutch = "Er zijn nog geen {side}. Nodig ze eerst uit."


class ListedTwice(CannotPair):
    """Listed more than once: {who}. Leave each person in the list once."""

    dutch = "Meer dan één keer in de lijst: {who}. Laat iedereen er één keer in staan."


class OnBothSides(CannotPair):
    """Both teacher and professional: {who}. Choose one of the two for each of them."""

    dutch = "Zowel docent als professional: {who}. Kies voor ieder van hen één van de twee."


class AvoidsThemselves(CannotPair):
    """Would rather not be paired with themselves: {who}. Take that name off their list."""

    dutch = "Wil liever niet aan zichzelf gekoppeld worden: {who}. Haal die naam van het lijstje."


class FixedTwice(CannotPair):
    """In more than one pair that was fixed by hand: {who}. Keep one pair for each of them."""

    dutch = "In meer dan één koppel dat met de hand is vastgezet: {who}. Laat er voor ieder van hen één staan."


class FixedUnknown(CannotPair):
    """A pair fixed by hand needs one teacher and one professional who take part: {who}. Correct or remove that pair."""

    dutch = (
        "Een koppel dat met de hand is vastgezet, heeft één docent en één professional nodig die meedoen: {who}. "
        "Verbeter dat koppel of haal het weg."
    )


class FixedBlocked(CannotPair):
    """This pair was fixed by hand but cannot be: {who} ({why}). Release it, or take away what stands in its way."""

    dutch = (
        "Dit koppel is met de hand vastgezet maar kan niet: {who} ({why}). "
        "Maak het los, of neem weg wat ertussen staat."
    )


class NoPairPossible(CannotPair):
    """No pair is possible. Of the {pairs} there could be: {why}. Ask for more half-days, or invite more people."""

    dutch = (
        "Er is geen enkel koppel mogelijk. Van de {pairs} die er konden zijn: {why}. "
        "Vraag om meer dagdelen, of nodig meer mensen uit."
    )


class NobodyTogether(CannotPair):
    """No teacher and professional are there in the same round. Begin earlier, or ask who can stay longer."""

    dutch = "Geen docent en professional zijn er in dezelfde ronde. Begin eerder, of vraag wie langer kan blijven."


class NoRounds(CannotPair):
    """No round fits: talks of {talk} minutes with {change} to change, in at most {longest}. Choose other times."""

    dutch = (
        "Er past geen ronde: gesprekken van {talk} minuten met {change} om te wisselen, in ten hoogste {longest}. "
        "Kies andere tijden."
    )


class GroupTooSmall(CannotPair):
    """At least one teacher must be able to sit with a professional, not {group}. Choose a larger group."""

    dutch = "Er moet ten minste één docent bij een professional kunnen zitten, niet {group}. Kies een grotere groep."


class StayTooShort(CannotPair):
    """Leaves before the first talk, or arrives after leaving: {who}. Correct the times, or take them off the list."""

    dutch = (
        "Vertrekt vóór het eerste gesprek, of komt na het vertrek: {who}. Verbeter de tijden, of haal ze van de lijst."
    )
