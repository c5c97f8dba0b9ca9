"""What a playbook is: how one kind of activity goes through before, during and after (files in ``playbooks/``)."""

import re
from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from models.text import Definition, Key, Misfit, Text


class Stage(StrEnum):
    """The three slices of the sandwich."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Role(StrEnum):
    """What a person is in one activity."""

    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    TEACHER = "teacher"
    TRIP_LEADER = "trip_leader"
    HOST_CONTACT = "host_contact"
    PROFESSIONAL = "professional"
    MENTOR = "mentor"
    COACH = "coach"
    CHAIR = "chair"
    REVIEWER = "reviewer"
    OBSERVED = "observed"
    EMPLOYER = "employer"
    SCHOOL_LEADER = "school_leader"
    TIMETABLER = "timetabler"
    COLLEAGUES = "colleagues"


HOST_ROLES = frozenset({Role.HOST_CONTACT, Role.PROFESSIONAL, Role.MENTOR, Role.EMPLOYER})
"""Roles of people outside the school: addressed with *u*, free on public holidays, not in school holidays."""


class Demand(StrEnum):
    """The five things without which it is no sandwich; four of them are the dots on the board (field rules 1 and 2)."""

    GOALS = "goals"
    TASK_DIVISION = "task_division"
    EVALUATION = "evaluation"
    SHARE = "share"
    FEEDBACK = "feedback"


DOTS = (Demand.GOALS, Demand.TASK_DIVISION, Demand.SHARE, Demand.FEEDBACK)
"""The demands that are shown as four dots."""


class Unit(StrEnum):
    """What an offset counts."""

    WEEKS = "w"
    DAYS = "d"
    WORKING_DAYS = "wd"


class Moment(Definition):
    """A rule for a moment: ``T-6w``, ``E+2wd``, ``E 16:30``, ``T3-2d``, ``host-preview+5wd``.

    ``T`` is the start of the first contact moment, ``E`` the end of the last, ``H`` halfway; ``T3`` and ``E3`` are
    those of the third moment, or of the last where there are fewer. In a step that comes again for each contact moment
    ``M`` is the start of its own moment, ``ME`` its end, and ``N`` the start of the next one. Any other anchor is a
    step, from the day that it was carried out. Days and weeks are calendar days; ``at`` is a local time of day.
    """

    anchor: str
    offset: int = 0
    unit: Unit = Unit.DAYS
    at: time | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a moment as it is written in a playbook; raises ``Misfit`` with the accepted form."""
        match = _MOMENT.fullmatch(text.strip())
        if not match:
            raise Misfit(
                "{text!r} is geen moment; schrijf bijvoorbeeld T-6w, E+2wd, E 16:30 of host-preview+5wd",
                "{text!r} is no moment; write for instance T-6w, E+2wd, E 16:30 or host-preview+5wd",
                text=text,
            )
        anchor, sign, amount, unit, clock = match.groups()
        return cls(
            anchor=anchor,
            offset=int(f"{sign}{amount}") if amount else 0,
            unit=Unit(unit) if unit else Unit.DAYS,
            at=time.fromisoformat(clock) if clock else None,
        )

    def __str__(self) -> str:
        offset = f"{self.offset:+d}{self.unit}" if self.offset else ""
        clock = f" {self.at:%H:%M}" if self.at else ""
        return f"{self.anchor}{offset}{clock}"


_MOMENT = re.compile(
    r"([TE]\d{0,2}|H|ME?|N|[a-z][a-z0-9-]*[a-z0-9])(?:([+-])(\d{1,3})(wd|w|d))?(?: ((?:[01]\d|2[0-3]):[0-5]\d))?"
)


def _read_moment(value: Any) -> Any:
    return Moment.parse(value) if isinstance(value, str) else value


MomentRule = Annotated[
    Moment,
    BeforeValidator(_read_moment),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["T-6w", "E+2wd", "E 16:30"]}),
]


class Rhythm(StrEnum):
    """When on the day, and on which days, a mail leaves (field rule 8)."""

    REQUEST = "request"  # Tuesday to Thursday at 10:00, where that is at most two days later
    ROUTINE = "routine"  # any working day at 08:30
    EXACT = "exact"  # at the stated moment, never moved


class Ending(StrEnum):
    """What happens when the last rung of a ladder of reminders is passed without an answer."""

    CALL = "call"  # the coordinator gets a call to make
    CLOSE = "close"  # the form closes softly: still accepted, nobody is asked again
    NOTHING = "nothing"


