"""A school's share wall: the cards that its colleagues may read, and what they say about them. No login, no cookie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.text import Text
from sandwich.rules.answers import as_fields
from sandwich.runtime import Runtime
from sandwich.services.adopting import offered
from sandwich.services.card_papers import restricted_words
from sandwich.services.wall import (
    REACTION,
    WallCard,
    card_file,
    one_card,
    react,
    school_wall,
    scope_of_wall,
    wall_choices,
)
from sandwich.web.doors import over_all
from sandwich.web.files import file_response
from sandwich.web.pages import Pages, pages_of
from sandwich.web.participant.access import progress_of
from sandwich.web.participant.controls import Reader
from sandwich.web.participant.questions import QuestionView, question_views, summary
from sandwich.web.posted import KEY, read_form
from sandwich.web.signing import Signer
from sandwich.web.wall.looking import is_long, looking, wanted_in

router = APIRouter(include_in_schema=False)

ADOPT = "use"
"""Where the form goes of who will use the material of a card."""

_UNTOUCHED = Text(nl="Er is niets gekozen, dus er is niets verstuurd.", en="Nothing was chosen, so nothing was sent.")
STALE = Text(
    nl="Deze pagina stond lang open. Alles staat er nog. Verstuur het opnieuw.",
    en="This page was open for a long time. Everything is still there. Send it again.",
)

_ANOTHER = Text(
    nl="Vanaf deze pagina is al een andere reactie verstuurd; die hebben we bewaard. Wat er nu staat is nog niet "
    "verstuurd. Verstuur het nog eens als dit er als tweede reactie bij mag.",
    en="Another reaction was sent from this page already; we have kept it. What stands here now has not been sent. "
    "Send it once more if it may be added as a second reaction.",
)


@dataclass(frozen=True)
class SelfSaid:
    """What somebody typed who will use the material, and what is wrong with it, by field."""

    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


NOTHING_SAID = SelfSaid()


@router.get("/wall/{wall_key}")
async def wall(request: Request, wall_key: str, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0) -> Response:
    """Show the cards of a school, newest first, or those with what is looked for; or those that come after so many."""
    runtime, pages = await parts(request, wall_key)
    wanted = wanted_in(request.query_params)
    found = await school_wall(runtime, wall_key, after, wanted)
    choices = await wall_choices(runtime, wall_key)
    language = pages.language_of(request)
    was_long = is_long(request.query_params)
    return pages.html(
        "wall/wall.html",
        language=language,
        school=found.school,
        address=pages.path(f"/wall/{wall_key}"),
        cards=[_drawn(request, wall_key, card) for card in found.cards],
        looking=looking(wanted, choices, language, found.older, was_long=was_long),
        older=found.older,
        after=after,
    )


@router.get("/wall/{wall_key}/{activity_id}")
async def card(request: Request, wall_key: str, activity_id: str) -> Response:
    """Show one card, with what colleagues are asked about it."""
    return await card_page(request, wall_key, activity_id)


@router.post("/wall/{wall_key}/{activity_id}")
async def reaction(request: Request, wall_key: str, activity_id: str) -> Response:
    """Take what a colleague says."""
    runtime, pages = await parts(request, wall_key)
    signer: Signer = request.app.state.signer
    language = pages.language_of(request)
    posted = await read_form(request)
    key = signer.read_page_key(posted.one(KEY), wall_key, activity_id)
    if key is None:
        return await card_page(request, wall_key, activity_id, posted.answers, {}, STALE.to(language), 403)
    outcome = await react(
        runtime,
        wall_key,
        activity_id,
        posted.answers,
        language=language,
        now=await runtime.clock.now(),
        key=key.nonce,
    )
    if outcome.accepted:
        return RedirectResponse(pages.path(f"/wall/{wall_key}/{activity_id}/thanks"), status_code=303)
    if outcome.kept_id is not None:
        return await card_page(request, wall_key, activity_id, posted.answers, {}, _ANOTHER.to(language), 409)
    notice = _UNTOUCHED.to(language) if outcome.untouched else ""
    problems = {} if outcome.untouched else outcome.problems
    return await card_page(request, wall_key, activity_id, posted.answers, problems, notice, 422)


@router.get("/wall/{wall_key}/{activity_id}/thanks")
async def thanks(request: Request, wall_key: str, activity_id: str) -> Response:
    """Thank a colleague."""
    return await after_page(request, wall_key, activity_id, "wall/thanks.html")


@router.get("/wall/{wall_key}/{activity_id}/file/{upload_id}")
async def file(request: Request, wall_key: str, activity_id: str, upload_id: str) -> Response:
    """Give out a photo or material that stands on the card."""
    runtime, _ = await parts(request, wall_key)
    return file_response(await card_file(runtime, wall_key, activity_id, upload_id))


async def after_page(request: Request, wall_key: str, activity_id: str, template: str, **more: Any) -> HTMLResponse:
    """Draw a page that comes after something was said about a card; ``more`` is what its template needs besides."""
    runtime, pages = await parts(request, wall_key)
    school, found = await one_card(runtime, wall_key, activity_id)
    return pages.html(
        template,
        language=pages.language_of(request),
        school=school,
        wall=pages.path(f"/wall/{wall_key}"),
        back=pages.path(f"/wall/{wall_key}/{activity_id}"),
        headline=found.card.headline or found.card.title,
        **more,
    )


async def card_page(
    request: Request,
    wall_key: str,
    activity_id: str,
    typed: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
    notice: str = "",
    status: int = 200,
    *,
    self_said: SelfSaid = NOTHING_SAID,
) -> HTMLResponse:
    """Draw a card with what was typed into the form about it, or into the one for who will use the material."""
    runtime, pages = await parts(request, wall_key)
    language = pages.language_of(request)
    school, found = await one_card(runtime, wall_key, activity_id)
    address = pages.path(f"/wall/{wall_key}/{activity_id}")
    form = runtime.library.resolved(REACTION)
    shown = as_fields(form, {}, {}, language)
    views = question_views(form, {}, shown if typed is None else typed, problems or {}, Reader(language, formal=False))
    sends = _last_tap(views)
    signer: Signer = request.app.state.signer
    return pages.html(
        "wall/card.html",
        language=language,
        status=status,
        school=school,
        wall=pages.path(f"/wall/{wall_key}"),
        shown=_drawn(request, wall_key, found),
        form_title=form.title.to(language),
        form_intro=form.intro.to(language) if form.intro else "",
        views=[view for view in views if view is not sends],
        sends=sends,
        problems=[*summary(views), *((f"f-{name}", words) for name, words in self_said.problems.items())],
        notice=notice,
        action=address,
        key=signer.page_key(wall_key, activity_id),
        offer=await offered(runtime, wall_key, activity_id, await runtime.clock.now()),
        self_said=self_said,
        adopt_action=f"{address}/{ADOPT}",
        adopt_key=signer.page_key(wall_key, f"{activity_id}/{ADOPT}"),
    )


def _last_tap(views: Sequence[QuestionView]) -> QuestionView | None:
    """Return the question whose answers are the buttons: the last that has to be answered with one choice.

    ``None`` where no other has to be answered, for then a scanner that presses every button would send something.
    """
    taps = [view for view in views if view.is_required and view.control and view.control.is_group]
    return taps[-1] if len(taps) > 1 else None


def _drawn(request: Request, wall_key: str, found: WallCard) -> dict[str, object]:
    """Return what the templates of a card need."""
    pages, library = pages_of(request), request.app.state.runtime.library
    playbook = library.playbooks.get(found.kind)
    language = pages.language_of(request)
    address = pages.path(f"/wall/{wall_key}/{found.card.activity_id}")
    return {
        "card": found.card,
        "kind": playbook.title.to(language) if playbook else "",
        "restricted": restricted_words(found.card, language),
        "present": found.present,
        "progress": progress_of(found.progress),
        "address": address,
        "files": f"{address}/file/",
    }


async def parts(request: Request, wall_key: str) -> tuple[Runtime, Pages]:
    """Return what every page of a wall needs of the application; raises ``WallUnknown``."""
    runtime: Runtime = request.app.state.runtime
    return runtime.narrowed(await scope_of_wall(over_all(request, "wall"), wall_key)), pages_of(request)
