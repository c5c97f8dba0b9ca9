"""Start an activity: step by step or on one page, then a look at what will happen, and the button that begins it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from models.draft import ActivityDraft
from models.playbook import Playbook
from models.text import Language, Text
from sandwich.errors import BadInput
from sandwich.services.chain import following
from sandwich.services.cool_down import Asking, CoolDown, Owner, StillCooling, cooling_of_draft
from sandwich.services.double_bookings import DoubleBooking, double_bookings_of_draft
from sandwich.services.drafted import host_of
from sandwich.services.loaded import load
from sandwich.services.preview import Preview, preview
from sandwich.services.start import ShortNotice, StartedAlready, same_activity, start
from sandwich.web.board.advice import advise, ranked
from sandwich.web.board.drafting import PROPOSALS, VARIANT, read_draft
from sandwich.web.board.members import OTHERS, read_candidates
from sandwich.web.board.showing import read_detail, show, to_activity
from sandwich.web.board.small import Unclear, text_of
from sandwich.web.board.start_steps import GO, NEXT, PLAN, STEP, STEPS, StartStep, after, first_wrong, step_called
from sandwich.web.posted import ACTION, Posted
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False)

_ABOUT = "start"
_AGAIN, _SHORT, _WHY, _AGREES = "_again", "_short", "_why", "_agrees"


@router.get("/board/start")
async def start_page(request: Request, visitor: Organiser) -> Response:
    """Ask what an activity needs to begin, step by step or as a ``whole``; one that comes of another (``after``) begins
    with what is known of that.
    """
    earlier, kind = request.query_params.get("after"), request.query_params.get("kind", "")
    playbook = visitor.runtime.library.kinds.get(kind)
    if earlier is None or playbook is None:
        return await _page(request, visitor, {}, {}, None if "whole" in request.query_params else STEPS[0])
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, earlier, now)
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
async def begin(request: Request, visitor: Organiser) -> Response:
    """Show what will happen, or, pressed on that page, start the activity."""
    posted, key = await visitor.read(request, _ABOUT)
    now = await visitor.runtime.clock.now()
    begun: Begun = request.app.state.begun
    step, action = step_called(posted.one(STEP)), posted.one(ACTION)
    if action.startswith(GO):
        return await _page(request, visitor, posted.answers, {}, step_called(action.removeprefix(GO)))
    if action == "change":
        return await _page(request, visitor, posted.answers, {}, step)
    if action == NEXT and step is not None:
        wrong = {name: said for name, said in (await _problems(visitor, posted)).items() if step.has(name)}
        return await _page(request, visitor, posted.answers, wrong, step if wrong else after(step))
    who, pressed = visitor.who.person_id, action == "begin"
    asking, short = Asking(who, text_of(posted, _WHY), posted.one(_AGREES) == "yes"), posted.one(_SHORT) == "yes"
    try:
        draft = await read_draft(visitor, posted)
        if pressed:
            once = posted.one(_AGAIN) != "yes"
            # The page below says so and asks whether it is meant.
            with suppress(StartedAlready, ShortNotice, StillCooling):
                async with begun.lock:
                    if key.nonce not in begun.pages:
                        made = await start(
                            visitor.runtime, draft, now=now, actor=who, once=once, short_notice=short, asking=asking
                        )
                        begun.keep(key.nonce, made)
                return to_activity(request, begun.pages[key.nonce])
        foreseen, zone = await preview(visitor.runtime, draft, now), ZoneInfo(visitor.runtime.settings.timezone)
        async with visitor.runtime.store.read() as session:
            company = await host_of(session, visitor.runtime.library.playbook(draft.kind), draft)
            cooling = await cooling_of_draft(session, visitor.runtime.settings, draft, now)
            busy = await double_bookings_of_draft(session, draft, spans_of(draft, zone))
            same = await same_activity(session, company, draft.title, spans_of(draft, zone))
    except Unclear as error:
        return await _page(request, visitor, posted.answers, error.problems, step and first_wrong(error.problems))
    except BadInput as error:
        return await _page(request, visitor, posted.answers, {"page": error.to(visitor.who.language)}, step)
    check = _Check(draft, foreseen, same, busy, short, cooling, asking)
    return _check_page(request, visitor, posted, check, check.lacks(visitor.who.language) if pressed else {})


@dataclass(frozen=True)
class _Check:
    """What the page shows before anything leaves."""

    draft: ActivityDraft
    foreseen: Preview
    same: Text | None
    busy: Sequence[DoubleBooking]
    short: bool
    cooling: Sequence[CoolDown]
    asking: Asking

    @property
    def owners(self) -> list[Owner]:
        """Who keeps the contact with a company that rests, beside the one who asks."""
        return Asking(self.asking.asker).needs_owner(self.cooling)

    def lacks(self, language: Language) -> dict[str, str]:
        """Return what must still be said to ask all the same, by field."""
        found = {}
        if self.cooling and not self.asking.reason:
            found[_WHY] = _SAY_WHY.to(language)
        if self.asking.needs_owner(self.cooling):
            found[_AGREES] = _PHONE.to(language)
        return found


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


async def _problems(visitor: Visitor, posted: Posted) -> Mapping[str, str]:
    """Return what is wrong or still missing, by field."""
    try:
        await read_draft(visitor, posted)
    except Unclear as error:
        return error.problems
    return {}


async def _page(
    request: Request,
    visitor: Visitor,
    typed: Mapping[str, Sequence[str]],
    problems: Mapping[str, str],
    step: StartStep | None = None,
) -> Response:
    """Ask on one page, or what ``step`` asks, with what the other steps were told hidden in the form."""
    found, library = await read_candidates(visitor), visitor.runtime.library
    playbooks = sorted(library.kinds.values(), key=lambda playbook: playbook.title.nl)
    said = {name: list(values) for name, values in typed.items()}
    if step is not None:
        problems = {name: words for name, words in problems.items() if step.has(name)}
    kind = library.kinds.get("".join(said.get("kind", [])[-1:]).partition(VARIANT)[0])
    return show(
        request,
        visitor,
        "start.html",
        current="start",
        status=422 if problems else 200,
        key=visitor.key(_ABOUT),
        typed=said,
        step=step,
        steps=STEPS,
        plan=PLAN,
        hidden={name: values for name, values in said.items() if step is not None and not step.has(name)},
        fitting=[
            (words, list(_kinds(books))) for words, books in ranked(library, "".join(said.get("purpose", [])[-1:]))
        ],
        receives=kind.parameters.host if kind else None,
        problems=dict(problems),
        problem_list=[(f"f-{name}", said) for name, said in problems.items()],
        kinds=list(_kinds(playbooks)),
        others=[role for role in OTHERS if step is None or kind is None or role in kind.asked],
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


def _check_page(
    request: Request, visitor: Visitor, posted: Posted, check: _Check, wrong: Mapping[str, str]
) -> Response:
    zone = ZoneInfo(visitor.runtime.settings.timezone)
    return show(
        request,
        visitor,
        "start-check.html",
        current="start",
        status=422 if wrong else 200,
        key=visitor.key(_ABOUT),
        step=step_called(posted.one(STEP)),
        steps=STEPS,
        plan=PLAN,
        typed=posted.answers,
        draft=check.draft,
        spans=spans_of(check.draft, zone),
        lines=check.foreseen.lines,
        warnings=check.foreseen.warnings,
        unready=check.foreseen.unready,
        short=check.short,
        same=check.same,
        busy=[one.sentence(zone) for one in check.busy],
        cooling=check.cooling,
        asking=check.asking,
        owners=check.owners,
        wrong=dict(wrong),
        problem_list=[(f"f-{name}", said) for name, said in wrong.items()],
    )


def spans_of(draft: ActivityDraft, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Return the proposed dates of a draft as moments."""
    return [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.dates]


_SAY_WHY = Text(
    nl="Schrijf waarom je het bedrijf toch vraagt, of druk op ‘Verander iets’ en kies een ander.",
    en="Write why you ask the company all the same, or press ‘Change something’ and choose another.",
)
_PHONE = Text(
    nl="Bel eerst met wie het contact houdt, en vink dan aan dat het mag.",
    en="Phone whoever keeps the contact first, then tick that the answer is yes.",
)
