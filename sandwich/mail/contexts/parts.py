"""What mails are worded from: typed values, no rows and no ids, the same for both languages.

A template that asks for a value that its context lacks is an error, and so is a value that is not of its type.
"""

import re
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from models.roles import Role


class Part(BaseModel):
    """Base of every part of a context: fixed, and nothing that is not described."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reader(Part):
    """Who reads the mail. ``is_shared``: others read that mailbox too, so the mail says whom it is for."""

    name: str
    given: str
    is_shared: bool = False


class Reachable(Part):
    """Somebody who can be reached."""

    name: str
    phone: str | None = None
    mail: str | None = None


class Foot(Part):
    """The ways out at the bottom of a mail; none for lists and for those who steer the activity.

    ``years`` is for how many school years answers are kept with a name: who is asked something is told so.
    """

    years: int
    change: str | None = None
    later: str | None = None
    other: str | None = None
    not_me: str | None = None
    stop: str | None = None
    no_mail: str | None = None
    privacy: str | None = None


class ReplyQuestion(Part):
    """One question as it stands in a mail that a reply can answer, with its options and the place to answer."""

    heading: str
    options: str | None = None
    hint: str | None = None
    answer: str


class ReplyPart(Part):
    """The questions of a mail that can be answered by replying: how that goes, the questions, and where they end."""

    intro: str
    questions: tuple[ReplyQuestion, ...] = Field(min_length=1)
    end: str


class TapChoice(Part):
    """An answer that opens the form with it shown; nothing is stored before something is chosen there."""

    label: str
    link: str


class Tap(Part):
    """A question with its answers as buttons."""

    label: str
    choices: tuple[TapChoice, ...] = Field(min_length=1)


class Progress(Part):
    """How far the three slices are, in percent."""

    before: int = Field(default=0, ge=0, le=100)
    during: int = Field(default=0, ge=0, le=100)
    after: int = Field(default=0, ge=0, le=100)


class Moment(Part):
    """One dated meeting."""

    starts_at: datetime
    ends_at: datetime

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Start and end, as the filter ``span`` takes them."""
        return self.starts_at, self.ends_at


class Shift(Part):
    """A meeting that moved: when it was, and when it is."""

    old: Moment
    new: Moment


class MailContext(Part):
    """What every mail has. ``formal`` readers are addressed with *u*.

    ``taps`` are questions that are answered with one choice, ``reply`` those that a reply can answer.
    """

    title: str
    reader: Reader
    formal: bool = False
    role: Role | None = None
    company: str | None = None
    coordinator: Reachable | None = None
    progress: Progress | None = None
    foot: Foot | None = None
    taps: tuple[Tap, ...] = ()
    reply: ReplyPart | None = None

    def values(self) -> dict[str, Any]:
        """Return what a template sees."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class ActivityContext(MailContext):
    """A mail about an activity. ``moments`` are its dates, fixed or proposed, ``ahead`` those that are not over;
    ``others`` the further teachers.
    """

    kind: str
    moments: tuple[Moment, ...] = Field(min_length=1)
    ahead: tuple[Moment, ...] = ()
    is_fixed: bool
    place: str | None = None
    others: int = Field(default=0, ge=0)
    group_size: int = Field(default=0, ge=0)

    def values(self) -> dict[str, Any]:
        """Return what a template sees; also the start of the first and the end of the last meeting."""
        return {**super().values(), "starts_at": self.moments[0].starts_at, "ends_at": self.moments[-1].ends_at}


class AskContext(ActivityContext):
    """A mail that asks for an answer: the personal link, the minutes it takes, and by when."""

    link: str
    minutes: float = Field(gt=0)
    deadline_at: datetime | None = None
    forms: tuple[str, ...] = Field(min_length=1)


class Question(Part):
    """A question of a participant to the host; the name only where its owner agreed."""

    text: str
    name: str | None = None


class Slot(Part):
    """One line of a programme; ``time`` as it was typed, ``13:30``."""

    time: str
    what: str
    who: str | None = None
    where: str | None = None


class Group(Part):
    """Several lines under one heading."""

    label: str
    lines: tuple[str, ...]


class Row(Part):
    """A label with a value: a line of a facts box. ``phones`` are the numbers in it that can be dialled."""

    label: str
    value: str
    phones: tuple[str, ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        """Label and value, as a facts box takes them."""
        return self.label, self.value

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The value in pieces, each with whether it is a number to dial."""
        if not self.phones:
            return ((self.value, False),)
        numbers = "|".join(re.escape(phone) for phone in sorted(self.phones, key=len, reverse=True))
        # Split by a group in brackets: every second piece is a number.
        pieces = [(piece.strip(), place % 2 == 1) for place, piece in enumerate(re.split(f"({numbers})", self.value))]
        return tuple((piece, is_phone) for piece, is_phone in pieces if piece)


class Line(Part):
    """One thing among several that are asked of a person at once. ``is_late``: its deadline is over."""

    ask: str
    minutes: float = Field(gt=0)
    deadline_at: datetime | None = None
    is_late: bool = False
    has_draft: bool = False


class Change(Part):
    """One difference between two versions of an agreement."""

    label: str
    before: str
    after: str


class Figure(Part):
    """One question with how the group answered it on the whole, and how many did; only from three people on."""

    label: str
    said: str
    count: int = Field(ge=3)


class Quote(Part):
    """Words that somebody released, with the name where that was released too."""

    text: str
    name: str | None = None


class Tally(Part):
    """Something that was chosen, and by how many."""

    label: str
    count: int = Field(ge=1)


class Teller(Part):
    """Somebody who tells it in a team meeting, and on which day, where one was named."""

    name: str
    on: date | None = None


class OwnGoal(Part):
    """A goal of the reader's own, and how far it was reached by the own account."""

    text: str
    result: str | None = None


class CallItem(Part):
    """One thing that the coordinator must do: whom to phone or what to look at, why, and since when, where the reason
    does not say so.

    ``phrase`` is the heading as it stands inside a sentence: with a capital only where it begins with a name.
    ``phone_of`` is whose number it is where the heading names nobody; ``hard_deadline_at`` is when it is too late;
    ``others`` whom else to phone, ``people`` all whom it is about, ``instead`` who else can be reached at the same
    company.
    """

    heading: str
    phrase: str
    reason: str
    phone: str | None
    since: str | None
    phone_of: str | None = None
    hard_deadline_at: datetime | None = None
    others: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


class Turn(Part):
    """A round of the reader: when it begins, and with whom."""

    number: int = Field(ge=1)
    at: datetime
    who: str


class Met(Part):
    """Somebody whom the reader goes on with, and where they can be reached."""

    name: str
    what: str | None = None
    phone: str | None = None
    mail: str | None = None


class Paper(Part):
    """What another mail would have said, as a section: its heading, and its body as text and as HTML."""

    heading: str
    as_text: str
    as_html: str
