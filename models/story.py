"""The story of one activity of the demo, as it is written down: how it starts, and who does what when."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from models.draft import ActivityDraft, Span
from models.region import Code
from models.roles import Stage
from models.text import Definition, Key, Misfit, Text

_ACTIONS = (
    "answers",
    "drafts",
    "reports",
    "replaces",
    "accepts",
    "moves",
    "opens",
    "cancels",
    "calls",
    "imports",
    "refuses",
    "takes",
)


def _local(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise Misfit(
            "schrijf plaatselijke tijd, zonder tijdzone: 2026-11-05 13:30",
            "write local time, without a time zone: 2026-11-05 13:30",
        )
    return value


class Beginning(Definition):
    """When a coordinator starts an activity; ``reason`` and ``owner_agrees`` where a company rests."""

    at: datetime
    by: Code
    reason: str = ""
    owner_agrees: bool = False

    _is_local = field_validator("at")(_local)


class Moment(Definition):
    """What somebody does at a moment in local time; exactly one thing.

    ``answers``, ``drafts`` (types and does not send) and ``reports`` (unasked) name a form, and ``says`` the fields of
    it that matter: everything else that must be answered is filled in. ``by`` types it for them after a phone call.
    A coordinator in ``who`` lets one be replaced, ``accepts`` a counter-proposal about something, ``moves`` contact
    moments (``in_holiday`` says that a free day is meant), ``opens`` the gate behind a slice, cancels, finishes
    ``calls`` of these kinds with a ``note``, or ``imports`` rows of a table. The mail server ``refuses`` mail to
    people, and ``takes`` it again. ``of_pair`` means the activity of the pair, ``step`` one of
    several steps that ask the same form.
    """

    at: datetime
    who: tuple[Code, ...] = ()
    by: Code | None = None
    of_pair: bool = False
    step: Key | None = None
    says: dict[str, Any] = Field(default_factory=dict)
    reason: str = ""
    in_holiday: bool = False
    note: str = ""
    answers: Key | None = None
    drafts: Key | None = None
    reports: Key | None = None
    replaces: dict[Code, Code] | None = None
    accepts: Key | None = None
    moves: tuple[Span, ...] | None = None
    opens: Stage | None = None
    cancels: str | None = None
    calls: tuple[Key, ...] | None = None
    imports: tuple[dict[str, str], ...] | None = None
    refuses: tuple[Code, ...] | None = None
    takes: tuple[Code, ...] | None = None

    _is_local = field_validator("at")(_local)

    @property
    def action(self) -> str:
        """What is done, by the name of its field."""
        return next(name for name in _ACTIONS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        named = [name for name in _ACTIONS if getattr(self, name) is not None]
        if len(named) != 1:
            raise Misfit(
                "een moment heeft precies één daad: {actions}.",
                "a moment has exactly one deed: {actions}.",
                actions=", ".join(_ACTIONS),
            )
        if not self.who and not (self.refuses or self.takes):
            raise Misfit("zeg wie dit doet: who: [C1].", "say who does this: who: [C1].")
        return self


class Story(Definition):
    """One activity: what is to be seen of it (``shows``), its draft, and what happens.

    ``follows`` names a story; one that ``is_beside`` came before or comes after those that the demo is about.
    """

    key: Code
    shows: Text
    starts: Beginning
    draft: ActivityDraft
    follows: Code | None = None
    is_beside: bool = False
    moments: tuple[Moment, ...] = ()


Usual = dict[Key, dict[Key, Annotated[tuple[str, ...], Field(min_length=1)]]]


class UsualWords(Definition):
    """What people write where a story does not say it: by form and question several texts, for one each."""

    words: Usual
