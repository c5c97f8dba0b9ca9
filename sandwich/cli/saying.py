"""How the command line speaks: in the language of the installation, one sentence per error, never a traceback."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from models.text import Language, Text
from sandwich.errors import BadInput, SandwichError, Unconfirmed

_UNFORESEEN = Text(
    nl="Er ging iets onverwachts mis ({kind} in {place}). Met `sandwich --debug …` zie je de hele melding.",
    en="Something unforeseen went wrong ({kind} in {place}). `sandwich --debug …` shows all of it.",
)


def language() -> Language:
    """Return the language that people of this installation read; also where its settings are wrong."""
    wished = os.environ.get("SANDWICH_LANGUAGE", Language.DUTCH.value)
    return Language(wished) if wished in set(Language) else Language.DUTCH


def say(text: Text | str, **values: object) -> None:
    """Print a sentence, with ``values`` filled in."""
    print(said(text, **values), flush=True)


def said(text: Text | str, **values: object) -> str:
    """Return a sentence in the reader's language, with ``values`` filled in."""
    words = text if isinstance(text, str) else text.to(language())
    return words.format(**values) if values else words


def say_with(sentence: Text, values: Mapping[str, object], lines: Sequence[Text]) -> None:
    """Print a sentence and what belongs to it, a line for each."""
    say(sentence, **values)
    for line in lines:
        say(f"- {said(line)}")


def tell_error(sentence: str) -> None:
    """Print what went wrong, where errors go."""
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def confirming(option: str) -> Iterator[None]:
    """Name the option that confirms what a change refuses unless it is meant."""
    try:
        yield
    except Unconfirmed as error:
        raise BadInput(
            f"{error.to(Language.ENGLISH)} You confirm it with {option}.",
            f"{error.to(Language.DUTCH)} Dat bevestig je met {option}.",
        ) from None


@contextmanager
def asking_anyway(option: str) -> Iterator[None]:
    """Name the options that let a company be asked although it rests; ``option`` takes the reason."""
    from sandwich.services.cool_down import StillCooling

    try:
        yield
    except StillCooling as error:
        options = f"{option} '…'" + (" --owner-agrees" if error.owners else "")
        raise BadInput(
            f"{error.to(Language.ENGLISH)} Nothing was asked. On the command line: {options}.",
            f"{error.to(Language.DUTCH)} Er is niets gevraagd. Op de opdrachtregel: {options}.",
        ) from None


def explain(error: BaseException) -> str:
    """Return what went wrong, as a sentence for the person at the keyboard."""
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return explain(error.exceptions[0])
    mistakes = getattr(error, "mistakes", None)
    if isinstance(error, SandwichError) and mistakes:
        return "\n".join(mistake.to(language()) for mistake in mistakes)
    if isinstance(error, SandwichError):
        return error.to(language())
    from sandwich.orchestration.faults import place_of

    return said(_UNFORESEEN, kind=type(error).__name__, place=place_of(error))


def warn(sentences: Iterable[Text]) -> None:
    """Say what somebody may want to look at again, where errors go: nothing was refused."""
    for sentence in sentences:
        tell_error(said(sentence))
