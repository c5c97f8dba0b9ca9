"""The form with which a coordinator changes what is known of a company."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.tables.network import Channel
from sandwich.errors import NotFound
from sandwich.rules.menu_card import COLUMNS
from sandwich.services.company_editing import (
    NOTE,
    OTHER_TAGS,
    TAGS,
    YES_NO,
    ChangedMeanwhile,
    Edit,
    Unfit,
    change_company,
    edit_of,
)
from sandwich.services.importing.columns import LONGEST_NOTE
from sandwich.web.board.showing import show
from sandwich.web.pages import pages_of
from sandwich.web.posted import SHOWN
from sandwich.web.session import Organiser, Visitor

router = APIRouter(include_in_schema=False, prefix="/board/companies")


@router.get("/{company_id}/edit")
async def edit_page(request: Request, visitor: Organiser, company_id: str) -> Response:
    """Show the form with what is known."""
    edit = await _edit(visitor, company_id)
    return _page(request, visitor, edit, edit.typed, {})


@router.post("/{company_id}/edit")
async def keep(request: Request, visitor: Organiser, company_id: str) -> Response:
    """Keep what was typed, or come back with what is wrong."""
    edit = await _edit(visitor, company_id)
    posted, _ = await visitor.read(request, _about(company_id))
    language = visitor.who.language
    try:
        await change_company(
            visitor.runtime,
            visitor.who.region_id,
            company_id,
            posted.answers,
            seen=posted.one(SHOWN),
            now=await visitor.runtime.clock.now(),
            actor=visitor.who.person_id,
        )
    except Unfit as error:
        problems = {name: said.to(language) for name, said in error.problems.items()}
        return _page(request, visitor, edit, posted.answers, problems, seen=posted.one(SHOWN))
    except ChangedMeanwhile as error:
        return _page(request, visitor, await _edit(visitor, company_id), posted.answers, {"page": error.to(language)})
    return RedirectResponse(pages_of(request).path(f"/board/companies/{company_id}"), status_code=303)


async def _edit(visitor: Visitor, company_id: str) -> Edit:
    async with visitor.runtime.store.read() as session:
        try:
            return await edit_of(session, visitor.runtime.library, visitor.who.region_id, company_id)
        except NotFound:
            raise HTTPException(404) from None


def _about(company_id: str) -> str:
    return f"edit:{company_id}"


def _page(
    request: Request,
    visitor: Visitor,
    edit: Edit,
    typed: Mapping[str, Sequence[str]],
    problems: Mapping[str, str],
    seen: str | None = None,
) -> Response:
    return show(
        request,
        visitor,
        "company-edit.html",
        current="companies",
        status=422 if problems else 200,
        edit=edit,
        seen=edit.seen if seen is None else seen,
        key=visitor.key(_about(edit.company_id)),
        typed={name: list(said) for name, said in typed.items()},
        problems=dict(problems),
        problem_list=[(f"f-{name}", said) for name, said in problems.items()],
        columns=COLUMNS,
        yes_no=YES_NO,
        channels=list(Channel),
        tags_at=TAGS,
        other_tags_at=OTHER_TAGS,
        note_at=NOTE,
        longest_note=LONGEST_NOTE,
    )
