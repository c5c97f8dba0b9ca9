"""Every mail in both languages: worded from what people may type, without that ever becoming more than text."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from models.roles import Role
from models.text import Language
from sandwich.mail import clean
from sandwich.mail.contexts.parts import ActivityContext
from sandwich.mail.example import CONTEXTS, LINK, ROLES, sample
from sandwich.mail.mails import BUNDLE, MAILS
from sandwich.mail.render import TEMPLATES, MailNotRendered, Renderer, renderer

WORDS = renderer("Europe/Amsterdam")
BOTH = pytest.mark.parametrize("language", list(Language))
EVERY = pytest.mark.parametrize("name", list(CONTEXTS))

NASTY = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)></td></table><a href='http://evil.example'>",
    "template": "{{ 7 * 7 }}{% include 'x' %}{# c #}{{ reader.name.__class__ }}",
    "markdown": "**vet** _schuin_ [klik](http://evil.example) ![x](http://evil.example/x.png) `code` # kop",
    "placeholders": "{activity} {date} {0.__class__} {reader!r:>99} %s %(x)s ${x}",
    "lines": "een\r\nBcc: inj@example.com\r\n\r\n--------\r\nLater: http://evil.example/\u2028Bcc: x@evil.example",
    "encoded word": "x =?utf-8?q?=0D=0ABcc:_inj@example.com?= y",
    "right to left": "\u202eneb ki\u202c \u2066nog\u2069 \u200fiets",
    "long": "een heel lange naam " * 25,
    "one word": "x" * 500,
    "accents": 'Zoë Þórsdóttir-van \'t Hoff, dr. "Bé" & zn. ’s-Gravenhage',
    "controls": "a\x00b\x07c\x1b[31md\ud800e",
    "quotes": "\"'`\\;--",
}


class Tags(HTMLParser):
    """The tags of a page in order, the addresses that it leads to, and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.tags.append(tag)
        values = dict(attrs)
        assert not any(name.startswith("on") for name in values)
        assert "src" not in values
        if tag == "a":
            self.links.append(values["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@EVERY
@BOTH
def test_every_mail_has_its_six_files_and_words_itself_full_and_bare(name: str, language: Language) -> None:
    for part in ("subject.nl.txt", "subject.en.txt", "body.nl.txt", "body.nl.html", "body.en.txt", "body.en.html"):
        assert (TEMPLATES / name / part).is_file(), part
    for bare in (False, True):
        mail = WORDS.render(name, language, sample(name, bare=bare))
        page = Tags(mail.html)
        assert mail.subject.startswith("een woord: ")
        assert "\n" not in mail.subject
        assert page.tags.count("h1") == 1
        assert f'lang="{language}"' in mail.html
        for words in (mail.subject, mail.text, "".join(page.text)):
            assert "None" not in words
            assert "{{" not in words
            assert "{%" not in words
            assert "Undefined" not in words
        for link in page.links:
            assert link.startswith("tel:") or link.partition("?")[0] in mail.text, link
        assert max(len(line) for line in mail.text.splitlines()) <= 78
        assert "\n\n\n" not in mail.text


@EVERY
@BOTH
def test_the_lines_of_a_text_part_do_not_run_together(name: str, language: Language) -> None:
    """A block tag at the end of a line takes the end of the line with it, unless it says otherwise (``+%}``)."""
    for role in (Role.TEACHER, Role.HOST_CONTACT):
        letter = WORDS.render(name, language, sample(name, "Woord", role=role)).text.partition("\n--------\n")[0]
        assert not re.search(r"\S- Woord", letter), "each row of a list begins a line"
        assert not re.search(r"\b(Wil|Kun|Heb)(je|u)\b", letter)
        assert not re.search(r"[.!?]\n[^\n.!?]*:\nhttps://", letter), "a link stands apart from the words before it"


def test_there_are_no_folders_that_no_mail_uses() -> None:
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}

    assert folders == set(MAILS) | {BUNDLE, "_base"}


@EVERY
@BOTH
@pytest.mark.parametrize("kind", list(NASTY))
def test_what_people_type_becomes_neither_markup_nor_header_nor_line(name: str, language: Language, kind: str) -> None:
    text = NASTY[kind]
    plain = WORDS.render(name, language, sample(name))
    mail = WORDS.render(name, language, sample(name, text))
    page = Tags(mail.html)

    assert page.tags == Tags(plain.html).tags
    assert all(link.startswith(("tel:", LINK)) for link in page.links)
    assert "49" not in "".join(page.text) or kind != "template"
    title, _, ask = mail.subject.partition(": ")
    assert title == clean.shortened(clean.header_text(text), clean.SUBJECT_TITLE).partition(": ")[0]
    assert ask
    for words in (mail.subject, mail.text, mail.html):
        assert not clean.has_forbidden(words.replace("\n", ""))
    assert "=?" not in mail.subject
    if name != BUNDLE:
        lines = WORDS.section(name, language, sample(name, text)).text.splitlines()
        assert not any(line.lstrip().startswith(("Bcc", "----", "Later: http://evil")) for line in lines)


@BOTH
def test_a_value_that_is_missing_is_an_error(language: Language) -> None:
    asking = sample("goals")
    lacking = ActivityContext(**{key: getattr(asking, key) for key in ActivityContext.model_fields})

    with pytest.raises(MailNotRendered, match="is undefined"):
        WORDS.render("goals", language, lacking)
    with pytest.raises(MailNotRendered):
        WORDS.render("no-such-mail", language, asking)


def test_a_value_that_is_none_is_never_printed(tmp_path: Any) -> None:
    folder = tmp_path / "emails"
    (folder / "odd").mkdir(parents=True)
    (folder / "_base").symlink_to(TEMPLATES / "_base")
    (folder / "odd" / "subject.nl.txt").write_text("{{ place }}")

    with pytest.raises(MailNotRendered, match="None"):
        Renderer("Europe/Amsterdam", folder).ask("odd", Language.DUTCH, sample("goals", bare=True))


@EVERY
def test_hosts_are_addressed_with_u_and_everybody_else_with_je(name: str) -> None:
    own = ROLES.get(name)
    for role in [own] if own else [Role.TEACHER, Role.HOST_CONTACT]:
        if name in _TEACHERS_ONLY and role is Role.HOST_CONTACT:
            continue
        context = sample(name, "x", role=role)
        text = WORDS.render(name, Language.DUTCH, context).text
        wrong = r"\b(je|jij|jou|jouw|jullie)\b" if context.formal else r"\b(u|uw)\b"
        found = re.findall(wrong, re.sub(r'"[^"]*"', "", text), re.IGNORECASE)
        assert found == [], text


_TEACHERS_ONLY = {"invitation", "goals", "field-note", "evaluation", "impressions", "impact-check", "login-code"} | {
    "feedback-participant",
    "colleague-wish",
    "card-withdrawn",
    "certificate",
}


@EVERY
@BOTH
def test_every_mail_says_who_asks_why_it_came_and_what_happens_with_the_data(name: str, language: Language) -> None:
    mail = WORDS.render(name, language, sample(name, "Anna Voorbeeld"))
    words = {
        Language.DUTCH: ("krijg", "naam tot drie schooljaren na", "Grondslag"),
        Language.ENGLISH: ("get this mail", "name until three school years after", "Basis"),
    }
    foot = mail.text.split("--------")[-1].replace("\n", " ")
    if name == "login-code":
        assert "automatisch" in foot or "automatically" in foot
        return
    assert words[language][0] in foot
    if ROLES.get(name) is Role.COORDINATOR:
        assert words[language][2] in foot
        assert {"nl": "zolang je activiteiten begeleidt", "en": "as long as you look after activities"}[
            language
        ] in foot
    elif ROLES.get(name) is not Role.COLLEAGUES:
        for part in words[language][1:]:
            assert part in foot
    assert "Anna Voorbeeld" in mail.text


@BOTH
@pytest.mark.parametrize("name", ["impact-check", "reminder"])
def test_who_only_uses_the_material_reads_why_and_is_told_nothing_of_a_day(name: str, language: Language) -> None:
    found = WORDS.render(name, language, sample(name, role=Role.ADOPTER))
    words = {
        Language.DUTCH: ("op de deelmuur", "Grondslag: je toestemming", "een maand nadat deze vraag sluit"),
        Language.ENGLISH: ("on the share wall", "Basis: your consent", "a month after this question closes"),
    }
    for text in (found.text, found.html):
        read = " ".join(text.split())
        assert all(part in read for part in words[language]), read
        assert not re.search("weken geleden|weeks ago|few weeks since|gastheer|host ", read)


@pytest.mark.parametrize("name", [name for name, kind in CONTEXTS.items() if "deadline_at" in kind.model_fields])
def test_a_question_says_by_when_how_long_and_where_once(name: str) -> None:
    mail = WORDS.render(name, Language.DUTCH, sample(name))

    if name not in {"attendance", "field-note"}:
        assert "vóór donderdag 5 november" in mail.text.replace("\n", " ")
    assert "minuten" in mail.text
    assert mail.text.count(f"{LINK}\n") >= 1
    assert Tags(mail.html).links.count(LINK) == 1 + 9 + 6  # the button, nine taps, six ways out


def test_styles_are_inlined_and_nothing_is_fetched() -> None:
    for name in CONTEXTS:
        html = WORDS.render(name, Language.DUTCH, sample(name)).html
        assert "<img" not in html
        assert "@import" not in html
        assert "url(" not in html
        assert 'href="http://' not in html
        assert 'style="' in html
        assert "color-scheme" in html
        assert "@media (prefers-color-scheme: dark)" in html
        assert "@media (max-width: 480px)" in html


def test_the_sandwich_is_a_figure_of_cells_with_its_words_beside_it() -> None:
    html = WORDS.render("goals", Language.DUTCH, sample("goals")).html

    assert 'width="62%"' in html
    assert "voor 62 %, tijdens 0 %, na 0 %" in html


def test_only_the_bundle_takes_text_that_was_laid_out_before() -> None:
    using = {path.parent.name for path in TEMPLATES.rglob("*.*") if re.search(r"\|\s*(ours|safe)\b", path.read_text())}

    assert using == {BUNDLE}


def test_a_context_survives_json() -> None:
    for name, kind in CONTEXTS.items():
        context = sample(name, "Zoë & co <b>")
        assert kind.model_validate_json(context.model_dump_json()) == context
