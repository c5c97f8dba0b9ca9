"""Of what the words of a call are made: heading, reason, and what its button leads to."""

from dataclasses import dataclass
from enum import StrEnum

from models.text import Text


class CallAction(StrEnum):
    """What the button of a call leads to."""

    PHONE_IN = "phone_in"  # phone somebody and fill in the form meanwhile
    DECIDE = "decide"  # look at a counter-proposal and answer it
    FIX_DATE = "fix_date"
    ASK_HOST = "ask_host"  # ask the host about what came in after it looked at the card
    WORDS = "words"  # look at words that had better not stand on the card
    FOR_GROUP = "for_group"  # publish what the participants released, in the name of the group
    PEOPLE = "people"  # add people
    REPLACE = "replace"  # let somebody else take a place
    PAIR = "pair"  # make a pair by hand
    LOOK = "look"  # look at the activity


@dataclass(frozen=True)
class CallWords:
    """Heading and reason with ``{who}`` to fill in, and in the reason ``{step}``, ``{since}`` and ``{receiver}``."""

    heading: Text
    reason: Text
    action: CallAction

    @property
    def says_since(self) -> bool:
        """Whether the reason says since when it is."""
        return "{since}" in self.reason.nl

    def heading_for(self, **values: str) -> Text:
        """Return the heading with the names in it."""
        return _fill(self.heading, **values)

    def reason_for(self, step: Text, since: Text, receiver: Text, **values: str) -> Text:
        """Return the reason with the step, the day and who receives in each language."""
        return Text(
            nl=self.reason.nl.format(step=step.nl, since=since.nl, receiver=receiver.nl, **values),
            en=self.reason.en.format(step=step.en, since=since.en, receiver=receiver.en, **values),
        )


def _fill(text: Text, **values: str) -> Text:
    return Text(nl=text.nl.format(**values), en=text.en.format(**values))


def worded(action: CallAction, heading: tuple[str, str], reason: tuple[str, str]) -> CallWords:
    """Return the words of a call: ``heading`` and ``reason`` in Dutch and English."""
    return CallWords(Text(nl=heading[0], en=heading[1]), Text(nl=reason[0], en=reason[1]), action)


PHONE = ("Bel {who}", "Phone {who}")
"""The heading of a call in which somebody is phoned."""
