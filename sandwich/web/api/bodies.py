"""What a program says when it wants something done to an activity; each fills in the form that the board has for it."""

from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from models.changes import Change
from models.roles import Role
from sandwich.web.api.values import (
    Body,
    Count,
    Day,
    Id,
    Key,
    Mark,
    Newcomer,
    Reason,
    Said,
    Times,
    Words,
    Yes,
    of_roles,
    plainly,
    rows,
)

LONGEST_LIST = 200

_SOMEBODY = "5q7x1m9c3v8k2r6t0wzh4gnd"
_WHEN = {"start": "2026-12-03T13:30", "end": "2026-12-03T16:30"}
_MARK = "9f2c41d07be8"


def _example(**values: Any) -> ConfigDict:
    """Return what the description shows as an example of a body."""
    return ConfigDict(json_schema_extra={"examples": [values]})


class Outcome(BaseModel):
    """What came of it. ``done`` is false after a look: then ``happens`` says what would happen."""

    done: bool
    activity_id: str | None = None
    happens: list[str] = Field(default_factory=list)
    seen: str | None = Field(default=None, description="send this along to do what was shown")


class Doing(Body):
    """Something to be done. With ``dry_run`` nothing changes, and the answer says what would happen."""

    dry_run: Yes = False
    renamed: ClassVar[dict[str, str]] = {}

    def fields(self, zone: ZoneInfo) -> dict[str, list[str]]:
        """Return the fields of the board's form."""
        said = self.model_dump(exclude={"dry_run", "dates", "new"}, exclude_none=True)
        found = plainly({self.renamed.get(name, name): value for name, value in said.items()})
        dates, new = getattr(self, "dates", None), getattr(self, "new", None)
        return {**found, **(rows(dates, zone) if dates else {}), **(new.fields() if new else {})}


_ASKING = {"although": "why", "owner_agrees": "agrees"}


class Plainly(Doing):
    """Do it."""


class WithReason(Doing):
    """Do it, for a reason that is kept."""

    model_config = _example(reason="The company closes its doors.")

    reason: Reason


class FixDate(Doing):
    """Fix one of the proposed dates, by its number from 0."""

    number: Annotated[Count, Field(ge=0, le=40)]


class Move(Doing):
    """Other dates, and why. While no date was chosen these are proposals, unless the host has ``agreed`` already."""

    model_config = _example(dates=[_WHEN], reason="The bus does not go that day.", dry_run=True)

    dates: Annotated[tuple[Times, ...], Field(min_length=1, max_length=40)]
    reason: Reason
    agreed: Yes = False
    seen: Mark | None = None


class Holding(Doing):
    """Put an activity on hold, perhaps until a day."""

    reason: Reason
    until: Day | None = None
    tells_host: Yes = False


class Begin(Doing):
    """Begin a concept; ``although`` says why a company that rests is asked all the same."""

    although: Said = ""
    owner_agrees: Yes = False
    renamed: ClassVar[dict[str, str]] = _ASKING


class OnTheDay(Doing):
    """What becomes of a day that is near: off, online, or ``minutes`` later."""

    model_config = _example(what="later", minutes=60, reason="Code red until ten.", seen=_MARK)

    what: Change
    minutes: Annotated[Count, Field(ge=0, le=999)] = 0
    reason: Reason
    seen: Mark | None = None


class OtherHost(Doing):
    """Another company, by its contact person, with the days that it is asked for."""

    person: Id
    dates: Annotated[tuple[Times, ...], Field(min_length=1, max_length=3)]
    reason: Reason
    although: Said = ""
    owner_agrees: Yes = False
    seen: Mark | None = None
    renamed: ClassVar[dict[str, str]] = _ASKING


class Adding(Doing):
    """People who come in, known ones and perhaps somebody new."""

    model_config = _example(people=[_SOMEBODY], dry_run=True)

    people: Annotated[tuple[Id, ...], Field(max_length=LONGEST_LIST)] = ()
    new: Newcomer | None = None
    although: Said = ""
    owner_agrees: Yes = False
    seen: Mark | None = None
    renamed: ClassVar[dict[str, str]] = {**_ASKING, "people": "person"}


class Replacing(Doing):
    """Who takes somebody's place: a known person or somebody new."""

    person: Id | None = None
    new: Newcomer | None = None
    although: Said = ""
    owner_agrees: Yes = False
    renamed: ClassVar[dict[str, str]] = _ASKING


class Finishing(Doing):
    """What came of a call."""

    note: Said = ""


