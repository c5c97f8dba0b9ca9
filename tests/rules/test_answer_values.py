"""One typed or chosen value: what is taken, and with which sentence the rest is refused."""

from typing import ClassVar

import pytest

from models.text import Language
from tests.rules.forms import EN, NL, OPTIONS, answer, form, read, scale


class TestTexts:
    def test_are_taken_without_space_around_them(self) -> None:
        assert answer({"type": "short"}, "  lasrobot \n") == "lasrobot"
        assert answer({"type": "long"}, "een\r\n\r\ntwee\r") == "een\n\ntwee"

    def test_of_one_line_stay_on_one_line(self) -> None:
        assert answer({"type": "short"}, "een\r\ntwee\tdrie") == "een twee drie"

    def test_lose_characters_that_no_text_has(self) -> None:
        assert answer({"type": "short"}, "a\x00b\x1b\x7f\x85c\ud800d") == "abcd"
        assert answer({"type": "long"}, "a\tb\nc\x0b") == "a\tb\nc"

    def test_keep_emoji_and_other_scripts(self) -> None:
        for text in ("Prachtig 👩🏽‍🔧!", "مرحبا", "Zoë’s ‘lasrobot’", "🫨"):
            assert answer({"type": "short"}, text) == text

    def test_of_which_nothing_can_be_seen_are_no_answer(self) -> None:
        for text in ("", "  \n\t", "\u200b\ufeff", "\x00", "\u00a0"):
            assert read(form({"type": "short", "required": True}), {"q1": [text]}).problems == {"q1": "Vul dit nog in."}

    def test_that_are_too_long_are_told_by_how_much(self) -> None:
        told = "Deze tekst is te lang. Er passen 10 tekens; haal er 3 weg."
        assert answer({"type": "short", "max_length": 10}, "x" * 13) == told
        assert answer({"type": "short", "max_length": 10}, "x" * 10) == "x" * 10
        assert (
            answer({"type": "short"}, "x" * 201, language=EN) == "This text is too long. 200 characters fit; remove 1."
        )

    def test_of_ten_megabytes_are_refused_and_kept(self) -> None:
        text = "lang " * 2_000_000
        reading = read(form({"type": "long"}), {"q1": [text]})
        assert reading.problems == {"q1": "Deze tekst is te lang. Er passen 4000 tekens; haal er 9995999 weg."}
        assert reading.answers == {}
        assert reading.typed == {"q1": [text]}

    def test_are_counted_as_a_person_counts(self) -> None:
        assert answer({"type": "long", "max_length": 5}, "é\r\né\r\né") == "é\né\né"

    @pytest.mark.parametrize("address", ["a@b.nl", "Jan.de-Vries+x@vak.school.example", "ü@dömain.nl"])
    def test_that_are_addresses_are_taken(self, address: str) -> None:
        assert answer({"type": "short", "format": "email"}, address) == address

    @pytest.mark.parametrize(
        "address", ["jan", "jan@", "@b.nl", "a@b", "a b@c.nl", "a@b.nl, c@d.nl", "a@b.nl\nBcc: x@y.nl"]
    )
    def test_that_are_no_addresses_are_refused(self, address: str) -> None:
        told = "Dit is geen e-mailadres. Schrijf het zoals naam@school.nl."
        assert answer({"type": "short", "format": "email"}, address) == told

    def test_that_are_phone_numbers_are_taken_as_people_write_them(self) -> None:
        for number in ("06-00000001", "+31 6 0000 0001", "(0183) 00 00 01 toestel 4"):
            assert answer({"type": "short", "format": "phone"}, number) == number
        assert str(answer({"type": "short", "format": "phone"}, "bel maar")).startswith("Dit is geen telefoonnummer.")


