"""The steps of a playbook: whom they ask, tell and watch, and what else they do."""

import re
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from models.moments import Each, MomentRule, Rhythm
from models.negotiates import Negotiates
from models.roles import Demand, Role, Stage
from models.text import Definition, Key, Misfit, Text


class Capability(StrEnum):
    """What a step or watch can do beyond asking and telling; a playbook names it, a service does it."""

    CONFIRM_DATE = "confirm-date"
    FIX_DATE = "fix-date"
    PROPOSE_TASKS = "propose-tasks"
    NEGOTIATE = "negotiate"
    PREVIEW_CARD = "preview-card"
    PUBLISH_CARD = "publish-card"
    SHARE_ADDITION = "share-addition"
    GIVE_FEEDBACK = "give-feedback"
    PRESUME_PRESENT = "presume-present"
    MAKE_CERTIFICATES = "make-certificates"
    PROPOSE_PAIRS = "propose-pairs"
    OFFER_PAIRS = "offer-pairs"
    START_PAIRS = "start-pairs"
    MAKE_ROUNDS = "make-rounds"
    MAKE_MATCHES = "make-matches"


class Enough(StrEnum):
    """How many of those who were asked must have answered for a fact to be so."""

    ONE = "one"
    MOST = "most"  # four in five
    ALL = "all"


class OwnFact(Definition):
    """A fact that a playbook adds to those that every kind knows, with the words for when it is missing.

    It is so when enough of those whom ``step`` asked have answered; with ``question`` when they answered that question
    of the form, and with ``answers`` one of these. Within a step that comes again for each contact moment it is about
    the answers for that moment (with ``or_later`` for that one or any after it), everywhere else about all of its
    ``steps``. With ``in_parts`` it is so when the activity has parts and that fact holds in all of them.
    """

    key: Key
    lacks: Text
    step: Key | None = None
    steps: tuple[Key, ...] = ()
    or_later: bool = False
    question: Key | None = None
    answers: tuple[bool | str, ...] = ()
    enough: Enough = Enough.ONE
    in_parts: Key | None = None

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if (self.step is None) == (self.in_parts is None):
            raise Misfit(
                "een feit heeft precies een van step en in_parts nodig", "a fact needs exactly one of step and in_parts"
            )
        return self


class Among(StrEnum):
    """Which people of a role are meant."""

    ACTIVE = "active"  # takes part or may still take part
    REGISTERED = "registered"  # said yes
    PRESENT = "present"  # was there; in a step that comes again: at its own contact moment
    OFFERED = "offered"  # is asked about a partner
    PAIRED = "paired"  # has a partner, or wants to go on with somebody who wants it too


class Say(Definition):
    """The words of a mail that has none of its own: what it asks or tells, in paragraphs with an empty line between.

    Names in braces are filled in: ``{title}`` of the activity, ``{host}`` that receives, ``{day}`` of the first contact
    moment, ``{moment}`` the day of the step's own one, ``{people}`` how many take part. Below the words stands what was
    answered to the step ``shows``, as far as the form lets the reader see it.
    """

    subject: Text
    text: Text
    button: Text | None = None
    shows: Key | None = None

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


REGISTRATION = "registration"
"""The form that asks nothing but whether somebody takes part."""


