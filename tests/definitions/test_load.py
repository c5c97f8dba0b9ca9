"""Every mistake in a data file is told with file, line, what is wrong and what to do."""

from pathlib import Path

import pytest

from models.form import Form
from models.text import Text
from sandwich.definitions.load import load_file
from sandwich.definitions.mistakes import DefinitionError, Mistake
from sandwich.errors import SandwichError
from tests.support.mistakes import told_in_both

GOOD = """\
key: demo
code: X01
version: 1
audience: teacher
minutes: 5
title:
  nl: Proef
  en: Trial
questions:
  - key: first
    label:
      nl: Wat?
      en: What?
    type: short
  - key: second
    label: {nl: Hoe zeker?, en: How sure}
    type: single
    required: true
    options:
      - key: a
        label: {nl: Eén, en: One}
      - key: b
        label: {nl: Twee, en: Two}
""".replace("Hoe zeker?", "Hoe zeker")


def mistakes(path: Path) -> list[str]:
    """Return what an author is told about the file, without the folder."""
    with pytest.raises(DefinitionError) as caught:
        load_file(path, Form)
    for mistake in caught.value.mistakes:
        assert mistake.file.endswith(path.name)
        assert mistake.to("en") in str(caught.value)
    return [told_in_both(mistake) for mistake in caught.value.mistakes]


def write(folder: Path, text: str) -> Path:
    path = folder / "demo.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_becomes_a_form(tmp_path: Path) -> None:
    form = load_file(write(tmp_path, GOOD), Form)
    assert [question.key for question in form.questions] == ["first", "second"]
    assert form.question("second").required is True


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_file(path, Form).key == "demo"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            "type: short",
            "type: stars",
            '14: question type "stars" does not exist. Use one of: short, long, single, multi, scale5, date, datetime, '
            "time, yesno, number, grid, file.",
            id="unknown question type",
        ),
        pytest.param(
            "type: short",
            "type: shrot",
            '14: question type "shrot" does not exist. Did you mean "short"? Use one of: short, long, single, multi, '
            "scale5, date, datetime, time, yesno, number, grid, file.",
            id="misspelt question type",
        ),
        pytest.param(
            "required: true",
            "requird: true",
            '18: the key "requird" is not known in question "second". Did you mean "required"?',
            id="unknown key of a question",
        ),
        pytest.param(
            "minutes: 5",
            "minuts: 5\nminutes: 5",
            '5: the key "minuts" is not known. Did you mean "minutes"? Use one of: audience, code, differs, intro, '
            "key, minutes, questions, title, variants, version.",
            id="unknown key of the form",
        ),
        pytest.param(
            "version: 1\n",
            "",
            '1: the key "version" is missing. Add a line "version: …".',
            id="missing key",
        ),
        pytest.param(
            "    type: short\n",
            "",
            '10: the key "type" is missing in question "first". Add a line "type: …".',
            id="missing key of a question",
        ),
        pytest.param(
            "  en: Trial\n",
            "",
            '6: "title" has no English. Add "en: …"; every text is written in both languages.',
            id="text in one language",
        ),
        pytest.param(
            "version: 1",
            "version: first",
            '3: "version" must be a whole number, but "first" stands there. Write a whole number.',
            id="wrong type",
        ),
        pytest.param("version: 1", "version: 0", '3: "version" is 0. Write a number at least 1.', id="bad value"),
        pytest.param(
            "required: true",
            "required: [ja]",
            '18: "required" of question "second" must be true or false, but a list stands there. Write true or false.',
            id="list for a switch",
        ),
        pytest.param(
            "title:\n  nl: Proef\n  en: Trial\n",
            "title: Proef\n",
            '6: "title" must be a block with keys of its own, but "Proef" stands there. '
            "Write a block with keys of its own (en, nl, nl_u).",
            id="text without languages",
        ),
        pytest.param(
            "      nl: Wat?\n",
            "      nl:\n",
            '12: nothing stands behind "nl" of question "first". Fill it in, or remove the key.',
            id="nothing behind a key",
        ),
        pytest.param(
            "{nl: Eén, en: One}",
            '{nl: "", en: One}',
            '21: nothing stands behind "nl" of option "a". Fill it in, or remove the key.',
            id="empty text",
        ),
        pytest.param(
            "    options:\n      - key: a\n        label: {nl: Eén, en: One}\n      - key: b\n"
            "        label: {nl: Twee, en: Two}\n",
            "    options: 5\n",
            '19: "options" of question "second" must be a list (lines that begin with a dash) or a text, but 5 stands '
            "there. Write a list (lines that begin with a dash) or a text.",
            id="neither list nor name",
        ),
        pytest.param(
            "type: short",
            "type: short\n    options: sizes",
            "10: question 'first' is of type short, which has no options. Remove it or use type multi or single.",
            id="part that the type has no use for",
        ),
        pytest.param(
            "type: short",
            "type: scale5",
            "10: question 'first' is of type scale5 and has no scale. Add them or choose another type.",
            id="part that the type needs",
        ),
        pytest.param(
            "key: second", "key: first", "15: question 'first' stands twice. Rename or remove one.", id="question twice"
        ),
        pytest.param(
            "key: first",
            "key: First question",
            '10: "key" of question "First question": a key has letters, digits, - and _ only, and no two of them in a '
            "row.",
            id="key that is none",
        ),
        pytest.param(
            "required: true",
            "required: true\n    required_when: {question: first}",
            '19: "required_when" of question "second": a condition needs exactly one test. Keep one of: any_of, '
            "none_of, at_most, answered.",
            id="condition without a test",
        ),
        pytest.param(
            "nl: Wat?",
            "nl: Let op: wat?",
            "12: a colon followed by a space stands inside a text, or a line is indented too far. "
            "Put the text between double quotes, or move the line to the left.",
            id="colon in a text",
        ),
        pytest.param(
            "    type: short",
            "\ttype: short",
            "14: a tab stands at the beginning of a line. Use spaces to indent.",
            id="tab",
        ),
        pytest.param(
            "version: 1",
            "version: 1\nversion: 2",
            '4: the key "version" stands twice in the same block. Remove or rename one.',
            id="key twice",
        ),
        pytest.param(
            "{nl: Twee, en: Two}",
            "{nl: Twee, en: Two",
            "24: a bracket [ or { is not closed, or a comma is missing. Close the bracket, or use one line per key.",
            id="open bracket",
        ),
        pytest.param(
            "nl: Proef",
            "nl: !Proef",
            "7: a word begins with ! and is taken for a command. Put it between double quotes.",
            id="exclamation mark",
        ),
        pytest.param(
            "nl: Proef",
            "nl: *Proef",
            "7: a word begins with * and is taken for a reference. Put it between double quotes.",
            id="asterisk",
        ),
        pytest.param(
            "code: X01",
            "code: 2026-13-45",
            "2: the date 2026-13-45 does not exist. Write a date such as 2026-11-05.",
            id="impossible date",
        ),
        pytest.param(
            "code: X01",
            "code: X\x01",
            "2: this line has a character that no text can have. Remove it.",
            id="control character",
        ),
    ],
)
def test_a_mistake_is_told_with_line_and_remedy(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert GOOD.count(old) >= 1
    assert mistakes(write(tmp_path, GOOD.replace(old, new, 1))) == [told]


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("audience: teacher", "audience: teachers").replace("type: single", "type: choice")
    assert [told.split(":")[0] for told in mistakes(write(tmp_path, text))] == ["4", "17"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", '1: the file is empty. Begin with a line such as "key: …".'),
        ("- a\n- b\n", '1: the file does not begin with a key. Begin with a line such as "key: …".'),
        ("goals", '1: the file does not begin with a key. Begin with a line such as "key: …".'),
        ("[" * 100_000, "1: the blocks of this file are nested too deeply. Remove some levels."),
        ("- " * 100_000, "1: the blocks of this file are nested too deeply. Remove some levels."),
        ("a: b\n" + "#" * 1_000_000, "1: the file is larger than 1 MB. Split it."),
    ],
    ids=["empty", "list", "word", "brackets", "dashes", "large"],
)
def test_a_file_that_is_no_form_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(write(tmp_path, text)) == [told]


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_bytes("key: demo\ncode: één\n".encode("latin-1"))
    assert mistakes(path) == ["2: the file is not saved as UTF-8. Save it again with encoding UTF-8."]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    told = "1: the file cannot be read: no such file or directory. Check its name and its rights."
    assert mistakes(tmp_path / "demo.yaml") == [told]


