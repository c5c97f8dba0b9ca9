"""The log: events on standard output, as JSON for machines or plainly for a person; never anything personal.

Of an exception only its class and the places it passed are written: its text can hold a name or an address.
"""

import logging
import sys
import time
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from sandwich.orchestration.faults import place_of
from sandwich.settings import LogFormat

SELDOM_SECONDS = 10.0
"""Pause between two lines that say that no file can be opened any more."""

_NO_HANDLE = "socket.accept() out of system resource"
_NO_HANDLE_SAID = (
    "No new connection can be taken: this process may open no more files. "
    "Raise its limit: `ulimit -n 1024`, or LimitNOFILE= in systemd."
)

FRAMES = 8
"""How many of the innermost places of an exception are written."""


def set_up_logs(wanted: LogFormat, part: str) -> None:
    """Write what this process logs from here on; ``part`` is written with every line."""
    steps: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _Part(part),
        _only_places,
    ]
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _written(resolve(wanted))],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("httpx", "httpcore", "aiosqlite", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("mail.log", "mail.debug"):  # a warning of the door for mail repeats the words that it did not know
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("asyncio").addFilter(_Seldom())


def silent() -> None:
    """Write no log at all: somebody watches this process for one line, and its parts write their own."""
    structlog.configure(
        processors=[structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
    )
    logging.getLogger().addHandler(logging.NullHandler())


def resolve(wanted: LogFormat) -> LogFormat:
    """Return how to write: what is wished, or what fits where standard output goes."""
    if wanted is not LogFormat.AUTO:
        return wanted
    return LogFormat.PLAIN if sys.stdout.isatty() else LogFormat.JSON


def _written(wanted: LogFormat) -> Processor:
    if wanted is LogFormat.JSON:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), timestamp_key="at")


class _Seldom(logging.Filter):
    """Says in one line, now and then, that no file can be opened any more: asyncio says it thousands of times a second,
    which fills a disk.
    """

    def __init__(self) -> None:
        super().__init__()
        self._silent_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        if not str(record.msg).startswith(_NO_HANDLE):
            return True
        now = time.monotonic()
        if now < self._silent_until:
            return False
        self._silent_until = now + SELDOM_SECONDS
        record.msg, record.args, record.exc_info = _NO_HANDLE_SAID, (), None
        return True


class _Part:
    """Adds the name of the part."""

    def __init__(self, part: str) -> None:
        self.part = part

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        return {"part": self.part, **event}


def _only_places(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its class and the places in the code that it passed."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        event["error"] = type(error).__name__
        event["place"] = place_of(error)
        event["passed"] = [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno}" for frame in frames]
    return event
