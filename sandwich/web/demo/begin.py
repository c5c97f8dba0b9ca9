"""Where the demo begins: what to do in five minutes, and as whom."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from models.tables.activities import Activity
from models.tables.network import Person, School
from models.tables.offices import HeldOffice
from models.text import Text
from sandwich.clock import real_now
from sandwich.demo.telling import read_stories
from sandwich.rules.names import full_name
from sandwich.running.own_secrets import PREFECT_FILE
from sandwich.services.login import LoginLinkUnknown, enter_demo
from sandwich.settings import Settings
from sandwich.web.doors import over_all
from sandwich.web.origin import ForeignPost
from sandwich.web.pages import pages_of
from sandwich.web.posted import KEY, read_form
from sandwich.web.session import PageStale, set_session
from sandwich.web.signing import Signer

router = APIRouter(include_in_schema=False)

_OWNER, _ABOUT = "demo", "demo-login"


@router.get("/")
async def begin(request: Request) -> Response:
    """Say what this demo is and what to do first."""
    runtime = over_all(request, "demo")
    signer: Signer = request.app.state.signer
    pages = pages_of(request)
    async with runtime.store.read() as session:
        offices = select(HeldOffice.person_id).where(HeldOffice.ended_at.is_(None))
        desks = list(
            await session.scalars(
                select(Person)
                .where(Person.is_coordinator | Person.id.in_(offices), Person.erased_on.is_(None))
                .order_by(Person.is_coordinator.desc(), Person.code)
            )
        )
        schools = list(await session.scalars(select(School).order_by(School.code)))
        activities = list(await session.scalars(select(Activity).order_by(Activity.started_at)))
    return pages.html(
        "demo/begin.html",
        language=pages.language_of(request),
        now=await runtime.clock.now(),
        desks=[(one.id, full_name(one), one.job_title) for one in desks],
        schools=schools,
        titles=[one.title for one in activities],
        told=told_of(activities),
        prefect=prefect_page(runtime.settings),
        secret=f"{runtime.settings.data.name}/{PREFECT_FILE}",
        key=signer.page_key(_OWNER, _ABOUT),
    )


@router.post("/demo/login")
async def enter(request: Request) -> Response:
    """Sign in as one of those who have a desk here, with one press and no mail."""
    posted = await read_form(request)
    signer: Signer = request.app.state.signer
    if signer.read_page_key(posted.one(KEY), _OWNER, _ABOUT) is None:
        raise PageStale()
    runtime = over_all(request, "demo")
    try:
        token = await enter_demo(runtime, posted.one("person")[:40], real=real_now())
    except LoginLinkUnknown:
        raise ForeignPost() from None
    response = RedirectResponse(pages_of(request).path("/board"), status_code=303)
    set_session(response, runtime.settings, token)
    return response


def told_of(activities: Sequence[Activity]) -> list[list[tuple[str, str, Text]]]:
    """Return id and title of the activities of the region's stories, and what is to be seen of each: first those that
    it is about, then what came before and comes after.

    Nothing where only the visit is there: that one is played from its first day.
    """
    ids = {one.title: one.id for one in activities}
    stories = [story for story in read_stories() if story.draft.title in ids]
    if len(stories) < 2:
        return []
    return [
        [(ids[one.draft.title], one.draft.title, one.shows) for one in stories if one.is_beside is beside]
        for beside in (False, True)
    ]


def prefect_page(settings: Settings) -> str:
    """Return the address of Prefect's own page."""
    parts = urlsplit(settings.prefect_url)
    return f"{parts.scheme}://{parts.netloc}"
