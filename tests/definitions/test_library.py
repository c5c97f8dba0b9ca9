"""The library: what forms share, checks across files, forms that need no other file, digests."""

import json
from pathlib import Path

import pytest

from models.choices import Scale
from models.form import Column, Form, QuestionType
from models.text import Text
from sandwich.definitions.library import Library, UnknownDefinition, digest
from sandwich.definitions.mistakes import DefinitionError
from tests.support.mistakes import told_in_both

SCALES = """\
scales:
  - key: agree
    code: S-AGREE
    labels:
      - {nl: nee, en: "no"}
      - {nl: een beetje, en: a little}
      - {nl: half, en: half}
      - {nl: bijna, en: nearly}
      - {nl: ja, en: "yes"}
"""
LISTS = """\
lists:
  - key: colours
    options:
      - key: red
        label: {nl: Rood, en: Red}
      - key: other
        label: {nl: Anders, en: Other}
  - key: sizes
    options:
      - key: small
        label: {nl: Klein, en: Small}
      - key: large
        label: {nl: Groot, en: Large}
"""
FORM = """\
key: paint
code: X01
version: 1
audience: host
minutes: 2
variants: [long]
title: {nl: Verf, en: Paint}
questions:
  - key: colour
    label: {nl: Kleur, en: Colour}
    type: single
    options: colours
    other: true
  - key: nice
    label: {nl: Mooi, en: Nice}
    type: scale5
    scale: agree
  - key: rooms
    label: {nl: Kamers, en: Rooms}
    type: grid
    rows_from: contacts
    columns:
      - key: size
        label: {nl: Grootte, en: Size}
        type: single
        options: sizes
  - key: shared
    label: {nl: Delen, en: Share}
    type: yesno
    default: false
  - key: why
    label: {nl: Waarom, en: Why}
    type: long
    required_when: {question: colour, none_of: [red]}
    visibility: released
    released_by: shared
  - key: more
    label: {nl: Meer, en: More}
    type: short
    variants: [long]
  - key: less
    label: {nl: Minder, en: Less}
    type: short
    except_variants: [long]
    shown_when: {question: rooms, column: size, any_of: [large]}
"""


