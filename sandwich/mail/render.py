"""From a typed context to subject, text and HTML. A missing value is an error, and what people typed stays text.

In the text part every value is put on one line; only what these helpers lay out themselves (:class:`Block`) has
several, each with a mark in front, so that no typed line can pass for one of ours. In the HTML part everything is
escaped. Styles are inlined when a template is loaded, once, not per mail.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.exceptions import UndefinedError
from jinja2.runtime import Context
from markupsafe import Markup

from models.text import Language
from sandwich.errors import SandwichError
from sandwich.mail import clean
from sandwich.mail.contexts.parts import MailContext
from sandwich.mail.inline import inlined
from sandwich.mail.words import FILTERS, Words, dial

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "emails"
WIDTH = 76


class MailNotRendered(SandwichError):
    """The mail {mail} cannot be worded: {detail}."""

    dutch = "De mail {mail} is niet op te stellen: {detail}."


@dataclass(frozen=True)
class Rendered:
    """A mail in words: what stands in the subject, the text part and the HTML part."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Section:
    """The body of a mail, as text and as HTML."""

    text: "Block"
    html: Markup


@dataclass(frozen=True)
class Own:
    """What a school says instead of us: an ask, and the paragraphs of an opening or closing; ours where empty.

    ``word`` are the paragraphs that a coordinator put before the opening of this one mail.
    """

    ask: str | None = None
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    word: tuple[str, ...] = ()


OURS = Own()
"""Nothing: all words are ours."""


class Block(str):
    """Text of several lines that a helper laid out; the only kind that keeps its line breaks in a text part."""


