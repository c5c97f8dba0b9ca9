"""Playbooks: load them, give them the shared ladders of reminders, and check every name that they use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from models.negotiates import Negotiates
from models.playbook import Playbook
from models.reminders import ReminderProfile, Rhythms
from models.steps import SAYING, Ask, OwnFact, Step, Tell
from models.text import Text
from sandwich.definitions.attainable import questions_of, unattainable
from sandwich.definitions.between import between
from sandwich.definitions.borrowing import borrow
from sandwich.definitions.checks import RENAME_ONE
from sandwich.definitions.library import Library
from sandwich.definitions.load import load_file, load_with_places
from sandwich.definitions.mistakes import ROOT, DefinitionError, Mistake
from sandwich.definitions.places import Loc, Places
from sandwich.definitions.plain_words import nearest
from sandwich.rules.facts import FACTS

PLAYBOOKS = ROOT / "playbooks"
"""The folder of the playbooks that come with Sandwich."""

MAILS = ROOT / "templates" / "emails"
"""The folder of the mail templates."""

PROPOSED = "tasks"
"""The table of a form that a step's ``proposal`` fills in: who does what."""

COMES = "attend"
"""The question of a form with which people say whether they take part."""

AGREE, YES = "agree", "agreed"
"""The question of a form with which people agree, and the answer that is a yes."""

_FACT = Text(nl="het feit", en="the fact")
_MAIL = Text(nl="de mail", en="the mail")
_LADDER = Text(nl="de reeks herinneringen", en="the ladder of reminders")
_FORM = Text(nl="het formulier", en="the form")
_FURTHER = Text(nl="het extra formulier van deze vraag", en="the further form of this ask")
_VARIANT = Text(nl='van formulier "{form}" de variant', en='the variant of form "{form}"')
_TASK = Text(nl="de taak", en="the task")
_STEP = Text(nl="de vragende stap", en="the asking step")
_QUESTION = Text(nl="de vraag", en="the question")
_ANSWER = Text(nl="het antwoord", en="the answer")
_SIDE = Text(nl="de kant", en="the side")
_OFFER = Text(nl="de regel van de menukaart", en="the line of a menu card")
_PLAYBOOK = Text(nl="het draaiboek", en="the playbook")


def load_playbooks(library: Library, extra: Iterable[Path] = ()) -> Mapping[str, Playbook]:
    """Load every playbook of Sandwich and of the folders in ``extra``; raises ``DefinitionError`` with all mistakes."""
    found: dict[str, tuple[Playbook, Places]] = {}
    mistakes: list[Mistake] = []
    for folder in (PLAYBOOKS, *extra):
        for path in sorted(folder.glob("*.yaml")):
            try:
                playbook, places = read_playbook(path, library)
            except DefinitionError as error:
                mistakes += error.mistakes
                continue
            if playbook.key in found:
                what = Text(nl='er is al een draaiboek "{key}".', en='there is already a playbook "{key}".').filled(
                    key=playbook.key
                )
                remedy = Text(nl="Geef het een andere naam.", en="Rename it.")
                mistakes.append(places.mistake(("key",), what, remedy))
            found[playbook.key] = playbook, places
    mistakes = mistakes or list(between(found))
    if mistakes:
        raise DefinitionError(mistakes)
    return {key: playbook for key, (playbook, _) in found.items()}


def load_playbook(path: Path, library: Library) -> Playbook:
    """Load one playbook with the shared ladders of reminders in it; raises ``DefinitionError``."""
    return read_playbook(path, library)[0]


def read_playbook(path: Path, library: Library) -> tuple[Playbook, Places]:
    """Return the same with the places of its parts, for checks that look across files."""
    loaded = load_with_places(path, Playbook, lambda data, places: borrow(data, places, PLAYBOOKS))
    own = {profile.key for profile in loaded.definition.reminders}
    shared = tuple(profile for profile in shared_reminders() if profile.key not in own)
    playbook = loaded.definition.model_copy(update={"reminders": loaded.definition.reminders + shared})
    mistakes = list(_PlaybookCheck(playbook, loaded.places, library).mistakes())
    mistakes = mistakes or list(unattainable(playbook, loaded.places, library))
    if mistakes:
        raise DefinitionError(mistakes)
    return _with_registrations(playbook, library), loaded.places


def _with_registrations(playbook: Playbook, library: Library) -> Playbook:
    """Return a playbook that knows which of its asks ask whether somebody takes part, by what their forms ask."""

    def known(ask: Ask) -> Ask:
        if ask.asks_who_comes or all(question.key != COMES for question in questions_of(ask, library)):
            return ask
        return ask.model_copy(update={"registers": True})

    steps = (step.model_copy(update={"asks": tuple(map(known, step.asks))}) for step in playbook.steps)
    return playbook.model_copy(update={"steps": tuple(steps)})


