"""What to say to somebody who typed a command that cannot be: in their language, with what they may have meant."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from pydantic import ValidationError

from models.text import Text
from sandwich.cli.saying import said

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What the library raises for everything of this kind; it has no public name of its own."""

_NO_COMMAND = Text(nl="`{path}` kent geen opdracht {word}.", en="`{path}` has no command {word}.")
_NO_OPTION = Text(nl="`{path}` kent geen optie {word}.", en="`{path}` has no option {word}.")
_NO_VALUE = Text(nl="De optie {word} is niet goed gebruikt.", en="The option {word} is not used in the right way.")
_MISSING = Text(nl="`{path}` mist {word}.", en="`{path}` lacks {word}.")
_MISFIT = Text(nl="De waarde van {word} past niet.", en="The value of {word} does not fit.")
_WANTED = {
    "int_parsing": Text(nl="Geef een geheel getal.", en="Give a whole number."),
    "greater_than_equal": Text(nl="Geef {bound} of meer.", en="Give {bound} or more."),
    "less_than_equal": Text(nl="Geef {bound} of minder.", en="Give {bound} or less."),
}
_TOO_MUCH = Text(nl="Bij `{path}` is {words} te veel.", en="With `{path}`, {words} is too much.")
_WRONG = Text(nl="`{path}` is zo niet te gebruiken.", en="`{path}` cannot be used like this.")
_NEAR = Text(nl="Bedoelde je {near}?", en="Did you mean {near}?")
_HELP = Text(nl="`{path} --help` noemt wat kan.", en="`{path} --help` lists what can be.")


def tell_usage(error: Any, arguments: Sequence[str]) -> str | None:
    """Return what is wrong with ``arguments``, as a sentence or two; ``None`` where the help itself is the answer."""
    if error.ctx is None:
        path = " ".join(("sandwich", *[word for word in arguments if not word.startswith("-")][:1]))
        word = getattr(error, "option_name", None)
        return _and_help(said(_NO_VALUE, word=word) if word else said(_WRONG, path=path), path)
    path, command = error.ctx.command_path, error.ctx.command
    if hasattr(error, "possibilities"):
        options = [name for option in command.params for name in option.opts if name.startswith("--")]
        return _with_near(_NO_OPTION, path, error.option_name, options)
    if hasattr(error, "param_type"):
        return _and_help(said(_MISSING, path=path, word=_name(error.param)), path)
    if isinstance(error, typer.BadParameter):
        return " ".join((said(_MISFIT, word=_name(error.param)), _wanted(error.__cause__, path)))
    if hasattr(command, "commands"):
        words = [word for word in arguments if repr(word) in error.message]
        return _with_near(_NO_COMMAND, path, words[0], command.commands) if words else None
    extra = error.message.partition(" (")[2].removesuffix(")")
    return _and_help(said(_TOO_MUCH, path=path, words=extra) if extra else said(_WRONG, path=path), path)


def _with_near(text: Text, path: str, word: str, known: Iterable[str]) -> str:
    sentence = said(text, path=path, word=word)
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"{sentence} {said(_NEAR, near=near[0])}" if near else _and_help(sentence, path)


def _and_help(sentence: str, path: str) -> str:
    return f"{sentence} {said(_HELP, path=path)}"


def _name(param: Any) -> str:
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar or param.name)


def _wanted(cause: BaseException | None, path: str) -> str:
    mistake: Any = cause.errors()[0] if isinstance(cause, ValidationError) else {}
    bound = next(iter(mistake.get("ctx", {}).values()), None)
    text = _WANTED.get(mistake.get("type", ""))
    return said(text, bound=bound) if text else said(_HELP, path=path)
