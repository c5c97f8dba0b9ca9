"""What a call says to the coordinator: who to phone or what to look at, why, and what can be done about it."""

from models.text import Text
from sandwich.services.call_words import course, people, reaching
from sandwich.services.call_words.reaching import NOT_REGISTERED
from sandwich.services.call_words.wording import CallAction, CallWords, worded

__all__ = ["CALL_OF_PRIVACY", "NOT_REGISTERED", "WORDS", "CallAction", "CallWords", "words_of"]

WORDS = {**reaching.WORDS, **people.WORDS, **course.WORDS}
"""The words of every call that the code makes; a playbook's own calls take the title of their watch."""

CALL_OF_PRIVACY = "privacy-"
"""How the name of a call begins that a request of somebody about their own data makes; what they asked follows."""

_PRIVACY = worded(
    CallAction.LOOK,
    ("Privacyverzoek van {who}", "Privacy request by {who}"),
    ("Antwoord binnen een maand. Gevraagd op {since}.", "Answer within a month. Asked on {since}."),
)


def words_of(what: str, has_person: bool, title: Text | None) -> CallWords:
    """Return the words of a call; one that has none here takes ``title`` or its own name."""
    if what in WORDS:
        return WORDS[what]
    if what.startswith(CALL_OF_PRIVACY):
        return _PRIVACY
    plain = what.replace("-", " ")
    heading = title or Text(nl=plain.capitalize(), en=plain.capitalize())
    if has_person:
        return CallWords(
            Text(nl="{who}: " + _braced(heading.nl), en="{who}: " + _braced(heading.en)),
            Text(nl="‘{step}’, sinds {since}.", en="‘{step}’, since {since}."),
            CallAction.LOOK,
        )
    return CallWords(
        Text(nl=_braced(heading.nl), en=_braced(heading.en)),
        Text(nl="‘{step}’, sinds {since}.", en="‘{step}’, since {since}."),
        CallAction.LOOK,
    )


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
