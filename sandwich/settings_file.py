"""Settings in a file, one ``NAME=value`` in a line, for those who do not want them in a shell or in each unit."""

import os
import stat
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path

from models.text import Text
from sandwich.errors import SettingsInvalid
from sandwich.settings import PREFIX, Settings

FILE = f"{PREFIX}SETTINGS"
"""The environment variable that names the file."""

_UNREADABLE = Text(
    nl="{name}: {path} is niet te lezen. Geef het account van Sandwich leesrechten, of schrijf het juiste pad.",
    en="{name}: {path} cannot be read. Let the account of Sandwich read it, or write the right path.",
)
_NO_LINE = Text(
    nl="{path}, regel {number}: schrijf NAAM=waarde, met een naam die met SANDWICH_ begint.",
    en="{path}, line {number}: write NAME=value, with a name that begins with SANDWICH_.",
)


def take_in(environ: MutableMapping[str, str]) -> None:
    """Add to ``environ`` what stands in the file that it names; what it has itself goes before."""
    named = environ.get(FILE)
    if not named:
        return
    try:
        text = Path(named).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _invalid(_UNREADABLE, name=FILE, path=named) from None
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if not line or line.startswith("#"):
            continue
        name, is_one, value = line.partition("=")
        if not is_one or name.strip() != name or not name.startswith(PREFIX):
            raise _invalid(_NO_LINE, path=named, number=number)
        environ.setdefault(name, _unquoted(value.strip()))


def open_to_all(environ: Mapping[str, str], settings: Settings) -> list[Path]:
    """Return the files with settings, secrets or people in them that every account of this machine can read."""
    return sorted({path for path in _kept(environ, settings) if _is_open(path)})


def _kept(environ: Mapping[str, str], settings: Settings) -> Iterator[Path]:
    for name, value in environ.items():
        if value and (name == FILE or (name.startswith(PREFIX) and name.endswith("_FILE"))):
            yield Path(value).resolve()
    if settings.store_url.startswith("sqlite"):
        yield Path(settings.store_url.partition("///")[2]).resolve()


def _is_open(path: Path) -> bool:
    """Whether others may read the file, and get through every folder on the way to it."""
    try:
        if not path.stat().st_mode & stat.S_IROTH:
            return False
        return os.name == "posix" and all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    except OSError:
        return False


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def _invalid(text: Text, **values: object) -> SettingsInvalid:
    said = text.filled(**values)
    return SettingsInvalid(said.en, said.nl)
