"""The page with one form: what stands in it, and how it is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi.responses import HTMLResponse

from models.form import Form
from models.tables.asking import OPEN, InvitationState
from sandwich.rules.answer_values import content_digest
from sandwich.rules.answers import as_fields
from sandwich.rules.form_fields import Rows
from sandwich.services.answer_views import AnswerView
from sandwich.services.asking import AskedForm, Frame, asked_form
from sandwich.web.participant.access import Visit, progress_of
from sandwich.web.participant.agreeing import YesPart, part_of
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.preview import CardPreview, card_before_release
from sandwich.web.participant.questions import has_files, question_views, summary

WHO = "_who"
"""Where several people read one mailbox: who answers."""

WHO_NAME = "_who_name"
SURE = "_sure"
"""Ticked where what stood in the page is sent as it is."""

LOOKED = "_looked"
"""Ticked where words about a pupil or somebody's health may stay: whoever wrote them has looked."""


@dataclass(frozen=True)
class Sheet:
    """A form to fill in, with what stands in it: for an invitation, or one that anybody may send."""

    about: str
    form: Form
    frame: Frame
    rows: Rows
    shown: Mapping[str, Sequence[str]]
    asked: AskedForm | None = None
    card: CardPreview | None = None
    meant: Mapping[str, str] = field(default_factory=dict)
    """What the link that led here named, by field. It is shown and not chosen: programs follow links too."""

    @property
    def is_draft(self) -> bool:
        """Whether what stands in it was kept by the person earlier."""
        return self.asked is not None and self.asked.typed is not None

    @property
    def is_answered(self) -> bool:
        """Whether it was answered before, so that sending it again replaces that answer."""
        return self.asked is not None and self.asked.answered is not None

    @property
    def may_be_sent_as_is(self) -> bool:
        """Whether it makes sense to send what stands in it without touching anything."""
        return self.is_draft or (self.is_answered and self.asked is not None and self.asked.state in OPEN)

    @property
    def asks_who(self) -> bool:
        """Whether the person must say who they are."""
        return self.asked is not None and self.asked.frame.shares_mailbox

    def is_past_deadline(self, now: datetime) -> bool:
        """Whether the day to answer is over."""
        if self.asked is None or self.is_answered:
            return False
        deadline = self.asked.deadline_at
        return self.asked.state is InvitationState.CLOSED or (deadline is not None and now >= deadline)


async def sheet_for(visit: Visit, invitation_id: str, *, seen: str | None = None) -> Sheet:
    """Return the sheet of an invitation: the draft, else the last answer, else what was filled in beforehand.

    An agreement stands beside the version with the fingerprint ``seen``, which the person looked at before.
    """
    asked = await asked_form(visit.runtime, invitation_id, visit.now, seen=seen)
    language = asked.frame.language
    if asked.typed is not None:
        shown: Mapping[str, Sequence[str]] = asked.typed
    else:
        known = asked.prefilled if asked.answered is None else asked.answered
        shown = as_fields(asked.form, known, asked.rows, language)
    return Sheet(
        asked.invitation_id, asked.form, asked.frame, asked.rows, shown, asked, await card_before_release(visit, asked)
    )


def open_sheet(about: str, form: Form, frame: Frame, meant: Mapping[str, str] | None = None) -> Sheet:
    """Return the sheet of a form that nobody was asked for, with what its link ``meant``."""
    return Sheet(about, form, frame, {}, as_fields(form, {}, {}, frame.language), meant=meant or {})


@dataclass(frozen=True)
class Returned:
    """What comes back with a page after it was sent: everything typed, and what is wrong."""

    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    page: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    shown_digest: str = ""
    kept: AnswerView | None = None
    """What the page brought before and is kept, where this is something else."""


def form_page(
    visit: Visit,
    sheet: Sheet,
    *,
    action: str,
    returned: Returned | None = None,
    status: int = 200,
    yes: YesPart | None = None,
    single: str = "",
) -> HTMLResponse:
    """Draw the page with a form; ``yes`` is the agreement above it, where that comes back with something to say.

    ``single`` is where the same form is asked one question at a time.
    """
    came_back = returned is not None
    returned = returned or Returned()
    typed = returned.typed if came_back else sheet.shown
    reader = Reader(sheet.frame.language, sheet.frame.formal, sheet.meant)
    views = question_views(sheet.form, sheet.rows, typed, returned.problems, reader)
    problems = [
        *((f"q-{name}", returned.problems[name]) for name in (WHO, WHO_NAME) if name in returned.problems),
        *summary(views),
        *((f"q-{name}", returned.problems[name]) for name in (SURE, LOOKED) if name in returned.problems),
    ]
    digest = returned.shown_digest or content_digest(sheet.shown)
    return visit.html(
        "participant/form.html",
        status=status,
        frame=sheet.frame,
        progress=progress_of(sheet.frame.progress),
        heading=reader.words(sheet.form.title),
        intro=reader.words(sheet.form.intro) if sheet.form.intro else "",
        minutes=sheet.form.minutes,
        sheet=sheet,
        deadline=sheet.asked.deadline_at if sheet.asked else None,
        past_deadline=sheet.is_past_deadline(visit.now),
        views=views,
        problems=problems,
        problem_of=returned.problems,
        page=returned.page,
        notice=returned.notice,
        came_back=came_back,
        multipart=has_files(sheet.form),
        action=action,
        key=visit.signer.page_key(visit.link.link_id, sheet.about, digest),
        card=sheet.card,
        yes=yes or (part_of(visit, sheet.asked) if sheet.asked else None),
        kept=returned.kept,
        single=single,
        leave=visit.address(f"/thanks/{sheet.about}" if sheet.asked else ""),
    )
