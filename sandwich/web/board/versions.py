"""A new version of a playbook: what would become of one activity, or of all of a kind, and the button that does it."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.definitions.library import Library
from sandwich.services.detail_views import ActivityDetail
from sandwich.services.overview import ENDED, ActivityLine
from sandwich.services.take_over import TakeOver, behind, foresee, take_over
from sandwich.services.take_over_words import in_words
from sandwich.web.board.showing import show
from sandwich.web.board.small import Action, Doing, Foreseen, Small
from sandwich.web.pages import pages_of
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False)

_BUTTON = Text(nl="Neem de nieuwe versie over", en="Take over the new version")


def is_behind(library: Library, line: ActivityLine) -> bool:
    """Whether an activity goes on with another version of its playbook than the newest."""
    newest = library.versions.get(line.kind)
    return line.status not in ENDED and newest is not None and line.playbook_digest not in newest


def kinds_behind(library: Library, lines: Iterable[ActivityLine]) -> list[tuple[str, Text, int]]:
    """Return the kinds of which activities are behind: key, title and how many."""
    kinds = [line.kind for line in lines if is_behind(library, line)]
    return [(kind, library.playbook(kind).title, kinds.count(kind)) for kind in dict.fromkeys(kinds)]


async def _page(visitor: Visitor, detail: ActivityDetail, target: str) -> Small | None:
    if target:
        return None
    runtime = visitor.runtime
    seen = await foresee(runtime, detail.line.id, now=await runtime.clock.now())
    return Small(
        title=Text(
            nl=f"Van versie {seen.old} naar versie {seen.new} van het draaiboek",
            en=f"From version {seen.old} to version {seen.new} of the playbook",
        ),
        button=_BUTTON,
        lead=seen.refused,
        happens=_lines(seen, runtime.settings.timezone),
        context={"seen": _mark([seen], runtime.settings.timezone), "is_refused": seen.refused is not None},
    )


async def _do(doing: Doing) -> None:
    """Take over what the page showed; where that is not what would happen now, show it anew."""
    runtime = doing.visitor.runtime
    zone = runtime.settings.timezone
    seen = await foresee(runtime, doing.activity_id, now=doing.now)
    if seen.refused is not None or doing.posted.one("seen") != _mark([seen], zone):
        raise Foreseen(_lines(seen, zone), _BUTTON, seen=_mark([seen], zone), is_refused=seen.refused is not None)
    await take_over(runtime, doing.activity_id, now=doing.now, actor=doing.actor, at_once=True)


VERSIONS = {"take-over": Action(_page, _do, "take-over.html")}
"""What can be done about the version, by the last part of its address."""


@router.get("/board/versions/{kind}")
async def ask(request: Request, visitor: Organiser, kind: str) -> Response:
    """Show what would become of every activity of a kind that is behind; where none is, the board."""
    found = await _all(visitor, kind)
    return _draw(request, visitor, kind, found) if found else _to_board(request)


@router.post("/board/versions/{kind}")
async def do(request: Request, visitor: Organiser, kind: str) -> Response:
    """Take over all that the page showed; where something is different by now, show it anew and change nothing."""
    posted, _ = await visitor.read(request, f"/board/versions/{kind}")
    runtime, found = visitor.runtime, await _all(visitor, kind)
    if not found:
        return _to_board(request)  # somebody else was first
    if posted.one("seen") != _mark(found, runtime.settings.timezone):
        return _draw(request, visitor, kind, found, has_changed=True)
    now = await runtime.clock.now()
    for item in found:
        if item.refused is None:
            await take_over(runtime, item.activity_id, now=now, actor=visitor.who.person_id, at_once=True)
    return _to_board(request)


async def _all(visitor: Visitor, kind: str) -> Sequence[TakeOver]:
    runtime = visitor.runtime
    if kind not in runtime.library.playbooks:
        raise HTTPException(404)
    now = await runtime.clock.now()
    async with runtime.store.read() as session:
        rows = await behind(session, runtime.library, region_id=visitor.who.region_id, kind=kind)
    return [await foresee(runtime, row.id, now=now) for row in rows]


def _draw(
    request: Request, visitor: Visitor, kind: str, found: Sequence[TakeOver], *, has_changed: bool = False
) -> Response:
    zone = visitor.runtime.settings.timezone
    context: dict[str, Any] = {
        "kind_title": found[0].kind_title,
        "version": found[0].new,
        "found": [(item, _lines(item, zone)) for item in found],
        "count": sum(item.refused is None for item in found),
        "seen": _mark(found, zone),
        "key": visitor.key(f"/board/versions/{kind}"),
        "address": f"/board/versions/{kind}",
        "button": _BUTTON,
        "has_changed": has_changed,
    }
    return show(request, visitor, "versions.html", status=409 if has_changed else 200, **context)


def _lines(seen: TakeOver, zone: str) -> tuple[Text, ...]:
    return in_words(seen.changes, ZoneInfo(zone)) if seen.changes is not None else ()


def _mark(found: Sequence[TakeOver], zone: str) -> str:
    """Return a fingerprint of what a page shows, so that nothing else is done than what was seen."""
    said = [line.nl for item in found for line in (*_lines(item, zone), item.refused) if line is not None]
    names = [f"{item.activity_id}:{item.old}:{item.new}" for item in found]
    return sha256("\n".join((*names, *said)).encode()).hexdigest()


def _to_board(request: Request) -> Response:
    return RedirectResponse(pages_of(request).path("/board"), status_code=303)
