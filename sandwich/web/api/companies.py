"""The register of companies: the list, one in full, who keeps the contact, closed days, and what is known of it."""

from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field, StringConstraints
from starlette.exceptions import HTTPException

from models.text import Text
from sandwich.rules.menu_card import Offer
from sandwich.services.company_editing import ChangedMeanwhile, Unfit, change_company, edit_of, keep_contact_of
from sandwich.services.company_history import Episode
from sandwich.services.company_views import CompanyView, ContactLine, Register, company_view, register_of
from sandwich.services.cool_down import CoolDown, Owner
from sandwich.services.own_calendars import LONGEST_NAME, add_closed_days, drop_closed_days
from sandwich.web.api.access import Caller
from sandwich.web.api.bodies import Outcome
from sandwich.web.api.door import WRITING, reading, routes
from sandwich.web.api.problems import Unseen
from sandwich.web.api.values import Body, Day, Id, OtherId, Said, Search
from sandwich.web.board.companies import FROM_LIST
from sandwich.web.board.members import read_candidates
from sandwich.web.board.small import Unclear
from sandwich.web.session import Visitor

router = routes("companies")

CompanyId = Annotated[str, Path(pattern=r"^[0-9a-z]{24}$")]


class ClosedDays(BaseModel):
    """A run of days on which a company is closed."""

    id: str
    name: str
    first: date
    last: date


class OneCompany(BaseModel):
    """Everything about one company."""

    id: str
    name: str
    owner: Owner | None
    tags: list[Text]
    cooling: CoolDown | None
    contacts: list[ContactLine]
    menu: list[tuple[Text, Offer]]
    facts: list[tuple[Text, Text]]
    episodes: list[Episode]
    closed: list[ClosedDays]
    values: dict[str, list[str]] = Field(description="what stands in the form about it, by field")
    seen: str = Field(description="send this along with changes")


@router.get("/companies", **reading())
async def list_companies(visitor: Caller, q: Search = "") -> Register:
    """The companies of the region, or those in which words occur; at most two hundred of them."""
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        return await register_of(session, visitor.runtime, visitor.who.region_id, now, q.strip())


@router.get("/companies/{company_id}", **reading())
async def one_company(visitor: Caller, company_id: CompanyId) -> OneCompany:
    """One company: people, offers, history, and what can be changed of it."""
    view = await _read(visitor, company_id)
    async with visitor.runtime.store.read() as session:
        edit = await edit_of(session, visitor.runtime.library, visitor.who.region_id, company_id)
    return OneCompany(
        id=view.company.id,
        name=view.company.name,
        owner=view.owner,
        tags=list(view.tags),
        cooling=view.cooling,
        contacts=list(view.contacts),
        menu=list(view.menu),
        facts=list(view.facts),
        episodes=list(view.episodes),
        closed=[ClosedDays(id=row.id, name=row.name, first=row.first_on, last=row.last_on) for row in view.closed],
        values={name: list(said) for name, said in edit.typed.items()},
        seen=edit.seen,
    )


class Keeping(Body):
    """Which coordinator keeps the contact; nobody where it is left out."""

    owner: Id | None = None


@router.post("/companies/{company_id}/owner", **WRITING)
async def keep_contact(visitor: Caller, company_id: CompanyId, body: Keeping) -> Outcome:
    """Let another coordinator, or nobody, keep the contact with a company."""
    await _read(visitor, company_id)
    found = await read_candidates(visitor)
    if body.owner and body.owner not in {one.id for one in found.coordinators}:
        raise Unclear({"owner": FROM_LIST.to(visitor.who.language)})
    now = await visitor.runtime.clock.now()
    await keep_contact_of(visitor.runtime, company_id, body.owner, now=now, actor=visitor.who.person_id)
    return Outcome(done=True)


class Closing(Body):
    """Days on which a company is closed; without ``last`` it is one day."""

    name: Annotated[Said, Field(min_length=1, max_length=LONGEST_NAME)]
    first: Day
    last: Day | None = None


@router.post("/companies/{company_id}/closed-days", **WRITING)
async def add_closed(visitor: Caller, company_id: CompanyId, body: Closing) -> Outcome:
    """Note that a company is closed on some days."""
    view = await _read(visitor, company_id)
    now, by = await visitor.runtime.clock.now(), visitor.who.person_id
    try:
        await add_closed_days(visitor.runtime, view.company, body.name, body.first, body.last or "", now=now, actor=by)
    except Unfit as error:
        raise _unclear(visitor, error) from None
    return Outcome(done=True)


@router.delete("/companies/{company_id}/closed-days/{days_id}", **WRITING)
async def drop_closed(visitor: Caller, company_id: CompanyId, days_id: OtherId) -> Outcome:
    """Take a run of closed days away."""
    view = await _read(visitor, company_id)
    if days_id not in {row.id for row in view.closed}:
        raise HTTPException(404)
    now = await visitor.runtime.clock.now()
    await drop_closed_days(visitor.runtime, view.company, days_id, now=now, actor=visitor.who.person_id)
    return Outcome(done=True)


class Changes(Body):
    """New values by field, as the company's ``values`` name them; fields left out stay. ``seen`` came with them."""

    values: Annotated[
        dict[
            Annotated[str, StringConstraints(pattern=r"^[a-z][a-zA-Z0-9_.-]*$", max_length=120)],
            Annotated[tuple[Annotated[Said, Field(max_length=4000)], ...], Field(max_length=60)],
        ],
        Field(max_length=400, examples=[{}]),
    ]
    seen: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]


@router.patch("/companies/{company_id}", **WRITING)
async def change(visitor: Caller, company_id: CompanyId, body: Changes) -> Outcome:
    """Change what is known of a company and how its people want to be reached."""
    async with visitor.runtime.store.read() as session:
        edit = await edit_of(session, visitor.runtime.library, visitor.who.region_id, company_id)
    if unknown := sorted(body.values.keys() - edit.typed.keys()):
        raise Unclear({name: _NO_FIELD.to(visitor.who.language) for name in unknown})
    try:
        await change_company(
            visitor.runtime,
            visitor.who.region_id,
            company_id,
            {**edit.typed, **body.values},
            seen=body.seen,
            now=await visitor.runtime.clock.now(),
            actor=visitor.who.person_id,
        )
    except Unfit as error:
        raise _unclear(visitor, error) from None
    except ChangedMeanwhile:
        raise Unseen((), None) from None
    return Outcome(done=True)


_NO_FIELD = Text(nl="Dit veld is er niet.", en="There is no such field.")


def _unclear(visitor: Visitor, error: Unfit) -> Unclear:
    return Unclear({name: said.to(visitor.who.language) for name, said in error.problems.items()})


async def _read(visitor: Visitor, company_id: str) -> CompanyView:
    now = await visitor.runtime.clock.now()
    async with visitor.runtime.store.read() as session:
        return await company_view(session, visitor.runtime, visitor.who.region_id, company_id, now)
