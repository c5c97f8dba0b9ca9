"""Start an activity: one form, a look at what will happen, and the button that begins it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from models.draft import ActivityDraft, NewPerson, PersonRef, Span
from models.playbook import Playbook
from models.roles import Host, Role
from models.text import Language, Text
from sandwich.errors import BadInput
from sandwich.services.candidates import Candidates
from sandwich.services.chain import following
from sandwich.services.companies import wish_of_host
from sandwich.services.drafted import host_of
from sandwich.services.loaded import load
from sandwich.services.preview import PlanLine, preview
from sandwich.services.start import StartedAlready, same_activity, start
from sandwich.web.board.advice import advise
from sandwich.web.board.members import read_candidates, read_new_person
from sandwich.web.board.showing import read_detail, show, to_activity
from sandwich.web.board.small import Unclear, read_spans, text_of
from sandwich.web.posted import ACTION, Posted
from sandwich.web.session import SignedIn, Visitor

router = APIRouter(include_in_schema=False)

PROPOSALS = (1, 2, 3)
"""The rows for proposed dates."""

OTHERS = (Role.PROFESSIONAL, Role.MENTOR, Role.EMPLOYER, Role.COACH, Role.CHAIR, Role.REVIEWER)
"""Roles besides those that every kind has."""

VARIANT = "/"
"""Between the name of a kind and that of its variant."""

_ABOUT = "start"
_AGAIN = "_again"


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
        draft = await _read(visitor, posted)
        if posted.one(ACTION) == "begin":
            once, who = posted.one(_AGAIN) != "yes", visitor.who.person_id
            with suppress(StartedAlready):  # the page below says so and asks whether it is meant
                async with begun.lock:
                    if key.nonce not in begun.pages:
                        begun.keep(key.nonce, await start(visitor.runtime, draft, now=now, actor=who, once=once))
                return to_activity(request, begun.pages[key.nonce])
        lines = await preview(visitor.runtime, draft, now)
        async with visitor.runtime.store.read() as session:
            today = now.astimezone(ZoneInfo(visitor.runtime.settings.timezone)).date()
            company = await host_of(session, visitor.runtime.library.playbook(draft.kind), draft)
            wish = await wish_of_host(session, company.id, today) if company else None
            same = await same_activity(session, company, draft.title, _spans(visitor, draft))
    except Unclear as error:
        return await _page(request, visitor, posted.answers, error.problems)
    except BadInput as error:
        return await _page(request, visitor, posted.answers, {"page": error.to(visitor.who.language)})
    return await _check_page(request, visitor, posted, draft, lines, wish, same)


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


@dataclass
class _Reading:
    """What was typed, read piece by piece; everything that is wrong is gathered."""

    posted: Posted
    language: Language
    known: set[str]
    problems: dict[str, str]

    def text(self, name: str, missing: Text | None = None) -> str:
        said = text_of(self.posted, name, 200)
        if not said and missing:
            self.problems[name] = missing.to(self.language)
        return said

    def person(self, name: str) -> str | None:
        chosen = self.posted.one(name)
        if chosen and chosen not in self.known:
            self.problems[name] = _FROM_LIST.to(self.language)
        return chosen or None

    def people(self, name: str) -> list[str]:
        chosen = list(dict.fromkeys(value for value in self.posted.fields.get(name, []) if value))
        if any(value not in self.known for value in chosen):
            self.problems[name] = _FROM_LIST.to(self.language)
        return chosen


async def _read(visitor: Visitor, posted: Posted) -> ActivityDraft:
    found, runtime, language = await read_candidates(visitor), visitor.runtime, visitor.who.language
    reading = _Reading(posted, language, found.ids(), {})
    kind, _, variant = reading.text("kind", _KIND).partition(VARIANT)
    playbook = runtime.library.kinds.get(kind)
    if kind and (playbook is None or (variant or None) not in playbook.variant_keys):
        reading.problems["kind"] = _KIND.to(language)
    receives = playbook.parameters.host if playbook else Host.COMPANY
    purpose = reading.text("purpose", _PURPOSE)
    title = reading.text("title", _TITLE)
    host, company = _host(reading, found, receives)
    spans, wrong = read_spans(posted, PROPOSALS, language, ZoneInfo(runtime.settings.timezone))
    reading.problems |= wrong
    if not spans and not wrong:
        reading.problems["date-1"] = _DATE.to(language)
    teachers = reading.people("teachers")
    if not teachers:
        reading.problems.setdefault("teachers", _TEACHERS.to(language))
    size = _size(reading)
    leader, deputy = reading.person("trip_leader"), reading.person("deputy")
    coordinator = reading.person("coordinator") or visitor.who.person_id
    others = {role: tuple(reading.people(f"others-{role}")) for role in OTHERS}
    if reading.problems:
        raise Unclear(reading.problems)
    try:
        return ActivityDraft(
            kind=kind,
            variant=variant or None,
            title=title,
            purpose=purpose,
            company=company,
            coordinator=coordinator,
            deputy=deputy,
            hosts=(host,) if host else (),
            teachers=tuple(teachers),
            trip_leader=leader,
            dates=tuple(Span(start=one.replace(tzinfo=None), end=two.replace(tzinfo=None)) for one, two in spans),
            group_size=size,
            place=reading.text("place") or None,
            follows=reading.text("follows") or None,
            others={role: people for role, people in others.items() if people},
        )
    except ValidationError as error:
        raise Unclear(_explained(error, language)) from None


def _host(reading: _Reading, found: Candidates, receives: Host) -> tuple[PersonRef | None, str | None]:
    """Return the contact person and the company: chosen together, or a new person at a chosen company.

    Where a school receives it is somebody of a school; where nobody does, there need be none.
    """
    chosen = reading.person("host")
    if chosen:
        company = next((one.id for one in found.companies if chosen in {person.id for person in one.people}), None)
        if (company is None) is (receives is Host.COMPANY):
            reading.problems["host"] = (_SCHOOL if receives is Host.SCHOOL else _HOST).to(reading.language)
        return chosen, company
    if receives is Host.NOBODY:
        return None, None
    if receives is Host.SCHOOL:
        reading.problems["host"] = _SCHOOL.to(reading.language)
        return None, None
    new: NewPerson | None = None
    try:
        new = read_new_person(reading.posted, reading.language)
    except Unclear as error:
        reading.problems |= error.problems
    if new is None:
        reading.problems.setdefault("host", _HOST.to(reading.language))
        return None, None
    if new.company not in {one.id for one in found.companies}:
        reading.problems["new-company"] = _COMPANY.to(reading.language)
        return None, None
    return new, new.company


def _size(reading: _Reading) -> int | None:
    typed = reading.text("group_size")
    if not typed:
        return None
    if not typed.isdecimal() or not 1 <= int(typed) <= 500:
        reading.problems["group_size"] = _SIZE.to(reading.language)
        return None
    return int(typed)


def _explained(error: ValidationError, language: Language) -> dict[str, str]:
    if any("dates" in mistake["loc"] for mistake in error.errors()):
        return {"date-1": _ENDS_LATER.to(language)}
    return {"page": _UNCLEAR.to(language)}


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
    lines: Sequence[PlanLine],
    wish: Text | None,
    same: Text | None,
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
        lines=lines,
        wish=wish,
        same=same,
    )


def _spans(visitor: Visitor, draft: ActivityDraft) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(visitor.runtime.settings.timezone)
    return [(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone)) for span in draft.dates]


_FROM_LIST = Text(nl="Kies uit de lijst.", en="Choose from the list.")
_KIND = Text(nl="Kies wat voor activiteit het wordt.", en="Choose what kind of activity it will be.")
_PURPOSE = Text(nl="Kies waar het om gaat.", en="Choose what it is for.")
_TITLE = Text(nl="Geef de activiteit een naam.", en="Give the activity a name.")
_HOST = Text(
    nl="Kies de contactpersoon van het bedrijf, of vul een nieuwe in.",
    en="Choose the company's contact person, or fill in a new one.",
)
_SCHOOL = Text(
    nl="Kies de contactpersoon van de school die ontvangt.", en="Choose the contact person of the school that receives."
)
_COMPANY = Text(nl="Kies het bedrijf.", en="Choose the company.")
_DATE = Text(nl="Stel ten minste één dag voor.", en="Propose at least one day.")
_TEACHERS = Text(nl="Kies wie je uitnodigt.", en="Choose whom you invite.")
_SIZE = Text(nl="Vul een aantal in, zoals 12.", en="Fill in a number, such as 12.")
_ENDS_LATER = Text(nl="Het einde moet later zijn dan het begin.", en="The end must be later than the start.")
_UNCLEAR = Text(nl="Er klopt iets niet. Kijk alles nog eens na.", en="Something is not right. Look at it once more.")
