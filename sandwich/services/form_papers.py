"""A form of one person on one sheet of paper, for a host who has no time for mail; what comes back is typed in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from models.text import Language, Text
from sandwich.paper import Paper, print_paper
from sandwich.rules.form_paper import blocks_of
from sandwich.runtime import Runtime
from sandwich.services.asking import AskedForm, asked_form

TEMPLATE = "form.typ"


async def paper_of_form(
    runtime: Runtime, invitation_id: str, *, now: datetime, language: Language | None = None
) -> Paper:
    """Return the form that somebody was asked as a PDF, with what is known already; raises ``NotFound``.

    It is one page where that can be read, else both sides of a sheet. In the person's own language, unless another
    ``language`` is asked for.
    """
    asked = await asked_form(runtime, invitation_id, now)
    language = language or asked.frame.language
    return await print_paper(
        TEMPLATE, f"{asked.form.key}.pdf", _said(asked, language, ZoneInfo(runtime.settings.timezone))
    )


def _said(asked: AskedForm, language: Language, zone: ZoneInfo) -> dict[str, object]:
    frame, formal = asked.frame, asked.frame.formal
    known = asked.prefilled if asked.answered is None else asked.answered
    back = " ".join(
        part for part in ((frame.coordinator.name, frame.coordinator.phone or "") if frame.coordinator else ())
    )
    lead = [(_BACK if back else _BACK_TO_NOBODY).filled(back=back.strip()).to(language, formal=formal)]
    if asked.deadline_at is not None and asked.answered is None:
        day = format_date(asked.deadline_at.astimezone(zone), "EEEE d MMMM", locale=language.locale)
        lead.append(_BEFORE.filled(day=str(day)).to(language, formal=formal))
    return {
        "lang": language.value,
        "activity": " · ".join(part for part in (frame.activity_title, frame.company) if part),
        "heading": asked.form.title.to(language, formal=formal),
        "whom": _FOR.filled(name=frame.person_name).to(language),
        "lead": " ".join(lead),
        "applies": _APPLIES.to(language),
        "blocks": blocks_of(asked.form, asked.rows, known, language, formal=formal),
    }


_FOR = Text(nl="Voor {name}", en="For {name}")
_BACK = Text(
    nl="Vul in en geef het aan {back}, of lees het voor aan de telefoon.",
    en="Fill it in and give it to {back}, or read it out on the phone.",
)
_BACK_TO_NOBODY = Text(nl="Vul in en geef het terug.", en="Fill it in and give it back.")
_BEFORE = Text(nl="Graag vóór {day}.", en="Please before {day}.")
_APPLIES = Text(nl="als dat zo is", en="where it applies")
