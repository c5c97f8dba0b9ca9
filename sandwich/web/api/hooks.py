"""Where programs are told what happens: the listed addresses, hooks, and what was told."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from models.happenings import Happening
from sandwich.services.hooks import LONGEST_URL, HookLine, NoticeLine, end_hook, hooks_of, make_hook, notices_of
from sandwich.web.api.access import Caller
from sandwich.web.api.bodies import Outcome
from sandwich.web.api.door import WRITING, reading, routes
from sandwich.web.api.values import Body, OtherId

router = routes("webhooks")


class Hooks(BaseModel):
    """Your hooks, and the addresses under which there may be some."""

    items: list[HookLine]
    addresses: list[str]


class NewHook(Body):
    """An address that is told what happens in your region: some things, or all of them."""

    url: Annotated[str, StringConstraints(min_length=8, max_length=LONGEST_URL)] = Field(
        examples=["https://timetable.school.example/sandwich"]
    )
    events: Annotated[tuple[Happening, ...], Field(max_length=len(Happening))] = ()


class Hooked(BaseModel):
    """A new hook. Its secret, by which a receiver checks who writes, is told this once."""

    id: str
    secret: str


@router.get("/hooks", **reading())
async def list_hooks(visitor: Caller) -> Hooks:
    """Your hooks, with how much waits and was given up."""
    async with visitor.runtime.store.read() as session:
        found = await hooks_of(session, visitor.runtime, visitor.who.person_id)
    return Hooks(items=found, addresses=visitor.runtime.settings.webhook_addresses.split())


@router.post("/hooks", **WRITING, status_code=201)
async def add_hook(visitor: Caller, body: NewHook) -> Hooked:
    """Ask to be told what happens, at an address that an administrator listed."""
    now = await visitor.runtime.clock.now()
    made = await make_hook(visitor.runtime, visitor.who, body.url, body.events, now=now)
    return Hooked(id=made.id, secret=made.secret)


@router.get("/hooks/{hook_id}/notices", **reading())
async def list_notices(visitor: Caller, hook_id: OtherId) -> list[NoticeLine]:
    """What was told to an address and what is to be, the newest first."""
    async with visitor.runtime.store.read() as session:
        return await notices_of(session, hook_id, visitor.who.person_id)


@router.delete("/hooks/{hook_id}", **WRITING)
async def remove_hook(visitor: Caller, hook_id: OtherId) -> Outcome:
    """Tell an address nothing any more."""
    await end_hook(visitor.runtime, hook_id, visitor.who.person_id, now=await visitor.runtime.clock.now())
    return Outcome(done=True)
