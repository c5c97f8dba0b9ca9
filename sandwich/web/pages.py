"""Pages: the Jinja environment and the words that every template has.

A template has, besides what its route gives it:

``language``, ``formal``      the reader's language and whether Dutch says *u*
``say(nl, en, u=None, **v)``  a sentence in the reader's language, with ``{names}`` filled in
``day``, ``short_day``, ``clock``, ``at``, ``span``, ``period``
                              dates as people write them
``said_of(texts)``             texts in the reader's language, one after the other
``tel(number)``                a phone number for a ``tel:`` link
``path("/board")``            an address of ours, also where the installation lives under a base path
``is_demo``                   whether this installation is a demo, which every page then says
``static("sandwich.css")``    the address of a static file, new whenever the file changes

Macros are imported "with context", so that they speak the page's language.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from models.text import Language, Text
from sandwich.mail.words import dial
from sandwich.settings import Settings
from sandwich.web.dates import Calendar
from sandwich.web.language import preferred

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "pages"
STATIC = Path(__file__).resolve().parent / "static"


def base_path(settings: Settings) -> str:
    """Return the path that the installation lives under: ``""`` or such as ``/sandwich``."""
    return urlsplit(settings.base_url).path.rstrip("/")


class Pages:
    """Renders the pages of one installation."""

    def __init__(self, settings: Settings) -> None:
        self.base = base_path(settings)
        self.default = settings.language
        self.calendar = Calendar(settings.timezone)
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            say=say,
            said_of=said_of,
            is_demo=settings.environment.value == "demo",
            path=self.path,
            tel=dial,
            static=self.static,
            day=pass_context(lambda context, moment: self.calendar.day(moment, context["language"])),
            short_day=pass_context(lambda context, moment: self.calendar.short_day(moment, context["language"])),
            at=pass_context(lambda context, moment: self.calendar.at(moment, context["language"])),
            period=pass_context(lambda context, start, end: self.calendar.period(start, end, context["language"])),
            span=pass_context(lambda context, start, end: self.calendar.span(start, end, context["language"])),
            clock=self.calendar.clock,
            iso=lambda moment: moment.isoformat() if isinstance(moment, datetime | date) else str(moment),
        )

    def path(self, address: str) -> str:
        """Return an address of ours (``/board``) with the base path in front."""
        return f"{self.base}{address}"

    def static(self, name: str) -> str:
        """Return the address of a static file; it carries the file's digest, so browsers may keep it for good."""
        return f"{self.base}/static/{name}?v={_digest(name)}"

    def language_of(self, request: Request) -> Language:
        """Return the language for somebody whom we do not know."""
        return preferred(request.headers.get("accept-language"), self.default)

    def html(
        self,
        name: str,
        *,
        language: Language | str,
        formal: bool = False,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Render the template ``name`` for one reader."""
        template = self.environment.get_template(name)
        text = template.render(language=str(language), formal=formal, **context)
        return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


def pages_of(request: Request) -> Pages:
    """Return the pages of the installation that a request came to."""
    pages: Pages = request.app.state.pages
    return pages


@pass_context
def say(context: Context, nl: str, en: str, u: str | None = None, **values: object) -> str:
    """Return the sentence in the reader's language; ``u`` is the Dutch for readers who are addressed with *u*."""
    dutch = u if u is not None and context["formal"] else nl
    sentence = en if context["language"] == Language.ENGLISH else dutch
    return sentence.format(**values) if values else sentence


@pass_context
def said_of(context: Context, texts: Iterable[Text]) -> str:
    """Return texts in the reader's language, one after the other."""
    return ", ".join(text.to(context["language"]) for text in texts)


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