@cache
def shared_reminders() -> tuple[ReminderProfile, ...]:
    """Return the ladders of reminders that every playbook can use; they are read once."""
    return load_file(PLAYBOOKS / "shared" / "reminders.yaml", Rhythms).reminders


class _PlaybookCheck:
    """The check of one playbook against everything that it names."""

    def __init__(self, playbook: Playbook, places: Places, library: Library) -> None:
        self.playbook, self.places, self.library = playbook, places, library
        self.profiles = [profile.key for profile in playbook.reminders]
        self.mails = sorted(path.name for path in MAILS.iterdir() if path.is_dir())
        self.own = [fact.key for fact in playbook.facts]

    def mistakes(self) -> Iterator[Mistake]:
        if self.playbook.key != self.places.path.stem:
            what = Text(
                nl='de sleutel "{key}" is niet de naam van het bestand.',
                en='the key "{key}" is not the name of the file.',
            ).filled(key=self.playbook.key)
            remedy = Text(
                nl="Schrijf key: {stem}, of geef het bestand een andere naam.",
                en="Write key: {stem}, or rename the file.",
            ).filled(stem=self.places.path.stem)
            yield self.places.mistake(("key",), what, remedy)
        if self.playbook.on_menu is not None:
            offers = [option.key for option in self.library.lists["offers"].options]
            yield from self._known(_OFFER, self.playbook.on_menu, offers, ("on_menu",), _PLAYBOOK)
        for stage in ("before", "during", "after"):
            gate = getattr(self.playbook.gates, stage)
            for part in ("hard", "soft"):
                yield from self._facts(
                    getattr(gate, part),
                    ("gates", stage, part),
                    Text(nl="poort {code}", en="gate {code}").filled(code=gate.code),
                )
        for number, step in enumerate(self.playbook.steps):
            yield from self._step(step, ("steps", number))
        for number, fact in enumerate(self.playbook.facts):
            yield from self._own_fact(fact, ("facts", number))

    def _own_fact(self, fact: OwnFact, loc: Loc) -> Iterator[Mistake]:
        name = Text(nl='feit "{key}"', en='fact "{key}"').filled(key=fact.key)
        if fact.key in FACTS:
            what = Text(nl="{name} bestaat al voor elke soort.", en="{name} exists already for every kind.")
            yield self.places.mistake((*loc, "key"), what.filled(name=name), RENAME_ONE)
        if fact.step is None:
            return
        asking = [step.key for step in self.playbook.steps if step.asks]
        yield from self._known(_STEP, fact.step, asking, (*loc, "step"), name)
        if fact.step not in asking or fact.question is None:
            return
        forms = [form for ask in self.playbook.step(fact.step).asks for form in (ask.form, *ask.with_forms)]
        questions = {
            question.key: question
            for form in forms
            if form in self.library.forms
            for question in self.library.forms[form].questions
        }
        yield from self._known(_QUESTION, fact.question, sorted(questions), (*loc, "question"), name)
        if fact.question in questions:
            options: list[bool | str] = [item.key for item in self.library.options(questions[fact.question])]
            options = options or [True, False]
            for place, answer in enumerate(fact.answers):
                yield from self._known(_ANSWER, answer, options, (*loc, "answers", place), name)

    def _step(self, step: Step, loc: Loc) -> Iterator[Mistake]:
        name = Text(nl='stap "{key}"', en='step "{key}"').filled(key=step.key)
        yield from self._facts(step.needs, (*loc, "needs"), name)
        yield from self._facts(step.as_soon_as, (*loc, "as_soon_as"), name)
        if step.unless:
            yield from self._facts((step.unless,), (*loc, "unless"), name)
        for place, ask in enumerate(step.asks):
            yield from self._ask(ask, (*loc, "asks", place), name)
        for place, tell in enumerate(step.tells):
            yield from self._known(_MAIL, tell.mail, self.mails, (*loc, "tells", place, "mail"), name)
            yield from self._saying(tell, (*loc, "tells", place), name)
            if tell.when:
                yield from self._facts((tell.when,), (*loc, "tells", place, "when"), name)
        for place, watch in enumerate(step.watches):
            yield from self._facts((watch.unless,), (*loc, "watches", place, "unless"), name)
        if step.proposal:
            yield from self._proposal(step, (*loc, "proposal"), name)
        if step.agreement is not None:
            yield from self._agreeing(step, step.agreement, loc, name)

    def _ask(self, ask: Ask, loc: Loc, name: Text) -> Iterator[Mistake]:
        yield from self._known(_MAIL, ask.mail, self.mails, (*loc, "mail"), name)
        yield from self._saying(ask, loc, name)
        yield from self._known(_LADDER, ask.remind, self.profiles, (*loc, "remind"), name)
        forms = sorted(self.library.forms)
        yield from self._known(_FORM, ask.form, forms, (*loc, "form"), name)
        for place, form in enumerate(ask.with_forms):
            yield from self._known(_FORM, form, forms, (*loc, "with_forms", place), name)
        if ask.variant and ask.form in self.library.forms:
            variants = list(self.library.form(ask.form).variants)
            yield from self._known(
                _VARIANT.filled(form=ask.form),
                ask.variant,
                variants,
                (*loc, "variant"),
                name,
            )
        if ask.when:
            yield from self._facts((ask.when,), (*loc, "when"), name)
        for form, fact in ask.form_when.items():
            yield from self._known(
                _FURTHER,
                form,
                list(ask.with_forms),
                (*loc, "form_when"),
                name,
            )
            yield from self._facts((fact,), (*loc, "form_when", form), name)

    def _saying(self, mail: Ask | Tell, loc: Loc, name: Text) -> Iterator[Mistake]:
        """Refuse a mail without words, words that no mail would say, and answers to what nobody is asked."""
        if mail.say is not None and mail.say.shows is not None:
            asking = [step.key for step in self.playbook.steps if step.asks]
            yield from self._known(_STEP, mail.say.shows, asking, (*loc, "say", "shows"), name)
        if (mail.mail in SAYING) == (mail.say is not None):
            return
        if mail.say is None:
            what = Text(nl='{name}: de mail "{mail}" heeft geen woorden.', en='{name}: the mail "{mail}" has no words.')
            remedy = Text(nl="Schrijf ze onder say.", en="Write them under say.")
        else:
            what = Text(
                nl='{name}: de mail "{mail}" heeft eigen woorden, dus say wordt niet gelezen.',
                en='{name}: the mail "{mail}" has words of its own, so say is not read.',
            )
            remedy = Text(nl="Haal say weg, of gebruik ask of tell.", en="Remove say, or use ask or tell.")
        yield self.places.mistake((*loc, "mail"), what.filled(name=name, mail=mail.mail), remedy)

    def _proposal(self, step: Step, loc: Loc, name: Text) -> Iterator[Mistake]:
        """Hold the proposed task division to the tasks and sides of the form that asks for it."""
        for ask in step.asks:
            form = self.library.forms.get(ask.form)
            if form is None or (ask.variant and ask.variant not in form.variants):
                continue  # told where the ask names it
            questions = form.in_variant(ask.variant).questions
            table = next((item for item in questions if item.key == PROPOSED), None)
            if table is None or not table.columns:
                continue
            tasks = [row.key for row in table.rows]
            sides = [option.key for option in self.library.options(table.columns[0])]
            for task, side in step.proposal.items():
                yield from self._known(_TASK, task, tasks, (*loc, task), name)
                yield from self._known(_SIDE, side, sides, (*loc, task), name)

    def _agreeing(self, step: Step, talk: Negotiates, loc: Loc, name: Text) -> Iterator[Mistake]:
        """Hold each party's form to a question with which a yes is said."""
        for place, ask in enumerate(step.asks):
            form = self.library.forms.get(ask.form)
            if form is None or ask.form != talk.form or ask.to not in talk.parties:
                continue
            asked = [item for item in form.in_variant(ask.variant).questions if item.key == AGREE]
            if not any(option.key == YES for item in asked for option in self.library.options(item)):
                what = Text(
                    nl='{name}: in het formulier "{form}" kan niemand akkoord gaan.',
                    en='{name}: nobody can agree in the form "{form}".',
                ).filled(name=name, form=ask.form)
                remedy = Text(
                    nl="Geef het een vraag agree met het antwoord agreed, of vraag een andere variant.",
                    en="Give it a question agree with the answer agreed, or ask another variant.",
                )
                yield self.places.mistake((*loc, "asks", place, "form"), what, remedy)

    def _facts(self, names: Iterable[str], loc: Loc, where: Text) -> Iterator[Mistake]:
        for name in names:
            yield from self._known(_FACT, name, sorted((*FACTS, *self.own)), loc, where)

    def _known(
        self, kind: Text, name: bool | str, names: Sequence[bool | str], loc: Loc, where: Text
    ) -> Iterator[Mistake]:
        if name not in names:
            what = Text(
                nl='{where} noemt {kind} "{name}", maar die naam bestaat niet.',
                en='{where} names {kind} "{name}", which does not exist.',
            ).filled(where=where, kind=kind, name=name)
            yield self.places.mistake(loc, what, nearest(str(name), list(map(str, names))))
