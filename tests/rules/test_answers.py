"""Reading a whole form: what is required, hidden, forged, kept and counted as touched."""

import json
from typing import ClassVar

import pytest
from pydantic import JsonValue

from models.form import Condition
from models.text import Language
from sandwich.definitions.library import Library
from sandwich.rules.answers import as_fields, chosen, describe, open_questions, read_answers
from sandwich.rules.conditions import holds
from tests.rules.forms import EN, GRID, HIDING, LABEL, NL, OPTIONS, form, read, rows, scale


class TestRequired:
    def test_missing_answers_get_the_sentence_of_the_question(self) -> None:
        missing = {"nl": "Kies je vak.", "nl_u": "Kies uw vak.", "en": "Choose your subject."}
        asked = form({"type": "short", "required": True, "missing": missing})
        assert read(asked, {}).problems == {"q1": "Kies je vak."}
        assert read(asked, {}, formal=True).problems == {"q1": "Kies uw vak."}
        assert read(asked, {}, language=EN, formal=True).problems == {"q1": "Choose your subject."}

    def test_every_type_has_a_sentence_of_its_own(self) -> None:
        asked = form(
            {"type": "long", "required": True},
            {"type": "single", "options": OPTIONS, "required": True},
            {"type": "multi", "options": OPTIONS, "required": True},
            {"type": "scale5", "scale": scale(), "required": True},
            {"type": "date", "required": True},
            {"type": "datetime", "required": True},
            {"type": "yesno", "required": True},
            {"type": "number", "required": True},
            {"type": "file", "accept": [".pdf"], "required": True},
        )
        assert list(read(asked, {}, language=EN).problems.values()) == [
            "Please fill this in.",
            "Choose an answer.",
            "Choose at least one answer.",
            "Choose what fits best.",
            "Fill in a date.",
            "Fill in a date and a time.",
            "Choose yes or no.",
            "Fill in a number.",
            "Add a file.",
        ]

    def test_a_wrong_answer_is_told_and_not_called_missing(self) -> None:
        assert read(form({"type": "number", "required": True}), {"q1": ["x"]}).problems == {
            "q1": "Dit is geen getal. Schrijf cijfers, bijvoorbeeld 6 of 1,5."
        }

    def test_zero_and_no_are_answers(self) -> None:
        asked = form({"type": "number", "required": True}, {"type": "yesno", "required": True})
        assert read(asked, {"q1": ["0"], "q2": ["no"]}).answers == {"q1": 0, "q2": False}
        assert read(asked, {"q1": ["0"], "q2": ["no"]}).problems == {}

    def test_a_default_stands_until_it_is_changed(self) -> None:
        asked = form({"type": "yesno", "required": True, "default": False})
        assert read(asked, {}).answers == {"q1": False}
        assert read(asked, {"q1": ["yes"]}).answers == {"q1": True}
        assert read(asked, {}, draft=True).answers == {}

    def test_a_condition_makes_an_answer_required(self) -> None:
        asked = form(
            {"type": "single", "options": OPTIONS},
            {"type": "short", "required_when": {"question": "q1", "none_of": ["a"]}},
        )
        assert read(asked, {}).problems == {}
        assert read(asked, {"q1": ["a"]}).problems == {}
        assert read(asked, {"q1": ["b"]}).problems == {"q2": "Vul dit nog in."}
        assert read(asked, {"q1": ["a"], "q2": ["toch"]}).answers == {"q1": "a", "q2": "toch"}

    def test_an_answer_further_down_can_make_one_unnecessary(self) -> None:
        asked = form(
            {"type": "short", "required_when": {"question": "q2", "answered": False}},
            {"type": "single", "options": OPTIONS},
        )
        assert read(asked, {}).problems == {"q1": "Vul dit nog in."}
        assert read(asked, {"q2": ["b"]}).problems == {}
        assert read(asked, {"q1": ["ja"]}).problems == {}

    def test_an_upload_can_make_an_answer_required(self) -> None:
        asked = form(
            {"type": "file", "accept": [".pdf"]},
            {"type": "yesno", "required_when": {"question": "q1", "answered": True}},
        )
        assert read(asked, {}).problems == {}
        assert read(asked, {"q1": ["u1"]}, known={"q1": rows("u1")}).problems == {"q2": "Kies ja of nee."}


