"""Tags of companies: what a form calls ``timber-frame`` and a list calls *houtskeletbouw* is one thing.

A tag that is known under several names is kept by the key of its option, whoever wrote it; any other as it was written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from models.choices import Option
from models.text import Text


@dataclass(frozen=True)
class TagBook:
    """The tags that have a key: by every name that people use for them, their labels, and all names of each."""

    keys: Mapping[str, str]
    labels: Mapping[str, Text]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, options: Iterable[Option]) -> Self:
        """Make the book of these options; where two have a name in common, the first has it."""
        keys: dict[str, str] = {}
        labels: dict[str, Text] = {}
        names: dict[str, tuple[str, ...]] = {}
        for option in options:
            labels.setdefault(option.key, option.label)
            names.setdefault(option.key, (option.key, option.label.nl, option.label.en, *option.also_called))
            for name in names[option.key]:
                keys.setdefault(folded(name), option.key)
        return cls(keys, labels, names)

    def kept(self, tags: Iterable[str]) -> list[str]:
        """Return tags as they are kept: each once, by its key where it has one."""
        found: dict[str, str] = {}
        for tag in tags:
            kept = self.keys.get(folded(tag), " ".join(tag.split()))
            if kept:
                found.setdefault(folded(kept), kept)
        return list(found.values())

    def shown(self, tag: str) -> Text:
        """Return how a tag is called, also one that was kept in words before it had a key."""
        return self.labels.get(self.keys.get(folded(tag), tag)) or Text(nl=tag, en=tag)

    def called(self, tag: str) -> tuple[str, ...]:
        """Return every name of a tag, as somebody may look for it."""
        return self.names.get(self.keys.get(folded(tag), tag), (tag,))

    def is_known(self, tag: str) -> bool:
        """Whether a tag has a key."""
        return folded(tag) in self.keys


def folded(tag: str) -> str:
    """Return a tag as it is compared: without capitals, hyphens and further spaces."""
    return " ".join(tag.casefold().replace("-", " ").split())
