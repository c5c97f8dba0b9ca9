"""Read a page as a person without JavaScript does: its words, its links, its forms with what stands in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    """One form of a page: where it goes, and every field with the value that it would send."""

    action: str
    method: str
    multipart: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)

    def option(self, name: str, words: str) -> str:
        """Return the value of the option with these words in a list to pick from."""
        for (field_name, value), said in self.labels.items():
            if field_name == name and words in said:
                return value
        raise LookupError(f"list {name} has no {words!r}: {sorted(self.labels.values())}")

    def filled(self, answers: dict[str, str | list[str]]) -> dict[str, list[str]]:
        """Return what is sent with these answers typed and chosen; an unknown field or option is an error."""
        sent = {name: list(values) for name, values in self.fields.items()}
        for name, given in answers.items():
            values = [given] if isinstance(given, str) else given
            if name not in self.offered:
                raise KeyError(f"the form has no field {name}; it has {sorted(self.offered)}")
            choices = self.offered[name]
            if choices and name not in self.free and not set(values) <= choices:
                raise ValueError(f"field {name} offers {sorted(choices)}, not {values}")
            sent[name] = values
        return sent


class Page(HTMLParser):
    """A page that was fetched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.forms: list[PageForm] = []
        self.links: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._area: str | None = None
        self._select: str | None = None
        self._link: str | None = None
        self._option: tuple[str, str] | None = None
        self._quiet = 0
        self.feed(html)

    @property
    def text(self) -> str:
        """All words of the page, single-spaced."""
        return " ".join("".join(self._text).split())

    def form(self, action_part: str = "") -> PageForm:
        """Return the first posting form whose action holds ``action_part``."""
        for form in self.forms:
            if form.method == "post" and action_part in form.action:
                return form
        raise LookupError(f"no form to {action_part!r} on this page: {self.text[:400]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, fields and links."""
        have = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "title"}:
            self._quiet += 1
        if tag == "form":
            multipart = "multipart" in have.get("enctype", "")
            self.forms.append(PageForm(have.get("action", ""), have.get("method", "get").lower(), multipart))
        elif tag == "a" and "href" in have:
            self._link = have["href"]
            self.links.append((have["href"], ""))
        elif self.forms and have.get("name"):
            self._field(tag, have)
        elif tag == "option" and self.forms and self._select:
            form = self.forms[-1]
            form.offered[self._select].add(have.get("value", ""))
            self._option = (self._select, have.get("value", ""))
            form.labels[self._option] = ""
            if "selected" in have:
                form.fields[self._select] = [have.get("value", "")]

    def _field(self, tag: str, have: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], have["name"], have.get("type", "text")
        if tag == "button" or kind in {"submit", "file"}:
            return
        if tag == "textarea":
            self._area = name
            form.fields[name] = [""]
            form.offered.setdefault(name, set())
            form.free.add(name)
        elif tag == "select":
            self._select = name
            form.offered[name] = set()
        elif kind in {"radio", "checkbox"}:
            form.offered.setdefault(name, set()).add(have.get("value", "on"))
            if "checked" in have:
                form.fields.setdefault(name, []).append(have.get("value", "on"))
        elif tag == "input":
            form.fields.setdefault(name, [])
            form.fields[name].append(have.get("value", ""))
            if kind != "hidden":
                form.offered.setdefault(name, set())
                form.free.add(name)

    def handle_data(self, data: str) -> None:
        """Note words."""
        if self._area is not None and self.forms:
            value = self.forms[-1].fields[self._area]
            value[0] += data
        if self._option is not None:
            self.forms[-1].labels[self._option] += data
        if self._link is not None and self.links:
            href, words = self.links[-1]
            self.links[-1] = (href, words + data)
        if not self._quiet:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Note where things end."""
        if tag in {"script", "style", "title"}:
            self._quiet -= 1
        elif tag == "textarea":
            if self._area is not None and self.forms:
                # HTML lets a textarea begin with a line break that does not count.
                fields = self.forms[-1].fields
                fields[self._area] = [fields[self._area][0].removeprefix("\n")]
            self._area = None
        elif tag == "option":
            self._option = None
        elif tag == "select":
            self._select = None
        elif tag == "a":
            self._link = None
        elif tag in {"p", "li", "div", "h1", "h2", "h3", "td", "th", "dt", "dd", "legend", "label"}:
            self._text.append(" ")
