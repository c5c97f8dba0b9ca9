"""Start an activity: one form, a look at what will happen, and the button that begins it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.draft import ActivityDraft
from models.playbook import Playbook
from models.text import Text
from sandwich.errors import BadInput
from sandwich.services.chain import following
from sandwich.services.companies import wish_of_host
from sandwich.services.double_bookings import DoubleBooking, double_bookings_of_draft
from sandwich.services.drafted import host_of
from sandwich.services.loaded import load
from sandwich.services.preview import Preview, preview
from sandwich.services.start import ShortNotice, StartedAlready, same_activity, start
from sandwich.web.board.advice import advise
from sandwich.web.board.drafting import OTHERS, PROPOSALS, VARIANT, read_draft
from sandwich.web.board.members import read_candidates
from sandwich.web.board.showing import read_detail, show, to_activity
from sandwich.web.board.small import Unclear
from sandwich.web.posted import ACTION, Posted
from sandwich.web.session import SignedIn, Visitor

router = APIRouter(include_in_schema=False)

_ABOUT = "start"
_AGAIN, _SHORT = "_again", "_short"


@router.get("/board/start")
async def start_page(request: Request, visitor: SignedIn) -> Response:
    """Ask what an activity needs to begin; one that comes of another (``after``) begins with what is known of that."""
    after, kind = request.query_params.get("after"), request.query_params.get("kind", "")
    playbook = visitor.runtime.library.kinds.get(kind)
    if after is None or playbook is None:
        return await _page(request, visitor, {}, {})
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, after, now)
    async with visitor.runtime.store.read() as session:
        loaded = await load(session, visitor.runtime.settings.timezone, detail.line.id)
        known = await following(session, loaded, playbook)
    variant = playbook.variant_keys[0]
    typed = {
        "follows": [detail.line.id],
        "kind": [f"{kind}{VARIANT}{variant}" if variant else kind],
        "title": [known.title],
        "purpose": [known.purpose],
        "host": [known.host] if known.host else [],
        "teachers": list(known.teachers),
        "others-professional": list(known.professionals),
        "place": [known.place] if known.place else [],
    }
    return await _page(request, visitor, typed, {})


@router.post("/board/start")
async def begin(request: Request, visitor: SignedIn) -> Response:
    """Show what will happen, or, pressed on that page, start the activity."""
    posted, key = await visitor.read(request, _ABOUT)
    now = await visitor.runtime.clock.now()
    begun: Begun = request.app.state.begun
    if posted.one(ACTION) == "change":
        return await _page(request, visitor, posted.answers, {})
    try:
        draft = await read_draft(visitor, posted)
        if posted.one(ACTION) == "begin":
            once, who, short = posted.one(_AGAIN) != "yes", visitor.who.person_id, posted.one(_SHORT) == "yes"
            with suppress(StartedAlready, ShortNotice):  # the page below says so and asks whether it is meant
                async with begun.lock:
                    if key.nonce not in begun.pages:
                        made = await start(visitor.runtime, draft, now=now, actor=who, once=once, short_notice=short)
                        begun.keep(key.nonce, made)
                return to_activity(request, begun.pages[key.nonce])
        foreseen = await preview(visitor.runtime, draft, now)
        async with visitor.runtime.store.read() as session:
            today = now.astimezone(ZoneInfo(visitor.runtime.settings.timezone)).date()
            company = await host_of(session, visitor.runtime.library.playbook(draft.kind), draft)
            wish = await wish_of_host(session, company.id, today) if company else None
            busy = await double_bookings_of_draft(session, draft, _spans(visitor, draft))
            same = await same_activity(session, company, draft.title, _spans(visitor, draft))
    except Unclear as error:
        return await _page(request, visitor, posted.answers, error.problems)
    except BadInput as error:
        return await _page(request, visitor, posted.answers, {"page": error.to(visitor.who.language)})
    return await _check_page(request, visitor, posted, draft, foreseen, wish, same, busy)


class Begun:
    """Which pages began which activity, so that a page sent twice begins one; one per application."""

    MOST = 1000

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.lock = asyncio.Lock()

    def keep(self, page: str, activity_id: str) -> None:
        """Remember what a page began; the oldest pages are forgotten."""
        self.pages[page] = activity_id
        while len(self.pages) > self.MOST:
            del self.pages[next(iter(self.pages))]


async def _page(
    request: Request, visitor: Visitor, typed: Mapping[str, Sequence[str]], problems: Mapping[str, str]
) -> Response:
    found, library = await read_candidates(visitor), visitor.runtime.library
    playbooks = sorted(library.kinds.values(), key=lambda playbook: playbook.title.nl)
    return show(
        request,
        visitor,
        "start.html",
        current="start",
        status=422 if problems else 200,
        key=visitor.key(_ABOUT),
        typed={name: list(values) for name, values in typed.items()},
        problems=dict(problems),
        problem_list=[(f"f-{name}", said) for name, said in problems.items()],
        kinds=list(_kinds(playbooks)),
        others=OTHERS,
        has_others=any(typed.get(f"others-{role}") for role in OTHERS),
        purposes=advise(library),
        found=found,
        proposals=PROPOSALS,
    )


def _kinds(playbooks: Sequence[Playbook]) -> Iterator[tuple[str, Text, Text]]:
    """Return what can be begun: its value, its name, and what it is; a kind with variants is one for each."""
    for playbook in playbooks:
        if not playbook.variants:
            yield playbook.key, playbook.title, playbook.about
        for one in playbook.variants:
            name = Text(nl="{kind}: {variant}", en="{kind}: {variant}")
            yield (
                f"{playbook.key}{VARIANT}{one.key}",
                name.filled(kind=playbook.title, variant=one.title),
                one.about,
            )


async def _check_page(
    request: Request,
    visitor: Visitor,
    posted: Posted,
    draft: ActivityDraft,
    foreseen: Preview,
    wish: Text | None,
    same: Text | None,
    busy: Sequence[DoubleBooking],
) -> Response:
    return show(
        request,
        visitor,
        "start-check.html",
        current="start",
        key=visitor.key(_ABOUT),
        typed=posted.answers,
        draft=draft,
        spans=_spans(visitor, draft),
        lines=foreseen.lines,
        warnings=foreseen.warnings,
        unready=foreseen.unready,
        wish=wish,
        same=same,
        busy=[one.sentence(ZoneInfo(visitor.runtime.settings.timezone)) for one in busy],
    )


def _spans(visitor: Visitor, draft: ActivityDraft) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(visitor.runtime.settings.timezone)
    return [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.dates]
