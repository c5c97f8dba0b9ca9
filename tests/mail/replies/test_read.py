"""Whatever is answered to a small form, laid out and quoted by any program, reads back as the same."""

from collections.abc import Mapping, Sequence
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.choices import Option
from models.form import QuestionType
from models.text import Language, Text
from sandwich.definitions.library import Library
from sandwich.mail.replies.layout import END, Asked, Item, block_of, fit, items_of
from sandwich.mail.replies.plain import from_html
from sandwich.mail.replies.read import Certainty, ReadBack, read_back
from sandwich.rules.answers import read_answers
from sandwich.runtime import open_library
from sandwich.settings import read_settings
from tests.mail.replies.styles import HTML, PLAIN, gmail, outlook

ASKED = (
    "registration",
    "date-poll",
    "pair-proposal",
    "colleague-reaction",
    "meeting-log",
    "round-card",
    "plan-consent",
    "privacy-request",
)
DATES = [
    Option(key="date-1", label=Text(nl="donderdag 5 november 2026, 13:30–16:30 uur", en="Thursday 5 November 2026")),
    Option(key="date-2", label=Text(nl="donderdag 12 november 2026, 13:30–16:30 uur", en="Thursday 12 November 2026")),
]


@cache
def _library() -> Library:
    """The forms of this repository. No fixture: when a test of chance fails, its arguments are printed."""
    return open_library(read_settings({}, environment="development"))


def asked(key: str) -> Asked:
    """Return a form as one person was asked it."""
    return Asked("i" * 24, "d" * 64, _library().resolved(key, None), {"dates": DATES})


def items(key: str, language: Language = Language.DUTCH) -> tuple[Item, ...]:
    """Return the questions of a form for a mail."""
    return items_of([asked(key)], language, formal=False)


def filled(found: Sequence[Item], answers: Mapping[str, str], language: Language = Language.DUTCH) -> str:
    """Return the mail with answers by name written where they belong."""
    lines = ["Dag Tess,", "", "Wij vragen dit. Liever op de pagina?", "https://sandwich.example/f/abc", ""]
    for number, item in enumerate(found, start=1):
        block = block_of(item, number, language)
        lines += [line for line in (block.heading, block.options, block.hint) if line]
        lines += [f"{block.answer} {answers.get(item.name, '')}".rstrip(), ""]
    return "\n".join(
        [*lines, END.to(language), "", "--------", "Je krijgt deze mail omdat je meedoet. Groet, Sandwich"]
    )


_WORD = st.text(st.sampled_from("abcdefghijklmnoprstuvwzéëïü0123456789<&'\"{}%*_@/#"), min_size=1, max_size=9)
_LINE = st.lists(_WORD, min_size=1, max_size=14).map(" ".join)


def an_answer(item: Item) -> st.SearchStrategy[tuple[str, list[str]]]:
    """What somebody may write behind a question, with what the form would post for it."""
    kind = item.item.type
    if item.picks:
        pool = [pick for pick in item.picks if pick.value != "other" or not item.other_name]
        one = st.sampled_from(pool).flatmap(
            lambda pick: st.sampled_from(
                [pick.label, pick.label.upper(), f"{pick.label}.", *([pick.sign, f"{pick.sign})"] if pick.sign else [])]
            ).map(lambda said: (said, [pick.value]))
        )
        if not item.takes_several:
            return one
        return st.lists(st.sampled_from(pool), min_size=1, unique=True).map(
            lambda picks: (", ".join(pick.sign for pick in picks), [pick.value for pick in picks])
        )
    if kind is QuestionType.DATE:
        return (
            st.dates()
            .filter(lambda day: 1900 <= day.year <= 2100)
            .map(lambda day: (f"{day.day}-{day.month}-{day.year}", [day.isoformat()]))
        )
    if kind is QuestionType.NUMBER:
        return st.integers(0, 5).map(lambda number: (str(number), [str(number)]))
    return _LINE.map(lambda said: (said, [said]))


