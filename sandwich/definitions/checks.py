"""Checks of a form that need more than the form's own parts: names that must exist, here or in another file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from models.choices import Option, OptionList, Scale
from models.form import Column, Condition, Form, Question, QuestionType
from sandwich.definitions.mistakes import Mistake
from sandwich.definitions.places import Loc, Places
from sandwich.definitions.plain_words import nearest
from sandwich.definitions.sources import SOURCES


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
            what = f'the key "{self.form.key}" is not the name of the file.'
            yield self.places.mistake(
                ("key",), what, f'Write key: {stem}, or rename the file to "{self.form.key}.yaml".'
            )
        for number, question in enumerate(self.form.questions):
            loc: Loc = ("questions", number)
            name = f'question "{question.key}"'
            yield from self._choices(question, loc, name)
            for place, column in enumerate(question.columns):
                yield from self._choices(column, (*loc, "columns", place), f'column "{column.key}" of {name}')
            yield from self._default(question, loc, name)
            yield from self._released(question, loc, name)
            yield from self._variants(question, loc, name)
            for part in ("rows_from", "prefill"):
                source = getattr(question, part)
                if source is not None and source not in SOURCES:
                    what = f'{name} takes its {part} from "{source}", which does not exist.'
                    yield self.places.mistake((*loc, part), what, nearest(source, sorted(SOURCES)))
            for part in ("required_when", "shown_when"):
                condition = getattr(question, part)
                if condition is not None:
                    yield from self._condition(condition, number, (*loc, part), f"{part} of {name}")

    def options(self, item: Question | Column) -> tuple[Option, ...]:
        """Return the options of ``item``; none where its list does not exist."""
        if isinstance(item.options, str):
            return self.lists[item.options].options if item.options in self.lists else ()
        return item.options or ()

    def _choices(self, item: Question | Column, loc: Loc, name: str) -> Iterator[Mistake]:
        if isinstance(item.options, str) and item.options not in self.lists:
            what = f'{name} uses the list "{item.options}", which does not exist.'
            yield self.places.mistake((*loc, "options"), what, nearest(item.options, sorted(self.lists)))
            return
        if isinstance(item.scale, str) and item.scale not in self.scales:
            what = f'{name} uses the scale "{item.scale}", which does not exist.'
            yield self.places.mistake((*loc, "scale"), what, nearest(item.scale, sorted(self.scales)))
        keys = [option.key for option in self.options(item)]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield self.places.mistake((*loc, "options"), f'{name} has the option "{key}" twice.', "Rename one.")
        if isinstance(item, Question):
            rows = [row.key for row in item.rows]
            for key in sorted({key for key in rows if rows.count(key) > 1}):
                yield self.places.mistake((*loc, "rows"), f'{name} has the row "{key}" twice.', "Rename one.")
            if item.other and "other" not in keys:
                what = f'{name} asks for a text beside "other", but has no such option.'
                yield self.places.mistake(
                    (*loc, "other"), what, "Add the option with key: other, or remove other: true."
                )

    def _default(self, question: Question, loc: Loc, name: str) -> Iterator[Mistake]:
        if question.default is None:
            return
        fitting: list[object] = [True, False]
        if question.type is QuestionType.SINGLE:
            fitting = [option.key for option in self.options(question)]
        if question.default not in fitting:
            what = f'{name} has the default "{question.default}", which is not one of its answers.'
            yield self.places.mistake((*loc, "default"), what, f"Use one of: {_listed(fitting)}.")

    def _released(self, question: Question, loc: Loc, name: str) -> Iterator[Mistake]:
        if question.released_by is None:
            return
        fitting = [q.key for q in self.form.questions if q.type in {QuestionType.YESNO, QuestionType.SINGLE}]
        if question.released_by not in fitting:
            what = (
                f'{name} is released by "{question.released_by}", which is no yes/no or choice question of this form.'
            )
            yield self.places.mistake((*loc, "released_by"), what, nearest(question.released_by, fitting))
            return
        yield from self._same_variants(question, self.form.question(question.released_by), (*loc, "released_by"), name)

    def _variants(self, question: Question, loc: Loc, name: str) -> Iterator[Mistake]:
        for part in ("variants", "except_variants"):
            for variant in getattr(question, part):
                if variant not in self.form.variants:
                    what = f'{name} names the variant "{variant}", which this form does not have.'
                    remedy = (
                        nearest(variant, self.form.variants)
                        if self.form.variants
                        else "Add it to variants: at the top."
                    )
                    yield self.places.mistake((*loc, part), what, remedy)

    def _condition(self, condition: Condition, number: int, loc: Loc, name: str) -> Iterator[Mistake]:
        earlier = {question.key: question for question in self.form.questions[:number]}
        about = earlier.get(condition.question)
        if about is None:
            what = f'{name} depends on "{condition.question}", which is no question before it.'
            yield self.places.mistake((*loc, "question"), what, nearest(condition.question, list(earlier)))
            return
        yield from self._same_variants(self.form.questions[number], about, (*loc, "question"), name)
        item: Question | Column = about
        if about.type is QuestionType.GRID and condition.answered is None:
            columns = {column.key: column for column in about.columns}
            if condition.column not in columns:
                what = f'{name} must name a column of "{about.key}".'
                yield self.places.mistake((*loc, "column"), what, nearest(condition.column, list(columns)))
                return
            item = columns[condition.column]
        elif condition.column is not None:
            what = f'{name} names a column, but "{about.key}" is no grid or only has to be answered.'
            yield self.places.mistake((*loc, "column"), what, "Remove the column.")
        yield from self._test(condition, item, loc, name)

    def _same_variants(self, question: Question, about: Question, loc: Loc, name: str) -> Iterator[Mistake]:
        for variant in (None, *self.form.variants):
            if question.belongs_to(variant) and not about.belongs_to(variant):
                where = f'the variant "{variant}"' if variant else "the form without a variant"
                what = f'{name} depends on "{about.key}", which {where} does not have.'
                yield self.places.mistake(loc, what, "Give both questions the same variants.")

    def _test(self, condition: Condition, item: Question | Column, loc: Loc, name: str) -> Iterator[Mistake]:
        if condition.at_most is not None and item.type not in {QuestionType.SCALE5, QuestionType.NUMBER}:
            what = f'{name} compares "{item.key}" with a number, but that is of type {item.type}.'
            yield self.places.mistake((*loc, "at_most"), what, "Use any_of or none_of.")
        for part in ("any_of", "none_of"):
            values = getattr(condition, part)
            if values is None:
                continue
            fitting: list[object] = [option.key for option in self.options(item)]
            if item.type is QuestionType.YESNO:
                fitting = [True, False]
            elif item.type not in {QuestionType.SINGLE, QuestionType.MULTI}:
                what = f'{name} looks for an option of "{item.key}", but that is of type {item.type}.'
                yield self.places.mistake((*loc, part), what, "Use answered: true, or at_most for a scale.")
                continue
            for place, value in enumerate(values):
                if value not in fitting:
                    what = f'{name} looks for the answer "{value}", which "{item.key}" does not have.'
                    yield self.places.mistake((*loc, part, place), what, f"Use one of: {_listed(fitting)}.")


def _listed(values: list[object]) -> str:
    return ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
