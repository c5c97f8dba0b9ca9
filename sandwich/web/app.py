"""The web application: routers, limits, headers and error pages put together.

Routers are plain FastAPI routers; their routes find the pages by ``pages_of(request)`` and the signer in
``request.app.state.signer``. The runtime in ``request.app.state.runtime`` is for nobody: a route takes the one that is
narrowed to what its visitor may see, or, for what :mod:`sandwich.web.doors` lists, one over all.
"""

from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from sandwich.runtime import Runtime
from sandwich.services.oidc import Provider
from sandwich.settings import LOOPBACK, Settings
from sandwich.web import health, metrics
from sandwich.web.addresses import PlainAddresses
from sandwich.web.api.routes import add_api
from sandwich.web.board.routes import add_board
from sandwich.web.demo.routes import add_demo
from sandwich.web.errors import add_error_pages
from sandwich.web.headers import LONG_LIVED, HeadLikeGet, SafeHeaders, UnderPath
from sandwich.web.limits import BodyLimit
from sandwich.web.login import Doorkeeper
from sandwich.web.origin import own_origins, own_pages_only
from sandwich.web.pages import STATIC, Pages, base_path
from sandwich.web.participant import day_code, own, rights, year
from sandwich.web.participant import routes as participant
from sandwich.web.quiet import mask_access_log
from sandwich.web.rate import Turnstile, not_too_often
from sandwich.web.requests import OwnProxy, RouteNoted, Told
from sandwich.web.signing import Signer
from sandwich.web.wall import adopting, feeds, printing
from sandwich.web.wall import routes as wall

ROUTERS = (
    health.router,
    metrics.router,
    own.router,
    rights.router,
    year.router,
    day_code.router,
    participant.router,
    feeds.router,
    printing.router,
    adopting.router,
    wall.router,
)


def make_app(runtime: Runtime) -> FastAPI:
    """Return the application of one installation."""
    settings = runtime.settings
    mask_access_log()
    app = FastAPI(
        title="Sandwich",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(own_pages_only), Depends(not_too_often)],
        middleware=[
            Middleware(OwnProxy, proxies=settings.proxies),
            Middleware(Told),
            Middleware(SafeHeaders, is_secure=settings.is_secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts(settings), www_redirect=False),
            Middleware(UnderPath, path=base_path(settings)),
            Middleware(HeadLikeGet),
            Middleware(PlainAddresses),
            Middleware(GZipMiddleware, minimum_size=1000),
            Middleware(BodyLimit),
            Middleware(RouteNoted),
        ],
    )
    app.state.runtime = runtime.for_nobody()
    app.state.pages = Pages(settings)
    app.state.signer = Signer(settings)
    app.state.origins = own_origins(settings)
    app.state.turnstile = Turnstile()
    app.state.provider = Provider(settings) if settings.oidc_discovery else None
    app.state.wall_doorkeeper = Doorkeeper()
    app.state.day_doorkeeper = Doorkeeper(of_school=day_code.ASKS_ON_THE_DAY)
    add_error_pages(app)
    for router in ROUTERS:
        app.include_router(router)
    add_demo(app)
    add_board(app)
    add_api(app)
    app.add_route("/favicon.ico", _icon)  # asked for by what is no page of ours: a PDF, the metrics
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    return app


def hosts(settings: Settings) -> list[str]:
    """Return the names that people reach us under; a request for any other host is refused."""
    host = urlsplit(settings.base_url).hostname or ""
    return sorted(LOOPBACK) if host in LOOPBACK else [host]


async def _icon(_request: Request) -> Response:
    return FileResponse(STATIC / "sandwich.svg")


class KeptFiles(StaticFiles):
    """Static files that browsers may keep."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file."""
        response = await super().get_response(path, scope)
        if response.status_code < 400:
            response.headers["Cache-Control"] = LONG_LIVED
        return response