class TestHidden:
    def test_a_hidden_question_is_not_required_and_not_answered(self) -> None:
        for value in ("2026-11-05", "morgen"):
            reading = read(HIDING, {"q1": ["no"], "q2": [value]})
            assert (reading.answers, reading.problems) == ({"q1": False}, {})
            assert reading.typed == {"q1": ["no"], "q2": [value]}

    def test_a_shown_question_follows_required(self) -> None:
        assert read(HIDING, {"q1": ["yes"]}).problems == {"q2": "Vul een datum in."}
        assert read(HIDING, {"q1": ["yes"], "q2": ["2026-11-05"]}).answers == {"q1": True, "q2": "2026-11-05"}

    def test_open_questions_follow_the_answers(self) -> None:
        assert [question.key for question in open_questions(HIDING, {})] == ["q1"]
        assert [question.key for question in open_questions(HIDING, {"q1": True})] == ["q1", "q2"]

    def test_an_answer_to_a_hidden_question_opens_nothing(self) -> None:
        chain = form(
            {"type": "yesno"},
            {"type": "yesno", "shown_when": {"question": "q1", "any_of": [True]}},
            {"type": "short", "shown_when": {"question": "q2", "any_of": [True]}},
        )
        assert [question.key for question in open_questions(chain, {"q1": False, "q2": True})] == ["q1"]
        assert read(chain, {"q1": ["no"], "q2": ["yes"], "q3": ["x"]}).answers == {"q1": False}


