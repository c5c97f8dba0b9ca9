"""Threads as mail programs make them: the REFERENCES algorithm of RFC 5256, and what programs that split on the subject
show.

Only what the RFC says of messages in one folder; ``References`` alone decides, else ``In-Reply-To``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.message import Message

_ID = re.compile(r"<[^<>\s]+>")
_ARTEFACT = re.compile(r"^\s*(?:(?:re|fwd?|fw)\s*(?:\[[^\]]*\])?\s*:|\[[^\]]*\])\s*", re.IGNORECASE)


@dataclass
class Container:
    """A place in a thread; without a ``message`` it stands for one that is named and not there."""

    key: str
    message: Message | None = None
    parent: "Container | None" = None
    children: list["Container"] = field(default_factory=list)

    def is_above(self, other: "Container | None") -> bool:
        """Whether this stands above ``other``, or is it."""
        while other is not None:
            if other is self:
                return True
            other = other.parent
        return False

    def messages(self) -> list[Message]:
        """Return everything in the thread that begins here."""
        found = [self.message] if self.message is not None else []
        for child in self.children:
            found += child.messages()
        return found


def threads(messages: Iterable[Message]) -> list[list[Message]]:
    """Return the threads of a folder by REFERENCES, in the order in which they begin (RFC 5256, page 9)."""
    known: dict[str, Container] = {}
    for number, message in enumerate(messages):
        own = _ids(message, "Message-ID")
        key = own[0] if own and (own[0] not in known or known[own[0]].message is None) else f"<{number}@twice>"
        named = [one for one in _ids(message, "References") or _ids(message, "In-Reply-To")[:1] if one != key]
        # Step 1: link what is named, each to the one before; what is linked already stays so.
        above: Container | None = None
        for name in named:
            here = known.setdefault(name, Container(name))
            if above is not None and here.parent is None and not here.is_above(above):
                _link(above, here)
            above = here
        mine = known.setdefault(key, Container(key))
        mine.message = message
        if mine.parent is not None:
            mine.parent.children.remove(mine)
            mine.parent = None
        if above is not None and not mine.is_above(above):
            _link(above, mine)
    # Step 2: whoever has no parent is a root.
    roots = [one for one in known.values() if one.parent is None]
    # Step 3: prune places without a message; their children go up, to the root only where there is one.
    kept: list[Container] = []
    for root in roots:
        _prune(root)
        kept += [root] if root.message is not None or len(root.children) > 1 else root.children
    # Step 5: threads with one base subject are one.
    by_subject: dict[str, list[Message]] = {}
    found: list[list[Message]] = []
    for root in kept:
        said = root.messages()
        subject = base_subject(said[0])
        if subject and subject in by_subject:
            by_subject[subject] += said
            continue
        found.append(said)
        if subject:
            by_subject[subject] = found[-1]
    return found


def split_on_subject(messages: Iterable[Message]) -> list[list[Message]]:
    """Return the conversations of a program that begins a new one wherever the subject changes."""
    found: dict[tuple[int, str], list[Message]] = {}
    for number, thread in enumerate(threads(messages)):
        for message in thread:
            found.setdefault((number, base_subject(message)), []).append(message)
    return list(found.values())


def base_subject(message: Message) -> str:
    """Return what is left of a subject without the marks of replies and lists (RFC 5256, 2.1)."""
    text = " ".join(str(message.get("Subject", "")).split()).casefold()
    while (shorter := _ARTEFACT.sub("", text, count=1)) != text and shorter:
        text = shorter
    return re.sub(r"\s*\(fwd\)\s*$", "", text)


def _ids(message: Message, header: str) -> Sequence[str]:
    return _ID.findall(" ".join(str(message.get(header, "")).split()))


def _link(above: Container, below: Container) -> None:
    below.parent = above
    above.children.append(below)


def _prune(container: Container) -> None:
    for child in list(container.children):
        _prune(child)
        if child.message is None:
            place = container.children.index(child)
            container.children[place : place + 1] = child.children
            for one in child.children:
                one.parent = container
