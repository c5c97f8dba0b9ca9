"""Every error that Sandwich raises on purpose: one small tree, the docstring is the English message.

``dutch`` is the same sentence in Dutch. A message says what is wrong and what to do about it.
"""

from typing import ClassVar, Self

from models.text import Language


class SandwichError(Exception):
    """Something went wrong in Sandwich."""

    dutch: ClassVar[str] = "Er ging iets mis in Sandwich."

    def __init__(self, **values: object) -> None:
        """Fill ``values`` into the message, which is the first paragraph of the class's docstring."""
        self.values = values
        super().__init__(self.to(Language.ENGLISH))

    def to(self, language: Language | str) -> str:
        """Return the message in the reader's language."""
        if language == Language.DUTCH and "dutch" in type(self).__dict__:
            template = type(self).dutch
        else:
            template = (type(self).__doc__ or "").partition("\n\n")[0]
        return " ".join(template.split()).format(**self.values)


class StoreUnavailable(SandwichError):
    """The database cannot be used now ({detail}). Nothing was changed; try again in a moment."""

    dutch = "De database is nu niet te gebruiken ({detail}). Er is niets veranderd; probeer het zo nog eens."

    @classmethod
    def because(cls, error: Exception) -> Self:
        """Make the error from what the database said, in one word and without any value of a row."""
        said = str(getattr(error, "orig", error)).lower()
        reasons = {
            "locked": "another program holds it",
            "readonly": "its file is read-only",
            "read-only": "its file is read-only",
            "full": "the disk is full",
            "unable to open": "its file cannot be opened",
            "no such table": "it has no tables yet: run `sandwich db upgrade`",
            "connect": "it does not answer",
        }
        detail = next((reason for word, reason in reasons.items() if word in said), type(error).__name__)
        return cls(detail=detail)


class NotFound(SandwichError):
    """There is no {what} {name}."""

    dutch = "Er is geen {what} {name}."


class BadInput(SandwichError):
    """{sentence}"""

    dutch = "{zin}"

    def __init__(self, sentence: str, zin: str) -> None:
        """Say in both languages what is wrong with what somebody gave, and what to do."""
        super().__init__(sentence=sentence, zin=zin)


class RunReplaced(SandwichError):
    """Run {run} does not carry activity {activity} any more; another run does."""

    dutch = "Run {run} draagt activiteit {activity} niet meer; een andere run doet dat."


class SettingsInvalid(SandwichError):
    """{problems}"""

    dutch = "{problemen}"

    def __init__(self, problems: str, problemen: str) -> None:
        """List what is wrong with the settings, one line each."""
        super().__init__(problems=problems, problemen=problemen)
