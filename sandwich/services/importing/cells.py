"""One cell of an import: its text in, the value that is stored out; and the text of a value, for an export.

Each reader raises ``Misfit`` with what is wrong and what to do. All take both languages.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from models.choices import Option
from models.tables.network import Channel
from models.text import Language, Misfit, Text
from sandwich.labels import CHANNEL
from sandwich.mail.address import AddressRefused, address_spec
from sandwich.rules.answer_values import cleaned
from sandwich.rules.tags import folded

CLEARED = "-"
"""What stands in a cell whose value is to be emptied; a blank cell leaves it as it is."""

Reader = Callable[[str], Any]
Shower = Callable[[Any, Language], str]

_WORDS: Mapping[bool, Text] = {True: Text(nl="ja", en="yes"), False: Text(nl="nee", en="no")}
_YES, _NO = {"ja", "j", "yes", "y", "true", "waar", "1", "x"}, {"nee", "n", "no", "false", "onwaar", "0"}
_CHANNEL_WORDS = {"mail": Channel.MAIL, "e-mail": Channel.MAIL, "email": Channel.MAIL}
_CHANNEL_WORDS |= dict.fromkeys(("bellen", "phone", "telefoon", "telephone"), Channel.PHONE)
_CHANNEL_WORDS |= dict.fromkeys(("app", "sms", "whatsapp", "signal", "app of sms", "text message"), Channel.APP)
_LANGUAGES: Mapping[Language, Text] = {
    Language.DUTCH: Text(nl="Nederlands", en="Dutch"),
    Language.ENGLISH: Text(nl="Engels", en="English"),
}
_CODE = re.compile(r"\S{1,64}")
_PHONE = re.compile(r"(?:\+|0|\(0)[0-9 ()./-]{5,38}")
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")
# What a text in UTF-8 looks like that was once read as another encoding and saved so.
_TWICE = re.compile("[ÃÂâ][\x80-\xbf‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ€]")


def text_reader(longest: int) -> Reader:
    """Return the reader of a text of at most ``longest`` characters."""

    def read(cell: str) -> str:
        said = " ".join(cleaned(cell).split())
        if len(said) > longest:
            raise Misfit(
                "er staan {count} tekens, en er is plaats voor {longest}. Maak het korter.",
                "it has {count} characters, and there is room for {longest}. Make it shorter.",
                count=len(said),
                longest=longest,
            )
        if _TWICE.search(said) or "\ufffd" in said:
            raise Misfit(
                "letters met een accent zijn eerder verkeerd opgeslagen ({said}). Typ ze opnieuw, en bewaar als UTF-8.",
                "letters with an accent were saved wrongly before ({said}). Type them anew, and save as UTF-8.",
                said=said[:40],
            )
        return said

    return read


def read_code(cell: str) -> str:
    """Read the code of a company or person."""
    if not _CODE.fullmatch(cell):
        raise Misfit(
            "een code is een woord zonder spaties, van hoogstens 64 tekens.",
            "a code is one word without spaces, of 64 characters at most.",
        )
    return cell


def read_yes(cell: str) -> bool:
    """Read yes or no."""
    word = cell.casefold()
    if word not in _YES | _NO:
        raise Misfit("schrijf ja of nee.", "write yes or no.")
    return word in _YES


def read_date(cell: str) -> str:
    """Read a date, as ISO."""
    for pattern in _DATES:
        try:
            return datetime.strptime(cell, pattern).date().isoformat()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise Misfit("schrijf een datum als 2027-03-01 of 1-3-2027.", "write a date such as 2027-03-01 or 1-3-2027.")


def whole_reader(least: int, most: int) -> Reader:
    """Return the reader of a whole number."""

    def read(cell: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", cell) or not least <= int(cell) <= most:
            raise Misfit(
                "schrijf een geheel getal van {least} tot {most}.",
                "write a whole number from {least} to {most}.",
                least=least,
                most=most,
            )
        return int(cell)

    return read


def read_mail(cell: str) -> str:
    """Read one mail address, as it goes on the wire."""
    try:
        return address_spec(cell)
    except AddressRefused as error:
        raise Misfit(error.to(Language.DUTCH), error.to(Language.ENGLISH)) from None


def read_phone(cell: str) -> str:
    """Read a telephone number; one that a spreadsheet took for a number has lost its first zero."""
    if not _PHONE.fullmatch(cell):
        raise Misfit(
            "dit is geen telefoonnummer dat met 0 of + begint. Maak de kolom op als tekst en typ het nummer opnieuw.",
            "this is no telephone number that begins with 0 or +. Format the column as text and type the number anew.",
        )
    return cell


def read_channel(cell: str) -> Channel:
    """Read whether somebody would rather be mailed, phoned or sent a text message."""
    found = _CHANNEL_WORDS.get(cell.casefold())
    if found is None:
        raise Misfit("schrijf mail, bellen of app.", "write mail, phone or text message.")
    return found


def read_language(cell: str) -> Language:
    """Read the language in which we write to somebody."""
    for language, name in _LANGUAGES.items():
        if cell.casefold() in {language.value, name.nl.casefold(), name.en.casefold()}:
            return language
    raise Misfit("schrijf Nederlands of Engels.", "write Dutch or English.")


def read_tags(cell: str) -> list[str]:
    """Read tags, with commas between them."""
    read = text_reader(60)
    return [said for part in re.split("[,;\n]", cell) if (said := read(part))]


def option_reader(options: Sequence[Option]) -> Reader:
    """Return the reader of one of ``options``, by its key or what people read for it."""
    keys = {folded(name): one.key for one in options for name in (one.key, one.label.nl, one.label.en)}
    names = Text(nl=", ".join(one.label.nl for one in options), en=", ".join(one.label.en for one in options))

    def read(cell: str) -> str:
        found = keys.get(folded(cell)) or keys.get(folded(cell.replace("–", "-")))
        if found is None:
            raise Misfit(f"kies een van: {names.nl}.", f"choose one of: {names.en}.")
        return found

    return read


def show_text(value: Any, language: Language) -> str:
    """Return a text, a number or a date as it is written in a cell."""
    return value.isoformat() if isinstance(value, date) else "" if value is None else cleaned(str(value))


def show_yes(value: Any, language: Language) -> str:
    """Return yes or no."""
    return "" if value is None else _WORDS[bool(value)].to(language)


def show_channel(value: Any, language: Language) -> str:
    """Return how somebody would rather be reached."""
    return "" if value is None else CHANNEL[Channel(value)].to(language)


def show_language(value: Any, language: Language) -> str:
    """Return the name of a language."""
    return "" if value is None else _LANGUAGES[Language(value)].to(language)


def option_shower(options: Sequence[Option]) -> Shower:
    """Return what shows one of ``options``."""
    labels = {one.key: one.label for one in options}

    def show(value: Any, language: Language) -> str:
        return labels[value].to(language) if value in labels else show_text(value, language)

    return show
