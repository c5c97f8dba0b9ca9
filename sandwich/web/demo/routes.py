"""The demo's routes. They exist in a demo on this machine only."""

from ipaddress import ip_address

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException

from sandwich.errors import SettingsInvalid
from sandwich.settings import LOOPBACK, Environment
from sandwich.web.demo import begin, clock, mailbox


def add_demo(app: FastAPI) -> None:
    """Add the demo's pages where this installation is a demo; refuse one that others could reach."""
    settings = app.state.runtime.settings
    if settings.environment is not Environment.DEMO:
        return
    if settings.host not in LOOPBACK:
        raise SettingsInvalid(
            "SANDWICH_HOST: a demo is for this machine only; use 127.0.0.1.",
            "SANDWICH_HOST: een demo is alleen voor deze computer; gebruik 127.0.0.1.",
        )
    app.state.clock_steps = clock.Steps()
    for router in (begin.router, clock.router, mailbox.router):
        app.include_router(router, dependencies=[Depends(this_machine_only)])


async def this_machine_only(request: Request) -> None:
    """Dependency of the demo's routes: refuse whoever comes from another machine."""
    host = request.client.host if request.client else ""
    try:
        is_near = ip_address(host).is_loopback
    except ValueError:
        is_near = False
    if not is_near:
        raise HTTPException(403)