def folder(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in {"scales": SCALES, "lists": LISTS, "paint": FORM, **files}.items():
        if text:
            (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return path


def load(path: Path, **files: str) -> Library:
    return Library.load(own=folder(path, **files))


def mistakes(path: Path, **files: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        load(path, **files)
    return [f"{Path(mistake.file).name}:{told_in_both(mistake)}" for mistake in caught.value.mistakes]


def test_forms_scales_and_lists_are_found(tmp_path: Path) -> None:
    library = load(tmp_path)
    assert list(library.forms) == ["paint"]
    assert library.scale("agree").code == "S-AGREE"
    form = library.form("paint")
    assert [option.key for option in library.options(form.question("colour"))] == ["red", "other"]
    column = form.question("rooms").columns[0]
    assert isinstance(column, Column)
    assert [option.key for option in library.options(column)] == ["small", "large"]
    assert library.options(form.question("nice")) == ()


def test_what_does_not_exist_is_said_with_the_nearest_name(tmp_path: Path) -> None:
    library = load(tmp_path)
    with pytest.raises(UnknownDefinition, match=r'^There is no form with the name "pain"\. Did you mean "paint"\?$'):
        library.form("pain")
    with pytest.raises(UnknownDefinition, match=r'^There is no scale with the name "zzz"\.$'):
        library.scale("zzz")
    with pytest.raises(UnknownDefinition, match=r'^There is no variant of form paint with the name "lang"'):
        library.resolved("paint", "lang")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "key: paint",
            "key: painting",
            'paint.yaml:1: the key "painting" is not the name of the file. '
            'Write key: paint, or rename the file to "painting.yaml".',
        ),
        (
            "options: colours",
            "options: colors",
            'paint.yaml:12: question "colour" uses the list "colors", which does not exist. Did you mean "colours"? '
            "Use one of: colours, sizes.",
        ),
        (
            "options: sizes",
            "options: sises",
            'paint.yaml:26: column "size" of question "rooms" uses the list "sises", which does not exist. '
            'Did you mean "sizes"? Use one of: colours, sizes.',
        ),
        (
            "scale: agree",
            "scale: agreed",
            'paint.yaml:17: question "nice" uses the scale "agreed", which does not exist. Did you mean "agree"? '
            "Use one of: agree.",
        ),
        (
            "released_by: shared",
            "released_by: share",
            'paint.yaml:36: question "why" is released by "share", which is no yes/no or choice question of this form. '
            'Did you mean "shared"? Use one of: colour, shared.',
        ),
        (
            "{question: colour, none_of: [red]}",
            "{question: color, none_of: [red]}",
            'paint.yaml:34: required_when of question "why" depends on "color", which is no other question of this '
            'form. Did you mean "colour"? Use one of: colour, nice, rooms, shared, more, less.',
        ),
        (
            "{question: rooms, column: size, any_of: [large]}",
            "{question: less, answered: true}",
            'paint.yaml:45: shown_when of question "less" depends on "less", which is no question before it. '
            "Use one of: colour, nice, rooms, shared, why, more.",
        ),
        (
            "none_of: [red]",
            "none_of: [red, blue]",
            'paint.yaml:34: required_when of question "why" looks for the answer "blue", which "colour" does not have. '
            "Use one of: red, other.",
        ),
        (
            "{question: colour, none_of: [red]}",
            "{question: shared, any_of: [yes]}",
            'paint.yaml:34: required_when of question "why" looks for the answer "yes", which "shared" does not have. '
            "Use one of: true, false.",
        ),
        (
            "{question: colour, none_of: [red]}",
            "{question: colour, at_most: 2}",
            'paint.yaml:34: required_when of question "why" compares "colour" with a number, but that is of type '
            "single. Use any_of or none_of.",
        ),
        (
            "{question: colour, none_of: [red]}",
            "{question: nice, any_of: [red]}",
            'paint.yaml:34: required_when of question "why" looks for an option of "nice", but that is of type scale5. '
            "Use answered: true, or at_most for a scale.",
        ),
        (
            "column: size, any_of",
            "column: seize, any_of",
            'paint.yaml:45: shown_when of question "less" must name a column of "rooms". Did you mean "size"? '
            "Use one of: size.",
        ),
        (
            "column: size, any_of",
            "any_of",
            'paint.yaml:45: shown_when of question "less" must name a column of "rooms". Use one of: size.',
        ),
        (
            "{question: colour, none_of: [red]}",
            "{question: colour, column: size, none_of: [red]}",
            'paint.yaml:34: required_when of question "why" names a column, but "colour" is no grid or only has to be '
            "answered. Remove the column.",
        ),
        (
            "default: false",
            "default: nee",
            'paint.yaml:30: question "shared" has the default "nee", which is not one of its answers. '
            "Use one of: true, false.",
        ),
        (
            "rows_from: contacts",
            "rows_from: contact",
            'paint.yaml:21: question "rooms" takes its rows_from from "contact", which does not exist. '
            'Did you mean "contacts"?',
        ),
        (
            "type: long\n",
            "type: long\n    prefill: nothing-known\n",
            'paint.yaml:34: question "why" takes its prefill from "nothing-known", which does not exist. Use one of: ',
        ),
        (
            "    variants: [long]",
            "    variants: [longer]",
            'paint.yaml:40: question "more" names the variant "longer", which this form does not have. '
            'Did you mean "long"? Use one of: long.',
        ),
        (
            "    default: false",
            "    default: false\n    variants: [long]",
            'paint.yaml:37: question "why" depends on "shared", which the form without a variant does not have. '
            "Give both questions the same variants.",
        ),
        (
            "    options: colours",
            "    options: sizes",
            'paint.yaml:13: question "colour" asks for a text beside "other", but has no such option. '
            "Add the option with key: other, or remove other: true.",
        ),
    ],
)
def test_a_name_that_fits_nothing_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert FORM.count(old) == 1
    found = mistakes(tmp_path, paint=FORM.replace(old, new))
    assert found[0].startswith(told)
    if not told.endswith(": "):
        assert told in found


MORE = """
    differs:
      long:
        label: {nl: Nog meer, en: Even more}
        required: true
        missing: {nl: Schrijf meer., en: Write more.}
"""