class TestGrids:
    asked = form({**GRID, "rows": [row.model_dump() for row in rows("tour", "lunch")], "required": True})

    def test_every_row_is_read(self) -> None:
        posted = {"q1.tour.who": ["a"], "q1.tour.hours": ["1,5"], "q1.lunch.who": ["b"]}
        assert read(self.asked, posted).answers == {
            "q1": [
                {"row": "tour", "label": "nl tour", "who": "a", "hours": 1.5},
                {"row": "lunch", "label": "nl lunch", "who": "b"},
            ]
        }
        assert read(self.asked, posted, language=EN).answers["q1"][0]["label"] == "en tour"  # type: ignore[index, call-overload]

    def test_cells_that_lack_are_told_one_by_one(self) -> None:
        assert read(self.asked, {"q1.tour.who": ["a"]}).problems == {
            "q1.lunch.who": "Kies een antwoord.",
            "q1": "Vul deze tabel nog in.",
        }

    def test_a_wrong_cell_is_told_at_the_cell(self) -> None:
        posted = {"q1.tour.who": ["a"], "q1.tour.hours": ["x"], "q1.lunch.who": ["b"]}
        assert list(read(self.asked, posted).problems) == ["q1.tour.hours"]

    def test_a_draft_needs_nothing(self) -> None:
        reading = read(self.asked, {"q1.tour.hours": ["2"]}, draft=True)
        assert (reading.answers, reading.problems) == ({"q1": [{"row": "tour", "label": "nl tour", "hours": 2}]}, {})

    def test_an_optional_grid_needs_whole_rows_only(self) -> None:
        asked = form({**GRID, "rows": [row.model_dump() for row in rows("tour", "lunch")]})
        assert read(asked, {}).problems == {}
        assert read(asked, {"q1.tour.hours": ["1"]}).problems == {"q1.tour.who": "Kies een antwoord."}

    def test_rows_of_a_source_take_the_place_of_the_forms_own(self) -> None:
        known = {"q1": rows("tour", "coffee")}
        reading = read(self.asked, {"q1.coffee.who": ["a"], "q1.lunch.who": ["a"]}, known=known)
        assert reading.forged == ["q1.lunch.who"]
        assert list(reading.problems) == ["q1.tour.who", "q1"]

    def test_words_of_another_person_are_not_stored_again(self) -> None:
        asked = form({**GRID, "rows_from": "card_parts", "store_labels": False})
        assert read(asked, {"q1.r1.who": ["a"]}, known={"q1": rows("r1")}).answers == {
            "q1": [{"row": "r1", "label": "", "who": "a"}]
        }

    def test_a_grid_without_rows_asks_nothing(self) -> None:
        asked = form({**GRID, "rows_from": "own_goals", "required": True})
        assert (read(asked, {}).answers, read(asked, {}).problems) == ({}, {})
        assert read(asked, {}, known={"q1": rows("goal_1")}).problems["q1"] == "Vul deze tabel nog in."

    def test_rows_can_be_added(self) -> None:
        asked = form({**GRID, "add_rows": 2, "required": True})
        assert read(asked, {}).problems == {"q1": "Vul deze tabel nog in."}
        reading = read(asked, {"q1.new-2.who": ["a"], "q1.new-3.who": ["a"]})
        assert reading.answers == {"q1": [{"row": "new-2", "label": "", "who": "a"}]}
        assert (reading.problems, reading.forged) == ({}, ["q1.new-3.who"])

    def test_an_added_row_gets_a_name_where_rows_have_names(self) -> None:
        asked = form({**GRID, "add_rows": 1, "row_label": LABEL})
        posted = {"q1.new-1.label": ["Koffie"], "q1.new-1.who": ["a"]}
        assert read(asked, posted).answers == {"q1": [{"row": "new-1", "label": "Koffie", "who": "a"}]}
        assert read(asked, {"q1.new-1.who": ["a"]}).problems == {"q1.new-1.label": "Geef deze regel een naam."}
        assert read(asked, {"q1.new-1.label": ["Koffie"]}).problems == {"q1.new-1.who": "Kies een antwoord."}

    def test_the_name_of_a_given_row_cannot_be_changed(self) -> None:
        asked = form({**GRID, "rows": [row.model_dump() for row in rows("tour")], "add_rows": 1, "row_label": LABEL})
        reading = read(asked, {"q1.tour.label": ["iets anders"], "q1.tour.who": ["a"]})
        assert reading.forged == ["q1.tour.label"]
        assert reading.answers == {"q1": [{"row": "tour", "label": "nl tour", "who": "a"}]}

    def test_rows_that_were_added_before_keep_their_keys(self) -> None:
        asked = form({**GRID, "add_rows": 1, "row_label": LABEL})
        known = {"q1": rows("tour", "new-1")}
        posted = {"q1.tour.who": ["a"], "q1.new-1.who": ["b"], "q1.new-2.who": ["a"], "q1.new-2.label": ["Thee"]}
        stored = read(asked, posted, known=known).answers["q1"]
        assert [row["row"] for row in stored] == ["tour", "new-1", "new-2"]  # type: ignore[union-attr, index, call-overload]

    def test_times_stand_in_grids(self) -> None:
        column = {"key": "at", "label": LABEL, "type": "time", "required": True}
        asked = form({"type": "grid", "add_rows": 3, "columns": [column]})
        posted = {"q1.new-1.at": ["9:05"], "q1.new-2.at": ["13.30 uur"], "q1.new-3.at": ["25:00"]}
        reading = read(asked, posted)
        assert reading.answers == {
            "q1": [{"row": "new-1", "label": "", "at": "09:05"}, {"row": "new-2", "label": "", "at": "13:30"}]
        }
        assert reading.problems == {"q1.new-3.at": "Dit is geen tijd. Schrijf hem zoals 13:30."}

    def test_what_may_be_chosen_once_is_told_at_the_second_row(self) -> None:
        rank = {"key": "rank", "label": LABEL, "type": "single", "options": OPTIONS, "distinct": True}
        asked = form({"type": "grid", "rows_from": "professionals", "columns": [rank], "required": True})
        known = {"q1": rows("p1", "p2", "p3")}
        twice = read(asked, {"q1.p1.rank": ["a"], "q1.p3.rank": ["a"]}, known=known, formal=True)
        assert twice.problems == {
            "q1.p3.rank": "Dit heeft u al bij een andere regel gekozen. Kies het maar één keer.",
        }
        once = read(asked, {"q1.p1.rank": ["b"], "q1.p3.rank": ["a"]}, known=known)
        assert (once.problems, [row["row"] for row in once.answers["q1"]]) == ({}, ["p1", "p3"])  # type: ignore[union-attr, index, call-overload]
        assert read(asked, {"q1.p1.rank": ["a"], "q1.p3.rank": ["a"]}, known=known, draft=True).problems == {}

    def test_several_can_be_chosen_in_one_cell(self) -> None:
        column = {"key": "parts", "label": LABEL, "type": "multi", "options": OPTIONS}
        asked = form(
            {"type": "grid", "rows": [row.model_dump() for row in rows("monday", "friday")], "columns": [column]}
        )
        posted = {"q1.monday.parts": ["", "b", "a"], "q1.friday.parts": [""]}
        reading = read(asked, posted)
        assert reading.answers == {"q1": [{"row": "monday", "label": "nl monday", "parts": ["a", "b"]}]}
        assert as_fields(asked, reading.answers, {}, NL) == {"q1.monday.parts": ["a", "b"]}
        assert describe(asked, reading.answers, NL)[0].lines == ("nl monday: a, b",)
        assert list(read(asked, {"q1.friday.parts": ["x"]}).problems) == ["q1.friday.parts"]
        condition = Condition(question="q1", column="parts", any_of=("b",))
        assert holds(condition, reading.answers)

    def test_so_many_rows_are_needed(self) -> None:
        asked = form({**GRID, "add_rows": 3, "at_least": 2})
        assert read(asked, {"q1.new-1.who": ["a"]}).problems == {"q1": "Vul minstens 2 regels in."}
        assert read(asked, {"q1.new-1.who": ["a"], "q1.new-3.who": ["b"]}).problems == {}
        assert read(asked, {}).problems == {}
        assert read(asked, {"q1.new-1.who": ["a"]}, draft=True).problems == {}

    def test_a_long_cell_keeps_its_lines(self) -> None:
        column = {"key": "answer", "label": LABEL, "type": "long", "max_length": 20}
        asked = form({"type": "grid", "rows_from": "visit_questions", "columns": [column]})
        reading = read(asked, {"q1.q.answer": ["een\r\ntwee"]}, known={"q1": rows("q")})
        assert reading.answers == {"q1": [{"row": "q", "label": "nl q", "answer": "een\ntwee"}]}
        assert describe(asked, reading.answers, NL)[0].lines == ("nl q: een twee",)
        assert list(read(asked, {"q1.q.answer": ["x" * 21]}, known={"q1": rows("q")}).problems) == ["q1.q.answer"]