class ReminderProfile(Definition):
    """A ladder of reminders: after how many days each goes out, and what comes then (field rule 9)."""

    key: Key
    code: str
    unit: Unit
    reminders: tuple[int, ...] = Field(max_length=2)
    ends: int | None = Field(default=None, ge=1)
    ending: Ending = Ending.NOTHING
    before_hard_deadline: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        rungs = (*self.reminders, *((self.ends,) if self.ends else ()))
        if list(rungs) != sorted(set(rungs)) or any(rung < 1 for rung in rungs):
            raise Misfit(
                "reminders en ends zijn hele dagen, elk later dan die ervoor",
                "reminders and ends must be whole days, each later than the one before",
            )
        if (self.ending is Ending.NOTHING) != (self.ends is None):
            raise Misfit(
                "bij een ending hoort een dag (ends), en andersom",
                "an ending needs a day (ends), and the other way round",
            )
        return self


class Capability(StrEnum):
    """What a step or watch can do beyond asking and telling; a playbook names it, a service does it."""

    CONFIRM_DATE = "confirm-date"
    PROPOSE_TASKS = "propose-tasks"
    PREVIEW_CARD = "preview-card"
    PUBLISH_CARD = "publish-card"
    SHARE_ADDITION = "share-addition"
    GIVE_FEEDBACK = "give-feedback"
    PRESUME_PRESENT = "presume-present"


class Each(StrEnum):
    """For which contact moments of a series a step comes again."""

    EVERY = "every"
    BUT_FIRST = "but-first"
    BUT_LAST = "but-last"
    INNER = "inner"  # neither the first nor the last

    def of(self, moments: int) -> range:
        """Return the numbers, from 1, of the contact moments that are meant, out of so many."""
        first = 2 if self in {Each.BUT_FIRST, Each.INNER} else 1
        last = moments - 1 if self in {Each.BUT_LAST, Each.INNER} else moments
        return range(first, last + 1)


class Enough(StrEnum):
    """How many of those who were asked must have answered for a fact to be so."""

    ONE = "one"
    MOST = "most"  # four in five
    ALL = "all"


class OwnFact(Definition):
    """A fact that a playbook adds to those that every kind knows, with the words for when it is missing.

    It is so when enough of those whom ``step`` asked have answered; with ``question`` when they answered that question
    of the form, and with ``answers`` one of these. In a step that comes again for each contact moment it is about the
    answers for that moment.
    """

    key: Key
    lacks: Text
    step: Key
    question: Key | None = None
    answers: tuple[bool | str, ...] = ()
    enough: Enough = Enough.ONE


class Among(StrEnum):
    """Which people of a role are meant."""

    ACTIVE = "active"  # takes part or may still take part
    PRESENT = "present"  # was there


class Say(Definition):
    """The words of a mail that has none of its own: what it asks or tells, in paragraphs with an empty line between.

    Names in braces are filled in: ``{title}`` of the activity, ``{host}`` that receives, ``{day}`` of the first contact
    moment, ``{moment}`` the day of the step's own one, ``{people}`` how many take part.
    """

    subject: Text
    text: Text
    button: Text | None = None

    @model_validator(mode="after")
    def _names_what_is_known(self) -> Self:
        for text in (self.subject, self.text, *((self.button,) if self.button else ())):
            for words in (text.nl, text.en, text.nl_u or ""):
                for name in _BRACES.findall(words):
                    if name not in SAYABLE:
                        raise Misfit(
                            "{name!r} tussen accolades bestaat niet; gebruik {known}",
                            "{name!r} in braces does not exist; use {known}",
                            name=name,
                            known=", ".join(SAYABLE),
                        )
        return self


SAYABLE = ("title", "host", "day", "moment", "people")
"""What may stand in braces in the words of a playbook."""

_BRACES = re.compile(r"\{([^{}]*)\}")

SAYING = frozenset({"ask", "tell"})
"""Mails whose words stand in the playbook."""


class Ask(Definition):
    """Ask the people of a role to fill in forms, with one mail, reminders and a deadline.

    The first form is the one that the mail is about; ``with_forms`` stand behind the same link. ``when`` names a
    fact under which the ask is made at all, ``form_when`` per further form. With ``either`` one answer is enough of
    those who were asked; with ``in_turn`` a step that comes again asks one person each time, the next one of the role.
    The mail ``ask`` has its words in ``say``.
    """

    to: Role
    mail: Key
    form: Key
    variant: Key | None = None
    with_forms: tuple[Key, ...] = ()
    form_when: dict[Key, Key] = Field(default_factory=dict)
    among: Among = Among.ACTIVE
    when: Key | None = None
    remind: Key
    remind_from: MomentRule | None = None
    deadline: MomentRule | None = None
    hard_deadline: MomentRule | None = None
    either: bool = False
    in_turn: bool = False
    turn: int | None = Field(default=None, ge=1)
    say: Say | None = None


class Tell(Definition):
    """Send the people of some roles a mail that asks nothing. The mail ``tell`` has its words in ``say``."""

    to: tuple[Role, ...] = Field(min_length=1)
    mail: Key
    among: Among = Among.ACTIVE
    when: Key | None = None
    say: Say | None = None


