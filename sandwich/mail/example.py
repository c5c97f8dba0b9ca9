"""Examples of every mail, made from the types of their contexts: full of one text, or as bare as they may be.

For whoever looks at a mail that was never sent, and for the tests.
"""

from datetime import UTC, date, datetime, timedelta
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from models.roles import HOST_ROLES, Role
from sandwich.mail.contexts.parts import MailContext, Progress
from sandwich.mail.contexts.steering import BundleContext
from sandwich.mail.mails import BUNDLE, MAILS
from sandwich.services.appointments import Why

START = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
LINK = "https://sandwich.example/f/abcDEF-123"
ADDRESSES = {"link", "wall", "change", "later", "other", "not_me", "stop", "no_mail", "privacy", "yes", "no", "hours"}
OURS = {"as_html": "<p>een stuk</p>", "as_text": "een stuk", "code": "012345"}

ROLES = {
    "request": Role.HOST_CONTACT,
    "task-division": Role.HOST_CONTACT,
    "goals-to-host": Role.HOST_CONTACT,
    "fewer": Role.HOST_CONTACT,
    "thank-you": Role.HOST_CONTACT,
    "host-evaluation": Role.HOST_CONTACT,
    "host-preview": Role.HOST_CONTACT,
    "feedback-host": Role.HOST_CONTACT,
    "result-to-host": Role.HOST_CONTACT,
    "profile": Role.HOST_CONTACT,
    "release": Role.SCHOOL_LEADER,
    "feedback-school-leader": Role.SCHOOL_LEADER,
    "release-information": Role.TIMETABLER,
    "new-card": Role.COLLEAGUES,
    "new-cards": Role.COLLEAGUES,
    "attendance": Role.TRIP_LEADER,
    "call": Role.COORDINATOR,
    "week": Role.COORDINATOR,
    "counter-proposal": Role.COORDINATOR,
}
"""Who gets a mail; all others go to teachers and to hosts alike."""

NEVER_EMPTY = frozenset({"moments", "gone", "forms", "lines", "calls", "names", "tasks", "shifts", "cards"})
"""Parts of which a mail has at least one."""

OF_NO_ACTIVITY = frozenset({"login-code", "week", "new-cards"})
"""Mails that belong to no activity."""

CONTEXTS: dict[str, type[MailContext]] = {name: mail.context for name, mail in MAILS.items()} | {BUNDLE: BundleContext}


def sample(name: str, text: str = "een woord", *, bare: bool = False, role: Role | None = None) -> MailContext:
    """Return a context for a mail in which every free text is ``text``; ``bare``: without what may lack."""
    kind = CONTEXTS[name]
    values = _fields(kind, text, bare)
    role = role or ROLES.get(name, Role.TEACHER)
    values["role"] = None if name == "login-code" else role
    values["formal"] = role in HOST_ROLES
    if name == "login-code":
        values["foot"] = None
    if name in OF_NO_ACTIVITY:
        values |= {"progress": None, "coordinator": None, "company": None}
    elif "progress" in values:
        values["progress"] = Progress(before=62)
    return kind.model_validate(values)


def _fields(kind: type[BaseModel], text: str, bare: bool) -> dict[str, Any]:
    return {name: _value(name, field.annotation, text, bare) for name, field in kind.model_fields.items()}


def _value(name: str, kind: Any, text: str, bare: bool) -> Any:
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        inner = next(one for one in get_args(kind) if one is not type(None))
        return None if bare else _value(name, inner, text, bare)
    if origin is tuple:
        least = 1 if name in NEVER_EMPTY else 0
        return tuple(_value(name, get_args(kind)[0], text, bare) for _ in range(least if bare else 3))
    if kind is str:
        return LINK if name in ADDRESSES else OURS.get(name, text)
    if kind is bool:
        return not bare
    if kind is int:
        return 10 if name == "valid_minutes" else 3
    if kind is float:
        return 1.5
    if kind is datetime:
        return START + (timedelta(hours=3) if name.startswith("end") else timedelta(0))
    if kind is date:
        return START.date()
    if kind is Role:
        return Role.TEACHER
    if kind is Why:
        return Why.REPLACED
    assert issubclass(kind, BaseModel), (name, kind)
    return _fields(kind, text, bare)