class Ask(Definition):
    """Ask the people of a role to fill in forms, with one mail, reminders and a deadline.

    The first form is the one that the mail is about; ``with_forms`` stand behind the same link. ``when`` names a
    fact under which the ask is made at all, ``form_when`` per further form. With ``either`` one answer is enough of
    those who were asked; with ``in_turn`` a step that comes again asks one person each time, the next one of the role.
    With ``each_talk`` everybody is asked once for each of their talks in the rounds. The mail ``ask`` has its words in
    ``say``. An ask ``registers`` whose form asks whether somebody takes part; reading a playbook finds that out.
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
    each_talk: bool = False
    registers: bool = False
    turn: int | None = Field(default=None, ge=1)
    say: Say | None = None

    @property
    def asks_who_comes(self) -> bool:
        """Whether it asks people whether they take part."""
        return self.registers or self.form == REGISTRATION


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

    It meets a ``demand``, or two where one form asks for both: the second stands in ``also``. It is carried out when
    all facts in ``needs`` hold and either ``at`` has come or all facts in ``as_soon_as`` hold.
    ``droppable`` steps are left out when an activity starts too late for them. ``negotiates`` says between whom the
    step makes an agreement; ``proposal`` is the task division that the coordinator begins with: who does each task.
    What the steps that a step ``opens`` ask can be answered from then on; their mails leave when those steps are due. A
    step ``after_closing`` is still carried out once an activity has closed by itself, because nobody ended it. With
    ``each`` the step comes again for each of these contact moments, and written out for one of them it has its number
    as ``moment``. It is left out where the fact ``unless`` holds at its moment.
    """

    key: Key
    stage: Stage
    title: Text
    demand: Demand | None = None
    also: Demand | None = None
    at: MomentRule
    rhythm: Rhythm = Rhythm.REQUEST
    needs: tuple[Key, ...] = ()
    as_soon_as: tuple[Key, ...] = ()
    unless: Key | None = None
    does: Capability | None = None
    asks: tuple[Ask, ...] = ()
    tells: tuple[Tell, ...] = ()
    watches: tuple[Watch, ...] = ()
    proposal: dict[Key, Key] = Field(default_factory=dict)
    negotiates: Negotiates | None = None
    opens: tuple[Key, ...] = ()
    droppable: bool = False
    after_closing: bool = False
    each: Each | None = None
    moment: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.asks or self.tells or self.does):
            raise Misfit(
                "een stap heeft asks, tells of does nodig; deze doet niets",
                "a step needs asks, tells or does; this one would do nothing",
            )
        return self

    @model_validator(mode="after")
    def _asks_its_parties(self) -> Self:
        talk = self.negotiates
        if (self.does is Capability.NEGOTIATE) != (talk is not None):
            raise Misfit(
                "does: negotiate en negotiates horen bij elkaar; een van de twee ontbreekt",
                "does: negotiate and negotiates go together; one of the two is missing",
            )
        if talk is None:
            return self
        if self.each is not None:
            raise Misfit(
                "een afspraak komt niet bij elke ontmoeting terug; haal each of negotiates weg",
                "an agreement does not come again for each contact moment; remove each or negotiates",
            )
        asked = {ask.to for ask in self.asks if ask.form == talk.form}
        for role in talk.parties:
            if role is not Role.COORDINATOR and role not in asked:
                raise Misfit(
                    "negotiates noemt de rol {role}, en die krijgt het formulier {form} niet; voeg een vraag toe",
                    "negotiates names the role {role}, which is not asked the form {form}; add an ask",
                    role=role,
                    form=talk.form,
                )
        if Role.COORDINATOR in talk.parties[1:] or (self.proposal and talk.drafts is not Role.COORDINATOR):
            raise Misfit(
                "de coördinator kan alleen de opsteller zijn, en alleen die begint met een proposal",
                "the coordinator can only be who drafts, and nobody else begins with a proposal",
            )
        return self

    def meets(self, demand: Demand) -> bool:
        """Whether the step does what no sandwich goes without."""
        return demand in (self.demand, self.also)

    @property
    def agreement(self) -> Negotiates | None:
        """The agreement that the step makes. With a ``proposal`` alone it is with those whom the step asks."""
        if self.does is not Capability.PROPOSE_TASKS or not self.asks:
            return self.negotiates
        return Negotiates(form=self.asks[0].form, drafts=Role.COORDINATOR, answers=self.asks[0].to)

    @property
    def asks_at_once(self) -> tuple[Ask, ...]:
        """What the step asks when it is carried out; a party of an agreement is asked when it is that party's turn."""
        talk = self.agreement
        if talk is None:
            return self.asks
        first = talk.answers if talk.drafts is Role.COORDINATOR else talk.drafts
        return tuple(ask for ask in self.asks if ask.form != talk.form or ask.to not in talk.parties or ask.to is first)