class Accepting(Doing):
    """Take a counter-proposal over: the version that was ``shown``, all of it or single ``terms``."""

    shown: Mark | None = None
    terms: Annotated[tuple[Words, ...], Field(max_length=LONGEST_LIST)] = ()

    def fields(self, zone: ZoneInfo) -> dict[str, list[str]]:
        """Return the fields of the board's form."""
        found = {"_shown": [self.shown]} if self.shown else {}
        return {**found, **({"_term": list(self.terms), "_action": ["some"]} if self.terms else {})}


class Reminding(Doing):
    """Which questions are reminded of now."""

    invitations: Annotated[tuple[Id, ...], Field(min_length=1, max_length=LONGEST_LIST)]
    renamed: ClassVar[dict[str, str]] = {"invitations": "mails"}


Mails = Annotated[tuple[Id, ...], Field(min_length=1, max_length=LONGEST_LIST)]


class WithMails(Doing):
    """Which mails of the activity."""

    mails: Mails


class AWord(Doing):
    """A word of your own at the top of a mail; an empty one takes it away."""

    word: Annotated[Said, Field(max_length=1000)]


class Pairing(Doing):
    """A pair by hand, and who of the two said yes already."""

    teacher: Id
    professional: Id
    said_yes: Annotated[tuple[Role, ...], Field(max_length=2)] = ()
    renamed: ClassVar[dict[str, str]] = {"said_yes": "said-yes"}


Stay = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?-[0-9]{0,2}$")]
Talk = Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{24}:[0-9a-z]{24}$")]


class Rounds(Doing):
    """Make the remaining rounds anew: how many were ``held``, who stays from which to which, what fell through."""

    held: Annotated[Count, Field(ge=0, le=40)]
    stays: dict[Id, Stay] = Field(default_factory=dict, max_length=LONGEST_LIST, examples=[{}])
    lost: Annotated[tuple[Talk, ...], Field(max_length=LONGEST_LIST)] = ()

    def fields(self, zone: ZoneInfo) -> dict[str, list[str]]:
        """Return the fields of the board's form."""
        stays = {f"stay-{one}": [stay] for one, stay in self.stays.items()}
        return {"held": [str(self.held)], "lost": list(self.lost), **stays}


class Seen(Doing):
    """Do what was shown."""

    seen: Mark | None = None


class Masking(Doing):
    """Which lines of the list are masked; none where all of it may stay."""

    lines: Annotated[tuple[Mark, ...], Field(max_length=LONGEST_LIST)] = ()
    renamed: ClassVar[dict[str, str]] = {"lines": "mask"}


class Draft(Doing):
    """An activity before it starts; ``host`` is the contact person of whoever receives, or ``new`` somebody."""

    model_config = _example(
        kind="company-visit",
        title="Lassen bij Verhoeven",
        purpose="knowledge",
        host="8m2k5v9r0c4h7tq1xg6wz3nd",
        teachers=[_SOMEBODY],
        dates=[_WHEN],
        dry_run=True,
    )

    kind: Key
    variant: Key | None = None
    title: Words
    purpose: Key
    host: Id | None = None
    new: Newcomer | None = None
    teachers: Annotated[tuple[Id, ...], Field(min_length=1, max_length=LONGEST_LIST)]
    trip_leader: Id | None = None
    coordinator: Id | None = None
    deputy: Id | None = None
    others: dict[Role, Annotated[tuple[Id, ...], Field(max_length=LONGEST_LIST)]] = Field(
        default_factory=dict, examples=[{}]
    )
    dates: Annotated[tuple[Times, ...], Field(min_length=1, max_length=3)]
    group_size: Annotated[Count, Field(ge=1, le=500)] | None = None
    place: Words | None = None
    follows: Id | None = None
    short_notice: Yes = False
    again: Yes = False
    although: Said = ""
    owner_agrees: Yes = False

    def fields(self, zone: ZoneInfo) -> dict[str, list[str]]:
        """Return the fields of the board's form."""
        said: dict[str, Any] = self.model_dump(
            include={"title", "purpose", "host", "teachers", "trip_leader", "coordinator", "deputy", "group_size"}
            | {"place", "follows"}
        )
        kind = f"{self.kind}/{self.variant}" if self.variant else self.kind
        return {
            **plainly({**said, "kind": kind}),
            **rows(self.dates, zone),
            **of_roles(self.others),
            **(self.new.fields() if self.new else {}),
        }
