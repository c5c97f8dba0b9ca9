"""Do to an activity what the board does, in the same way: the same look first, the same refusals, the same service."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.errors import BadInput
from sandwich.web.api.bodies import Doing as Body
from sandwich.web.api.bodies import Outcome
from sandwich.web.api.problems import Unseen
from sandwich.web.board.doing import ACTIONS
from sandwich.web.board.showing import read_detail
from sandwich.web.board.small import Doing, Foreseen, Small
from sandwich.web.posted import ACTION, Posted
from sandwich.web.session import Visitor

SHOWS_FIRST = frozenset({"move", "day", "new-host", "take-over"})
"""What is never done before what it does was seen."""


async def act(
    visitor: Visitor,
    activity_id: str,
    verb: str,
    body: Body,
    target: str = "",
    *,
    pressed: str | None = None,
    more: Mapping[str, list[str]] | None = None,
) -> Outcome:
    """Carry an action of the board out, or say what it would do. A 404 where there is nothing to do it to."""
    now = await visitor.runtime.clock.now()
    detail = await read_detail(visitor, activity_id, now)
    small = await ACTIONS[verb].page(visitor, detail, target)
    if small is None:
        raise HTTPException(404)
    if body.dry_run and verb not in SHOWS_FIRST:
        return _outcome(visitor, small.happens)
    fields = {**body.fields(ZoneInfo(visitor.runtime.settings.timezone)), **(more or {})}
    if pressed is not None:
        fields[ACTION] = [pressed]
    if body.dry_run:
        fields["seen"] = []
    try:
        await ACTIONS[verb].do(Doing(visitor, detail, target, Posted(fields), now))
    except Foreseen as seen:
        return _look(visitor, small, seen, dry_run=body.dry_run)
    return Outcome(done=True, activity_id=activity_id)


def _look(visitor: Visitor, small: Small, seen: Foreseen, *, dry_run: bool) -> Outcome:
    if seen.context.get("is_refused") and small.lead is not None:
        raise BadInput(small.lead.en, small.lead.nl)
    happens = (*seen.happens, *(one.sentence for one in seen.context.get("cooling", ())))
    mark = seen.context.get("seen")
    if not dry_run:
        raise Unseen(happens, mark)
    return _outcome(visitor, happens, mark)


def _outcome(visitor: Visitor, happens: Sequence[Text], mark: str | None = None) -> Outcome:
    return Outcome(done=False, happens=[line.to(visitor.who.language) for line in happens], seen=mark)