class TestNumbers:
    @pytest.mark.parametrize(
        ("typed", "language", "number"),
        [
            ("6", NL, 6),
            ("1,5", NL, 1.5),
            ("1.5", NL, 1.5),
            ("1,5", EN, 1.5),
            ("1.500", NL, 1500),
            ("1.500,25", NL, 1500.25),
            ("1,500", EN, 1500),
            ("1,500", NL, 1.5),
            ("0,125", NL, 0.125),
            ("0.125", NL, 0.125),
            (" € 250,- ", NL, 250),
            ("007", NL, 7),
            ("2,0", NL, 2),
            ("-3", NL, -3),
        ],
    )
    def test_are_read_as_the_reader_writes_them(self, typed: str, language: Language, number: float) -> None:
        found = answer({"type": "number"}, typed, language=language)
        assert found == number
        assert type(found) is type(number)

    @pytest.mark.parametrize(
        "typed", ["zes", "6 uur", "1e5", "NaN", "inf", "0x10", "٣", "1,2,3", "--1", "1.5.2", "9" * 50]
    )
    def test_that_are_none_are_refused(self, typed: str) -> None:
        assert answer({"type": "number"}, typed) == "Dit is geen getal. Schrijf cijfers, bijvoorbeeld 6 of 1,5."

    def test_outside_the_range_are_refused_with_the_limit(self) -> None:
        question = {"type": "number", "minimum": 0.5, "maximum": 24}
        assert answer(question, "0") == "Dit getal is te klein. Het laagste is 0,5."
        assert answer(question, "24,1") == "Dit getal is te groot. Het hoogste is 24."
        assert answer(question, "0", language=EN) == "This number is too small. The lowest is 0.5."
        assert answer(question, "24") == 24
        assert answer({"type": "number"}, "99999999999") == "Dit getal is te groot. Het hoogste is 1000000000."

    def test_of_people_are_whole(self) -> None:
        assert answer({"type": "number", "whole": True}, "8,5") == "Schrijf een heel getal, zonder komma."
        assert answer({"type": "number", "whole": True}, "8,0") == 8


class TestDatesAndTimes:
    @pytest.mark.parametrize("typed", ["2026-11-05", "5-11-2026", "05/11/2026", "5.11.2026", "5 11 2026"])
    def test_dates_are_read_as_people_write_them(self, typed: str) -> None:
        assert answer({"type": "date"}, typed) == "2026-11-05"

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("31-2-2026", "Deze datum bestaat niet. Kijk de dag en de maand na."),
            ("2026-13-01", "Deze datum bestaat niet. Kijk de dag en de maand na."),
            ("5-11-26", "Klopt het jaar? Schrijf het met vier cijfers."),
            ("0001-01-01", "Klopt het jaar? Schrijf het met vier cijfers."),
            ("morgen", "Dit is geen datum. Schrijf hem zoals 5-11-2026."),
            ("2026-11-05T13:30", "Dit is geen datum. Schrijf hem zoals 5-11-2026."),
        ],
    )
    def test_impossible_dates_are_refused(self, typed: str, told: str) -> None:
        assert answer({"type": "date"}, typed) == told

    def test_29_february_exists_in_leap_years_only(self) -> None:
        assert answer({"type": "date"}, "29-2-2028") == "2028-02-29"
        assert answer({"type": "date"}, "29-2-2027") == "Deze datum bestaat niet. Kijk de dag en de maand na."

    @pytest.mark.parametrize(
        "typed", ["2026-11-05T13:30", "2026-11-05T13:30:00", "5-11-2026 13.30", "5-11-2026, 13:30 uur"]
    )
    def test_moments_are_read_as_people_write_them(self, typed: str) -> None:
        assert answer({"type": "datetime"}, typed) == "2026-11-05T13:30"

    def test_impossible_moments_are_refused(self) -> None:
        assert answer({"type": "datetime"}, "5-11-2026") == (
            "Dit is geen datum met een tijd. Schrijf het zoals 5-11-2026 13:30."
        )
        assert (
            answer({"type": "datetime"}, "31-11-2026 13:30") == "Deze datum bestaat niet. Kijk de dag en de maand na."
        )
        assert answer({"type": "datetime"}, "5-11-2026 25:00") == "Dit is geen tijd. Schrijf hem zoals 13:30."


