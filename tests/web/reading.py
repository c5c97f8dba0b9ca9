"""Read a page as a browser does: its forms with what they would send untouched, its links, its ids."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = frozenset({"input", "img", "br", "meta", "link", "hr", "path", "rect", "progress"})


@dataclass
class PageForm:
    """One form of a page. ``fields`` is what an untouched browser sends."""

    action: str
    method: str
    is_multipart: bool
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def filled(self, **changes: str | list[str]) -> dict[str, list[str]]:
        """Return what is sent after ``changes``; write ``__`` for a dot in a name, ``_key`` stays as it is."""
        sent = {name: list(values) for name, values in self.fields.items()}
        for name, value in changes.items():
            sent[name.replace("__", ".") if not name.startswith("_") else name] = (
                [value] if isinstance(value, str) else value
            )
        return sent


class Page(HTMLParser):
    """A page, read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.labels_for: list[str] = []
        self.described_by: list[str] = []
        self.unlabelled: list[str] = []
        self.words: list[str] = []
        self._open: PageForm | None = None
        self._textarea: str | None = None
        self._select: str | None = None
        self._stack: list[str] = []
        self._labelled: set[str] = set()
        self._controls: list[tuple[str, str, bool]] = []
        self.unclosed: list[str] = []
        self.feed(text)
        self.close()
        self.unclosed += self._stack
        for name, key, is_in_label in self._controls:
            if not is_in_label and key not in self.labels_for:
                self.unlabelled.append(name)

    @property
    def form(self) -> PageForm:
        """The first form."""
        return self.forms[0]

    @property
    def content(self) -> str:
        """All words on the page."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag not in VOID:
            self._stack.append(tag)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if given.get("aria-describedby"):
            self.described_by += str(given["aria-describedby"]).split()
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag in {"link", "script", "img"}:
            self.sources.append(str(given.get("href") or given.get("src") or ""))
        if tag == "label" and given.get("for"):
            self.labels_for.append(str(given["for"]))
        if tag == "form":
            self._open = PageForm(
                action=str(given.get("action") or ""),
                method=str(given.get("method") or "get"),
                is_multipart=given.get("enctype") == "multipart/form-data",
            )
            self.forms.append(self._open)
        if tag in {"input", "textarea", "select"} and given.get("type") != "hidden":
            self._controls.append((str(given.get("name")), str(given.get("id")), "label" in self._stack))
        if self._open is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, Any]) -> None:
        assert self._open is not None
        name, kind = given.get("name"), given.get("type", "text")
        if tag in {"input", "textarea", "select"} and name:
            self._open.names.append(name)
        if tag == "button" and name:
            self._open.buttons[str(given.get("value"))] = name
        elif tag == "input" and name and kind != "file":
            if kind not in {"radio", "checkbox"} or "checked" in given:
                self._open.fields.setdefault(name, []).append(str(given.get("value") or ""))
        elif tag == "textarea" and name:
            self._textarea = name
            self._open.fields.setdefault(name, []).append("")
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open.fields):
            self._open.fields[self._select] = [str(given.get("value") or "")]

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._stack and self._stack[-1] == tag:
            self._stack.pop()
        else:
            self.unclosed.append(f"</{tag}>")
        if tag == "form":
            self._open = None
        if tag == "textarea":
            self._textarea = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None and self._open is not None:
            values = self._open.fields[self._textarea]
            # A browser leaves out the first line break inside a textarea.
            values[-1] += data[1:] if not values[-1] and data.startswith("\n") else data
        elif not self._stack or self._stack[-1] not in {"script", "style"}:
            self.words.append(data)


def read(text: str) -> Page:
    """Return the page that ``text`` is."""
    return Page(text)
