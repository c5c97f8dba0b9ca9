"""Check files that an author names: playbooks and forms, in any folder, each by what it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ruamel.yaml.nodes import MappingNode

from models.playbook import Playbook
from models.reminders import Rhythms
from models.text import Text
from sandwich.definitions.between import between
from sandwich.definitions.library import CHECK_NAME, FORMS, Library
from sandwich.definitions.load import load_file
from sandwich.definitions.mistakes import DefinitionError, Mistake, in_order, shown
from sandwich.definitions.places import Places
from sandwich.definitions.playbooks import PLAYBOOKS, read_playbook

_NO_FILE = Text(nl="dit bestand bestaat niet.", en="there is no such file.")
_NOTHING_OF_OURS = Text(
    nl="dit is geen draaiboek (er staat geen steps: in) en geen formulier (er staat geen questions: in).",
    en="this is neither a playbook (it has no steps:) nor a form (it has no questions:).",
)
_COMPARE = Text(
    nl="Vergelijk het met een bestand in playbooks of met forms/goals.yaml.",
    en="Compare it with a file in playbooks or with forms/goals.yaml.",
)


@dataclass(frozen=True)
class Checked:
    """What was looked at, and what is wrong in it."""

    mistakes: tuple[Mistake, ...]
    playbooks: int
    forms: int


class Kind(StrEnum):
    """What a data file can be."""

    PLAYBOOK = "playbook"
    FORM = "form"
    SHARED = "shared"  # scales or lists, which belong to the forms of their folder
    RHYTHMS = "rhythms"


_SIGNS = {
    Kind.PLAYBOOK: {"steps", "gates", "purposes"},
    Kind.FORM: {"questions"},
    Kind.SHARED: {"scales", "lists"},
    Kind.RHYTHMS: {"reminders"},
}


def check_paths(paths: Sequence[Path], *, playbooks: str = "", forms: str = "") -> Checked:
    """Check the files at ``paths``, and those in folders there; without paths, all that an installation uses.

    ``playbooks`` and ``forms`` are the further folders of the installation, separated by ``:``.
    """
    own_forms, own_playbooks = _folders(forms), _folders(playbooks)
    named = list(paths) or [FORMS, *own_forms, PLAYBOOKS, *own_playbooks]
    files = list(dict.fromkeys(path for given in named for path in _files(given)))
    missing = [path for path in named if not path.exists()]
    mistakes = [Mistake(shown(path), 1, _NO_FILE, CHECK_NAME) for path in missing]
    kinds = {path: _kind(path) for path in files}
    for path, kind in kinds.items():
        if kind is None:
            mistakes.append(_nothing_of_ours(path))
    library, wrong = _library([*own_forms, *_form_folders(kinds)])
    mistakes += wrong
    known: dict[str, tuple[Playbook, Places]] = {}
    for path, kind in kinds.items():
        try:
            if kind is Kind.PLAYBOOK and library is not None:
                playbook, places = read_playbook(path, library)
                known[playbook.key] = playbook, places
            elif kind is Kind.RHYTHMS:
                load_file(path, Rhythms)
        except DefinitionError as error:
            mistakes += error.mistakes
    if library is not None and not mistakes:
        ours = (read_playbook(path, library) for path in sorted(PLAYBOOKS.glob("*.yaml")))
        every = {playbook.key: (playbook, places) for playbook, places in ours} | known
        mistakes += [mistake for mistake in between(every) if mistake.file in {shown(path) for path in files}]
    counted = list(kinds.values())
    return Checked(in_order(mistakes), counted.count(Kind.PLAYBOOK), counted.count(Kind.FORM))


def _library(folders: Iterable[Path]) -> tuple[Library | None, list[Mistake]]:
    """Load all forms; where some are wrong, playbooks are still checked against those of Sandwich itself."""
    unique = list(dict.fromkeys(folder for folder in folders if folder.resolve() != FORMS.resolve()))
    try:
        return Library.load(unique), []
    except DefinitionError as error:
        mistakes = list(error.mistakes)
    try:
        return Library.load(), mistakes
    except DefinitionError:
        return None, mistakes


def _form_folders(kinds: dict[Path, Kind | None]) -> Iterator[Path]:
    for path, kind in kinds.items():
        if kind in {Kind.FORM, Kind.SHARED}:
            yield path.parent


def _files(given: Path) -> Iterator[Path]:
    if given.is_dir():
        for path in sorted(given.rglob("*")):
            if path.suffix in {".yaml", ".yml"} and not path.name.startswith("."):
                yield path
    elif given.exists():
        yield given


def _kind(path: Path) -> Kind | None:
    """Tell what a file is by the keys that it begins with; ``None`` for something else or nothing readable."""
    try:
        root = Places(path, path.read_text(encoding="utf-8-sig")).root
    except (OSError, UnicodeDecodeError):
        root = None
    if not isinstance(root, MappingNode):
        # What cannot be read is told as a mistake of the kind of its folder.
        return Kind.FORM if path.parent.name == "forms" else Kind.PLAYBOOK
    keys = {str(key.value) for key, _value in root.value}
    return next((kind for kind, signs in _SIGNS.items() if keys & signs), None)


def _nothing_of_ours(path: Path) -> Mistake:
    return Mistake(shown(path), 1, _NOTHING_OF_OURS, _COMPARE)


def _folders(paths: str) -> list[Path]:
    return [Path(path) for path in paths.split(":") if path]