def test_the_message_names_files_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "forms").mkdir()
    path = write(tmp_path / "forms", GOOD.replace("type: short", "type: stars"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        SandwichError, match=r'^These definitions cannot be used: \nforms/demo.yaml:14: question type "s'
    ):
        load_file(path, Form)


def test_a_mistake_reads_as_one_line() -> None:
    what, remedy = Text(nl="dit klopt niet.", en="this is wrong."), Text(nl="Doe dat.", en="Do that.")
    assert Mistake("forms/a.yaml", 3, what, remedy).to("en") == "forms/a.yaml:3: this is wrong. Do that."
    assert Mistake("forms/a.yaml", 3, what).to("nl") == "forms/a.yaml:3: dit klopt niet."


def test_an_author_reads_dutch_as_well(tmp_path: Path) -> None:
    text = GOOD.replace("type: short", "type: slider").replace("en: What?", "").replace("minutes: 5", "minutes: 50")
    with pytest.raises(DefinitionError) as caught:
        load_file(write(tmp_path, text), Form)
    said = caught.value.to("nl")
    assert said.startswith("Deze bestanden zijn zo niet te gebruiken: \n")
    assert 'demo.yaml:5: "minutes" is 50. Schrijf een getal van hoogstens 15.' in said
    assert 'demo.yaml:11: "label" van vraag "first" heeft geen Engels. Voeg "en: …" toe; elke tekst staat er in' in said
    assert 'demo.yaml:14: type van vraag "slider" bestaat niet. Gebruik een van: short, ' in said