class TestOptionsOfASource:
    asked = form({"type": "multi", "options_from": "own_goals", "options": OPTIONS[:1], "required": True})
    known: ClassVar = {"q1": rows("goal_1", "goal_2")}

    def test_stand_before_those_of_the_form(self) -> None:
        reading = read(self.asked, {"q1": ["a", "goal_2"]}, known=self.known)
        assert reading.answers == {"q1": ["goal_2", "a"], "q1.words": ["nl goal_2", "a"]}
        assert (reading.problems, reading.forged) == ({}, [])

    def test_are_kept_in_the_words_of_the_reader(self) -> None:
        answers = read(self.asked, {"q1": ["goal_1"]}, known=self.known, language=EN).answers
        assert answers["q1.words"] == ["en goal_1"]
        assert describe(self.asked, answers, NL)[0].lines == ("en goal_1",)
        assert as_fields(self.asked, answers, self.known, NL) == {"q1": ["goal_1"]}

    def test_are_only_those_that_were_shown(self) -> None:
        reading = read(self.asked, {"q1": ["goal_3"]}, known=self.known)
        assert reading.problems == {"q1": "Dit antwoord hoort niet bij deze vraag. Kies opnieuw."}
        assert read(self.asked, {"q1.words": ["x"]}, known=self.known).forged == ["q1.words"]

    def test_may_all_be_missing(self) -> None:
        alone = form({"type": "single", "options_from": "stations", "required": True})
        assert read(alone, {}).problems == {}
        assert read(alone, {}, known={"q1": rows("weld")}).problems == {"q1": "Kies een antwoord."}
        assert read(alone, {"q1": ["weld"]}, known={"q1": rows("weld")}).answers == {
            "q1": "weld",
            "q1.words": ["nl weld"],
        }
        assert read(self.asked, {}).problems == {"q1": "Kies minstens één antwoord."}


