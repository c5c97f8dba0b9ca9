"""School years turn on the first of August."""

from datetime import date

from sandwich.rules.school_year import first_day, in_words, last_day, school_year


def test_a_school_year_turns_on_the_first_of_august() -> None:
    assert (school_year(date(2026, 7, 31)), school_year(date(2026, 8, 1))) == (2025, 2026)
    assert (first_day(2026), last_day(2026)) == (date(2026, 8, 1), date(2027, 7, 31))
    assert in_words(2026) == "2026–2027"