class TestVariants:
    text = FORM.replace(
        "    label: {nl: Meer, en: More}\n    type: short\n    variants: [long]\n",
        f"    label: {{nl: Meer, en: More}}\n    type: short\n    variants: [long]{MORE}",
    ).replace(
        "questions:\n",
        "differs:\n  long:\n    audience: teacher\n    minutes: 4\n"
        "    title: {nl: Veel verf, en: Much paint}\nquestions:\n",
    )

    def test_say_what_they_have_differently(self, tmp_path: Path) -> None:
        library = load(tmp_path, paint=self.text)
        plain, long = library.resolved("paint"), library.resolved("paint", "long")
        assert (plain.title.nl, plain.minutes, str(plain.audience)) == ("Verf", 2, "host")
        assert (long.title.nl, long.minutes, str(long.audience)) == ("Veel verf", 4, "teacher")
        more = long.question("more")
        assert (more.label.en, more.required, more.missing) == (
            "Even more",
            True,
            Text(nl="Schrijf meer.", en="Write more."),
        )
        assert (long.differs, more.differs) == ({}, {})
        assert Form.model_validate_json(long.model_dump_json(exclude_defaults=True)) == long

    def test_may_need_what_is_needed_under_a_condition_elsewhere(self, tmp_path: Path) -> None:
        why = "    required_when: {question: less, answered: true}\n    differs: {long: {required: true}}\n"
        text = FORM.replace("    required_when: {question: colour, none_of: [red]}\n", why)
        library = load(tmp_path, paint=text)
        assert library.resolved("paint", "long").question("why").required_when is None
        assert library.resolved("paint").question("why").required_when is not None

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            (
                "  long:\n    audience",
                "  tall:\n    audience",
                "'tall' stands under differs, and this form has no such variant. Add it to variants.",
            ),
            (
                "      long:\n        label",
                "      tall:\n        label",
                "Question 'more' differs in 'tall', but that variant does not have this question.",
            ),
            (
                "required: true\n        missing",
                "rows_from: contacts\n        missing",
                "Question 'more' is of type short, which has no rows_from.",
            ),
            (
                "required: true\n        missing",
                "prefill: nobody\n        missing",
                "Question 'more' is never required, so nobody will see its sentence under missing.",
            ),
        ],
    )
    def test_that_do_not_fit_are_told(self, tmp_path: Path, old: str, new: str, told: str) -> None:
        assert self.text.count(old) == 1
        (found,) = mistakes(tmp_path, paint=self.text.replace(old, new))
        assert told.lower() in found.lower()

    def test_that_name_nothing_are_told_where_they_stand(self, tmp_path: Path) -> None:
        text = self.text.replace("        required: true\n", "        required: true\n        prefill: nobody\n")
        (found,) = mistakes(tmp_path, paint=text)
        assert 'question "more" takes its prefill from "nobody", which does not exist.' in found
        assert found.startswith(f"paint.yaml:{text.partition('prefill: nobody')[0].count(chr(10)) + 1}:")


class TestLists:
    more = (
        LISTS
        + """\
  - key: shades
    extends: colours
    options:
      - {key: blue, label: {nl: Blauw, en: Blue}}
      - {key: grey, label: {nl: Grijs, en: Grey}}
"""
    )

    def test_may_extend_another(self, tmp_path: Path) -> None:
        library = load(tmp_path, lists=self.more)
        assert [option.key for option in library.lists["shades"].options] == ["red", "other", "blue", "grey"]
        assert [option.key for option in library.lists["colours"].options] == ["red", "other"]

    def test_extend_a_plain_list_only(self, tmp_path: Path) -> None:
        found = mistakes(tmp_path, lists=self.more.replace("extends: colours", "extends: colors"))
        assert found == [
            'lists.yaml:15: the list "shades" extends "colors", which is no plain list. Did you mean "colours"? '
            "Use one of: colours, sizes."
        ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "type: yesno\n    default: false",
            "type: yesno\n    default: {nl: Ja, en: Yes please}",
            "has a default of the wrong kind. Write a text with nl and en, or one of the answers.",
        ),
        ("type: yesno\n", "type: yesno\n    must_be_yes: true\n", "must be yes and is not required. Add required."),
        ("type: short\n    variants", "type: short\n    options_from: contacts\n    variants", "has no options_from"),
        ("        type: single\n", "        type: single\n        must_be_yes: true\n", "must_be_yes"),
    ],
)
def test_parts_that_do_not_go_together_are_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert FORM.count(old) == 1
    found = mistakes(tmp_path, paint=FORM.replace(old, new))
    assert any(told in line for line in found), found