class Watch(Definition):
    """Look at a moment whether something is so; if not, the coordinator gets a call, or a capability acts."""

    key: Key
    at: MomentRule
    unless: Key
    call: Key | None = None
    does: Capability | None = None
    title: Text

    @model_validator(mode="after")
    def _acts(self) -> Self:
        if (self.call is None) == (self.does is None):
            raise Misfit(
                "een watch heeft precies een van call en does nodig", "a watch needs exactly one of call and does"
            )
        return self


class Step(Definition):
    """The smallest unit of a playbook; one task in Prefect, once per activity.

    It is carried out when all facts in ``needs`` hold and either ``at`` has come or all facts in ``as_soon_as`` hold.
    ``droppable`` steps are left out when an activity starts too late for them. ``proposal`` is the task division that
    the school begins with: who does each task. What the steps that a step ``opens`` ask can be answered from then on;
    their mails leave when those steps are due. A step ``after_closing`` is still carried out once an activity has
    closed by itself, because nobody ended it. With ``each`` the step comes again for each of these contact moments.
    """

    key: Key
    stage: Stage
    title: Text
    demand: Demand | None = None
    at: MomentRule
    rhythm: Rhythm = Rhythm.REQUEST
    needs: tuple[Key, ...] = ()
    as_soon_as: tuple[Key, ...] = ()
    does: Capability | None = None
    asks: tuple[Ask, ...] = ()
    tells: tuple[Tell, ...] = ()
    watches: tuple[Watch, ...] = ()
    proposal: dict[Key, Key] = Field(default_factory=dict)
    opens: tuple[Key, ...] = ()
    droppable: bool = False
    after_closing: bool = False
    each: Each | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.asks or self.tells or self.does):
            raise Misfit(
                "een stap heeft asks, tells of does nodig; deze doet niets",
                "a step needs asks, tells or does; this one would do nothing",
            )
        return self


class Gate(Definition):
    """What must be so before the next slice begins: hard conditions block, soft ones warn (field rule 10)."""

    code: str
    title: Text
    hard: tuple[Key, ...] = Field(min_length=1)
    soft: tuple[Key, ...] = ()


class Gates(Definition):
    """The gate behind each stage."""

    before: Gate
    during: Gate
    after: Gate

    def behind(self, stage: Stage) -> Gate:
        """Return the gate that closes ``stage``."""
        gates = {Stage.BEFORE: self.before, Stage.DURING: self.during, Stage.AFTER: self.after}
        return gates[stage]


class Group(Definition):
    """How many participants a kind is meant for."""

    minimum: int = Field(ge=1)
    maximum: int = Field(ge=1)


class Meetings(Definition):
    """How many contact moments a kind has, and how far apart they are planned where nobody says their dates."""

    count: int = Field(default=1, ge=1, le=40)
    minimum: int = Field(default=1, ge=1)
    maximum: int = Field(default=1, ge=1, le=40)
    apart: int = Field(default=1, ge=1)
    unit: Unit = Unit.WEEKS

    @model_validator(mode="after")
    def _is_between(self) -> Self:
        if not self.minimum <= self.count <= self.maximum:
            raise Misfit("count ligt tussen minimum en maximum", "count must lie between minimum and maximum")
        return self


class Host(StrEnum):
    """Who receives the participants."""

    COMPANY = "company"
    SCHOOL = "school"
    NOBODY = "nobody"


class Parameters(Definition):
    """Figures of a kind (field rule 11); all of them defaults that an activity may change.

    At ``closes`` an activity that nobody ended closes by itself (field rule 23).
    """

    lead_weeks: int = Field(ge=0, le=30)
    hours: float = Field(gt=0)
    group: Group
    host: Host = Host.COMPANY
    meetings: Meetings = Meetings()
    evaluation_window: MomentRule
    closes: MomentRule = Moment(anchor="E", offset=90)


class Rhythms(Definition):
    """The file with what all kinds share (``playbooks/shared/reminders.yaml``)."""

    reminders: tuple[ReminderProfile, ...]


NECESSARY = tuple(Demand)


