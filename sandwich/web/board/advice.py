"""What fits which purpose: the advice beside the question what an activity is for (field rule 25)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from models.playbook import Playbook
from models.text import Text
from sandwich.definitions.library import Library

_BEST = Text(nl="past het best", en="the best fit")
_FITS = Text(nl="past", en="fits")
_BEST_FIRST = Text(nl="Past het best bij dit doel", en="Fits this purpose best")
_FITS_TOO = Text(nl="Past ook", en="Fits as well")
_BEST_WITH = Text(nl="past het best bij: {kinds}", en="best with: {kinds}")
_FITS_WITH = Text(nl="past bij: {kinds}", en="fits: {kinds}")


@dataclass(frozen=True)
class Purpose:
    """A purpose with what is said beside it; ``advice`` is empty where no kind that there is fits."""

    key: str
    label: Text
    advice: Text | None


def advise(library: Library) -> list[Purpose]:
    """Return every purpose, those that some kind fits first, as the kinds name them."""
    playbooks = sorted(library.kinds.values(), key=lambda playbook: playbook.title.nl)
    named = {option.key: option.label for option in library.lists["purposes"].options}
    keys = dict.fromkeys([*(key for playbook in playbooks for key in playbook.purposes), *named])
    return [Purpose(key, named.get(key, Text(nl=key, en=key)), _advice(key, playbooks)) for key in keys]


def ranked(library: Library, purpose: str) -> list[tuple[Text | None, list[Playbook]]]:
    """Return all kinds, what fits a purpose best first, then what fits, then the others; each group with its words."""
    playbooks = sorted(library.kinds.values(), key=lambda playbook: playbook.title.nl)
    best = [playbook for playbook in playbooks if purpose in playbook.best_for]
    fitting = [playbook for playbook in playbooks if purpose in playbook.purposes and playbook not in best]
    others = [playbook for playbook in playbooks if playbook not in best and playbook not in fitting]
    return [(_BEST_FIRST, best), (_FITS_TOO, fitting), (None, others)]


def _advice(purpose: str, playbooks: Collection[Playbook]) -> Text | None:
    best = [playbook for playbook in playbooks if purpose in playbook.best_for]
    fitting = [playbook for playbook in playbooks if purpose in playbook.purposes and playbook not in best]
    if len(playbooks) == 1:
        return _BEST if best else _FITS if fitting else None
    said = [*_named(_BEST_WITH, best), *_named(_FITS_WITH, fitting)]
    return Text(nl="; ".join(text.nl for text in said), en="; ".join(text.en for text in said)) if said else None


def _named(words: Text, playbooks: Collection[Playbook]) -> Iterator[Text]:
    if playbooks:
        nl, en = (", ".join(book.title.to(language) for book in playbooks) for language in ("nl", "en"))
        yield words.filled(kinds=Text(nl=nl, en=en))