class TestChoices:
    def test_one_of_the_options_is_taken(self) -> None:
        assert answer({"type": "single", "options": OPTIONS}, "b") == "b"
        assert answer({"type": "yesno"}, "yes") is True
        assert answer({"type": "yesno"}, "no") is False
        assert answer({"type": "scale5", "scale": scale()}, "4") == 4

    @pytest.mark.parametrize(
        "question",
        [{"type": "single", "options": OPTIONS}, {"type": "yesno"}, {"type": "scale5", "scale": {}}],
        ids=["single", "yesno", "scale5"],
    )
    def test_what_is_no_option_is_refused(self, question: dict[str, object]) -> None:
        if "scale" in question:
            question = {**question, "scale": scale()}
        for value in ("c", "True", "6", "0", "na", "1.0"):
            assert answer(question, value) == "Dit antwoord hoort niet bij deze vraag. Kies opnieuw."
        assert answer(question, "c", language=EN) == "This answer does not belong to this question. Choose again."

    def test_not_applicable_only_where_it_is_offered(self) -> None:
        assert answer({"type": "scale5", "scale": scale(), "not_applicable": True}, "na") == "na"

    def test_two_answers_to_a_question_of_one_are_refused(self) -> None:
        assert (
            answer({"type": "single", "options": OPTIONS}, "a", "b") == "Hier staan twee antwoorden. Laat er één staan."
        )
        assert answer({"type": "single", "options": OPTIONS}, "a", "a", "") == "a"

    def test_several_come_in_the_order_of_the_form(self) -> None:
        assert answer({"type": "multi", "options": OPTIONS}, "b", "", "a", "b") == ["a", "b"]
        assert answer({"type": "multi", "options": OPTIONS}, "a", "zzz") == (
            "Dit antwoord hoort niet bij deze vraag. Kies opnieuw."
        )

    def test_too_many_or_too_few_are_told(self) -> None:
        assert (
            answer({"type": "multi", "options": OPTIONS, "at_most": 1}, "a", "b")
            == "Kies er hoogstens 1. Haal er 1 weg."
        )
        assert answer({"type": "multi", "options": OPTIONS, "at_least": 2}, "a") == "Kies er minstens 2."


class TestOther:
    single: ClassVar[dict[str, object]] = {"type": "single", "options": OPTIONS, "other": True}
    multi: ClassVar[dict[str, object]] = {"type": "multi", "options": OPTIONS, "other": True}

    def test_text_stands_beside_the_choice(self) -> None:
        posted = {"q1": ["other"], "q1.other": ["glas"]}
        assert read(form(self.single), posted).answers == {"q1": "other", "q1.other": "glas"}
        assert read(form(self.multi), {"q1": ["a", "other"], "q1.other": ["glas"]}).answers == {
            "q1": ["a", "other"],
            "q1.other": "glas",
        }

    def test_text_alone_chooses_it(self) -> None:
        for question, chosen_key in ((self.single, "other"), (self.multi, ["other"])):
            reading = read(form(question), {"q1.other": ["glas"]})
            assert (reading.answers, reading.problems) == ({"q1": chosen_key, "q1.other": "glas"}, {})

    def test_choice_without_text_asks_for_it(self) -> None:
        for question in (self.single, self.multi):
            assert read(form(question), {"q1": ["other"]}).problems == {"q1.other": "Schrijf erbij wat ‘anders’ is."}
            assert read(form(question), {"q1": ["other"]}, draft=True).problems == {}

    def test_text_beside_another_choice_is_not_dropped_in_silence(self) -> None:
        reading = read(form(self.single), {"q1": ["a"], "q1.other": ["glas"]})
        assert reading.answers == {"q1": "a"}
        assert reading.problems["q1.other"].startswith("Er staat tekst bij ‘anders’")

    def test_text_that_is_too_long_is_told(self) -> None:
        reading = read(form(self.multi), {"q1": ["other"], "q1.other": ["x" * 121]})
        assert reading.problems == {"q1.other": "Deze tekst is te lang. Er passen 120 tekens; haal er 1 weg."}
