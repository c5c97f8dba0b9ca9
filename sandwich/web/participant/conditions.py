"""Conditions in words, for pages on which no script hides what is not asked."""

from models.form import Column, Condition, Form, Question
from models.text import Text
from sandwich.web.participant.controls import Reader, choices_of

_ONLY = Text(nl="Alleen als {rest}", en="Only if {rest}")
_NEEDED = Text(nl="Nodig als {rest}", en="Needed if {rest}")
_IS = Text(
    nl="je bij ‘{label}’ kiest voor {options}.",
    nl_u="u bij ‘{label}’ kiest voor {options}.",
    en="you choose {options} at ‘{label}’.",
)
_IS_NOT = Text(
    nl="je bij ‘{label}’ iets anders kiest dan {options}.",
    nl_u="u bij ‘{label}’ iets anders kiest dan {options}.",
    en="you choose something other than {options} at ‘{label}’.",
)
_AT_MOST = Text(
    nl="je ergens bij ‘{label}’ kiest voor {options}.",
    nl_u="u ergens bij ‘{label}’ kiest voor {options}.",
    en="you choose {options} anywhere at ‘{label}’.",
)
_ANSWERED = Text(
    nl="je ‘{label}’ hebt ingevuld.", nl_u="u ‘{label}’ hebt ingevuld.", en="you have filled in ‘{label}’."
)
_EMPTY = Text(nl="je ‘{label}’ leeg laat.", nl_u="u ‘{label}’ leeg laat.", en="you leave ‘{label}’ empty.")
_OR = Text(nl=" of ", en=" or ")


def only_if(form: Form, question: Question, reader: Reader) -> str:
    """Return when a question is asked, or needed, in a sentence; empty where it always is."""
    for condition, frame in ((question.shown_when, _ONLY), (question.required_when, _NEEDED)):
        if condition is not None:
            return reader.words(frame).format(rest=_rest(form, condition, reader))
    return ""


def for_script(condition: Condition | None) -> dict[str, object] | None:
    """Return a condition as the page's script reads it."""
    if condition is None:
        return None
    return condition.model_dump(mode="json", exclude_none=True)


def _rest(form: Form, condition: Condition, reader: Reader) -> str:
    other = form.question(condition.question)
    label = reader.words(other.label).rstrip("?. ")
    item: Question | Column = other
    if condition.column is not None:
        item = next(column for column in other.columns if column.key == condition.column)
    if condition.answered is not None:
        return reader.words(_ANSWERED if condition.answered else _EMPTY).format(label=label)
    if condition.at_most is not None:
        wanted = {str(number) for number in range(1, condition.at_most + 1)}
        return reader.words(_AT_MOST).format(label=label, options=_listed(item, wanted, reader))
    keys = condition.any_of if condition.any_of is not None else condition.none_of or ()
    wanted = {("yes" if key else "no") if isinstance(key, bool) else str(key) for key in keys}
    sentence = _IS if condition.any_of is not None else _IS_NOT
    return reader.words(sentence).format(label=label, options=_listed(item, wanted, reader))


def _listed(item: Question | Column, wanted: set[str], reader: Reader) -> str:
    names = [f"‘{choice.label}’" for choice in choices_of(item, reader, set()) if choice.value in wanted]
    if len(names) < 2:
        return "".join(names) or ", ".join(sorted(wanted))
    return ", ".join(names[:-1]) + reader.words(_OR) + names[-1]
