"""What a playbook is: how one kind of activity goes through before, during and after (files in ``playbooks/``)."""

import re
from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from models.moments import Each
from models.negotiates import Negotiates
from models.parameters import Meetings, Parameters
from models.reminders import ReminderProfile
from models.roles import Demand, Role, Stage
from models.steps import OwnFact, Step, Watch
from models.text import Definition, Key, Misfit, Text


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


NECESSARY = tuple(Demand)


class Variant(Definition):
    """One way in which a kind goes: with its own contact moments, and what must be so ``hard`` before it begins."""

    key: Key
    title: Text
    about: Text
    meetings: Meetings | None = None
    hard: tuple[Key, ...] = ()


class Next(Definition):
    """What one activity can lead to: another ``kind``, and the words with which it is offered."""

    kind: Key
    offer: Text


class Playbook(Definition):
    """One kind of activity, from the first question to the company to the result that it gets back.

    It fits ``purposes``, and is the best choice for those in ``best_for`` (field rule 25). An activity begins with one
    of its ``variants``, where it has any, and then its playbook has that one as ``variant``. An activity of a playbook
    with ``parts`` starts activities of that other one, which together with it are the whole sandwich; one that is
    ``only_part`` is never started by itself. ``on_menu`` is the line of a company's menu card that stands for it, where
    that has another name.
    """

    key: Key
    version: int = Field(ge=1)
    title: Text
    about: Text
    purposes: tuple[Key, ...] = Field(min_length=1)
    best_for: tuple[Key, ...] = ()
    parts: Key | None = None
    only_part: bool = False
    on_menu: Key | None = None
    variants: tuple[Variant, ...] = ()
    variant: Key | None = None
    leads_to: tuple[Next, ...] = ()
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
        missing = self.missing()
        if missing and self.parts is None:
            missed = MISSING[missing[0]]
            raise Misfit(missed.nl, missed.en)
        return self

    @property
    def asked(self) -> frozenset[Role]:
        """The roles that some step asks something of."""
        return frozenset(ask.to for step in self.steps for ask in step.asks)

    def missing(self) -> list[Demand]:
        """Return the demands that no step meets; those of a playbook with parts are theirs to meet."""
        return [demand for demand in NECESSARY if not any(step.meets(demand) for step in self.steps)]

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

    @property
    def variant_keys(self) -> tuple[str | None, ...]:
        """The variants in which an activity can begin; ``None`` alone for a playbook without any."""
        return tuple(variant.key for variant in self.variants) or (None,)

    def as_variant(self, key: str | None) -> Self:
        """Return the playbook as one of its variants goes; raises ``KeyError`` for one that it does not have."""
        if not self.variants and key is None:
            return self
        chosen = next((variant for variant in self.variants if variant.key == key), None)
        if chosen is None:
            raise KeyError(key)
        parameters, before = self.parameters, self.gates.before
        if chosen.meetings is not None:
            parameters = parameters.model_copy(update={"meetings": chosen.meetings})
        if chosen.hard:
            before = before.model_copy(update={"hard": tuple(dict.fromkeys((*before.hard, *chosen.hard)))})
        gates = self.gates.model_copy(update={"before": before})
        return self.model_copy(update={"variant": key, "parameters": parameters, "gates": gates})

    def watched(self) -> Iterator[tuple[Step | None, Watch]]:
        """Return every watch with its step, and the one that closes the activity, which belongs to none."""
        for step in self.steps:
            for watch in step.watches:
                yield step, watch
        yield None, Watch(key=CLOSING, at=self.parameters.closes, unless="gate_after", call=CLOSING, title=_CLOSING)

    def agreements(self) -> Iterator[tuple[Step, Negotiates]]:
        """Return every agreement that is made, with its step."""
        for step in self.steps:
            if step.agreement is not None:
                yield step, step.agreement

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
    if anchor == "N" and step.each not in {Each.BUT_LAST, Each.INNER, Each.FIRST_OF_TWO}:
        raise Misfit(
            "stap {key!r} telt vanaf N, maar na de laatste ontmoeting komt er geen; schrijf each: but-last",
            "step {key!r} counts from N, but none comes after the last contact moment; write each: but-last",
            key=step.key,
        )


CLOSING = "closed-by-itself"
"""The watch, and the note to the coordinator, of an activity that nobody ended."""


_CLOSING = Text(nl="De activiteit is vanzelf afgesloten", en="The activity closed by itself")


MISSING = {
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
