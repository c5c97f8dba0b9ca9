"""Replies of one wish and nothing else: later, not me, stop, no more mail."""

import re
from enum import StrEnum


class Wish(StrEnum):
    """What a reply of a few words asks for."""

    LATER = "later"
    NOT_ME = "not-me"
    STOP = "stop"
    NO_MAIL = "no-mail"


_WORDS: dict[Wish, str] = {
    Wish.LATER: "later|niet nu|nu niet|liever later|kan het later|op een later moment|later graag|misschien later"
    "|andere keer|een andere keer|not now|another time|maybe later",
    Wish.NOT_ME: "niet ik|ik niet|ik ben het niet|verkeerde persoon|niet de juiste persoon|niet voor mij"
    "|ik ben niet de juiste persoon|ik ben de juiste persoon niet"
    "|not me|wrong person|not the right person|i am not the right person|i'm not the right person",
    Wish.STOP: "stop|stoppen|ik stop|ik wil stoppen|ik doe niet meer mee|i want to stop",
    Wish.NO_MAIL: "geen mail meer|geen mails meer|geen e-mail meer|ik wil geen mail meer|uitschrijven"
    "|afmelden voor mail|stop met mailen|stop mail"
    "|no more mail|no more mails|no more e-mail|no more email|unsubscribe",
}
_SAID = {words: wish for wish, all_words in _WORDS.items() for words in all_words.split("|")}


def wish_in(said: str) -> Wish | None:
    """Return the wish that is all that somebody wrote, or ``None``."""
    words = " ".join(re.sub(r"[.!,;:]+(?=\s|$)", "", said.casefold().replace("’", "'")).split())
    words = words.removesuffix(" alstublieft").removesuffix(" a.u.b").removesuffix(" please").removesuffix(" graag")
    return _SAID.get(words)