@pytest.mark.parametrize("key", ASKED)
@given(data=st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
def test_what_was_answered_reads_back_through_every_program(key: str, data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(Language))
    found = items(key, language)
    assert fit(found)
    places = data.draw(st.lists(st.integers(0, len(found) - 1), unique=True))
    given_answers = {found[place].name: data.draw(an_answer(found[place])) for place in places}
    text = filled(found, {name: said for name, (said, _) in given_answers.items()}, language)
    expected = {name: values for name, (_, values) in given_answers.items()}
    for name, style in PLAIN.items():
        assert _loose(posted(read_back(style(text), found, language), found), name) == expected, name
    for name, style in HTML.items():
        assert posted(read_back(from_html(style(text)), found, language), found) == expected, name


def _loose(read: dict[str, list[str]], style: str) -> dict[str, list[str]]:
    """Return what was read, for a program that breaks long lines with spaces where it broke them."""
    if style != "wrapped":
        return read
    return {name: [" ".join(value.split()) for value in values] for name, values in read.items()}


def posted(read: ReadBack, found: Sequence[Item]) -> dict[str, list[str]]:
    """Return what was read by name; raises where anything is doubtful."""
    assert all(one.certainty is Certainty.SURE for one in read.found.values()), read
    known = {item.name for item in found}
    together = {name: values for one in read.found.values() for name, values in one.posted.items()}
    assert together.keys() <= known
    return together


def test_what_reads_back_is_taken_by_the_form() -> None:
    found = items("date-poll")
    said = {
        "dates.date-1.answer": "kan",
        "dates.date-2.answer": "c) kan niet",
        "other": "9-12-2026",
        "remark": "Bel mij",
    }
    read = read_back(outlook(filled(found, said)), found, "nl")
    one = asked("date-poll")
    reading = read_answers(one.form, posted(read, found), one.rows, "nl")
    assert reading.problems == {}
    assert [row["answer"] for row in reading.answers["dates"]] == ["suits", "impossible"]
    assert (reading.answers["other"], reading.answers["remark"]) == ("2026-12-09", "Bel mij")


@pytest.mark.parametrize("style", PLAIN)
def test_a_long_answer_keeps_its_lines(style: str) -> None:
    found = items("registration")
    text = filled(found, {"attend": "ja", "remark": "Ik eet geen vlees.\nEn ik kom later.\n\nTot dan"})
    read = read_back(PLAIN[style](text), found, "nl")
    [said] = [one.posted["remark"][0] for one in read.found.values() if "remark" in one.posted]
    assert said.split() == ["Ik", "eet", "geen", "vlees.", "En", "ik", "kom", "later.", "Tot", "dan"]
    assert "\n" in said


def one_found(read: ReadBack, found: Sequence[Item], name: str) -> tuple[Certainty, dict[str, list[str]]] | None:
    """Return what was found for one question."""
    code = next(item.code for item in found if item.name == name)
    one = read.found.get(code)
    return (one.certainty, one.posted) if one else None


def test_words_that_are_no_option_are_doubtful_and_the_rest_is_not() -> None:
    found = items("registration")
    text = filled(found, {"attend": "misschien", "remark": "Ik bel nog"})
    read = read_back(gmail(text), found, "nl")
    assert one_found(read, found, "attend") == (Certainty.DOUBTFUL, {})
    assert one_found(read, found, "remark") == (Certainty.SURE, {"remark": ["Ik bel nog"]})


@pytest.mark.parametrize(
    ("first", "second", "certainty"),
    [("ja", "nee", Certainty.DOUBTFUL), ("ja", "ja", Certainty.SURE), ("ja", "", Certainty.SURE)],
)
def test_two_answers_to_one_question_count_only_where_they_are_the_same(
    first: str, second: str, certainty: Certainty
) -> None:
    found = items("registration")
    above = f"Antwoord [{found[0].code}]: {first}\n"
    read = read_back(above + gmail(filled(found, {"attend": second})), found, "nl")
    one = one_found(read, found, "attend")
    assert one is not None
    assert one[0] is certainty


def test_an_answer_to_a_question_that_the_mail_did_not_ask_is_strange() -> None:
    found = items("registration")
    other = items("pair-proposal")
    read = read_back(gmail(filled(other, {other[0].name: "ja"})), found, "nl")
    assert (read.found, read.is_strange) == ({}, True)
    assert not read_back(gmail(filled(other, {})), found, "nl").is_strange, "nobody answered it"


def test_something_written_between_a_question_and_its_place_is_doubtful() -> None:
    found = items("registration")
    text = filled(found, {}).replace("ja / nee", "ja X / nee")
    assert one_found(read_back(outlook(text), found, "nl"), found, "attend") == (Certainty.DOUBTFUL, {})


def test_free_words_above_are_kept_apart_from_the_answers() -> None:
    found = items("registration")
    for style in (gmail, outlook):
        text = f"Hoi Jolanda,\n\nIk kom wat later.\n{style(filled(found, {'attend': 'ja'}))}"
        read = read_back(text, found, "nl")
        assert read.free == "Ik kom wat later."
        assert one_found(read, found, "attend") == (Certainty.SURE, {"attend": ["yes"]})


def test_a_quoted_mail_without_anything_says_nothing() -> None:
    found = items("registration")
    for style in (gmail, outlook):
        assert read_back(style(filled(found, {})), found, "nl").is_empty
    assert read_back("", found, "nl").is_empty


@pytest.mark.parametrize(
    ("said", "value"), [("Ja", "yes"), ("nee.", "no"), ("Yes!", "yes"), ("Ja, als het droog is", None), ("a", None)]
)
def test_one_word_answers_the_one_question_that_must_be_answered(said: str, value: str | None) -> None:
    found = items("registration")
    read = read_back(f"Hoi,\n\n{said}\n\nGroet, Tess\n{gmail(filled(found, {}))}", found, "nl")
    if value is None:
        assert (read.found, read.free) == ({}, said)
    else:
        assert one_found(read, found, "attend") == (Certainty.SURE, {"attend": [value]})


def test_one_word_is_not_enough_where_more_is_asked() -> None:
    found = items("date-poll")
    read = read_back("Ja", found, "nl")
    assert (read.found, read.free) == ({}, "Ja")


def test_another_form_or_another_date_has_other_codes() -> None:
    one = asked("date-poll")
    codes = {item.name: item.code for item in items_of([one], "nl", formal=True)}
    later = Asked(one.invitation_id, "e" * 64, one.form, one.rows)
    moved = Asked(one.invitation_id, one.digest, one.form, {"dates": [DATES[1].model_copy(update={"key": "date-1"})]})
    others = {item.name: item.code for item in items_of([later], "nl", formal=True)}
    assert all(codes[name] != others[name] for name in codes)
    [first, *_] = items_of([moved], "nl", formal=True)
    assert first.name == "dates.date-1.answer"
    assert first.code != codes[first.name]


@pytest.mark.parametrize("row", ["[einde]", "Antwoord [2345]: ja", "x" * 500, "\u202edatum", "{{ 1 }} <b>"])
def test_the_words_of_a_row_can_pass_for_nothing_of_ours(row: str) -> None:
    form = _library().resolved("date-poll", None)
    rows = {"dates": [Option(key="date-1", label=Text(nl=row, en=row))]}
    found = items_of([Asked("i" * 24, "d" * 64, form, rows)], "nl", formal=True)
    read = read_back(gmail(filled(found, {"dates.date-1.answer": "kan"})), found, "nl")
    assert one_found(read, found, "dates.date-1.answer") == (Certainty.SURE, {"dates.date-1.answer": ["suits"]})
    assert not read.is_strange


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_nothing_that_is_sent_makes_it_fail(text: str) -> None:
    found = items("date-poll")
    read_back(text, found, "nl")
    read_back(filled(found, {"remark": text}), found, "nl")
