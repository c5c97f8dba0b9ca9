"""A certificate as a paper of one page, in the language of whoever earned it."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from models.text import Language, Text
from sandwich.paper import Paper, print_paper
from sandwich.runtime import Runtime
from sandwich.services.certificates import Certificate, certificate_of
from sandwich.services.links import OpenedLink

TEMPLATE = "certificate.typ"


async def paper_of_certificate(runtime: Runtime, link: OpenedLink) -> Paper:
    """Return the certificate of whoever has a personal link as a PDF; raises ``NotFound`` where there is none."""
    earned = await certificate_of(runtime, link)
    return await print_paper(TEMPLATE, _FILE.to(link.language), words_on(earned, link.language))


def words_on(earned: Certificate, language: Language) -> dict[str, object]:
    """Return what stands on a certificate, as plain data for the template."""
    first, last = (_day(on, language) for on in (earned.first_on, earned.last_on))
    what = " · ".join(part for part in (earned.kind.to(language), earned.host) if part)
    hours = format_decimal(earned.hours, format="#,##0.#", locale=language.locale)
    return {
        "lang": language.value,
        "heading": _HEADING.to(language),
        "name": earned.name,
        "took_part": _TOOK_PART.to(language),
        "title": earned.title,
        "about": (what, first if first == last else f"{first} – {last}"),
        "hours": (_ONE_HOUR if earned.hours == 1 else _HOURS).filled(hours=hours).to(language),
        "behalf": _BEHALF.to(language),
        "region": earned.region,
        "coordinator": earned.coordinator,
    }


def _day(on: date, language: Language) -> str:
    return str(format_date(on, "d MMMM y", locale=language.locale))


_FILE = Text(nl="certificaat.pdf", en="certificate.pdf")
_HEADING = Text(nl="Certificaat", en="Certificate")
_TOOK_PART = Text(nl="deed mee aan", en="took part in")
_HOURS = Text(nl="{hours} uur", en="{hours} hours")
_ONE_HOUR = Text(nl="{hours} uur", en="{hours} hour")
_BEHALF = Text(nl="Namens", en="On behalf of")