class Playbook(Definition):
    """One kind of activity, from the first question to the company to the result that it gets back.

    It fits ``purposes``, and is the best choice for those in ``best_for`` (field rule 25).
    """

    key: Key
    version: int = Field(ge=1)
    title: Text
    about: Text
    purposes: tuple[Key, ...] = Field(min_length=1)
    best_for: tuple[Key, ...] = ()
    parameters: Parameters
    steps: tuple[Step, ...] = Field(min_length=1)
    gates: Gates
    facts: tuple[OwnFact, ...] = ()
    reminders: tuple[ReminderProfile, ...] = ()

    @model_validator(mode="after")
    def _is_best_for_what_it_fits(self) -> Self:
        for purpose in self.best_for:
            if purpose not in self.purposes:
                raise Misfit(
                    "best_for noemt {purpose!r}, en dat staat niet in purposes",
                    "best_for names {purpose!r}, which is not in purposes",
                    purpose=purpose,
                )
        return self

    @model_validator(mode="after")
    def _is_a_sandwich(self) -> Self:
        missing = [demand for demand in NECESSARY if not any(step.demand == demand for step in self.steps)]
        if missing:
            missed = _MISSING[missing[0]]
            raise Misfit(missed.nl, missed.en)
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        keys = [step.key for step in self.steps]
        for number, step in enumerate(self.steps):
            if step.key in keys[:number]:
                raise Misfit("stap {key!r} staat er twee keer", "step {key!r} stands twice", key=step.key)
            anchors = {step.at.anchor} | {watch.at.anchor for watch in step.watches}
            for ask in step.asks:
                moments = (ask.deadline, ask.hard_deadline, ask.remind_from)
                anchors |= {moment.anchor for moment in moments if moment is not None}
            for opened in step.opens:
                if opened not in keys:
                    raise Misfit(
                        "stap {key!r} opent {opened!r}, en dat is geen stap",
                        "step {key!r} opens {opened!r}, which is no step",
                        key=step.key,
                        opened=opened,
                    )
            for anchor in sorted(anchors - {"H"}):
                if anchor in OWN_MOMENT:
                    _check_own_moment(step, anchor)
                elif not _MEETING.fullmatch(anchor) and anchor not in keys:
                    raise Misfit(
                        "stap {key!r} telt vanaf {anchor!r}, en dat is geen T, geen E en geen stap",
                        "step {key!r} counts from {anchor!r}, which is neither T, E nor a step",
                        key=step.key,
                        anchor=anchor,
                    )
        return self

    def watched(self) -> Iterator[tuple[Step | None, Watch]]:
        """Return every watch with its step, and the one that closes the activity, which belongs to none."""
        for step in self.steps:
            for watch in step.watches:
                yield step, watch
        yield None, Watch(key=CLOSING, at=self.parameters.closes, unless="gate_after", call=CLOSING, title=_CLOSING)

    def step(self, key: str) -> Step:
        """Return the step with ``key``; raises ``KeyError``."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    def profile(self, key: str) -> ReminderProfile:
        """Return the reminder profile with ``key``; raises ``KeyError``."""
        for profile in self.reminders:
            if profile.key == key:
                return profile
        raise KeyError(key)


OWN_MOMENT = ("M", "ME", "N")
"""Anchors of a step that comes again: its own contact moment, and the next one."""

_MEETING = re.compile(r"[TE]\d{0,2}")


def _check_own_moment(step: Step, anchor: str) -> None:
    """Refuse an anchor for which a step has no contact moment of its own, or none after it."""
    if step.each is None:
        raise Misfit(
            "stap {key!r} telt vanaf {anchor!r}, en dat kan alleen met each: de stap heeft geen eigen ontmoeting",
            "step {key!r} counts from {anchor!r}, which needs each: the step has no contact moment of its own",
            key=step.key,
            anchor=anchor,
        )
    if anchor == "N" and step.each not in {Each.BUT_LAST, Each.INNER}:
        raise Misfit(
            "stap {key!r} telt vanaf N, maar na de laatste ontmoeting komt er geen; schrijf each: but-last",
            "step {key!r} counts from N, but none comes after the last contact moment; write each: but-last",
            key=step.key,
        )


CLOSING = "closed-by-itself"
"""The watch, and the note to the coordinator, of an activity that nobody ended."""

_CLOSING = Text(nl="De activiteit is vanzelf afgesloten", en="The activity closed by itself")

_MISSING = {
    Demand.GOALS: Text(
        nl="geen stap vraagt wat de deelnemers willen leren. Geef een stap `demand: goals`",
        en="no step asks what the participants want to learn. Give one step `demand: goals`",
    ),
    Demand.TASK_DIVISION: Text(
        nl="geen stap spreekt af wie wat doet. Geef een stap `demand: task_division`",
        en="no step agrees who does what. Give one step `demand: task_division`",
    ),
    Demand.EVALUATION: Text(
        nl="geen stap evalueert. Geef een stap `demand: evaluation`",
        en="no step evaluates. Give one step `demand: evaluation`",
    ),
    Demand.SHARE: Text(
        nl="geen stap deelt de indrukken met de school. Geef een stap `demand: share`",
        en="no step shares the impressions with the school. Give one step `demand: share`",
    ),
    Demand.FEEDBACK: Text(
        nl="geen stap koppelt terug naar wie erbij betrokken was. Geef een stap `demand: feedback`",
        en="no step gives feedback to those involved. Give one step `demand: feedback`",
    ),
}
