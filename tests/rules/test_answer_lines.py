"""Answers in words."""

from pydantic import JsonValue

from sandwich.definitions.library import Library
from sandwich.rules.answers import describe
from tests.rules.forms import EN, HIDING, NL, form, read, scale

DIVISION = Library.load().resolved("task-division")


class TestDescribe:
    def test_answers_are_said_in_words(self) -> None:
        asked = DIVISION
        posted = {
            "tasks.tour.who": ["host"],
            "tasks.tour.name": ["Koen"],
            "tasks.tour.ready_on": ["2026-10-01"],
            "tasks.new-1.label": ["Koffie"],
            "tasks.new-1.who": ["together"],
            "hours_plan": ["7,5"],
            "host_goal": ["known", "other"],
            "host_goal.other": ["Ontmoeten"],
            "confidential": ["Hal 2\nKlantnamen"],
            "agree": ["changes"],
            "valid_note": ["yes"],
        }
        answers = read(asked, posted, draft=True, formal=True).answers
        lines = {line.question_label: line.lines for line in describe(asked, answers, NL, formal=True)}
        assert lines == {
            "Wie doet wat?": (
                "Rondleiding: bedrijf; Naam: Koen; Klaar op: donderdag 1 oktober 2026",
                "Koffie: samen",
            ),
            "Hoeveel uur denkt u er in totaal aan te besteden?": ("7,5",),
            "Wat wilt u er zelf uithalen?": ("Bekendheid voor ons bedrijf", "Anders: Ontmoeten"),
            "Wat mag niet gedeeld of gefotografeerd worden?": ("Hal 2", "Klantnamen"),
            "Gaat u akkoord met deze verdeling?": ("Ja, met mijn wijzigingen",),
            "Ik mag dit namens mijn organisatie afspreken": ("ja",),
        }
        english = {line.key: line.lines for line in describe(asked, answers, EN)}
        assert english["tasks"][0] == "Tour: company; Name: Koen; Ready on: Thursday 1 October 2026"
        assert english["hours_plan"] == ("7.5",)

    def test_scales_moments_and_files_have_words(self) -> None:
        asked = form(
            {"type": "scale5", "scale": scale(), "not_applicable": True},
            {"type": "scale5", "scale": scale(), "not_applicable": True},
            {"type": "datetime"},
            {"type": "file", "accept": [".pdf"]},
            {"type": "file", "accept": [".pdf"]},
            {"type": "yesno"},
        )
        answers: dict[str, JsonValue] = {
            "q1": 2,
            "q2": "na",
            "q3": "2026-11-05T13:30",
            "q4": ["u1"],
            "q5": ["u1", "u2"],
            "q6": False,
        }
        assert [line.lines[0] for line in describe(asked, answers, NL)] == [
            "nl2", "n.v.t.", "donderdag 5 november 2026, 13:30 uur", "1 bestand", "2 bestanden", "nee",
        ]  # fmt: skip
        assert [line.lines[0] for line in describe(asked, answers, EN)] == [
            "en2", "not applicable", "Thursday 5 November 2026, 13:30", "1 file", "2 files", "no",
        ]  # fmt: skip

    def test_rows_without_a_name_begin_with_their_first_cell(self) -> None:
        asked = DIVISION
        answers: dict[str, JsonValue] = {"guides": [{"row": "new-1", "label": "", "job": "Monteur", "hours": 4}]}
        assert describe(asked, answers, NL)[0].lines == ("Monteur; Uren: 4",)

    def test_what_has_no_answer_and_what_is_hidden_is_left_out(self) -> None:
        assert describe(HIDING, {"q1": False, "q2": "2026-11-05"}, NL) == describe(HIDING, {"q1": False}, NL)
        assert describe(HIDING, {}, NL) == []
