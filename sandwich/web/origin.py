"""Who may post to us: our own pages, nobody else's."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import Request

from sandwich.errors import SandwichError
from sandwich.settings import LOOPBACK, Settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignPost(SandwichError):
    """This was sent from a page that is not ours, so nothing was changed. Open the link in your mail again."""

    dutch = (
        "Dit werd verstuurd vanaf een pagina die niet van ons is, dus er is niets veranderd. "
        "Open de link in je mail opnieuw."
    )


async def own_pages_only(request: Request) -> None:
    """Dependency of every route: refuse what would change something and was sent by a page elsewhere."""
    if request.method not in _SAFE and not is_own(request.headers, request.app.state.origins):
        raise ForeignPost()


def own_origins(settings: Settings) -> frozenset[str]:
    """Return the origins that our own pages come from."""
    parts = urlsplit(settings.base_url)
    origins = {f"{parts.scheme}://{parts.netloc}"}
    if parts.hostname in LOOPBACK:
        port = f":{parts.port}" if parts.port else ""
        origins |= {f"{parts.scheme}://{host}{port}" for host in ("127.0.0.1", "localhost", "[::1]")}
    return frozenset(origins)


def is_own(headers: Mapping[str, str], origins: frozenset[str]) -> bool:
    """Whether a browser says that one of our own pages sends this; where it says nothing, it may be.

    With ``Referrer-Policy: no-referrer`` browsers write ``Origin: null`` on our own forms too; there
    ``Sec-Fetch-Site`` decides, and every form has its signed key besides.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or origin == "null" or origin in origins