def test_an_option_that_stands_twice_is_told(tmp_path: Path) -> None:
    own = "options:\n      - {key: a, label: {nl: A, en: Aa}}\n      - {key: a, label: {nl: B, en: Bb}}"
    text = FORM.replace("options: colours\n    other: true", own).replace("none_of: [red]", "none_of: [a]")
    assert mistakes(tmp_path, paint=text) == ['paint.yaml:12: question "colour" has the option "a" twice. Rename one.']


def test_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        paint=FORM.replace("scale: agree", "scale: agreed"),
        other=FORM.replace("key: paint", "key: other").replace("type: long", "type: stars"),
        lists=LISTS + LISTS.partition("lists:\n")[2].replace("key: colours", "key: shapes"),
    )
    assert [line.split(" ")[0] for line in told] == ["lists.yaml:20:", "other.yaml:33:", "paint.yaml:17:"]


def test_a_school_adds_forms_of_its_own(tmp_path: Path) -> None:
    own = folder(tmp_path / "own")
    school = folder(tmp_path / "school", scales="", lists="", paint="", walls=FORM.replace("key: paint", "key: walls"))
    assert sorted(Library.load([school], own=own).forms) == ["paint", "walls"]


def test_a_school_cannot_take_a_name_that_exists(tmp_path: Path) -> None:
    own, school = folder(tmp_path / "own"), folder(tmp_path / "school", scales="", lists="")
    with pytest.raises(
        DefinitionError, match=r'the form "paint" exists already in another folder\. Give it a name of its'
    ):
        Library.load([school], own=own)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"nowhere:1: there is no such folder\. Check its name\."):
        Library.load([tmp_path / "nowhere"], own=folder(tmp_path / "own"))


class TestResolved:
    def test_carries_options_and_labels_itself(self, tmp_path: Path) -> None:
        form = load(tmp_path).resolved("paint")
        scale = form.question("nice").scale
        assert isinstance(scale, Scale)
        assert scale.labels[4] == Text(nl="ja", en="yes")
        stored = json.loads(form.model_dump_json())
        assert [option["key"] for option in stored["questions"][0]["options"]] == ["red", "other"]
        assert [option["key"] for option in stored["questions"][2]["columns"][0]["options"]] == ["small", "large"]

    def test_has_the_questions_of_its_variant_only(self, tmp_path: Path) -> None:
        library = load(tmp_path)
        keys = ["colour", "nice", "rooms", "shared", "why"]
        assert [question.key for question in library.resolved("paint").questions] == [*keys, "less"]
        assert [question.key for question in library.resolved("paint", "long").questions] == [*keys, "more"]
        assert library.resolved("paint", "long").variants == ()

    def test_can_be_stored_and_read_again(self, tmp_path: Path) -> None:
        form = load(tmp_path).resolved("paint", "long")
        assert Form.model_validate_json(form.model_dump_json()) == form
        assert form.question("more").type is QuestionType.SHORT


def digests(library: Library) -> list[str]:
    return [digest(library.resolved("paint", variant)) for variant in (None, "long")]


class TestDigest:
    def test_is_the_same_for_the_same_words(self, tmp_path: Path) -> None:
        first, second = load(tmp_path / "a"), load(tmp_path / "b")
        assert digests(first) == digests(second)
        assert [len(one) for one in digests(first)] == [64, 64]

    def test_does_not_see_how_the_file_is_written(self, tmp_path: Path) -> None:
        written = FORM.replace("{nl: Kleur, en: Colour}", "{en: Colour, nl: Kleur}").replace(
            "type: yesno", "type: yesno\n    required: false"
        )
        assert digests(load(tmp_path / "a")) == digests(load(tmp_path / "b", paint=written))

    @pytest.mark.parametrize(
        ("name", "old", "new"),
        [
            ("paint", "Kleur", "Tint"),
            ("paint", "en: More", "en: Further"),
            ("lists", "Rood", "Rose"),
            ("lists", "Groot", "Ruim"),
            ("scales", "bijna", "haast"),
        ],
    )
    def test_changes_with_every_word_that_is_shown(self, tmp_path: Path, name: str, old: str, new: str) -> None:
        text = {"paint": FORM, "lists": LISTS, "scales": SCALES}[name]
        changed = load(tmp_path / "b", **{name: text.replace(old, new)})
        assert digests(load(tmp_path / "a")) != digests(changed)

    def test_of_a_resolved_form_is_that_of_its_stored_copy(self, tmp_path: Path) -> None:
        form = load(tmp_path).resolved("paint")
        assert digest(Form.model_validate_json(form.model_dump_json())) == digest(form)
