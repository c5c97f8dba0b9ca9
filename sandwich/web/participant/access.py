"""Who comes in by a personal link: the cookie of exactly that link, and the frame of the pages behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from models.text import Text
from sandwich.runtime import Runtime
from sandwich.services.links import LinkExpired, LinkRevoked, LinkUnknown, OpenedLink, opened
from sandwich.settings import Settings
from sandwich.web.doors import over_all
from sandwich.web.pages import Pages, pages_of
from sandwich.web.signing import Signer


@dataclass(frozen=True)
class Visit:
    """One request of somebody with a personal link; ``has_cookie`` says that this browser opened the link before."""

    request: Request
    runtime: Runtime
    pages: Pages
    signer: Signer
    link: OpenedLink
    now: datetime
    has_cookie: bool

    def address(self, rest: str = "") -> str:
        """Return the address of a page behind this link, below the base path."""
        return self.pages.path(f"/f/{self.link.link_id}{rest}")

    def form_address(self, invitation_id: str) -> str:
        """Return the address of the form of an invitation."""
        return self.address("" if invitation_id == self.link.invitation_id else f"/ask/{invitation_id}")

    def words(self, text: Text) -> str:
        """Return a text for this person."""
        return text.to(self.link.language, formal=self.link.formal)

    def html(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a page in this person's language."""
        return self.pages.html(
            name,
            language=self.link.language,
            formal=self.link.formal,
            status=status,
            home=self.address(),
            overview=self.address("" if self.link.invitation_id is None else "/all"),
            **context,
        )


async def visit_by(request: Request, link_id: str, *, needs_cookie: bool = True) -> Visit:
    """Return the visit behind ``/f/{link_id}``; raises ``LinkUnknown`` where this browser did not open that link.

    Who did not open it is not told either that it was there, and has ended or was revoked.
    """
    runtime: Runtime = request.app.state.runtime
    signer: Signer = request.app.state.signer
    has_cookie = signer.opens(request.cookies.get(cookie_name(runtime.settings)), link_id)
    if needs_cookie and not has_cookie:
        raise LinkUnknown
    try:
        link = await opened(over_all(request, "personal link"), link_id)
    except (LinkExpired, LinkRevoked):
        if has_cookie:
            raise
        raise LinkUnknown from None
    return Visit(request, runtime.narrowed(link.scope), pages_of(request), signer, link, link.at, has_cookie)


def cookie_name(settings: Settings) -> str:
    """Return the name of the cookie; over https browsers then refuse to set it without ``Secure``."""
    return "__Secure-sandwich-link" if settings.is_secure else "sandwich-link"


def give_cookie(response: Response, settings: Settings, signer: Signer, link_id: str, path: str) -> None:
    """Let this browser open ``link_id`` without its token. The cookie goes to that link's own pages only."""
    response.set_cookie(
        cookie_name(settings),
        signer.cookie(link_id),
        path=path,
        secure=settings.is_secure,
        httponly=True,
        samesite="lax",
    )


def progress_of(progress: Mapping[str, int]) -> dict[str, int]:
    """Return how far the three slices are, also where nothing was computed yet."""
    return {stage: int(progress.get(stage, 0)) for stage in ("before", "during", "after")}
