"""All definitions that there are: scales, lists of options and forms, from this repository and from a school."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel

from models.choices import Option, OptionList, OptionListFile, Scale, ScaleFile
from models.form import Column, Form, Question
from models.playbook import Playbook
from models.text import Text
from sandwich.definitions.checks import RENAME_ONE, FormCheck
from sandwich.definitions.load import Loaded, load_with_places
from sandwich.definitions.mistakes import ROOT, DefinitionError, Mistake, shown
from sandwich.definitions.places import Loc, Places
from sandwich.definitions.plain_words import nearest
from sandwich.errors import SandwichError
from sandwich.rules.tags import TagBook

FORMS = ROOT / "forms"
"""The folder of the forms that come with Sandwich."""

M = TypeVar("M", bound=BaseModel)
_K = TypeVar("_K", Scale, OptionList, Form, Playbook)

CHECK_NAME = Text(nl="Controleer de naam.", en="Check its name.")
_FORM = Text(nl="formulier", en="form")
_PLAYBOOK = Text(nl="draaiboek", en="playbook")
_SCALE = Text(nl="schaal", en="scale")
_LIST = Text(nl="lijst", en="list")
_VARIANT = Text(nl="variant van formulier {form}", en="variant of form {form}")
_ELSEWHERE = Text(
    nl='het formulier "{key}" bestaat al in een andere map.', en='the form "{key}" exists already in another folder.'
)
_OWN_NAME = Text(nl="Geef het een eigen naam.", en="Give it a name of its own.")
_NO_FOLDER = Text(nl="deze map bestaat niet.", en="there is no such folder.")
_NO_LIST = Text(
    nl='de lijst "{key}" vult "{base}" aan, en dat is geen gewone lijst.',
    en='the list "{key}" extends "{base}", which is no plain list.',
)
_TWICE = Text(
    nl='"{key}" staat er twee keer, hier of in een andere map.', en='"{key}" stands twice, here or in another folder.'
)


class UnknownDefinition(SandwichError):
    """There is no {kind} with the name "{name}".{hint}"""

    dutch = 'Er is geen {kind} met de naam "{name}".{hint}'

    def __init__(self, kind: Text, name: str, names: Iterable[str]) -> None:
        """Say which ``kind`` of definition was looked for, under which ``name``, among which ``names``."""
        close = get_close_matches(name, list(names), n=1)
        hint = Text(nl=' Bedoelde je "{near}"?', en=' Did you mean "{near}"?').filled(near=close[0]) if close else ""
        super().__init__(kind=kind, name=name, hint=hint)


@dataclass(frozen=True, repr=False)  # it would be as long as all forms and playbooks together
class Library:
    """All scales, lists of options and forms, checked against each other."""

    scales: Mapping[str, Scale]
    lists: Mapping[str, OptionList]
    forms: Mapping[str, Form]
    playbooks: Mapping[str, Playbook] = field(default_factory=dict)

    @classmethod
    def load(cls, extra: Iterable[Path] = (), *, own: Path = FORMS) -> Self:
        """Load every form of Sandwich and of the folders in ``extra``.

        A folder may hold ``scales.yaml``, ``lists.yaml`` and one file per form. Raises ``DefinitionError`` with the
        mistakes of all files together.
        """
        reader = _Reader([own, *extra])
        scales, lists, forms = reader.read()
        if reader.mistakes:
            raise DefinitionError(reader.mistakes)
        return cls(scales=scales, lists=lists, forms=forms)

    def form(self, key: str) -> Form:
        """Return the form with ``key``; raises ``UnknownDefinition``."""
        return _find(_FORM, self.forms, key)

    def playbook(self, key: str) -> Playbook:
        """Return the playbook with ``key``; raises ``UnknownDefinition``."""
        return _find(_PLAYBOOK, self.playbooks, key)

    @cached_property
    def kinds(self) -> Mapping[str, Playbook]:
        """The playbooks that somebody can start an activity with, by their key: all but those that are only a part."""
        return {key: playbook for key, playbook in self.playbooks.items() if not playbook.only_part}

    @cached_property
    def tags(self) -> TagBook:
        """The tags of companies that have a key: techniques, and sectors."""
        lists = [self.lists[name].options for name in ("techniques", "sectors") if name in self.lists]
        return TagBook.of(option for options in lists for option in options if option.key != "other")

    @cached_property
    def versions(self) -> Mapping[str, frozenset[str]]:
        """The digests of every playbook as it is now, one for each of its variants, by its key."""
        return {
            key: frozenset(digest(playbook.as_variant(variant)) for variant in playbook.variant_keys)
            for key, playbook in self.playbooks.items()
        }

    def scale(self, key: str) -> Scale:
        """Return the scale with ``key``; raises ``UnknownDefinition``."""
        return _find(_SCALE, self.scales, key)

    def options(self, item: Question | Column) -> tuple[Option, ...]:
        """Return the options of a question or column, also where it names a list; none where it has no options."""
        if isinstance(item.options, str):
            return _find(_LIST, self.lists, item.options).options
        return item.options or ()

    def resolved(self, form: Form | str, variant: str | None = None) -> Form:
        """Return a form that needs no other file: options and scales inlined, only the questions of ``variant``.

        This is what is stored with an answer. ``None`` is the form as it is, without a variant.
        """
        form = self.form(form) if isinstance(form, str) else form
        if variant is not None and variant not in form.variants:
            raise UnknownDefinition(_VARIANT.filled(form=form.key), variant, form.variants)
        own = form.in_variant(variant)
        return own.model_copy(update={"questions": tuple(self._inline(question) for question in own.questions)})

    def _inline(self, question: Question) -> Question:
        columns = tuple(column.model_copy(update=self._shared(column)) for column in question.columns)
        return question.model_copy(update={**self._shared(question), "columns": columns})

    def _shared(self, item: Question | Column) -> dict[str, object]:
        scale = self.scale(item.scale) if isinstance(item.scale, str) else item.scale
        return {"scale": scale, "options": self.options(item) or None}


def digest(definition: BaseModel) -> str:
    """Return the SHA-256 of a form or playbook in canonical JSON, as hexadecimal digits; defaults do not count."""
    content = definition.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class _Reader:
    """Reads folders of forms and gathers what is wrong in them."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = list(folders)
        self.mistakes: list[Mistake] = []
        self.stands: dict[tuple[str, str], tuple[Places, Loc]] = {}

    def read(self) -> tuple[dict[str, Scale], dict[str, OptionList], dict[str, Form]]:
        paths = list(self._paths())
        scales = self._shared(paths, "scales", ScaleFile, lambda file: file.scales)
        lists = self._extended(self._shared(paths, "lists", OptionListFile, lambda file: file.lists))
        forms: dict[str, Form] = {}
        for path in paths:
            if path.stem in {"scales", "lists"}:
                continue
            loaded = self._load(path, Form)
            if loaded is None:
                continue
            form = loaded.definition
            self.mistakes += FormCheck(form, loaded.places, scales, lists).mistakes()
            if form.key in forms:
                self.mistakes.append(loaded.places.mistake(("key",), _ELSEWHERE.filled(key=form.key), _OWN_NAME))
            forms[form.key] = form
        return scales, lists, forms

    def _paths(self) -> Iterator[Path]:
        for folder in self.folders:
            if not folder.is_dir():
                self.mistakes.append(Mistake(shown(folder), 1, _NO_FOLDER, CHECK_NAME))
                continue
            for path in sorted(folder.iterdir()):
                if path.suffix in {".yaml", ".yml"} and not path.name.startswith("."):
                    yield path

    def _load(self, path: Path, model: type[M]) -> Loaded[M] | None:
        try:
            return load_with_places(path, model)
        except DefinitionError as error:
            self.mistakes += error.mistakes
            return None

    def _shared(
        self, paths: list[Path], part: str, model: type[M], items: Callable[[M], tuple[_K, ...]]
    ) -> dict[str, _K]:
        """Read ``scales.yaml`` or ``lists.yaml`` of every folder; ``part`` is the key that it begins with."""
        found: dict[str, _K] = {}
        for path in paths:
            loaded = self._load(path, model) if path.stem == part else None
            if loaded is None:
                continue
            for number, item in enumerate(items(loaded.definition)):
                if item.key in found:
                    self.mistakes.append(loaded.places.mistake((part, number), _TWICE.filled(key=item.key), RENAME_ONE))
                found[item.key] = item
                self.stands[part, item.key] = loaded.places, (part, number)
        return found

    def _extended(self, lists: dict[str, OptionList]) -> dict[str, OptionList]:
        """Put the options of the list that another one extends before its own."""
        whole = dict(lists)
        for key, item in lists.items():
            if item.extends is None:
                continue
            base = lists.get(item.extends)
            if base is None or base.extends is not None:
                places, loc = self.stands["lists", key]
                plain = sorted(name for name, other in lists.items() if other.extends is None)
                what = _NO_LIST.filled(key=key, base=item.extends)
                self.mistakes.append(places.mistake((*loc, "extends"), what, nearest(item.extends, plain)))
                continue
            whole[key] = item.model_copy(update={"extends": None, "options": base.options + item.options})
        return whole


def _find(kind: Text, things: Mapping[str, _K], key: str) -> _K:
    try:
        return things[key]
    except KeyError:
        raise UnknownDefinition(kind, key, things) from None
