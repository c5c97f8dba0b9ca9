"""An agreement above its form: what differs, and a yes to all of it or to single terms, with one press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi.responses import RedirectResponse, Response

from models.text import Text
from sandwich.errors import BadInput
from sandwich.rules.answers import as_fields
from sandwich.services import agree
from sandwich.services.accepting import accept_all, can_accept_all
from sandwich.services.agreement_views import AgreementLine
from sandwich.services.agreements import NOT_TERMS
from sandwich.services.asking import TAKES_NO_ANSWER, AskedForm, asked_form
from sandwich.services.links import LinkUnknown
from sandwich.web.participant.access import Visit
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.questions import QuestionView, question_views
from sandwich.web.posted import ACTION, KEY, SHOWN, Posted, read_form

TERM = "_term"
"""The boxes beside the terms."""

YES = "_yes"
"""Ticked where somebody agrees with everything: a press alone is none, for programs press every button of a mail."""

SOME = "some"

STALE = Text(
    nl="Deze pagina stond lang open. Kijk het na en zeg het opnieuw.",
    en="This page was open for a long time. Check it and say it again.",
)
TICK = Text(
    nl="Zet het vinkje als alles in deze versie akkoord is.",
    en="Tick the box if you agree with everything in this version.",
)


@dataclass(frozen=True)
class YesPart:
    """What the part of the page shows. ``may``: something can be ticked; ``may_all``: nothing is missing for a yes.

    ``views`` are the questions that belong to saying yes, such as the name; ``paper`` is where the PDF is.
    """

    agreement: AgreementLine
    action: str
    key: str
    paper: str
    may: bool
    may_all: bool
    views: tuple[QuestionView, ...]
    notice: str = ""


def yes_part(
    asked: AskedForm,
    reader: Reader,
    *,
    action: str,
    key: str,
    paper: str,
    typed: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
    notice: str = "",
) -> YesPart | None:
    """Return the part for an agreement that has something to show; ``None`` where the form alone says all."""
    agreement = asked.agreement
    may_all = can_accept_all(asked)
    if agreement is None or not (may_all or agreement.previous_number):
        return None
    about_yes = tuple(question for question in asked.form.questions if question.key in NOT_TERMS - _BESIDE)
    form = asked.form.model_copy(update={"questions": about_yes})
    standing = as_fields(form, asked.answered or {}, {}, asked.frame.language)
    return YesPart(
        agreement=agreement,
        action=action,
        key=key,
        paper=paper,
        may=agreement.is_open and not asked.closed and not asked.frame.shares_mailbox,
        may_all=may_all,
        views=tuple(question_views(form, {}, standing if typed is None else typed, problems or {}, reader)),
        notice=notice,
    )


def said(posted: Posted) -> tuple[list[str], bool]:
    """Return the terms that were ticked, and whether the press was for these alone."""
    return posted.fields.get(TERM, []), posted.one(ACTION) == SOME


_BESIDE = frozenset({"agree", "counter", "remark"})


def part_of(visit: Visit, asked: AskedForm, **changes: object) -> YesPart | None:
    """Return the part as it stands above the form of an invitation."""
    return yes_part(
        asked,
        Reader(asked.frame.language, asked.frame.formal),
        action=visit.address(f"/agree/{asked.invitation_id}"),
        key=visit.signer.page_key(visit.link.link_id, _about(asked.invitation_id)),
        paper=visit.address(f"/paper/{asked.invitation_id}"),
        **changes,  # type: ignore[arg-type]
    )


async def take_yes(visit: Visit, invitation_id: str) -> tuple[Response | None, AskedForm, YesPart | None]:
    """Take a yes; where it cannot be taken, return the form and the part that says why."""
    posted = await read_form(visit.request)
    key = visit.signer.read_page_key(posted.one(KEY), visit.link.link_id, _about(invitation_id))
    if key is None and not visit.has_cookie:
        raise LinkUnknown
    asked = await asked_form(visit.runtime, invitation_id, visit.now, seen=posted.one(SHOWN))
    if asked.agreement is None or asked.state in TAKES_NO_ANSWER:
        raise LinkUnknown
    terms, only_some = said(posted)
    if key is None:
        return None, asked, part_of(visit, asked, notice=visit.words(STALE), typed=posted.answers)
    if not only_some and posted.one(YES) != "yes":
        return None, asked, part_of(visit, asked, notice=visit.words(TICK), typed=posted.answers)
    try:
        if only_some:
            await agree.accept_terms(visit.runtime, invitation_id, terms, shown=posted.one(SHOWN), now=visit.now)
            return RedirectResponse(f"{visit.form_address(invitation_id)}#agreement", 303), asked, None
        outcome = await accept_all(
            visit.runtime, asked, posted.answers, shown=posted.one(SHOWN), now=visit.now, key=key.nonce
        )
    except BadInput as refused:
        return None, asked, part_of(visit, asked, notice=refused.to(visit.link.language), typed=posted.answers)
    if outcome.accepted:
        return RedirectResponse(visit.address(f"/thanks/{invitation_id}"), 303), asked, None
    problems = dict(outcome.problems)
    notice = problems.pop("agree", "")
    return None, asked, part_of(visit, asked, notice=notice, typed=posted.answers, problems=problems)


def _about(invitation_id: str) -> str:
    return f"agree:{invitation_id}"
