"""Keep the secret part of addresses out of the web server's log."""

import logging
import re

_SECRET = re.compile(r"(/(?:f|wall|login)/)[^/?\s\"]+")


_ASKED = re.compile(r"([?&](?:code|state)=)[^&\s\"]+")


class Masked(logging.Filter):
    """Writes ``…`` for what stands behind ``/f/``, ``/wall/`` and ``/login/``."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the arguments of one line; every line is kept."""
        if isinstance(record.args, tuple):
            record.args = tuple(masked(part) if isinstance(part, str) else part for part in record.args)
        return True


def masked(text: str) -> str:
    """Return ``text`` without tokens."""
    return _ASKED.sub(r"\1…", _SECRET.sub(r"\1…", text))


def mask_access_log() -> None:
    """Mask the access log of uvicorn, once."""
    logger = logging.getLogger("uvicorn.access")
    if not any(isinstance(one, Masked) for one in logger.filters):
        logger.addFilter(Masked())
