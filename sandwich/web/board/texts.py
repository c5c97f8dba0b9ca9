"""Own texts in mails: which there are, and one page on which a coordinator words a mail, looks at it, and goes back."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.own_text import Piece, Readers
from models.tables.texts import OwnText
from models.text import Language
from sandwich.errors import SandwichError
from sandwich.labels import MAIL
from sandwich.mail.own_texts import Owner, Place, Preview, owners, preview, set_texts, texts_of
from sandwich.mail.own_words import LONGEST, MEANING, MailHasNoOwnText, check, mails, names_of, readers_of
from sandwich.web.board.showing import show
from sandwich.web.pages import pages_of
from sandwich.web.posted import ACTION
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/texts")

RESET = "reset"
LOOK = "look"

Of = Annotated[str, Query(alias="of", max_length=64)]
In = Annotated[Language, Query(alias="in")]
To = Annotated[Readers | None, Query(alias="to")]


@router.get("")
async def every_mail(request: Request, visitor: Organiser, of: Of = "", language: In = Language.DUTCH) -> Response:
    """List the mails, with the pieces that a school or the region words itself."""
    mine, every = await owner_of(visitor, of)
    async with visitor.runtime.store.read() as session:
        rows = await texts_of(session, mine.id)
    own: dict[tuple[str, Readers], list[Piece]] = {}
    for row in rows:
        if row.language is language:
            own.setdefault((row.mail, row.readers), []).append(row.piece)
    return show(
        request,
        visitor,
        "texts.html",
        current="texts",
        lines=[
            (mail, MAIL[mail], readers, own.get((mail, readers), []))
            for mail in mails()
            for readers in readers_of(mail)
        ],
        mine=mine,
        every=every,
        shown=language,
        languages=list(Language),
    )


@router.get("/{mail}")
async def one_mail(
    request: Request, visitor: Organiser, mail: str, of: Of = "", language: In = Language.DUTCH, to: To = None
) -> Response:
    """Show a mail with the pieces that can be worded otherwise, and how it looks now."""
    mine, place = await place_of(visitor, mail, of, language, to)
    async with visitor.runtime.store.read() as session:
        rows = [row for row in await texts_of(session, mine.id) if _is_at(row, place)]
    typed = {row.piece: row.words for row in rows}
    return await _page(request, visitor, mine, place, typed, await _look(visitor, mine, place, typed), {})


@router.post("/{mail}")
async def do(
    request: Request, visitor: Organiser, mail: str, of: Of = "", language: In = Language.DUTCH, to: To = None
) -> Response:
    """Keep what was typed, show how it would look, or go back to the text that we ship."""
    mine, place = await place_of(visitor, mail, of, language, to)
    posted, _ = await visitor.read(request, _about(mine, place))
    typed = {piece: posted.one(piece.value) for piece in Piece}
    now = await visitor.runtime.clock.now()
    if posted.one(ACTION) == RESET:
        typed = dict.fromkeys(Piece, "")
    problems = problems_of(place, typed, visitor.who.language)
    if problems:
        return await _page(request, visitor, mine, place, typed, None, problems)
    if posted.one(ACTION) == LOOK:
        return await _page(request, visitor, mine, place, typed, await _look(visitor, mine, place, typed), {})
    await set_texts(visitor.runtime, mine, place, typed, now=now, actor=visitor.who.person_id)
    return RedirectResponse(pages_of(request).path(_address(mine, place)), status_code=303)


def problems_of(place: Place, typed: Mapping[Piece, str], language: Language) -> dict[str, str]:
    """Return what is wrong with what was typed, by the name of its field."""
    found = {}
    for piece, text in typed.items():
        try:
            if text.strip():
                check(place.mail, place.readers, piece, text)
        except SandwichError as error:
            found[piece.value] = error.to(language)
    return found


async def _look(visitor: Visitor, mine: Owner, place: Place, typed: Mapping[Piece, str]) -> Preview:
    now = await visitor.runtime.clock.now()
    return await preview(visitor.runtime, mine, place, now=now, words=typed)


async def owner_of(visitor: Visitor, of: str) -> tuple[Owner, list[Owner]]:
    """Return the school (or the region) of the own region with this code, and all there are; 404 for another."""
    async with visitor.runtime.store.read() as session:
        every = await owners(session, visitor.who.region_id)
    for one in every:
        if of in {"", one.code}:
            return one, every
    raise HTTPException(404)


async def place_of(visitor: Visitor, mail: str, of: str, language: Language, to: Readers | None) -> tuple[Owner, Place]:
    """Return whose words of which mail are meant; 404 for a mail that cannot be worded otherwise."""
    mine, _ = await owner_of(visitor, of)
    try:
        readers = readers_of(mail)
    except MailHasNoOwnText:
        raise HTTPException(404) from None
    if to is not None and to not in readers:
        raise HTTPException(404)
    return mine, Place(mail, language, to or readers[0])


def _is_at(row: OwnText, place: Place) -> bool:
    return (row.mail, row.language, row.readers) == (place.mail, place.language, place.readers)


def _about(mine: Owner, place: Place) -> str:
    return f"texts:{mine.id}:{place.mail}:{place.language}:{place.readers}"


def _address(mine: Owner, place: Place) -> str:
    return f"/board/texts/{place.mail}?of={mine.code}&in={place.language}&to={place.readers}"


async def _page(
    request: Request,
    visitor: Visitor,
    mine: Owner,
    place: Place,
    typed: Mapping[Piece, str],
    seen: Preview | None,
    problems: Mapping[str, str],
) -> Response:
    return show(
        request,
        visitor,
        "text.html",
        current="texts",
        status=422 if problems else 200,
        mine=mine,
        place=place,
        mail=MAIL[place.mail],
        address=_address(mine, place),
        key=visitor.key(_about(mine, place)),
        names=[(name, MEANING[name]) for name in names_of(place.mail)],
        longest=LONGEST,
        pieces=list(Piece),
        typed={piece.value: [text] for piece, text in typed.items()},
        problems=dict(problems),
        problem_list=[(f"f-{name}", said) for name, said in problems.items()],
        seen=seen or await _look(visitor, mine, place, {}),
    )
