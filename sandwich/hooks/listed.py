"""Whether an address is one that an administrator listed."""

from urllib.parse import SplitResult, urlsplit

from sandwich.settings import Settings, is_receiver

_PORTS = {"http": 80, "https": 443}


def is_listed(settings: Settings, url: str) -> bool:
    """Whether something may be sent there: it is a listed address, or lies below one."""
    if not is_receiver(url):
        return False
    parts = urlsplit(url)
    return any(_lies_below(parts, urlsplit(address)) for address in settings.webhook_addresses.split())


def _lies_below(parts: SplitResult, listed: SplitResult) -> bool:
    if _place(parts) != _place(listed):
        return False
    base = listed.path.rstrip("/")
    return parts.path.rstrip("/") == base or parts.path.startswith(f"{base}/")


def _place(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]