class TestStandingAnswers:
    def test_a_yes_that_must_be_is_asked_for_again(self) -> None:
        missing = {"nl": "Haal alle namen weg.", "en": "Remove all names."}
        asked = form({"type": "yesno", "required": True, "must_be_yes": True, "missing": missing})
        for posted in ({}, {"q1": ["no"]}):
            assert read(asked, posted).problems == {"q1": "Haal alle namen weg."}
        assert read(asked, {"q1": ["yes"]}).problems == {}
        assert read(asked, {"q1": ["no"]}, draft=True).problems == {}

    def test_a_text_stands_there_until_it_is_taken_out(self) -> None:
        asked = form({"type": "long", "required": True, "default": {"nl": "Geen namen.", "en": "No names."}})
        assert as_fields(asked, {}, {}, EN) == {"q1": ["No names."]}
        assert read(asked, {"q1": ["Geen namen."]}).answers == {"q1": "Geen namen."}
        assert read(asked, {"q1": [""]}).problems == {"q1": "Vul dit nog in."}
        assert not chosen(asked, read(asked, {"q1": ["Geen namen."]}), {}, {}, NL)


class TestUploads:
    asked = form({"type": "file", "accept": [".pdf"], "at_most": 2})

    def test_only_uploads_of_this_person_are_taken(self) -> None:
        reading = read(self.asked, {"q1": ["u1", "u2"]}, known={"q1": rows("u1")})
        assert reading.answers == {"q1": ["u1"]}
        assert reading.problems == {"q1": "Dit bestand is er niet meer. Voeg het opnieuw toe."}

    def test_there_are_not_too_many(self) -> None:
        reading = read(self.asked, {"q1": ["u1", "u2", "u3"]}, known={"q1": rows("u1", "u2", "u3")})
        assert (reading.answers, reading.problems) == ({}, {"q1": "Kies er hoogstens 2. Haal er 1 weg."})


class TestForged:
    def test_unknown_fields_are_reported_and_passed_over(self) -> None:
        reading = read(form({"type": "short"}), {"q1": ["x"], "admin": ["1"], "q1.other": ["y"], "q1.a.b": ["z"]})
        assert reading.answers == {"q1": "x"}
        assert reading.forged == ["admin", "q1.other", "q1.a.b"]
        assert reading.typed == {"q1": ["x"]}

    def test_fields_of_the_page_itself_are_passed_over_quietly(self) -> None:
        assert read(form({"type": "short"}), {"_action": ["send"]}).forged == []

    def test_the_report_stays_short(self) -> None:
        posted = {f"{number}" + "x" * 10_000: ["1"] for number in range(1000)}
        forged = read(form({"type": "short"}), posted).forged
        assert len(forged) == 50
        assert max(len(name) for name in forged) == 100


class TestDraft:
    def test_what_cannot_be_read_is_kept_as_typed(self) -> None:
        asked = form({"type": "number", "required": True}, {"type": "short", "required": True})
        reading = read(asked, {"q1": ["zes of zo"], "q2": ["  x "]}, draft=True)
        assert reading.answers == {"q2": "x"}
        assert reading.typed == {"q1": ["zes of zo"], "q2": ["  x "]}
        assert list(reading.problems) == ["q1"]


