"""Who a token belongs to; own texts in mails; mail that waits after a backup was put back; the walls of the schools."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request
from pydantic import AfterValidator, BaseModel, StringConstraints
from starlette.exceptions import HTTPException

from models.own_text import Piece, Readers
from models.scopes import ApiScope
from models.text import Language
from sandwich.mail.own_texts import Owner, set_texts, texts_of
from sandwich.mail.own_words import LONGEST, mails
from sandwich.rules.answer_values import cleaned
from sandwich.services.figures import scope_of
from sandwich.services.hold import Hold, NotHeld, look_at_hold, release
from sandwich.services.wall import Wall, school_wall
from sandwich.web.api.access import Admitted, Caller
from sandwich.web.api.bodies import Outcome
from sandwich.web.api.door import WRITING, reading, routes
from sandwich.web.api.values import KEY, Body, Moment, OtherId
from sandwich.web.board.small import Unclear
from sandwich.web.board.texts import owner_of, place_of, problems_of

router = routes("own")


class Me(BaseModel):
    """Whose token this is, and what it may do."""

    person_id: str
    name: str
    region: str
    scope: ApiScope


@router.get("/me", **reading(scope=ApiScope.FIGURES))
async def me(request: Request, visitor: Caller) -> Me:
    """Whose token this is."""
    admitted: Admitted = request.state.admitted
    who = visitor.who
    return Me(person_id=who.person_id, name=who.name, region=who.region_name, scope=admitted.holder.scope)


Of = Annotated[str, Query(max_length=64, description="code of a school; without it the region")]
MailName = Annotated[str, Path(pattern=KEY, max_length=64)]


class Texts(BaseModel):
    """Whose words there may be, and which mails can be worded otherwise."""

    owners: list[Owner]
    mails: list[str]


class OwnTextLine(BaseModel):
    """One piece of one mail, in own words."""

    mail: str
    language: Language
    readers: Readers
    piece: Piece
    words: str


@router.get("/texts", **reading())
async def list_texts(visitor: Caller) -> Texts:
    """Whose words there may be in mails, and in which."""
    _, every = await owner_of(visitor, "")
    return Texts(owners=every, mails=list(mails()))


@router.get("/texts/own", **reading())
async def own_texts(visitor: Caller, of: Of = "") -> list[OwnTextLine]:
    """What a school or the region words itself."""
    mine, _ = await owner_of(visitor, of)
    async with visitor.runtime.store.read() as session:
        rows = await texts_of(session, mine.id)
    return [
        OwnTextLine(mail=row.mail, language=row.language, readers=row.readers, piece=row.piece, words=row.words)
        for row in rows
    ]


OwnWords = Annotated[str, StringConstraints(max_length=max(LONGEST.values())), AfterValidator(cleaned)]


class Wording(Body):
    """The pieces of a mail in own words; an empty one goes back to what Sandwich says."""

    language: Language
    readers: Readers | None = None
    pieces: dict[Piece, OwnWords]


@router.put("/texts/{mail}", **WRITING)
async def word_mail(visitor: Caller, mail: MailName, body: Wording, of: Of = "") -> Outcome:
    """Word a mail otherwise from now on, also one that waits already."""
    mine, place = await place_of(visitor, mail, of, body.language, body.readers)
    if problems := problems_of(place, body.pieces, visitor.who.language):
        raise Unclear({f"pieces/{name}": said for name, said in problems.items()})
    now = await visitor.runtime.clock.now()
    await set_texts(visitor.runtime, mine, place, body.pieces, now=now, actor=visitor.who.person_id)
    return Outcome(done=True)


class Held(BaseModel):
    """Mail that waits since a backup was put back: how much waited then, how much became due since, of what kinds."""

    hold: Hold
    waited: int
    since: int
    behind: int
    kinds: dict[str, int]


@router.get("/outbox/hold", **reading())
async def held_outbox(visitor: Caller) -> Held:
    """What waits since a backup was put back; a 404 where mail leaves by itself."""
    async with visitor.runtime.store.read() as session:
        seen = await look_at_hold(session, await visitor.runtime.clock.now())
    if seen is None:
        raise HTTPException(404)
    return Held(hold=seen.hold, waited=seen.waited, since=seen.since, behind=seen.behind, kinds=dict(seen.kinds))


class Releasing(Body):
    """Up to when what was due is thrown away, for it was sent before; left out, all of it leaves."""

    discard_until: Moment | None = None


class Released(BaseModel):
    """How many mails were thrown away, and how many may leave now."""

    done: bool
    discarded: int
    going: int


@router.post("/outbox/release", **WRITING)
async def release_outbox(visitor: Caller, body: Releasing) -> Released:
    """Let mail leave again after a backup was put back."""
    runtime, zone = visitor.runtime, ZoneInfo(visitor.runtime.settings.timezone)
    until = datetime.fromisoformat(body.discard_until) if body.discard_until else None
    if until is not None and until.tzinfo is None:
        until = until.replace(tzinfo=zone)
    now = await runtime.clock.now()
    try:
        done = await release(runtime, now=now, actor=visitor.who.person_id, discard_until=until)
    except NotHeld:
        raise HTTPException(404) from None
    return Released(done=True, discarded=done.discarded, going=done.going)


@router.get("/schools/{school_id}/wall", **reading())
async def wall(visitor: Caller, school_id: OtherId, after: Annotated[int, Query(ge=0, le=100_000)] = 0) -> Wall:
    """A page of a school's share wall, the newest cards first; ``older`` is where the next page begins."""
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        scope = await scope_of(session, visitor.runtime, visitor.who.region_id, now)
    school = scope.school(school_id)
    if school is None:
        raise HTTPException(404)
    return await school_wall(visitor.runtime, school.wall_key, after)
