"""Every error that Sandwich raises on purpose: one small tree, the docstring is the English message.

``dutch`` is the same sentence in Dutch. A message says what is wrong and what to do about it.
"""

from typing import ClassVar, Self

from models.text import Language, in_language


class SandwichError(Exception):
    """Something went wrong in Sandwich."""

    dutch: ClassVar[str] = "Er ging iets mis in Sandwich."

    def __init__(self, **values: object) -> None:
        """Fill ``values``, texts among them, into the message: the first paragraph of the class's docstring."""
        self.values = values
        super().__init__(self.to(Language.ENGLISH))

    def to(self, language: Language | str) -> str:
        """Return the message in the reader's language."""
        if language == Language.DUTCH and "dutch" in type(self).__dict__:
            template = type(self).dutch
        else:
            template = (type(self).__doc__ or "").partition("\n\n")[0]
        return " ".join(template.split()).format(**in_language(self.values, language))


class StoreUnavailable(SandwichError):
    """The database cannot be used now: {detail}. Nothing was changed; try again in a moment."""

    dutch = "De database is nu niet te gebruiken: {reden}. Er is niets veranderd; probeer het zo nog eens."

    @classmethod
    def because(cls, error: BaseException) -> Self:
        """Make the error from what the database said, in few words and without any value of a row."""
        said = getattr(error, "orig", None) or error
        detail, reden = _why(f"{getattr(said, 'sqlstate', '')} {said}".lower(), error)
        return cls(detail=detail, reden=reden)


def _why(said: str, error: BaseException) -> tuple[str, str]:
    for words, detail, reden in _REASONS:
        if any(word in said for word in words):
            return detail, reden
    if isinstance(error, TimeoutError):
        return "it is too busy", "hij heeft het te druk"
    if isinstance(error, OSError):
        return "it does not answer", "hij geeft geen antwoord"
    if getattr(error, "connection_invalidated", False):
        return "the line to it broke", "de verbinding ermee brak"
    kind = type(getattr(error, "orig", None) or error).__name__
    return f"it reports {kind}", f"hij meldt {kind}"


_REASONS = (
    (
        ("no such table", "no such column", "42p01", "42703"),
        "its tables are missing or old; run `sandwich db upgrade`",
        "de tabellen ontbreken of zijn oud; geef de opdracht `sandwich db upgrade`",
    ),
    (("readonly", "read-only"), "it is read-only", "er mag alleen uit gelezen worden"),
    (("lock", "serialize"), "another program holds it", "een ander programma houdt hem bezet"),
    (("disk i/o",), "the disk reports an error", "de schijf meldt een fout"),
    (("full", "no space"), "the disk is full", "de schijf is vol"),
    (("unable to open", "is a directory"), "its file cannot be opened", "het bestand is niet te openen"),
    (
        ("not a database", "malformed"),
        "its file is damaged or is no database; put back a backup",
        "het bestand is beschadigd of is geen database; zet een reservekopie terug",
    ),
    (
        ("password", "authentication", "permission denied"),
        "it refuses the name or password of SANDWICH_DATABASE_URL",
        "hij weigert de naam of het wachtwoord in SANDWICH_DATABASE_URL",
    ),
    (
        ("does not exist",),
        "there is no database or no account of that name; look at SANDWICH_DATABASE_URL",
        "er is geen database of geen account met die naam; kijk naar SANDWICH_DATABASE_URL",
    ),
    (("too many",), "it has no room for another connection", "er kan geen verbinding meer bij"),
    (("starting up", "recovery", "57p03"), "it is just starting", "hij is net aan het starten"),
    (("connect", "shut"), "it does not answer", "hij geeft geen antwoord"),
    (("queuepool limit",), "it is too busy", "hij heeft het te druk"),
)
"""What stands in a database's own message, and what that means, in English and Dutch; the first that fits counts."""


class OutcomeUnknown(StoreUnavailable):
    """The line to the database broke at the last moment. Look whether the change was made before you make it again."""

    dutch = (
        "De verbinding met de database brak op het laatste moment. Kijk eerst of het gelukt is voor je het nog eens "
        "doet."
    )


def loggable(error: BaseException) -> dict[str, str]:
    """Return what a log may say of an error: its class, and its sentence where that never holds anything personal."""
    why = {"why": str(error)} if isinstance(error, StoreUnavailable) else {}
    return {"error": type(error).__name__, **why}


class NotFound(SandwichError):
    """There is no {what} {name}."""

    dutch = "Er is geen {what} {name}."


class BadInput(SandwichError):
    """{sentence}"""

    dutch = "{zin}"

    def __init__(self, sentence: str, zin: str) -> None:
        """Say in both languages what is wrong with what somebody gave, and what to do."""
        super().__init__(sentence=sentence, zin=zin)


# It can be done, but nobody said that it is meant.
class Unconfirmed(BadInput):
    """{sentence}"""

    dutch = "{zin}"


class RunReplaced(SandwichError):
    """Run {run} does not carry activity {activity} any more; another run does."""

    dutch = "Run {run} draagt activiteit {activity} niet meer; een andere run doet dat."


class SettingsInvalid(SandwichError):
    """{problems}"""

    dutch = "{problemen}"

    def __init__(self, problems: str, problemen: str) -> None:
        """List what is wrong with the settings, one line each."""
        super().__init__(problems=problems, problemen=problemen)