class TestChosen:
    asked = form(
        {"type": "yesno", "default": False},
        {"type": "short"},
        {"type": "number"},
        {"type": "multi", "options": OPTIONS},
        {**GRID, "rows": [row.model_dump() for row in rows("tour")], "add_rows": 1, "row_label": LABEL},
    )
    prefilled: ClassVar[dict[str, JsonValue]] = {
        "q2": "Korteweg",
        "q3": 1.5,
        "q4": ["a"],
        "q5": [{"row": "tour", "label": "nl tour", "who": "b"}],
    }

    def anything(self, posted: dict[str, list[str]], language: Language = NL) -> bool:
        return chosen(self.asked, read(self.asked, posted, language=language, draft=True), self.prefilled, {}, language)

    def untouched(self, language: Language = NL) -> dict[str, list[str]]:
        """Return what a browser posts from the form as it was shown: every text field, also the empty ones."""
        empty = {"q5.tour.hours": [""], "q5.new-1.label": [""], "q5.new-1.hours": [""]}
        return {**empty, **as_fields(self.asked, self.prefilled, {}, language)}

    def test_an_untouched_form_is_nothing(self) -> None:
        assert self.untouched()["q3"] == ["1,5"]
        assert not self.anything(self.untouched())
        assert not self.anything(self.untouched(EN), EN)
        assert not self.anything({})
        assert not self.anything({"_action": ["later"], "forged": ["x"]})

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("q1", ["yes"]),
            ("q2", ["Korteweg BV"]),
            ("q2", [""]),
            ("q3", ["twee"]),
            ("q4", ["a", "b"]),
            ("q4", [""]),
            ("q5.tour.who", ["a"]),
            ("q5.tour.hours", ["0"]),
            ("q5.new-1.label", ["Koffie"]),
        ],
    )
    def test_any_change_is_something(self, name: str, values: list[str]) -> None:
        assert self.anything({**self.untouched(), name: values})


def test_a_form_that_is_not_resolved_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="the form is not resolved: purpose still names the list purposes"):
        read(Library.load().form("goals"), {"purpose": ["trends"]})


def test_a_reading_can_be_stored() -> None:
    reading = read(form({"type": "short"}, {"type": "long"}), {"q1": ["\ud83d"], "q2": ["a\udfffb\x00"]})
    for part in (reading.answers, reading.typed, reading.problems, reading.forged):
        assert "\x00" not in json.dumps(part, ensure_ascii=False).encode().decode()


STRIKABLE = {
    "type": "grid",
    "required": True,
    "strikes": True,
    "row_label": {"nl": "Taak", "en": "Task"},
    "add_rows": 1,
    "rows": [
        {"key": "tour", "label": {"nl": "Rondleiding", "en": "Tour"}},
        {"key": "photos", "label": {"nl": "Foto's", "en": "Photos"}},
    ],
    "columns": [{"key": "who", "label": {"nl": "Wie?", "en": "Who?"}, "type": "short", "required": True}],
}


def test_a_struck_row_is_no_part_of_the_answer_and_needs_nothing() -> None:
    asked = form(STRIKABLE)
    posted = {"q1.tour.who": ["bedrijf"], "q1.photos.who": ["school"], "q1.photos.strike": ["", "yes"]}
    reading = read_answers(asked, posted, {}, "nl")
    assert reading.problems == {}
    assert [row["row"] for row in reading.answers["q1"]] == ["tour"]
    assert reading.forged == []
    fields = as_fields(asked, reading.answers, {}, "nl")
    assert fields["q1.photos.strike"] == ["yes"]
    assert "q1.tour.strike" not in fields
    assert read_answers(asked, fields, {}, "nl").answers == reading.answers


def test_only_rows_that_stand_in_the_form_are_struck_and_not_all_of_them() -> None:
    asked = form(STRIKABLE)
    posted = {"q1.tour.who": ["x"], "q1.photos.who": ["y"], "q1.new-1.strike": ["yes"]}
    assert read_answers(asked, posted, {}, "nl").forged == ["q1.new-1.strike"]
    everything = {"q1.tour.strike": ["yes"], "q1.photos.strike": ["yes"]}
    assert "q1" in read_answers(asked, everything, {}, "nl").problems
    plain = form({**STRIKABLE, "strikes": False})
    assert read_answers(plain, {**posted, "q1.tour.strike": ["yes"]}, {}, "nl").forged == [
        "q1.new-1.strike",
        "q1.tour.strike",
    ]