class Renderer:
    """Words mails from the templates of one folder, for readers in one time zone."""

    def __init__(self, timezone: str, folder: Path = TEMPLATES) -> None:
        self._folder = folder
        self._words = {language: Words(language, timezone) for language in Language}
        self._text = {language: self._environment(language, _on_one_line) for language in Language}
        self._html = {language: self._environment(language, _escaped, html=True) for language in Language}
        self._subject = {language: self._environment(language, _in_subject) for language in Language}

    def words(self, language: Language) -> Words:
        """Return the writer of dates and numbers for one language."""
        return self._words[language]

    def render(self, mail: str, language: Language, context: MailContext, own: Own = OURS) -> Rendered:
        """Word one mail; its subject is ``{title}: {ask}``.

        Raises :class:`MailNotRendered` where a template or a value is missing.
        """
        title = clean.shortened(clean.header_text(context.title), clean.SUBJECT_TITLE)
        subject = f"{title}: {self.ask(mail, language, context, own)}"
        text = self._worded(self._text[language], mail, "body.{}.txt", language, context, own)
        html = self._worded(self._html[language], mail, "body.{}.html", language, context, own)
        return Rendered(subject, wrapped(text), html.strip() + "\n")

    def ask(self, mail: str, language: Language, context: MailContext, own: Own = OURS) -> str:
        """Return what the subject of a mail says behind the title: its line where several go together."""
        if own.ask is not None:
            return clean.header_text(own.ask)
        return clean.header_text(self._worded(self._subject[language], mail, "subject.{}.txt", language, context))

    def section(self, mail: str, language: Language, context: MailContext, own: Own = OURS) -> Section:
        """Return the body of a mail without its frame, to stand among others in one mail."""
        text = self._worded(self._text[language], mail, "body.{}.txt", language, context, own, block="body")
        html = self._worded(self._html[language], mail, "body.{}.html", language, context, own, block="body")
        return Section(Block(text.strip()), Markup(html.strip()))  # noqa: S704 - what our own autoescaping template made

    def environments(self, language: Language) -> dict[str, Environment]:
        """Return what words the parts of a mail in one language: ``subject.txt``, ``body.txt`` and ``body.html``."""
        return {
            "subject.txt": self._subject[language],
            "body.txt": self._text[language],
            "body.html": self._html[language],
        }

    def piece(self, mail: str, language: Language, context: MailContext, block: str) -> str:
        """Return one block of a mail, ``opening`` or ``closing``, as our own text has it; empty where it has none."""
        environment = self._text[language]
        if block not in environment.get_template(f"{mail}/body.{language}.txt").blocks:
            return ""
        return wrapped(self._worded(environment, mail, "body.{}.txt", language, context, block=block)).strip()

    def _worded(
        self,
        environment: Environment,
        mail: str,
        part: str,
        language: Language,
        context: MailContext,
        own: Own = OURS,
        *,
        block: str | None = None,
    ) -> str:
        """Word one part of a mail, or one block of it, with the blocks of ``own`` in place of those that we ship."""
        try:
            template = environment.get_template(f"{mail}/{part.format(language)}")
            filled = template.new_context(context.values())
            for name, paragraphs in (("opening", own.opening), ("closing", own.closing)):
                if paragraphs:
                    filled.blocks[name] = [_instead(environment, paragraphs)]
            if own.word:
                filled.blocks["opening"] = [_before(environment, own.word, filled.blocks["opening"][0])]
            return "".join(filled.blocks[block][0](filled) if block else template.root_render_func(filled))
        except TemplateNotFound as error:
            raise MailNotRendered(mail=mail, detail=f"there is no {error.name}") from error
        except UndefinedError as error:
            raise MailNotRendered(mail=mail, detail=str(error)) from error

    def _environment(self, language: Language, finalize: Callable[[Any], Any], *, html: bool = False) -> Environment:
        environment = Environment(
            loader=_InliningLoader(self._folder) if html else FileSystemLoader(self._folder),
            autoescape=html,  # noqa: S701 - text parts are no markup; nothing in them is read as such
            undefined=StrictUndefined,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        words = self._words[language]
        environment.filters.update(
            {name: getattr(words, name) for name in FILTERS},
            dial=dial,
            lines=clean.lines,
            ours=Markup if html else Block,
        )
        environment.globals.update(
            lang=language.value,
            foot_file=f"_base/foot.{language}.{'html' if html else 'txt'}",
            stages=words.stages,
            for_whom=words.for_whom,
        )
        if html:
            parts = environment.get_template("_base/parts.html").module
            environment.globals.update({name: getattr(parts, name) for name in (*_LAYOUT, "dialled", "figure")})
        else:
            environment.globals.update(_LAYOUT)
        return environment


@lru_cache(maxsize=8)
def renderer(timezone: str) -> Renderer:
    """Return the renderer of our own templates, whose compiled templates are kept."""
    return Renderer(timezone)


def wrapped(text: str) -> str:
    """Return a text part with lines of at most 76 characters where words allow it, and at most one empty line."""
    out: list[str] = []
    for line in text.strip().split("\n"):
        line = line.rstrip()
        if not line and out and not out[-1]:
            continue
        if len(line) <= WIDTH or " " not in line.strip():
            out.append(line)
            continue
        mark = re.match(r"\s*(?:[>|] |- )?\s*", line)
        lead = mark.group() if mark else ""
        behind = lead if ">" in lead or "|" in lead else " " * len(lead)
        first, *others = [word for word in line[len(lead) :].split(" ") if word]
        now = lead + first
        for word in others:
            if len(now) + 1 + len(word) > WIDTH:
                out.append(now)
                now = behind + word
            else:
                now = f"{now} {word}"
        out.append(now)
    return "\n".join(out) + "\n"


def facts(rows: Iterable[Sequence[str]]) -> Block:
    """Lay out pairs of a label and a value, one to a line."""
    pairs = [(clean.one_line(str(label)), clean.one_line(str(value))) for label, value in rows]
    return Block("\n".join(f"{label}: {value}" for label, value in pairs))


def items(texts: Iterable[str]) -> Block:
    """Lay out a list, one item to a line with a dash in front."""
    return Block("\n".join(f"- {clean.one_line(str(text))}" for text in texts))


def quote(text: str, name: str | None = None) -> Block:
    """Lay out what somebody wrote, every line with a mark in front."""
    said = [f"> {line}" for line in clean.lines(text)]
    return Block("\n".join([*said, *([f"> ({clean.one_line(name)})"] if name else [])]))


def button(label: str, link: str, duration: str | None = None) -> Block:
    """Lay out the one thing to do: its words, how long it takes, and the plain address below it."""
    takes = f" ({clean.one_line(duration)})" if duration else ""
    return Block(f"{clean.one_line(label)}{takes}:\n{clean.one_line(link)}")


def paragraphs(texts: Iterable[str]) -> Block:
    """Lay out paragraphs, with an empty line around each."""
    return Block("".join(f"\n{clean.one_line(text)}\n\n" for text in texts))


_LAYOUT: dict[str, Callable[..., Block]] = {
    "facts": facts,
    "items": items,
    "quote": quote,
    "button": button,
    "paragraphs": paragraphs,
}
"""What lays out values in the text part; the HTML part has macros of the same names."""


def _instead(environment: Environment, texts: Sequence[str]) -> Callable[[Context], Iterator[str]]:
    """Return a block that says these paragraphs, as the layout of the environment has them."""
    layout: Any = environment.globals["paragraphs"]
    return lambda context: iter([str(layout(texts))])


def _before(
    environment: Environment, texts: Sequence[str], block: Callable[[Context], Iterator[str]]
) -> Callable[[Context], Iterator[str]]:
    """Return a block that says these paragraphs first."""
    return lambda context: chain(_instead(environment, texts)(context), block(context))


def _given(value: Any) -> Any:
    if value is None:
        raise UndefinedError("a value that the template prints is None")
    return value


def _on_one_line(value: Any) -> Any:
    return _given(value) if isinstance(value, Block) else clean.one_line(str(_given(value)))


def _in_subject(value: Any) -> str:
    return clean.header_text(str(_given(value)))


def _escaped(value: Any) -> Any:
    return value if isinstance(value, Markup) else clean.one_line(str(_given(value)))


class _InliningLoader(FileSystemLoader):
    """Loads HTML templates with their styles inlined."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._style = (folder / "_base" / "style.css").read_text(encoding="utf-8")

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, _ = super().get_source(environment, template)
        return (inlined(source, self._style) if template.endswith(".html") else source), path, lambda: True
