"""Checks of a form that need more than the form's own parts: names that must exist, here or in another file."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from models.choices import Option, OptionList, Scale
from models.form import Column, Condition, Form, Question, QuestionType
from models.text import Text
from sandwich.definitions.mistakes import Mistake
from sandwich.definitions.places import Loc, Places
from sandwich.definitions.plain_words import nearest
from sandwich.definitions.sources import SOURCES

RENAME_ONE = Text(nl="Geef er een een andere naam.", en="Rename one.")
_USE_ONE = Text(nl="Gebruik een van: {names}.", en="Use one of: {names}.")


class FormCheck:
    """The check of one form; ``mistakes()`` yields all that is wrong."""

    def __init__(
        self, form: Form, places: Places, scales: Mapping[str, Scale], lists: Mapping[str, OptionList]
    ) -> None:
        """Take the form, the places of its parts, and all scales and lists that exist."""
        self.form, self.places, self.scales, self.lists = form, places, scales, lists

    def mistakes(self) -> Iterator[Mistake]:
        """Yield every mistake in the form."""
        stem = Path(self.places.path).stem
        if self.form.key != stem:
            what = Text(
                nl='de sleutel "{key}" is niet de naam van het bestand.',
                en='the key "{key}" is not the name of the file.',
            )
            remedy = Text(
                nl='Schrijf key: {stem}, of noem het bestand "{key}.yaml".',
                en='Write key: {stem}, or rename the file to "{key}.yaml".',
            )
            yield self.places.mistake(
                ("key",), what.filled(key=self.form.key), remedy.filled(stem=stem, key=self.form.key)
            )
        for number, question in enumerate(self.form.questions):
            loc: Loc = ("questions", number)
            name = Text(nl='vraag "{key}"', en='question "{key}"').filled(key=question.key)
            yield from self._parts(question, loc, name)
            for variant in question.differs:
                yield from self._parts(question.in_variant(variant), (*loc, "differs", variant), name)
            yield from self._default(question, loc, name)
            yield from self._released(question, loc, name)
            yield from self._variants(question, loc, name)
            for part in ("required_when", "shown_when"):
                condition = getattr(question, part)
                if condition is not None:
                    of_name = Text(nl="{part} van {name}", en="{part} of {name}").filled(part=part, name=name)
                    # What is required is decided when all has been read; what is shown, from top to bottom.
                    others = self.form.questions[:number] if part == "shown_when" else self.form.questions
                    yield from self._condition(condition, question, others, (*loc, part), of_name)

    def _parts(self, question: Question, loc: Loc, name: Text) -> Iterator[Mistake]:
        """Yield what is wrong in the options, columns and sources of a question, as the form or a variant asks it."""
        yield from self._choices(question, loc, name)
        for place, column in enumerate(question.columns):
            inside = Text(nl='kolom "{key}" van {name}', en='column "{key}" of {name}')
            yield from self._choices(column, (*loc, "columns", place), inside.filled(key=column.key, name=name))
        for part in ("rows_from", "options_from", "prefill"):
            source = getattr(question, part)
            if source is not None and source not in SOURCES:
                what = Text(
                    nl='{name} haalt {part} uit "{source}", en dat bestaat niet.',
                    en='{name} takes its {part} from "{source}", which does not exist.',
                ).filled(name=name, part=part, source=source)
                yield self.places.mistake((*loc, part), what, nearest(source, sorted(SOURCES)))

    def options(self, item: Question | Column) -> tuple[Option, ...]:
        """Return the options of ``item``; none where its list does not exist."""
        if isinstance(item.options, str):
            return self.lists[item.options].options if item.options in self.lists else ()
        return item.options or ()

    def _choices(self, item: Question | Column, loc: Loc, name: Text) -> Iterator[Mistake]:
        if isinstance(item.options, str) and item.options not in self.lists:
            what = Text(
                nl='{name} gebruikt de lijst "{key}", en die bestaat niet.',
                en='{name} uses the list "{key}", which does not exist.',
            ).filled(name=name, key=item.options)
            yield self.places.mistake((*loc, "options"), what, nearest(item.options, sorted(self.lists)))
            return
        if isinstance(item.scale, str) and item.scale not in self.scales:
            what = Text(
                nl='{name} gebruikt de schaal "{key}", en die bestaat niet.',
                en='{name} uses the scale "{key}", which does not exist.',
            ).filled(name=name, key=item.scale)
            yield self.places.mistake((*loc, "scale"), what, nearest(item.scale, sorted(self.scales)))
        keys = [option.key for option in self.options(item)]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            what = Text(nl='{name} heeft de optie "{key}" twee keer.', en='{name} has the option "{key}" twice.')
            yield self.places.mistake((*loc, "options"), what.filled(name=name, key=key), RENAME_ONE)
        if isinstance(item, Question):
            rows = [row.key for row in item.rows]
            for key in sorted({key for key in rows if rows.count(key) > 1}):
                what = Text(nl='{name} heeft de rij "{key}" twee keer.', en='{name} has the row "{key}" twice.')
                yield self.places.mistake((*loc, "rows"), what.filled(name=name, key=key), RENAME_ONE)
            if item.other and "other" not in keys:
                what = Text(
                    nl='{name} vraagt om een tekst naast "other", maar heeft die optie niet.',
                    en='{name} asks for a text beside "other", but has no such option.',
                ).filled(name=name)
                remedy = Text(
                    nl="Voeg de optie met key: other toe, of haal other: true weg.",
                    en="Add the option with key: other, or remove other: true.",
                )
                yield self.places.mistake((*loc, "other"), what, remedy)

    def _default(self, question: Question, loc: Loc, name: Text) -> Iterator[Mistake]:
        if question.default is None or isinstance(question.default, Text):
            return
        fitting: list[object] = [True, False]
        if question.type is QuestionType.SINGLE:
            fitting = [option.key for option in self.options(question)]
        if question.default not in fitting:
            what = Text(
                nl='{name} heeft de default "{value}", en dat is geen van de antwoorden.',
                en='{name} has the default "{value}", which is not one of its answers.',
            ).filled(name=name, value=question.default)
            yield self.places.mistake((*loc, "default"), what, _USE_ONE.filled(names=_listed(fitting)))

    def _released(self, question: Question, loc: Loc, name: Text) -> Iterator[Mistake]:
        if question.released_by is None:
            return
        fitting = [q.key for q in self.form.questions if q.type in {QuestionType.YESNO, QuestionType.SINGLE}]
        if question.released_by not in fitting:
            what = Text(
                nl='{name} wordt vrijgegeven door "{key}", en dat is geen ja/nee- of keuzevraag van dit formulier.',
                en='{name} is released by "{key}", which is no yes/no or choice question of this form.',
            ).filled(name=name, key=question.released_by)
            yield self.places.mistake((*loc, "released_by"), what, nearest(question.released_by, fitting))
            return
        yield from self._same_variants(question, self.form.question(question.released_by), (*loc, "released_by"), name)

    def _variants(self, question: Question, loc: Loc, name: Text) -> Iterator[Mistake]:
        for part in ("variants", "except_variants"):
            for variant in getattr(question, part):
                if variant not in self.form.variants:
                    what = Text(
                        nl='{name} noemt de variant "{variant}", en die heeft dit formulier niet.',
                        en='{name} names the variant "{variant}", which this form does not have.',
                    ).filled(name=name, variant=variant)
                    add = Text(nl="Voeg hem toe bij variants: bovenaan.", en="Add it to variants: at the top.")
                    remedy = nearest(variant, self.form.variants) if self.form.variants else add
                    yield self.places.mistake((*loc, part), what, remedy)

    def _condition(
        self, condition: Condition, question: Question, others: Iterable[Question], loc: Loc, name: Text
    ) -> Iterator[Mistake]:
        known = {other.key: other for other in others if other.key != question.key}
        about = known.get(condition.question)
        if about is None:
            what = Text(
                nl='{name} hangt af van "{key}", en dat is geen vraag ervoor.',
                en='{name} depends on "{key}", which is no question before it.',
            )
            if loc[-1] == "required_when":
                what = Text(
                    nl='{name} hangt af van "{key}", en dat is geen andere vraag van dit formulier.',
                    en='{name} depends on "{key}", which is no other question of this form.',
                )
            what = what.filled(name=name, key=condition.question)
            yield self.places.mistake((*loc, "question"), what, nearest(condition.question, list(known)))
            return
        yield from self._same_variants(question, about, (*loc, "question"), name)
        item: Question | Column = about
        if about.type is QuestionType.GRID and condition.answered is None:
            columns = {column.key: column for column in about.columns}
            if condition.column not in columns:
                what = Text(
                    nl='{name} moet een kolom van "{key}" noemen.', en='{name} must name a column of "{key}".'
                ).filled(name=name, key=about.key)
                yield self.places.mistake((*loc, "column"), what, nearest(condition.column, list(columns)))
                return
            item = columns[condition.column]
        elif condition.column is not None:
            what = Text(
                nl='{name} noemt een kolom, maar "{key}" is geen tabel of hoeft alleen een antwoord te hebben.',
                en='{name} names a column, but "{key}" is no grid or only has to be answered.',
            ).filled(name=name, key=about.key)
            yield self.places.mistake((*loc, "column"), what, Text(nl="Haal de kolom weg.", en="Remove the column."))
        yield from self._test(condition, item, loc, name)

    def _same_variants(self, question: Question, about: Question, loc: Loc, name: Text) -> Iterator[Mistake]:
        for variant in (None, *self.form.variants):
            depends = "required_when" not in loc or question.in_variant(variant).required_when is not None
            if depends and question.belongs_to(variant) and not about.belongs_to(variant):
                named = Text(nl='de variant "{variant}"', en='the variant "{variant}"').filled(variant=variant)
                plain = Text(nl="het formulier zonder variant", en="the form without a variant")
                what = Text(
                    nl='{name} hangt af van "{key}", en die heeft {where} niet.',
                    en='{name} depends on "{key}", which {where} does not have.',
                ).filled(name=name, key=about.key, where=named if variant else plain)
                remedy = Text(nl="Geef beide vragen dezelfde variants.", en="Give both questions the same variants.")
                yield self.places.mistake(loc, what, remedy)

    def _test(self, condition: Condition, item: Question | Column, loc: Loc, name: Text) -> Iterator[Mistake]:
        if condition.at_most is not None and item.type not in {QuestionType.SCALE5, QuestionType.NUMBER}:
            what = Text(
                nl='{name} vergelijkt "{key}" met een getal, maar dat is van type {type}.',
                en='{name} compares "{key}" with a number, but that is of type {type}.',
            ).filled(name=name, key=item.key, type=item.type)
            remedy = Text(nl="Gebruik any_of of none_of.", en="Use any_of or none_of.")
            yield self.places.mistake((*loc, "at_most"), what, remedy)
        for part in ("any_of", "none_of"):
            values = getattr(condition, part)
            if values is None:
                continue
            fitting: list[object] = [option.key for option in self.options(item)]
            if item.type is QuestionType.YESNO:
                fitting = [True, False]
            elif item.type not in {QuestionType.SINGLE, QuestionType.MULTI}:
                what = Text(
                    nl='{name} zoekt een optie van "{key}", maar dat is van type {type}.',
                    en='{name} looks for an option of "{key}", but that is of type {type}.',
                ).filled(name=name, key=item.key, type=item.type)
                remedy = Text(
                    nl="Gebruik answered: true, of at_most bij een schaal.",
                    en="Use answered: true, or at_most for a scale.",
                )
                yield self.places.mistake((*loc, part), what, remedy)
                continue
            for place, value in enumerate(values):
                if value not in fitting:
                    what = Text(
                        nl='{name} zoekt het antwoord "{value}", en dat heeft "{key}" niet.',
                        en='{name} looks for the answer "{value}", which "{key}" does not have.',
                    ).filled(name=name, value=value, key=item.key)
                    yield self.places.mistake((*loc, part, place), what, _USE_ONE.filled(names=_listed(fitting)))


def _listed(values: list[object]) -> str:
    return ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
