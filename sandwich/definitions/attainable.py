"""What a playbook waits for that nothing in it can bring about, whom it writes to who cannot be there, and moments that
go round in a circle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.form import Question
from models.playbook import Playbook
from models.roles import OUTSIDE, Host, Role
from models.steps import Among, Ask, Capability, Step
from models.text import Text
from sandwich.definitions.library import Library
from sandwich.definitions.mistakes import Mistake
from sandwich.definitions.places import Loc, Places
from sandwich.rules.facts import MET_BY

_WAITS = Text(nl='{where} wacht op "{fact}", en {lacks}.', en='{where} waits for "{fact}", and {lacks}.')
_ADD = Text(
    nl='Voeg dat toe aan een stap, of haal "{fact}" hier weg.', en='Add that to a step, or remove "{fact}" here.'
)
_GATE = Text(nl="poort {code}", en="gate {code}")
_STEP = Text(nl='stap "{key}"', en='step "{key}"')
_NO_FORM = Text(nl="niemand krijgt het formulier {names}", en="nobody is asked the form {names}")
_NO_QUESTION = Text(nl="niemand krijgt de vraag {names}", en="nobody is asked the question {names}")
_NO_CAPABILITY = Text(nl="geen stap doet {names}", en="no step does {names}")
_NO_PARTS = Text(nl="dit draaiboek heeft geen delen", en="this playbook has no parts")
_OR = Text(nl=" of ", en=" or ")
_NOBODY = Text(
    nl="{where} schrijft aan {roles}, en die rol heeft bij deze soort niemand.",
    en="{where} writes to {roles}, and nobody has that role in this kind.",
)
_ASK_THEM = Text(
    nl="Noem een rol die wel meedoet, of vraag deze rol iets in een stap.",
    en="Name a role that takes part, or ask this role something in a step.",
)
_SHARE_FIRST = Text(
    nl="Voeg een stap toe die de kaart deelt: alleen daar kan iemand materiaal meenemen.",
    en="Add a step that shares the card: only there somebody can take material.",
)
_NO_PARTNERS = Text(
    nl="{where} vraagt alleen wie {among} is, en {lacks}.", en="{where} asks only who is {among}, and {lacks}."
)
_ADD_CAPABILITY = Text(nl="Voeg zo'n stap toe, of haal among weg.", en="Add such a step, or remove among.")
_NO_TALKS = Text(
    nl="{where} vraagt iets na elk gesprek, en {lacks}.", en="{where} asks something after each talk, and {lacks}."
)
_ADD_ROUNDS = Text(nl="Voeg zo'n stap toe, of haal each_talk weg.", en="Add such a step, or remove each_talk.")
_CIRCLE = Text(
    nl='{where} telt vanaf "{anchor}", en die telt vanaf deze stap: geen van beide komt ooit.',
    en='{where} counts from "{anchor}", which counts from this step: neither ever comes.',
)
_COUNT_FROM = Text(nl="Laat een van de twee tellen vanaf T of E.", en="Let one of the two count from T or E.")


@dataclass(frozen=True)
class _Source:
    """How a fact comes about: by any of these forms, questions or capabilities."""

    forms: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    does: tuple[Capability, ...] = ()


_C = Capability
_SOURCES: Mapping[str, _Source] = {
    "release_settled": _Source(forms=("approval",)),
    "host_goals": _Source(questions=("host_goal",)),
    "practical_info_confirmed": _Source(forms=("practical-information",)),
    "photo_consent_asked": _Source(forms=("goals",)),
    "day_phone_known": _Source(questions=("contact_day_phone", "phone_day")),
    "number_known": _Source(questions=("max_group",)),
    "safety_known": _Source(questions=("safety",)),
    "pairs_proposed": _Source(does=(_C.PROPOSE_PAIRS, _C.MAKE_MATCHES)),
    "pairs_made": _Source(does=(_C.OFFER_PAIRS, _C.MAKE_MATCHES)),
    "attendance_known": _Source(forms=("attendance", "session-log"), does=(_C.PRESUME_PRESENT,)),
    "field_note": _Source(forms=("field-note",)),
    "one_impression": _Source(forms=("impressions",)),
    "card_previewed": _Source(does=(_C.PREVIEW_CARD,)),
    "card_released": _Source(forms=("card-release",)),
    "card_publishable": _Source(does=(_C.PREVIEW_CARD,)),
    "shared": _Source(does=(_C.PUBLISH_CARD,)),
    "hours_stated": _Source(forms=("host-hours",), questions=("hours_plan", "host_hours")),
    "follow_up_chosen": _Source(questions=("next_wish",)),
    "half_impact": _Source(forms=("impact-check",)),
}
"""What brings the facts about that are true only when something was asked or done. Others follow from the start of an
activity, from its date, or from the five steps that every playbook has.
"""

_ALWAYS_THERE = frozenset(
    {
        Role.COORDINATOR,
        Role.DEPUTY,
        Role.TEACHER,
        Role.TRIP_LEADER,
        Role.SCHOOL_LEADER,
        Role.TIMETABLER,
        Role.COLLEAGUES,
    }
)

_PAIRING = {Among.OFFERED: (_C.OFFER_PAIRS,), Among.PAIRED: (_C.PROPOSE_PAIRS, _C.MAKE_MATCHES)}


def unattainable(playbook: Playbook, places: Places, library: Library) -> Iterator[Mistake]:
    """Yield what can never come about, in a playbook whose names are all right."""
    yield from _Attainable(playbook, places, library).mistakes()


class _Attainable:
    """One playbook, with what its steps ask and do."""

    def __init__(self, playbook: Playbook, places: Places, library: Library) -> None:
        self.playbook, self.places = playbook, places
        asks = [ask for step in playbook.steps for ask in step.asks]
        self.forms = {form for ask in asks for form in (ask.form, *ask.with_forms)}
        self.questions = {question.key for ask in asks for question in questions_of(ask, library)}
        watching = [watch.does for step in playbook.steps for watch in step.watches]
        self.does = {does for does in (*(step.does for step in playbook.steps), *watching) if does is not None}
        self.roles = _ALWAYS_THERE | {ask.to for ask in asks}
        if playbook.parameters.host is not Host.NOBODY:
            self.roles |= {Role.HOST_CONTACT}
        if playbook.parameters.professionals is not None:
            self.roles |= {Role.PROFESSIONAL}
        self.in_parts = {name for demand in playbook.missing() for name in MET_BY[demand]}

    def mistakes(self) -> Iterator[Mistake]:
        for stage in ("before", "during", "after"):
            gate = getattr(self.playbook.gates, stage)
            where = _GATE.filled(code=gate.code)
            yield from self._waits(gate.hard, ("gates", stage, "hard"), where)
        counts_from = {step.key: step.at.anchor for step in self.playbook.steps}
        for number, step in enumerate(self.playbook.steps):
            where, loc = _STEP.filled(key=step.key), ("steps", number)
            yield from self._waits(step.needs, (*loc, "needs"), where)
            if _comes_back(step.key, counts_from):
                what = _CIRCLE.filled(where=where, anchor=step.at.anchor)
                yield self.places.mistake((*loc, "at"), what, _COUNT_FROM)
            # The part of another activity has the people that this one gives it.
            if not self.playbook.only_part:
                yield from self._written_to(step, loc, where)
            for place, ask in enumerate(step.asks):
                yield from self._partners(ask, (*loc, "asks", place), where)

    def _waits(self, facts: Sequence[str], loc: Loc, where: Text) -> Iterator[Mistake]:
        for place, fact in enumerate(facts):
            lacks = None if fact in self.in_parts else self._lacks(fact)
            if lacks is not None:
                what = _WAITS.filled(where=where, fact=fact, lacks=lacks)
                yield self.places.mistake((*loc, place), what, _ADD.filled(fact=fact))

    def _lacks(self, fact: str) -> Text | None:
        """Return what is missing for a fact to come about; ``None`` where nothing is."""
        own = next((one for one in self.playbook.facts if one.key == fact), None)
        if own is not None:
            return _NO_PARTS if own.in_parts and self.playbook.parts is None else None
        source = _SOURCES.get(fact)
        if source is None:
            return None
        if self.forms & set(source.forms) or self.questions & set(source.questions) or self.does & set(source.does):
            return None
        if source.forms:
            return _NO_FORM.filled(names=_either(source.forms))
        if source.questions:
            return _NO_QUESTION.filled(names=_either(source.questions))
        return _NO_CAPABILITY.filled(names=_either(source.does))

    def _written_to(self, step: Step, loc: Loc, where: Text) -> Iterator[Mistake]:
        """Refuse a mail to roles that nobody has; one to several roles is for those of them that are there."""
        for place, ask in enumerate(step.asks):
            if ask.to in OUTSIDE and _C.PUBLISH_CARD not in self.does:
                what = _NOBODY.filled(where=where, roles=_either([ask.to]))
                yield self.places.mistake((*loc, "asks", place, "to"), what, _SHARE_FIRST)
        for place, tell in enumerate(step.tells):
            if not self.roles & set(tell.to):
                what = _NOBODY.filled(where=where, roles=_either(tell.to))
                yield self.places.mistake((*loc, "tells", place, "to"), what, _ASK_THEM)

    def _partners(self, ask: Ask, loc: Loc, where: Text) -> Iterator[Mistake]:
        makers = _PAIRING.get(ask.among)
        if makers is not None and not self.does & set(makers):
            lacks = _NO_CAPABILITY.filled(names=_either(makers))
            what = _NO_PARTNERS.filled(where=where, among=ask.among, lacks=lacks)
            yield self.places.mistake((*loc, "among"), what, _ADD_CAPABILITY)
        if ask.each_talk and _C.MAKE_ROUNDS not in self.does:
            what = _NO_TALKS.filled(where=where, lacks=_NO_CAPABILITY.filled(names=_C.MAKE_ROUNDS))
            yield self.places.mistake((*loc, "each_talk"), what, _ADD_ROUNDS)


def questions_of(ask: Ask, library: Library) -> Iterator[Question]:
    """Yield every question that an ask brings."""
    if ask.form in library.forms:
        yield from library.forms[ask.form].in_variant(ask.variant).questions
    for form in ask.with_forms:
        if form in library.forms:
            yield from library.forms[form].in_variant(None).questions


def _comes_back(key: str, counts_from: Mapping[str, str]) -> bool:
    """Whether a step counts from another one that counts, by way of others or not, from it."""
    at, seen = counts_from[key], set[str]()
    while at in counts_from and at not in seen:
        if at == key:
            return True
        seen.add(at)
        at = counts_from[at]
    return False


def _either(names: Sequence[str]) -> Text:
    return Text(nl=_OR.nl.join(names), en=_OR.en.join(names))
