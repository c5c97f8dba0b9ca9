"""What all pages of the board share: the frame's context, dates in words, and one activity of the own region."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.text import Language, Text
from sandwich import labels
from sandwich.errors import NotFound
from sandwich.mail.words import dial
from sandwich.services.detail import activity_detail
from sandwich.services.detail_views import ActivityDetail, AskLine
from sandwich.services.overview import ActivityLine
from sandwich.web.dates import Calendar
from sandwich.web.pages import pages_of
from sandwich.web.session import Visitor


def show(
    request: Request,
    visitor: Visitor,
    name: str,
    *,
    current: str = "",
    status: int = 200,
    formal: bool = False,
    **context: Any,
) -> Response:
    """Render a page of the board for the coordinator who is signed in, in that person's language.

    ``formal`` is for a form that is read out to somebody who is addressed with *u*.
    """
    pages, language = pages_of(request), visitor.who.language
    return pages.html(
        f"board/{name}",
        language=language,
        status=status,
        formal=formal,
        who=visitor.who,
        logout_key=visitor.key("logout"),
        current=current,
        labels=labels,
        dial=dial,
        teachers=lambda count: _teachers(count, language),
        dates=lambda line: dates_of(line, pages.calendar, language),
        way=lambda ask, now: way_of(ask, now, pages.calendar, language),
        **context,
    )


def to_activity(request: Request, activity_id: str, part: str = "") -> Response:
    """Go to an activity's page after something was changed."""
    return RedirectResponse(pages_of(request).path(f"/board/{activity_id}{part}"), status_code=303)


async def read_detail(visitor: Visitor, activity_id: str, now: datetime) -> ActivityDetail:
    """Read an activity of the visitor's region; the same 404 for one of another region as for one that is not."""
    async with visitor.runtime.store.read() as session:
        try:
            return await activity_detail(session, visitor.runtime.settings, visitor.who.region_id, activity_id, now)
        except NotFound:
            raise HTTPException(404) from None


def dates_of(line: ActivityLine, calendar: Calendar, language: Language) -> str:
    """Return the date of an activity as it stands on the board; proposed ones say so."""
    days = list(dict.fromkeys(calendar.short_day(start, language) for start, _ in line.moments))
    if not days:
        return ""
    said = days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
    if line.is_date_fixed:
        return said
    return Text(nl=f"voorstel: {said}", en=f"proposed: {said}").to(language)


def way_of(ask: AskLine, now: datetime, calendar: Calendar, language: Language) -> Sequence[tuple[str, str]]:
    """Return what happened to one form so far, as pairs of a kind (``""``, ``strong``, ``late``) and words."""
    asked = calendar.short_day(ask.asked_at, language)
    if ask.asked_at > now:
        return [("", Text(nl=f"gaat weg op {asked}", en=f"leaves on {asked}").to(language))]
    steps: list[tuple[str, str]] = [("", Text(nl=f"gevraagd {asked}", en=f"asked {asked}").to(language))]
    if ask.reminders:
        times = "" if ask.reminders == 1 else f" {ask.reminders}×"
        steps.append(("", Text(nl=f"herinnerd{times}", en=f"reminded{times}").to(language)))
    label = labels.INVITATION[ask.state].to(language)
    if ask.is_open and ask.state not in ("planned", "sent"):
        steps.append(("", label))
    if ask.is_open:
        steps.append(_waiting(ask, calendar, language))
    else:
        on = f" {calendar.short_day(ask.answered_at, language)}" if ask.answered_at else ""
        late = Text(nl=", na de termijn", en=", after the deadline").to(language) if ask.is_late else ""
        steps.append(("strong", f"{label}{on}{late}"))
    return steps


def _waiting(ask: AskLine, calendar: Calendar, language: Language) -> tuple[str, str]:
    if ask.deadline_at is None:
        return "", Text(nl="nog geen antwoord", en="no answer yet").to(language)
    due = calendar.short_day(ask.deadline_at, language)
    if ask.is_late:
        return "late", Text(nl=f"had gemoeten vóór {due}", en=f"was due before {due}").to(language)
    return "", Text(nl=f"antwoord vóór {due}", en=f"answer before {due}").to(language)


def _teachers(count: int, language: Language) -> str:
    if count == 1:
        return Text(nl="1 docent", en="1 teacher").to(language)
    return Text(nl=f"{count} docenten", en=f"{count} teachers").to(language)


def capital(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]
