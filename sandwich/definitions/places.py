"""Where in a YAML file something stands."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from models.text import Text
from sandwich.definitions.mistakes import Mistake, shown

Loc = tuple[int | str, ...]
"""The way to a value: keys of mappings and numbers of list items."""


@dataclass(frozen=True)
class Places:
    """The lines of one file; the file is only parsed for them when something is wrong."""

    path: Path
    text: str = field(repr=False)

    @cached_property
    def root(self) -> Node | None:
        """The parsed file with its marks, or ``None`` where it cannot be parsed."""
        try:
            node = YAML(typ="safe", pure=True).compose(self.text)
        except (YAMLError, RecursionError):
            return None
        return node if isinstance(node, Node) else None

    def line(self, loc: Loc) -> int:
        """Return the line of what ``loc`` leads to, or of the nearest thing above it that exists."""
        node: Any = self.root
        if node is None:
            return 1
        line = int(node.start_mark.line) + 1
        for step in loc:
            if isinstance(node, MappingNode):
                found = next(
                    ((key, value) for key, value in node.value if str(key.value) == str(step)),
                    None,
                )
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def scalars(self) -> list[ScalarNode]:
        """Return every single value of the file."""
        found, waiting = [], [self.root] if self.root else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, MappingNode):
                waiting += [part for pair in node.value for part in pair]
            elif isinstance(node, SequenceNode):
                waiting += node.value
            elif isinstance(node, ScalarNode):
                found.append(node)
        return found

    def mistake(self, loc: Loc, what: Text, remedy: Text | None = None) -> Mistake:
        """Return a mistake at ``loc``."""
        return Mistake(shown(self.path), self.line(loc), what, remedy)
